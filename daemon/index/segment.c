/* Segments: messages in blocks, strings kept once, failures in the order of the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/segment.h"

#include <stdlib.h>
#include <string.h>

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_UNKNOWN] = "unknown",
    [OUTCOME_DELIVERED] = "delivered",
    [OUTCOME_BOUNCED] = "bounced",
    [OUTCOME_DEFERRED] = "deferred",
    [OUTCOME_DISCARDED] = "discarded",
    [OUTCOME_REJECTED] = "rejected",
    [OUTCOME_REMOVED] = "removed",
};

static const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_IN_TRANSIT] = "in-transit",
    [VERDICT_DELIVERED] = "delivered",
    [VERDICT_BOUNCED] = "bounced",
    [VERDICT_PARTIAL] = "partial",
    [VERDICT_DEFERRED] = "deferred",
    [VERDICT_DISCARDED] = "discarded",
    [VERDICT_REJECTED] = "rejected",
    [VERDICT_FROZEN] = "frozen",
    [VERDICT_REMOVED] = "removed",
};

const char *
outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

const char *
verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

int
verdict_find(struct slice name)
{
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (slice_equal(name, slice_str(verdict_names[i])))
			return i;
	return -1;
}

static struct message_id
id_at(const void *context, uint32_t index)
{
	return segment_message(context, index)->id;
}

static uint64_t
id_hash_at(const void *context, uint32_t index)
{
	const struct segment *segment = context;
	struct message_id id = segment_message(segment, index)->id;

	return hash_pair(segment->key, id.high, id.low);
}

struct segment *
segment_new(uint64_t number, struct arena_pool *pool, const struct hash_key *key,
    const struct paths *paths)
{
	struct segment *segment = calloc(1, sizeof(*segment));

	if (segment == NULL)
		return NULL;
	segment->filter = calloc(FILTER_WORDS, sizeof(*segment->filter));
	if (segment->filter == NULL) {
		free(segment);
		return NULL;
	}
	segment->key = key;
	segment->paths = paths;
	segment->number = number;
	segment->ids = (struct id_table){.id_of = id_at, .context = segment};
	segment->id_first = INT64_MAX;
	segment->id_last = segment->id_reach = INT64_MIN;
	arena_init(&segment->arena, pool);
	segment->names = (struct names){.arena = &segment->arena};
	return segment;
}

void
segment_free(struct segment *segment)
{
	if (segment == NULL)
		return;
	digest_drop(segment);
	marks_drop(segment);
	blocks_drop(segment);
	free(segment->filter);
	id_table_clear(&segment->ids);
	arena_clear(&segment->arena);
	free(segment->blocks);
	free(segment->failures);
	free(segment);
}

size_t
segment_table_bytes(const struct segment *segment)
{
	return sizeof(*segment) + digest_bytes(segment) + marks_bytes(segment) +
	    blocks_bytes(segment) + FILTER_WORDS * sizeof(*segment->filter) +
	    id_table_bytes(&segment->ids) + segment->block_size * sizeof(*segment->blocks) +
	    segment->failure_size * sizeof(*segment->failures) +
	    segment->arena.chunk_size * sizeof(*segment->arena.chunks);
}

struct message *
segment_add_message(struct segment *segment, uint32_t *index)
{
	uint32_t block = segment->message_count / SEGMENT_BLOCK_MESSAGES;

	if (segment->message_count == SEGMENT_MESSAGE_MAX)
		return NULL;
	if (segment->message_count % SEGMENT_BLOCK_MESSAGES == 0) {
		if (block == segment->block_size) {
			uint32_t size = segment->block_size != 0 ? segment->block_size * 2 : 4;
			struct message **blocks = reallocarray(segment->blocks, size,
			    sizeof(struct message *));

			if (blocks == NULL)
				return NULL;
			segment->blocks = blocks;
			segment->block_size = size;
		}
		uint32_t reference = arena_take(&segment->arena,
		    SEGMENT_BLOCK_MESSAGES * sizeof(struct message));
		if (reference == 0)
			return NULL;
		segment->blocks[block] = arena_at(&segment->arena, reference);
	}
	*index = segment->message_count++;
	return segment_message(segment, *index);
}

bool
segment_add_id(struct segment *segment, uint32_t index, uint64_t hash)
{
	int64_t second = message_id_second(segment_message(segment, index)->id);

	if (!id_table_add(&segment->ids, hash, index, id_hash_at))
		return false;
	if (second < segment->id_first)
		segment->id_first = second;
	if (second > segment->id_last)
		segment->id_last = second;
	if (second > segment->id_reach)
		segment->id_reach = second;
	return true;
}

bool
segment_add_failure(struct segment *segment, const struct failure_entry *failure)
{
	if (segment->failure_count == segment->failure_size) {
		uint32_t size = segment->failure_size != 0 ? segment->failure_size * 2 : 16;
		struct failure_entry *failures = reallocarray(segment->failures, size,
		    sizeof(*failures));

		if (failures == NULL)
			return false;
		segment->failures = failures;
		segment->failure_size = size;
	}
	segment->failures[segment->failure_count++] = *failure;
	return true;
}

uint32_t
segment_keep(struct segment *segment, struct slice text)
{
	return segment->names.strings != NULL ? strings_intern(segment->names.strings, text, NULL) :
						strings_add(&segment->arena, text);
}

/* Two bits for each text. */
static inline void
filter_add(struct segment *segment, uint64_t hash)
{
	const uint64_t bits = FILTER_WORDS * 64;
	uint64_t first = hash % bits, second = (hash >> 32) % bits;

	segment->filter[first / 64] |= (uint64_t)1 << first % 64;
	segment->filter[second / 64] |= (uint64_t)1 << second % 64;
}

