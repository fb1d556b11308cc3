/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/names/generic_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	OCTETS = 4,
	OCTETS_ENOUGH = 3, /* in a row: fewer may be chance, as in mail10-2 */
	OWN_LABELS =
	    2, /* the provider's own, at the end, say nothing: dsl.example is a name like any other */
	HEX_ENOUGH = 16, /* of IPv6: its second half */
	NAME_SIZE_MAX = 255,
	GROUPS_MAX = 16,
};

/* What providers call the names of lines and pools, each a run of letters. */
static const char *const words[] = {"adsl", "broadband", "cable", "cpe", "dhcp", "dial", "dialin",
    "dialup", "dsl", "dyn", "dynamic", "dynip", "dynamicip", "pool", "pools", "ppp", "pppoe",
    "residential", "rev", "reverse", "static", "staticip", "unassigned", "unknown", "vdsl", "xdsl"};

static bool
is_letter(char byte)
{
	return byte >= 'a' && byte <= 'z';
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* The runs of digits in a name, as numbers. Returns how many. */
static size_t
list_numbers(const char *name, unsigned long numbers[GROUPS_MAX])
{
	size_t count = 0;

	while (*name != '\0' && count < GROUPS_MAX) {
		char *end;

		if (!is_digit(*name)) {
			name++;
			continue;
		}
		numbers[count++] = strtoul(name, &end, 10);
		name = end;
	}
	return count;
}

/* Whether enough of the octets stand in the name in a row, forwards or backwards. */
static bool
holds_octets(const char *name, const struct ip *ip)
{
	unsigned long numbers[GROUPS_MAX];
	size_t count = list_numbers(name, numbers);

	for (size_t at = 0; at + OCTETS_ENOUGH <= count; at++)
		for (size_t first = 0; first + OCTETS_ENOUGH <= OCTETS; first++) {
			size_t forwards = 0, backwards = 0;

			for (size_t i = 0; i < OCTETS_ENOUGH; i++) {
				forwards += numbers[at + i] == ip->bytes[first + i];
				backwards += numbers[at + i] == ip->bytes[OCTETS - 1 - first - i];
			}
			if (forwards == OCTETS_ENOUGH || backwards == OCTETS_ENOUGH)
				return true;
		}
	return false;
}

/* Whether the address stands in the name as one number: in hexadecimal, or in decimal with all zeros. */
static bool
holds_number(const char *name, const struct ip *ip)
{
	const unsigned char *bytes = ip->bytes;
	char plain[NAME_SIZE_MAX + 1], number[40];
	size_t len = 0;

	for (; *name != '\0' && len < NAME_SIZE_MAX; name++)
		if (*name != '-' && *name != '.')
			plain[len++] = *name;
	plain[len] = '\0';
	if (ip->family == AF_INET6) {
		for (int i = 0; i < HEX_ENOUGH / 2; i++)
			snprintf(number + 2 * i, 3, "%02x", bytes[16 - HEX_ENOUGH / 2 + i]);
		/* Many zeros are in many names. */
		return strspn(number, "0") < HEX_ENOUGH / 2 && strstr(plain, number) != NULL;
	}
	snprintf(number, sizeof(number), "%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2],
	    bytes[3]);
	if (strstr(plain, number) != NULL)
		return true;
	snprintf(number, sizeof(number), "%03d%03d%03d%03d", bytes[0], bytes[1], bytes[2],
	    bytes[3]);
	return strstr(plain, number) != NULL;
}

/* How an IPv6 address is written, with hyphens: 2001-db8--1. */
static bool
holds_text(const char *name, const struct ip *ip)
{
	char text[IP_TEXT_SIZE];

	if (ip->family != AF_INET6)
		return false;
	ip_text(ip, text);
	for (char *at = text; *at != '\0'; at++)
		if (*at == ':')
			*at = '-';
	return strstr(name, text) != NULL;
}

static const char *
find_word(const char *name)
{
	while (*name != '\0') {
		size_t len = 0;

		while (is_letter(name[len]))
			len++;
		for (size_t i = 0; len != 0 && i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i]) == len && strncmp(words[i], name, len) == 0)
				return words[i];
		name += len != 0 ? len : 1;
	}
	return NULL;
}

/* The name without its last labels. */
static void
copy_host_part(const char *name, char out[NAME_SIZE_MAX + 1])
{
	size_t len = strnlen(name, NAME_SIZE_MAX);

	for (int labels = 0; labels < OWN_LABELS && len != 0; labels++)
		while (len != 0 && name[--len] != '.')
			;
	memcpy(out, name, len);
	out[len] = '\0';
}

const char *
generic_name_reason(const char *name, const struct ip *ip, char *out, size_t size)
{
	char host[NAME_SIZE_MAX + 1];
	const char *word;

	copy_host_part(name, host);
	if ((ip->family == AF_INET && holds_octets(host, ip)) || holds_number(host, ip) ||
	    holds_text(host, ip)) {
		snprintf(out, size, "holds the address itself");
		return out;
	}
	word = find_word(host);
	if (word == NULL)
		return NULL;
	snprintf(out, size, "says \"%s\"", word);
	return out;
}
