/* Segments: three hours or some thousand messages of log, kept and freed as a whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_SEGMENT_H
#define INDEX_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/index/arena.h"
#include "daemon/index/blocks.h"
#include "daemon/index/digest.h"
#include "daemon/index/id_table.h"
#include "daemon/index/marks.h"
#include "daemon/index/message.h"
#include "daemon/index/names.h"
#include "daemon/index/paths.h"
#include "daemon/index/sending_hosts.h"
#include "daemon/index/strings.h"

enum {
	SEGMENT_BLOCK_MESSAGES = 8, /* messages lie in blocks of the arena */
	FILTER_WORDS = 2048, /* 16 KiB: a few wrong guesses in a hundred when a segment is full */
	SEGMENT_MESSAGE_MAX = (1 << 14) - SEGMENT_BLOCK_MESSAGES,
};

struct message_block {
	struct message messages[SEGMENT_BLOCK_MESSAGES];
	struct sending_host hosts[SEGMENT_BLOCK_MESSAGES]; /* of these */
};

/* One thing that went wrong, in the order of the log; stale once the recipient has a later line. */
struct failure_entry {
	uint32_t segment;   /* number of the segment that holds the message */
	uint32_t message;   /* its index there */
	uint32_t recipient; /* reference; 0: the message itself */
	uint32_t at;
	uint16_t attempts; /* of the recipient at that moment: what tells a stale entry */
	uint16_t padding;
};

enum { MEMO_PLACES = 1024 };

/* What was kept of late in the newest segment, by hashes that say all: they have 64 bits and a secret, and are not met twice by chance. */
struct keep_memo {
	struct kept {
		uint64_t hash;
		uint32_t reference; /* 0: free */
	} kept[MEMO_PLACES];
};

/* The place of that hash, whose reference is 0 where nothing of it is known: for the caller to fill. */
static inline struct kept *
memo_place(struct keep_memo *memo, uint64_t hash)
{
	struct kept *place = &memo->kept[hash % MEMO_PLACES];

	if (place->hash != hash)
		*place = (struct kept){.hash = hash};
	return place;
}

/* What a segment adds up to. */
struct segment_summary {
	uint32_t by_verdict[VERDICT_COUNT]; /* messages that have an id */
	uint32_t hard, soft;                /* recipients whose last line is a failure */
	uint32_t by_class[UINT8_MAX + 1];   /* of these, by class */
};

struct segment {
	uint64_t number; /* grows from one segment to the next and is never reused */
	struct arena arena;
	struct names
	    names; /* with the sets of those kept so far, while this is the newest segment */
	struct keep_memo *hops, *texts; /* likewise; NULL: they are just added */
	struct evidence_home evidence;
	const struct hash_key *key;
	const struct paths *paths; /* the index's */
	uint64_t *filter; /* of the addresses and domains: a Bloom filter, FILTER_WORDS long */
	struct message_block **blocks; /* in the arena */
	uint32_t block_size;
	uint32_t message_count;
	struct id_table ids; /* of the messages that have one */
	/* The range of the seconds in these ids; the first is greater while there is none. */
	int64_t id_first, id_last;
	int64_t id_reach;    /* no id here or in an older segment is of a later second */
	int64_t first, last; /* seconds of the lines seen while it was the newest */
	struct failure_entry *failures;
	uint32_t failure_count, failure_size;
	uint64_t failure_ordinal; /* how many failures came before the first one here */
	struct segment_summary summary;
	bool is_changed;           /* since the summary was made */
	struct digest *digest;     /* NULL: not made, or dropped */
	struct marks *marks;       /* likewise */
	struct blocks *log_blocks; /* likewise */
};

struct segment *segment_new(uint64_t number, struct arena_pool *pool, const struct hash_key *key,
    const struct paths *paths);
void segment_free(struct segment *segment);
/* Everything it holds beyond the chunks of the pool. */
size_t segment_table_bytes(const struct segment *segment);

/* A block for the next few messages. False when memory is out. */
bool segment_add_block(struct segment *segment);
/* The keyed hash of a message's id. */
uint64_t segment_id_hash(const void *segment, uint32_t index);

static inline struct message *
segment_message(const struct segment *segment, uint32_t index)
{
	return &segment->blocks[index / SEGMENT_BLOCK_MESSAGES]
		    ->messages[index % SEGMENT_BLOCK_MESSAGES];
}

