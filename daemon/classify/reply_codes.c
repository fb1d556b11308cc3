/* The codes of a reply: at its front, or where its words announce them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/reply_codes.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* What may follow a code. */
static const bool ends_code[UINT8_MAX + 1] = {[' '] = true,
    ['-'] = true,
    [':'] = true,
    [','] = true,
    ['#'] = true,
    ['"'] = true,
    ['\\'] = true,
    ['\t'] = true,
    ['\n'] = true};

bool
reply_take_code(struct slice *rest, bool may_be_success, int *code)
{
	char first = rest->len >= 3 ? rest->at[0] : '\0';

	if (first != '4' && first != '5' && !(may_be_success && first == '2'))
		return false;
	if (!is_digit(rest->at[1]) || !is_digit(rest->at[2]) || rest->at[1] > '7')
		return false;
	if (rest->len > 3 && !ends_code[(uint8_t)rest->at[3]])
		return false;
	*code = (rest->at[0] - '0') * 100 + (rest->at[1] - '0') * 10 + (rest->at[2] - '0');
	*rest = slice_skip(*rest, 3);
	return true;
}

static bool
take_part(struct slice *rest, uint16_t *part)
{
	size_t digits = 0;
	unsigned value = 0;

	while (digits < rest->len && digits < 4 && is_digit(rest->at[digits]))
		value = value * 10 + (unsigned)(rest->at[digits++] - '0');
	*part = (uint16_t)value;
	*rest = slice_skip(*rest, digits);
	return digits != 0 && digits < 4;
}

bool
reply_take_enhanced(struct slice *rest, struct enhanced_code *out)
{
	struct slice ahead = *rest;
	struct enhanced_code code;

	slice_take_prefix(&ahead, SLICE("#"));
	if (ahead.len < 5 || (ahead.at[0] != '2' && ahead.at[0] != '4' && ahead.at[0] != '5') ||
	    ahead.at[1] != '.' || !is_digit(ahead.at[2]))
		return false;
	code.class = (uint16_t)(ahead.at[0] - '0');
	ahead = slice_skip(ahead, 2);
	if (!take_part(&ahead, &code.subject) || !slice_take_prefix(&ahead, SLICE(".")) ||
	    !take_part(&ahead, &code.detail) || code.subject > ENHANCED_SUBJECT_MAX)
		return false;
	/* 5.1.1.7 is an address, 4.2.1a a version. */
	if (ahead.len != 0 &&
	    (is_word(ahead.at[0]) ||
		(ahead.at[0] == '.' && ahead.len > 1 && is_digit(ahead.at[1]))))
		return false;
	*out = code;
	*rest = ahead;
	return true;
}

/* "(See RFC2821 4.1.3)", "RFC 5321 section 4.5.3": what follows is a section. */
static bool
announces_section(struct slice before)
{
	static const struct slice names[] = {{"rfc", 3}, {"section", 7}, {"sec.", 4}};
	size_t end = before.len;

	if (end == 0 || before.at[end - 1] != ' ')
		return false;
	for (end--; end != 0 && is_digit(before.at[end - 1]);)
		end--;
	/* "RFC 2821": a blank stands within. */
	while (end != 0 && before.at[end - 1] == ' ')
		end--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (end >= names[i].len &&
		    slice_equal_nocase(slice_of(before.at + end - names[i].len, names[i].len),
			names[i]))
			return true;
	return false;
}

/* Finds the first enhanced code that stands free in the text. */
static void
find_enhanced(struct slice text, struct reply *out)
{
	size_t i = 0;

	for (ptrdiff_t dot; (dot = slice_find_byte(slice_skip(text, i + 1), '.')) >= 0; i++) {
		i += (size_t)dot;
		struct slice rest = slice_skip(text, i);

		if (!is_digit(text.at[i]) ||
		    (i != 0 && (is_word(text.at[i - 1]) || text.at[i - 1] == '.')) ||
		    announces_section(slice_first(text, i)))
			continue;
		if (reply_take_enhanced(&rest, &out->enhanced))
			return;
	}
}

/* Words behind which a number is a code. */
static bool
announces_code(struct slice before)
{
	static const char *const words[] = {":", "said", "says", "error", "code", "reply",
	    "replied", "response", "responded", "returned", "with", "status", "<<<", "smtp;",
	    "SMTP;", "server", "SMTP", "\\n"};

	if (before.len != 0 && memchr("(\n\"'", before.at[before.len - 1], 4) != NULL)
		return true;
	before = slice_trim(before);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_has_suffix(before, slice_str(words[i])))
			return true;
	return false;
}

/* What stands between a code and the next. */
static void
skip_separators(struct slice *rest)
{
	while (rest->len != 0 &&
	    (rest->at[0] == ' ' || rest->at[0] == '-' || rest->at[0] == ':' ||
		rest->at[0] == '\t' || rest->at[0] == '\n'))
		*rest = slice_skip(*rest, 1);
}

/* The next byte that may begin a code; the text's length where there is none. */
static size_t
find_class(struct slice text, size_t from)
{
#if defined(__SSE2__)
	for (; from + 16 <= text.len; from += 16) {
		unsigned fits = slice_lanes(text.at + from, '4') | slice_lanes(text.at + from, '5');

		if (fits != 0)
			return from + (size_t)__builtin_ctz(fits);
	}
#endif
	while (from < text.len && text.at[from] != '4' && text.at[from] != '5')
		from++;
	return from;
}

/* Finds a code in a text that does not begin with one: "Remote host said: 550 ...", "rejected it: 550-5.1.1". "500 messages" is none. */
static void
find_code(struct slice text, struct reply *out)
{
	for (size_t i = 1; (i = find_class(text, i)) + 3 <= text.len; i++) {
		struct slice rest = slice_skip(text, i);
		struct enhanced_code enhanced;
		char before = text.at[i - 1];
		int code;

		if (memchr(" (\n\t\"'n;:", before, 9) == NULL ||
		    (before == 'n' && (i < 2 || text.at[i - 2] != '\\')) ||
		    /* "remote:550", "smtp;550"; "]:587" is a port. */
		    ((before == ':' || before == ';') &&
			(i < 2 || !is_word(text.at[i - 2]) || is_digit(text.at[i - 2]))) ||
		    !reply_take_code(&rest, false, &code))
			continue;
		bool is_joined = rest.len > 1 && rest.at[0] == '-';
		rest = slice_skip(rest, 1);
		if (reply_take_enhanced(&rest, &enhanced) ?
			enhanced.class == (unsigned)code / 100 :
			is_joined || announces_code(slice_first(text, i))) {
			out->code = code;
			return;
		}
	}
}

/* What other systems write around a reply before it begins. */
static void
take_quoting(struct slice *text)
{
	static const char *const quotes[] = {"smtp; ", "smtp;", "SMTP; ", "x-unix; ",
	    "Remote host said: ", "Remote-MTA said: ", "\"", "<<< "};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		slice_take_prefix(text, slice_str(quotes[i]));
}

void
reply_find_codes(struct slice text, struct reply *out)
{
	struct slice rest;

	text = slice_first(text, REPLY_LOOK_MAX);
	rest = text;
	if (rest.len != 0 && !is_digit(rest.at[0]))
		take_quoting(&rest);
	if (reply_take_code(&rest, true, &out->code)) {
		int again;

		skip_separators(&rest);
		/* Gmail tells a code twice: "550 550 5.1.1 ...". */
		if (reply_take_code(&rest, false, &again))
			skip_separators(&rest);
		if (reply_take_enhanced(&rest, &out->enhanced))
			return;
	} else {
		find_code(text, out);
	}
	find_enhanced(text, out);
}
