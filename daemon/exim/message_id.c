/* Message ids: base-62 digits in three groups. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/message_id.h"

enum {
	FIRST_DIGITS = 6,
	OLD_SECOND_DIGITS = 6,
	OLD_THIRD_DIGITS = 2,
	NEW_SECOND_DIGITS = 11,
	NEW_THIRD_DIGITS = 4,
	BASE = 62,
	NARROW_DIGITS = 10, /* as many fit into 64 bits */
	FORM_OLD = 1, /* in the lowest two bits; 0 is kept for no id */
	FORM_NEW = 2,
};

/* One more than the value of each digit; 0: no digit. */
static const uint8_t digit_plus_one[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['I'] = 19,
    ['J'] = 20, ['K'] = 21, ['L'] = 22, ['M'] = 23, ['N'] = 24, ['O'] = 25, ['P'] = 26, ['Q'] = 27, ['R'] = 28,
    ['S'] = 29, ['T'] = 30, ['U'] = 31, ['V'] = 32, ['W'] = 33, ['X'] = 34, ['Y'] = 35, ['Z'] = 36,
    ['a'] = 37, ['b'] = 38, ['c'] = 39, ['d'] = 40, ['e'] = 41, ['f'] = 42, ['g'] = 43, ['h'] = 44, ['i'] = 45,
    ['j'] = 46, ['k'] = 47, ['l'] = 48, ['m'] = 49, ['n'] = 50, ['o'] = 51, ['p'] = 52, ['q'] = 53, ['r'] = 54,
    ['s'] = 55, ['t'] = 56, ['u'] = 57, ['v'] = 58, ['w'] = 59, ['x'] = 60, ['y'] = 61, ['z'] = 62,
};

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The value of the first count digits; the digits of the second group of the new form fill more than 64 bits, so a wide result. */
__extension__ typedef unsigned __int128 wide;

static bool
take_number(const char *at, int count, wide *value)
{
	uint64_t number = 0;
	int narrow = count < NARROW_DIGITS ? count : NARROW_DIGITS;

	for (int i = 0; i < narrow; i++) {
		unsigned digit = digit_plus_one[(uint8_t)at[i]];

		if (digit == 0)
			return false;
		number = number * BASE + (digit - 1);
	}
	*value = number;
	for (int i = narrow; i < count; i++) {
		unsigned digit = digit_plus_one[(uint8_t)at[i]];

		if (digit == 0)
			return false;
		*value = *value * BASE + (digit - 1);
	}
	return true;
}

static bool
take_form(struct slice text, int second_digits, int third_digits, int form, wide *packed)
{
	wide first, second, third;

	if (!take_number(text.at, FIRST_DIGITS, &first) ||
	    !take_number(text.at + FIRST_DIGITS + 1, second_digits, &second) ||
	    !take_number(text.at + FIRST_DIGITS + 1 + second_digits + 1, third_digits, &third))
		return false;
	*packed = first << 92 | second << 26 | third << 2 | (unsigned)form;
	return true;
}

bool
message_id_take(struct slice *rest, struct message_id *out)
{
	bool is_old = rest->len >= MESSAGE_ID_OLD_LENGTH && rest->at[6] == '-' && rest->at[13] == '-';
	bool is_new = rest->len >= MESSAGE_ID_NEW_LENGTH && rest->at[6] == '-' && rest->at[18] == '-';
	size_t length = is_old ? MESSAGE_ID_OLD_LENGTH : MESSAGE_ID_NEW_LENGTH;
	wide packed;

	if (!is_old && !is_new)
		return false;
	if (rest->len > length && (digit_plus_one[(uint8_t)rest->at[length]] != 0 || rest->at[length] == '-'))
		return false;
	if (is_old ? !take_form(*rest, OLD_SECOND_DIGITS, OLD_THIRD_DIGITS, FORM_OLD, &packed) :
		     !take_form(*rest, NEW_SECOND_DIGITS, NEW_THIRD_DIGITS, FORM_NEW, &packed))
		return false;
	*out = (struct message_id){(uint64_t)(packed >> 64), (uint64_t)packed};
	*rest = slice_skip(*rest, length);
	return true;
}

bool
message_id_parse(struct slice text, struct message_id *out)
{
	return message_id_take(&text, out) && slice_is_empty(text);
}

static void
put_number(wide value, int count, char *to)
{
	while (count-- > 0) {
		to[count] = digits[(unsigned)(value % BASE)];
		value /= BASE;
	}
}

size_t
message_id_format(struct message_id id, char text[MESSAGE_ID_TEXT_SIZE])
{
	bool is_old = (id.low & 3) == FORM_OLD;
	int second = is_old ? OLD_SECOND_DIGITS : NEW_SECOND_DIGITS;
	int third = is_old ? OLD_THIRD_DIGITS : NEW_THIRD_DIGITS;
	wide packed = (wide)id.high << 64 | id.low;

	put_number(packed >> 92, FIRST_DIGITS, text);
	text[FIRST_DIGITS] = '-';
	put_number(packed >> 26 & (((wide)1 << 66) - 1), second, text + FIRST_DIGITS + 1);
	text[FIRST_DIGITS + 1 + second] = '-';
	put_number(packed >> 2 & 0xffffff, third, text + FIRST_DIGITS + second + 2);
	text[FIRST_DIGITS + second + third + 2] = '\0';
	return (size_t)(FIRST_DIGITS + second + third + 2);
}

int64_t
message_id_second(struct message_id id)
{
	return (int64_t)(id.high >> 28);
}
