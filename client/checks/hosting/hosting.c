/* What cPanel's files say about a domain: whose it is, whether its mail is held, who else gets it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/account.h"
#include "client/checks/box/alias.h"
#include "client/checks/box/box.h"
#include "client/checks/box/filter_file.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/hosting/routing.h"

enum { ADDRESSES_SHOWN = 10 };

/* A line of /etc/userdomains that no account of cPanel stands behind. */
static void
show_foreign_line(struct checks *checks, const char *domain, const struct account *account)
{
	bool is_no_user = !account->has_passwd_entry && !account->has_cpanel_file;
	struct json_object *item = is_no_user ?
	    checks_add(checks, "hosted", CHECK_FAIL,
		"This server believes that it hosts %s, for the account %s, which does not exist: mail to it that should leave is refused with No Such User Here.",
		domain, account->user) :
	    checks_add(checks, "hosted", CHECK_FAIL,
		"This server believes that it hosts %s, but the account %s does not have this domain: mail to it that should leave is refused with No Such User Here.",
		domain, account->user);

	lines_evidence(item, account->domains, account->line);
	check_evidence(item, "/var/cpanel/users/%s: %s", account->user,
	    account->has_cpanel_file ? "no line DNS=, DNS1=, ... names the domain" :
				       "does not exist");
	check_advise(item,
	    "Unless the domain belongs here, root removes line %zu of %s, and then runs /scripts/updateuserdomains.",
	    account->line, account->domains->path);
	const struct box_file *local = box_read(checks->box, "/etc/localdomains");
	size_t line = lines_find_word(local, domain, 0);
	lines_evidence(item, local, line);
	if (line != 0)
		check_advise(item, "root removes line %zu of %s, too.", line, local->path);
}

/* Returns false when the domain only seems to be hosted here. */
static bool
show_hosted(struct checks *checks, const char *domain, const struct account *account)
{
	struct box *box = checks->box;
	struct json_object *item;

	if (strcmp(account->user, "nobody") == 0)
		item = checks_add(checks, "hosted", CHECK_OK,
		    "%s is a domain of this server itself, of no account.", domain);
	else if ((!account->has_passwd_entry && !account->has_cpanel_file &&
		     box_read(box, "/etc/passwd")->error == NULL) ||
	    !account_may_own(box, account->user, domain)) {
		show_foreign_line(checks, domain, account);
		return false;
	} else if (account->main_domain != NULL && strcasecmp(account->main_domain, domain) == 0)
		item = checks_add(checks, "hosted", CHECK_OK,
		    "%s is hosted here: it is the main domain of the account %s.", domain,
		    account->user);
	else if (account->main_domain != NULL)
		item = checks_add(checks, "hosted", CHECK_OK,
		    "%s is hosted here, by the account %s, whose main domain is %s.", domain,
		    account->user, account->main_domain);
	else
		item = checks_add(checks, "hosted", CHECK_OK,
		    "%s is hosted here, by the account %s.", domain, account->user);
	lines_evidence(item, account->domains, account->line);
	return true;
}

static void
check_demo(struct checks *checks, const char *domain, const struct account *account)
{
	const struct box_file *file = box_read(checks->box, "/etc/demodomains");
	size_t line = lines_find_word(file, domain, 0);

	if (line == 0)
		return;
	struct json_object *item = checks_add(checks, "hosted", CHECK_WARN,
	    "The account %s is a demo account, which may send no mail.", account->user);
	lines_evidence(item, file, line);
	check_advise(item,
	    "root switches the demo mode off, in WHM under Manage Demo Mode, if mail is to be sent.");
}

/* What becomes of mail to a suspended account: the first line of cPanel's list that is for all of them. */
static void
show_suspended_account(struct checks *checks, const char *user)
{
	static const struct {
		const char *word, *what;
	} ends[] = {
	    {":blackhole:", "is accepted and thrown away, and nobody is told"},
	    {":fail:", "is refused: 525 5.7.13 Disabled recipient address"},
	    {":defer:", "is refused for the time being"},
	    {":queue:", "is accepted and waits in the queue"},
	};
	const struct box_file *list = box_read(checks->box, "/etc/exim_suspended_list");
	size_t line = 0;
	char *action = box_value(list, "*", ':', &line);
	const char *what = "is delivered as usual";

	for (size_t i = 0; action != NULL && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strncasecmp(action, ends[i].word, strlen(ends[i].word)) == 0)
			what = ends[i].what;
	if (action == NULL && list->error != NULL && !list->is_absent)
		what = "is treated as /etc/exim_suspended_list says, which cannot be read";
	struct json_object *item = checks_add(checks, "suspended", CHECK_FAIL,
	    "The account %s is suspended: its people cannot log in, to send or to read mail; mail to its domains %s.",
	    user, what);
	const struct box_file *reason = box_readf(checks->box, "/var/cpanel/suspended/%s", user);
	check_evidence(item, "%s exists", reason->path);
	lines_evidence(item, reason, 1);
	lines_evidence(item, list, line);
	check_advise(item,
	    "Ask whoever suspended it why; root or its reseller unsuspends it in WHM, under Manage Account Suspension.");
	free(action);
}

