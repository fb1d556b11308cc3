libbounced_a_SOURCES += \
	daemon/exim/arrival.c \
	daemon/exim/arrival.h \
	daemon/exim/delivery.c \
	daemon/exim/delivery.h \
	daemon/exim/event.c \
	daemon/exim/event.h \
	daemon/exim/field.h \
	daemon/exim/host.c \
	daemon/exim/host.h \
	daemon/exim/id_glance.h \
	daemon/exim/line.c \
	daemon/exim/line.h \
	daemon/exim/line_glance.h \
	daemon/exim/message_id.c \
	daemon/exim/message_id.h \
	daemon/exim/notice.c \
	daemon/exim/notice.h \
	daemon/exim/plain_arrival.c \
	daemon/exim/plain_delivery.c \
	daemon/exim/plain_delivery.h \
	daemon/exim/recipient.c \
	daemon/exim/recipient.h \
	daemon/exim/refusal.c \
	daemon/exim/refusal.h
