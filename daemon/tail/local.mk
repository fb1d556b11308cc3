libbounced_a_SOURCES += \
	daemon/tail/backfill.c \
	daemon/tail/block.c \
	daemon/tail/block.h \
	daemon/tail/follow.c \
	daemon/tail/gzip.c \
	daemon/tail/gzip.h \
	daemon/tail/identity.c \
	daemon/tail/identity.h \
	daemon/tail/known.c \
	daemon/tail/read_ahead.c \
	daemon/tail/read_ahead.h \
	daemon/tail/read_at.c \
	daemon/tail/read_at.h \
	daemon/tail/readback.c \
	daemon/tail/readback.h \
	daemon/tail/seek.c \
	daemon/tail/seek.h \
	daemon/tail/series.c \
	daemon/tail/series.h \
	daemon/tail/source.c \
	daemon/tail/source.h \
	daemon/tail/state.h \
	daemon/tail/tail.c \
	daemon/tail/tail.h \
	daemon/tail/turns.c \
	daemon/tail/watch.c
