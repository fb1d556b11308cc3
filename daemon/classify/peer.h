/* Peers: whom a mail system other than Exim says it talked to. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLASSIFY_PEER_H
#define CLASSIFY_PEER_H

#include <stdbool.h>

#include "daemon/text/slice.h"

/* Finds the host that Postfix, qmail or Gmail name around a reply, with its address; either may stay empty. False when there is none. */
bool peer_find(struct slice text, struct slice *host, struct slice *ip);

#endif
