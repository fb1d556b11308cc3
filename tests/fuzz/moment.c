/* Fuzzes what people type for times and spans. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "daemon/text/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t now = 1795465000;
	static struct zone *zone;
	struct slice text = {(const char *)data, size};
	char shown[MOMENT_TEXT_SIZE];
	int64_t second, again;

	if (zone == NULL)
		zone = zone_new("America/Chicago");
	if (span_parse(text, &second) && second < 0)
		abort();
	if (!moment_parse(text, now, zone, &second))
		return 0;
	/* What is shown of a moment of these centuries is that moment. */
	size_t len = moment_format(second, zone_offset_at(zone, second), shown);
	if (second > 0 && second < INT64_C(200000000000) &&
	    (!moment_parse(slice_of(shown, len), now, zone, &again) || again != second))
		abort();
	return 0;
}
