/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/mailbox_usage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"

/* A number at the beginning of the text; false: there is none, or it is too large. */
static bool
take_number(const char *text, int64_t *number, const char **end)
{
	char *stop;

	errno = 0;
	*number = strtoll(text, &stop, 10);
	*end = stop;
	return stop != text && errno == 0;
}

bool
mailbox_usage_sum(const struct box_file *maildirsize, int64_t *sum)
{
	*sum = 0;
	if (maildirsize->error != NULL || maildirsize->count == 0)
		return false;
	for (size_t i = 1; i < maildirsize->count; i++) {
		const char *end;
		int64_t bytes;

		if (!take_number(maildirsize->lines[i], &bytes, &end))
			continue;
		if (__builtin_add_overflow(*sum, bytes, sum))
			return false;
	}
	if (*sum < 0)
		*sum = 0;
	return true;
}

void
mailbox_usage_read(struct box *box, const char *home, const char *domain, const char *local_part,
    struct mailbox_usage *usage)
{
	const char *end;

	*usage = (struct mailbox_usage){0};
	if (home == NULL)
		return;
	usage->limit_file = box_readf(box, "%s/etc/%s/quota", home, domain);
	usage->used_file = box_readf(box, "%s/mail/%s/%s/maildirsize", home, domain, local_part);
	char *limit = box_value(usage->limit_file, local_part, ':', &usage->limit_line);
	if (limit != NULL && (!take_number(limit, &usage->limit, &end) || usage->limit < 0))
		usage->limit = 0;
	free(limit);
	usage->is_known = mailbox_usage_sum(usage->used_file, &usage->used);
}
