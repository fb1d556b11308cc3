/* nft words: a text in nftables' language, cut into words, with where each stands. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_NFT_WORDS_H
#define CLIENT_CHECKS_NFT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct nft_word {
	char *
	    text; /* "{", "}", ",", ";" stand alone; "\n" is a line's end; what was in quotes has lost them */
	size_t line;          /* from 1 */
	const char *at, *end; /* in the line that was given */
};

struct nft_words {
	struct nft_word *words;
	size_t count;
	char *text;
};

/* Comments are left out. The lines must outlive the words. False when memory is out. */
bool nft_words_cut(struct nft_words *words, char *const *lines, size_t count);
void nft_words_clear(struct nft_words *words);

#endif
