/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/dmarc_record.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "client/checks/draft.h"

enum {
	WORDS_MAX = 4,
	DIGITS_MAX = 10, /* of 4294967295 */
	PERCENT_MAX = 100,
};

static const char *const policies[] = {"none", "quarantine", "reject"};

enum { POLICIES = sizeof(policies) / sizeof(*policies) };

/* The tags that DMARC knows, of RFC 7489 and of RFC 9989. */
static const struct known {
	const char *name;
	const char *words[WORDS_MAX]; /* one of these, whatever the case; none: anything */
	bool is_list;                 /* several of them, with colons between */
	unsigned long most;           /* not 0: a number up to this instead */
} known_tags[] = {
    {"v", {NULL}, false, 0},
    {"p", {NULL}, false, 0},
    {"sp", {NULL}, false, 0},
    {"np", {"none", "quarantine", "reject"}, false, 0},
    {"adkim", {"r", "s"}, false, 0},
    {"aspf", {"r", "s"}, false, 0},
    {"pct", {NULL}, false, PERCENT_MAX},
    {"rua", {NULL}, false, 0},
    {"ruf", {NULL}, false, 0},
    {"fo", {"0", "1", "d", "s"}, true, 0},
    {"rf", {"afrf"}, true, 0},
    {"ri", {NULL}, false, 4294967295},
    {"psd", {"y", "n", "u"}, false, 0},
    {"t", {"y", "n"}, false, 0},
};

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* dmarc-version = "v" *WSP "=" *WSP %x44 %x4d %x41 %x52 %x43 %x31, and a semicolon behind it where it goes on. */
bool
dmarc_is_record(const char *text)
{
	if (*text != 'v')
		return false;
	text = skip_blanks(text + 1);
	if (*text != '=')
		return false;
	text = skip_blanks(text + 1);
	if (strncmp(text, "DMARC1", 6) != 0)
		return false;
	text = skip_blanks(text + 6);
	return *text == '\0' || *text == ';';
}

bool
dmarc_is_meant(const char *text)
{
	return strcasestr(text, "dmarc") != NULL;
}

static bool
is_word(const struct known *known, const char *at, size_t len)
{
	for (size_t i = 0; i < WORDS_MAX && known->words[i] != NULL; i++)
		if (len == strlen(known->words[i]) && strncasecmp(at, known->words[i], len) == 0)
			return true;
	return known->words[0] == NULL;
}

static bool
take_number(const struct tag *tag, unsigned long most, unsigned long *number)
{
	*number = 0;
	if (tag->value_len == 0 || tag->value_len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < tag->value_len; i++) {
		if (!isdigit((unsigned char)tag->value[i]))
			return false;
		*number = *number * 10 + (unsigned long)(tag->value[i] - '0');
	}
	return *number <= most;
}

static bool
is_allowed(const struct known *known, const struct tag *tag)
{
	size_t rest = 0, len;
	unsigned long number;
	const char *at;

	if (known->most != 0)
		return take_number(tag, known->most, &number);
	if (!known->is_list)
		return is_word(known, tag->value, tag->value_len);
	while (tag_next(tag, ':', &rest, &at, &len))
		if (!is_word(known, at, len))
			return false;
	return true;
}

static const struct known *
find_known(const struct tag *tag)
{
	for (size_t i = 0; i < sizeof(known_tags) / sizeof(*known_tags); i++)
		if (strlen(known_tags[i].name) == tag->name_len &&
		    memcmp(known_tags[i].name, tag->name, tag->name_len) == 0)
			return &known_tags[i];
	return NULL;
}

static void
judge_tag(const struct tag *tag, struct draft *draft)
{
	const struct known *known = find_known(tag);

	if (known == NULL)
		draft_say(draft, CHECK_WARN,
		    "%.*s= is no tag that DMARC knows, and receivers pass it over.",
		    (int)tag->name_len, tag->name);
	else if (!is_allowed(known, tag))
		draft_say(draft, CHECK_WARN,
		    "%s=%.*s is nothing that %s= can be, and receivers pass it over.", known->name,
		    (int)tag->value_len, tag->value, known->name);
}

