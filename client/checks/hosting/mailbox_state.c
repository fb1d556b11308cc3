/* What becomes of mail in a mailbox that exists: its quota, login, filters, BoxTrapper, autoresponder. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/mailbox.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/filter_file.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/hosting/mailbox_usage.h"

enum {
	NEARLY_FULL_PERCENT = 95,
	ADDRESS_SIZE = 512,
};

static void
check_login(const struct mailbox *mailbox)
{
	const struct box_file *shadow = box_readf(mailbox->checks->box, "%s/shadow",
	    mailbox->folder);
	size_t line = 0;
	char *password = box_value(shadow, mailbox->local_part, ':', &line);

	/* The line is no evidence: it holds the rest of the password. */
	if (password != NULL && (password[0] == '!' || password[0] == '*')) {
		struct json_object *item = checks_add(mailbox->checks, "login", CHECK_FAIL,
		    "Logging in as %s@%s is suspended, to read mail and to send it.",
		    mailbox->local_part, mailbox->domain);
		check_evidence(item, "%s:%zu: the password of %s begins with %c", shadow->path,
		    line, mailbox->local_part, password[0]);
		check_advise(item,
		    "The account's owner allows it again in cPanel, under Email Accounts, Manage: Log In.");
	}
	free(password);
}

static void
check_quota(const struct mailbox *mailbox)
{
	struct mailbox_usage usage;

	mailbox_usage_read(mailbox->checks->box, mailbox->account->home, mailbox->domain,
	    mailbox->local_part, &usage);
	if (usage.limit == 0 || !usage.is_known)
		return;
	int64_t percent = (int64_t)((double)usage.used * 100 / (double)usage.limit);
	double mib = 1024 * 1024;
	struct json_object *item;
	if (usage.used >= usage.limit)
		item = checks_add(mailbox->checks, "quota", CHECK_FAIL,
		    "The mailbox is full: it holds %.1f MiB of the %.1f MiB it may, and mail to it is refused or waits.",
		    (double)usage.used / mib, (double)usage.limit / mib);
	else
		item = checks_add(mailbox->checks, "quota",
		    percent >= NEARLY_FULL_PERCENT ? CHECK_WARN : CHECK_OK,
		    "The mailbox holds %.1f MiB of the %.1f MiB it may (%" PRId64 " %%).",
		    (double)usage.used / mib, (double)usage.limit / mib, percent);
	lines_evidence(item, usage.limit_file, usage.limit_line);
	check_evidence(item, "%s: %" PRId64 " bytes in all", usage.used_file->path, usage.used);
	if (percent >= NEARLY_FULL_PERCENT)
		check_advise(item,
		    "Its user deletes mail and empties the trash, or the account's owner raises the quota in cPanel, under Email Accounts.");
}

/* Outgoing mail of this address alone: the account's is shown of the domain. */
static void
check_outgoing(const struct mailbox *mailbox, const char *path, const char *what, const char *undo)
{
	const struct box_file *file = box_read(mailbox->checks->box, path);
	char address[ADDRESS_SIZE];

	snprintf(address, sizeof(address), "%s@%s", mailbox->local_part, mailbox->domain);
	size_t line = lines_find_word(file, address, 0);
	if (line == 0)
		return;
	struct json_object *item = checks_add(mailbox->checks, "outgoing", CHECK_FAIL,
	    "Mail that %s sends %s.", address, what);
	lines_evidence(item, file, line);
	check_advise(item,
	    "Change its password first, which was probably stolen; then the account's owner runs: uapi --user=%s Email %s_outgoing email=%s",
	    mailbox->account->user, undo, address);
}

static void
check_boxtrapper(const struct mailbox *mailbox)
{
	char *marker;

	if (asprintf(&marker, "%s/%s/.boxtrapperenable", mailbox->folder, mailbox->local_part) < 0)
		return;
	if (box_has(mailbox->checks->box, marker)) {
		struct json_object *item = checks_add(mailbox->checks, "boxtrapper", CHECK_WARN,
		    "BoxTrapper holds mail to %s@%s back until its sender confirms it: what machines send never arrives.",
		    mailbox->local_part, mailbox->domain);
		check_evidence(item, "%s exists", marker);
		check_advise(item,
		    "Its user looks into BoxTrapper's queue in cPanel, and allows the sender there or switches BoxTrapper off.");
	}
	free(marker);
}

/* cPanel keeps the rules in filter.yaml, and writes of it what Exim reads. */
static void
check_filter_written(const struct mailbox *mailbox)
{
	const struct box_file *yaml = box_readf(mailbox->checks->box, "%s/%s/filter.yaml",
	    mailbox->folder, mailbox->local_part);
	size_t line = lines_find_word(yaml, "filtername", 0);

	if (line == 0)
		return;
	struct json_object *item = checks_add(mailbox->checks, "filter", CHECK_WARN,
	    "The filter rules of %s@%s are not in force: the file that Exim reads is missing.",
	    mailbox->local_part, mailbox->domain);
	lines_evidence(item, yaml, line);
	check_evidence(item, "%s/%s/filter does not exist", mailbox->folder, mailbox->local_part);
	check_advise(item, "Its user saves one of them anew in cPanel, under Email Filters.");
}

static void
check_filter(const struct mailbox *mailbox)
{
	const struct box_file *filter = box_readf(mailbox->checks->box, "%s/%s/filter",
	    mailbox->folder, mailbox->local_part);
	char *whose;

	if (asprintf(&whose, "The mailbox %s@%s", mailbox->local_part, mailbox->domain) < 0)
		return;
	filter_check(mailbox->checks, filter, whose, "Its user, in cPanel under Email Filters,");
	if (filter->is_absent)
		check_filter_written(mailbox);
	free(whose);
}

static void
check_autoresponder(const struct mailbox *mailbox)
{
	const struct box_file *text = box_readf(mailbox->checks->box, "%s/.autorespond/%s@%s",
	    mailbox->account->home != NULL ? mailbox->account->home : "", mailbox->local_part,
	    mailbox->domain);
	bool is_called = mailbox->targets != NULL &&
	    strstr(mailbox->targets, "/autorespond ") != NULL;
	struct json_object *item;

	if (text->error == NULL) {
		item = checks_add(mailbox->checks, "autoresponder", CHECK_OK,
		    "An autoresponder answers mail to %s@%s.", mailbox->local_part,
		    mailbox->domain);
		check_evidence(item, "%s exists", text->path);
	} else if (is_called && text->is_absent && mailbox->account->home != NULL) {
		item = checks_add(mailbox->checks, "autoresponder", CHECK_WARN,
		    "An autoresponder is to answer mail to %s@%s, but has no text.",
		    mailbox->local_part, mailbox->domain);
		check_evidence(item, "%s does not exist", text->path);
		check_advise(item,
		    "The account's owner writes it anew or removes it in cPanel, under Autoresponders.");
	} else {
		return;
	}
	lines_evidence(item, mailbox->aliases, is_called ? mailbox->alias_line : 0);
}

void
mailbox_check_state(const struct mailbox *mailbox)
{
	if (!mailbox->is_main) {
		check_quota(mailbox);
		check_login(mailbox);
	}
	check_filter(mailbox);
	check_boxtrapper(mailbox);
}

void
mailbox_check_around(const struct mailbox *mailbox)
{
	check_autoresponder(mailbox);
	check_outgoing(mailbox, "/etc/outgoing_mail_suspended_users", "is refused: it is suspended",
	    "unsuspend");
	check_outgoing(mailbox, "/etc/outgoing_mail_hold_users", "is held in the queue", "release");
}
