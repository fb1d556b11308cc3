/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool
ip_parse(const char *text, struct ip *ip)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char plain[IP_TEXT_SIZE];
	size_t len = strlen(text);

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	*ip = (struct ip){.family = AF_INET};
	if (inet_pton(AF_INET, plain, ip->bytes) == 1)
		return true;
	ip->family = AF_INET6;
	if (inet_pton(AF_INET6, plain, ip->bytes) != 1)
		return false;
	if (memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
		ip->family = AF_INET;
		memmove(ip->bytes, ip->bytes + sizeof(mapped), 4);
		memset(ip->bytes + 4, 0, 12);
	}
	return true;
}

const char *
ip_text(const struct ip *ip, char *out)
{
	if (inet_ntop(ip->family, ip->bytes, out, IP_TEXT_SIZE) == NULL)
		out[0] = '\0';
	return out;
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool
ip_is_within(const struct ip *ip, const struct ip *network, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (ip->family != network->family || bits > (ip->family == AF_INET ? 32 : 128) ||
	    memcmp(ip->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 || ((ip->bytes[whole] ^ network->bytes[whole]) >> (8 - rest)) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const struct ip v4 = {.family = AF_INET, .bytes = {127}};
	static const struct ip v6 = {.family = AF_INET6, .bytes = {[15] = 1}};

	return ip_is_within(ip, &v4, 8) || ip_equal(ip, &v6);
}

bool
ip_is_private(const struct ip *ip)
{
	static const struct {
		const char *network;
		unsigned bits;
	} ranges[] = {
	    {"0.0.0.0", 8},
	    {"10.0.0.0", 8},
	    {"100.64.0.0", 10},
	    {"127.0.0.0", 8},
	    {"169.254.0.0", 16},
	    {"172.16.0.0", 12},
	    {"192.168.0.0", 16},
	    {"224.0.0.0", 3},
	    {"::", 127},
	    {"fc00::", 7},
	    {"fe80::", 10},
	    {"ff00::", 8},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct ip network;

		if (ip_parse(ranges[i].network, &network) &&
		    ip_is_within(ip, &network, ranges[i].bits))
			return true;
	}
	return false;
}

const char *
ip_backwards(const struct ip *ip, char *out)
{
	char *at = out;

	if (ip->family == AF_INET) {
		snprintf(out, IP_NAME_SIZE, "%u.%u.%u.%u.", ip->bytes[3], ip->bytes[2],
		    ip->bytes[1], ip->bytes[0]);
		return out;
	}
	for (int i = 15; i >= 0; i--) {
		static const char digits[] = "0123456789abcdef";

		*at++ = digits[ip->bytes[i] & 15];
		*at++ = '.';
		*at++ = digits[ip->bytes[i] >> 4];
		*at++ = '.';
	}
	*at = '\0';
	return out;
}

const char *
ip_ptr_name(const struct ip *ip, char *out)
{
	ip_backwards(ip, out);
	return strcat(out, ip->family == AF_INET ? "in-addr.arpa" : "ip6.arpa");
}
