libbounced_a_SOURCES += \
	daemon/text/find_nocase.c \
	daemon/text/find_nocase.h \
	daemon/text/ini.c \
	daemon/text/ini.h \
	daemon/text/lanes.h \
	daemon/text/moment.c \
	daemon/text/moment.h \
	daemon/text/slice.h \
	daemon/text/utf8.c \
	daemon/text/utf8.h
