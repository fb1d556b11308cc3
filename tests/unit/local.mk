# tests/unit/: one Check program a module, named after the source it tests
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -DTOP_SRCDIR='"$(abs_top_srcdir)"'
UNIT_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
UNIT_LDADD = libbounced.la $(CHECK_LIBS)

check_PROGRAMS += tests/unit/index_parts tests/unit/index_fold tests/unit/index_parse_ahead tests/unit/rules_try
TESTS += tests/unit/index_parts tests/unit/index_fold tests/unit/index_parse_ahead
tests_unit_index_parts_SOURCES = tests/unit/index_parts.c
tests_unit_index_parts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_index_parts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_index_parts_LDADD = $(UNIT_LDADD)
tests_unit_index_fold_SOURCES = tests/unit/index_fold.c
tests_unit_index_fold_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_index_fold_CFLAGS = $(UNIT_CFLAGS)
tests_unit_index_fold_LDADD = $(UNIT_LDADD)
tests_unit_index_parse_ahead_SOURCES = tests/unit/index_parse_ahead.c
tests_unit_index_parse_ahead_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_index_parse_ahead_CFLAGS = $(UNIT_CFLAGS)
tests_unit_index_parse_ahead_LDADD = $(UNIT_LDADD)
tests_unit_rules_try_SOURCES = tests/unit/rules_try.c
tests_unit_rules_try_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_rules_try_CFLAGS = $(UNIT_CFLAGS)
tests_unit_rules_try_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_arrival
TESTS += tests/unit/exim_arrival
tests_unit_exim_arrival_SOURCES = tests/unit/exim_arrival.c tests/unit/show.h
tests_unit_exim_arrival_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_arrival_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_arrival_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_delivery
TESTS += tests/unit/exim_delivery
tests_unit_exim_delivery_SOURCES = tests/unit/exim_delivery.c tests/unit/show.h
tests_unit_exim_delivery_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_delivery_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_delivery_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/protocol_json_out
TESTS += tests/unit/protocol_json_out
tests_unit_protocol_json_out_SOURCES = tests/unit/protocol_json_out.c
tests_unit_protocol_json_out_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_protocol_json_out_CFLAGS = $(UNIT_CFLAGS)
tests_unit_protocol_json_out_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_line
TESTS += tests/unit/exim_line
tests_unit_exim_line_SOURCES = tests/unit/exim_line.c tests/unit/show.h
tests_unit_exim_line_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_line_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_line_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_message_id
TESTS += tests/unit/exim_message_id
tests_unit_exim_message_id_SOURCES = tests/unit/exim_message_id.c tests/unit/show.h
tests_unit_exim_message_id_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_message_id_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_message_id_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_notice
TESTS += tests/unit/exim_notice
tests_unit_exim_notice_SOURCES = tests/unit/exim_notice.c tests/unit/show.h
tests_unit_exim_notice_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_notice_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_notice_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/exim_refusal
TESTS += tests/unit/exim_refusal
tests_unit_exim_refusal_SOURCES = tests/unit/exim_refusal.c tests/unit/show.h
tests_unit_exim_refusal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_exim_refusal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_exim_refusal_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/client_text
TESTS += tests/unit/client_text
tests_unit_client_text_SOURCES = tests/unit/client_text.c
tests_unit_client_text_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_client_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_client_text_LDADD = libclient.la $(CHECK_LIBS)