bool
segment_may_have(const struct segment *segment, struct slice text)
{
	const uint64_t bits = FILTER_WORDS * 64;
	uint64_t hash = name_of(segment->key, text, NAME_ADDRESS).hash;
	uint64_t first = hash % bits, second = (hash >> 32) % bits;

	return (segment->filter[first / 64] >> first % 64 & 1) != 0 &&
	    (segment->filter[second / 64] >> second % 64 & 1) != 0;
}

uint32_t
segment_keep_name(struct segment *segment, const struct name *address)
{
	bool is_new;
	uint32_t reference = names_intern(&segment->names, address, &is_new);

	if (!is_new)
		return reference;
	filter_add(segment, address->hash);
	if (address->is_split)
		filter_add(segment, address->domain_hash);
	return reference;
}

uint32_t
segment_keep_address(struct segment *segment, struct slice address)
{
	struct name name = name_of(segment->key, address, NAME_ADDRESS);

	return segment_keep_name(segment, &name);
}

/* A remote end: the name of its host, and its address, of four bytes where it is one of IPv4 as it is always written. */
struct hop {
	uint32_t host;
	uint8_t ip[];
};

enum {
	HOP_TEXT_MAX = 64,
	HOP_HEAD = sizeof(struct hop),
	HOP_IPV4 = HOP_HEAD +
	    4, /* the length of one with such an address; those with a text have a byte more */
};

/* A decimal number as it is always written, to 255. */
static inline bool
take_octet(const char **at, const char *end, uint8_t *octet)
{
	unsigned value, digit;

	if (*at == end || (value = (unsigned)(uint8_t) * *at - '0') > 9)
		return false;
	++*at;
	while (value != 0 && *at != end && (digit = (unsigned)(uint8_t) * *at - '0') <= 9) {
		value = value * 10 + digit;
		if (value > UINT8_MAX)
			return false;
		++*at;
	}
	*octet = (uint8_t)value;
	return true;
}

static bool
take_ipv4(struct slice text, uint8_t bytes[4])
{
	const char *at = text.at, *end = text.at + text.len;

	for (int part = 0; part < 4; part++)
		if ((part != 0 && (at == end || *at++ != '.')) ||
		    !take_octet(&at, end, &bytes[part]))
			return false;
	return at == end;
}

static size_t
put_ipv4(const uint8_t bytes[4], char *to)
{
	char *at = to;

	for (int i = 0; i < 4; i++) {
		if (i != 0)
			*at++ = '.';
		if (bytes[i] >= 100)
			*at++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*at++ = (char)('0' + bytes[i] / 10 % 10);
		*at++ = (char)('0' + bytes[i] % 10);
	}
	return (size_t)(at - to);
}

static uint32_t
keep_hop(struct segment *segment, struct slice host, struct slice ip)
{
	uint8_t bytes[HOP_HEAD + 1 + HOP_TEXT_MAX];
	size_t len = HOP_IPV4;
	bool is_new;

	if (segment->log_blocks != NULL) {
		blocks_add_remote(segment->log_blocks, hash_nocase(segment->key, host));
		blocks_add_remote(segment->log_blocks, hash_nocase(segment->key, ip));
	}
	struct name name = name_of(segment->key, host, NAME_HOST);
	uint32_t reference = names_intern(&segment->names, &name, &is_new);
	memcpy(bytes, &reference, sizeof(reference));
	if (!take_ipv4(ip, bytes + HOP_HEAD)) {
		ip = slice_first(ip, HOP_TEXT_MAX);
		bytes[HOP_HEAD] = 0;
		if (ip.len != 0)
			memcpy(bytes + HOP_HEAD + 1, ip.at, ip.len);
		/* A text of three bytes would be as long as an address of four. */
		len = HOP_HEAD + 1 + ip.len + (ip.len == 3);
		bytes[len - 1] = ip.len == 3 ? ' ' : bytes[len - 1];
	}
	return segment_keep(segment, slice_of((const char *)bytes, len));
}

