/* The store: segments in a row, the oldest leave first, what is unfinished moves to the newest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/store.h"

#if defined(HAVE_MALLOC_TRIM)
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
	SEGMENT_SECONDS = 3 * 3600,
};

static struct segment *
segment_of(const struct index *index, uint64_t number)
{
	return number >= index->oldest && number < index->next ?
	    index->segments[number - index->oldest] :
	    NULL;
}

/*
 * Looks for the id in the segments that hold ids of its second: the newest few, for a message of now. So each segment has a table of its
 * own, small enough to stay in the processor's cache while it is filled, and gone with its segment.
 */
static inline bool
find_message(const struct index *index, struct message_id id, uint64_t hash, struct place *out)
{
	int64_t second = message_id_second(id);

	for (uint64_t n = index->next; n-- > index->oldest;) {
		struct segment *segment = index->segments[n - index->oldest];

		if (segment->id_reach < second)
			break;
		uint32_t at = segment_find_id(segment, id, second, hash);
		if (at != ID_TABLE_NONE) {
			out->segment = segment;
			out->message = segment_message(segment, at);
			out->index = at;
			return true;
		}
	}
	return false;
}

struct index *
index_new(const struct index_options *options)
{
	struct index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		return NULL;
	index->options = *options;
	if (getrandom(&index->key, sizeof(index->key), GRND_NONBLOCK) != sizeof(index->key))
		index->key = (struct hash_key){(uint64_t)time(NULL) * 0x9e3779b97f4a7c15,
		    (uintptr_t)index};
	/* Tables take the rest. */
	arena_pool_init(&index->pool, options->memory_max / 4 * 3);
	strings_init(&index->names, NULL, &index->key);
	strings_init(&index->strings, NULL, &index->key);
	index->clock = index->clocks;
	index->unclassified_class = (uint8_t)classifier_find_class(options->classifier,
	    SLICE(CLASS_UNCLASSIFIED_NAME));
	return index;
}

void
index_free(struct index *index)
{
	if (index == NULL)
		return;
	parse_ahead_free(index->ahead);
	digest_forget_whole(index);
	for (uint64_t n = index->oldest; n < index->next; n++)
		segment_free(segment_of(index, n));
	free(index->segments);
	for (uint32_t i = 0; i < index->lookup_size; i++)
		free(index->lookups[i].slots);
	free(index->lookups);
	strings_clear(&index->names);
	strings_clear(&index->strings);
	paths_clear(&index->paths);
	arena_pool_clear(&index->pool);
	free(index);
}

uint64_t
index_oldest(const struct index *index)
{
	return index->oldest;
}

uint64_t
index_end(const struct index *index)
{
	return index->next;
}

const struct segment *
index_segment(const struct index *index, uint64_t number)
{
	return segment_of(index, number);
}

bool
index_find(const struct index *index, struct message_id id, struct message_view *out)
{
	struct place place;

	if (!find_message(index, id, hash_pair(&index->key, id.high, id.low), &place))
		return false;
	*out = (struct message_view){place.segment, place.message, place.index};
	return true;
}

/* The sets are of the newest segment, which this is no longer. */
static void
leave_sets(struct segment *segment)
{
	segment->names.set = NULL;
	segment->names.strings = NULL;
	segment->hops = segment->texts = NULL;
}

static void
take_sets(struct index *index, struct segment *segment)
{
	strings_restart(&index->names, &segment->arena);
	segment->names.set = &index->names;
	strings_restart(&index->strings, &segment->arena);
	segment->names.strings = &index->strings;
	index->hops = index->texts = (struct keep_memo){0};
	segment->hops = &index->hops;
	segment->texts = &index->texts;
}

