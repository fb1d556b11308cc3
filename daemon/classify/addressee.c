/* Addressees: found by their at sign, and replaced before anything else is looked for in the text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/addressee.h"

/* What addresses are made of as a rule: nothing that a frame, a code or the end of a word could be found in. */
static const bool is_address_byte[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
    ['@'] = true,
    ['.'] = true,
    ['-'] = true,
    ['_'] = true,
    ['+'] = true,
    ['='] = true,
};

/* Writes the address in small letters. False where it is none of the usual kind. */
static bool
put_small(struct slice address, char *to)
{
	unsigned at_signs = 0;

	for (size_t i = 0; i < address.len; i++) {
		char c = address.at[i];

		if (!is_address_byte[(uint8_t)c])
			return false;
		at_signs += c == '@';
		to[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return at_signs == 1;
}

void
addressee_find(const struct cache *cache, const struct failure *failure, struct addressee *out)
{
	struct slice address = failure->address;
	char small[ADDRESSEE_MAX];

	out->address = slice_of("", 0);
	if (address.len == 0 || address.len > ADDRESSEE_MAX || failure->message.len > TOLD_MAX ||
	    slice_find_address(failure->message, address) < 0 || !put_small(address, small))
		return;
	out->known_len = cache_simplify_address(cache, slice_of(small, address.len), out->known);
	out->address = address;
}

struct slice
addressee_replace(const struct addressee *addressee, struct slice text, char *buffer)
{
	size_t len = 0;

	if (addressee->address.len == 0)
		return text;
	for (ptrdiff_t at; (at = slice_find_address(text, addressee->address)) >= 0;) {
		memcpy(buffer + len, text.at, (size_t)at);
		len += (size_t)at;
		memcpy(buffer + len, addressee->known, addressee->known_len);
		len += addressee->known_len;
		text = slice_skip(text, (size_t)at + addressee->address.len);
	}
	memcpy(buffer + len, text.at, text.len);
	return slice_of(buffer, len + text.len);
}
