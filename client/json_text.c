/* JSON text: what was typed or piped in, as a string that a request may carry. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/json_text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the character at the front, 0 where it is not UTF-8 (RFC 3629 section 4). */
static size_t
character_len(const char *at, size_t len)
{
	unsigned char first = (unsigned char)at[0];
	size_t need = first < 0x80        ? 1 :
	    first >= 0xc2 && first < 0xe0 ? 2 :
	    first >= 0xe0 && first < 0xf0 ? 3 :
	    first >= 0xf0 && first < 0xf5 ? 4 :
					    0;

	if (need == 0 || need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if (!is_continuation(at[i]))
			return 0;
	unsigned char second = need > 1 ? (unsigned char)at[1] : 0;
	if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
	    (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
		return 0;
	return need;
}

struct json_object *
json_text(const char *at, size_t len)
{
	char *text = malloc(JSON_TEXT_MAX + 8);
	size_t out = 0, cost = 0;
	struct json_object *string;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < len && cost < JSON_TEXT_MAX;) {
		size_t used = character_len(at + i, len - i);

		if (used == 0) {
			memcpy(text + out, "\xef\xbf\xbd", 3);
			out += 3;
			cost += 3;
			i++;
			continue;
		}
		memcpy(text + out, at + i, used);
		out += used;
		/* A control character is written as \u00XX, a quote or a backslash as two. */
		cost += (unsigned char)at[i] < 0x20 || at[i] == 0x7f ? 6 :
		    at[i] == '"' || at[i] == '\\'                    ? 2 :
								       used;
		i += used;
	}
	string = json_object_new_string_len(text, (int)out);
	free(text);
	return string;
}