/* The policy in static words; NULL, after the draft was told, where it is none. */
static const char *
read_policy(const struct tags *tags, const struct tag *tag, struct draft *draft)
{
	/* RFC 7489 6.6.3, 6: "if a valid rua tag is present, the record is taken for p=none; else it is not applied" */
	const char *becomes = tags_find(tags, "rua") != NULL ? "takes it for none" :
							       "passes the record over";

	for (size_t i = 0; i < POLICIES; i++)
		if (tag_is(tag, policies[i]))
			return policies[i];
	draft_say(draft, CHECK_FAIL,
	    "%.*s=%.*s is no policy, which is none, quarantine or reject; a receiver %s.",
	    (int)tag->name_len, tag->name, (int)tag->value_len, tag->value, becomes);
	return NULL;
}

static void
read_policies(struct dmarc_record *record, struct draft *draft)
{
	const struct tag *p = tags_find(&record->tags, "p"), *sp = tags_find(&record->tags, "sp");

	if (p != NULL)
		record->policy = read_policy(&record->tags, p, draft);
	else
		draft_say(draft, CHECK_FAIL,
		    "p= is missing, which is the policy: receivers apply none, and many pass the record over (RFC 7489 6.3).");
	if (sp != NULL)
		record->subdomain_policy = read_policy(&record->tags, sp, draft);
}

void
dmarc_record_read(struct dmarc_record *record, const char *text, struct draft *draft)
{
	unsigned long percent;

	*record = (struct dmarc_record){.percent = PERCENT_MAX};
	if (!tags_read(text, &record->tags)) {
		draft_say(draft, CHECK_FAIL, "The record cannot be read: %s%s%.*s.",
		    record->tags.error, record->tags.piece_len != 0 ? ": " : "",
		    (int)record->tags.piece_len, record->tags.piece);
		return;
	}
	read_policies(record, draft);
	const struct tag *pct = tags_find(&record->tags, "pct");
	if (pct != NULL && take_number(pct, PERCENT_MAX, &percent))
		record->percent = (unsigned)percent;
	for (size_t i = 0; i < record->tags.count; i++)
		judge_tag(&record->tags.list[i], draft);
}

/* dmarc-uri = URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ]: how large a report may be. */
static bool
take_size(const char *uri, size_t *len)
{
	const char *mark = memrchr(uri, '!', *len);
	size_t digits;

	if (mark == NULL)
		return true;
	size_t end = *len - (size_t)(mark - uri) - 1;
	if (end != 0 && strchr("kmgtKMGT", mark[end]) != NULL)
		end--;
	for (digits = 0; digits < end; digits++)
		if (!isdigit((unsigned char)mark[1 + digits]))
			return false;
	*len = (size_t)(mark - uri);
	return digits != 0;
}

bool
dmarc_uri_domain(const char *uri, size_t len, const char **domain, size_t *domain_len)
{
	static const char mailto[] = "mailto:";
	const size_t scheme = sizeof(mailto) - 1;
	const char *at, *end;

	if (!take_size(uri, &len) || len < scheme || strncasecmp(uri, mailto, scheme) != 0)
		return false;
	end = memchr(uri, '?', len);
	if (end == NULL)
		end = uri + len;
	at = memrchr(uri, '@', (size_t)(end - uri));
	if (at == NULL || at < uri + scheme + 1)
		return false;
	*domain = at + 1;
	*domain_len = (size_t)(end - at - 1);
	for (size_t i = 0; i < *domain_len; i++)
		if (!isalnum((unsigned char)(*domain)[i]) && strchr("-._", (*domain)[i]) == NULL)
			return false;
	return *domain_len != 0 && (*domain)[0] != '.' &&
	    memmem(*domain, *domain_len, "..", 2) == NULL;
}
