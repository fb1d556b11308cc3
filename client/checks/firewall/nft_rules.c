/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/nft_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/firewall/nft_reader.h"

static bool
is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

const char *
nft_peek(const struct nft_reader *reader)
{
	return reader->at < reader->words.count ? reader->words.words[reader->at].text : "";
}

const char *
nft_take(struct nft_reader *reader)
{
	return reader->at < reader->words.count ? reader->words.words[reader->at++].text : "";
}

bool
nft_take_if(struct nft_reader *reader, const char *word)
{
	if (reader->at == reader->words.count || !is(nft_peek(reader), word))
		return false;
	reader->at++;
	return true;
}

bool
nft_is_end(const struct nft_reader *reader)
{
	const char *word = nft_peek(reader);

	return reader->at >= reader->words.count || is(word, "\n") || is(word, ";") ||
	    is(word, "}");
}

void
nft_skip_block(struct nft_reader *reader)
{
	size_t depth = 0;

	while (reader->at < reader->words.count) {
		const char *word = nft_take(reader);

		if (is(word, "{"))
			depth++;
		else if (is(word, "}") && --depth == 0)
			return;
	}
}

void
nft_skip_statement(struct nft_reader *reader)
{
	while (!nft_is_end(reader))
		if (is(nft_peek(reader), "{"))
			nft_skip_block(reader);
		else
			reader->at++;
}

const struct nft_set *
nft_find_set(const struct nft_reader *reader, const char *word)
{
	for (size_t i = 0; i < reader->set_count; i++)
		if (reader->sets[i].kind == word[0] && is(reader->sets[i].name, word + 1))
			return &reader->sets[i];
	return NULL;
}

static void
add_set(struct nft_reader *reader, char kind, const char *name, size_t first, size_t end)
{
	if (reader->set_count < NFT_SETS_MAX)
		reader->sets[reader->set_count++] = (struct nft_set){name, kind, first, end};
}

/* "set NAME { type inet_service; elements = { 25, 465 } }" */
static void
read_set(struct nft_reader *reader)
{
	const char *name = nft_take(reader);

	if (!nft_take_if(reader, "{"))
		return;
	while (reader->at < reader->words.count && !nft_take_if(reader, "}")) {
		if (!is(nft_peek(reader), "{")) {
			reader->at++;
			continue;
		}
		size_t first = reader->at + 1;

		nft_skip_block(reader);
		add_set(reader, '@', name, first, reader->at - 1);
	}
}

/* "define NAME = { 25, 465 }" or "= 25" */
static void
read_definition(struct nft_reader *reader)
{
	const char *name = nft_take(reader);

	nft_take_if(reader, "=");
	size_t first = reader->at;

	nft_skip_statement(reader);
	add_set(reader, '$', name, first, reader->at);
}

/* "type filter hook output priority 0; policy drop;" */
static void
read_hook(struct nft_reader *reader, struct packet_chain *chain)
{
	bool is_nat = is(nft_take(reader), "nat");
	const char *hook = nft_take_if(reader, "hook") ? nft_take(reader) : "";

	if (is(hook, "output") || (is(hook, "postrouting") && !is_nat)) {
		chain->is_base = true;
		chain->direction = DIRECTION_OUT;
	} else if (!is_nat && (is(hook, "input") || is(hook, "prerouting"))) {
		chain->is_base = true;
		chain->direction = DIRECTION_IN;
	}
	nft_skip_statement(reader);
}

static void
read_chain(struct nft_reader *reader)
{
	const char *name = nft_take(reader);
	struct packet_chain *chain = packet_rules_chain(reader->rules, reader->table, name);

	if (!is(nft_peek(reader), "{"))
		return;
	if (chain == NULL) {
		nft_skip_block(reader);
		return;
	}
	reader->at++;
	for (int family = 0; family < PACKET_FAMILIES; family++)
		chain->is_of[family] = reader->is_of[family];
	while (reader->at < reader->words.count && !nft_take_if(reader, "}")) {
		if (nft_take_if(reader, "type"))
			read_hook(reader, chain);
		else if (nft_take_if(reader, "policy"))
			chain->policy = is(nft_take(reader), "drop") ? VERDICT_DROP :
								       VERDICT_ACCEPT;
		else if (nft_is_end(reader))
			reader->at++;
		else
			nft_read_rule(reader, chain);
	}
}

/* What stands in a table, up to its "}". */
static void
read_table_block(struct nft_reader *reader)
{
	while (reader->at < reader->words.count && !nft_take_if(reader, "}")) {
		if (nft_take_if(reader, "chain"))
			read_chain(reader);
		else if (nft_take_if(reader, "set"))
			read_set(reader);
		else if (nft_take_if(reader, "define"))
			read_definition(reader);
		else if (nft_is_end(reader))
			reader->at++;
		else
			nft_skip_statement(reader);
	}
}

/* "table inet filter {"; without a family it is ip's. */
static void
read_table(struct nft_reader *reader)
{
	const char *family = "ip", *name = nft_take(reader);

	if (!is(nft_peek(reader), "{") && !nft_is_end(reader)) {
		family = name;
		name = nft_take(reader);
	}
	if (!nft_take_if(reader, "{"))
		return;
	free(reader->table);
	if (asprintf(&reader->table, "%s %s", family, name) < 0) {
		reader->table = NULL;
		return;
	}
	reader->is_of[PACKET_IPV4] = is(family, "ip") || is(family, "inet");
	reader->is_of[PACKET_IPV6] = is(family, "ip6") || is(family, "inet");
	read_table_block(reader);
}

void
nft_rules_read(struct packet_rules *rules, char *const *lines, size_t count)
{
	struct nft_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return;
	reader->rules = rules;
	if (nft_words_cut(&reader->words, lines, count)) {
		while (reader->at < reader->words.count) {
			nft_take_if(reader, "add");
			if (nft_take_if(reader, "table"))
				read_table(reader);
			else if (nft_take_if(reader, "define"))
				read_definition(reader);
			else if (nft_is_end(reader))
				reader->at++;
			else
				nft_skip_statement(reader);
		}
	}
	nft_words_clear(&reader->words);
	free(reader->table);
	free(reader);
}
