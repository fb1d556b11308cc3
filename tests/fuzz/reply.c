/* Fuzzes replies: any text gives a reply that lies in it, a class, out of the cache the same, and clean advice. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/classify/classify.h"
#include "daemon/classify/reply.h"
#include "daemon/text/utf8.h"
#include "tests/shipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct classifier *classifier;

static void
load(void)
{
	classifier = shipped_classifier();
}

static void
check_inside(struct slice text, struct slice part)
{
	if (part.len != 0 &&
	    (part.at < text.at || part.len > text.len || part.at + part.len > text.at + text.len))
		abort();
}

/* UTF-8 without control characters, but for the newlines that separate lines. */
static void
check_clean(const char *text, size_t len)
{
	struct slice rest = slice_of(text, len);
	uint32_t code_point;

	if (text[len] != '\0')
		abort();
	while (rest.len != 0) {
		size_t taken = utf8_take(rest, &code_point);

		if (taken == 0 || (code_point < 0x20 && code_point != '\n') || code_point == 0x7f)
			abort();
		rest = slice_skip(rest, taken);
	}
}

static void
check_step(void *context, const char *text)
{
	unsigned *steps = context;

	if (++*steps > 1000 || text[0] == '\0')
		abort();
}

static void
check_advice(const struct classification *found, const struct failure *failure)
{
	char summary[512];
	struct facts facts = {.address = SLICE("someone@example.com"),
	    .domain = SLICE("example.com")};
	unsigned steps = 0;

	facts_extract(failure, &facts);
	size_t len = advice_summary(classifier, found, failure, &facts, summary, sizeof(summary));
	if (len >= sizeof(summary) || strlen(summary) != len)
		abort();
	advice_steps(classifier, found, &facts, check_step, &steps);
	len = advice_customer(classifier, found, &facts, summary, sizeof(summary));
	if (len >= sizeof(summary) || strlen(summary) != len)
		abort();
}

/* First byte: the kind; then router, transport and host, a line each; the rest is the text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of((const char *)data, size);
	struct failure failure = {.domain = SLICE("example.com")};
	struct classification found, again;
	struct reply reply;
	char text[1024];

	if (classifier == NULL)
		load();
	if (size == 0)
		return 0;
	failure.kind = (enum failure_kind)(data[0] % (FAILURE_WARNING + 1));
	failure.has_error_number = (data[0] & 0x80) != 0;
	failure.error_number = -(data[0] & 0x3f);
	rest = slice_skip(rest, 1);
	failure.router = slice_take_until(&rest, '\n');
	failure.transport = slice_take_until(&rest, '\n');
	failure.host = slice_take_until(&rest, '\n');
	failure.message = rest;
	reply_parse(rest, &reply);
	check_inside(rest, reply.raw);
	check_inside(rest, reply.host);
	check_inside(rest, reply.ip);
	if (reply.code != 0 && (reply.code < 200 || reply.code > 599))
		abort();
	size_t room = 1 + data[0] * 4;
	size_t len = reply_text(&reply, text, room);
	if (len >= room)
		abort();
	check_clean(text, len);
	classifier_classify(classifier, &failure, &found);
	classifier_classify(classifier, &failure, &again);
	if (found.class_index != again.class_index || found.rule_index != again.rule_index ||
	    found.severity != again.severity)
		abort();
	check_advice(&found, &failure);
	return 0;
}
