/* Plain deliveries: recipient, route and host as nearly all lines have them, told at a glance. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/exim/plain_delivery.h"

#include "daemon/exim/delivery.h"
#include "daemon/exim/field.h"
#include "daemon/exim/recipient.h"
#include "daemon/text/lanes.h"

/* Routes are looked for by so many bytes of their text. */
enum { ROUTE_TEXT_MIN = 16 };

static inline size_t
route_set(const char *at)
{
	uint64_t words[2];

	memcpy(words, at, sizeof(words));
	return (size_t)(((words[0] ^ words[1] << 1) * 0x9e3779b97f4a7c15) >> 40) % ROUTE_SETS;
}

static bool
ends_in_colon(struct slice word)
{
	return word.len != 0 && word.at[word.len - 1] == ':';
}

/* Gets to know the route that stands at the front of what follows a recipient, if it is one that can be told at a glance. */
static void
learn(struct route_memo *memo, struct slice text)
{
	struct slice rest = text = slice_trim_front(text);
	struct known_route route = {0};
	struct slice router = field_take_word(&rest);

	rest = slice_skip(rest, 1);
	struct slice transport = field_take_word(&rest);
	size_t length = router.len + transport.len + 2;
	/* In failures a colon ends the fields; the transport of two stars is none (see delivery.c). */
	if (!slice_has_prefix(router, SLICE("R=")) || !slice_has_prefix(transport, SLICE("T=")) ||
	    ends_in_colon(router) || ends_in_colon(transport) ||
	    slice_has_prefix(transport, SLICE("T=**")) || length < ROUTE_TEXT_MIN ||
	    length > ROUTE_TEXT_MAX)
		return;
	route.lanes = UINT64_MAX >> (ROUTE_TEXT_MAX - length);
	memcpy(route.text, text.at, length - 1);
	route.text[length - 1] = ' ';
	route.length = (uint8_t)length;
	route.router_length = (uint8_t)(router.len - 2);
	route.transport_length = (uint8_t)(transport.len - 2);
	struct known_route *known = memo->known[route_set(route.text)];
	for (int way = 0; way < ROUTE_WAYS; way++) {
		if (known[way].length == 0)
			known[way] = route;
		if (memcmp(known[way].text, route.text, sizeof(route.text)) == 0)
			return;
	}
}

#if defined(__SSE2__)

enum {
	LANES = 64,
	/* Whatever is shorter, with no address behind it, could be "blackhole" or "save", which are none (see recipient.c). */
	ADDRESS_MIN = 10,
	/* What may be looked at of a host: a name of fewer than 64 bytes, and 16 behind " [". */
	IP_REACH = 16,
	HOST_REACH = LANES + 2 + IP_REACH,
};

/* The bytes that are c. */
static inline uint64_t
lanes_with(const char *at, char c)
{
	__m128i same = _mm_set1_epi8(c);

	return lanes_bits(_mm_cmpeq_epi8(lanes_at(at), same),
	    _mm_cmpeq_epi8(lanes_at(at + 16), same), _mm_cmpeq_epi8(lanes_at(at + 32), same),
	    _mm_cmpeq_epi8(lanes_at(at + 48), same));
}

static inline __m128i
is_at_most(const char *at, __m128i most)
{
	__m128i bytes = lanes_at(at);

	return _mm_cmpeq_epi8(_mm_min_epu8(bytes, most), bytes);
}

/* The bytes that are c, or stand before it in ASCII. */
static inline uint64_t
lanes_to(const char *at, char c)
{
	__m128i most = _mm_set1_epi8(c);

	return lanes_bits(is_at_most(at, most), is_at_most(at + 16, most),
	    is_at_most(at + 32, most), is_at_most(at + 48, most));
}

/* The bytes that are the same in both. */
static inline uint64_t
same_lanes(const char *a, const char *b)
{
	return lanes_bits(_mm_cmpeq_epi8(lanes_at(a), lanes_at(b)),
	    _mm_cmpeq_epi8(lanes_at(a + 16), lanes_at(b + 16)),
	    _mm_cmpeq_epi8(lanes_at(a + 32), lanes_at(b + 32)),
	    _mm_cmpeq_epi8(lanes_at(a + 48), lanes_at(b + 48)));
}

