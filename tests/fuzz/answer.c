/* Fuzzes what is read from an answer of DNS. The first byte is the type of the question, the rest the answer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/dns/ip.h"
#include "client/checks/dns/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWER_SIZE_MAX = 65535 };

static void
check(bool is_so)
{
	if (!is_so)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lookup lookup = {.status = LOOKUP_FAILED};
	enum record_type type;

	if (size < 1 || size > ANSWER_SIZE_MAX)
		return 0;
	type = data[0] % (RECORD_TXT + 1);
	records_read(&lookup, "www.example.com", type, data + 1, (int)(size - 1));
	for (size_t i = 0; i < lookup.count; i++) {
		const struct record *record = &lookup.records[i];

		check(record->text != NULL);
		check(type != RECORD_MX || i == 0 || record[-1].preference <= record->preference);
		check(type != RECORD_A || record->ip.family != 0);
	}
	check(lookup.alias == NULL || strlen(lookup.alias) < 4096);
	records_clear(&lookup);
	check(lookup.count == 0);
	return 0;
}