static __attribute__((noinline)) void
push_segment(struct index *index, int64_t second)
{
	size_t count = (size_t)(index->next - index->oldest);

	if (count == index->segment_size) {
		size_t size = count != 0 ? count * 2 : 64;
		struct segment **segments = reallocarray(index->segments, size, sizeof(*segments));

		if (segments == NULL)
			return;
		index->segments = segments;
		index->segment_size = size;
	}
	struct segment *segment = segment_new(index->next, &index->pool, &index->key,
	    &index->paths);
	if (segment == NULL)
		return;
	if (count != 0) {
		leave_sets(index->segments[count - 1]);
		segment->ids.expected = index->segments[count - 1]->ids.count;
	}
	take_sets(index, segment);
	segment->first = segment->last = second;
	segment->failure_ordinal = index->failure_next;
	if (count != 0)
		segment->id_reach = index->segments[count - 1]->id_reach;
	index->segments[count] = segment;
	index->next++;
}

struct segment *
store_segment(struct index *index, int64_t second)
{
	struct segment *segment = segment_of(index, index->next - 1);

	if (segment == NULL || segment->message_count == SEGMENT_MESSAGE_MAX ||
	    second >= segment->first + SEGMENT_SECONDS) {
		push_segment(index, second);
		segment = segment_of(index, index->next - 1);
	}
	if (segment != NULL)
		segment->last = second > segment->last ? second : segment->last;
	return segment;
}

static inline bool
add_message(struct index *index, struct message_id id, int64_t second, struct place *out)
{
	struct segment *segment = store_segment(index, second);

	if (segment == NULL)
		return false;
	segment->is_changed = true;
	out->segment = segment;
	out->message = segment_add_message(segment, &out->index);
	if (out->message == NULL || !store_id(out, id))
		return false;
	out->message->arrived = (uint32_t)second;
	return true;
}

bool
store_message_anew(struct index *index, struct place *recent, uint64_t id_high, uint64_t id_low,
    bool is_wanted, int64_t second)
{
	uint64_t hash = hash_pair(&index->key, id_high, id_low);
	struct message_id id = {id_high, id_low};

	/* Straight into the cache: a struct that is written by fields and copied whole is waited for. */
	if (find_message(index, id, hash, recent))
		return true;
	if (!is_wanted || !add_message(index, id, second, recent))
		return false;
	if (!segment_add_id(recent->segment, recent->index, message_id_second(id), hash)) {
		*recent->message = (struct message){0};
		return false;
	}
	index->counts.messages++;
	return true;
}

bool
store_successor(struct index *index, struct place *place, int64_t second)
{
	struct message_id id = segment_message_id(place->segment, place->message);
	uint64_t hash = hash_pair(&index->key, id.high, id.low);
	struct place new;

	if (!add_message(index, id, second, &new))
		return false;
	if (!(new.segment == place->segment ?
		    id_table_move(&new.segment->ids, id, hash, new.index) :
		    segment_add_id(new.segment, new.index, message_id_second(id), hash))) {
		*new.message = (struct message){0};
		return false;
	}
	index->counts.messages++;
	*place = new;
	return true;
}

bool
store_refusal(struct index *index, int64_t second, struct place *out)
{
	if (!add_message(index, (struct message_id){0}, second, out))
		return false;
	out->message->flags = MESSAGE_IS_REFUSAL;
	index->counts.rejections++;
	return true;
}

/* Copies a string of one segment into another. */
static uint32_t
move_string(const struct segment *from, struct segment *to, uint32_t reference)
{
	return segment_keep(to, segment_string(from, reference));
}

static uint32_t
move_name(const struct segment *from, struct segment *to, uint32_t reference)
{
	struct room room;

	room_empty(&room);
	return segment_keep_address(to, segment_name(from, reference, &room));
}

/* What is known of a recipient beyond its addresses. */
static void
move_outcome(const struct segment *from, const struct recipient *old, struct segment *to,
    struct recipient *new)
{
	const struct recipient_more *more = segment_more(from, old);
	struct recipient kept = *new;
	struct room room;

	room_empty(&room);
	*new = *old;
	new->address = kept.address;
	new->more = kept.more;
	struct route route = segment_route(from, old, &room);
	new->hop = segment_keep_hop(to, route.host, route.ip);
	if (more != NULL)
		segment_keep_failure(to, new, segment_failure_text(from, old, &room),
		    more->error_number, more->rule_index);
}

