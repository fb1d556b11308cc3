/* Which of the blocklists have an address, and which could not say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/checks/checks.h"
#include "client/checks/dns/evidence.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/lists/blocklists_conf.h"
#include "client/checks/lists/spamhaus.h"

enum {
	NAME_SIZE = 256,
	/* What the last octet of 127.255.255.x means by the custom that Spamhaus began. */
	MISTYPED_ZONE = 252,
	PUBLIC_RESOLVER = 254,
	TOO_MANY = 255,
};

/* The address that no list may have, and the one that every list must have (RFC 5782 5). */
static const struct ip loopback = {.family = AF_INET, .bytes = {127, 0, 0, 1}};
static const struct ip test_entry = {.family = AF_INET, .bytes = {127, 0, 0, 2}};

/* What an answer means. */
enum listing {
	NOT_LISTED,
	LISTED,
	REFUSED,    /* the list does not answer this resolver */
	NO_MEANING, /* no list answers so */
	EMPTY,      /* the list has nothing at all, as far as this resolver lets through */
	NOT_KNOWN,
};

struct search {
	struct checks *checks;
	const struct ip *ip;
	char address[IP_TEXT_SIZE];
	struct draft without;     /* the lists that do not have it */
	struct draft unanswering; /* those that could not be asked */
	char *empty;         /* the names of the lists without a test entry; NULL: there is none */
	bool needs_resolver; /* one of its own */
	size_t asked, without_count, unanswering_count, ipv4_only_count;
};

/* The name under which a list has an address (RFC 5782 2.1, 2.4). */
static const char *
name_in(const struct blocklist *list, const struct ip *ip, char out[NAME_SIZE])
{
	char backwards[IP_NAME_SIZE];

	snprintf(out, NAME_SIZE, "%s%s", ip_backwards(ip, backwards), list->zone);
	return out;
}

static enum listing
meaning_of(const struct ip *code)
{
	if (code->bytes[0] != 127)
		return NO_MEANING;
	if (code->bytes[1] == 255 && code->bytes[2] == 255)
		return REFUSED;
	/* It is no code either: some say "I do not answer you" with it. */
	if (ip_equal(code, &loopback))
		return REFUSED;
	return LISTED;
}

/* What all codes of an answer mean: one that is a listing decides. */
static enum listing
meaning_of_all(const struct lookup *lookup)
{
	enum listing meaning = NO_MEANING;

	if (lookup->status == LOOKUP_FAILED)
		return NOT_KNOWN;
	if (lookup->status != LOOKUP_FOUND)
		return NOT_LISTED;
	for (size_t i = 0; i < lookup->count; i++) {
		enum listing one = meaning_of(&lookup->records[i].ip);

		if (one == LISTED)
			return LISTED;
		if (one == REFUSED)
			meaning = REFUSED;
	}
	return meaning;
}

static void
add_listing(struct search *search, const struct blocklist *list, const struct lookup *lookup)
{
	char name[NAME_SIZE];
	struct draft draft = {0};
	const struct lookup *reason = resolver_ask(search->checks->resolver,
	    name_in(list, search->ip, name), RECORD_TXT);
	char *link = blocklist_link(list, search->address);

	draft_say(&draft, CHECK_FAIL, "%s is on the blocklist %s.", search->address, list->zone);
	evidence_of_records(&draft, name, RECORD_A, lookup);
	evidence_of_records(&draft, name, RECORD_TXT, reason);
	if (!spamhaus_is_zone(list->zone) || spamhaus_blames(lookup))
		draft_advise(&draft,
		    "Find out what was sent, and end it, before removal is asked for: bouncectl incidents, bouncectl stats --by sender.");
	if (spamhaus_is_zone(list->zone))
		spamhaus_explain(&draft, lookup);
	if (link != NULL)
		draft_advise(&draft, "Read about the listing and ask for removal: %s", link);
	else
		draft_advise(&draft, "Ask whoever runs %s for removal.", list->zone);
	free(link);
	draft_add(&draft, search->checks, "blocklist");
}

