/* nft reader: how far a text in nftables' language is read, and what was named in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_NFT_READER_H
#define CLIENT_CHECKS_NFT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "client/checks/firewall/nft_words.h"
#include "client/checks/firewall/packet_rules.h"

enum { NFT_SETS_MAX = 1024 };

/* Values under a name: "@NAME", a set's, or "$NAME", a definition's. */
struct nft_set {
	const char *name;  /* without its first character */
	char kind;         /* that character */
	size_t first, end; /* its words */
};

struct nft_reader {
	struct nft_words words;
	size_t at;
	struct packet_rules *rules;
	char *table; /* "inet filter" */
	bool is_of[PACKET_FAMILIES];
	struct nft_set sets[NFT_SETS_MAX];
	size_t set_count;
};

/* The next word, "" at the end; nft_take goes behind it. */
const char *nft_peek(const struct nft_reader *reader);
const char *nft_take(struct nft_reader *reader);
/* Whether it is the next word, which then is behind us. */
bool nft_take_if(struct nft_reader *reader, const char *word);
/* At a statement's end: of the line, at ";", "}" or the text's end. */
bool nft_is_end(const struct nft_reader *reader);
/* From "{" to behind its "}". */
void nft_skip_block(struct nft_reader *reader);
/* To the statement's end, over blocks. */
void nft_skip_statement(struct nft_reader *reader);
/* The set or definition that a word as "@NAME" or "$NAME" names; NULL: it names none that is known. */
const struct nft_set *nft_find_set(const struct nft_reader *reader, const char *word);

/* nft_rule.c: reads a rule, and adds it to the chain. */
void nft_read_rule(struct nft_reader *reader, struct packet_chain *chain);

#endif