uint32_t
segment_keep_hop(struct segment *segment, struct slice host, struct slice ip)
{
	if (host.len + ip.len == 0)
		return 0;
	if (segment->hops == NULL)
		return keep_hop(segment, host, ip);
	uint64_t hash = hash_more(segment->key, hash_more(segment->key, segment->key->a, host), ip);
	size_t at = hash % HOPS_KNOWN;
	if (segment->hops->kept[at].hash != hash || segment->hops->kept[at].reference == 0) {
		segment->hops->kept[at].reference = keep_hop(segment, host, ip);
		segment->hops->kept[at].hash = hash;
	}
	return segment->hops->kept[at].reference;
}

static void
read_hop(const struct segment *segment, uint32_t reference, struct room *room, struct route *route)
{
	struct slice kept = segment_string(segment, reference);
	char text[sizeof("255.255.255.255")];
	uint32_t name;

	if (reference == 0)
		return;
	memcpy(&name, kept.at, sizeof(name));
	route->host = segment_name(segment, name, room);
	if (kept.len == HOP_IPV4)
		route->ip = room_add(room,
		    slice_of(text, put_ipv4((const uint8_t *)kept.at + HOP_HEAD, text)));
	else
		route->ip = slice_trim(slice_skip(kept, HOP_HEAD + 1));
}

struct route
segment_route(const struct segment *segment, const struct recipient *recipient, struct room *room)
{
	struct route route = {.router = {"", 0},
	    .transport = {"", 0},
	    .host = {"", 0},
	    .ip = {"", 0}};

	if (recipient->path != 0) {
		route.router = segment->paths->list[recipient->path - 1].router;
		route.transport = segment->paths->list[recipient->path - 1].transport;
	}
	read_hop(segment, recipient->hop, room, &route);
	return route;
}

uint32_t
segment_host(const struct segment *segment, const struct recipient *recipient)
{
	struct slice kept = segment_string(segment, recipient->hop);
	uint32_t name = 0;

	if (kept.len >= sizeof(name))
		memcpy(&name, kept.at, sizeof(name));
	return name;
}

bool
segment_has_ip(const struct segment *segment, const struct recipient *recipient)
{
	return segment_string(segment, recipient->hop).len >= HOP_IPV4;
}

bool
segment_has_transport(const struct segment *segment, const struct recipient *recipient)
{
	return recipient->path != 0 && segment->paths->list[recipient->path - 1].transport.len != 0;
}

uint32_t
segment_recipient_count(const struct segment *segment, const struct message *message, uint32_t most)
{
	uint32_t count = 0;

	for (uint32_t r = 0;
	     count < most && (r = segment_next_recipient(segment, message, r)) != 0;)
		count++;
	return count;
}

static struct recipient_more *
add_more(struct segment *segment, struct recipient *recipient)
{
	if (recipient->more == 0)
		recipient->more = arena_take(&segment->arena, sizeof(struct recipient_more));
	return segment_more(segment, recipient);
}

void
segment_keep_original(struct segment *segment, struct recipient *recipient, struct slice original)
{
	struct recipient_more *more = original.len != 0 || recipient->more != 0 ?
	    add_more(segment, recipient) :
	    NULL;

	if (more != NULL)
		more->original = segment_keep_address(segment, original);
}

/* Stands for the recipient's address, so that what is said of many recipients is one text. */
static const char placeholder = '\1';

/* Writes the text with the placeholder in place of the address. False where it holds no address, or a placeholder. */
static bool
put_placeholder(struct slice text, struct slice address, struct room *room, struct slice *out)
{
	ptrdiff_t at = address.len != 0 ? slice_find(text, address) : -1;

	if (at < 0 || slice_find_byte(text, placeholder) >= 0)
		return false;
	*out = slice_of(room->bytes + room->used, 0);
	for (; at >= 0; at = slice_find(text, address)) {
		out->len += room_add(room, slice_first(text, (size_t)at)).len;
		out->len += room_add(room, slice_of(&placeholder, 1)).len;
		text = slice_skip(text, (size_t)at + address.len);
	}
	out->len += room_add(room, text).len;
	return true;
}