static bool
move_recipients(struct index *index, struct place from, struct place to)
{
	for (uint32_t r = 0; (r = segment_next_recipient(from.segment, from.message, r)) != 0;) {
		const struct recipient *old = segment_recipient(from.segment, r);
		struct room room;

		room_empty(&room);
		uint32_t reference = recipients_add(index, &to,
		    segment_name(from.segment, old->address, &room),
		    segment_name(from.segment, segment_original(from.segment, old), &room));
		if (reference == 0)
			return false;
		move_outcome(from.segment, old, to.segment,
		    segment_recipient(to.segment, reference));
	}
	return true;
}

static bool
move_extra(const struct place *from, struct place to)
{
	const struct message_extra *old = segment_extra(from->segment, from->message);

	if (old == NULL)
		return true;
	struct message_extra *new = store_extra(&to);
	if (new == NULL)
		return false;
	struct message_extra kept = *new;
	*new = *old;
	new->later = kept.later;
	new->finished = kept.finished;
	new->origin = kept.origin;
	new->lookup = kept.lookup;
	new->spam_score = move_string(from->segment, to.segment, old->spam_score);
	new->folder = move_string(from->segment, to.segment, old->folder);
	new->login = move_name(from->segment, to.segment, old->login);
	return true;
}

/* Flags that say where of the message something stands. */
enum {
	KEPT_IN_RECORD = MESSAGE_HAS_FIRST | MESSAGE_LOST_FIRST | MESSAGE_IS_BY_SENDER |
	    MESSAGE_OWNER_IS_ORIGIN,
};

static bool
copy_message(struct index *index, struct place from, struct place to)
{
	struct message_id id = segment_message_id(from.segment, from.message);

	to.message->arrived = from.message->arrived;
	to.message->flags = from.message->flags & (uint16_t)~KEPT_IN_RECORD;
	store_finished(&to, segment_message_finished(from.segment, from.message));
	sending_hosts_note(to.segment, to.index, sending_hosts_at(from.segment, from.index));
	to.message->utc_offset = from.message->utc_offset;
	to.message->sender = move_name(from.segment, to.segment, from.message->sender);
	store_origin(&to,
	    move_name(from.segment, to.segment,
		segment_message_origin(from.segment, from.message)));
	store_account(&to, move_string(from.segment, to.segment, message_account(from.message)));

	struct evidence_reader reader;
	struct position position;
	evidence_reader_init(&reader, &from.segment->evidence, &from.message->evidence);
	while (evidence_next(&reader, &position))
		if (!evidence_append(&to.segment->evidence, &to.message->evidence, position))
			return false;
	return move_extra(&from, to) && move_recipients(index, from, to) &&
	    segment_add_id(to.segment, to.index, message_id_second(id),
		hash_pair(&index->key, id.high, id.low));
}

/* Moves an unfinished message out of a segment that is about to go. */
static bool
move_message(struct index *index, struct place from)
{
	struct place to;

	if (!add_message(index, segment_message_id(from.segment, from.message),
		segment_of(index, index->next - 1)->last, &to))
		return false;
	if (copy_message(index, from, to))
		return true;
	recipients_forget_lookup(index, &to);
	*to.message = (struct message){0};
	return false;
}

/* Frees the oldest segment; what is unfinished in it moves to the newest when keep_unfinished, and is dropped else. */
static void
evict_oldest(struct index *index, bool keep_unfinished)
{
	struct segment *segment = index->segments[0];

	digest_forget_whole(index);
	memset(index->recent, 0, sizeof(index->recent));
	for (uint32_t i = 0; i < segment->message_count; i++) {
		struct place place = {segment, segment_message(segment, i), i};
		bool is_finished = message_is_finished(place.message);

		if (message_is_void(place.message))
			continue;
		recipients_forget_lookup(index, &place);
		if (place.message->flags & MESSAGE_IS_REFUSAL) {
			index->counts.rejections--;
			continue;
		}
		if (!is_finished && keep_unfinished && move_message(index, place))
			continue;
		index->counts.messages--;
		if (is_finished)
			index->counts.evicted_messages++;
		else
			index->counts.dropped_unfinished++;
	}
	segment_free(segment);
	index->oldest++;
	memmove(index->segments, index->segments + 1,
	    (size_t)(index->next - index->oldest) * sizeof(*index->segments));
}

