/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_spf(struct checks *checks, const char *domain, const struct ip *ips, size_t count)
{
	(void)checks;
	(void)domain;
	(void)ips;
	(void)count;
}