static void
say_refused(struct draft *draft, const char *zone, const struct lookup *lookup)
{
	const struct ip *code = &lookup->records[0].ip;
	char text[IP_TEXT_SIZE];
	const char *why = "";

	if (code->bytes[1] == 255 && code->bytes[3] == PUBLIC_RESOLVER)
		why = ", since it is a public one or has no name of its own";
	else if (code->bytes[1] == 255 && code->bytes[3] == TOO_MANY)
		why = ", since it asks too often";
	else if (code->bytes[1] == 255 && code->bytes[3] == MISTYPED_ZONE)
		why = ", since the zone's name is mistyped";
	draft_say(draft, CHECK_UNKNOWN,
	    "%s refuses to answer this server's resolver%s (%s): that is no listing.", zone, why,
	    ip_text(code, text));
}

/* A list that has 127.0.0.1 has everything, like the zone of one that was given up and sold (RFC 5782 5). */
static bool
lists_everything(struct search *search, const struct blocklist *list)
{
	char name[NAME_SIZE];
	const struct lookup *lookup = resolver_ask(search->checks->resolver,
	    name_in(list, &loopback, name), RECORD_A);

	if (meaning_of_all(lookup) != LISTED)
		return false;
	evidence_of_records(&search->unanswering, name, RECORD_A, lookup);
	return true;
}

static void
name_empty(struct search *search, const struct blocklist *list)
{
	char *names = NULL;

	if (asprintf(&names, "%s%s%s", search->empty != NULL ? search->empty : "",
		search->empty != NULL ? ", " : "", list->zone) < 0)
		return;
	free(search->empty);
	search->empty = names;
}

/*
 * A list without its test entry is out of service, or its answers do not come through: some resolvers say of all lists that
 * their names do not exist.
 */
static enum listing
doubt(struct search *search, const struct blocklist *list)
{
	char name[NAME_SIZE];
	enum listing of_test = meaning_of_all(
	    resolver_ask(search->checks->resolver, name_in(list, &test_entry, name), RECORD_A));

	if (of_test == LISTED || of_test == NOT_KNOWN)
		return NOT_LISTED;
	return of_test == NOT_LISTED ? EMPTY : of_test;
}

static void
add_unanswering(struct search *search, const struct blocklist *list, enum listing listing,
    const struct lookup *lookup)
{
	struct draft *draft = &search->unanswering;
	char name[NAME_SIZE];

	search->unanswering_count++;
	name_in(list, search->ip, name);
	if (lookup->status != LOOKUP_FOUND && listing != NOT_KNOWN) {
		/* It is the test entry that says so. */
		name_in(list, &test_entry, name);
		lookup = resolver_ask(search->checks->resolver, name, RECORD_A);
	}
	evidence_of_lookup(draft, name, RECORD_A, lookup);
	if (listing == NOT_KNOWN) {
		draft_say(draft, CHECK_UNKNOWN, "%s could not be asked: %s.", list->zone,
		    lookup->error);
		return;
	}
	if (listing == LISTED) {
		draft_say(draft, CHECK_UNKNOWN,
		    "%s has every address, even 127.0.0.1, and so tells nothing.", list->zone);
		draft_advise(draft, "Take %s out of blocklists.conf if it goes on so.", list->zone);
		return;
	}
	if (listing == REFUSED)
		say_refused(draft, list->zone, lookup);
	else if (listing == EMPTY)
		name_empty(search, list);
	else
		draft_say(draft, CHECK_UNKNOWN,
		    "%s gave an answer outside 127.0.0.0/8, which is no listing: the resolver answers in the place of names that do not exist.",
		    list->zone);
	search->needs_resolver = true;
}

static void
look_in(struct search *search, const struct blocklist *list)
{
	char name[NAME_SIZE];
	const struct lookup *lookup = resolver_ask(search->checks->resolver,
	    name_in(list, search->ip, name), RECORD_A);
	enum listing listing = meaning_of_all(lookup);

	search->asked++;
	if (listing == NOT_LISTED)
		listing = doubt(search, list);
	if (listing == NOT_LISTED) {
		search->without_count++;
		evidence_of_lookup(&search->without, name, RECORD_A, lookup);
	} else if (listing == LISTED && !lists_everything(search, list)) {
		add_listing(search, list, lookup);
	} else {
		add_unanswering(search, list, listing, lookup);
	}
}

static bool
can_be_asked(const struct search *search, const struct blocklist *list)
{
	return search->ip->family == AF_INET || !list->is_ipv4_only;
}

