/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "client/checks/blocklists_conf.h"
#include "client/checks/checks.h"
#include "client/checks/draft.h"
#include "client/checks/evidence.h"
#include "client/checks/ip.h"
#include "client/checks/resolver.h"

enum {
	NAME_SIZE = 256,
	PBL_FIRST = 10, /* with it begin the codes of Spamhaus that blame nobody */
	/* What the last octet of 127.255.255.x means by the custom that Spamhaus began. */
	MISTYPED_ZONE = 252,
	PUBLIC_RESOLVER = 254,
	TOO_MANY = 255,
};

/* The address that no list may have (RFC 5782 5). */
static const struct ip loopback = {.family = AF_INET, .bytes = {127, 0, 0, 1}};

/* What an answer means. */
enum listing {
	NOT_LISTED,
	LISTED,
	REFUSED,    /* the list does not answer this resolver */
	NO_MEANING, /* no list answers so */
	NOT_KNOWN,
};

struct search {
	struct checks *checks;
	const struct ip *ip;
	char address[IP_TEXT_SIZE];
	struct draft without;     /* the lists that do not have it */
	struct draft unanswering; /* those that could not be asked */
	bool needs_resolver;      /* one of its own */
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

static bool
is_spamhaus(const char *zone)
{
	static const char *const ends[] = {".spamhaus.org", ".spamhaus.net"};
	size_t len = strlen(zone);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end_len = strlen(ends[i]);

		if (len > end_len && strcasecmp(zone + len - end_len, ends[i]) == 0)
			return true;
	}
	return false;
}

/* What Spamhaus's codes 127.0.0.x mean. */
static const struct {
	unsigned first, last;
	const char *part, *meaning, *advice;
} spamhaus_parts[] = {
    {2, 2, "SBL", "a source of spam, by Spamhaus's own investigation",
	"Only the owner of the address block can ask for removal from the SBL: the hosting provider tells Spamhaus what was done about the spam."},
    {3, 3, "SBL CSS",
	"mail of low reputation came from it: spam, a compromised account or form, or lists nobody asked for",
	"An SBL CSS listing ends by itself some days after the last spam."},
    {4, 7, "XBL",
	"a machine that is infected or abused: malware, an open proxy, a hijacked account",
	"For the XBL, look for malware and for connections to port 25 that are not Exim's (a script that sends by itself) before removal is asked for: else it is listed again within hours."},
    {9, 9, "SBL DROP", "the whole network is in the hands of criminals, by Spamhaus's records",
	"A DROP listing concerns the network, not this server: move to another provider's addresses."},
    {PBL_FIRST, 11, "PBL",
	"an address that should send no mail to other servers by its owner's policy; nothing that this server did",
	"For the PBL, have the hosting provider take the address out, or, if it is this server's own fixed address with a PTR record that leads back, remove it at the link."},
};

enum { SPAMHAUS_PARTS = sizeof(spamhaus_parts) / sizeof(spamhaus_parts[0]) };

static bool
has_code(const struct lookup *lookup, unsigned first, unsigned last)
{
	for (size_t i = 0; i < lookup->count; i++) {
		const unsigned char *code = lookup->records[i].ip.bytes;

		if (code[0] == 127 && code[1] == 0 && code[2] == 0 && code[3] >= first &&
		    code[3] <= last)
			return true;
	}
	return false;
}

static void
explain_spamhaus(struct draft *draft, const struct lookup *lookup)
{
	for (size_t i = 0; i < SPAMHAUS_PARTS; i++)
		if (has_code(lookup, spamhaus_parts[i].first, spamhaus_parts[i].last)) {
			draft_say(draft, CHECK_FAIL, "%s: %s.", spamhaus_parts[i].part,
			    spamhaus_parts[i].meaning);
			draft_advise(draft, "%s", spamhaus_parts[i].advice);
		}
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
	if (!is_spamhaus(list->zone) || has_code(lookup, 0, PBL_FIRST - 1))
		draft_advise(&draft,
		    "Find out what was sent, and end it, before removal is asked for: bouncectl incidents, bouncectl stats --by sender.");
	if (is_spamhaus(list->zone))
		explain_spamhaus(&draft, lookup);
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
add_unanswering(struct search *search, const struct blocklist *list, enum listing listing,
    const struct lookup *lookup)
{
	struct draft *draft = &search->unanswering;
	char name[NAME_SIZE];

	search->unanswering_count++;
	evidence_of_lookup(draft, name_in(list, search->ip, name), RECORD_A, lookup);
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
		if (can_be_asked(search, &lists->list[i]))
			resolver_expect(search->checks->resolver,
			    name_in(&lists->list[i], search->ip, name), RECORD_A);
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
