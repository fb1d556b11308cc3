libbounced_a_SOURCES += \
	daemon/journal/failures.c \
	daemon/journal/failures.h \
	daemon/journal/log.c \
	daemon/journal/log.h
