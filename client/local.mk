# client/: bouncectl renders what the daemon answers; it never parses a log
include client/checks/local.mk

noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = $(CHECKS_SOURCES) \
	client/arguments.c \
	client/arguments.h \
	client/batch.c \
	client/batch.h \
	client/command.h \
	client/commands/check.c \
	client/commands/classes.c \
	client/commands/dump.c \
	client/commands/explain.c \
	client/commands/filters.h \
	client/commands/find.c \
	client/commands/incidents.c \
	client/commands/proxy.c \
	client/commands/queue.c \
	client/commands/recent.c \
	client/commands/stats.c \
	client/commands/status.c \
	client/commands/table.c \
	client/commands/table.h \
	client/commands/watch.c \
	client/commands/why.c \
	client/cursor_file.c \
	client/cursor_file.h \
	client/help.c \
	client/help.h \
	client/items.c \
	client/items.h \
	client/json_text.c \
	client/json_text.h \
	client/nearest.c \
	client/nearest.h \
	client/render/bars.c \
	client/render/bars.h \
	client/render/failure.c \
	client/render/failure.h \
	client/render/findings.c \
	client/render/findings.h \
	client/render/line.c \
	client/render/line.h \
	client/render/screen.c \
	client/render/screen.h \
	client/render/story.c \
	client/render/story.h \
	client/render/table.c \
	client/render/table.h \
	client/render/text.c \
	client/render/text.h \
	client/render/value.c \
	client/render/value.h \
	client/render/when.c \
	client/render/when.h \
	client/rpc.c \
	client/rpc.h \
	client/session.c \
	client/session.h \
	client/transport.c \
	client/transport.h
CLIENT_LIBS = libclient.a libprotocol.a $(JSONC_LIBS) $(SMARTCOLS_LIBS) $(CARES_LIBS)

bin_PROGRAMS += bouncectl
bouncectl_SOURCES = client/main.c
bouncectl_LDADD = $(CLIENT_LIBS)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = client/completion/bouncectl.bash
