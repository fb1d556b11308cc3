/* The store behind the index: its segments, how they come, go and hand over what is unfinished. For the files of this folder only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_STORE_H
#define INDEX_STORE_H

#include "daemon/index/index.h"
#include "daemon/index/origins.h"
#include "daemon/index/parse_ahead.h"

enum {
	STORE_CLOCKS = 8,         /* files whose clocks are remembered */
	STORE_RECENT = 512,       /* ids seen last, a cache */
	STORE_WEIGH_LINES = 1024, /* between two weighings, about */
};

/* A message that may be changed. */
struct place {
	struct segment *segment;
	struct message *message;
	uint32_t index;
};

struct file_clock {
	uint32_t file;
	bool is_used;
	struct line_clock clock;
};

/* Where the recipients of one message with many of them are looked up. */
struct recipient_lookup {
	uint32_t *slots;
	uint32_t mask, count;
};

struct index {
	struct index_options options;
	uint8_t unclassified_class; /* index of the class of that name */
	struct hash_key key;
	struct arena_pool pool;
	/* Of the newest segment. */
	struct strings names;
	struct strings strings;
	struct keep_memo hops, texts;
	struct paths paths;
	struct segment **segments; /* [number - oldest] */
	size_t segment_size;
	uint64_t oldest, next;             /* numbers that live: oldest <= n < next */
	struct place recent[STORE_RECENT]; /* message NULL: free */
	struct recipient_lookup *lookups;
	uint32_t lookup_size;
	struct file_clock clocks[STORE_CLOCKS];
	struct file_clock *clock; /* of the line before */
	struct parse_memo memo;
	struct parsed parsed[PARSED_LINES];
	struct parse_ahead *ahead; /* NULL: none, or not yet */
	bool was_ahead_tried;
	struct origins origins;
	struct message_id previous; /* the message of the line before, for continuation lines */
	uint64_t failure_next;      /* ordinal of the next failure */
	int64_t failure_second;
	struct index_listener *listeners;
	struct index_counts counts; /* the lines, and what left */
	bool has_marks;             /* somebody has asked for them since they were last dropped */
	struct digest_whole whole[DIGEST_KINDS];
	size_t table_bytes; /* of all segments, counted now and then */
	size_t lines_since_weighing;
};

/* The place of the message in the cache. Who chooses ids that share one slows down nothing but the finding of these. */
static inline struct place *
store_recent(struct index *index, struct message_id id)
{
	uint64_t mixed = (id.high ^ id.low) * 0x9e3779b97f4a7c15;

	return &index->recent[(mixed >> 32) % STORE_RECENT];
}

/* There is one. */
static inline struct segment *
store_newest(const struct index *index)
{
	return index->segments[index->next - 1 - index->oldest];
}

/* The same as store_message_by, for one that is not in the cache. */
bool store_message_anew(struct index *index, struct place *recent, uint64_t id_high,
    uint64_t id_low, bool is_wanted, int64_t second);

/* Whether the place in the cache is that of the message; false, too, where its id is not short. */
static inline bool
store_is_recent(const struct place *recent, struct message_id id)
{
	if (recent->message == NULL)
		return false;
	struct message_id known = message_short_id(recent->message);
	return ((known.high ^ id.high) | (known.low ^ id.low)) == 0;
}

/*
 * Has the place in the cache, which store_recent tells, be that of the message; false where there is none, and none is made. It stays what
 * it is until the next message is looked for.
 */
static inline bool
store_message_by(struct index *index, struct place *recent, struct message_id id, bool is_wanted,
    int64_t second)
{
	/* Lines of one message come close together. */
	return store_is_recent(recent, id) ||
	    store_message_anew(index, recent, id.high, id.low, is_wanted, second);
}

/* The message of that id, made in the newest segment when it is not there and is_wanted. */
static inline bool
store_message(struct index *index, struct message_id id, bool is_wanted, int64_t second,
    struct place *out)
{
	struct place *recent = store_recent(index, id);

