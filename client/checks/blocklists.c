/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_blocklists(struct checks *checks, const struct ip *ip)
{
	(void)checks;
	(void)ip;
}
