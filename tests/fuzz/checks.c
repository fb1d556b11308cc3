/* Fuzzes what checks read of strangers: records in DNS, keys, replies of mail servers, and rules of firewalls. The first byte says which of the readers gets the rest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/draft.h"
#include "client/checks/firewall/iptables_rules.h"
#include "client/checks/firewall/nft_rules.h"
#include "client/checks/firewall/packet_rules.h"
#include "client/checks/policy/base64.h"
#include "client/checks/policy/dkim_key.h"
#include "client/checks/policy/dmarc_record.h"
#include "client/checks/policy/rsa_key.h"
#include "client/checks/policy/spf.h"
#include "client/checks/policy/spf_macro.h"
#include "client/checks/policy/spf_proposal.h"
#include "client/checks/policy/tags.h"
#include "client/checks/smtp/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool is_so)
{
	if (!is_so)
		abort();
}

/* Whether the piece lies in the text. */
static void
check_within(const char *text, const char *at, size_t len)
{
	size_t size = strlen(text);

	check(at >= text && (size_t)(at - text) <= size && len <= size - (size_t)(at - text));
}

/* What was read, written anew, is read as the same. */
static void
check_again(const struct tags *tags)
{
	struct tags again;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < tags->count; i++)
		fprintf(out, "%.*s=%.*s;", (int)tags->list[i].name_len, tags->list[i].name,
		    (int)tags->list[i].value_len, tags->list[i].value);
	fclose(out);
	check(tags_read(text, &again) && again.count == tags->count);
	for (size_t i = 0; i < tags->count; i++)
		check(again.list[i].name_len == tags->list[i].name_len &&
		    again.list[i].value_len == tags->list[i].value_len);
	free(text);
}

static void
fuzz_tags(const char *text)
{
	struct tags tags;
	bool is_read = tags_read(text, &tags);

	check(is_read == (tags.error == NULL) && tags.count <= TAGS_MAX);
	check(!is_read || tags.count != 0);
	if (!is_read)
		check_within(text, tags.piece, tags.piece_len);
	for (size_t i = 0; i < tags.count; i++) {
		const struct tag *tag = &tags.list[i];
		size_t rest = 0, len, whole = 0;
		const char *at;

		check_within(text, tag->name, tag->name_len);
		check_within(text, tag->value, tag->value_len);
		while (tag_next(tag, ':', &rest, &at, &len)) {
			check_within(text, at, len);
			whole += len + 1;
		}
		check(whole <= tag->value_len + 1);
	}
	if (tags.count != 0)
		check_again(&tags);
}

static void
fuzz_base64(const char *text)
{
	size_t len = 0, again_len = 0;
	unsigned char *bytes = base64_decode(text, strlen(text), &len);

	if (bytes == NULL)
		return;
	char *written = base64_encode(bytes, len);
	unsigned char *again = base64_decode(written, strlen(written), &again_len);
	check(again != NULL && again_len == len && memcmp(again, bytes, len) == 0);
	free(again);
	free(written);
	free(bytes);
}

static void
fuzz_rsa(const unsigned char *der, size_t size)
{
	struct rsa_key key;

	if (!rsa_key_read(der, size, &key))
		return;
	check(key.modulus > der && key.modulus + key.modulus_len <= der + size);
	check(key.exponent > key.modulus && key.exponent + key.exponent_len == der + size);
	check(key.bits > (key.modulus_len - 1) * 8 && key.bits <= key.modulus_len * 8);
	check(rsa_key_equal(&key, &key));
}

/* Whatever is said of a record makes a finding. */
static void
finish(struct draft *draft)
{
	struct checks checks = {.items = json_object_new_array()};

	draft_add(draft, &checks, "fuzzed");
	check(json_object_array_length(checks.items) == 1);
	json_object_put(checks.items);
}