	if (!store_message_by(index, recent, id, is_wanted, second))
		return false;
	*out = *recent;
	return true;
}

/* Another message of the same id, which is found by it from now on; the place, that of the cache, becomes its. */
bool store_successor(struct index *index, struct place *place, int64_t second);
/* A refusal: a message without an id, in the newest segment. */
bool store_refusal(struct index *index, int64_t second, struct place *out);
/* The newest segment, a new one where the last is full or three hours old; NULL when memory is out. */
struct segment *store_segment(struct index *index, int64_t second);
/* What the index weighed when that was last counted, and what it has taken since in chunks and digests. */
uint64_t store_bytes(const struct index *index);
/* Counts what the index weighs and evicts until that is within the cap. */
void store_weigh(struct index *index);
/* record.c: what of a message may stand in its record or in its extra part */
/* The extra part, made when there is none. NULL when memory is out. */
struct message_extra *store_extra(const struct place *place);
/* False when memory is out. */
bool store_long_id(const struct place *place, struct message_id id);
static inline bool
store_id(const struct place *place, struct message_id id)
{
	if (!message_id_is_short(id))
		return store_long_id(place, id);
	place->message->id_low = (uint32_t)id.low;
	place->message->id_middle = (uint32_t)(id.low >> 32);
	place->message->id_high = (uint32_t)(id.high >> ID_FIRST_SHIFT);
	return true;
}
void store_arrived(const struct place *place, int64_t second);
void store_finished_far(const struct place *place, int64_t second);
static inline void
store_finished(const struct place *place, int64_t second)
{
	uint64_t took = (uint64_t)(second - place->message->arrived);

	if (took < FINISHED_IN_EXTRA - 1 && second != 0)
		place->message->finished = (uint16_t)(took + 1);
	else
		store_finished_far(place, second);
}
void store_sender(const struct place *place, uint32_t sender);
void store_origin(const struct place *place, uint32_t origin);
void store_account(const struct place *place, uint32_t account);
/* The last one of the recipients behind the first one. */
void store_later(const struct place *place, uint32_t later);

/* The reference of the recipient entry that a line about (final, original) is about, made when there is none; see recipients.c. 0 when memory is out. */
uint32_t recipients_entry(struct index *index, const struct place *place, struct slice final,
    struct slice original);
/*
 * The same for "** final <parent>: retry timeout exceeded": the parent is the address that led to it, which need not be the one that
 * other lines name as the original.
 */
uint32_t recipients_expired_entry(struct index *index, const struct place *place,
    struct slice final, struct slice original);
/* The address of a delivery is that of the envelope recipient that was logged without a domain, if there is one. */
void recipients_qualify(struct index *index, const struct place *place, struct slice address);
/* Whether an entry has come of that envelope recipient already. */
bool recipients_has_descendant(const struct place *place, struct slice address);
/* Drops the entries that tell of a refusal: the message has arrived after all. */
void recipients_forget_refusal(const struct place *place);
/* Drops the entry without an address that holds a host's trouble: a recipient is known now. */
void recipients_forget_nameless(const struct place *place);
/* The same for an address of the envelope, whose name is at hand. */
uint32_t recipients_envelope_entry(struct index *index, const struct place *place,
    const struct name *address);
/* A new entry, not looked for before. 0 when memory is out. */
uint32_t recipients_add(struct index *index, const struct place *place, struct slice address,
    struct slice original);
/* Gives back the look-up table of a message, if it has one. */
void recipients_forget_lookup(struct index *index, const struct place *place);
/* A line about a descendant of these addresses, "(a@x, b@y)", answers for those of them that were deferred in routing. */
void recipients_answer_parents(struct index *index, const struct place *place, struct slice parents,
    struct slice original);
/* The message is completed: what was deferred in routing has become others with the same original, where there are any. */
void recipients_complete(const struct place *place);

/* Notes that the recipient (0: nobody) has just failed, and tells the listeners. */
void failures_note(struct index *index, const struct place *place, uint32_t recipient,
    int64_t second);

#endif
