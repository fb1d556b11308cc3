libbounced_la_SOURCES += \
	daemon/index/arena.c \
	daemon/index/arena.h \
	daemon/index/evidence.c \
	daemon/index/evidence.h \
	daemon/index/failures.c \
	daemon/index/fold.c \
	daemon/index/id_table.c \
	daemon/index/id_table.h \
	daemon/index/index.h \
	daemon/index/message.h \
	daemon/index/names.c \
	daemon/index/names.h \
	daemon/index/origins.c \
	daemon/index/origins.h \
	daemon/index/parse_ahead.c \
	daemon/index/parse_ahead.h \
	daemon/index/parsed.c \
	daemon/index/parsed.h \
	daemon/index/paths.c \
	daemon/index/paths.h \
	daemon/index/recipients.c \
	daemon/index/segment.c \
	daemon/index/segment.h \
	daemon/index/store.c \
	daemon/index/store.h \
	daemon/index/strings.c \
	daemon/index/strings.h
