/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/lists/spamhaus.h"

#include "client/checks/dns/name.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"

enum { PBL_FIRST = 10 }; /* with it begin the codes that blame nobody */

bool
spamhaus_is_zone(const char *zone)
{
	return name_is_within(zone, "spamhaus.org") || name_is_within(zone, "spamhaus.net");
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

void
spamhaus_explain(struct draft *draft, const struct lookup *lookup)
{
	for (size_t i = 0; i < SPAMHAUS_PARTS; i++)
		if (has_code(lookup, spamhaus_parts[i].first, spamhaus_parts[i].last)) {
			draft_say(draft, CHECK_FAIL, "%s: %s.", spamhaus_parts[i].part,
			    spamhaus_parts[i].meaning);
			draft_advise(draft, "%s", spamhaus_parts[i].advice);
		}
}

bool
spamhaus_blames(const struct lookup *lookup)
{
	return has_code(lookup, 0, PBL_FIRST - 1);
}
