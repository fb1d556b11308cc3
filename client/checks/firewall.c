/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall.h"

#include <stddef.h>

#include "client/checks/checks.h"

void
check_firewall(struct checks *checks)
{
	(void)checks;
}

char *
firewall_rule_against(struct checks *checks, int family, int port)
{
	(void)checks;
	(void)family;
	(void)port;
	return NULL;
}
