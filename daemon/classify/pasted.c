/* Pasted text: tidied, cut into entries, each entry read as the log or the mail system wrote it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/pasted.h"

#include <stdlib.h>

#include "daemon/classify/mime.h"

/* What web sites put where an address stood, and what is put back so that the grammar finds an address. */
#define HIDDEN_ADDRESS "[email protected]"
#define SOME_ADDRESS "hidden@address.invalid"

/* A text that is put together; it is cut when memory is out. */
struct text {
	char *at;
	size_t len, size;
};

struct pasting {
	struct text tidy;  /* the whole text */
	struct text entry; /* the one being put together */
	struct sample *sample;
	pasted_fn *each;
	void *context;
	size_t found;
};

static void
put(struct text *text, struct slice more)
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

static struct slice
text_slice(const struct text *text)
{
	return slice_of(text->at, text->len);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "2013-12-14 02:01:57": what every log entry begins with. */
static bool
is_timestamp(struct slice text)
{
	static const char shape[] = "dddd-dd-dd dd:dd:dd";

	if (text.len < sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? !is_digit(text.at[i]) : text.at[i] != shape[i])
			return false;
	return true;
}

/* "550 " or "550-": the beginning of a line of a reply. */
static bool
is_reply_line(struct slice line)
{
	return line.len > 3 && line.at[0] >= '2' && line.at[0] <= '5' && is_digit(line.at[1]) &&
	    is_digit(line.at[2]) && (line.at[3] == ' ' || line.at[3] == '-');
}

/* Takes quotes, tabs and the heading that forums put over code out of one line. */
static void
tidy_line(struct text *tidy, struct slice line)
{
	while (slice_take_prefix(&line, SLICE("> ")) || slice_take_prefix(&line, SLICE(">")) ||
	    slice_take_prefix(&line, SLICE("| ")))
		;
	if (slice_equal_nocase(slice_trim(line), SLICE("Code:"))) {
		put(tidy, SLICE("\n"));
		return;
	}
	while (!slice_is_empty(line)) {
		if (slice_take_prefix(&line, SLICE(HIDDEN_ADDRESS))) {
			put(tidy, SLICE(SOME_ADDRESS));
			continue;
		}
		if (line.at[0] == '\t')
			put(tidy, SLICE(" "));
		else if (line.at[0] != '\r' && line.at[0] != '\0')
			put(tidy, slice_first(line, 1));
		line = slice_skip(line, 1);
	}
	put(tidy, SLICE("\n"));
}

static void
tidy_all(struct text *tidy, struct slice text)
{
	char *decoded;

	while (!slice_is_empty(text))
		tidy_line(tidy, slice_take_until(&text, '\n'));
	decoded = malloc(tidy->len + 1);
	if (decoded == NULL)
		return;
	size_t len = mime_decode(text_slice(tidy), decoded);
	free(tidy->at);
	*tidy = (struct text){.at = decoded, .len = len, .size = len + 1};
}

/* Reads the entry that has been put together; what tells of no failure is passed over. */
static void
finish_entry(struct pasting *pasting)
{
	static const struct slice frozen = {" Frozen (delivery error message)", 32};
	struct slice entry = slice_trim(text_slice(&pasting->entry));

	if (slice_has_suffix(entry, frozen) && entry.len > frozen.len + 40)
		entry.len -= frozen.len;
	if (!slice_is_empty(entry) && pasting->found < PASTED_FOUND_MAX) {
		sample_parse(entry, pasting->sample);
		if (!pasting->sample->is_no_failure) {
			pasting->each(pasting->context, pasting->sample);
			pasting->found++;
		}
	}
	pasting->entry.len = 0;
}

/* Adds a line to the entry: the lines of a reply as the log joins them, others as the wrapped text they are. */
static void
add_line(struct pasting *pasting, struct slice line)
{
	line = slice_trim(line);
	if (slice_is_empty(line))
		return;
	if (pasting->entry.len != 0)
		put(&pasting->entry, is_reply_line(line) ? SLICE("\\n") : SLICE(" "));
	put(&pasting->entry, line);
}

/* The same, for the first line of a reply inside a bounce: it goes on where the words before it end. */
static void
add_words(struct pasting *pasting, struct slice line)
{
	struct slice so_far = slice_trim(text_slice(&pasting->entry));
	bool is_after_colon = so_far.len != 0 && so_far.at[so_far.len - 1] == ':';

	line = slice_trim(line);
	if (is_after_colon && is_reply_line(line)) {
		put(&pasting->entry, SLICE(" "));
		put(&pasting->entry, line);
	} else {
		add_line(pasting, line);
	}
}

/* --- RFC 3464: the fields of message/delivery-status --- */

/* The value of a field where the line has it: "Diagnostic-Code: smtp; 550 ..." without the type in front. */
static bool
take_status_field(struct slice line, struct slice name, struct slice *value)
{
	if (line.len <= name.len || !slice_equal_nocase(slice_first(line, name.len), name) ||
	    line.at[name.len] != ':')
		return false;
	*value = slice_trim(slice_skip(line, name.len + 1));
	ptrdiff_t type = slice_find_byte(slice_first(*value, 16), ';');
	if (type > 0)
		*value = slice_trim(slice_skip(*value, (size_t)type + 1));
	return true;
}

/* One recipient's group of fields. */
struct status_group {
	struct slice recipient, status, remote;
	bool has_failed, has_diagnostic;
};

static void
finish_group(struct pasting *pasting, struct status_group *group)
{
	if (group->has_failed && (group->has_diagnostic || group->status.len != 0) &&
	    pasting->found < PASTED_FOUND_MAX) {
		/* A diagnostic without a code of its own has it in Status. */
		if (!group->has_diagnostic)
			put(&pasting->entry, group->status);
		struct reply reply;
		reply_parse(text_slice(&pasting->entry), &reply);
		if (reply.enhanced.class == 0 && group->status.len != 0) {
			put(&pasting->entry, SLICE(" "));
			put(&pasting->entry, group->status);
		}
		sample_parse(text_slice(&pasting->entry), pasting->sample);
		pasting->sample->address = group->recipient;
		if (group->remote.len != 0 && pasting->sample->failure.host.len == 0)
			pasting->sample->failure.host = group->remote;
		pasting->each(pasting->context, pasting->sample);
		pasting->found++;
	}
	pasting->entry.len = 0;
	*group = (struct status_group){0};
}

static void
read_delivery_status(struct pasting *pasting, struct slice text)
{
	struct status_group group = {0};
	bool is_diagnostic = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n'), value;

		/* A folded line goes on with the field above it (RFC 5322 section 2.2.3). */
		if (line.len != 0 && line.at[0] == ' ' && is_diagnostic) {
			add_line(pasting, line);
			continue;
		}
		is_diagnostic = false;
		line = slice_trim(line);
		if (take_status_field(line, SLICE("Final-Recipient"), &value)) {
			if (group.recipient.len != 0)
				finish_group(pasting, &group);
			group.recipient = value;
		} else if (take_status_field(line, SLICE("Action"), &value)) {
			group.has_failed = !slice_equal_nocase(value, SLICE("delivered")) &&
			    !slice_equal_nocase(value, SLICE("relayed")) &&
			    !slice_equal_nocase(value, SLICE("expanded"));
		} else if (take_status_field(line, SLICE("Status"), &value)) {
			group.status = value;
		} else if (take_status_field(line, SLICE("Remote-MTA"), &value)) {
			group.remote = value;
		} else if (take_status_field(line, SLICE("Diagnostic-Code"), &value)) {
			pasting->entry.len = 0;
			put(&pasting->entry, value);
			is_diagnostic = group.has_diagnostic = true;
			/* Some leave Action out. */
			if (group.recipient.len == 0 || group.status.len == 0)
				group.has_failed = true;
		}
	}
	finish_group(pasting, &group);
}

