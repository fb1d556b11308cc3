/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_record.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/policy/spf_macro.h"

static const char version[] = "v=spf1";

enum target { TARGET_NONE, TARGET_MAY, TARGET_MUST, TARGET_NETWORK };

static const struct mechanism {
	const char *name;
	enum target target;
	bool has_lengths;
} mechanisms[] = {
    [SPF_ALL] = {"all", TARGET_NONE, false},
    [SPF_INCLUDE] = {"include", TARGET_MUST, false},
    [SPF_A] = {"a", TARGET_MAY, true},
    [SPF_MX] = {"mx", TARGET_MAY, true},
    [SPF_PTR] = {"ptr", TARGET_MAY, false},
    [SPF_IP4] = {"ip4", TARGET_NETWORK, true},
    [SPF_IP6] = {"ip6", TARGET_NETWORK, true},
    [SPF_EXISTS] = {"exists", TARGET_MUST, false},
};

enum { MECHANISMS = sizeof(mechanisms) / sizeof(mechanisms[0]) };

bool
spf_record_is(const char *text)
{
	size_t len = sizeof(version) - 1;

	return strncasecmp(text, version, len) == 0 && (text[len] == '\0' || text[len] == ' ');
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ); its length, 0: there is none. */
static size_t
name_len(const char *text)
{
	size_t len = 0;

	if (!isalpha((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[len]) ||
	    (text[len] != '\0' && strchr("-_.", text[len]) != NULL))
		len++;
	return len;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/*
 * Takes a slash and a number off the end of a text; false: there is none. A number that has a zero in front of it or is
 * greater than max is UINT_MAX.
 */
static bool
take_length(char *text, const char *slash, unsigned max, unsigned *bits)
{
	size_t len = strlen(text), digits = len, slash_len = strlen(slash);

	while (digits > 0 && isdigit((unsigned char)text[digits - 1]))
		digits--;
	if (digits == len || digits < slash_len ||
	    strncmp(text + digits - slash_len, slash, slash_len) != 0)
		return false;
	*bits = (unsigned)-1;
	if (len - digits <= 3 && (text[digits] != '0' || len - digits == 1)) {
		unsigned value = (unsigned)strtoul(text + digits, NULL, 10);

		if (value <= max)
			*bits = value;
	}
	text[digits - slash_len] = '\0';
	return true;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ] */
static void
take_both_lengths(struct spf_term *term, char *text)
{
	take_length(text, "//", 128, &term->bits6);
	take_length(text, "/", 32, &term->bits4);
}

/* ip4 and ip6 have a length of their own, with one slash; a and mx have one for each. */
static const char *
take_lengths(struct spf_term *term, char *text)
{
	term->bits4 = 32;
	term->bits6 = 128;
	if (term->kind == SPF_IP4)
		take_length(text, "/", 32, &term->bits4);
	else if (term->kind == SPF_IP6)
		take_length(text, "/", 128, &term->bits6);
	else
		take_both_lengths(term, text);
	if (term->bits4 > 32)
		return "the length of an IPv4 network is a number from 0 to 32 (RFC 7208 5.6)";
	if (term->bits6 > 128)
		return "the length of an IPv6 network is a number from 0 to 128 (RFC 7208 5.6)";
	return NULL;
}

static const char *
read_network(struct spf_term *term, const char *text)
{
	int family = term->kind == SPF_IP4 ? AF_INET : AF_INET6;

	term->network.family = family;
	if (inet_pton(family, text, term->network.bytes) == 1)
		return NULL;
	return family == AF_INET ?
	    "behind ip4: stands an IPv4 address of four numbers, with /LENGTH or without (RFC 7208 5.6)" :
	    "behind ip6: stands an IPv6 address, with /LENGTH or without (RFC 7208 5.6)";
}

static const char *
read_target(struct spf_term *term, const char *text)
{
	struct ip ip;

	if (ip_parse(text, &ip))
		return ip.family == AF_INET ?
		    "an address where a name belongs; an address is written with ip4: (RFC 7208 5.6)" :
		    "an address where a name belongs; an address is written with ip6: (RFC 7208 5.6)";
	term->target = text;
	return spf_domain_problem(text);
}

/* What follows the name of a mechanism: ":" and its target, lengths. */
static const char *
read_argument(struct spf_term *term, char *text)
{
	const struct mechanism *mechanism = &mechanisms[term->kind];
	const char *problem = mechanism->has_lengths ? take_lengths(term, text) : NULL;

	if (problem != NULL)
		return problem;
	if (*text == '\0')
		return mechanism->target < TARGET_MUST ?
		    NULL :
		    "a colon and what it stands for are missing (RFC 7208 4.6.1)";
	if (*text != ':')
		return "behind the name of a mechanism stands a colon or a blank (RFC 7208 4.6.1)";
	if (mechanism->target == TARGET_NONE)
		return "it stands alone, with nothing behind it (RFC 7208 5.1)";
	if (mechanism->target == TARGET_NETWORK)
		return read_network(term, text + 1);
	return read_target(term, text + 1);
}

/* directive = [ qualifier ] mechanism */
static const char *
read_directive(struct spf_term *term, char *text)
{
	term->qualifier = '+';
	if (*text != '\0' && strchr("+-?~", *text) != NULL)
		term->qualifier = *text++;
	size_t len = strcspn(text, ":/");
	for (unsigned kind = 0; kind < MECHANISMS; kind++)
		if (is_word(text, len, mechanisms[kind].name)) {
			term->kind = (enum spf_kind)kind;
			return read_argument(term, text + len);
		}
	if (is_word(text, len, "redirect") || is_word(text, len, "exp"))
		return "redirect and exp are modifiers: an equals sign stands behind them (RFC 7208 4.6.1)";
	return "SPF has no such mechanism; there are all, include, a, mx, ptr, ip4, ip6, exists (RFC 7208 5)";
}

/* modifier = redirect / explanation / unknown-modifier; each of the first two once in a record (6). */
static const char *
read_modifier(struct spf_record *record, struct spf_term *term, const char *text, size_t len)
{
	const char *value = text + len + 1;

	term->kind = SPF_OTHER_MODIFIER;
	if (is_word(text, len, "redirect"))
		term->kind = SPF_REDIRECT;
	else if (is_word(text, len, "exp"))
		term->kind = SPF_EXP;
	else
		return spf_macro_problem(value);
	if (spf_record_find(record, term->kind) != NULL)
		return "it stands in the record a second time (RFC 7208 6)";
	return read_target(term, value);
}

static const char *
read_term(struct spf_record *record, const char *shown, char *text)
{
	struct spf_term term = {.text = shown};
	size_t len = name_len(text);
	const char *problem = len != 0 && text[len] == '=' ?
	    read_modifier(record, &term, text, len) :
	    read_directive(&term, text);

	if (problem == NULL)
		record->terms[record->count++] = term;
	return problem;
}

/* Ends the word that begins at the offset in both texts; returns the offset of what follows it. */
static size_t
end_word(struct spf_record *record, size_t at)
{
	size_t end = at + strcspn(record->text + at, " ");

	if (record->text[end] == '\0')
		return end;
	record->text[end] = record->parsed[end] = '\0';
	return end + 1;
}

bool
spf_record_parse(struct spf_record *record, const char *text, char **problem)
{
	size_t len = strlen(text), at = sizeof(version) - 1;

	*problem = NULL;
	*record = (struct spf_record){.text = strdup(text), .parsed = strdup(text)};
	record->terms = calloc(len / 2 + 1, sizeof(*record->terms));
	if (record->text == NULL || record->parsed == NULL || record->terms == NULL)
		return false;
	while (at < len) {
		size_t next = end_word(record, at);
		const char *wrong = record->text[at] == '\0' ?
		    NULL :
		    read_term(record, record->text + at, record->parsed + at);

		if (wrong != NULL) {
			if (asprintf(problem, "\"%.100s\": %s", record->text + at, wrong) < 0)
				*problem = NULL;
			return false;
		}
		at = next;
	}
	return true;
}

void
spf_record_clear(struct spf_record *record)
{
	free(record->terms);
	free(record->text);
	free(record->parsed);
	*record = (struct spf_record){0};
}

const struct spf_term *
spf_record_find(const struct spf_record *record, enum spf_kind kind)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->terms[i].kind == kind)
			return &record->terms[i];
	return NULL;
}

bool
spf_term_is_counted(const struct spf_term *term)
{
	switch (term->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT:
		return true;
	default:
		return false;
	}
}
