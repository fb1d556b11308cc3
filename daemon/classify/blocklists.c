/* Blocklists: the public DNS lists that a reply names, and where an address is looked up in them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/classify/blocklists.h"

#include <string.h>

#include "daemon/text/find_nocase.h"

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

/* Which pairs of neighbours stand in a text, by five bits of each byte, which leave the case of a letter out. */
struct pairs {
	bool is_there[1 << 10];
};

static inline bool *
pair_at(struct pairs *pairs, const char *at)
{
	return &pairs->is_there[(at[0] & 0x1f) << 5 | (at[1] & 0x1f)];
}

static void
note_pairs(struct slice text, struct pairs *pairs)
{
	memset(pairs, 0, sizeof(*pairs));
	for (size_t i = 0; i + 1 < text.len; i++)
		*pair_at(pairs, text.at + i) = true;
}

/* False where the words, two bytes at least, cannot stand in the text. */
static bool
may_hold(struct pairs *pairs, const char *words)
{
	for (; words[1] != '\0'; words++)
		if (!*pair_at(pairs, words))
			return false;
	return true;
}

bool
blocklist_find(struct slice text, struct slice *name, struct slice *link)
{
	struct pairs pairs;

	/* Hardly any text names one of them. */
	note_pairs(text, &pairs);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!may_hold(&pairs, lists[i].words) ||
		    find_nocase(text, needle_of(lists[i].words)) < 0)
			continue;
		*name = slice_str(lists[i].name);
		*link = slice_str(lists[i].link);
		return true;
	}
	/* "blocked using X", "listed at X", "listed in X": a list nobody has a table of. */
	static const char *const before[] = {"blocked using ", "listed at ", "listed in ",
	    "listed by ", "blacklisted by ", "found in "};
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find(text, slice_str(before[i]));

		if (at < 0)
			continue;
		struct slice rest = slice_skip(text, (size_t)at + strlen(before[i]));
		size_t len = 0;
		while (len < rest.len && strchr(" ;,()<>\\\"'", rest.at[len]) == NULL)
			len++;
		while (len != 0 && (rest.at[len - 1] == '.' || rest.at[len - 1] == ':'))
			len--;
		if (slice_find_byte(slice_first(rest, len), '.') > 0) {
			*name = slice_first(rest, len);
			return true;
		}
	}
	return false;
}