/* A zeroed message, or NULL when memory is out or the segment full. */
static inline struct message *
segment_add_message(struct segment *segment, uint32_t *index)
{
	uint32_t at = segment->message_count;

	if (at == SEGMENT_MESSAGE_MAX ||
	    (at % SEGMENT_BLOCK_MESSAGES == 0 && !segment_add_block(segment)))
		return NULL;
	struct message *message = segment_message(segment, at);
	*message = (struct message){0};
	*index = at;
	segment->message_count = at + 1;
	return message;
}

/* Makes the message be found by its id, whose second and keyed hash are given. False when memory is out. */
static inline bool
segment_add_id(struct segment *segment, uint32_t index, int64_t second, uint64_t hash)
{
	if (!id_table_add(&segment->ids, hash, index, segment_id_hash))
		return false;
	/* Whether it is one more second cannot be foreseen. */
	segment->id_first = second < segment->id_first ? second : segment->id_first;
	segment->id_last = second > segment->id_last ? second : segment->id_last;
	segment->id_reach = second > segment->id_reach ? second : segment->id_reach;
	return true;
}

/* The index of the message of that id, or ID_TABLE_NONE. */
static inline uint32_t
segment_find_id(const struct segment *segment, struct message_id id, int64_t second, uint64_t hash)
{
	return second < segment->id_first || second > segment->id_last ?
	    ID_TABLE_NONE :
	    id_table_find(&segment->ids, id, hash);
}

bool segment_add_failure(struct segment *segment, const struct failure_entry *failure);

/* Keeps a string; 0 for the empty one, and when memory is out. */
uint32_t segment_keep(struct segment *segment, struct slice text);
/* Keeps an address, and notes it and its domain for segment_may_have. */
uint32_t segment_keep_name(struct segment *segment, const struct name *address);
uint32_t segment_keep_address(struct segment *segment, struct slice address);
/* Keeps a remote end, either part of which may be empty. */
uint32_t segment_keep_hop(struct segment *segment, struct slice host, struct slice ip);
/* The same of one whose hop_hash is given, whether or not it has been kept. */
uint32_t segment_keep_hop_anew(struct segment *segment, uint64_t hash, struct slice host,
    struct slice ip);

/* The same, if it has not been kept of late. */
static inline uint32_t
segment_keep_hop_hashed(struct segment *segment, uint64_t hash, struct slice host, struct slice ip)
{
	const struct kept *kept = segment->hops != NULL ? &segment->hops->kept[hash % MEMO_PLACES] :
							  NULL;

	return kept != NULL && kept->hash == hash && kept->reference != 0 ?
	    kept->reference :
	    segment_keep_hop_anew(segment, hash, host, ip);
}

/* Keeps what a recipient's last failure said, and the rule it was judged by. */
void segment_keep_failure(struct segment *segment, struct recipient *recipient,
    struct slice message, int error_number, uint16_t rule_index);
void segment_keep_original(struct segment *segment, struct recipient *recipient,
    struct slice original);
/* False when no message of the segment has to do with that address or domain; true says little. */
bool segment_may_have(const struct segment *segment, struct slice text);

/* Whether a change of a message has to be told to what was made of all of them. */
static inline bool
segment_has_digests(const struct segment *segment)
{
	return segment->digest != NULL || segment->marks != NULL || segment->log_blocks != NULL;
}

static inline struct slice
segment_string(const struct segment *segment, uint32_t reference)
{
	return strings_at(&segment->arena, reference);
}

static inline struct slice
segment_name(const struct segment *segment, uint32_t reference, struct room *room)
{
	return names_at(&segment->arena, reference, room);
}

static inline struct recipient_more *
segment_more(const struct segment *segment, const struct recipient *recipient)
{
	return recipient->more != 0 ? arena_at(&segment->arena, recipient->more) : NULL;
}

/* The reference of the address in angle brackets; 0: there is none, or it is the final one. */
static inline uint32_t
segment_original(const struct segment *segment, const struct recipient *recipient)
{
	const struct recipient_more *more = segment_more(segment, recipient);

	return more != NULL ? more->original : 0;
}

/* The rule by which its last failure was judged, or CLASSIFY_NO_RULE. */
static inline uint16_t
segment_rule(const struct segment *segment, const struct recipient *recipient)
{
	const struct recipient_more *more = segment_more(segment, recipient);

	return more != NULL ? more->rule_index : CLASSIFY_NO_RULE;
}

/* Exim's text of the recipient's last failure. */
struct slice segment_failure_text(const struct segment *segment, const struct recipient *recipient,
    struct room *room);

static inline struct recipient *
segment_recipient(const struct segment *segment, uint32_t reference)
{
	return arena_at(&segment->arena, reference);
}

