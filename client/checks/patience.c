/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/patience.h"

#include <stdlib.h>
#include <time.h>

enum { MOST_MS = 60 * 1000 };

static const struct {
	const char *variable;
	int usual_ms;
} patiences[] = {
    [PATIENCE_DNS] = {"BOUNCED_DNS_MS", 2000},
    [PATIENCE_SMTP] = {"BOUNCED_SMTP_MS", 10 * 1000},
    [PATIENCE_PROGRAM] = {"BOUNCED_PROGRAM_MS", 5000},
};

int
patience_ms(enum patience patience)
{
	const char *text = getenv(patiences[patience].variable);
	long told = text != NULL ? strtol(text, NULL, 10) : 0;

	return told > 0 && told <= MOST_MS ? (int)told : patiences[patience].usual_ms;
}

int64_t
patience_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
