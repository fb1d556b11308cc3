/* Conditions: codes, numbers and names as rules write them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/condition.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
take_code_range(struct slice text, struct number_range *out)
{
	int scale = 1;

	/* A text without one has the code 0. */
	if (slice_equal(text, SLICE("none"))) {
		*out = (struct number_range){0, 0};
		return true;
	}
	if (text.len != 3 || (text.at[0] != '2' && text.at[0] != '4' && text.at[0] != '5'))
		return false;
	*out = (struct number_range){0, 0};
	/* An x may have nothing but x behind it: what it stands for is one range. */
	for (int i = 2; i >= 0; i--, scale *= 10) {
		if (text.at[i] == 'x' && (i == 2 || text.at[i + 1] == 'x')) {
			out->last += 9 * scale;
		} else if (is_digit(text.at[i])) {
			out->first += (text.at[i] - '0') * scale;
			out->last += (text.at[i] - '0') * scale;
		} else {
			return false;
		}
	}
	return true;
}

bool
take_number_range(struct slice text, struct number_range *out)
{
	bool is_negative = slice_take_prefix(&text, SLICE("-"));
	int number = 0;

	if (text.len == 0 || text.len > 6)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]))
			return false;
		number = number * 10 + (text.at[i] - '0');
	}
	out->first = out->last = is_negative ? -number : number;
	return true;
}

bool
take_enhanced_pattern(struct slice text, struct enhanced_pattern *out)
{
	int *const parts[] = {&out->class, &out->subject, &out->detail};
	struct number_range number;

	for (int i = 0; i < 3; i++) {
		struct slice part = slice_take_until(&text, '.');

		if (slice_equal(part, SLICE("x")))
			*parts[i] = ENHANCED_ANY;
		else if (part.len != 0 && part.len <= 3 && part.at[0] != '-' &&
		    take_number_range(part, &number))
			*parts[i] = number.first;
		else
			return false;
	}
	return slice_is_empty(text);
}

bool
number_range_holds(const struct number_range *range, int number)
{
	return number >= range->first && number <= range->last;
}

bool
enhanced_pattern_holds(const struct enhanced_pattern *pattern, const struct enhanced_code *code)
{
	return code->class != 0 &&
	    (pattern->class == ENHANCED_ANY || pattern->class == code->class) &&
	    (pattern->subject == ENHANCED_ANY || pattern->subject == code->subject) &&
	    (pattern->detail == ENHANCED_ANY || pattern->detail == code->detail);
}

bool
host_has_suffix(struct slice name, struct slice suffix)
{
	if (suffix.len == name.len + 1 && suffix.at[0] == '.')
		return slice_equal_nocase(name, slice_skip(suffix, 1));
	return name.len >= suffix.len &&
	    slice_equal_nocase(slice_skip(name, name.len - suffix.len), suffix);
}

bool
domain_fits(struct slice domain, struct slice pattern)
{
	return slice_equal_nocase(domain, pattern) ||
	    (pattern.len != 0 && pattern.at[0] == '.' && host_has_suffix(domain, pattern));
}

bool
name_fits(struct slice name, struct slice pattern)
{
	if (slice_equal(pattern, name))
		return true;
	bool has_head = pattern.len != 0 && pattern.at[0] == '*';
	bool has_tail = pattern.len > 1 && pattern.at[pattern.len - 1] == '*';
	if (has_head)
		pattern = slice_skip(pattern, 1);
	if (has_tail)
		pattern.len--;
	if (has_head && has_tail)
		return slice_find(name, pattern) >= 0;
	return (has_head && slice_has_suffix(name, pattern)) ||
	    (has_tail && slice_has_prefix(name, pattern));
}
