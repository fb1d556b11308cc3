/* Patterns: what PCRE2 can do in exponential or quadratic time is refused before it is compiled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/pattern.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 30, BOUND_MAX = 200, WIDE_MAX = 1 };

/* What a group that is still open holds. */
struct group {
	bool has_repeat;      /* something in it may occur any number of times */
	bool has_alternative; /* several ways through it may fit the same text */
};

struct scan {
	const char *at;
	struct group groups[DEPTH_MAX + 1];
	unsigned depth;
	unsigned wide; /* unbounded repetitions of what most characters are */
};

/* A repetition behind an atom. */
struct repeat {
	bool is_there;
	bool is_unbounded; /* or so many times that it makes no difference */
};

static struct repeat
take_repeat(struct scan *scan)
{
	struct repeat repeat = {0};
	unsigned most = 0, chars = 0;

	switch (scan->at[0]) {
	case '*':
	case '+':
		scan->at++;
		repeat = (struct repeat){true, true};
		break;
	case '?':
		scan->at++;
		repeat.is_there = true;
		break;
	case '{':
		/* {n}, {n,} or {n,m}; anything else is a brace. */
		chars = (unsigned)strspn(scan->at + 1, "0123456789,");
		if (chars == 0 || scan->at[1] == ',' || scan->at[1 + chars] != '}')
			return repeat;
		const char *comma = memchr(scan->at, ',', chars + 1);
		repeat.is_there = true;
		if (comma != NULL && comma[1] == '}')
			repeat.is_unbounded = true;
		else if (sscanf(comma != NULL ? comma + 1 : scan->at + 1, "%9u", &most) == 1)
			repeat.is_unbounded = most > BOUND_MAX;
		scan->at += chars + 2;
		break;
	default:
		return repeat;
	}
	/* Lazy or possessive. */
	if (scan->at[0] == '?' || scan->at[0] == '+')
		scan->at++;
	return repeat;
}

/* Passes over "[...]". False when it does not end. */
static bool
skip_set(struct scan *scan)
{
	scan->at++;
	if (scan->at[0] == '^')
		scan->at++;
	if (scan->at[0] == ']')
		scan->at++;
	while (scan->at[0] != '\0' && scan->at[0] != ']') {
		if (scan->at[0] == '\\' && scan->at[1] != '\0')
			scan->at++;
		if (scan->at[0] == '[' && scan->at[1] == ':') {
			const char *end = strstr(scan->at, ":]");

			scan->at = end != NULL ? end + 1 : scan->at;
		}
		scan->at++;
	}
	if (scan->at[0] == '\0')
		return false;
	scan->at++;
	return true;
}

/* "(", "(?:", "(?=", "(?!", "(?<=", "(?<!"; the rest of PCRE2's groups is nothing that a rule needs. */
static bool
open_group(struct scan *scan)
{
	static const char *const kinds[] = {"?:", "?=", "?!", "?<=", "?<!"};

	scan->at++;
	if (scan->depth == DEPTH_MAX || scan->at[0] == '*')
		return false;
	if (scan->at[0] == '?') {
		size_t i = 0;

		while (i < 5 && strncmp(scan->at, kinds[i], strlen(kinds[i])) != 0)
			i++;
		if (i == 5)
			return false;
		scan->at += strlen(kinds[i]);
	}
	scan->groups[++scan->depth] = (struct group){0};
	return true;
}

static const char *
close_group(struct scan *scan)
{
	struct group inner = scan->groups[scan->depth];

	if (scan->depth == 0)
		return "a ) has no (";
	scan->at++;
	scan->depth--;
	struct repeat repeat = take_repeat(scan);
	if (repeat.is_unbounded && (inner.has_repeat || inner.has_alternative))
		return "a repeated group must hold neither repetitions nor alternatives";
	if (repeat.is_there && scan->at[-1] == '}' && inner.has_repeat)
		return "a repeated group must hold neither repetitions nor alternatives";
	scan->groups[scan->depth].has_repeat |= inner.has_repeat || repeat.is_unbounded;
	return NULL;
}

static const char *
take_escape(struct scan *scan)
{
	char letter = scan->at[1];

	if (letter == '\0')
		return "it ends in a backslash";
	/* Back references, subroutine calls, quoting and single code units. */
	if ((letter >= '1' && letter <= '9') || strchr("gkQECKXR", letter) != NULL)
		return "back references, \\Q, \\K, \\C, \\R and \\X are not for rules";
	scan->at += 2;
	return NULL;
}

/* What fits nearly any character: two of them repeated without a bound share a text in as many ways as it is long. */
static bool
is_wide_atom(const char *at)
{
	return at[0] == '.' || (at[0] == '\\' && at[1] != '\0' && strchr("SWDNV", at[1]) != NULL) ||
	    (at[0] == '[' && at[1] == '^');
}

const char *
pattern_danger(const char *pattern)
{
	struct scan scan = {.at = pattern};

	if (strlen(pattern) > PATTERN_MAX)
		return "it is longer than 2000 characters";
	while (scan.at[0] != '\0') {
		const char *danger = NULL;
		bool is_wide = is_wide_atom(scan.at);

		switch (scan.at[0]) {
		case '(':
			if (!open_group(&scan))
				return "of groups, ( (?: (?= (?! (?<= (?<! are for rules, 30 deep at most";
			continue;
		case ')':
			if ((danger = close_group(&scan)) != NULL)
				return danger;
			continue;
		case '|':
			scan.groups[scan.depth].has_alternative = true;
			scan.at++;
			continue;
		case '\\':
			if ((danger = take_escape(&scan)) != NULL)
				return danger;
			break;
		case '[':
			if (!skip_set(&scan))
				return "a [ has no ]";
			break;
		default:
			scan.at++;
			break;
		}
		struct repeat repeat = take_repeat(&scan);
		if (!repeat.is_unbounded)
			continue;
		scan.groups[scan.depth].has_repeat = true;
		if (is_wide && ++scan.wide > WIDE_MAX)
			return "there may be one .*, \\S+ or the like at most; say how many, as in \\S{1,63}";
	}
	return scan.depth != 0 ? "a ( has no )" : NULL;
}

bool
pattern_compile(struct pattern *pattern, const char *text, char *reason, size_t size)
{
	const char *danger = pattern_danger(text);
	PCRE2_UCHAR words[128];
	PCRE2_SIZE offset;
	int code;

	if (danger != NULL) {
		snprintf(reason, size, "%s", danger);
		return false;
	}
	*pattern = (struct pattern){
	    .code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
		PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL)};
	if (pattern->code == NULL) {
		pcre2_get_error_message(code, words, sizeof(words));
		snprintf(reason, size, "%s, at its character %zu", (const char *)words,
		    (size_t)offset + 1);
	}
	return pattern->code != NULL;
}

void
pattern_clear(struct pattern *pattern)
{
	pcre2_code_free(pattern->code);
	*pattern = (struct pattern){0};
}

bool
pattern_fits(struct pattern *pattern, const char *text, size_t len, pcre2_match_data *match_data,
    pcre2_match_context *context)
{
	/* Where memory may not be writable and executable, the interpreter goes on. */
	if (pattern->tries < PATTERN_TRIES && ++pattern->tries == PATTERN_TRIES)
		pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
	return pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, match_data, context) >= 0;
}
