/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_concern.h"

#include <stdlib.h>
#include <strings.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/lines.h"
#include "client/checks/draft.h"

static bool
is_name(const char *name, const char *domain)
{
	return name != NULL && strcasecmp(name, domain) == 0;
}

static void
read_account(struct spf_concern *concern, struct box *box, struct draft *draft)
{
	const struct box_file *remote = box_read(box, "/etc/remotedomains");
	struct account account;

	account_of(box, concern->domain, &account);
	concern->domains = account.domains;
	concern->hosted = account_hosted(&account);
	if (account.line != 0) {
		size_t line = box_line_is(remote, concern->domain);

		concern->is_remote = line != 0;
		lines_draft_evidence(draft, account.domains, account.line);
		if (line != 0)
			lines_draft_evidence(draft, remote, line);
	}
	account_clear(&account);
}

void
spf_concern_read(struct spf_concern *concern, struct checks *checks, const char *domain,
    struct draft *draft)
{
	char *host = sending_helo(checks, NULL);

	*concern = (struct spf_concern){.domain = domain, .helo = sending_helo(checks, domain)};
	read_account(concern, checks->box, draft);
	concern->is_helo = is_name(host, domain) || is_name(concern->helo, domain);
	if (concern->is_helo) {
		concern->hosted = HOSTED_HERE;
		concern->is_remote = false;
		draft_open(draft, "%s is the name that this server says in HELO.", domain);
	}
	free(host);
}

void
spf_concern_clear(struct spf_concern *concern)
{
	free(concern->helo);
	*concern = (struct spf_concern){0};
}

enum check_status
spf_concern_weigh(const struct spf_concern *concern, enum check_status worst)
{
	return concern->hosted == HOSTED_HERE ? worst : CHECK_WARN;
}

void
spf_concern_say(const struct spf_concern *concern, struct draft *draft)
{
	if (concern->hosted == HOSTED_NOT)
		draft_say(draft, CHECK_OK,
		    "This server does not host %s, so its mail is not to be sent from here.",
		    concern->domain);
	else if (concern->hosted == HOSTED_PERHAPS)
		draft_say(draft, CHECK_OK, "Whether this server hosts %s is not known: %s %s.",
		    concern->domain, concern->domains->path, concern->domains->error);
}
