/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_mailbox(struct checks *checks, const char *local_part, const char *domain)
{
	(void)checks;
	(void)local_part;
	(void)domain;
}