static void
fuzz_dkim(const char *text)
{
	struct draft draft = {0};
	struct dkim_key key;

	dkim_key_read(&key, text, &draft);
	check(key.bytes != NULL || draft.status == CHECK_FAIL);
	check(!key.is_rsa || key.rsa.bits >= DKIM_RSA_BITS_MIN || draft.status == CHECK_FAIL);
	dkim_key_clear(&key);
	finish(&draft);
}

static void
fuzz_dmarc(const char *text)
{
	struct draft draft = {0};
	struct dmarc_record record;
	const char *domain;
	size_t len;

	check(!dmarc_is_record(text) || dmarc_is_meant(text));
	dmarc_record_read(&record, text, &draft);
	check(record.policy != NULL || draft.status == CHECK_FAIL);
	check(record.percent <= 100);
	if (dmarc_uri_domain(text, strlen(text), &domain, &len))
		check_within(text, domain, len);
	finish(&draft);
}

/* DNS that says what the lines of a text say, one after the other and then again from the first. */
struct answers {
	const char *text, *at;
	struct kept {
		struct kept *next;
		struct lookup lookup;
		struct record record;
	} * kept;
	size_t asked;
};

static const struct lookup *
answer(void *context, const char *name, enum record_type type)
{
	struct answers *answers = context;
	struct kept *kept = calloc(1, sizeof(*kept));
	size_t len = strcspn(answers->at, "\n");

	check(kept != NULL && name[0] != '\0' && strlen(name) <= 253);
	answers->asked++;
	kept->next = answers->kept;
	answers->kept = kept;
	kept->record.text = strndup(answers->at, len);
	answers->at = answers->at[len] != '\0' ? answers->at + len + 1 : answers->text;
	kept->lookup = (struct lookup){.status = LOOKUP_FOUND,
	    .records = &kept->record,
	    .count = 1};
	bool is_address = type == RECORD_A || type == RECORD_AAAA;
	if (len == 0 || (is_address && !ip_parse(kept->record.text, &kept->record.ip))) {
		kept->lookup.count = 0;
		kept->lookup.status = len % 2 == 0 ? LOOKUP_NO_NAME : LOOKUP_FAILED;
	}
	return &kept->lookup;
}

static void
forget(struct answers *answers)
{
	for (struct kept *kept = answers->kept, *next; kept != NULL; kept = next) {
		next = kept->next;
		free(kept->record.text);
		free(kept);
	}
	answers->kept = NULL;
}

static void
check_answer(const struct spf_answer *answer)
{
	bool is_error = answer->result == SPF_PERMERROR || answer->result == SPF_TEMPERROR;

	check(is_error == (answer->problem != NULL) && answer->lookups <= SPF_LOOKUPS_MAX);
	check((answer->mechanism != NULL) == (answer->domain != NULL));
	check(!is_error || answer->mechanism == NULL);
	check(answer->mechanism != NULL || answer->inner_mechanism == NULL);
	check(answer->mechanism != NULL || is_error || answer->result == SPF_NEUTRAL ||
	    answer->result == SPF_NONE);
	check(answer->explanation == NULL || answer->result == SPF_FAIL);
	check(answer->record_count <= SPF_LOOKUPS_MAX + 1);
}

/* The first line is the record of the domain, the others are what else DNS says. */
static void
fuzz_spf(const char *text)
{
	struct answers answers = {.text = text, .at = text};
	struct spf_question question = {
	    .domain = "example.com",
	    .sender = "strong-bad@email.example.com",
	    .ask = answer,
	    .context = &answers,
	};
	struct spf_answer found;
	struct spf_costs costs;

	ip_parse(strlen(text) % 2 == 0 ? "192.0.2.3" : "2001:db8::cb01", &question.ip);
	spf_check(&question, &found);
	check_answer(&found);
	if (found.record_count != 0) {
		const char *record = found.records[0].text;
		char *proposal = spf_propose(&record, 1, found.mechanism, &question.ip, 1);

		free(proposal);
	}
	spf_answer_clear(&found);
	answers.at = text;
	spf_count(&question, &costs);
	check(costs.total <= SPF_COSTS_MAX && costs.count <= costs.total);
	spf_costs_clear(&costs);
	forget(&answers);
}

