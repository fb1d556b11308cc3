/* History: walks through the window, the newest first, as far as is affordable. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/history.h"

#include <ctype.h>
#include <stdio.h>

#include "daemon/answer/candidates.h"
#include "daemon/answer/origin.h"

enum {
	VISIT_MAX = 20000,   /* messages of the window that are passed for one failure */
	MATCHES_MAX = 400,   /* recipients of these, at the same domain, that are counted */
	FAILURES_MAX = 5000, /* failures, likewise */
	FAILURES_AHEAD = 8,
	SEEN_MAX = 64, /* different names told apart; more count as so many */
	HALF_HOUR_S = 1800,
	MEMO_SIZE = 256,
};

/* Whether the domains of one segment are the one in question, each compared once; slots are by the lowest bits of their references. */
struct memo {
	const struct segment *segment;
	struct {
		uint32_t reference; /* 0: free */
		bool is_so, was_seen;
	} domains[MEMO_SIZE];
};

static void
memo_enter(struct memo *memo, const struct segment *segment)
{
	if (memo->segment == segment)
		return;
	*memo = (struct memo){.segment = segment};
}

/* Names told apart by their hashes, case aside. */
struct seen {
	uint64_t hashes[SEEN_MAX];
	unsigned count;
};

static void
see(struct seen *seen, struct slice name)
{
	uint64_t hash = 0xcbf29ce484222325;

	if (name.len == 0 || seen->count == SEEN_MAX)
		return;
	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (uint8_t)tolower((unsigned char)name.at[i])) * 0x100000001b3;
	for (unsigned i = 0; i < seen->count; i++)
		if (seen->hashes[i] == hash)
			return;
	seen->hashes[seen->count++] = hash;
}

static bool
is_taken_elsewhere(const struct segment *segment, const struct recipient *entry)
{
	return entry->outcome == OUTCOME_DELIVERED && segment_is_remote(segment, entry);
}

/* Whether the recipient is at that domain, which is the same in all calls with one memo. */
static bool
is_at_domain(struct memo *memo, const struct recipient *entry, struct slice domain)
{
	const struct arena *arena = &memo->segment->arena;
	uint32_t known = names_domain(arena, entry->address), slot = known % MEMO_SIZE;

	if (known == 0)
		return names_at_domain_nocase(arena, entry->address, domain);
	if (memo->domains[slot].reference != known) {
		memo->domains[slot].reference = known;
		memo->domains[slot].was_seen = false;
		memo->domains[slot].is_so = names_at_domain_nocase(arena, entry->address, domain);
	}
	return memo->domains[slot].is_so;
}

