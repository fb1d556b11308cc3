/* Marks, looked through: which messages may be those sought, many at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "daemon/index/segment.h"

enum {
	LANES = 16,
	GROUPS = MARKS_TOGETHER / LANES, /* of lanes */
};

/* What is looked for, in the terms of the marks. */
struct wanted {
	bool is_any, is_either;
	uint8_t domain, more, begins;
};

static struct wanted
wanted_of(const struct sought_name *sought)
{
	return (struct wanted){
	    .is_any = sought->is_any,
	    .is_either = sought->is_either,
	    .domain = sought->domain != 0 ? mark_of_hash(sought->domain) : MARK_UNSET,
	    .more = sought->domain != 0 ? mark_of_more(sought->domain) : MARK_UNSET,
	    .begins = sought->begins,
	};
}

/* Several marks at once: the compiler makes of these what the machine has. */
typedef uint8_t lanes __attribute__((vector_size(LANES)));

/* Which of the marks from that one on are what is wanted: all bits of a lane, or none. */
static inline lanes
is_wanted(const struct marks *marks, enum mark_kind kind, uint32_t first, uint8_t wanted)
{
	lanes some;

	memcpy(&some, &marks->of[kind][first], sizeof(some));
	return wanted == MARK_UNSET ? ~(lanes){0} :
				      (lanes)((some == wanted) | (some == MARK_SEVERAL));
}

/* The same for a domain: the second bytes of the hashes stand behind the first. */
static inline lanes
is_domain(const struct marks *marks, enum mark_kind kind, uint32_t first,
    const struct wanted *wanted)
{
	return is_wanted(marks, kind, first, wanted->domain) &
	    is_wanted(marks, kind + 1, first, wanted->more);
}

/* A side of the messages: where the domains and the beginnings stand. */
static inline lanes
fits(const struct marks *marks, uint32_t first, const struct wanted *wanted, enum mark_kind domains,
    enum mark_kind beginnings)
{
	if (wanted->is_any)
		return ~(lanes){0};
	lanes is_there = is_domain(marks, domains, first, wanted);
	lanes is_beginning = is_wanted(marks, beginnings, first, wanted->begins);
	return wanted->is_either ? is_there | is_beginning : is_there & is_beginning;
}

/* What is wanted of all sides. */
struct all_wanted {
	struct wanted to, from;
	bool is_either;
};

static inline lanes
which(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	lanes is_to = fits(marks, first, &all->to, MARK_TO, MARK_TO_BEGINS);
	lanes is_from = fits(marks, first, &all->from, MARK_FROM, MARK_FROM_BEGINS);

	if (!all->is_either)
		return is_to & is_from;
	return is_to | is_from | fits(marks, first, &all->from, MARK_ORIGIN, MARK_FROM_BEGINS);
}

/* A bit for each lane. */
static inline unsigned
bits_of(lanes flags)
{
#if defined(__SSE2__)
	return (unsigned)_mm_movemask_epi8((__m128i)flags);
#else
	unsigned bits = 0;

	for (unsigned i = 0; i < LANES; i++)
		bits |= (unsigned)(flags[i] & 1) << i;
	return bits;
#endif
}

/* Which of the marks from that one on are wanted. */
typedef lanes which_fn(const struct marks *marks, uint32_t first, const struct all_wanted *all);

/* Nothing but the recipients' domain is wanted, or but the sender: what is asked most. */
static inline lanes
which_to_domain(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return is_domain(marks, MARK_TO, first, &all->to);
}

static inline lanes
which_from(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return is_domain(marks, MARK_FROM, first, &all->from) &
	    is_wanted(marks, MARK_FROM_BEGINS, first, all->from.begins);
}

