/* History: walks through the window, the newest first, as far as is affordable. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/answer/history.h"

#include <ctype.h>
#include <stdio.h>

#include "daemon/answer/match.h"
#include "daemon/answer/origin.h"
#include "daemon/answer/walk.h"

enum {
	VISIT_MAX = 20000,   /* messages of the window that are passed for one failure */
	MATCHES_MAX = 400,   /* recipients of these, at the same domain, that are counted */
	FAILURES_MAX = 5000, /* failures, likewise */
	SEEN_MAX = 64,       /* different names told apart; more count as so many */
	HALF_HOUR_S = 1800,
	SPELLING_MAX = 64, /* bytes of an address that are compared */
	EDITS_MAX = 2,
};

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

static struct slice
domain_of(struct slice address)
{
	const char *at = address.len != 0 ? memrchr(address.at, '@', address.len) : NULL;

	return at != NULL ? slice_skip(address, (size_t)(at - address.at) + 1) : slice_of("", 0);
}

/* Taken by another server: LMTP to this one is none. */
static bool
is_taken_elsewhere(const struct segment *segment, const struct recipient *entry)
{
	struct room room;

	if (entry->outcome != OUTCOME_DELIVERED || !segment_has_ip(segment, entry))
		return false;
	room_empty(&room);
	struct slice ip = segment_route(segment, entry, &room).ip;
	return !slice_equal(ip, SLICE("127.0.0.1")) && !slice_equal(ip, SLICE("::1"));
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
	struct message_view other;
	unsigned visited = 0, matches = 0;

	*out = (struct domain_history){0};
	for (const struct segment *segment; (segment = walk_segment(&walk, index)) != NULL;) {
		if (walk.left == segment->message_count && !segment_may_have(segment, domain)) {
			walk_skip_segment(&walk);
			continue;
		}
		visited += walk_pass(&walk, index, &sought) + (walk.left != 0);
		if (visited >= VISIT_MAX || matches >= MATCHES_MAX) {
			out->was_cut = true;
			break;
		}
		if (walk.left == 0)
			continue;
		if (!walk_older(&walk, index, &other))
			break;
		if (other.message == self || (other.message->flags & MESSAGE_IS_REFUSAL))
			continue;
		for (uint32_t r = 0;
		     (r = segment_next_recipient(other.segment, other.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(other.segment, r);

			if (!names_at_domain_nocase(&other.segment->arena, entry->address, domain))
				continue;
			add_to_history(out, other, entry, class_index);
			matches++;
		}
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

/* Messages that other servers took within half an hour, to other domains. */
static void
count_delivered(const struct index *index, int64_t second, struct slice domain,
    struct hour_history *out)
{
	struct walk walk = walk_newest(index);
	struct seen domains = {.count = 0};
	unsigned visited = 0;

	for (const struct segment *segment; (segment = walk_segment(&walk, index)) != NULL;) {
		struct message_view view;

		if (segment->first > second + HALF_HOUR_S) {
			walk_skip_segment(&walk);
			continue;
		}
		if (segment->last < second - HALF_HOUR_S || ++visited == VISIT_MAX ||
		    !walk_older(&walk, index, &view))
			break;
		for (uint32_t r = 0;
		     (r = segment_next_recipient(view.segment, view.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(view.segment, r);
			struct room room;

			if (entry->at < second - HALF_HOUR_S || entry->at > second + HALF_HOUR_S ||
			    !is_taken_elsewhere(view.segment, entry))
				continue;
			room_empty(&room);
			struct slice other = domain_of(
			    segment_name(view.segment, entry->address, &room));
			if (other.len == 0 || slice_equal_nocase(other, domain))
				continue;
			out->delivered++;
			see(&domains, other);
			break;
		}
	}
	out->delivered_domains = domains.count;
}

void
history_of_hour(const struct index *index, int64_t second, uint8_t class_index, struct slice domain,
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

		if (!index_failure_past(index, n, &view, &reference, &at, &is_current))
			continue;
		if (at > second + HALF_HOUR_S)
			break;
		const struct recipient *entry = segment_recipient(view.segment, reference);
		struct room room;

		room_empty(&room);
		struct slice other = domain_of(segment_name(view.segment, entry->address, &room));
		if (entry->class_index != class_index || slice_equal_nocase(other, domain))
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

/* Letters that have to be changed, left out, put in or exchanged with their neighbour to make one of the other; more than EDITS_MAX: many. */
static unsigned
count_edits(struct slice a, struct slice b)
{
	unsigned char rows[3][SPELLING_MAX + 1];

	if (a.len > SPELLING_MAX || b.len > SPELLING_MAX || a.len > b.len + EDITS_MAX ||
	    b.len > a.len + EDITS_MAX)
		return EDITS_MAX + 1;
	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned char)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned char *row = rows[i % 3], *above = rows[(i + 2) % 3],
			      *two_above = rows[(i + 1) % 3];
		int left = tolower((unsigned char)a.at[i - 1]);

		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= b.len; j++) {
			int right = tolower((unsigned char)b.at[j - 1]);
			unsigned best = above[j - 1] + (left != right);

			if (above[j] + 1u < best)
				best = above[j] + 1u;
			if (row[j - 1] + 1u < best)
				best = row[j - 1] + 1u;
			if (i > 1 && j > 1 && left == tolower((unsigned char)b.at[j - 2]) &&
			    right == tolower((unsigned char)a.at[i - 2]) &&
			    two_above[j - 2] + 1u < best)
				best = two_above[j - 2] + 1u;
			row[j] = (unsigned char)best;
		}
	}
	return rows[a.len % 3][b.len];
}

bool
history_nearest_reached(struct index *index, struct slice sender, struct slice address, char *found,
    size_t size)
{
	const struct sought sought = {
	    .to = {.is_any = true},
	    .from = match_sought(index_key(index), sender),
	};
	struct walk walk = walk_newest(index);
	struct message_view other;
	unsigned visited = 0, best = EDITS_MAX + 1;
	struct room room;

	if (sender.len == 0 || slice_equal(sender, SLICE("<>")))
		return false;
	for (const struct segment *segment; (segment = walk_segment(&walk, index)) != NULL;) {
		if (walk.left == segment->message_count && !segment_may_have(segment, sender)) {
			walk_skip_segment(&walk);
			continue;
		}
		visited += walk_pass(&walk, index, &sought) + (walk.left != 0);
		if (visited >= VISIT_MAX)
			break;
		if (walk.left == 0)
			continue;
		if (!walk_older(&walk, index, &other))
			break;
		if (!names_equal_nocase(&other.segment->arena, other.message->sender, sender))
			continue;
		for (uint32_t r = 0;
		     (r = segment_next_recipient(other.segment, other.message, r)) != 0;) {
			const struct recipient *entry = segment_recipient(other.segment, r);
			uint32_t original = segment_original(other.segment, entry);

			if (entry->outcome != OUTCOME_DELIVERED)
				continue;
			room_empty(&room);
			struct slice reached = segment_name(other.segment,
			    original != 0 ? original : entry->address, &room);
			unsigned edits = count_edits(reached, address);
			if (edits != 0 && edits < best) {
				best = edits;
				snprintf(found, size, "%.*s", (int)reached.len, reached.at);
			}
		}
	}
	return best <= EDITS_MAX;
}
