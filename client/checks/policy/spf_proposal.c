/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_proposal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 256 };

static const char redirect[] = "redirect=";

/* Terms to be written. */
struct words {
	char *list[WORDS_MAX];
	size_t count;
	bool is_cut; /* by their number, or by memory */
};

/* Without the qualifier that says what is meant without it. */
static const char *
bare(const char *term)
{
	return *term == '+' ? term + 1 : term;
}

static bool
has_word(const struct words *words, const char *term)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcasecmp(bare(words->list[i]), bare(term)) == 0)
			return true;
	return false;
}

/* Takes the term, which was allocated. */
static void
add_word(struct words *words, char *term)
{
	if (term != NULL && has_word(words, term)) {
		free(term);
	} else if (term == NULL || words->count == WORDS_MAX) {
		words->is_cut = true;
		free(term);
	} else {
		words->list[words->count++] = term;
	}
}

static void
add_addresses(struct words *words, const struct ip *ips, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char address[IP_TEXT_SIZE], *term;

		if (asprintf(&term, "+ip%c:%s", ips[i].family == AF_INET ? '4' : '6',
			ip_text(&ips[i], address)) < 0)
			term = NULL;
		add_word(words, term);
	}
}

static bool
is_all(const char *term)
{
	return strcasecmp(term + (*term != '\0' && strchr("+-?~", *term) != NULL), "all") == 0;
}

static bool
is_redirect(const char *term)
{
	return strncasecmp(term, redirect, sizeof(redirect) - 1) == 0;
}

static char *
include_of(const char *term)
{
	char *include;

	return asprintf(&include, "include:%s", term + sizeof(redirect) - 1) < 0 ? NULL : include;
}

struct proposal {
	struct words words;
	char *last; /* all, which ends the record */
	bool has_addresses, is_joined;
	const char *before;
	const struct ip *ips;
	size_t ip_count;
};

static void
take_term(struct proposal *proposal, const char *term)
{
	bool is_end = is_all(term) || is_redirect(term);

	/* What is joined has its addresses behind the last of the records. */
	if (!proposal->has_addresses && !proposal->is_joined &&
	    (is_end || (proposal->before != NULL && strcmp(term, proposal->before) == 0))) {
		add_addresses(&proposal->words, proposal->ips, proposal->ip_count);
		proposal->has_addresses = true;
	}
	if (is_all(term)) {
		if (proposal->last == NULL)
			proposal->last = strdup(term);
	} else if (is_redirect(term) && proposal->is_joined) {
		add_word(&proposal->words, include_of(term));
	} else {
		add_word(&proposal->words, strdup(term));
	}
}

static void
take_record(struct proposal *proposal, const char *record)
{
	for (const char *at = record; *at != '\0';) {
		size_t len = strcspn(at, " ");
		char *term = len != 0 ? strndup(at, len) : NULL;

		if (term != NULL)
			take_term(proposal, term);
		free(term);
		at += len;
		at += strspn(at, " ");
	}
}

static char *
write_words(const struct words *words)
{
	char *text = NULL;
	size_t size;
	FILE *out = words->is_cut ? NULL : open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < words->count; i++)
		fprintf(out, "%s%s", i != 0 ? " " : "", words->list[i]);
	fclose(out);
	return text;
}

char *
spf_propose(const char *const *records, size_t record_count, const char *before,
    const struct ip *ips, size_t ip_count)
{
	struct proposal proposal = {
	    .is_joined = record_count > 1,
	    .before = before,
	    .ips = ips,
	    .ip_count = ip_count,
	};

	for (size_t i = 0; i < record_count; i++)
		take_record(&proposal, records[i]);
	if (!proposal.has_addresses)
		add_addresses(&proposal.words, ips, ip_count);
	if (proposal.last != NULL)
		add_word(&proposal.words, proposal.last);
	char *text = write_words(&proposal.words);
	for (size_t i = 0; i < proposal.words.count; i++)
		free(proposal.words.list[i]);
	return text;
}
