/* nft rules: reads what "nft list ruleset" prints, and files in the same language. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_NFT_RULES_H
#define CLIENT_CHECKS_NFT_RULES_H

#include <stddef.h>

#include "client/checks/firewall/packet_rules.h"

/*
 * Adds the rules of all tables in the lines; files that they include are left out. What is not understood is taken for a match
 * that holds of some packets only. A table is named as "inet filter".
 */
void nft_rules_read(struct packet_rules *rules, char *const *lines, size_t count);

#endif
