/* Facts: what a failure's own text names: addresses, lists, links, limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/classify.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "daemon/classify/blocklists.h"
#include "daemon/classify/peer.h"
#include "daemon/text/find_nocase.h"

static bool
is_address_byte(char c)
{
	return (c >= '0' && c <= '9') || c == '.';
}

/* Takes a dotted quad that stands free. */
static bool
take_quad(struct slice text, size_t at, struct slice *quad)
{
	size_t len = 0;
	int dots = 0, digits = 0, value = 0;

	if (at != 0 &&
	    (is_address_byte(text.at[at - 1]) || isalpha((unsigned char)text.at[at - 1])))
		return false;
	for (; at + len < text.len && is_address_byte(text.at[at + len]); len++) {
		char c = text.at[at + len];

		if (c == '.') {
			if (digits == 0 || ++dots > 3)
				break;
			digits = value = 0;
			continue;
		}
		value = value * 10 + (c - '0');
		if (++digits > 3 || value > 255)
			return false;
	}
	if (dots < 3 || digits == 0)
		return false;
	*quad = slice_of(text.at + at, len);
	if (quad->at[quad->len - 1] == '.')
		quad->len--;
	return true;
}

/* Takes an IPv6 address (RFC 4291 section 2.2) that stands free. */
static bool
take_ip6(struct slice text, size_t at, struct slice *address)
{
	char word[INET6_ADDRSTRLEN];
	struct in6_addr parsed;
	size_t len = 0;

	if (at != 0 && (isalnum((unsigned char)text.at[at - 1]) || text.at[at - 1] == '.'))
		return false;
	while (at + len < text.len && len < sizeof(word) - 1 &&
	    (isxdigit((unsigned char)text.at[at + len]) || text.at[at + len] == ':' ||
		text.at[at + len] == '.'))
		len++;
	/* The colon or the dot of the sentence. */
	while (len != 0 && strchr(":.", text.at[at + len - 1]) != NULL)
		len--;
	*address = slice_of(text.at + at, len);
	if (slice_find(*address, SLICE(":")) < 0 ||
	    (at + len < text.len && isalnum((unsigned char)text.at[at + len])))
		return false;
	memcpy(word, address->at, len);
	word[len] = '\0';
	return inet_pton(AF_INET6, word, &parsed) == 1;
}

/* Our own address, as the reply quotes it: an address that is not the remote's. */
static void
find_ip(struct slice text, struct slice remote, struct facts *facts)
{
	for (size_t i = 0; i < text.len; i++) {
		struct slice found;

		if (!isxdigit((unsigned char)text.at[i]) && text.at[i] != ':')
			continue;
		if (!(isdigit((unsigned char)text.at[i]) && take_quad(text, i, &found)) &&
		    !take_ip6(text, i, &found))
			continue;
		if (!slice_equal(found, remote)) {
			facts->ip = found;
			return;
		}
		i += found.len;
	}
}

static void
find_url(struct slice text, struct facts *facts)
{
	ptrdiff_t at = slice_find(text, SLICE("http"));

	while (at >= 0) {
		struct slice url = slice_skip(text, (size_t)at);
		size_t len = 0;

		while (len < url.len && (unsigned char)url.at[len] > ' ' &&
		    strchr("<>\"'\\)]}", url.at[len]) == NULL)
			len++;
		url = slice_first(url, len);
		if (slice_has_prefix(url, SLICE("http://")) ||
		    slice_has_prefix(url, SLICE("https://"))) {
			while (url.len != 0 && strchr(".,;:!", url.at[url.len - 1]) != NULL)
				url.len--;
			facts->url = url;
			return;
		}
		text = slice_skip(text, (size_t)at + 4);
		at = slice_find(text, SLICE("http"));
	}
}

static struct slice
number_at(struct slice text)
{
	size_t len = 0;

	while (
	    len < text.len && ((text.at[len] >= '0' && text.at[len] <= '9') || text.at[len] == '/'))
		len++;
	return slice_first(text, len);
}

/* "(101/100 (101%))", "max=52428800", "limit 10485760", "limit of 100". */
static void
find_limit(struct slice text, struct facts *facts)
{
	static const char *const before[] = {"max=", "limit of ", "limit is ", "limit: ", "limit ",
	    "maximum of ", "("};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct slice rest = text;

		for (ptrdiff_t at; (at = slice_find(rest, slice_str(before[i]))) >= 0;) {
			rest = slice_skip(rest, (size_t)at + strlen(before[i]));
			struct slice number = number_at(rest);

			if (number.len != 0 &&
			    (before[i][0] != '(' || slice_find_byte(number, '/') > 0)) {
				facts->limit = number;
				return;
			}
		}
	}
}