static inline struct message_extra *
segment_extra(const struct segment *segment, const struct message *message)
{
	return message->further & FURTHER_IS_EXTRA ?
	    arena_at(&segment->arena, message->further & ~FURTHER_IS_EXTRA) :
	    NULL;
}

static inline struct message_id
segment_message_id(const struct segment *segment, const struct message *message)
{
	struct message_id id = message_short_id(message);

	if (message_id_is_none(id) && message->further & FURTHER_IS_EXTRA)
		return segment_extra(segment, message)->id;
	return id;
}

/* The second in which it was completed, removed or rejected; 0: not yet. */
static inline uint32_t
segment_message_finished(const struct segment *segment, const struct message *message)
{
	return message->finished == 0              ? 0 :
	    message->finished == FINISHED_IN_EXTRA ? segment_extra(segment, message)->finished :
						     message->arrived + message->finished - 1;
}

/* The name of who handed it over, by login or as a local user; 0: not known. */
static inline uint32_t
segment_message_origin(const struct segment *segment, const struct message *message)
{
	if (message->flags & MESSAGE_IS_BY_SENDER)
		return message->sender;
	if (message->flags & MESSAGE_OWNER_IS_ORIGIN)
		return message->owner;
	const struct message_extra *extra = segment_extra(segment, message);
	return extra != NULL ? extra->origin : 0;
}

/* The string of cPanel's account, where its origin does not say so; 0: not known. */
static inline uint32_t
message_account(const struct message *message)
{
	return message->flags & MESSAGE_OWNER_IS_ORIGIN ? 0 : message->owner;
}

/* The last of the ring of the recipients behind the first one; 0: there are none. */
static inline uint32_t
segment_last_later(const struct segment *segment, const struct message *message)
{
	return message->further & FURTHER_IS_EXTRA ? segment_extra(segment, message)->later :
						     message->further;
}

static inline struct later_recipient *
segment_later_recipient(const struct segment *segment, uint32_t reference)
{
	return arena_at(&segment->arena, reference);
}

static inline bool
segment_has_recipients(const struct segment *segment, const struct message *message)
{
	return (message->flags & MESSAGE_HAS_FIRST) != 0 ||
	    segment_last_later(segment, message) != 0;
}

/* The only recipient of the message; NULL where it has none or several. */
static inline const struct recipient *
segment_only_recipient(const struct segment *segment, const struct message *message)
{
	return (message->flags & MESSAGE_HAS_FIRST) != 0 &&
		segment_last_later(segment, message) == 0 ?
	    &message->first :
	    NULL;
}

/* Walks the recipients of a message in the order of their first lines: reference 0 starts, 0 ends. */
static inline uint32_t
segment_next_recipient(const struct segment *segment, const struct message *message,
    uint32_t reference)
{
	if ((message->flags & MESSAGE_HAS_FIRST) != 0) {
		uint32_t first = arena_reference(&message->first);

		if (reference == 0)
			return first;
		if (reference == first)
			reference = 0;
	}
	uint32_t last = segment_last_later(segment, message);
	if (reference == last)
		return 0;
	return segment_later_recipient(segment, reference != 0 ? reference : last)->next;
}

struct route segment_route(const struct segment *segment, const struct recipient *recipient,
    struct room *room);
/* The reference of the remote host's name; 0: not known. */
uint32_t segment_host(const struct segment *segment, const struct recipient *recipient);
/* Whether the address of a remote end is known. */
bool segment_has_ip(const struct segment *segment, const struct recipient *recipient);
/* Whether the remote end is another server, of which the address is known: LMTP to this one is none. */
bool segment_is_remote(const struct segment *segment, const struct recipient *recipient);
/* Whether a transport had the recipient. */
bool segment_has_transport(const struct segment *segment, const struct recipient *recipient);
/* How many recipients the message has: those after the first so many are not counted. */
uint32_t segment_recipient_count(const struct segment *segment, const struct message *message,
    uint32_t most);

/* The summary, made anew when a message has changed since. */
const struct segment_summary *segment_summary(struct segment *segment);

/* What is to be said of the message now. */
enum verdict segment_verdict(const struct segment *segment, const struct message *message);

/* True for a place that was given to a message and never filled. */
static inline bool
message_is_void(const struct message *message)
{
	return message->flags == 0 && message_id_is_none(message_short_id(message)) &&
	    message->further == 0;
}

/* True when nothing more is to come: completed, removed, rejected. */
static inline bool
message_is_finished(const struct message *message)
{
	return (message->flags &
		   (MESSAGE_IS_COMPLETED | MESSAGE_IS_REMOVED | MESSAGE_IS_REJECTED |
		       MESSAGE_IS_REFUSAL)) != 0;
}

#endif
