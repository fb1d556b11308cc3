libbounced_a_SOURCES += \
	daemon/answer/ahead.c \
	daemon/answer/answer.h \
	daemon/answer/answers.c \
	daemon/answer/block_maker.c \
	daemon/answer/block_maker.h \
	daemon/answer/candidates.c \
	daemon/answer/candidates.h \
	daemon/answer/classes.c \
	daemon/answer/context.c \
	daemon/answer/context.h \
	daemon/answer/discover.c \
	daemon/answer/dump.c \
	daemon/answer/elsewhere.c \
	daemon/answer/elsewhere.h \
	daemon/answer/explain.c \
	daemon/answer/filter.c \
	daemon/answer/filter.h \
	daemon/answer/find.c \
	daemon/answer/here.c \
	daemon/answer/history.c \
	daemon/answer/history.h \
	daemon/answer/history_sender.c \
	daemon/answer/incident.h \
	daemon/answer/incident_text.c \
	daemon/answer/incidents.c \
	daemon/answer/items.c \
	daemon/answer/items.h \
	daemon/answer/judgement.c \
	daemon/answer/judgement.h \
	daemon/answer/lines.c \
	daemon/answer/lines.h \
	daemon/answer/match.c \
	daemon/answer/match.h \
	daemon/answer/methods.h \
	daemon/answer/mishaps.c \
	daemon/answer/mishaps.h \
	daemon/answer/origin.c \
	daemon/answer/origin.h \
	daemon/answer/params.c \
	daemon/answer/params.h \
	daemon/answer/recent.c \
	daemon/answer/scan.c \
	daemon/answer/scan.h \
	daemon/answer/scene.h \
	daemon/answer/stats.c \
	daemon/answer/stats.h \
	daemon/answer/stats_keys.c \
	daemon/answer/stats_keys.h \
	daemon/answer/status.c \
	daemon/answer/story.c \
	daemon/answer/story.h \
	daemon/answer/story_recipient.c \
	daemon/answer/story_recipient.h \
	daemon/answer/tally.c \
	daemon/answer/tally.h \
	daemon/answer/walk.c \
	daemon/answer/walk.h \
	daemon/answer/watch.c \
	daemon/answer/why.c

# The document as C text on one line: rpc.discover answers it inside a line of JSON.
daemon/answer/discover.$(OBJEXT): protocol/openrpc.inc
protocol/openrpc.inc: protocol/openrpc.json
	$(AM_V_GEN)$(MKDIR_P) protocol && \
	sed -e 's/^[ 	]*//' -e 's/[\\"]/\\&/g' -e 's/.*/"&"/' $(srcdir)/protocol/openrpc.json > $@.new && mv $@.new $@
EXTRA_DIST += protocol/openrpc.json
CLEANFILES += protocol/openrpc.inc
