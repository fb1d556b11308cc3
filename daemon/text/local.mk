libbounced_la_SOURCES += \
	daemon/text/moment.c \
	daemon/text/moment.h \
	daemon/text/slice.h