check_PROGRAMS += tests/unit/client_words
TESTS += tests/unit/client_words
tests_unit_client_words_SOURCES = tests/unit/client_words.c
tests_unit_client_words_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_client_words_CFLAGS = $(UNIT_CFLAGS)
tests_unit_client_words_LDADD = libclient.la $(CHECK_LIBS)
check_PROGRAMS += tests/unit/classify_pasted
TESTS += tests/unit/classify_pasted
tests_unit_classify_pasted_SOURCES = tests/unit/classify_pasted.c
tests_unit_classify_pasted_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_classify_pasted_CFLAGS = $(UNIT_CFLAGS)
tests_unit_classify_pasted_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/classify_cases
TESTS += tests/unit/classify_cases
tests_unit_classify_cases_SOURCES = tests/unit/classify_cases.c
tests_unit_classify_cases_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_classify_cases_CFLAGS = $(UNIT_CFLAGS)
tests_unit_classify_cases_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/classify_reply
TESTS += tests/unit/classify_reply
tests_unit_classify_reply_SOURCES = tests/unit/classify_reply.c tests/unit/show.h
tests_unit_classify_reply_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_classify_reply_CFLAGS = $(UNIT_CFLAGS)
tests_unit_classify_reply_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/text_ini
TESTS += tests/unit/text_ini
tests_unit_text_ini_SOURCES = tests/unit/text_ini.c tests/unit/show.h
tests_unit_text_ini_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_text_ini_CFLAGS = $(UNIT_CFLAGS)
tests_unit_text_ini_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/classify_rules
TESTS += tests/unit/classify_rules
tests_unit_classify_rules_SOURCES = tests/unit/classify_rules.c
tests_unit_classify_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_classify_rules_CFLAGS = $(UNIT_CFLAGS)
tests_unit_classify_rules_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/text_find_nocase
TESTS += tests/unit/text_find_nocase
tests_unit_text_find_nocase_SOURCES = tests/unit/text_find_nocase.c
tests_unit_text_find_nocase_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_text_find_nocase_CFLAGS = $(UNIT_CFLAGS)
tests_unit_text_find_nocase_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/answer_mishaps
TESTS += tests/unit/answer_mishaps
tests_unit_answer_mishaps_SOURCES = tests/unit/answer_mishaps.c
tests_unit_answer_mishaps_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_answer_mishaps_CFLAGS = $(UNIT_CFLAGS)
tests_unit_answer_mishaps_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/tail_reads
TESTS += tests/unit/tail_reads
tests_unit_tail_reads_SOURCES = tests/unit/tail_reads.c
tests_unit_tail_reads_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tail_reads_CFLAGS = $(UNIT_CFLAGS)
tests_unit_tail_reads_LDADD = $(UNIT_LDADD) $(ZLIB_LIBS)

check_PROGRAMS += tests/unit/tail_parts
TESTS += tests/unit/tail_parts
tests_unit_tail_parts_SOURCES = tests/unit/tail_parts.c
tests_unit_tail_parts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_tail_parts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_tail_parts_LDADD = $(UNIT_LDADD) $(ZLIB_LIBS)

check_PROGRAMS += tests/unit/server_request
TESTS += tests/unit/server_request
tests_unit_server_request_SOURCES = tests/unit/server_request.c
tests_unit_server_request_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_server_request_CFLAGS = $(UNIT_CFLAGS)
tests_unit_server_request_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/server_conversation
TESTS += tests/unit/server_conversation
tests_unit_server_conversation_SOURCES = tests/unit/server_conversation.c
tests_unit_server_conversation_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_server_conversation_CFLAGS = $(UNIT_CFLAGS)
tests_unit_server_conversation_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/configuration
TESTS += tests/unit/configuration
tests_unit_configuration_SOURCES = tests/unit/configuration.c
tests_unit_configuration_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_configuration_CFLAGS = $(UNIT_CFLAGS)
tests_unit_configuration_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/answer_params
TESTS += tests/unit/answer_params
tests_unit_answer_params_SOURCES = tests/unit/answer_params.c
tests_unit_answer_params_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_answer_params_CFLAGS = $(UNIT_CFLAGS)
tests_unit_answer_params_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/answer_digests
TESTS += tests/unit/answer_digests
tests_unit_answer_digests_SOURCES = tests/unit/answer_digests.c
tests_unit_answer_digests_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_answer_digests_CFLAGS = $(UNIT_CFLAGS)
tests_unit_answer_digests_LDADD = $(UNIT_LDADD)
