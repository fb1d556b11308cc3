/* Name: names of DNS as text, without a dot at the end. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_NAME_H
#define CLIENT_CHECKS_NAME_H

#include <stdbool.h>

/* What a name of hosts and files of theirs is made of, dots between. */
#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

enum {
	NAME_LEN_MAX = 253, /* RFC 1035 2.3.4, as text */
	NAME_LABEL_MAX = 63,
};

/* Labels of 1 to 63 bytes, whatever these are, 253 in all. */
bool name_is_possible(const char *name);
/* Whether the name is the domain or one below it, whatever their case. */
bool name_is_within(const char *name, const char *domain);
/* Makes it lower case, in place, by ASCII alone, whatever the locale; returns it. NULL stays NULL. */
char *name_make_lower(char *name);

#endif
