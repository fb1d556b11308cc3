/* Made-up mail: an index that gets a message a minute, as chance has it, always the same. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_MADE_UP_MAIL_H
#define UNIT_MADE_UP_MAIL_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer/answer.h"
#include "daemon/index/index.h"
#include "daemon/text/moment.h"
#include "tests/shipped.h"

enum { START = 1795000000 };

static struct classifier *classifier;
static struct index *index_of_all;
static struct answer_sources sources;
static uint64_t state, offset;

static void
load(void)
{
	setenv("TZ", "UTC", 1);
	classifier = shipped_classifier();
}

static void
unload(void)
{
	classifier_free(classifier);
}

static void
begin(uint64_t memory_max)
{
	const struct index_options options = {.classifier = classifier, .memory_max = memory_max};

	state = 1;
	offset = 0;
	index_of_all = index_new(&options);
	ck_assert_ptr_nonnull(index_of_all);
	sources = (struct answer_sources){.index = index_of_all, .classifier = classifier};
}

static void
teardown(void)
{
	index_free(index_of_all);
}

static unsigned
below(unsigned limit)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(state >> 33) % limit;
}

static void
add_line(int64_t second, const char *text)
{
	char line[512], time[MOMENT_TEXT_SIZE];

	moment_format(second, 0, time);
	snprintf(line, sizeof(line), "%.10s %.8s %s", time, time + 11, text);
	index_lines(index_of_all, &(struct tail_line){{1, offset}, slice_str(line), false}, 1);
	offset += strlen(line) + 1;
}

static void
write_id(unsigned number, char id[32])
{
	snprintf(id, 32, "1xV%c%c%c-0000000%c%c%c%c-44KK", 'a' + number / 260 % 26,
	    'a' + number / 10 % 26, '0' + number % 10, 'a' + number / 676 % 26,
	    'a' + number / 26 % 26, 'a' + number % 26, 'a' + number / 10000);
}

static const char *
some_name(bool is_sender)
{
	static char names[4][64];
	static unsigned next;
	char *name = names[next++ % 4];

	snprintf(name, sizeof(names[0]), "%s%u@%s%u.example", below(8) == 0 ? "User" : "user",
	    below(is_sender ? 60 : 500), below(9) == 0 ? "Shop" : "shop", below(40));
	return name;
}

/* What became of one recipient; true when nothing more is to come of it. */
static bool
add_outcome(int64_t second, const char *id)
{
	static const char *const failures[] = {
	    "550 5.1.1 no such user",
	    "552 5.2.2 mailbox full",
	    "554 5.7.1 message refused as spam",
	};
	unsigned fate = below(10);
	char text[400];

	if (fate == 0)
		snprintf(text, sizeof(text),
		    "%s => /dev/null <%s> R=virtual_user_filter T=**bypassed**", id,
		    some_name(false));
	else if (fate < 5)
		snprintf(text, sizeof(text),
		    "%s => %s R=dnslookup T=remote_smtp H=mx%u.example.net [192.0.2.%u]", id,
		    some_name(false), below(30), below(250));
	else if (fate < 7)
		snprintf(text, sizeof(text),
		    "%s ** %s R=dnslookup T=remote_smtp H=mx%u.example.net [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<a@example.org>: %s",
		    id, some_name(false), below(30), failures[below(3)]);
	else
		snprintf(text, sizeof(text),
		    "%s == %s R=dnslookup T=remote_smtp defer (111): Connection refused", id,
		    some_name(false));
	add_line(second, text);
	return fate < 7;
}

static void
add_arrival(int64_t second, const char *id)
{
	static const char *const origins[] = {"A=dovecot_login:", "U=", "P=esmtp id="};
	char text[400];
	int len = snprintf(text, sizeof(text), "%s <= %s H=h.example.org [192.0.2.9] %s%s", id,
	    below(20) == 0 ? "<>" : some_name(true), origins[below(3)], some_name(true));

	snprintf(text + len, sizeof(text) - (size_t)len, " S=500 for %s", some_name(false));
	add_line(second, text);
}

/* Adds the lines of the next minute: a message, news of older ones, now and then a refusal, or a line that comes too late. */
static void
add_minute(unsigned number)
{
	int64_t second = START + (int64_t)number * 60;
	char id[32], text[200];
	bool is_settled = true;

	write_id(number, id);
	add_arrival(second, id);
	for (unsigned recipients = 1 + below(3); recipients != 0; recipients--)
		is_settled &= add_outcome(second, id);
	snprintf(text, sizeof(text), "%s %s", id,
	    is_settled        ? "Completed" :
		below(4) == 0 ? "Frozen (message created with -f <>)" :
				"Spool file is locked (another process is handling this message)");
	add_line(second + 1, text);
	for (unsigned late = below(3); late != 0 && number != 0; late--) {
		write_id(below(number), id);
		if (below(20) == 0 && add_outcome(second + 2, id)) {
			snprintf(text, sizeof(text), "%s Completed", id);
			add_line(second + 3, text);
		}
	}
	if (below(5) == 0) {
		snprintf(text, sizeof(text),
		    "H=h.example.org [192.0.2.%u] F=<%s> rejected RCPT <%s>: relay not permitted",
		    below(250), some_name(true), some_name(false));
		add_line(second + 4, text);
	}
}

#endif
