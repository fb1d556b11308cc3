/* Marks: a few bits of every message's names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/marks.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/index/store.h"

enum {
	FIRST_SIZE = 64,
	BEGINNING_LEN = 2, /* bytes of a name */
};

/* A hash in so many bits. */
static uint8_t
mark_in(uint64_t hash, unsigned bits)
{
	return (uint8_t)(MARK_FIRST + (hash >> 32) % ((1U << bits) - MARK_FIRST));
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
	return mark_in(value * 0x9e3779b97f4a7c15, MARK_BEGINS_BITS);
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
add_name(struct side *side, const struct segment *segment, uint32_t name, unsigned bits)
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
	side->domain = join(side->domain, mark_in(mark_hash_domain(segment->key, domain), bits));
}

static uint32_t
mark_of(const struct segment *segment, const struct message *message)
{
	const struct message_extra *extra = segment_extra(segment, message);
	struct side to = {MARK_NOBODY, MARK_NOBODY}, from = to, origin = to;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		add_name(&to, segment, recipient->address, MARK_DOMAIN_BITS);
		add_name(&to, segment, segment_original(segment, recipient), MARK_DOMAIN_BITS);
		if (to.domain == MARK_SEVERAL && to.begins == MARK_SEVERAL)
			break;
	}
	add_name(&from, segment, message->sender, MARK_DOMAIN_BITS);
	add_name(&origin, segment, message->origin, MARK_ORIGIN_BITS);
	if (extra != NULL)
		add_name(&origin, segment, extra->login, MARK_ORIGIN_BITS);
	if (origin.begins != MARK_NOBODY)
		from.begins = join(from.begins, origin.begins);
	return (uint32_t)to.domain << MARK_TO | (uint32_t)from.domain << MARK_FROM |
	    (uint32_t)origin.domain << MARK_ORIGIN | (uint32_t)to.begins << MARK_TO_BEGINS |
	    (uint32_t)from.begins << MARK_FROM_BEGINS;
}

void
marks_drop(struct segment *segment)
{
	free(segment->marks);
	segment->marks = NULL;
}

size_t
marks_bytes(const struct segment *segment)
{
	return segment->marks != NULL ?
	    sizeof(*segment->marks) + segment->marks->size * sizeof(segment->marks->list[0]) :
	    0;
}

/* Room for the marks of all messages; the newest segment is to have more. */
static bool
make_room(struct index *index, struct segment *segment, bool is_newest)
{
	size_t before = marks_bytes(segment);
	uint32_t size = segment->marks != NULL ? segment->marks->size : FIRST_SIZE;

	while (is_newest && size < segment->message_count)
		size *= 2;
	if (!is_newest)
		size = segment->message_count;
	size_t bytes = sizeof(*segment->marks) + size * sizeof(segment->marks->list[0]);
	if (bytes == before)
		return true;
	if (bytes > before && !digest_has_room(index, bytes - before))
		return false;
	struct marks *marks = realloc(segment->marks, bytes);
	if (marks == NULL)
		return false;
	if (segment->marks == NULL)
		*marks = (struct marks){0};
	marks->size = size;
	segment->marks = marks;
	index->table_bytes += bytes - before;
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
		if (marks->list[i] == MARK_UNSET)
			marks->list[i] = mark_of(segment, segment_message(segment, i));
	marks->has_unset = false;
	for (; marks->count < segment->message_count; marks->count++)
		marks->list[marks->count] = mark_of(segment,
		    segment_message(segment, marks->count));
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
wanted_of(const struct sought_name *sought, unsigned bits)
{
	return (struct wanted){
	    .is_any = sought->is_any,
	    .is_either = sought->is_either,
	    .domain = sought->domain != 0 ? mark_in(sought->domain, bits) : MARK_UNSET,
	    .begins = sought->begins,
	};
}

/* Several marks at once: the compiler makes of these what the machine has. */
enum { LANES = 4 };
typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));

/* Which of these fields are what is wanted: all bits of a lane, or none. */
static inline lanes
is_wanted(lanes marks, unsigned shift, unsigned bits, uint8_t wanted)
{
	lanes fields = marks >> shift & (((uint32_t)1 << bits) - 1);

	return wanted == MARK_UNSET ?
	    ~(lanes){0} :
	    (lanes)(fields == wanted) | (lanes)(fields == (uint32_t)MARK_SEVERAL);
}

