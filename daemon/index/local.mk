libbounced_la_SOURCES += \
	daemon/index/arena.c daemon/index/arena.h \
	daemon/index/evidence.c daemon/index/evidence.h \
	daemon/index/index.h \
	daemon/index/message.h \
	daemon/index/segment.c daemon/index/segment.h \
	daemon/index/strings.c daemon/index/strings.h
