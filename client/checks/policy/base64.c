/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Bytes so far, and the bits that make no byte yet. */
struct decoding {
	unsigned char *bytes;
	size_t len;
	uint32_t bits;
	unsigned digits, paddings; /* of the group of four */
};

static int
take(struct decoding *decoding, char c)
{
	const char *digit = c != '\0' ? strchr(digits, c) : NULL;

	if (c == '=' && decoding->digits + decoding->paddings >= 2 &&
	    decoding->digits + decoding->paddings < 4) {
		decoding->paddings++;
		return 0;
	}
	if (digit == NULL || decoding->paddings != 0)
		return -1;
	decoding->bits = decoding->bits << 6 | (uint32_t)(digit - digits);
	if (++decoding->digits > 1)
		decoding->bytes[decoding->len++] = (unsigned char)(decoding->bits >>
		    (8 - 2 * decoding->digits));
	if (decoding->digits == 4)
		decoding->digits = 0;
	return 0;
}

unsigned char *
base64_decode(const char *text, size_t text_len, size_t *len)
{
	struct decoding decoding = {.bytes = malloc(text_len + 1)};
	int status = decoding.bytes != NULL ? 0 : -1;

	for (size_t i = 0; i < text_len && status == 0; i++)
		if (memchr(" \t\r\n", text[i], 4) == NULL)
			status = take(&decoding, text[i]);
	/* One digit more than whole bytes is none, and so is padding that does not fill its group. */
	if (status != 0 || decoding.digits == 1 ||
	    (decoding.paddings != 0 && decoding.digits + decoding.paddings != 4)) {
		free(decoding.bytes);
		return NULL;
	}
	*len = decoding.len;
	return decoding.bytes;
}

char *
base64_encode(const unsigned char *bytes, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1), *at = text;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)bytes[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < len)
			bits |= bytes[i + 2];
		*at++ = digits[bits >> 18];
		*at++ = digits[bits >> 12 & 63];
		*at++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		*at++ = i + 2 < len ? digits[bits & 63] : '=';
	}
	*at = '\0';
	return text;
}