/* A side of the messages: where the domains and the beginnings stand. */
static inline lanes
fits(const struct wanted *wanted, lanes marks, unsigned shift, unsigned bits, unsigned begins_shift)
{
	lanes is_domain = is_wanted(marks, shift, bits, wanted->domain);
	lanes is_beginning = is_wanted(marks, begins_shift, MARK_BEGINS_BITS, wanted->begins);

	if (wanted->is_any)
		return ~(lanes){0};
	return wanted->is_either ? is_domain | is_beginning : is_domain & is_beginning;
}

/* What is wanted of all sides. */
struct all_wanted {
	struct wanted to, from, origin;
	bool is_either;
};

static inline lanes
which(const struct all_wanted *all, lanes marks)
{
	lanes is_to = fits(&all->to, marks, MARK_TO, MARK_DOMAIN_BITS, MARK_TO_BEGINS);
	lanes is_from = fits(&all->from, marks, MARK_FROM, MARK_DOMAIN_BITS, MARK_FROM_BEGINS);

	if (!all->is_either)
		return is_to & is_from;
	return is_to | is_from |
	    fits(&all->origin, marks, MARK_ORIGIN, MARK_ORIGIN_BITS, MARK_FROM_BEGINS);
}

static bool
has_any(lanes flags)
{
	uint64_t halves[2];

	memcpy(halves, &flags, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Which of the marks in these lanes are wanted. */
typedef lanes which_fn(const struct all_wanted *all, lanes marks);

/* Nothing but the recipients' domain is wanted, or but the sender: what is asked most. */
static inline lanes
which_to_domain(const struct all_wanted *all, lanes marks)
{
	return is_wanted(marks, MARK_TO, MARK_DOMAIN_BITS, all->to.domain);
}

static inline lanes
which_from(const struct all_wanted *all, lanes marks)
{
	return is_wanted(marks, MARK_FROM, MARK_DOMAIN_BITS, all->from.domain) &
	    is_wanted(marks, MARK_FROM_BEGINS, MARK_BEGINS_BITS, all->from.begins);
}

/* The lanes that end at left, which need not be full. */
static inline lanes
lanes_before(const struct marks *marks, uint32_t left)
{
	uint32_t first = (left - 1) / LANES * LANES;
	lanes some = {0};

	memcpy(&some, &marks->list[first], (left - first) * sizeof(uint32_t));
	return some;
}

static inline lanes
lanes_at(const struct marks *marks, uint32_t first)
{
	lanes some;

	memcpy(&some, &marks->list[first], sizeof(some));
	return some;
}

/* Looks at many lanes at a time where it can. */
static inline __attribute__((always_inline)) uint32_t
next_where(const struct marks *marks, uint32_t left, const struct all_wanted *all, which_fn *is_one)
{
	enum { MANY = 4 };

	while (left != 0) {
		uint32_t first = (left - 1) / LANES * LANES;

		if (left % LANES == 0 && left >= MANY * LANES) {
			lanes found = {0};

			for (uint32_t i = 1; i <= MANY; i++)
				found |= is_one(all, lanes_at(marks, left - i * LANES));
			if (!has_any(found)) {
				left -= MANY * LANES;
				continue;
			}
		}
		lanes found = is_one(all, lanes_before(marks, left));
		for (; has_any(found) && left != first; left--)
			if (found[left - 1 - first] != 0)
				return left;
		left = first;
	}
	return 0;
}

uint32_t
marks_next(const struct marks *marks, uint32_t left, const struct sought *sought)
{
	const struct sought_name *to = &sought->to, *from = &sought->from;
	bool is_one_side = !sought->is_either && to->is_any != from->is_any;
	struct all_wanted all = {.is_either = sought->is_either};

	if (is_one_side && from->is_any && !to->is_either && to->domain != 0 &&
	    to->begins == MARK_UNSET) {
		all.to.domain = mark_in(to->domain, MARK_DOMAIN_BITS);
		return next_where(marks, left, &all, which_to_domain);
	}
	all.from = wanted_of(from, MARK_DOMAIN_BITS);
	if (is_one_side && to->is_any && !from->is_either)
		return next_where(marks, left, &all, which_from);
	all.to = wanted_of(to, MARK_DOMAIN_BITS);
	if (sought->is_either)
		all.origin = wanted_of(from, MARK_ORIGIN_BITS);
	return next_where(marks, left, &all, which);
}
