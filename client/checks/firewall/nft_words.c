/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/nft_words.h"

#include <stdlib.h>
#include <string.h>

/* The word at the place, which goes behind it. */
static const char *
take_word(const char **at, char **out)
{
	static const char alone[] = "{},;";
	const char *word = *out;

	if (**at == '"') {
		++*at;
		while (**at != '\0' && **at != '"')
			*(*out)++ = *(*at)++;
		if (**at == '"')
			++*at;
	} else if (strchr(alone, **at) != NULL) {
		*(*out)++ = *(*at)++;
	} else {
		while (**at != '\0' && strchr(" \t\"{},;#", **at) == NULL)
			*(*out)++ = *(*at)++;
	}
	*(*out)++ = '\0';
	return word;
}

static bool
add(struct nft_words *words, struct nft_word word)
{
	struct nft_word *all = words->words;

	if ((words->count & (words->count - 1)) == 0) {
		all = reallocarray(all, words->count != 0 ? 2 * words->count : 1, sizeof(*all));
		if (all == NULL)
			return false;
		words->words = all;
	}
	all[words->count++] = word;
	return true;
}

static bool
cut_line(struct nft_words *words, const char *line, size_t number, char **out)
{
	for (const char *at = line;;) {
		at += strspn(at, " \t");
		if (*at == '\0' || *at == '#')
			break;
		const char *begin = at;
		char *word = (char *)take_word(&at, out);

		if (!add(words, (struct nft_word){word, number, begin, at}))
			return false;
	}
	/* A backslash at the end goes on in the next line. */
	if (words->count != 0 && strcmp(words->words[words->count - 1].text, "\\") == 0) {
		words->count--;
		return true;
	}
	char *end = *out;

	memcpy(end, "\n", 2);
	*out += 2;
	return add(words, (struct nft_word){end, number, "", ""});
}

bool
nft_words_cut(struct nft_words *words, char *const *lines, size_t count)
{
	size_t size = 0;

	*words = (struct nft_words){0};
	for (size_t i = 0; i < count; i++)
		size += 2 * strlen(lines[i]) + 2;
	char *out = words->text = malloc(size + 1);
	if (out == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!cut_line(words, lines[i], i + 1, &out)) {
			nft_words_clear(words);
			return false;
		}
	return true;
}

void
nft_words_clear(struct nft_words *words)
{
	free(words->words);
	free(words->text);
	*words = (struct nft_words){0};
}
