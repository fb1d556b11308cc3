/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"
#include "client/checks/ip.h"

void
check_ptr(struct checks *checks, const struct ip *ip)
{
	(void)checks;
	(void)ip;
}
