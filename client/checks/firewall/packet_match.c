/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/packet_match.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/dns/ip.h"

enum { RESERVED_PORTS = 1024, PORT_MAX = 65535 };

enum truth
truth_not(enum truth truth)
{
	return TRUTH_ALWAYS - truth;
}

enum truth
truth_but_address(enum truth truth)
{
	return truth == TRUTH_ALWAYS ? TRUTH_NEVER : TRUTH_ALWAYS;
}

enum truth
truth_or(enum truth a, enum truth b)
{
	return a > b ? a : b;
}

enum truth
match_protocol(const char *word)
{
	static const char *const matching[] = {"tcp", "6", "all", "0", "ip"};

	for (size_t i = 0; i < sizeof(matching) / sizeof(matching[0]); i++)
		if (strcasecmp(word, matching[i]) == 0)
			return TRUTH_ALWAYS;
	return TRUTH_NEVER;
}

enum truth
match_address(const char *word)
{
	char address[IP_TEXT_SIZE];
	size_t len = strcspn(word, "/");
	struct ip ip;

	if (len >= sizeof(address))
		return TRUTH_PERHAPS;
	memcpy(address, word, len);
	address[len] = '\0';
	if (!ip_parse(address, &ip))
		return TRUTH_PERHAPS;
	if (word[len] == '/' && strtol(word + len + 1, NULL, 10) == 0)
		return TRUTH_ALWAYS;
	return ip_is_loopback(&ip) ? TRUTH_NEVER : TRUTH_PERHAPS;
}

enum truth
match_interface(const char *word)
{
	return strcmp(word, "lo") == 0 ? TRUTH_NEVER : TRUTH_ALWAYS;
}

enum truth
match_state(const char *word)
{
	return strcasecmp(word, "new") == 0 ? TRUTH_ALWAYS : TRUTH_NEVER;
}

static bool
take_port(const char **at, uint16_t *port)
{
	static const struct {
		const char *name;
		uint16_t port;
	} services[] = {
	    {"smtp", 25},
	    {"mail", 25},
	    {"urd", 465},
	    {"smtps", 465},
	    {"ssmtp", 465},
	    {"submissions", 465},
	    {"submission", 587},
	};
	size_t len = strspn(*at, "0123456789");

	if (len != 0) {
		long number = strtol(*at, NULL, 10);

		*port = (uint16_t)(number > PORT_MAX ? PORT_MAX : number);
		*at += len;
		return len <= 5 && number <= PORT_MAX;
	}
	for (len = 0; isalnum((unsigned char)(*at)[len]); len++)
		;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strlen(services[i].name) == len &&
		    strncasecmp(services[i].name, *at, len) == 0) {
			*port = services[i].port;
			*at += len;
			return true;
		}
	return false;
}

bool
match_ports(const char *word, struct port_range *range)
{
	range->first = 0;
	range->last = PORT_MAX;
	/* iptables: ":1024", "1024:" */
	if (*word != ':' && !take_port(&word, &range->first))
		return false;
	if (*word == '\0') {
		range->last = range->first;
		return true;
	}
	if (*word != ':' && *word != '-')
		return false;
	word++;
	return *word == '\0' || (take_port(&word, &range->last) && *word == '\0');
}

enum truth
match_source_port(struct port_range range)
{
	return range.last >= RESERVED_PORTS ? TRUTH_ALWAYS : TRUTH_NEVER;
}
