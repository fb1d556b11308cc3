/* bounced: follows Exim's main log and answers what happened to each message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

int
main(void)
{
	return 0;
}
