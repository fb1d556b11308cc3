/* Port 25, the verdict: what all servers together say about this side of the connections. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CHECKS_PORT25_VERDICT_H
#define CLIENT_CHECKS_PORT25_VERDICT_H

#include <stdbool.h>

struct checks;
struct json_object;
struct mail_servers;
struct smtp_probe;

/*
 * Adds what there is to say about this server, with the probes of one family or all as evidence. True: one and the same host
 * answers in the place of all servers, of which there is nothing to say then.
 */
bool port25_judge(struct checks *checks, const struct mail_servers *servers);
/* Whether the verdict about the probe's family says all that there is to say about it. */
bool port25_is_judged(const struct mail_servers *servers, const struct smtp_probe *probe);

/* "IPv4", "IPv6" */
const char *probe_family(const struct smtp_probe *probe);
/* Whence: "this server", or with --root, which is another's copy, "this machine". */
const char *port25_here(const struct checks *checks);
/* The probe as evidence of a finding. */
void port25_show(struct json_object *item, const struct smtp_probe *probe);

#endif