uint64_t
store_bytes(const struct index *index)
{
	return index->pool.used_chunks * (uint64_t)ARENA_CHUNK_BYTES + index->table_bytes;
}

static void
weigh_tables(struct index *index)
{
	index->table_bytes = sizeof(*index) + index->segment_size * sizeof(*index->segments) +
	    strings_bytes(&index->names) + strings_bytes(&index->strings) +
	    index->paths.size * sizeof(*index->paths.list);
	for (uint64_t n = index->oldest; n < index->next; n++)
		index->table_bytes += segment_table_bytes(segment_of(index, n));
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		index->table_bytes += counts_bytes(&index->whole[kind].counts);
	for (uint32_t i = 0; i < index->lookup_size; i++)
		if (index->lookups[i].slots != NULL)
			index->table_bytes += (index->lookups[i].mask + 1) * sizeof(uint32_t);
}

/* What has been freed goes back to the system, so that RSS follows what the index holds. */
static void
give_back(void)
{
#if defined(HAVE_MALLOC_TRIM)
	malloc_trim(0);
#endif
}

void
store_weigh(struct index *index)
{
	uint64_t cap = index->options.memory_max;

	weigh_tables(index);
	bool is_full = cap != 0 && store_bytes(index) > cap;
	if (is_full) {
		digest_forget(index);
		weigh_tables(index);
	}
	/* First round: the oldest go, their unfinished move on. When a whole round freed too little, unfinished ones go too. */
	for (uint64_t round_end = index->next;
	     cap != 0 && store_bytes(index) > cap && index->oldest + 1 < index->next;) {
		evict_oldest(index, index->oldest < round_end);
		weigh_tables(index);
	}
	if (is_full)
		give_back();
	index->lines_since_weighing = 0;
}

void
index_expire(struct index *index, int64_t before)
{
	/* The newest segment stays: what moves needs a place to go. */
	while (index->oldest + 1 < index->next && index->segments[0]->last < before)
		evict_oldest(index, true);
	store_weigh(index);
}

/* What the lines of each kind add up to. */
static void
sum_lines(struct index_counts *counts)
{
	counts->lines.continuation = counts->lines.by_kind[LINE_CONTINUATION];
	counts->lines.without_id = counts->lines.by_kind[LINE_COMMAND] +
	    counts->lines.by_kind[LINE_GENERAL];
	for (int kind = LINE_ARRIVAL; kind <= LINE_NOTICE; kind++)
		counts->lines.with_id += counts->lines.by_kind[kind];
	counts->lines.with_id -= counts->lines.unparsed;
}

void
index_count(struct index *index, struct index_counts *out)
{
	store_weigh(index);
	*out = index->counts;
	sum_lines(out);
	out->index_bytes = store_bytes(index);
	out->max_bytes = index->options.memory_max;
	memset(out->by_verdict, 0, sizeof(out->by_verdict));
	out->hard = out->soft = out->unclassified = 0;
	for (uint64_t n = index->oldest; n < index->next; n++) {
		const struct segment_summary *summary = segment_summary(segment_of(index, n));

		for (int v = 0; v < VERDICT_COUNT; v++)
			out->by_verdict[v] += summary->by_verdict[v];
		out->hard += summary->hard;
		out->soft += summary->soft;
		out->unclassified += summary->by_class[index->unclassified_class];
	}
	if (index->oldest < index->next) {
		out->first = index->segments[0]->first;
		out->last = segment_of(index, index->next - 1)->last;
	}
}
