/* HELO: the names that Exim says, which others look up. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_HELO_H
#define CLIENT_CHECKS_HELO_H

struct checks;

/* The finding "helo": the usual name and those that /etc/mailhelo has for single domains; then "spf" of the usual one. */
void helo_check(struct checks *checks);

#endif
