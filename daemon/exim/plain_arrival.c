/* Plain arrivals: what nearly every "<=" line looks like, told at a glance by sixty-four bytes at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/arrival.h"
#include "daemon/text/lanes.h"

#if defined(__SSE2__)

enum {
	WIDE = 64,  /* bytes that are looked at together */
	BEFORE = 4, /* bytes that may be read before what was found from behind */
	AHEAD = 20, /* bytes that may be read behind a blank that was found */
};

/* Where sixty-four bytes may end first and begin last. */
struct reach {
	const char *first_end, *last_begin;
};

/* Sixty-four bytes as bits: lanes says of sixteen of them which are meant. */
static inline __attribute__((always_inline)) uint64_t
wide(const char *at, __m128i (*lanes)(const char *))
{
	return lanes_bits(lanes(at), lanes(at + 16), lanes(at + 32), lanes(at + 48));
}

static inline __m128i
are(__m128i bytes, char c)
{
	return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static inline __m128i
are_blank(const char *at)
{
	return are(lanes_at(at), ' ');
}

static inline __m128i
are_quote(const char *at)
{
	return are(lanes_at(at), '"');
}

static inline __m128i
are_quote_or_equals(const char *at)
{
	return _mm_or_si128(are_quote(at), are(lanes_at(at), '='));
}

/* All but blanks and quotes, and some that stand in few words: '!', what is no ASCII, what cannot be printed. */
static inline __m128i
are_in_word(const char *at)
{
	return _mm_cmpgt_epi8(lanes_at(at), _mm_set1_epi8('"'));
}

/* The same without the equals sign. */
static inline __m128i
are_in_address(const char *at)
{
	return _mm_andnot_si128(are(lanes_at(at), '='), are_in_word(at));
}

/* A host's name ends at a blank, or where its helo or its address begins; some others are left out that stand in none. */
static inline __m128i
are_in_name(const char *at)
{
	return _mm_andnot_si128(are(lanes_at(at), '['),
	    _mm_cmpgt_epi8(lanes_at(at), _mm_set1_epi8('(')));
}

/*
 * All but the quotes, and the blanks before what does not begin with B to Z: A=, id=, for, from, "(helo)", "[address]", a second blank, a tab.
 * Some others are left out that stand in few fields, as what is no ASCII.
 */
static inline __m128i
are_harmless(const char *at)
{
	/* With bit 1 turned a quote is 0x20 and a blank 0x22; before B to Z one more. */
	__m128i turned = _mm_xor_si128(lanes_at(at), _mm_set1_epi8(2));
	__m128i is_next_b_to_z = _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 'Z' - 'B' + 1),
	    _mm_add_epi8(lanes_at(at + 1), _mm_set1_epi8(128 - 'B')));

	return _mm_cmpgt_epi8(_mm_sub_epi8(turned, is_next_b_to_z), _mm_set1_epi8(0x22));
}

static inline const char *
at_first(const char *at, uint64_t bits)
{
	return at + (unsigned)__builtin_ctzll(bits);
}

static inline const char *
at_last(const char *at, uint64_t bits)
{
	return at + (63 - (unsigned)__builtin_clzll(bits));
}

/* The first blank, or NULL where none is in reach. */
static inline const char *
find_blank(const char *at, struct reach reach)
{
	for (; at <= reach.last_begin; at += WIDE) {
		uint64_t found = wide(at, are_blank);

		if (found != 0)
			return at_first(at, found);
	}
	return NULL;
}

static inline const char *
find_end_of_name(const char *at, struct reach reach)
{
	for (; at <= reach.last_begin; at += WIDE) {
		uint64_t found = ~wide(at, are_in_name);

		if (found != 0)
			return at_first(at, found);
	}
	return NULL;
}

/* The last byte before end that lanes means, or does not mean, NULL where none is in reach. */
static inline __attribute__((always_inline)) const char *
find_last(const char *end, struct reach reach, __m128i (*lanes)(const char *))
{
	for (; end >= reach.first_end; end -= WIDE) {
		uint64_t found = wide(end - WIDE, lanes);

		if (found != 0)
			return at_last(end - WIDE, found);
	}
	return NULL;
}

