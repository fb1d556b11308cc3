/* Peers: whom a mail system other than Exim says it talked to, in the words that it puts around what was said. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/peer.h"

#include <ctype.h>

enum { LOOK_MAX = 1024 };

static size_t
name_length(struct slice text)
{
	size_t len = 0;

	while (len < text.len &&
	    (isalnum((unsigned char)text.at[len]) || strchr(".-_:", text.at[len]) != NULL))
		len++;
	return len;
}

/* Postfix: "connect to mx.example[192.0.2.1]:25: Connection refused", "lost connection with mx.example[192.0.2.1] while ...". */
static bool
take_bracketed(struct slice text, struct slice *host, struct slice *ip)
{
	static const char *const before[] = {"connect to ", "of server ", "conversation with ",
	    "lost connection with ", "in chat with ", "offered by host ", "host "};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice name = slice_skip(text, (size_t)at + strlen(before[i]));
		size_t len = name_length(name);
		struct slice inside = slice_skip(name, len + 1);
		ptrdiff_t close = slice_find_byte(slice_first(inside, 64), ']');
		if (len == 0 || len == name.len || name.at[len] != '[' || close <= 0)
			continue;
		*host = slice_first(name, len);
		*ip = slice_first(inside, (size_t)close);
		return true;
	}
	return false;
}

/* qmail: "192.0.2.1 does not like recipient.", "Connected to 192.0.2.1 but sender was rejected." */
static bool
take_qmail(struct slice text, struct slice *ip)
{
	static const struct slice connected = {"Connected to ", 13};
	static const char *const behind[] = {" does not like recipient.", " failed after I sent",
	    " failed on DATA command"};
	ptrdiff_t at = slice_find(text, connected);

	if (at >= 0) {
		struct slice name = slice_skip(text, (size_t)at + connected.len);

		*ip = slice_first(name, name_length(name));
		return slice_has_prefix(slice_skip(name, ip->len), SLICE(" but "));
	}
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		if ((at = slice_find(text, slice_str(behind[i]))) <= 0)
			continue;
		size_t len = 0, end = (size_t)at;
		while (len < end && name_length(slice_of(text.at + end - len - 1, 1)) == 1)
			len++;
		*ip = slice_of(text.at + end - len, len);
		return len != 0;
	}
	return false;
}

/* Gmail: "by mx.example. [192.0.2.1]", "[mx.example. 192.0.2.1: timed out]". */
static bool
take_gmail(struct slice text, struct slice *host, struct slice *ip)
{
	for (ptrdiff_t at; (at = slice_find_byte(text, '[')) >= 0;) {
		struct slice name = slice_skip(text, (size_t)at + 1);
		size_t len = name_length(name);
		struct slice rest = slice_skip(name, len + 1);
		size_t ip_len = name_length(rest);

		text = name;
		if (len < 2 || len >= name.len || name.at[len - 1] != '.' || name.at[len] != ' ' ||
		    ip_len < 2 || rest.at[ip_len - 1] != ':')
			continue;
		*host = slice_first(name, len - 1);
		*ip = slice_first(rest, ip_len - 1);
		return true;
	}
	return false;
}

bool
peer_find(struct slice text, struct slice *host, struct slice *ip)
{
	text = slice_first(text, LOOK_MAX);
	*host = *ip = slice_of("", 0);
	return take_qmail(text, ip) || take_bracketed(text, host, ip) || take_gmail(text, host, ip);
}
