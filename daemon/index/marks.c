/* Marks: a byte for what the names of every message have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/marks.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/index/store.h"

enum {
	LANES = 16,        /* marks that are compared at once */
	FIRST_SIZE = 64,   /* a multiple of these */
	BEGINNING_LEN = 2, /* bytes of a name */
	AHEAD = 8, /* messages between one that is marked and those that are fetched for it */
};

/* A hash in one byte. */
static uint8_t
mark_of_hash(uint64_t hash)
{
	return (uint8_t)(MARK_FIRST + (hash >> 32) % (UINT8_MAX + 1 - MARK_FIRST));
}

uint64_t
mark_hash_domain(const struct hash_key *key, struct slice domain)
{
	return hash_nocase(key, domain) | 1;
}

/* Without a secret: names that begin alike are many anyhow. */
static uint8_t
hash_beginning(struct slice name)
{
	uint64_t value = 0;

	for (size_t i = 0; i < BEGINNING_LEN && i < name.len; i++)
		value = value << 8 | (uint8_t)name.at[i] | 0x20U;
	return mark_of_hash(value * 0x9e3779b97f4a7c15);
}

uint8_t
mark_of_beginning(struct slice beginning)
{
	return beginning.len < BEGINNING_LEN ? MARK_UNSET : hash_beginning(beginning);
}

bool
mark_is_unmarked(struct slice name)
{
	return name.len != 0 && slice_find_byte(SLICE("/|:>"), name.at[0]) >= 0;
}

/* What names have in common. */
struct side {
	uint8_t domain, begins;
};

static uint8_t
join(uint8_t mark, uint8_t other)
{
	return mark == MARK_NOBODY || mark == other ? other : MARK_SEVERAL;
}

static void
add_name(struct side *side, const struct segment *segment, uint32_t name)
{
	struct slice domain;
	char first[BEGINNING_LEN];
	struct room room;

	if (name == 0)
		return;
	size_t len = names_ends(&segment->arena, name, first, sizeof(first), &domain);
	if (domain.len == 0 && mark_is_unmarked(slice_of(first, len)))
		return;
	side->begins = join(side->begins, hash_beginning(slice_of(first, len)));
	if (domain.len == 0) {
		room_empty(&room);
		domain = segment_name(segment, name, &room);
	}
	side->domain = join(side->domain, mark_of_hash(mark_hash_domain(segment->key, domain)));
}

/* When another server took the message, in the terms of the marks. */
static uint16_t
taken_of(const struct segment *segment, const struct message *message)
{
	if (message->recipients == 0)
		return TAKEN_BY_NOBODY;
	const struct recipient *recipient = segment_recipient(segment, message->recipients);
	if (recipient->next != message->recipients)
		return TAKEN_UNKNOWN;
	if (recipient->outcome != OUTCOME_DELIVERED || !segment_is_remote(segment, recipient))
		return TAKEN_BY_NOBODY;
	int64_t second = recipient->at - segment->first + TAKEN_FIRST;
	return names_domain(&segment->arena, recipient->address) != 0 && second >= TAKEN_FIRST &&
		second <= UINT16_MAX ?
	    (uint16_t)second :
	    TAKEN_UNKNOWN;
}

static void
mark(struct marks *marks, const struct segment *segment, uint32_t at)
{
	const struct message *message = segment_message(segment, at);
	const struct message_extra *extra = segment_extra(segment, message);
	struct side to = {MARK_NOBODY, MARK_NOBODY}, from = to, origin = to;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		add_name(&to, segment, recipient->address);
		add_name(&to, segment, segment_original(segment, recipient));
		if (to.domain == MARK_SEVERAL && to.begins == MARK_SEVERAL)
			break;
	}
	add_name(&from, segment, message->sender);
	add_name(&origin, segment, message->origin);
	if (extra != NULL)
		add_name(&origin, segment, extra->login);
	if (origin.begins != MARK_NOBODY)
		from.begins = join(from.begins, origin.begins);
	marks->of[MARK_TO][at] = to.domain;
	marks->of[MARK_FROM][at] = from.domain;
	marks->of[MARK_ORIGIN][at] = origin.domain;
	marks->of[MARK_TO_BEGINS][at] = to.begins;
	marks->of[MARK_FROM_BEGINS][at] = from.begins;
	marks->taken[at] = taken_of(segment, message);
}