/* The bits below the lowest one of some. */
static inline uint64_t
below(uint64_t bits)
{
	return (bits - 1) & ~bits;
}

/* Letters and digits: what begins so is an address, or a local part. */
static const bool is_first_byte[256] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
};

/*
 * "<user@x.example> " behind "user@x.example " or "user ", of that length with the blank: address is then the one of which both speak; it is
 * empty where they speak of two.
 */
static inline bool
take_original(struct slice *rest, size_t taken, struct slice *original, struct slice *address)
{
	const char *final = rest->at, *at = final + taken + 1;

	/* A byte behind the bracket as well. */
	if (rest->len < taken + 1 + LANES + 1 || at[0] == '"')
		return false;
	uint64_t ends = lanes_with(at, '>'), same = below(~same_lanes(final, at));
	uint64_t signs = lanes_with(at, '@') & below(ends), sign = (uint64_t)1 << (taken - 1);
	if (ends == 0 || signs == 0)
		return false;
	size_t len = (size_t)__builtin_ctzll(ends);
	if (at[len + 1] != ' ')
		return false;
	*original = slice_of(at, len);
	/* All of the first one is the beginning of the other, which goes on with its domain or not at all. */
	*address = same >= sign - 1 && (len == taken - 1 || signs == sign) ? *original :
									     slice_of(NULL, 0);
	taken += len + 3;
	*rest = slice_of(final + taken, rest->len - taken);
	return true;
}

/* "user@x.example ", with its address in angle brackets behind it or not. */
static inline bool
take_recipient(struct slice *rest, struct slice *final, struct slice *original,
    struct slice *address)
{
	const char *at = rest->at;

	if (rest->len < LANES || !is_first_byte[(uint8_t)at[0]])
		return false;
	uint64_t blanks = lanes_with(at, ' ');
	size_t len = blanks != 0 ? (size_t)__builtin_ctzll(blanks) : 0, taken = len + 1;
	if (len == 0 || taken == LANES || at[len - 1] == ':')
		return false;
	*final = slice_of(at, len);
	if (at[taken] == '<')
		return take_original(rest, taken, original, address);
	*original = slice_of(NULL, 0);
	*address = *final;
	*rest = slice_of(at + taken, rest->len - taken);
	return len >= ADDRESS_MIN;
}

static inline bool
is_route(const char *at, const struct known_route *known)
{
	return known->length != 0 && (~same_lanes(at, known->text) & known->lanes) == 0;
}

/* "R=router T=transport"; what is left begins with the blank behind it. */
static inline const struct known_route *
take_route(const struct route_memo *memo, struct slice *rest)
{
	const char *at = rest->at;
	char padded[LANES];

	/* The end of the line is as good as the blank. */
	if (rest->len < LANES) {
		memset(padded, ' ', LANES);
		memcpy(padded, at, rest->len);
		at = padded;
	}
	const struct known_route *known = memo->known[route_set(at)];
	if (!is_route(at, known) && !is_route(at, ++known))
		return NULL;
	*rest = slice_of(rest->at + known->length - 1, rest->len - known->length + 1);
	return known;
}

/* " H=name [ip]" with a blank behind it, or a colon and a blank; a port or an asterisk is left to the careful parser, as is a helo. */
static inline bool
take_host(struct slice *rest, struct slice *name, struct slice *address)
{
	if (rest->len < 3 + HOST_REACH || rest->at[1] != 'H' || rest->at[2] != '=')
		return false;
	const char *at = rest->at + 3;
	/* Of what stands before the parenthesis in ASCII, that included, a blank must be the first, and the bracket the next. */
	uint64_t ends = lanes_to(at, '('), opening = lanes_with(at, '[');
	size_t len = ends != 0 ? (size_t)__builtin_ctzll(ends) : 0;
	if (len == 0 || at[len] != ' ' || (opening & -opening) != (ends & -ends) << 1)
		return false;
	const char *ip = at + len + 2;
	/* Digits and dots, and the slash and colon that lie between them, which the careful parser takes as well. */
	size_t end = lanes_dotted_length(ip);
	/* Sixteen where all of them fit: then no bracket stands in reach. */
	if (end == 0 || end == IP_REACH || ip[end] != ']' ||
	    !(ip[end + 1] == ' ' || (ip[end + 1] == ':' && ip[end + 2] == ' ')))
		return false;
	*name = slice_of(at, len);
	*address = slice_of(ip, end);
	size_t taken = (size_t)(ip - rest->at) + end + 1;
	*rest = slice_of(rest->at + taken, rest->len - taken);
	return true;
}

