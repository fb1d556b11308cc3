/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"
#include "client/checks/ip.h"

size_t
sending_ips(struct checks *checks, const char *domain, struct ip *ips, size_t max)
{
	(void)checks;
	(void)domain;
	(void)ips;
	(void)max;
	return 0;
}

char *
sending_helo(struct checks *checks, const char *domain)
{
	(void)checks;
	(void)domain;
	return NULL;
}