static inline __attribute__((always_inline)) const char *
find_last_not(const char *end, struct reach reach, __m128i (*lanes)(const char *))
{
	for (; end >= reach.first_end; end -= WIDE) {
		uint64_t found = ~wide(end - WIDE, lanes);

		if (found != 0)
			return at_last(end - WIDE, found);
	}
	return NULL;
}

/* Where T="..." begins whose closing quote is the one before its end; NULL where another quote could be the one that opens it. */
static inline const char *
find_subject(const char *end, struct reach reach)
{
	const char *quote = end - 1, *begin = reach.first_end - WIDE;

	if (quote[-1] == '\\')
		return NULL;
	/* The quotes within have one backslash before them. */
	do {
		const char *last = find_last(quote, reach, are_quote);

		/* A line may be too short for such a look. */
		if (last == NULL && quote > begin)
			last = memrchr(begin, '"', (size_t)(quote - begin));
		if (last == NULL)
			return NULL;
		quote = last;
	} while (quote[-1] == '\\' && quote[-2] != '\\');
	return memcmp(quote - 3, " T=", 3) == 0 ? quote - 3 : NULL;
}

/* Takes "for ADDRESSES". Gives where what stands before it ends, NULL where it cannot be told. */
static inline const char *
take_recipients(const char *end, struct reach reach, struct arrival *out)
{
	const char *last = find_last_not(end, reach, are_in_address);

	if (last == NULL)
		return NULL;
	if (last + 1 < end && memcmp(last - 4, " for ", 5) == 0) {
		out->has_one_recipient = true;
		out->recipients = slice_of(last + 1, (size_t)(end - last) - 1);
		return last - 4;
	}
	out->has_one_recipient = false;
	if (*last == ' ') {
		last = find_last(last, reach, are_quote_or_equals);
		if (last == NULL || end - last < 6 || memcmp(last, "\" for ", 6) != 0)
			return NULL;
		out->recipients = slice_of(last + 6, (size_t)(end - last) - 6);
		return last + 1;
	}
	out->recipients = slice_of(NULL, 0);
	/* An id= without a subject, which is read up to its fourth byte, or nothing behind the subject. */
	if (*last == '=')
		return end - last > 4 ? end : NULL;
	return *last == '"' && last + 1 == end ? end : NULL;
}

/* Takes what stands behind the fields: T="..." and "for ADDRESSES". Gives where the fields end, NULL where it cannot be told. */
static inline const char *
take_tail(const char *end, struct reach reach, bool *has_subject, struct arrival *out)
{
	const char *tail = take_recipients(end, reach, out);

	if (tail == NULL)
		return NULL;
	*has_subject = tail[-1] == '"';
	return *has_subject ? find_subject(tail, reach) : tail;
}

/* Takes the address that ends before a bracket. Gives where it ends, or NULL. */
static inline const char *
take_address(const char *at, const char *end, struct slice *out)
{
	/* Mostly digits and dots; what lies between these, slash and colon, are bytes of an address as well. */
	size_t length = lanes_dotted_length(at);

	if (at[length] != ']')
		length = host_address_length(slice_of(at, (size_t)(end - at)));
	if (length == 0 || at + length == end || at[length] != ']')
		return NULL;
	*out = slice_of(at, length);
	return at + length;
}

/* Takes "name (helo) [address]" of words that hold no blank. Gives where the address ends, or NULL. */
static inline const char *
take_host(const char *at, const char *end, struct reach reach, struct host *out)
{
	const char *name = at;

	if (*at != '(' && *at != '[') {
		at = find_end_of_name(at, reach);
		if (at == NULL || *at != ' ' || at == name)
			return NULL;
		out->name = slice_of(name, (size_t)(at - name));
		at++;
	} else {
		out->name = slice_of(name, 0);
	}
	if (*at == '(') {
		at = find_blank(at, reach);
		if (at == NULL || at[-1] != ')')
			return NULL;
		at++;
	}
	return *at == '[' ? take_address(at + 1, end, &out->ip) : NULL;
}