/* "contains a virus (Eicar)", "infected with Eicar", "virus: Eicar", "malware Eicar". */
static void
find_malware(struct slice text, struct facts *facts)
{
	static const char *const before[] = {"virus (", "malware (", "infected with ",
	    "infected by ",
	    "virus: ", "Virus: ", "malware: ", "virus found: ", "virus detected: ", "Virus found ",
	    "virus name: ", "(virus "};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice name = slice_skip(text, (size_t)at + strlen(before[i]));
		size_t len = 0;
		while (len < name.len && strchr(" ,;)<>\"\\", name.at[len]) == NULL)
			len++;
		facts->malware = slice_first(name, len);
		return;
	}
}

/* Whether a result of that method is given behind its name, and is a pass: "Spf= Pass", "DKIM = did not pass". */
static bool
is_passed(struct slice behind)
{
	enum { RESULT_WITHIN = 80 };
	ptrdiff_t equals = slice_find_byte(slice_first(behind, RESULT_WITHIN), '=');

	return equals >= 0 &&
	    find_nocase(slice_first(slice_trim(slice_skip(behind, (size_t)equals + 1)), 4),
		needle_of("pass")) == 0;
}

/* Which of the three the reply speaks of, but for those that it says have passed. */
static void
find_method(struct slice text, struct facts *facts)
{
	static const char *const names[] = {"spf", "dkim", "dmarc"};
	static const char *const said[] = {NULL, "SPF", "DKIM", "SPF and DKIM", "DMARC",
	    "SPF and DMARC", "DKIM and DMARC", "SPF, DKIM and DMARC"};
	unsigned methods = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ptrdiff_t at = find_nocase(text, needle_of(names[i]));

		if (at >= 0 && !is_passed(slice_skip(text, (size_t)at + strlen(names[i]))))
			methods |= 1u << i;
	}
	facts->method = slice_str(said[methods]);
}

/* Takes the domain that stands at the front, or behind the @ of an address that does. */
static bool
take_domain(struct slice text, struct slice *domain)
{
	size_t len = 0;

	while (len < text.len &&
	    (isalnum((unsigned char)text.at[len]) || strchr("@.-_+", text.at[len]) != NULL))
		len++;
	struct slice name = slice_first(text, len);
	ptrdiff_t mark = slice_find_byte(name, '@');
	if (mark >= 0)
		name = slice_skip(name, (size_t)mark + 1);
	while (name.len != 0 && name.at[name.len - 1] == '.')
		name.len--;
	if (slice_find_byte(name, '.') <= 0 || !isalpha((unsigned char)name.at[name.len - 1]))
		return false;
	*domain = name;
	return true;
}

static bool
find_domain(struct slice text, const char *const *before, struct slice *domain)
{
	for (; *before != NULL; before++) {
		ptrdiff_t at = find_nocase(text, needle_of(*before));

		if (at >= 0 && take_domain(slice_skip(text, (size_t)at + strlen(*before)), domain))
			return true;
	}
	return false;
}

/* Domains that the text itself names: whose authentication failed, which may be another one than the envelope sender's, and whose limit it is. */
static void
find_domains(struct slice text, struct facts *facts)
{
	static const char *const checked[] = {"mail from ", "sending domain ", "domain of ",
	    "SPF [", "send for ", "on behalf of ", NULL};
	static const char *const limited[] = {"Domain ", NULL};

	(void)find_domain(text, checked, &facts->auth_domain);
	if (find_nocase(text, needle_of(" has exceeded the max ")) >= 0)
		(void)find_domain(text, limited, &facts->sender_domain);
}

/* "SMTP error from remote mail server after HELO server.example.com: ": the name that this server gave itself. */
static void
find_helo(struct slice message, struct facts *facts)
{
	static const char *const before[] = {" after HELO ", " after EHLO ", "response to EHLO "};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(message, slice_str(before[i]));
		size_t len = 0;

		if (at < 0)
			continue;
		struct slice name = slice_skip(message, (size_t)at + strlen(before[i]));
		while (len < name.len && strchr(": ", name.at[len]) == NULL)
			len++;
		facts->helo = slice_first(name, len);
		return;
	}
}