/* --- plain bounces: a line with an address, then the words about it --- */

/* "  a@b.example", "<a@b.example>:", "a@b.example:": a line of nothing but an address. */
static bool
is_address_line(struct slice line)
{
	line = slice_trim(line);
	if (line.len != 0 && line.at[line.len - 1] == ':')
		line.len--;
	if (line.len > 2 && line.at[0] == '<' && line.at[line.len - 1] == '>')
		line = slice_of(line.at + 1, line.len - 2);
	return line.len > 2 && slice_find_byte(line, '@') > 0 && slice_find_byte(line, ' ') < 0;
}

static struct slice
address_of_line(struct slice line)
{
	line = slice_trim(line);
	if (line.len != 0 && line.at[line.len - 1] == ':')
		line.len--;
	if (line.len > 2 && line.at[0] == '<')
		line = slice_of(line.at + 1, line.len - 2);
	return line;
}

static void
finish_block(struct pasting *pasting, struct slice address)
{
	size_t before = pasting->found;
	pasted_fn *each = pasting->each;

	if (pasting->entry.len == 0 || pasting->found == PASTED_FOUND_MAX) {
		pasting->entry.len = 0;
		return;
	}
	sample_parse(slice_trim(text_slice(&pasting->entry)), pasting->sample);
	pasting->sample->address = address;
	each(pasting->context, pasting->sample);
	pasting->found = before + 1;
	pasting->entry.len = 0;
}

