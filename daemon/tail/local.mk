libbounced_la_SOURCES += \
	daemon/tail/gzip.c \
	daemon/tail/gzip.h \
	daemon/tail/series.c \
	daemon/tail/series.h \
	daemon/tail/source.c \
	daemon/tail/source.h \
	daemon/tail/tail.c \
	daemon/tail/tail.h
