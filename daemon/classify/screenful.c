/* Screenfuls of log: cut into entries, wherever these begin, and each entry read as Exim wrote it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>

#include "daemon/classify/pasting.h"

enum {
	WIDTH_MIN = 60,  /* columns of the narrowest terminal */
	WIDTH_MAX = 200, /* and of the widest: a longer line was not wrapped */
};

#define TIME_SHAPE "dddd-dd-dd dd:dd:dd"

/* "2013-12-14 02:01:57": what every entry of the log begins with. */
static bool
is_timestamp(struct slice text)
{
	static const char shape[] = TIME_SHAPE;
	/* Transcripts of sessions have a time too. */
	static const char *const others[] = {":", " SERVER -> ", " CLIENT -> ", " SMTP ERROR",
	    " Connection: "};

	if (text.len < sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)text.at[i]) : text.at[i] != shape[i])
			return false;
	text = slice_skip(text, sizeof(shape) - 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_has_prefix(text, slice_str(others[i])))
			return false;
	return true;
}

/* An id that a flag, a host or Exim's own words follow: an entry whose time was left out. */
static bool
is_entry_id(struct slice text)
{
	static const char *const next[] = {" <= ", " => ", " -> ", " >> ", " ** ", " == ", " *> ",
	    " Completed", " H=", " SMTP ", " Frozen", " Message is frozen",
	    " Warning: ", " cancelled ", " Unfrozen", " removed "};
	struct message_id id;

	if (!message_id_take(&text, &id))
		return false;
	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++)
		if (slice_has_prefix(text, slice_str(next[i])))
			return true;
	return false;
}

/* A time with an id behind it: an entry, even where the end of the line before it got lost. */
static bool
is_surely_entry(struct slice text)
{
	struct slice behind = slice_skip(text, sizeof(TIME_SHAPE));
	struct message_id id;

	return is_timestamp(text) && message_id_take(&behind, &id);
}

/* What stands before an entry on its line: nothing, words with a blank behind them, or "/var/log/exim_mainlog:12:" of grep. */
static bool
may_begin_after(struct slice before, struct slice rest, bool *is_prefix)
{
	*is_prefix = false;
	if (before.len == 0 || before.at[before.len - 1] == ' ')
		return true;
	if (!isdigit((unsigned char)before.at[before.len - 1]) && is_surely_entry(rest) &&
	    slice_find_byte(before, ' ') >= 0)
		return true;
	*is_prefix = slice_find_byte(before, ' ') < 0 &&
	    (before.at[before.len - 1] == ':' || before.at[before.len - 1] == '-');
	return *is_prefix;
}

/* Lines that begin as entries do, though they have neither a time nor an id. */
static bool
is_entry_line(struct slice line)
{
	struct message_id id;

	line = slice_trim(line);
	/* "** Address not found **" is a headline. */
	return message_id_take(&line, &id) ||
	    (slice_has_prefix(line, SLICE("** ")) && !slice_has_suffix(line, SLICE("**"))) ||
	    slice_has_prefix(line, SLICE("== ")) || slice_has_prefix(line, SLICE("=> ")) ||
	    slice_has_prefix(line, SLICE("spamd[")) ||
	    slice_find(slice_first(line, WIDTH_MAX), SLICE(" R=dkim_lookuphost T=")) > 0 ||
	    slice_has_prefix(line, SLICE("SMTP error from remote mail server")) ||
	    slice_has_prefix(line, SLICE("Please turn on SMTP Authentication"));
}

bool
has_log(struct slice text)
{
	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');
		bool is_prefix;

		if (is_entry_line(line))
			return true;
		for (size_t i = 0; i < line.len; i++)
			if (isdigit((unsigned char)line.at[i]) &&
			    may_begin_after(slice_first(line, i), slice_skip(line, i),
				&is_prefix) &&
			    is_timestamp(slice_skip(line, i)))
				return true;
	}
	return false;
}

/*
 * Web pages join the lines of a reply: "550-first 550-second 550 last". From the first on, what looks like the beginning of a line
 * with the same code is one.
 */
static void
part_joined_reply(struct text *entry)
{
	struct slice text = text_slice(entry);
	struct text parted = {0};
	ptrdiff_t at = -1;

	for (size_t i = 2; at < 0 && i + 4 < text.len; i++)
		if (text.at[i - 1] == ' ' && text.at[i - 2] == ':' && text.at[i + 3] == '-' &&
		    (text.at[i] == '4' || text.at[i] == '5') && is_reply_line(slice_skip(text, i)))
			at = (ptrdiff_t)i;
	if (at < 0)
		return;
	struct slice code = slice_of(text.at + at, 3), rest = slice_skip(text, (size_t)at + 4);
	text_put(&parted, slice_first(text, (size_t)at + 4));
	while (!slice_is_empty(rest)) {
		if (rest.at[0] == ' ' && is_reply_line(slice_skip(rest, 1)) &&
		    slice_has_prefix(slice_skip(rest, 1), code)) {
			text_put(&parted, SLICE("\\n"));
			rest = slice_skip(rest, 1);
		}
		text_put(&parted, slice_first(rest, 1));
		rest = slice_skip(rest, 1);
	}
	free(entry->at);
	*entry = parted;
}