/* Whether the account's outgoing mail is in one of the files that list users and addresses, each on a line. */
static bool
check_outgoing(struct checks *checks, const char *domain, const struct account *account,
    const char *path, const char *what, const char *undo)
{
	const struct box_file *file = box_read(checks->box, path);
	size_t line = lines_find_word(file, account->user, 0), addresses = 0;
	struct json_object *item = NULL;

	if (file->error != NULL && !file->is_absent) {
		checks_add(checks, "suspended", CHECK_UNKNOWN,
		    "Whether outgoing mail of the account %s %s cannot be told: %s %s.",
		    account->user, what, file->path, file->error);
		return true;
	}
	if (line != 0) {
		item = checks_add(checks, "suspended", CHECK_FAIL,
		    "Outgoing mail of the account %s %s.", account->user, what);
		lines_evidence(item, file, line);
		check_advise(item,
		    "Find out why first, which is usually spam from a stolen password or a script; then root runs: whmapi1 %s_outgoing_email user=%s",
		    undo, account->user);
		return true;
	}
	for (size_t i = 0; i < file->count; i++) {
		const char *text = file->lines[i] + strspn(file->lines[i], " \t");
		const char *at = strchr(text, '@');

		if (at == NULL || strcspn(at + 1, " \t:") != strlen(domain) ||
		    strncasecmp(at + 1, domain, strlen(domain)) != 0)
			continue;
		if (addresses++ == 0)
			item = checks_add(checks, "suspended", CHECK_FAIL,
			    "Outgoing mail of addresses of %s %s: see the evidence.", domain, what);
		if (addresses <= ADDRESSES_SHOWN)
			lines_evidence(item, file, i + 1);
	}
	check_advise(item,
	    "Change the password of the address first; then the account's owner runs: uapi --user=%s Email %s_outgoing email=ADDRESS",
	    account->user, undo);
	return addresses != 0;
}

static void
check_suspended(struct checks *checks, const char *domain, const struct account *account)
{
	bool is_said = false;
	const struct box_file *marker = box_readf(checks->box, "/var/cpanel/suspended/%s",
	    account->user);

	if (box_has(checks->box, marker->path)) {
		show_suspended_account(checks, account->user);
		is_said = true;
	} else if (marker->error != NULL && !marker->is_absent) {
		checks_add(checks, "suspended", CHECK_UNKNOWN,
		    "Whether the account %s is suspended cannot be told: %s %s.", account->user,
		    marker->path, marker->error);
		is_said = true;
	}
	is_said |= check_outgoing(checks, domain, account, "/etc/outgoing_mail_suspended_users",
	    "is suspended, and refused", "unsuspend");
	is_said |= check_outgoing(checks, domain, account, "/etc/outgoing_mail_hold_users",
	    "is held in the queue", "release");
	if (!is_said)
		checks_add(checks, "suspended", CHECK_OK,
		    "The account %s is not suspended, and its outgoing mail is neither suspended nor held.",
		    account->user);
}

static void
check_domain_forwarder(struct checks *checks, const char *domain)
{
	const struct box_file *file = box_readf(checks->box, "/etc/vdomainaliases/%s", domain);
	size_t line = 0;
	char *target = box_value(file, domain, ':', &line);

	if (target != NULL && target[0] != '\0') {
		struct json_object *item = checks_add(checks, "domain-forwarder", CHECK_OK,
		    "Mail to addresses of %s that have no mailbox here is forwarded to the same address at %s.",
		    domain, target);
		lines_evidence(item, file, line);
	}
	free(target);
}

static void
show_default_address(struct checks *checks, const char *domain, const struct box_file *file,
    const char *targets, size_t line)
{
	char *words = alias_words(targets);
	const char *at = targets;
	struct alias first;

	alias_next(&at, &first);
	bool is_lost = first.kind == ALIAS_BLACKHOLE;
	struct json_object *item = checks_add(checks, "default-address",
	    is_lost || first.kind == ALIAS_DEFER ? CHECK_WARN : CHECK_OK,
	    "Mail to an address of %s that does not exist %s.", domain, words != NULL ? words : "");
	lines_evidence(item, file, line);
	if (is_lost)
		check_advise(item,
		    "So that senders learn of their mistakes, the account's owner sets Default Address in cPanel to discard with an error: :fail: No Such User Here");
	free(first.text);
	free(words);
}

