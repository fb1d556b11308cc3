# tests/unit/: one Check program a module, named after the source it tests; each is one name in this list
UNIT_TESTS = \
	tests/unit/answer_ahead \
	tests/unit/answer_digests \
	tests/unit/answer_mishaps \
	tests/unit/answer_params \
	tests/unit/classify_addressee \
	tests/unit/classify_asides \
	tests/unit/classify_cases \
	tests/unit/classify_match \
	tests/unit/classify_names \
	tests/unit/classify_pasted \
	tests/unit/classify_reply \
	tests/unit/classify_rules \
	tests/unit/classify_shipped \
	tests/unit/client_blocklists \
	tests/unit/client_box \
	tests/unit/client_dmarc \
	tests/unit/client_firewall \
	tests/unit/client_generic_name \
	tests/unit/client_ip \
	tests/unit/client_keys \
	tests/unit/client_tags \
	tests/unit/client_program \
	tests/unit/client_resolver \
	tests/unit/client_mail_files \
	tests/unit/client_name \
	tests/unit/client_spf \
	tests/unit/client_text \
	tests/unit/client_words \
	tests/unit/configuration \
	tests/unit/exim_arrival \
	tests/unit/exim_delivery \
	tests/unit/exim_line \
	tests/unit/exim_message_id \
	tests/unit/exim_notice \
	tests/unit/exim_plain_arrival \
	tests/unit/exim_plain_delivery \
	tests/unit/exim_refusal \
	tests/unit/index_fold \
	tests/unit/index_fold_arrival \
	tests/unit/index_fold_delivery \
	tests/unit/index_fold_notice \
	tests/unit/index_names \
	tests/unit/index_parse_ahead \
	tests/unit/index_parts \
	tests/unit/index_record \
	tests/unit/index_store \
	tests/unit/protocol_json_out \
	tests/unit/server_conversation \
	tests/unit/server_request \
	tests/unit/steady_clock \
	tests/unit/tail_ahead \
	tests/unit/tail_known \
	tests/unit/tail_parts \
	tests/unit/tail_reads \
	tests/unit/tail_turns \
	tests/unit/text_find_nocase \
	tests/unit/text_ini \
	tests/unit/text_moment \
	tests/unit/text_slice \
	tests/unit/text_utf8
TESTS += $(UNIT_TESTS)
# rules_try is no test: it shows what the rules make of a text.
check_PROGRAMS += $(UNIT_TESTS) tests/unit/rules_try
EXTRA_DIST += tests/unit/folding.h tests/unit/made_up_mail.h tests/unit/show.h tests/unit/spf_zone.h tests/unit/unit.h

# The client knows nothing of the daemon's code.
tests_unit_client_blocklists_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_ip_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_name_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_box_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_dmarc_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_firewall_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_generic_name_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_keys_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_tags_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_spf_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_mail_files_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_program_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_text_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_words_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
tests_unit_client_resolver_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_client_resolver_LDADD = $(CLIENT_LIBS) $(CHECK_LIBS)
