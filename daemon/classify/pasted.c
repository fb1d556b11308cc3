/* Pasted text: tidied, then read as a bounce, as a log, or as one reply. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/pasted.h"

#include <stdlib.h>

#include "daemon/classify/pasting.h"

void
text_put(struct text *text, struct slice more)
{
	if (text->len + more.len + 1 > text->size) {
		size_t size = (text->len + more.len + 1) * 2;
		char *at = realloc(text->at, size);

		if (at == NULL)
			return;
		text->at = at;
		text->size = size;
	}
	if (more.len != 0)
		memcpy(text->at + text->len, more.at, more.len);
	text->len += more.len;
}

bool
is_reply_line(struct slice line)
{
	return line.len > 3 && line.at[0] >= '2' && line.at[0] <= '5' && line.at[1] >= '0' &&
	    line.at[1] <= '9' && line.at[2] >= '0' && line.at[2] <= '9' &&
	    (line.at[3] == ' ' || line.at[3] == '-');
}

void
text_put_line(struct text *text, struct slice line)
{
	struct slice so_far = slice_trim(text_slice(text));
	bool is_after_colon = so_far.len != 0 && so_far.at[so_far.len - 1] == ':';

	line = slice_trim(line);
	if (slice_is_empty(line))
		return;
	/* The first line of a reply goes on where the words before it end. */
	if (text->len != 0)
		text_put(text, is_reply_line(line) && !is_after_colon ? SLICE("\\n") : SLICE(" "));
	text_put(text, line);
}

/* Nobody has the address that stands in for a hidden one. */
static void
forget_stand_in(struct slice *address)
{
	if (slice_equal(*address, SLICE(SOME_ADDRESS)))
		address->len = 0;
}

static void
restore_hidden(char *at, size_t len)
{
	struct slice rest = slice_of(at, len);

	for (ptrdiff_t found; (found = slice_find(rest, SLICE(SOME_ADDRESS))) >= 0;) {
		memcpy(at + (rest.at - at) + found, HIDDEN_ADDRESS, sizeof(HIDDEN_ADDRESS) - 1);
		rest = slice_skip(rest, (size_t)found + sizeof(HIDDEN_ADDRESS) - 1);
	}
}

/* Where nothing else names the recipient, the command or the reply may: "RCPT TO:<a@b>:", "<a@b>: Recipient address rejected". */
static void
find_recipient(struct sample *sample)
{
	static const struct slice rcpt = {"RCPT TO:<", 9};
	struct slice rest = sample->failure.message, behind, address = slice_of("", 0);
	ptrdiff_t at = slice_find(rest, rcpt);

	if (sample->address.len != 0 || sample->failure.kind == FAILURE_REJECTED)
		return;
	if (at >= 0) {
		rest = slice_skip(rest, (size_t)at + rcpt.len);
		address = slice_take_until(&rest, '>');
	}
	while (at < 0 && (at = slice_find_byte(rest, '<')) >= 0) {
		behind = slice_skip(rest, (size_t)at + 1);
		rest = behind;
		address = slice_take_until(&behind, '>');
		at = slice_has_prefix(behind, SLICE(": Recipient address rejected")) ||
			slice_has_prefix(behind, SLICE("... ")) ?
		    at :
		    -1;
	}
	if (at < 0 || slice_domain(address).len == 0)
		return;
	sample->address = address;
	sample->failure.domain = slice_domain(address);
}

void
pasting_tell(struct pasting *pasting)
{
	struct sample *sample = pasting->sample;

	if (pasting->found == PASTED_FOUND_MAX)
		return;
	find_recipient(sample);
	struct slice domain = sample->failure.domain;
	forget_stand_in(&sample->address);
	forget_stand_in(&sample->sender);
	if (slice_equal(domain, SLICE("address.invalid")))
		sample->failure.domain.len = 0;
	restore_hidden(pasting->entry.at, pasting->entry.len);
	restore_hidden(sample->room, strnlen(sample->room, sizeof(sample->room)));
	pasting->each(pasting->context, sample);
	pasting->found++;
}

static void
read_reply(struct pasting *pasting, struct slice text)
{
	while (!slice_is_empty(text))
		text_put_line(&pasting->entry, slice_take_until(&text, '\n'));
	if (pasting->entry.len == 0)
		return;
	sample_parse(text_slice(&pasting->entry), pasting->sample);
	if (!pasting->sample->is_no_failure)
		pasting_tell(pasting);
}

/* One line, as most are, is what it is: a reply or an entry, unless a web page or a mail program wrote it. */
static bool
is_plain_line(struct slice text)
{
	static const char *const signs[] = {"\n", HIDDEN_ADDRESS, HIDDEN_ADDRESS_UNBROKEN, "&lt;",
	    "\033[", "\xe2\x80\x98", "\xe2\x80\x9c", "Server Response: '",
	    "server responded: ", "[/", "_Remote_host_said:_", "_does_not_like_recipient.",
	    ESCAPED_NEWLINE, "   ** ", "   == "};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (slice_find(text, slice_str(signs[i])) >= 0)
			return false;
	return !has_log(slice_skip(text, 1));
}

size_t
pasted_each(struct slice text, pasted_fn *each, void *context)
{
	struct pasting pasting = {.each = each, .context = context};
	struct text clean = {0};

	pasting.sample = malloc(sizeof(*pasting.sample));
	if (pasting.sample == NULL)
		return 0;
	text = slice_first(text, PASTED_MAX);
	if (is_plain_line(text)) {
		read_reply(&pasting, text);
	} else if (!read_listing(&pasting, text)) {
		tidy(text, &clean);
		text = text_slice(&clean);
		if (!read_bounce(&pasting, text)) {
			if (has_log(text))
				read_log(&pasting, text);
			else
				read_reply(&pasting, text);
		}
	}
	free(clean.at);
	free(pasting.entry.at);
	free(pasting.sample);
	return pasting.found;
}