/* Has the processor fetch what marking the messages behind that one will look at. */
static void
expect(const struct segment *segment, uint32_t at)
{
	if (at + 3 * AHEAD < segment->message_count)
		__builtin_prefetch(segment_message(segment, at + 3 * AHEAD));
	if (at + 2 * AHEAD < segment->message_count)
		__builtin_prefetch(segment_recipient(segment,
		    segment_message(segment, at + 2 * AHEAD)->recipients));
	if (at + AHEAD < segment->message_count) {
		const struct message *message = segment_message(segment, at + AHEAD);
		const struct recipient *recipient = segment_recipient(segment, message->recipients);

		__builtin_prefetch(arena_at(&segment->arena, message->sender));
		if (message->recipients != 0) {
			__builtin_prefetch(arena_at(&segment->arena, recipient->address));
			__builtin_prefetch(arena_at(&segment->arena, recipient->hop));
		}
	}
}

void
marks_drop(struct segment *segment)
{
	free(segment->marks);
	segment->marks = NULL;
}

/* Of so many messages. */
static size_t
bytes_for(uint32_t size)
{
	return sizeof(struct marks) + size * (sizeof(uint16_t) + MARK_KINDS);
}

size_t
marks_bytes(const struct segment *segment)
{
	return segment->marks != NULL ? bytes_for(segment->marks->size) : 0;
}

/* NULL when memory is out. */
static struct marks *
make(uint32_t size, const struct marks *old)
{
	struct marks *marks = calloc(1, bytes_for(size));

	if (marks == NULL)
		return NULL;
	marks->size = size;
	marks->taken = (uint16_t *)(void *)(marks + 1);
	for (int kind = 0; kind < MARK_KINDS; kind++)
		marks->of[kind] = (uint8_t *)(marks->taken + size) + (size_t)kind * size;
	if (old == NULL)
		return marks;
	marks->count = old->count;
	marks->has_unset = old->has_unset;
	memcpy(marks->taken, old->taken, old->count * sizeof(old->taken[0]));
	for (int kind = 0; kind < MARK_KINDS; kind++)
		memcpy(marks->of[kind], old->of[kind], old->count);
	return marks;
}

/* Room for the marks of all messages; the newest segment is to have more. */
static bool
make_room(struct index *index, struct segment *segment, bool is_newest)
{
	uint32_t size = segment->marks != NULL ? segment->marks->size : FIRST_SIZE;
	size_t before = marks_bytes(segment);

	while (is_newest && size < segment->message_count)
		size *= 2;
	if (!is_newest)
		size = (segment->message_count + LANES - 1) / LANES * LANES;
	if (segment->marks != NULL && size == segment->marks->size)
		return true;
	if (bytes_for(size) > before && !digest_has_room(index, bytes_for(size) - before))
		return false;
	struct marks *marks = make(size, segment->marks);
	if (marks == NULL)
		return false;
	marks_drop(segment);
	segment->marks = marks;
	index->table_bytes += bytes_for(size) - before;
	return true;
}

const struct marks *
index_marks(struct index *index, uint64_t number)
{
	if (number < index->oldest || number >= index->next)
		return NULL;
	struct segment *segment = index->segments[number - index->oldest];
	if ((segment->marks == NULL || segment->marks->count != segment->message_count) &&
	    !make_room(index, segment, number + 1 == index->next))
		return NULL;
	struct marks *marks = segment->marks;
	for (uint32_t i = 0; marks->has_unset && i < marks->count; i++)
		if (marks->of[MARK_TO][i] == MARK_UNSET)
			mark(marks, segment, i);
	marks->has_unset = false;
	for (; marks->count < segment->message_count; marks->count++) {
		expect(segment, marks->count);
		mark(marks, segment, marks->count);
	}
	return marks;
}