void
segment_keep_failure(struct segment *segment, struct recipient *recipient, struct slice message,
    int error_number)
{
	bool is_needed = message.len != 0 || error_number != 0 || recipient->more != 0;
	struct recipient_more *more = is_needed ? add_more(segment, recipient) : NULL;
	struct room room;

	if (more == NULL)
		return;
	room_empty(&room);
	message = slice_first(message, STRING_MAX);
	more->has_placeholder = put_placeholder(message,
	    segment_name(segment, recipient->address, &room), &room, &message);
	more->message = segment_keep(segment, message);
	more->error_number = (int16_t)error_number;
}

struct slice
segment_failure_text(const struct segment *segment, const struct recipient *recipient,
    struct room *room)
{
	const struct recipient_more *more = segment_more(segment, recipient);
	struct slice kept = segment_string(segment, more != NULL ? more->message : 0);

	if (more == NULL || !more->has_placeholder)
		return kept;
	struct slice address = segment_name(segment, recipient->address, room);
	struct slice text = slice_of(room->bytes + room->used, 0);
	for (ptrdiff_t at; (at = slice_find_byte(kept, placeholder)) >= 0;
	     kept = slice_skip(kept, (size_t)at + 1)) {
		text.len += room_add(room, slice_first(kept, (size_t)at)).len;
		text.len += room_add(room, address).len;
	}
	text.len += room_add(room, kept).len;
	return text;
}

/* What the outcomes of the recipients amount to: in seen a bit is set for each that there is. */
static enum verdict
verdict_of(const struct message *message, unsigned seen)
{
	static const enum verdict settled[OUTCOME_COUNT] = {
	    [OUTCOME_DELIVERED] = VERDICT_DELIVERED,
	    [OUTCOME_BOUNCED] = VERDICT_BOUNCED,
	    [OUTCOME_DISCARDED] = VERDICT_DISCARDED,
	    [OUTCOME_REJECTED] = VERDICT_REJECTED,
	    [OUTCOME_REMOVED] = VERDICT_REMOVED,
	};
	const unsigned waiting = 1u << OUTCOME_UNKNOWN, deferred = 1u << OUTCOME_DEFERRED;
	bool is_finished = (message->flags & MESSAGE_IS_COMPLETED) != 0;

	if (message->flags & (MESSAGE_IS_REJECTED | MESSAGE_IS_REFUSAL))
		return VERDICT_REJECTED;
	if (message->flags & MESSAGE_IS_REMOVED)
		return VERDICT_REMOVED;
	if ((message->flags & MESSAGE_IS_FROZEN) && !is_finished)
		return VERDICT_FROZEN;
	if (!is_finished && (seen & (waiting | deferred)) != 0)
		return seen & deferred ? VERDICT_DEFERRED : VERDICT_IN_TRANSIT;
	seen &= ~(waiting | deferred);
	/* A message that was finished without a line about any recipient that we saw: Exim finishes only what it handed on. */
	if (seen == 0)
		return is_finished ? VERDICT_DELIVERED : VERDICT_IN_TRANSIT;
	return (seen & (seen - 1)) != 0 ? VERDICT_PARTIAL : settled[__builtin_ctz(seen)];
}

enum verdict
segment_verdict(const struct segment *segment, const struct message *message)
{
	unsigned seen = 0;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;)
		seen |= 1u << segment_recipient(segment, r)->outcome;
	return verdict_of(message, seen);
}

/* A recipient whose last line is a failure. */
static bool
has_failed(const struct recipient *recipient)
{
	return recipient->class_index != CLASS_NONE && recipient->outcome != OUTCOME_DELIVERED;
}

static void
summarise_message(struct segment *segment, const struct message *message)
{
	struct segment_summary *summary = &segment->summary;
	unsigned seen = 0;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *recipient = segment_recipient(segment, r);

		seen |= 1u << recipient->outcome;
		if (!has_failed(recipient))
			continue;
		summary->by_class[recipient->class_index]++;
		if (recipient->severity == SEVERITY_HARD)
			summary->hard++;
		else if (recipient->severity == SEVERITY_SOFT)
			summary->soft++;
	}
	if (!(message->flags & MESSAGE_IS_REFUSAL))
		summary->by_verdict[verdict_of(message, seen)]++;
}

const struct segment_summary *
segment_summary(struct segment *segment)
{
	if (!segment->is_changed)
		return &segment->summary;
	segment->summary = (struct segment_summary){0};
	for (uint32_t i = 0; i < segment->message_count; i++)
		if (!message_is_void(segment_message(segment, i)))
			summarise_message(segment, segment_message(segment, i));
	segment->is_changed = false;
	return &segment->summary;
}
