/* IP: an address of either family, as text, and as the names under which DNS knows it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_IP_H
#define CLIENT_CHECKS_IP_H

#include <netinet/in.h>
#include <stdbool.h>

struct ip {
	int family; /* AF_INET or AF_INET6 */
	unsigned char bytes[16];
};

enum {
	IP_TEXT_SIZE = INET6_ADDRSTRLEN,
	IP_NAME_SIZE = 80, /* 32 hexadecimal digits, their dots, ip6.arpa */
};

/* Reads an address, in brackets or not; an IPv4 address that is written as an IPv6 one is the former. False: it is none. */
bool ip_parse(const char *text, struct ip *ip);
/* out of IP_TEXT_SIZE; returns it. */
const char *ip_text(const struct ip *ip, char *out);
bool ip_equal(const struct ip *a, const struct ip *b);
/* Whether the first bits are the same. */
bool ip_is_within(const struct ip *ip, const struct ip *network, unsigned bits);
/* Whether it is a machine's own, which no other one reaches it by: 127.0.0.0/8, ::1. */
bool ip_is_loopback(const struct ip *ip);
/*
 * Whether no other machine of the Internet can reach it: private, loopback, link-local, shared (RFC 1918, 4193, 6598),
 * multicast, reserved.
 */
bool ip_is_private(const struct ip *ip);
/*
 * Its parts backwards, each with a dot behind it, as blocklists (RFC 5782) and in-addr.arpa want them: "1.2.0.192.". out of
 * IP_NAME_SIZE; returns it.
 */
const char *ip_backwards(const struct ip *ip, char *out);
/* The name of its PTR record. out of IP_NAME_SIZE; returns it. */
const char *ip_ptr_name(const struct ip *ip, char *out);

#endif
