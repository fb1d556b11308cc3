# daemon/: everything but main.c is libbounced.a, which the daemon, the tests, the fuzzers and the benchmarks link
noinst_LIBRARIES += libbounced.a
libbounced_a_SOURCES = \
	daemon/configuration.c \
	daemon/configuration.h \
	daemon/daemon.c \
	daemon/daemon.h \
	daemon/latency.c \
	daemon/latency.h \
	daemon/reload.c \
	daemon/reload.h \
	daemon/settings.c \
	daemon/settings.h \
	daemon/state.h \
	daemon/steady_clock.c \
	daemon/steady_clock.h
BOUNCED_LIBS = libbounced.a libprotocol.a $(LIBEVENT_LIBS) $(JSONC_LIBS) $(SYSTEMD_LIBS) $(PCRE2_LIBS) $(ZLIB_LIBS) -lm

include daemon/text/local.mk
include daemon/tail/local.mk
include daemon/exim/local.mk
include daemon/classify/local.mk
include daemon/index/local.mk
include daemon/answer/local.mk
include daemon/server/local.mk
include daemon/journal/local.mk

sbin_PROGRAMS += bounced
bounced_SOURCES = daemon/main.c
bounced_LDADD = $(BOUNCED_LIBS)