static void
fuzz_macros(const char *text)
{
	const struct ip ip = {.family = AF_INET6, .bytes = {0x20, 0x01, 0x0d, 0xb8}};
	const struct spf_macros macros = {.ip = &ip,
	    .sender = "strong-bad+x@email.example.com",
	    .domain = "email.example.com",
	    .helo = ".a..b."};
	bool is_domain = spf_domain_problem(text) == NULL;

	check(!is_domain || spf_macro_problem(text) == NULL);
	if (spf_explanation_problem(text) != NULL)
		return;
	char *expanded = spf_explanation_expand(text, &macros);
	check(expanded != NULL && strlen(expanded) <= strlen(text) * 64);
	free(expanded);
	if (!is_domain)
		return;
	expanded = spf_domain_expand(text, &macros);
	check(strlen(expanded) <= 253 || strchr(expanded, '.') == NULL);
	free(expanded);
}

/* What a mail server says, which never has more bytes once its text is made of it. */
static void
fuzz_reply(const char *text)
{
	size_t len = strlen(text);
	int code = smtp_reply_code(text, len);
	char *said = smtp_reply_text(text, len);

	check(code >= 0 && code <= 999 && said != NULL && strlen(said) <= len);
	check(
	    !smtp_reply_has_keyword(text, len, "STARTTLS") || strcasestr(said, "STARTTLS") != NULL);
	/* A reply stays whole whatever comes behind it. */
	if (len > 1)
		check(!smtp_reply_is_whole(text, len - 1) || smtp_reply_is_whole(text, len));
	free(said);
}

/* Whatever decides is one of the rules. */
static void
check_outcomes(const struct packet_rules *rules)
{
	static const int ports[] = {25, 465, 587};

	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int family = 0; family < PACKET_FAMILIES; family++)
			for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
				struct packet_outcome outcome = packet_rules_judge(rules,
				    (enum direction)direction, (enum packet_family)family,
				    ports[i]);

				check(outcome.verdict == VERDICT_ACCEPT || outcome.chain != NULL);
				check(outcome.rule == NULL ||
				    (outcome.rule >= outcome.chain->rules &&
					outcome.rule <
					    outcome.chain->rules + outcome.chain->count));
				check(outcome.partial_rule == NULL ||
				    strlen(outcome.partial_rule->text) != 0);
			}
}

static char **
cut_lines(char *text, size_t *count)
{
	char **lines = calloc(strlen(text) + 1, sizeof(*lines));

	for (char *line; lines != NULL && (line = strsep(&text, "\n")) != NULL;)
		lines[(*count)++] = line;
	return lines;
}

static void
fuzz_rules(const char *text, bool is_nft)
{
	struct packet_rules rules = {0};
	char *copy = strdup(text);
	size_t count = 0;
	char **lines = cut_lines(copy, &count);

	if (is_nft)
		nft_rules_read(&rules, lines, count);
	else
		iptables_rules_read(&rules, lines, count, PACKET_IPV4);
	check_outcomes(&rules);
	packet_rules_clear(&rules);
	free(lines);
	free(copy);
}

static void
fuzz_iptables(const char *text)
{
	fuzz_rules(text, false);
}

static void
fuzz_nft(const char *text)
{
	fuzz_rules(text, true);
}

static void (*const readers[])(const char *text) = {
    fuzz_tags,
    fuzz_base64,
    fuzz_dkim,
    fuzz_dmarc,
    fuzz_spf,
    fuzz_macros,
    fuzz_reply,
    fuzz_iptables,
    fuzz_nft,
};

enum { READERS = sizeof(readers) / sizeof(*readers) };

/* First byte: a digit, the reader; DER, which has NULs, goes by 'k'. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (*data == 'k') {
		fuzz_rsa(data + 1, size - 1);
		return 0;
	}
	char *text = strndup((const char *)data + 1, size - 1);
	readers[(uint8_t)(*data - (uint8_t)'0') % READERS](text);
	free(text);
	return 0;
}