/* Exim's, qmail's and Exchange's bounces: each address on a line of its own, what went wrong in the lines under it. */
static void
read_blocks(struct pasting *pasting, struct slice text)
{
	struct slice address = {0};
	bool is_open = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');
		struct slice words = slice_trim(line);

		if (is_address_line(line)) {
			if (is_open)
				finish_block(pasting, address);
			address = address_of_line(line);
			is_open = true;
		} else if (slice_is_empty(words)) {
			/* A blank line may stand between the address and the words, not within these. */
			if (is_open && pasting->entry.len != 0) {
				finish_block(pasting, address);
				is_open = false;
			}
		} else if (slice_has_prefix(words, SLICE("---")) ||
		    slice_has_prefix(words, SLICE("Original message headers"))) {
			break;
		} else if (is_open) {
			add_words(pasting, line);
		}
	}
	if (is_open)
		finish_block(pasting, address);
	pasting->entry.len = 0;
}

/* Postfix: "<a@b.example>: host mx.b.example[192.0.2.1] said: 550 ... (in reply to RCPT TO command)". */
static void
read_postfix(struct pasting *pasting, struct slice text)
{
	struct slice address = {0};
	bool is_open = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');
		ptrdiff_t end = slice_find(line, SLICE(">: "));

		if (line.len != 0 && line.at[0] == '<' && end > 0) {
			if (is_open)
				finish_block(pasting, address);
			address = slice_of(line.at + 1, (size_t)end - 1);
			put(&pasting->entry, slice_skip(line, (size_t)end + 3));
			is_open = true;
		} else if (slice_is_empty(slice_trim(line))) {
			if (is_open)
				finish_block(pasting, address);
			is_open = false;
		} else if (is_open) {
			add_line(pasting, line);
		}
	}
	if (is_open)
		finish_block(pasting, address);
	pasting->entry.len = 0;
}

/* "Your message wasn't delivered to a@b.example because ...": whom a bounce without a form is about. */
static struct slice
address_in_words(struct slice text)
{
	static const char *const before[] = {"delivered to ", "message to ",
	    "delivering your message to "};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice rest = slice_skip(text, (size_t)at + strlen(before[i]));
		size_t len = 0;
		while (len < rest.len && strchr(" \n,;:\"'", rest.at[len]) == NULL)
			len++;
		struct slice word = slice_first(rest, len);
		if (is_address_line(word))
			return address_of_line(word);
	}
	return slice_of("", 0);
}

