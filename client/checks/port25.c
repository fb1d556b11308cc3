/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_port25(struct checks *checks, const char *domain)
{
	(void)checks;
	(void)domain;
}
