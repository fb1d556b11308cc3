/* Facts: what a failure's own text names: addresses, lists, links, limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/classify.h"

/* Blocklists by the words that replies name them with, the longest and surest first, and where an address is looked up. */
static const struct {
	const char *words, *name, *link;
} lists[] = {
    {"dbl.spamhaus", "Spamhaus DBL", "https://check.spamhaus.org/"},
    {"/query/dbl", "Spamhaus DBL", "https://check.spamhaus.org/"},
    {"/query/domain", "Spamhaus DBL", "https://check.spamhaus.org/"},
    {"sbl-xbl.spamhaus", "Spamhaus SBL-XBL", "https://check.spamhaus.org/"},
    {"xbl.spamhaus", "Spamhaus XBL", "https://check.spamhaus.org/"},
    {"sbl.spamhaus", "Spamhaus SBL", "https://check.spamhaus.org/"},
    {"pbl.spamhaus", "Spamhaus PBL", "https://check.spamhaus.org/"},
    {"css.spamhaus", "Spamhaus CSS", "https://check.spamhaus.org/"},
    {"zen.spamhaus", "Spamhaus ZEN", "https://check.spamhaus.org/"},
    {"zen.dq.spamhaus", "Spamhaus ZEN", "https://check.spamhaus.org/"},
    {"spamhaus", "Spamhaus", "https://check.spamhaus.org/"},
    {"spamcop", "SpamCop", "https://www.spamcop.net/bl.shtml"},
    {"barracudacentral", "Barracuda BRBL", "https://www.barracudacentral.org/lookups"},
    {"cbl.abuseat", "CBL", "https://check.spamhaus.org/"},
    {"abuseat.org", "CBL", "https://check.spamhaus.org/"},
    {"sorbs.net", "SORBS", NULL},
    {"sorbs", "SORBS", NULL},
    {"psbl.surriel", "PSBL", "https://psbl.org/"},
    {"psbl.org", "PSBL", "https://psbl.org/"},
    {"uceprotect", "UCEPROTECT", "https://www.uceprotect.net/en/rblcheck.php"},
    {"multi.surbl", "SURBL", "https://www.surbl.org/surbl-analysis"},
    {"surbl.org", "SURBL", "https://www.surbl.org/surbl-analysis"},
    {"surbl", "SURBL", "https://www.surbl.org/surbl-analysis"},
    {"uribl.com", "URIBL", "https://lookup.uribl.com/"},
    {"uribl", "URIBL", "https://lookup.uribl.com/"},
    {"ivmuri", "invaluement ivmURI", "https://www.invaluement.com/lookup/"},
    {"ivmsip", "invaluement ivmSIP", "https://www.invaluement.com/lookup/"},
    {"invaluement", "invaluement", "https://www.invaluement.com/lookup/"},
    {"mailspike", "Mailspike", "https://mailspike.io/ip_verify"},
    {"gbudb", "GBUdb Truncate", "https://www.gbudb.com/truncate/"},
    {"s5h.net", "s5h.net", "https://usenix.org.uk/content/rbl.html"},
    {"spamrats", "SpamRATS", "https://www.spamrats.com/lookup.php"},
    {"hostkarma", "Hostkarma", "https://ipadmin.junkemailfilter.com/remove.php"},
    {"0spam", "0spam", "https://0spam.org/"},
    {"backscatterer", "Backscatterer", "https://www.backscatterer.org/index.php?target=test"},
    {"spameatingmonkey", "Spam Eating Monkey", "https://spameatingmonkey.com/lookup"},
    {"nixspam", "NiX Spam", "https://www.dnsbl.manitu.net/"},
    {"manitu.net", "NiX Spam", "https://www.dnsbl.manitu.net/"},
    {"senderscore", "Sender Score", "https://senderscore.org/"},
    {"bondedsender", "Sender Score", "https://senderscore.org/"},
    {"dnswl", "DNSWL", "https://www.dnswl.org/"},
    {"abusix", "Abusix", "https://lookup.abusix.com/"},
    {"dronebl", "DroneBL", "https://dronebl.org/lookup"},
    {"blocklist.de", "blocklist.de", "https://www.blocklist.de/en/search.html"},
    {"fabel", "FABEL", "https://www.fabel.dk/relay/test/"},
    {"trendmicro", "Trend Micro ERS", "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/"},
    {"mail-abuse", "Trend Micro ERS", "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/"},
    {"cloudmark", "Cloudmark CSI", "https://csi.cloudmark.com/en/reset/"},
    {"spfbl", "SPFBL", "https://matrix.spfbl.net/"},
};

static bool
has_nocase(struct slice text, struct slice what)
{
	for (size_t i = 0; i + what.len <= text.len; i++)
		if ((text.at[i] | 0x20) == (what.at[0] | 0x20) &&
		    strncasecmp(text.at + i, what.at, what.len) == 0)
			return true;
	return false;
}

static void
find_list(struct slice text, struct facts *facts)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!has_nocase(text, slice_str(lists[i].words)))
			continue;
		facts->list = slice_str(lists[i].name);
		facts->list_url = slice_str(lists[i].link);
		return;
	}
	/* "blocked using X", "listed at X", "listed in X": a list nobody has a table of. */
	static const char *const before[] = {"blocked using ", "listed at ", "listed in ",
	    "listed by ", "blacklisted by ", "found in "};
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice rest = slice_skip(text, (size_t)at + strlen(before[i])), name = rest;
		size_t len = 0;
		while (len < rest.len && strchr(" ;,()<>\\\"'", rest.at[len]) == NULL)
			len++;
		name = slice_first(rest, len);
		while (
		    name.len != 0 && (name.at[name.len - 1] == '.' || name.at[name.len - 1] == ':'))
			name.len--;
		if (slice_find_byte(name, '.') > 0) {
			facts->list = name;
			return;
		}
	}
}

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

	if (at != 0 && (is_address_byte(text.at[at - 1]) || (text.at[at - 1] | 0x20) >= 'a'))
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

/* Our own address, as the reply quotes it: an address that is not the remote's. */
static void
find_ip(struct slice text, struct slice remote, struct facts *facts)
{
	for (size_t i = 0; i < text.len; i++) {
		struct slice quad;

		if (text.at[i] < '0' || text.at[i] > '9' || !take_quad(text, i, &quad))
			continue;
		if (!slice_equal(quad, remote)) {
			facts->ip = quad;
			return;
		}
		i += quad.len;
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

void
facts_refused_here(struct facts *facts, const struct failure *failure)
{
	facts->is_refused_here = true;
	facts->host = SLICE("this server");
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
	facts->host = host.len != 0 ? host : remote;
	facts->router = failure->router;
	facts->transport = failure->transport;
	find_list(reply.raw, facts);
	find_ip(reply.raw, remote, facts);
	find_url(reply.raw, facts);
	find_limit(reply.raw, facts);
	find_malware(reply.raw, facts);
	if (failure->kind == FAILURE_REJECTED)
		facts_refused_here(facts, failure);
}