/* Whether this server alone had to do with it: a router of its own, a transport that is no SMTP, LMTP to itself. */
static bool
is_local(const struct failure *failure, struct slice remote)
{
	if (failure->kind != FAILURE_BOUNCED && failure->kind != FAILURE_DEFERRED)
		return false;
	/* What listens behind an SMTP transport speaks for another server, also where it is reached on this machine. */
	bool is_sent_out = find_nocase(failure->transport, needle_of("smtp")) >= 0 ||
	    find_nocase(failure->transport, needle_of("remote")) >= 0;
	if (is_sent_out)
		return false;
	if (remote.len != 0)
		return slice_equal(remote, SLICE("127.0.0.1")) || slice_equal(remote, SLICE("::1"));
	return failure->transport.len != 0 || failure->router.len != 0;
}

/* By what the log says, else by the reply's first digit. */
static void
find_fate(const struct failure *failure, const struct reply *reply, struct facts *facts)
{
	int digit = reply->code != 0 ? reply->code / 100 : reply->enhanced.class;
	bool is_text = failure->kind == FAILURE_TEXT;

	if (failure->kind == FAILURE_BOUNCED || (is_text && digit == 5)) {
		facts->again = SLICE("Your message has come back; please send it again later.");
	} else if (failure->kind == FAILURE_DEFERRED || failure->kind == FAILURE_WARNING ||
	    (is_text && digit == 4)) {
		facts->again = SLICE("Your message is kept and is tried again by itself.");
		facts->waiting = SLICE("the message");
	}
}

void
facts_refused_here(struct facts *facts, const struct failure *failure)
{
	facts->is_refused_here = true;
	facts->host = SLICE("this server");
	facts->helo = failure->host;
	facts->client_ip = failure->ip;
	if (failure->ip.len != 0)
		facts->ip = failure->ip;
}

void
facts_extract(const struct failure *failure, struct facts *facts)
{
	struct reply reply;

	reply_parse(failure->message, &reply);
	struct slice remote = failure->ip.len != 0 ? failure->ip : reply.ip;
	struct slice host = failure->host.len != 0 ? failure->host : reply.host;
	if (remote.len == 0 && failure->kind != FAILURE_REJECTED) {
		struct slice name;

		if (peer_find(failure->message, &name, &remote) && host.len == 0)
			host = name;
	}
	facts->host = host.len != 0 ? host : remote;
	facts->router = failure->router;
	facts->transport = failure->transport;
	blocklist_find(reply.raw, &facts->list, &facts->list_url);
	find_ip(reply.raw, remote, facts);
	find_url(reply.raw, facts);
	find_limit(reply.raw, facts);
	find_malware(reply.raw, facts);
	find_method(reply.raw, facts);
	find_domains(reply.raw, facts);
	find_helo(failure->message, facts);
	find_fate(failure, &reply, facts);
	facts->is_bare = failure->kind == FAILURE_TEXT && facts->host.len == 0 && reply.code == 0 &&
	    reply.enhanced.class == 0;
	facts->is_local = is_local(failure, remote);
	if (facts->is_local)
		facts->host = SLICE("this server");
	if (failure->kind == FAILURE_REJECTED)
		facts_refused_here(facts, failure);
}

void
facts_name(struct facts *facts, struct slice address, struct slice sender)
{
	facts->address = address;
	facts->domain = slice_domain(address);
	if (facts->domain.len != 0)
		facts->local_part = slice_first(address, address.len - facts->domain.len - 1);
	facts->sender = sender;
	if (slice_domain(sender).len != 0)
		facts->sender_domain = slice_domain(sender);
	if (facts->auth_domain.len == 0)
		facts->auth_domain = facts->sender_domain;
}

void
facts_frozen(struct facts *facts)
{
	facts->again = SLICE("Your message is on hold on our server until we release it.");
	facts->waiting = slice_of("", 0);
}

void
facts_bounce(struct facts *facts)
{
	facts->is_bounce = true;
	facts->again = slice_of("", 0);
}

void
facts_identify(struct facts *facts, struct slice id, bool is_frozen)
{
	facts->id = id;
	if (facts->waiting.len == 0)
		return;
	facts->waiting_id = id;
	if (is_frozen)
		facts_frozen(facts);
}

void
facts_removed(struct facts *facts)
{
	if (facts->waiting_id.len == 0)
		return;
	facts->again = SLICE(
	    "Your message was taken off the queue; please send it again if it is still wanted.");
	facts->waiting = facts->waiting_id = slice_of("", 0);
}
