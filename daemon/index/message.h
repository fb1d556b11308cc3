/* Messages and recipients as the index keeps them: small, full of references into their segment's arena. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_MESSAGE_H
#define INDEX_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/classify/classify.h"
#include "daemon/exim/message_id.h"
#include "daemon/index/evidence.h"

enum outcome {
	OUTCOME_UNKNOWN, /* an envelope recipient without a line of its own yet */
	OUTCOME_DELIVERED,
	OUTCOME_BOUNCED,
	OUTCOME_DEFERRED,
	OUTCOME_DISCARDED,
	OUTCOME_REJECTED,
	OUTCOME_REMOVED,
	OUTCOME_COUNT,
};

enum verdict {
	VERDICT_IN_TRANSIT,
	VERDICT_DELIVERED,
	VERDICT_BOUNCED,
	VERDICT_PARTIAL,
	VERDICT_DEFERRED,
	VERDICT_DISCARDED,
	VERDICT_REJECTED,
	VERDICT_FROZEN,
	VERDICT_REMOVED,
	VERDICT_COUNT,
};

/* References are into the arena of the segment that holds the record; 0: none. Times are Unix seconds; 0: not logged. */
struct recipient {
	uint32_t address; /* name: the final address */
	uint32_t hop;     /* struct hop: the remote end */
	uint32_t more;    /* struct recipient_more */
	uint32_t at;
	uint16_t attempts; /* stays at its largest value */
	uint16_t path;     /* number of the router and transport in the index's table; 0: neither */
	uint8_t class_index; /* CLASS_NONE: nothing failed */
	uint8_t outcome : 3;
	uint8_t severity : 2;
	uint8_t kind : 3; /* enum failure_kind of the last failure */
} __attribute__((packed, aligned(2)));

/* All recipients of a message but the first one; a ring. */
struct later_recipient {
	struct recipient recipient;
	uint32_t next;
};

/* What most recipients have not. */
struct recipient_more {
	uint32_t original; /* name: the address in angle brackets where it differs */
	uint32_t message;  /* string: Exim's text of the last failure */
	uint16_t rule_index;
	int16_t error_number : 15;
	uint16_t has_placeholder : 1; /* the recipient's address stands in the text as one byte */
};

enum { CLASS_NONE = UINT8_MAX };

/* Who carried it where; what is not logged is empty. Slices of the segment, or of the room that was given. */
struct route {
	struct slice router, transport, host, ip;
};

enum message_flag {
	MESSAGE_HAS_ARRIVAL = 1 << 0, /* its <= was seen */
	MESSAGE_IS_BOUNCE = 1 << 1,   /* <= <> */
	MESSAGE_IS_COMPLETED = 1 << 2,
	MESSAGE_IS_FROZEN = 1 << 3,
	MESSAGE_IS_REMOVED = 1 << 4,
	MESSAGE_IS_REJECTED = 1 << 5, /* had an id but was refused */
	MESSAGE_IS_REFUSAL = 1 << 6,  /* never had an id: a refused connection, command or login */
	MESSAGE_IS_FAKEREJECT = 1 << 7,
	MESSAGE_IS_TEMPORARY = 1 << 8,  /* the rejection was a 4xx */
	MESSAGE_HAS_LOGIN = 1 << 9,     /* its origin is a login, not a local user */
	MESSAGE_HAS_BARE = 1 << 10,     /* an envelope recipient without a domain was logged */
	MESSAGE_HAS_FIRST = 1 << 11,    /* its record holds the entry of a recipient */
	MESSAGE_LOST_FIRST = 1 << 12,   /* it did, and others may still name that entry */
	MESSAGE_IS_BY_SENDER = 1 << 13, /* its origin is its sender */
	MESSAGE_OWNER_IS_ORIGIN = 1 << 14,
};

/*
 * What nearly all messages have; segment.h and store.h have functions for what may stand elsewhere. An id is short where it has no more bits
 * than Exim gives it until the year 2106, on a system whose process ids have 38 bits at most.
 */
struct message {
	uint32_t id_low, id_middle, id_high; /* of a short id; 0: none, or the extra part has it */
	uint32_t arrived;                    /* second of the <=, else of the first line seen */
	uint32_t sender;                     /* name; 0: not known; "<>" for bounces */
	uint32_t owner; /* string: cPanel's account; or, as the flags say, name: its origin */
	uint32_t
	    further; /* struct later_recipient: the last of the ring; or struct message_extra */
	struct evidence evidence;
	struct recipient first; /* as the flags say */
	uint16_t flags;         /* enum message_flag */
	int16_t utc_offset;     /* minutes, of the log's clock when it arrived */
	uint16_t finished;      /* 0: not yet; one more than the seconds since it arrived */
};

_Static_assert(sizeof(struct message) == 72, "what every message takes");

enum { FINISHED_IN_EXTRA = UINT16_MAX };

/* Of a reference: it is that of a struct message_extra. No reference is so large. */
#define FURTHER_IS_EXTRA (1u << 31)

/* What few messages have. */
struct message_extra {
	struct message_id id; /* that is not short */
	struct message_id bounce_of, bounced_by;
	uint32_t later;      /* of a message that has such a part */
	uint32_t finished;   /* the second, where it is too long after the arrival, or before it */
	uint32_t origin;     /* name: where the owner is another */
	uint32_t spam_score; /* string: what SpamAssassin said */
	uint32_t
	    lookup; /* one more than the slot of the table of recipients, for messages with many; 0: none */
	uint32_t folder; /* string: the cwd= of the script that sent it */
	uint32_t login;  /* name: set_id= of a refused login */
};

/* The first group of an id is what stands above these bits of its high half. */
enum { ID_FIRST_SHIFT = 28 };

static inline bool
message_id_is_short(struct message_id id)
{
	return (id.high & (((uint64_t)1 << ID_FIRST_SHIFT) - 1)) == 0 &&
	    id.high >> ID_FIRST_SHIFT <= UINT32_MAX;
}

/* That of the record; none where it is not short. */
static inline struct message_id
message_short_id(const struct message *message)
{
	return (struct message_id){
	    .high = (uint64_t)message->id_high << ID_FIRST_SHIFT,
	    .low = (uint64_t)message->id_middle << 32 | message->id_low,
	};
}

const char *outcome_name(enum outcome outcome); /* as in stories: "delivered", ... */
const char *verdict_name(enum verdict verdict);
/* -1 when there is no such name. */
int verdict_find(struct slice name);

#endif
