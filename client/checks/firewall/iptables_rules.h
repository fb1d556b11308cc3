/* iptables rules: reads what iptables-save and ip6tables-save print. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_IPTABLES_RULES_H
#define CLIENT_CHECKS_IPTABLES_RULES_H

#include <stddef.h>

#include "client/checks/firewall/packet_rules.h"

/* Adds the rules in the lines. What is not understood is taken for a match that holds of some packets only. */
void iptables_rules_read(struct packet_rules *rules, char *const *lines, size_t count,
    enum packet_family family);

#endif
