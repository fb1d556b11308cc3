/* Fuzzes what people paste into explain: bounces, screenfuls of log, mail with MIME parts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "daemon/classify/pasted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte is read, so that the sanitizers see a slice that points nowhere. */
static void
touch(unsigned *sum, struct slice part)
{
	for (size_t i = 0; i < part.len; i++)
		*sum += (unsigned char)part.at[i];
}

struct told {
	size_t count;
	unsigned sum;
};

static void
tell(void *context, const struct sample *sample)
{
	struct told *told = context;

	told->count++;
	touch(&told->sum, sample->failure.message);
	touch(&told->sum, sample->failure.router);
	touch(&told->sum, sample->failure.transport);
	touch(&told->sum, sample->failure.host);
	touch(&told->sum, sample->failure.ip);
	touch(&told->sum, sample->failure.domain);
	touch(&told->sum, sample->address);
	touch(&told->sum, sample->sender);
	touch(&told->sum, sample->login);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told told = {0}, again = {0};
	struct slice text = slice_of((const char *)data, size);

	size_t count = pasted_each(text, tell, &told);
	if (count > PASTED_FOUND_MAX || told.count > PASTED_FOUND_MAX)
		abort();
	/* The same text tells the same. */
	if (pasted_each(text, tell, &again) != count || again.count != told.count ||
	    again.sum != told.sum)
		abort();
	return 0;
}