/* Arrivals tell who sent what later entries with their id tell of. */
static void
note_arrival(struct pasting *pasting)
{
	const struct sample *sample = pasting->sample;
	struct arrival_seen *seen = &pasting->arrivals[pasting->arrival_count % ARRIVALS_MAX];

	if (message_id_is_none(sample->id) || (sample->sender.len == 0 && !sample->is_bounce) ||
	    sample->sender.len > sizeof(seen->sender))
		return;
	seen->id = sample->id;
	seen->is_bounce = sample->is_bounce;
	seen->sender_len = sample->sender.len;
	if (sample->sender.len != 0)
		memcpy(seen->sender, sample->sender.at, sample->sender.len);
	pasting->arrival_count++;
}

static void
recall_arrival(struct pasting *pasting)
{
	struct sample *sample = pasting->sample;

	for (size_t i = 0; i < ARRIVALS_MAX && i < pasting->arrival_count; i++) {
		const struct arrival_seen *seen = &pasting->arrivals[i];

		if (message_id_is_none(sample->id) || !message_id_equal(seen->id, sample->id))
			continue;
		sample->is_bounce = seen->is_bounce;
		if (sample->sender.len == 0)
			sample->sender = slice_of(seen->sender, seen->sender_len);
	}
}

/* Reads the entry that has been put together; what tells of no failure is passed over. */
static void
finish_entry(struct pasting *pasting)
{
	static const struct slice frozen = {" Frozen (delivery error message)", 32};

	part_joined_reply(&pasting->entry);
	struct slice entry = slice_trim(text_slice(&pasting->entry));

	if (slice_has_suffix(entry, frozen) && entry.len > frozen.len + 40)
		entry.len -= frozen.len;
	if (!slice_is_empty(entry)) {
		sample_parse(entry, pasting->sample);
		if (pasting->sample->is_no_failure) {
			note_arrival(pasting);
		} else {
			recall_arrival(pasting);
			pasting_tell(pasting);
		}
	}
	pasting->entry.len = 0;
}

/* Cuts one line at the entries that begin in it. A terminal cuts words; what it cut goes on without a blank. */
static void
read_line(struct pasting *pasting, struct slice line, bool is_cut, bool *is_open)
{
	size_t from = 0;

	for (size_t i = 0; i < line.len; i++) {
		struct slice before = slice_first(line, i), rest = slice_skip(line, i);
		bool is_prefix;

		if (!isdigit((unsigned char)line.at[i]) ||
		    !may_begin_after(before, rest, &is_prefix))
			continue;
		bool is_time = is_timestamp(rest);
		/* The id behind the time belongs to the entry that the time begins. */
		bool is_id = !is_time && !is_prefix && i != from && is_entry_id(rest) &&
		    !(is_timestamp(slice_skip(line, from)) && i - from < 48);
		if (!is_time && !is_id)
			continue;
		/* What begins in the middle of an entry tells of a failure too when it quotes a reply. */
		if (i > from && !is_prefix &&
		    (*is_open || slice_find(before, SLICE(">: host ")) > 0))
			text_put_line(&pasting->entry, slice_of(line.at + from, i - from));
		finish_entry(pasting);
		*is_open = true;
		from = i;
	}
	if (*is_open && is_cut && from == 0)
		text_put(&pasting->entry, line);
	else if (*is_open)
		text_put_line(&pasting->entry, slice_skip(line, from));
}

/* The width at which a terminal cut the lines: the longest, when several are as long. 0: none. */
static size_t
width_of(struct slice text)
{
	size_t width = 0;
	unsigned count = 0;

	while (!slice_is_empty(text)) {
		size_t len = slice_take_until(&text, '\n').len;

		if (len > width) {
			width = len;
			count = 0;
		}
		count += len == width;
	}
	return width >= WIDTH_MIN && (count > 1 || width == 80) ? width : 0;
}

/* A blank line ends an entry; what stands between entries is what people write about them, and is passed over. */
void
read_log(struct pasting *pasting, struct slice text)
{
	size_t width = width_of(text);
	bool is_open = false, is_cut = false, is_whole = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');

		/* Below an entry in one piece stand further lines of the reply, or what people write about it. */
		bool is_prose = is_whole && !is_cut && !is_reply_line(slice_trim(line));

		if (slice_is_empty(slice_trim(line)) || is_entry_line(line) || is_prose) {
			finish_entry(pasting);
			is_open = is_entry_line(line);
		}
		read_line(pasting, line, is_cut && pasting->entry.len != 0, &is_open);
		is_cut = line.len == width;
		is_whole = line.len > WIDTH_MAX;
	}
	finish_entry(pasting);
}