static void
check_default_address(struct checks *checks, const char *domain)
{
	const struct box_file *file = box_readf(checks->box, "/etc/valiases/%s", domain);
	size_t line = 0;
	char *targets = box_value(file, "*", ':', &line);

	if (targets != NULL)
		show_default_address(checks, domain, file, targets, line);
	else if (file->error == NULL)
		checks_add(checks, "default-address", CHECK_OK,
		    "Mail to an address of %s that does not exist is refused: %s has no default address.",
		    domain, file->path);
	else if (!file->is_absent)
		checks_add(checks, "default-address", CHECK_UNKNOWN,
		    "What becomes of mail to an address of %s that does not exist cannot be told: %s %s.",
		    domain, file->path, file->error);
	free(targets);
}

/* The hourly limit that is written down for the domain: "MESSAGES,PERCENT,LEAST"; 0: none. */
static unsigned long
hourly_limit(struct checks *checks, const char *domain, const struct box_file **file, size_t *line)
{
	*file = box_read(checks->box, "/etc/email_send_limits");
	char *value = box_value(*file, domain, ':', line);
	unsigned long limit;

	if (value == NULL)
		value = box_value(*file, "*", ':', line);
	limit = value != NULL ? strtoul(value, NULL, 10) : 0;
	free(value);
	return limit;
}

static bool
check_limit_marker(struct checks *checks, const char *domain, const char *marker, const char *what,
    const char *advice)
{
	const struct box_file *file = box_readf(checks->box, "/var/cpanel/email_send_limits/%s_%s",
	    marker, domain);

	if (box_has(checks->box, file->path)) {
		struct json_object *item = checks_add(checks, "limit", CHECK_FAIL,
		    "cPanel holds outgoing mail of %s back for the rest of the hour: %s.", domain,
		    what);
		check_evidence(item, "%s exists", file->path);
		check_advise(item, "%s", advice);
		return true;
	}
	if (file->error == NULL || file->is_absent)
		return false;
	checks_add(checks, "limit", CHECK_UNKNOWN,
	    "Whether cPanel holds outgoing mail of %s back cannot be told: %s %s.", domain,
	    file->path, file->error);
	return true;
}

static void
check_limit(struct checks *checks, const char *domain)
{
	const struct box_file *file;
	size_t line = 0;
	unsigned long limit = hourly_limit(checks, domain, &file, &line);
	bool is_held = check_limit_marker(checks, domain, "max_deferfail",
	    "too many of its messages of this hour were deferred or failed",
	    "See which fail, and why: bouncectl recent; stop what sends to addresses that do not exist. The file goes away by itself; root may remove it to send at once.");

	is_held |= check_limit_marker(checks, domain, "max_emails",
	    "it has sent as many messages in this hour as it may",
	    "See who sends: bouncectl stats --by sender; root raises the limit in WHM, Modify an Account, if they are wanted.");
	if (is_held)
		return;
	struct json_object *item = limit != 0 ?
	    checks_add(checks, "limit", CHECK_OK,
		"%s may send %lu messages an hour, and no limit holds its mail back now.", domain,
		limit) :
	    checks_add(checks, "limit", CHECK_OK, "No limit holds mail of %s back now.", domain);
	lines_evidence(item, file, limit != 0 ? line : 0);
}

static void
check_account_filter(struct checks *checks, const char *domain)
{
	filter_check(checks, box_readf(checks->box, "/etc/vfilters/%s", domain), domain,
	    "The account's owner, in cPanel under Global Email Filters,");
}

static void
show_not_hosted(struct checks *checks, const char *domain, const struct account *account)
{
	if (account->domains->error != NULL) {
		struct json_object *item = checks_add(checks, "hosted", CHECK_UNKNOWN,
		    "Whether %s is hosted here cannot be told: %s %s.", domain,
		    account->domains->path, account->domains->error);
		if (account->domains->is_forbidden)
			check_advise(item, "Run this check as root.");
		return;
	}
	checks_add(checks, "hosted", CHECK_OK, "%s is not hosted here: %s does not name it.",
	    domain, account->domains->path);
}

static void
check_account(struct checks *checks, const char *domain, const struct account *account)
{
	check_demo(checks, domain, account);
	check_suspended(checks, domain, account);
	check_account_filter(checks, domain);
	check_domain_forwarder(checks, domain);
	check_default_address(checks, domain);
	check_limit(checks, domain);
}

void
check_hosting(struct checks *checks, const char *domain)
{
	struct account account;

	if (!account_box_is_cpanel(checks->box)) {
		checks_add(checks, "hosted", CHECK_UNKNOWN,
		    "Whether %s is hosted here cannot be told: this is no cPanel server, there is neither /var/cpanel nor /etc/userdomains.",
		    domain);
		return;
	}
	account_of(checks->box, domain, &account);
	bool is_hosted = account.user != NULL && show_hosted(checks, domain, &account);
	if (account.user == NULL)
		show_not_hosted(checks, domain, &account);
	if (is_hosted || account.user == NULL)
		routing_check(checks, domain, &account);
	if (is_hosted && strcmp(account.user, "nobody") != 0)
		check_account(checks, domain, &account);
	account_clear(&account);
}