/* The word that begins here; end is where it must end. */
static inline struct slice
word_at(const char *at, const char *end, struct reach reach)
{
	const char *blank = find_blank(at, reach);

	/* Near the end of a line there may be too few bytes for such a look. */
	if (blank == NULL)
		blank = memchr(at, ' ', (size_t)(end - at));
	return slice_of(at, (size_t)((blank != NULL ? blank : end) - at));
}

/* Finds A= among the fields between the host and id=, where nothing else could mislead. */
static inline bool
take_auth(const char *fields, const char *fields_end, struct reach reach, struct slice *out)
{
	struct slice auth = {NULL, 0};

	for (const char *end = fields_end; fields < end; end -= WIDE) {
		if (end < reach.first_end)
			return false;
		const char *at = end - WIDE;
		uint64_t found = ~wide(at, are_harmless);

		if (at < fields)
			found &= UINT64_MAX << (fields - at);
		if (found == 0)
			continue;
		at = at_first(at, found);
		if ((found & (found - 1)) != 0 || auth.at != NULL || memcmp(at, " A=", 3) != 0)
			return false;
		auth = word_at(at + 3, fields_end, reach);
	}
	*out = auth;
	return true;
}

/* The blank before id= or id*=, or where the fields end without it. */
static inline const char *
find_header_id(const char *end, struct reach reach)
{
	const char *blank = find_last_not(end, reach, are_in_word);

	return blank != NULL && memcmp(blank, " id", 3) == 0 &&
		(blank[3] == '=' || (blank[3] == '*' && blank[4] == '=')) ?
	    blank :
	    end;
}

/* Takes R=ID, which makes this a bounce, and U=USER. */
static bool
take_local(const char *blank, const char *end, struct reach reach, struct arrival *out)
{
	if (blank[1] == 'R' && blank[2] == '=') {
		struct slice ahead = slice_of(blank + 3, (size_t)(end - blank) - 3);

		if (!message_id_take(&ahead, &out->bounce_of) || ahead.len < AHEAD)
			return false;
		blank = ahead.at;
	}
	if (memcmp(blank, " U=", 3) != 0)
		return false;
	out->user = word_at(blank + 3, end, reach);
	out->auth = out->host.name = out->host.ip = slice_of(NULL, 0);
	/* A tab at its end could be what is left of a field. */
	return out->user.len == 0 || out->user.at[out->user.len - 1] != '\t';
}

bool
arrival_parse_plain(struct slice text, struct arrival *out)
{
	const char *end = text.at + text.len;
	bool has_subject;

	if (text.len < WIDE + BEFORE || text.at[0] == '"')
		return false;
	struct reach reach = {text.at + BEFORE + WIDE, end - WIDE};
	const char *blank = find_blank(text.at, reach);
	if (blank == NULL || blank == text.at || end - blank < AHEAD)
		return false;
	out->sender = slice_of(text.at, (size_t)(blank - text.at));
	out->is_bounce = out->sender.len == 2 && text.at[0] == '<' && text.at[1] == '>';
	if (out->is_bounce)
		out->sender.len = 0;
	const char *fields_end = take_tail(end, reach, &has_subject, out);
	if (fields_end == NULL)
		return false;
	out->bounce_of = (struct message_id){0};
	if (memcmp(blank, " H=", 3) != 0) {
		/* Without a subject there could be another: nothing looks for its quotes. */
		return has_subject && blank < fields_end &&
		    take_local(blank, fields_end, reach, out);
	}
	out->user = slice_of(NULL, 0);
	reach.last_begin -= AHEAD;
	const char *fields = take_host(blank + 3, end, reach, &out->host);
	if (fields == NULL)
		return false;
	const char *id = find_header_id(fields_end, reach);
	return id > fields && id != end && take_auth(fields, id, reach, &out->auth);
}

#else

bool
arrival_parse_plain(struct slice text, struct arrival *out)
{
	(void)text;
	(void)out;
	return false;
}

#endif