const struct hash_key *
index_key(const struct index *index)
{
	return &index->key;
}

/* What is looked for, in the terms of the marks. */
struct wanted {
	bool is_any, is_either;
	uint8_t domain, begins;
};

static struct wanted
wanted_of(const struct sought_name *sought)
{
	return (struct wanted){
	    .is_any = sought->is_any,
	    .is_either = sought->is_either,
	    .domain = sought->domain != 0 ? mark_of_hash(sought->domain) : MARK_UNSET,
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

/* A side of the messages: where the domains and the beginnings stand. */
static inline lanes
fits(const struct marks *marks, uint32_t first, const struct wanted *wanted, enum mark_kind domains,
    enum mark_kind beginnings)
{
	if (wanted->is_any)
		return ~(lanes){0};
	lanes is_domain = is_wanted(marks, domains, first, wanted->domain);
	lanes is_beginning = is_wanted(marks, beginnings, first, wanted->begins);
	return wanted->is_either ? is_domain | is_beginning : is_domain & is_beginning;
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

/* Nothing but the recipients' domain is wanted: what is asked most. */
static inline lanes
which_to_domain(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return is_wanted(marks, MARK_TO, first, all->to.domain);
}

/* Or the sender, whose domain tells most. */
static inline lanes
which_from_domain(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return is_wanted(marks, MARK_FROM, first, all->from.domain);
}

static inline lanes
which_from(const struct marks *marks, uint32_t first, const struct all_wanted *all)
{
	return which_from_domain(marks, first, all) &
	    is_wanted(marks, MARK_FROM_BEGINS, first, all->from.begins);
}

/* Passes over many lanes at a time where none can be one. */
static inline __attribute__((always_inline)) unsigned
list_where(const struct marks *marks, uint32_t *left, const struct all_wanted *all,
    which_fn *may_be_one, which_fn *is_one, uint32_t *list, unsigned most)
{
	enum { MANY = 4 };
	unsigned count = 0;

	while (*left != 0) {
		uint32_t first = (*left - 1) / LANES * LANES;

		if (*left % LANES == 0 && *left >= MANY * LANES) {
			lanes found = {0};

#pragma GCC unroll 4
			for (uint32_t i = 1; i <= MANY; i++)
				found |= may_be_one(marks, *left - i * LANES, all);
			if (bits_of(found) == 0) {
				*left -= MANY * LANES;
				continue;
			}
		}
		unsigned bits = bits_of(is_one(marks, first, all)) &
		    ((2U << (*left - 1 - first)) - 1);
		while (bits != 0) {
			unsigned lane = 31 - (unsigned)__builtin_clz(bits);

			bits ^= 1U << lane;
			list[count++] = first + lane;
			if (count == most) {
				*left = first + lane;
				return count;
			}
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
		return list_where(marks, left, &all, which_to_domain, which_to_domain, list, most);
	if (is_one_side && to->is_any && !from->is_either && from->domain != 0)
		return list_where(marks, left, &all, which_from_domain, which_from, list, most);
	return list_where(marks, left, &all, which, which, list, most);
}

uint32_t
marks_next(const struct marks *marks, uint32_t left, const struct sought *sought)
{
	uint32_t found;

	return marks_list(marks, &left, sought, &found, 1) != 0 ? found + 1 : 0;
}

bool
marks_may_be_to(const struct marks *marks, uint32_t message, uint64_t domain)
{
	uint8_t is = marks->of[MARK_TO][message];

	return is == MARK_SEVERAL || is == mark_of_hash(domain);
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