static void
note_other(struct domain_history *history, struct message_view other, const struct recipient *entry)
{
	struct failure failure;
	struct reply reply;
	struct room room;

	room_empty(&room);
	index_failure(other.segment, entry, &room, &failure);
	reply_parse(failure.message, &reply);
	reply_text(&reply, history->other_words, sizeof(history->other_words));
	for (char *c = history->other_words; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	history->other_class = entry->class_index;
}

static void
add_to_history(struct domain_history *history, struct message_view other,
    const struct recipient *entry, uint8_t class_index)
{
	bool is_elsewhere = is_taken_elsewhere(other.segment, entry);
	struct room room;

	if (is_elsewhere)
		history->delivered_remotely++;
	else if (entry->outcome == OUTCOME_DELIVERED)
		history->delivered_here++;
	else if (entry->class_index == class_index)
		history->same_class++;
	else if (entry->class_index != CLASS_NONE && history->other_failures++ == 0)
		note_other(history, other, entry);
	if (entry->outcome != OUTCOME_DELIVERED)
		return;
	if (entry->at > history->last_delivered)
		history->last_delivered = entry->at;
	if (is_elsewhere && entry->at >= history->last_remotely) {
		history->last_remotely = entry->at;
		room_empty(&room);
		struct route route = segment_route(other.segment, entry, &room);
		struct slice host = route.host.len != 0 ? route.host : route.ip;
		snprintf(history->last_host, sizeof(history->last_host), "%.*s", (int)host.len,
		    host.at);
	}
	if (entry->attempts > 1 && history->tries == 0 &&
	    (other.message->flags & MESSAGE_HAS_ARRIVAL) && entry->at > other.message->arrived) {
		history->tries = entry->attempts;
		history->took_s = entry->at - other.message->arrived;
	}
}

void
history_of_domain(struct index *index, const struct message *self, struct slice domain,
    uint8_t class_index, struct domain_history *out)
{
	const struct sought sought = {
	    .to = {.domain = mark_hash_domain(index_key(index), domain)},
	    .from = {.is_any = true},
	};
	struct walk walk = walk_newest(index);
	struct memo memo = {.segment = NULL};
	struct candidates candidates;
	unsigned visited = 0, matches = 0;

	*out = (struct domain_history){0};
	for (const struct segment *segment; (segment = walk_segment(&walk, index)) != NULL;) {
		if (walk.left == segment->message_count && !segment_may_have(segment, domain)) {
			walk_skip_segment(&walk);
			continue;
		}
		memo_enter(&memo, segment);
		candidates_find(&candidates, &walk, index, segment, &sought);
		for (unsigned i = 0; i < candidates.count; i++) {
			struct message_view other = candidates.list[i];

			visited += candidates.passed[i];
			out->was_cut = visited >= VISIT_MAX || matches >= MATCHES_MAX;
			if (out->was_cut)
				return;
			if (other.message == self || (other.message->flags & MESSAGE_IS_REFUSAL))
				continue;
			for (uint32_t r = 0;
			     (r = segment_next_recipient(segment, other.message, r)) != 0;) {
				const struct recipient *entry = segment_recipient(segment, r);

				if (!is_at_domain(&memo, entry, domain))
					continue;
				add_to_history(out, other, entry, class_index);
				matches++;
			}
		}
		visited += candidates.passed_behind;
		out->was_cut = visited >= VISIT_MAX || matches >= MATCHES_MAX;
		if (out->was_cut)
			return;
	}
}

/* The first failure that is not older: by halving, since seconds never go back. */
static uint64_t
first_failure_since(const struct index *index, int64_t second)
{
	struct failure_range range = index_failures(index);
	uint64_t low = range.first, high = range.next;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (index_failure_second(index, middle) < second)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Counts the domain of a recipient that is_at_domain was asked about. False where it has none. */
static bool
see_domain(struct seen *seen, struct memo *memo, const struct recipient *entry)
{
	uint32_t known = names_domain(&memo->segment->arena, entry->address),
		 slot = known % MEMO_SIZE;
	struct room room;

	if (known != 0 && memo->domains[slot].was_seen)
		return true;
	room_empty(&room);
	struct slice domain = slice_domain(segment_name(memo->segment, entry->address, &room));
	see(seen, domain);
	if (known != 0)
		memo->domains[slot].was_seen = true;
	return domain.len != 0;
}

/* The half hours around a failure, at other domains than its. */
struct surroundings {
	int64_t from, to;
	struct slice domain;
	uint64_t hash; /* of the domain */
	struct seen domains;
};

/* Whether another server took the message meanwhile, for a domain that is then counted. */
static bool
is_delivered_meanwhile(struct memo *memo, const struct message *message,
    struct surroundings *around)
{
	const struct segment *segment = memo->segment;

	for (uint32_t r = 0; (r = segment_next_recipient(segment, message, r)) != 0;) {
		const struct recipient *entry = segment_recipient(segment, r);

		if (entry->at >= around->from && entry->at <= around->to &&
		    is_taken_elsewhere(segment, entry) &&
		    !is_at_domain(memo, entry, around->domain) &&
		    see_domain(&around->domains, memo, entry))
			return true;
	}
	return false;
}

/* Messages of the segment that other servers took meanwhile: where the marks tell that much, only domains have to be looked at, and not many. */
static unsigned
count_delivered_of(struct memo *memo, const struct marks *marks, uint32_t from,
    struct surroundings *around)
{
	const struct segment *segment = memo->segment;
	struct taken_span span = marks_taken_span(segment, around->from, around->to);
	unsigned delivered = 0;

	for (uint32_t left = segment->message_count; left > from; left--) {
		if (marks != NULL)
			left = marks_next_taken(marks, left, span);
		if (left <= from)
			break;
		bool is_clear = marks != NULL && marks->taken[left - 1] != TAKEN_UNKNOWN &&
		    around->domains.count == SEEN_MAX &&
		    !marks_may_be_to(marks, left - 1, around->hash);
		if (is_clear ||
		    is_delivered_meanwhile(memo, segment_message(segment, left - 1), around))
			delivered++;
	}
	return delivered;
}

/* Messages that other servers took within half an hour, to other domains. */
static void
count_delivered(struct index *index, int64_t second, struct slice domain, struct hour_history *out)
{
	struct surroundings around = {.from = second - HALF_HOUR_S,
	    .to = second + HALF_HOUR_S,
	    .domain = domain,
	    .hash = mark_hash_domain(index_key(index), domain)};
	struct memo memo = {.segment = NULL};
	uint32_t affordable = VISIT_MAX;

	for (uint64_t number = index_end(index); number-- > index_oldest(index);) {
		const struct segment *segment = index_segment(index, number);

		if (segment == NULL || segment->first > around.to)
			continue;
		if (segment->last < around.from || affordable == 0)
			break;
		memo_enter(&memo, segment);
		uint32_t count = segment->message_count < affordable ? segment->message_count :
								       affordable;
		out->delivered += count_delivered_of(&memo, index_marks(index, number),
		    segment->message_count - count, &around);
		affordable -= count;
	}
	out->delivered_domains = around.domains.count;
}

void
history_of_hour(struct index *index, int64_t second, uint8_t class_index, struct slice domain,
    struct hour_history *out)
{
	uint64_t end = index_failures(index).next;
	struct seen domains = {.count = 0};

	*out = (struct hour_history){0};
	for (uint64_t n = first_failure_since(index, second - HALF_HOUR_S), visited = 0;
	     n < end && visited < FAILURES_MAX; n++, visited++) {
		struct message_view view;
		uint32_t reference;
		int64_t at;
		bool is_current;

		index_failure_expect(index, n + FAILURES_AHEAD);
		if (!index_failure_past(index, n, &view, &reference, &at, &is_current))
			continue;
		if (at > second + HALF_HOUR_S)
			break;
		const struct recipient *entry = segment_recipient(view.segment, reference);
		struct room room;

		if (entry->class_index != class_index)
			continue;
		room_empty(&room);
		struct slice other = slice_domain(
		    segment_name(view.segment, entry->address, &room));
		if (slice_equal_nocase(other, domain))
			continue;
		out->failures++;
		see(&domains, other);
	}
	out->domains = domains.count;
	count_delivered(index, second, domain, out);
}

void
history_of_client(const struct index *index, struct slice ip, struct slice login,
    uint8_t class_index, int lockout_class, struct client_history *out)
{
	struct failure_range range = index_failures(index);
	struct seen logins = {.count = 0}, clients = {.count = 0};

	*out = (struct client_history){0};
	for (uint64_t n = range.next, visited = 0; n > range.first && visited < VISIT_MAX;
	     visited++) {
		struct message_view view;
		uint32_t reference;
		int64_t at;
		bool is_current;

		if (!index_failure_past(index, --n, &view, &reference, &at, &is_current) ||
		    !(view.message->flags & (MESSAGE_IS_REFUSAL | MESSAGE_IS_REJECTED)))
			continue;
		const struct recipient *entry = segment_recipient(view.segment, reference);
		struct room room;

		room_empty(&room);
		struct slice its_ip = segment_route(view.segment, entry, &room).ip;
		struct slice its_login = origin_login(view, &room);
		if (login.len != 0 && slice_equal_nocase(its_login, login))
			see(&clients, its_ip);
		if (ip.len == 0 || !slice_equal(its_ip, ip))
			continue;
		out->refusals++;
		out->same_class += entry->class_index == class_index;
		out->lockouts += entry->class_index == lockout_class;
		if (entry->class_index == class_index) {
			out->first = at;
			out->last = out->last == 0 ? at : out->last;
		}
		see(&logins, its_login);
	}
	out->logins = logins.count;
	out->clients = clients.count;
}
