/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/checks.h"

void
check_server(struct checks *checks)
{
	(void)checks;
}