/*
 * Whether a quoted local part may stand behind what was taken, of which that is the beginning: "a b@x.example <"a b"@x.example>" is how
 * Exim logs it (see recipient.c). It is longer than all that stands before it, and so begins in the first half of the text; what was taken
 * has no such bracket.
 */
static inline bool
may_be_unquoted(struct slice text, struct slice rest)
{
	size_t half = text.len / 2 + 2, taken = text.len - rest.len;

	return taken < half && slice_find(slice_first(rest, half - taken), SLICE("<\"")) >= 0;
}

/*
 * Takes "FINAL R=router T=transport" or "FINAL <ORIGINAL> R=router T=transport" off the front of *text where the route is known, and
 * " H=name [ip]" behind it where that is as plain; out is then as the careful parsers would have left it there, but for message and what
 * follows it, which are left alone. False where only these can tell.
 */
static inline bool
take_plain(const struct route_memo *memo, struct slice *text, struct delivery *out)
{
	const struct slice none = {NULL, 0};
	struct slice rest = *text, final, original, address, name = none, ip = none;

	if (!take_recipient(&rest, &final, &original, &address))
		return false;
	const char *at = rest.at;
	const struct known_route *route = take_route(memo, &rest);
	if (route == NULL)
		return false;
	take_host(&rest, &name, &ip);
	if (may_be_unquoted(*text, rest))
		return false;
	out->final = final;
	out->original = original;
	out->address = address;
	out->parents = slice_of(at, 0);
	out->sender = none;
	out->router = slice_of(at + 2, route->router_length);
	out->transport = slice_of(at + route->length - 1 - route->transport_length,
	    route->transport_length);
	out->route = route;
	out->host = (struct host){.name = name, .helo = none, .ip = ip};
	out->has_error_number = out->is_system_error = out->is_for_all = out->is_discarded =
	    out->is_error_ignored = out->is_retry_wait = false;
	out->error_number = 0;
	*text = rest;
	return true;
}

#else

static inline bool
take_plain(const struct route_memo *memo, struct slice *text, struct delivery *out)
{
	(void)memo;
	(void)text;
	(void)out;
	return false;
}

#endif

/* Whether a route ends here, with what the remote says or proves. */
static inline bool
is_end_of_route(struct slice rest)
{
	if (rest.len < 3)
		return rest.len == 0;
	/* Which of the two it is cannot be foreseen: nothing branches on it. */
	return rest.at[0] == ' ' && ((rest.at[1] == 'X') | (rest.at[1] == 'C')) &&
	    rest.at[2] == '=';
}

/* Fields of which only the careful parser can tell, behind what was plain. */
static void
take_others(struct slice text, bool is_failure, struct delivery *out)
{
	const struct slice none = {NULL, 0};

	out->message = out->return_path = out->tls = out->confirmation = out->shadow = none;
	out->size = -1;
	delivery_take_fields(slice_trim(text), is_failure, out);
}

static bool
parse_carefully(struct route_memo *memo, struct slice text, bool is_failure, struct delivery *out)
{
	if (!delivery_take_recipient(&text, is_failure, out))
		return out->is_discarded || out->is_for_all;
	learn(memo, text);
	delivery_take_fields(text, is_failure, out);
	return true;
}

bool
delivery_parse_kept(struct route_memo *memo, struct slice text, bool is_failure,
    struct delivery *out)
{
	struct slice rest = text;

	if (!take_plain(memo, &rest, out))
		return parse_carefully(memo, text, is_failure, out);
	if (is_failure || !is_end_of_route(rest))
		take_others(rest, is_failure, out);
	return true;
}
