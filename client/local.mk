# client/: bouncectl renders what the daemon answers; it never parses a log
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	client/arguments.c \
	client/arguments.h \
	client/batch.c \
	client/batch.h \
	client/checks/base64.c \
	client/checks/base64.h \
	client/checks/blocklists.c \
	client/checks/box.c \
	client/checks/box.h \
	client/checks/checks.c \
	client/checks/checks.h \
	client/checks/dkim.c \
	client/checks/dkim_key.c \
	client/checks/dkim_key.h \
	client/checks/dmarc.c \
	client/checks/draft.c \
	client/checks/draft.h \
	client/checks/evidence.c \
	client/checks/evidence.h \
	client/checks/failure.c \
	client/checks/failure.h \
	client/checks/firewall.c \
	client/checks/host.c \
	client/checks/host.h \
	client/checks/generic_name.c \
	client/checks/generic_name.h \
	client/checks/hosting.c \
	client/checks/ip.c \
	client/checks/ip.h \
	client/checks/mailbox.c \
	client/checks/mx.c \
	client/checks/nameservers.c \
	client/checks/port25.c \
	client/checks/ptr.c \
	client/checks/publishing.c \
	client/checks/publishing.h \
	client/checks/records.c \
	client/checks/records.h \
	client/checks/resolv_conf.c \
	client/checks/resolv_conf.h \
	client/checks/resolver.c \
	client/checks/resolver.h \
	client/checks/rsa_key.c \
	client/checks/rsa_key.h \
	client/checks/sender_policy.c \
	client/checks/sending.c \
	client/checks/server.c \
	client/checks/spf.c \
	client/checks/spf.h \
	client/checks/spf_cost.c \
	client/checks/spf_macro.c \
	client/checks/spf_macro.h \
	client/checks/spf_match.c \
	client/checks/spf_match.h \
	client/checks/spf_record.c \
	client/checks/spf_record.h \
	client/checks/tags.c \
	client/checks/tags.h \
	client/checks/target.c \
	client/checks/target.h \
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