static inline __attribute__((always_inline)) unsigned
list_where(const struct marks *marks, uint32_t *left, const struct all_wanted *all,
    which_fn *is_one, uint32_t *list, unsigned most)
{
	unsigned count = 0;

	while (*left != 0) {
		uint32_t first = (*left - 1) / MARKS_TOGETHER * MARKS_TOGETHER;
		uint64_t found = 0;

#pragma GCC unroll 4
		for (unsigned group = 0; group < GROUPS; group++)
			found |= (uint64_t)bits_of(is_one(marks, first + group * LANES, all))
			    << group * LANES;
		found &= UINT64_MAX >> (first + MARKS_TOGETHER - *left);
		for (; found != 0 && count < most; count++) {
			uint32_t last = 63 - (uint32_t)__builtin_clzll(found);

			found ^= (uint64_t)1 << last;
			list[count] = first + last;
		}
		if (count == most) {
			*left = list[count - 1];
			break;
		}
		*left = first;
	}
	return count;
}

unsigned
marks_list(const struct marks *marks, uint32_t *left, const struct sought *sought, uint32_t *list,
    unsigned most)
{
	const struct sought_name *to = &sought->to, *from = &sought->from;
	bool is_one_side = !sought->is_either && to->is_any != from->is_any;
	struct all_wanted all = {wanted_of(to), wanted_of(from), sought->is_either};

	if (is_one_side && from->is_any && !to->is_either && to->domain != 0 &&
	    to->begins == MARK_UNSET)
		return list_where(marks, left, &all, which_to_domain, list, most);
	if (is_one_side && to->is_any && !from->is_either)
		return list_where(marks, left, &all, which_from, list, most);
	return list_where(marks, left, &all, which, list, most);
}

uint32_t
marks_next(const struct marks *marks, uint32_t left, const struct sought *sought)
{
	uint32_t found;

	return marks_list(marks, &left, sought, &found, 1) != 0 ? found + 1 : 0;
}

static inline lanes
which_host(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return is_wanted(marks, MARK_HOST, first, all->to.domain) |
	    is_wanted(marks, MARK_IP, first, all->to.domain);
}

uint32_t
marks_next_host(const struct marks *marks, uint32_t left, uint64_t host)
{
	const struct all_wanted all = {.to = {.domain = mark_of_hash(host)}};
	uint32_t found;

	return list_where(marks, &left, &all, which_host, &found, 1) != 0 ? found + 1 : 0;
}

bool
marks_may_be_to(const struct marks *marks, uint32_t message, uint64_t domain)
{
	uint8_t is = marks->of[MARK_TO][message], more = marks->of[MARK_TO_MORE][message];

	return is == MARK_SEVERAL || more == MARK_SEVERAL ||
	    (is == mark_of_hash(domain) && more == mark_of_more(domain));
}

/* A second in the terms of the marks, or the nearest one that has some. */
static uint16_t
taken_at(const struct segment *segment, int64_t second)
{
	second += TAKEN_FIRST - segment->first;
	return second < TAKEN_FIRST ? TAKEN_FIRST :
	    second > UINT16_MAX     ? UINT16_MAX :
				      (uint16_t)second;
}

struct taken_span
marks_taken_span(const struct segment *segment, int64_t from, int64_t to)
{
	return (struct taken_span){taken_at(segment, from), taken_at(segment, to)};
}

uint32_t
marks_next_taken(const struct marks *marks, uint32_t left, struct taken_span span)
{
	typedef uint16_t moments __attribute__((vector_size(LANES)));
	enum { MOMENTS = LANES / sizeof(uint16_t) };

	while (left != 0) {
		uint16_t taken = marks->taken[left - 1];

		if (left % MOMENTS == 0) {
			moments some;

			memcpy(&some, &marks->taken[left - MOMENTS], sizeof(some));
			if (bits_of((lanes)((some == TAKEN_UNKNOWN) |
				((some >= span.from) & (some <= span.to)))) == 0) {
				left -= MOMENTS;
				continue;
			}
		}
		if (taken == TAKEN_UNKNOWN || (taken >= span.from && taken <= span.to))
			return left;
		left--;
	}
	return 0;
}
