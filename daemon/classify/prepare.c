/* Preparing: of a failure's reply the reason, its lines joined and its letters folded. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/match.h"

#include "daemon/text/utf8.h"

/* The "550-5.7.1 " that begins a further line of a reply; 0 when there is none. */
static size_t
code_length(struct slice line)
{
	size_t len = 4;

	if (line.len < 4 || (line.at[3] != '-' && line.at[3] != ' ') || line.at[0] < '2' ||
	    line.at[0] > '5' || line.at[1] < '0' || line.at[1] > '9' || line.at[2] < '0' ||
	    line.at[2] > '9')
		return 0;
	/* An enhanced code, and no number or address: digits and two dots. */
	size_t end = len, dots = 0;
	while (
	    end < line.len && ((line.at[end] >= '0' && line.at[end] <= '9') || line.at[end] == '.'))
		dots += line.at[end++] == '.';
	if (dots == 2 && line.at[len + 1] == '.' &&
	    (end == line.len || line.at[end] == ' ' || line.at[end] == '\\'))
		len = end;
	return len;
}

static bool
begins_lines(struct slice raw)
{
	return raw.len > 4 && raw.at[3] == '-' && raw.at[0] >= '2' && raw.at[0] <= '5';
}

/* Whether there is anything to be joined, or an escape. */
static bool
has_lines(struct slice raw)
{
	return begins_lines(raw) || slice_find_byte(raw, '\\') >= 0 ||
	    slice_find_byte(raw, '\n') >= 0;
}

/*
 * Makes one line of several: "550-5.7.1 Our system\n550 5.7.1 has" reads "550-5.7.1 Our system has". People paste such replies
 * with blanks where the line ends were. Exim's octal escapes turn into the bytes that they stand for.
 */
static size_t
join_lines(struct slice raw, char *joined, size_t size)
{
	bool is_reply_of_lines = begins_lines(raw);
	struct slice code = slice_first(raw, 3);
	size_t len = 0;

	while (raw.len != 0 && len < size) {
		char c = raw.at[0];

		if (c != '\\' && c != '\n' && c != ' ') {
			joined[len++] = c;
			raw = slice_of(raw.at + 1, raw.len - 1);
			continue;
		}
		bool is_line_end = c == '\\' && raw.len > 1 && raw.at[1] == 'n';
		/* A tab where a line begins; "DOMAIN\tom" has none. */
		bool is_tab = len != 0 && joined[len - 1] == ' ' &&
		    slice_has_prefix(raw, SLICE("\\t"));

		bool is_pasted_end = c == ' ' && is_reply_of_lines &&
		    slice_has_prefix(slice_skip(raw, 1), code);

		if (is_line_end || c == '\n' || is_pasted_end) {
			raw = slice_skip(raw, is_line_end ? 2 : 1);
			raw = slice_skip(raw, code_length(raw));
			joined[len++] = ' ';
		} else if (is_tab) {
			raw = slice_skip(raw, 2);
		} else if (c == '\\' && reply_take_octal(&raw, &joined[len])) {
			len++;
		} else {
			joined[len++] = c;
			raw = slice_skip(raw, 1);
		}
	}
	return len;
}

void
prepare(const struct failure *failure, struct prepared *out)
{
	char joined[PREPARED_MAX];

	out->failure = failure;
	reply_parse(failure->message, &out->reply);
	out->host = failure->host.len != 0 ? failure->host : out->reply.host;
	struct slice raw = slice_first(out->reply.raw, PREPARED_MAX);
	/* Nothing but the time-out is left: then it is what there is to be judged. */
	if (slice_is_empty(raw) && out->reply.is_retry_timeout)
		raw = SLICE("retry timeout exceeded");
	if (has_lines(raw))
		raw = slice_of(joined, join_lines(raw, joined, sizeof(joined)));
	out->len = text_fold(raw, out->text, sizeof(out->text));
}