/* What else is asked of a list that has the address, as soon as that is known. */
static void
expect_reasons(struct search *search, const struct blocklist *list)
{
	struct resolver *resolver = search->checks->resolver;
	char name[NAME_SIZE];

	name_in(list, search->ip, name);
	if (meaning_of_all(resolver_ask(resolver, name, RECORD_A)) != LISTED)
		return;
	resolver_expect(resolver, name, RECORD_TXT);
	resolver_expect(resolver, name_in(list, &loopback, name), RECORD_A);
}

static void
look_in_all(struct search *search, const struct blocklists *lists)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < lists->count; i++)
		if (can_be_asked(search, &lists->list[i])) {
			resolver_expect(search->checks->resolver,
			    name_in(&lists->list[i], search->ip, name), RECORD_A);
			resolver_expect(search->checks->resolver,
			    name_in(&lists->list[i], &test_entry, name), RECORD_A);
		}
	for (size_t i = 0; i < lists->count; i++)
		if (can_be_asked(search, &lists->list[i]))
			expect_reasons(search, &lists->list[i]);
	for (size_t i = 0; i < lists->count; i++)
		if (can_be_asked(search, &lists->list[i]))
			look_in(search, &lists->list[i]);
		else
			search->ipv4_only_count++;
}

static void
add_summary(struct search *search)
{
	if (search->unanswering_count != 0) {
		draft_open(&search->unanswering,
		    "%zu of %zu blocklists could not tell whether they have %s.",
		    search->unanswering_count, search->asked, search->address);
		if (search->empty != NULL)
			draft_say(&search->unanswering, CHECK_UNKNOWN,
			    "What should be on every list, 127.0.0.2, is not on these: they are out of service, or their answers do not come through to this server's resolver: %s.",
			    search->empty);
		free(search->empty);
		if (search->needs_resolver)
			draft_advise(&search->unanswering,
			    "Let this server ask a resolver of its own (unbound or BIND on 127.0.0.1 in /etc/resolv.conf) instead of a public "
			    "or the provider's: lists answer it, and Exim's own use of them works. Or look %s up on the list's website.",
			    search->address);
		draft_add(&search->unanswering, search->checks, "blocklist");
	}
	if (search->without_count == 0 && search->asked != 0)
		return;
	if (search->asked == 0)
		draft_say(&search->without, CHECK_UNKNOWN, "No blocklist was asked about %s.",
		    search->address);
	else
		draft_open(&search->without, "%s is not on %zu of %zu blocklists.", search->address,
		    search->without_count, search->asked);
	if (search->ipv4_only_count != 0)
		draft_say(&search->without, CHECK_OK,
		    "%zu more were not asked: they know only IPv4 addresses.",
		    search->ipv4_only_count);
	draft_add(&search->without, search->checks, "blocklist");
}

static void
add_faults(struct search *search, const struct blocklists *lists)
{
	struct draft draft = {0};

	if (lists->error == NULL && lists->wrong_count == 0)
		return;
	if (lists->error != NULL)
		draft_say(&draft, CHECK_UNKNOWN, "%s, which names the blocklists, %s.", lists->path,
		    lists->error);
	else
		draft_say(&draft, CHECK_UNKNOWN,
		    "%zu of the lines of %s cannot be understood, and what they name was not asked.",
		    lists->wrong_count, lists->path);
	for (size_t i = 0; i < lists->wrong_count; i++)
		draft_evidence(&draft, "%s", lists->wrong[i]);
	if (lists->error == NULL)
		draft_advise(&draft,
		    "Write a line as ZONE [ipv4-only] [LINK], as in: dnsbl.example.org https://dnsbl.example.org/removal?ip={ip}");
	draft_add(&draft, search->checks, "blocklist");
}

void
check_blocklists(struct checks *checks, const struct ip *ip)
{
	struct search search = {.checks = checks, .ip = ip};
	struct blocklists lists;

	ip_text(ip, search.address);
	if (ip_is_private(ip)) {
		checks_add(checks, "blocklist", CHECK_UNKNOWN,
		    "%s is an address that only its own network knows: no blocklist has such addresses.",
		    search.address);
		return;
	}
	blocklists_read(checks->box, &lists);
	add_faults(&search, &lists);
	if (lists.error == NULL) {
		look_in_all(&search, &lists);
		add_summary(&search);
	}
	blocklists_clear(&lists);
}
