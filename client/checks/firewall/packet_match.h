/* Packet match: what words of firewall rules, of iptables and nft alike, say about the first packet of a mail connection. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PACKET_MATCH_H
#define CLIENT_CHECKS_PACKET_MATCH_H

#include <stdbool.h>

#include "client/checks/firewall/packet_rules.h"

enum truth truth_not(enum truth truth);
/* Of an address or a network: all but a few are others. */
enum truth truth_but_address(enum truth truth);
/* The more that holds of one of several values. */
enum truth truth_or(enum truth a, enum truth b);

/* "tcp", "6", "all" or another protocol */
enum truth match_protocol(const char *word);
/* The address or network of the other machine. */
enum truth match_address(const char *word);
/* The interface that the packet takes or came by. */
enum truth match_interface(const char *word);
/* A state of connection tracking. */
enum truth match_state(const char *word);
/* "25", "20-30", "20:30", "smtp"; false: it is none, or a service that is not mail. */
bool match_ports(const char *word, struct port_range *range);
/* The port that the other end of a connection has: one from 1024 on. */
enum truth match_source_port(struct port_range range);

#endif
