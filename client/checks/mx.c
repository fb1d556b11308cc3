/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_mx(struct checks *checks, const char *domain)
{
	(void)checks;
	(void)domain;
}
