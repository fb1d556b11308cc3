/* Tidying: takes off a pasted text what mail programs, web sites, grep and syslog put around its lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>

#include "daemon/classify/mime.h"
#include "daemon/classify/pasting.h"

/* ">>> RCPT TO:<a@b>": a transcript, not a quote. */
static bool
is_transcript(struct slice line)
{
	return slice_take_prefix(&line, SLICE(">>> ")) && line.len > 4 && isupper(line.at[0]) &&
	    isupper(line.at[1]) && isupper(line.at[2]) && isupper(line.at[3]);
}

static struct slice
without_quotes(struct slice line)
{
	while (!is_transcript(line) &&
	    (slice_take_prefix(&line, SLICE("> ")) || slice_take_prefix(&line, SLICE(">")) ||
		slice_take_prefix(&line, SLICE("| "))))
		;
	return line;
}

static size_t
count_digits(struct slice text)
{
	size_t count = 0;

	while (count < text.len && isdigit((unsigned char)text.at[count]))
		count++;
	return count;
}

/* "Nov 23 10:00:02 server exim[31337]: ": what syslog puts before an entry, its own time included. */
static bool
take_syslog(struct slice *line)
{
	struct slice front = slice_first(*line, 128);
	ptrdiff_t name = slice_find(front, SLICE(" exim["));

	if (name < 16 || front.at[3] != ' ' || front.at[6] != ' ' || front.at[9] != ':')
		return false;
	struct slice rest = slice_skip(*line, (size_t)name + 6);
	rest = slice_skip(rest, count_digits(rest));
	if (!slice_take_prefix(&rest, SLICE("]: ")))
		return false;
	*line = rest;
	return true;
}

static void
put_tidy_line(struct text *out, struct slice line)
{
	line = without_quotes(line);
	if (slice_equal_nocase(slice_trim(line), SLICE("Code:"))) {
		text_put(out, SLICE("\n"));
		return;
	}
	/* An entry needs a time to be known for one; nobody looks at which. */
	if (take_syslog(&line))
		text_put(out, SLICE("1970-01-01 00:00:00 "));
	while (!slice_is_empty(line)) {
		if (slice_take_prefix(&line, SLICE(HIDDEN_ADDRESS)) ||
		    slice_take_prefix(&line, SLICE(HIDDEN_ADDRESS_UNBROKEN))) {
			text_put(out, SLICE(SOME_ADDRESS));
			continue;
		}
		if (slice_take_prefix(&line, SLICE("\xc2\xa0"))) {
			text_put(out, SLICE(" "));
			continue;
		}
		if (line.at[0] == '\t')
			text_put(out, SLICE(" "));
		else if (line.at[0] != '\r' && line.at[0] != '\0')
			text_put(out, slice_first(line, 1));
		line = slice_skip(line, 1);
	}
	text_put(out, SLICE("\n"));
}

void
tidy(struct slice text, struct text *out)
{
	char *decoded;

	while (!slice_is_empty(text))
		put_tidy_line(out, slice_take_until(&text, '\n'));
	decoded = malloc(out->len + 1);
	if (decoded == NULL)
		return;
	size_t len = mime_decode(text_slice(out), decoded);
	free(out->at);
	*out = (struct text){.at = decoded, .len = len, .size = len + 1};
}