/* Exchange and its kin quote the remote: "Remote Server returned '550 5.1.1 ...'", "#< #5.1.1 smtp;550 5.1.1 ...> #SMTP#". */
static bool
read_quoted(struct pasting *pasting, struct slice text)
{
	static const struct {
		const char *open, *close;
	} quotes[] = {
	    {"emote Server returned '", "'"},
	    {"emote server returned '", "'"},
	    {"The error that the other server returned was: ", "\n\n"},
	    {"The response from the remote server was:\n", "\n\n"},
	    {"The response was:\n", "\n\n"},
	    {"#< #", "> #SMTP#"},
	    {"smtp;", "> #SMTP#"},
	};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		ptrdiff_t open = slice_find(text, slice_str(quotes[i].open));

		if (open < 0)
			continue;
		struct slice rest = slice_skip(text, (size_t)open + strlen(quotes[i].open));
		while (rest.len != 0 && rest.at[0] == '\n')
			rest = slice_skip(rest, 1);
		ptrdiff_t close = slice_find(rest, slice_str(quotes[i].close));
		rest = slice_first(rest, close >= 0 ? (size_t)close : rest.len);
		struct slice address = address_in_words(text);
		while (!slice_is_empty(rest))
			add_line(pasting, slice_take_until(&rest, '\n'));
		if (address.len != 0)
			finish_block(pasting, address);
		else
			finish_entry(pasting);
		return true;
	}
	return false;
}

/* Exchange's words about one recipient: "Remote Server returned '550 ...'", "#550 5.1.1 ...##", "#< #5.1.1 smtp;550 ...> #SMTP#". */
static bool
add_exchange_words(struct pasting *pasting, struct slice line)
{
	static const struct {
		const char *open, *close;
	} frames[] = {{"emote Server returned '", "'"}, {"emote server returned '", "'"},
	    {"smtp;", "> #SMTP#"}, {"#", "##"}};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		ptrdiff_t open = slice_find(line, slice_str(frames[i].open));

		if (open < 0)
			continue;
		struct slice words = slice_skip(line, (size_t)open + strlen(frames[i].open));
		ptrdiff_t close = slice_find(words, slice_str(frames[i].close));
		if (close < 0 && frames[i].open[0] == '#')
			continue;
		add_line(pasting, slice_first(words, close >= 0 ? (size_t)close : words.len));
		return true;
	}
	return false;
}

/* "Diagnostic information for administrators:", then for each recipient his address and what the server said, until the headers. */
static void
read_exchange(struct pasting *pasting, struct slice text)
{
	static const struct slice begin = {"Diagnostic information for administrators:", 42};
	struct slice address = {0};
	ptrdiff_t at = slice_find(text, begin);

	text = slice_skip(text, at >= 0 ? (size_t)at + begin.len : text.len);
	while (!slice_is_empty(text)) {
		struct slice line = slice_trim(slice_take_until(&text, '\n'));

		if (slice_has_prefix(line, SLICE("Original message headers")))
			break;
		if (is_address_line(line)) {
			finish_block(pasting, address);
			address = address_of_line(line);
		} else if (address.len != 0 && pasting->entry.len == 0) {
			add_exchange_words(pasting, line);
		}
	}
	finish_block(pasting, address);
}

/* --- log entries, and replies alone --- */

static bool
has_timestamp(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_digit(text.at[i]) &&
		    (i == 0 || text.at[i - 1] == '\n' || text.at[i - 1] == ' ') &&
		    is_timestamp(slice_skip(text, i)))
			return true;
	return false;
}

static bool
has(struct slice text, const char *what)
{
	return slice_find(text, slice_str(what)) >= 0;
}

/* A log without its timestamps: lines that begin with an id, a flag, or a router's or transport's field. */
static bool
is_entry_line(struct slice line)
{
	struct message_id id;

	line = slice_trim(line);
	return message_id_take(&line, &id) || slice_has_prefix(line, SLICE("** ")) ||
	    slice_has_prefix(line, SLICE("== ")) || slice_has_prefix(line, SLICE("=> ")) ||
	    slice_has_prefix(line, SLICE("spamd[")) ||
	    slice_find(line, SLICE(" R=dkim_lookuphost T=")) > 0 ||
	    slice_has_prefix(line, SLICE("SMTP error from remote mail server")) ||
	    slice_has_prefix(line, SLICE("Please turn on SMTP Authentication"));
}

