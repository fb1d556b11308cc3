/* Message ids: base-62 digits in three groups. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/id_glance.h"

enum {
	FIRST_DIGITS = 6,
	OLD_SECOND_DIGITS = 6,
	OLD_THIRD_DIGITS = 2,
	NEW_SECOND_DIGITS = 11,
	NEW_THIRD_DIGITS = 4,
};

/* One more than the value of each digit; 0: no digit. */
static const uint8_t digit_plus_one[256] = {
    ['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16,
    ['G'] = 17,
    ['H'] = 18,
    ['I'] = 19,
    ['J'] = 20,
    ['K'] = 21,
    ['L'] = 22,
    ['M'] = 23,
    ['N'] = 24,
    ['O'] = 25,
    ['P'] = 26,
    ['Q'] = 27,
    ['R'] = 28,
    ['S'] = 29,
    ['T'] = 30,
    ['U'] = 31,
    ['V'] = 32,
    ['W'] = 33,
    ['X'] = 34,
    ['Y'] = 35,
    ['Z'] = 36,
    ['a'] = 37,
    ['b'] = 38,
    ['c'] = 39,
    ['d'] = 40,
    ['e'] = 41,
    ['f'] = 42,
    ['g'] = 43,
    ['h'] = 44,
    ['i'] = 45,
    ['j'] = 46,
    ['k'] = 47,
    ['l'] = 48,
    ['m'] = 49,
    ['n'] = 50,
    ['o'] = 51,
    ['p'] = 52,
    ['q'] = 53,
    ['r'] = 54,
    ['s'] = 55,
    ['t'] = 56,
    ['u'] = 57,
    ['v'] = 58,
    ['w'] = 59,
    ['x'] = 60,
    ['y'] = 61,
    ['z'] = 62,
};

#define BAD 0x80000000u

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The second group of the new form fills more than 64 bits. */
__extension__ typedef unsigned __int128 wide;

/* Two digits. What is no digit sets the high bit of *bad, which is looked at once for the whole id. */
static inline uint64_t
pair(const char *at, unsigned *bad)
{
	unsigned high = digit_plus_one[(uint8_t)at[0]] - 1u,
		 low = digit_plus_one[(uint8_t)at[1]] - 1u;

	*bad |= high | low;
	return high * (unsigned)ID_BASE + low;
}

static inline uint64_t
six(const char *at, unsigned *bad)
{
	return (pair(at, bad) * ID_PAIR + pair(at + 2, bad)) * ID_PAIR + pair(at + 4, bad);
}

static bool
take_old(const char *at, wide *packed)
{
	unsigned bad = 0;
	wide first = six(at, &bad), second = six(at + 7, &bad), third = pair(at + 14, &bad);

	*packed = first << 92 | second << 26 | third << 2 | ID_FORM_OLD;
	return (bad & BAD) == 0 && at[6] == '-' && at[13] == '-';
}

static bool
take_new(const char *at, wide *packed)
{
	unsigned bad = 0;
	wide first = six(at, &bad), third = pair(at + 19, &bad) * ID_PAIR + pair(at + 21, &bad);
	uint64_t ten = (six(at + 7, &bad) * ID_PAIR + pair(at + 13, &bad)) * ID_PAIR +
	    pair(at + 15, &bad);
	unsigned last = digit_plus_one[(uint8_t)at[17]] - 1u;
	wide second = (wide)ten * ID_BASE + last;

	*packed = first << 92 | second << 26 | third << 2 | ID_FORM_NEW;
	return ((bad | last) & BAD) == 0 && at[6] == '-' && at[18] == '-';
}

/* Any id, digit by digit. */
static bool
read_by_digits(const char *at, size_t length, struct message_id *out)
{
	wide packed;
	bool is_id = length == MESSAGE_ID_OLD_LENGTH ? take_old(at, &packed) :
						       take_new(at, &packed);

	*out = (struct message_id){(uint64_t)(packed >> 64), (uint64_t)packed};
	return is_id;
}

bool
message_id_read(const char *at, size_t length, struct message_id *out)
{
#if defined(__SSE2__)
	bool is_id;

	if (id_glance(at, length, &is_id, out))
		return is_id;
#endif
	return read_by_digits(at, length, out);
}

/* The length of the id that may stand at the front, by its hyphens and by what follows; 0: none does. */
static inline size_t
length_of(struct slice text)
{
	size_t length = text.len < MESSAGE_ID_OLD_LENGTH || text.at[6] != '-' ? 0 :
	    text.at[13] == '-'                                      ? MESSAGE_ID_OLD_LENGTH :
	    text.len >= MESSAGE_ID_NEW_LENGTH && text.at[18] == '-' ? MESSAGE_ID_NEW_LENGTH :
								      0;

	if (text.len > length &&
	    (digit_plus_one[(uint8_t)text.at[length]] != 0 || text.at[length] == '-'))
		return 0;
	return length;
}

bool
message_id_take(struct slice *rest, struct message_id *out)
{
	size_t length = length_of(*rest);
	struct message_id id;

	if (length == 0 || !message_id_read(rest->at, length, &id))
		return false;
	*out = id;
	*rest = slice_skip(*rest, length);
	return true;
}

bool
message_id_parse(struct slice text, struct message_id *out)
{
	return (text.len == MESSAGE_ID_OLD_LENGTH || text.len == MESSAGE_ID_NEW_LENGTH) &&
	    message_id_read(text.at, text.len, out);
}

static void
put_number(wide value, int count, char *to)
{
	while (value > UINT64_MAX && count > 0) {
		to[--count] = digits[(unsigned)(value % ID_BASE)];
		value /= ID_BASE;
	}
	/* Nearly always all of it: a processor divides these many times faster, and the ends, which are zeros in what Exim writes today, need none. */
	uint64_t rest = (uint64_t)value;
	for (; count > 0 && rest != 0; rest /= ID_BASE)
		to[--count] = digits[rest % ID_BASE];
	memset(to, digits[0], (size_t)count);
}

size_t
message_id_format(struct message_id id, char text[MESSAGE_ID_TEXT_SIZE])
{
	bool is_old = (id.low & 3) == ID_FORM_OLD;
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