/*
 * Cuts the text wherever an entry begins, in the middle of a line too. A blank line ends one; what stands between entries is what
 * people write about them, and is passed over.
 */
static void
read_log(struct pasting *pasting, struct slice text)
{
	bool is_open = false;

	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');

		if (slice_is_empty(slice_trim(line)) || is_entry_line(line)) {
			finish_entry(pasting);
			is_open = is_entry_line(line);
		}
		for (size_t from = 0, i = 0; i <= line.len; i++) {
			bool is_start = i < line.len && (i == 0 || line.at[i - 1] == ' ') &&
			    is_timestamp(slice_skip(line, i));

			if (!is_start && i != line.len)
				continue;
			if (i > from && is_open)
				add_words(pasting, slice_of(line.at + from, i - from));
			if (is_start) {
				finish_entry(pasting);
				is_open = true;
			}
			from = i;
		}
	}
	finish_entry(pasting);
}

/* Lines that begin as entries do stand for themselves; the others belong to the one above. */
static void
read_lines(struct pasting *pasting, struct slice text)
{
	while (!slice_is_empty(text)) {
		struct slice line = slice_take_until(&text, '\n');

		if (is_entry_line(line))
			finish_entry(pasting);
		add_words(pasting, line);
	}
	finish_entry(pasting);
}

static void
read_any(struct pasting *pasting)
{
	struct slice text = text_slice(&pasting->tidy);

	if (has(text, "Final-Recipient:") || has(text, "Diagnostic-Code:")) {
		read_delivery_status(pasting, text);
		if (pasting->found != 0)
			return;
	}
	if (has_timestamp(text)) {
		read_log(pasting, text);
		return;
	}
	bool is_plain_bounce = has(text,
				   "could not be delivered to one or more of its recipients") ||
	    has(text, "The following address(es) failed") || has(text, "qmail-send program") ||
	    has(text, "I wasn't able to deliver your message") ||
	    has(text, "has not yet been delivered") || has(text, "could not be delivered to:");
	if (is_plain_bounce) {
		read_blocks(pasting, text);
		if (pasting->found != 0)
			return;
	}
	if (has(text, "Diagnostic information for administrators:")) {
		read_exchange(pasting, text);
		if (pasting->found != 0)
			return;
	}
	if (read_quoted(pasting, text))
		return;
	if (has(text, ">: host ") || has(text, ">: connect to ") || has(text, "(in reply to ") ||
	    has(text, "This is the mail system at host")) {
		read_postfix(pasting, text);
		if (pasting->found != 0)
			return;
	}
	if (has(text, "wasn't delivered to ") || has(text, "delivering your message to ")) {
		struct slice address = address_in_words(text);

		add_line(pasting, text);
		if (address.len != 0) {
			finish_block(pasting, address);
			return;
		}
		pasting->entry.len = 0;
	}
	read_lines(pasting, text);
}

size_t
pasted_each(struct slice text, pasted_fn *each, void *context)
{
	struct pasting pasting = {.each = each, .context = context};

	pasting.sample = malloc(sizeof(*pasting.sample));
	if (pasting.sample == NULL)
		return 0;
	text = slice_first(text, PASTED_MAX);
	if (slice_find_byte(text, '\n') < 0 && !has(text, HIDDEN_ADDRESS) &&
	    !has_timestamp(slice_skip(text, 1))) {
		/* One line, as most are: nothing to undo. */
		put(&pasting.entry, slice_trim(text));
		finish_entry(&pasting);
	} else {
		tidy_all(&pasting.tidy, text);
		read_any(&pasting);
	}
	free(pasting.tidy.at);
	free(pasting.entry.at);
	free(pasting.sample);
	return pasting.found;
}
