/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/mailbox.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/account.h"
#include "client/checks/box/alias.h"
#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/dns/name.h"
#include "client/nearest.h"

enum { KEY_SIZE = 512 };

/* Whether it is the address itself that the alias leads to, and nothing else. */
static bool
leads_to_itself(const struct mailbox *mailbox)
{
	char address[KEY_SIZE];
	const char *at = mailbox->targets;
	struct alias first, second;

	snprintf(address, sizeof(address), "%s@%s", mailbox->local_part, mailbox->domain);
	alias_next(&at, &first);
	alias_next(&at, &second);
	bool is_itself = second.text == NULL && first.text != NULL &&
	    strcasecmp(first.text, address) == 0;
	free(first.text);
	free(second.text);
	return is_itself;
}

static enum check_status
status_of_targets(const char *targets, bool has_mailbox)
{
	enum check_status status = CHECK_OK;

	for (struct alias alias;; free(alias.text)) {
		alias_next(&targets, &alias);
		if (alias.text == NULL)
			return status;
		if (alias.kind == ALIAS_FAIL || (alias.kind == ALIAS_NOWHERE && !has_mailbox))
			status = CHECK_FAIL;
		else if ((alias.kind == ALIAS_BLACKHOLE || alias.kind == ALIAS_DEFER) &&
		    status == CHECK_OK)
			status = CHECK_WARN;
	}
}

/* The autoresponder has a finding of its own. */
static bool
is_autoresponder_only(const char *targets)
{
	for (struct alias alias;; free(alias.text)) {
		alias_next(&targets, &alias);
		if (alias.text == NULL)
			return true;
		if (alias.kind != ALIAS_AUTORESPONDER) {
			free(alias.text);
			return false;
		}
	}
}

static void
check_forwarder(const struct mailbox *mailbox)
{
	bool has_mailbox = mailbox->passwd_line != 0 || mailbox->is_main;

	if (mailbox->targets == NULL || is_autoresponder_only(mailbox->targets))
		return;
	if (leads_to_itself(mailbox)) {
		struct json_object *itself = has_mailbox ?
		    checks_add(mailbox->checks, "forwarder", CHECK_OK,
			"The forwarder of %s@%s leads to itself, and so does nothing: the mailbox gets the mail.",
			mailbox->local_part, mailbox->domain) :
		    checks_add(mailbox->checks, "forwarder", CHECK_FAIL,
			"The forwarder of %s@%s leads to itself, and there is no such mailbox: mail to it is refused.",
			mailbox->local_part, mailbox->domain);
		lines_evidence(itself, mailbox->aliases, mailbox->alias_line);
		return;
	}
	char *words = alias_words(mailbox->targets);
	enum check_status status = status_of_targets(mailbox->targets, has_mailbox);
	struct json_object *item = checks_add(mailbox->checks, "forwarder", status,
	    "Mail to %s@%s %s%s.", mailbox->local_part, mailbox->domain, words != NULL ? words : "",
	    has_mailbox && status == CHECK_OK ? ", besides its mailbox" : "");
	lines_evidence(item, mailbox->aliases, mailbox->alias_line);
	if (status != CHECK_OK)
		check_advise(item,
		    "The account's owner removes or changes it in cPanel, under Forwarders, if mail is to arrive.");
	free(words);
}

/* Offers the names at the beginning of a file's lines, up to a colon or @. */
static void
offer_names(struct nearest *nearest, const struct box_file *file, char *names, size_t *used,
    size_t size)
{
	for (size_t i = 0; i < file->count; i++) {
		const char *line = file->lines[i] + strspn(file->lines[i], " \t");
		size_t len = strcspn(line, ":@ \t");

		if (len == 0 || line[0] == '*' || line[0] == '#' || len + 1 > size - *used)
			continue;
		memcpy(names + *used, line, len);
		names[*used + len] = '\0';
		nearest_offer(nearest, names + *used);
		*used += len + 1;
	}
}

static void
advise_nearest(struct json_object *item, const struct mailbox *mailbox)
{
	enum { NAMES_SIZE = 1 << 20 };
	struct nearest nearest = nearest_to(mailbox->local_part);
	char *names = malloc(NAMES_SIZE);
	size_t used = 0;

	if (names == NULL)
		return;
	offer_names(&nearest, mailbox->passwd, names, &used, NAMES_SIZE);
	offer_names(&nearest, mailbox->aliases, names, &used, NAMES_SIZE);
	if (nearest.best != NULL)
		check_advise(item, "Was %s@%s meant? That one exists.", nearest.best,
		    mailbox->domain);
	free(names);
}

/* No mailbox, and no forwarder: the default address decides, or another domain has the address. */
static void
show_nonexistent(const struct mailbox *mailbox)
{
	size_t line = 0;
	char *targets = box_value(mailbox->aliases, "*", ':', &line);
	char *words = targets != NULL ? alias_words(targets) : NULL;
	enum check_status status = targets != NULL ? status_of_targets(targets, false) : CHECK_FAIL;
	const struct box_file *forwarder = box_readf(mailbox->checks->box, "/etc/vdomainaliases/%s",
	    mailbox->domain);
	struct json_object *item;

	if (forwarder->count != 0)
		item = checks_add(mailbox->checks, "mailbox", CHECK_WARN,
		    "%s@%s does not exist here; the domain forwarder sends mail to it on.",
		    mailbox->local_part, mailbox->domain);
	else
		item = checks_add(mailbox->checks, "mailbox",
		    status == CHECK_OK ? CHECK_WARN : CHECK_FAIL,
		    "%s@%s does not exist: %smail to it %s.", mailbox->local_part, mailbox->domain,
		    words != NULL ? "by the default address, " : "",
		    words != NULL ? words : "is refused with \"No Such User Here\"");
	lines_evidence(item, forwarder, forwarder->count != 0 ? 1 : 0);
	lines_evidence(item, mailbox->aliases, line);
	advise_nearest(item, mailbox);
	check_advise(item,
	    "If it should exist, the account's owner makes it in cPanel, under Email Accounts or Forwarders.");
	free(targets);
	free(words);
}

static void
show_mailbox(const struct mailbox *mailbox)
{
	struct json_object *item = mailbox->is_main ?
	    checks_add(mailbox->checks, "mailbox", CHECK_OK,
		"%s@%s is the main mailbox of the account %s.", mailbox->local_part,
		mailbox->domain, mailbox->account->user) :
	    checks_add(mailbox->checks, "mailbox", CHECK_OK, "The mailbox %s@%s exists.",
		mailbox->local_part, mailbox->domain);

	if (mailbox->passwd_line != 0)
		check_evidence(item, "%s:%zu: %s:...", mailbox->passwd->path, mailbox->passwd_line,
		    mailbox->local_part);
	mailbox_check_state(mailbox);
}

/* The file that decides whether there is such a mailbox cannot be read. */
static void
show_unreadable(const struct mailbox *mailbox)
{
	struct json_object *item = mailbox->account->home == NULL ?
	    checks_add(mailbox->checks, "mailbox", CHECK_UNKNOWN,
		"Whether the mailbox %s@%s exists cannot be told: /etc/passwd has no home folder of the account %s.",
		mailbox->local_part, mailbox->domain, mailbox->account->user) :
	    checks_add(mailbox->checks, "mailbox", CHECK_UNKNOWN,
		"Whether the mailbox %s@%s exists cannot be told: %s %s.", mailbox->local_part,
		mailbox->domain, mailbox->passwd->path, mailbox->passwd->error);

	if (mailbox->account->home != NULL && mailbox->passwd->is_forbidden)
		check_advise(item, "Run this check as root, or as the user %s.",
		    mailbox->account->user);
}

static void
find_alias(struct mailbox *mailbox)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s@%s", mailbox->local_part, mailbox->domain);
	mailbox->aliases = box_readf(mailbox->checks->box, "/etc/valiases/%s", mailbox->domain);
	mailbox->targets = box_value(mailbox->aliases, key, ':', &mailbox->alias_line);
	if (mailbox->targets == NULL)
		mailbox->targets = box_value(mailbox->aliases, mailbox->local_part, ':',
		    &mailbox->alias_line);
}

/* What there is of the address; where nothing is, of what stands before its tag, if it has one ("local+tag"). */
static void
find_address(struct mailbox *mailbox)
{
	char *plus = strchr(mailbox->local_part, '+');

	mailbox->passwd_line = lines_find_word(mailbox->passwd, mailbox->local_part, 0);
	find_alias(mailbox);
	if (mailbox->passwd_line != 0 || mailbox->targets != NULL || plus == NULL ||
	    plus == mailbox->local_part)
		return;
	*plus = '\0';
	find_address(mailbox);
}

static void
check_address(struct mailbox *mailbox)
{
	const struct account *account = mailbox->account;
	bool is_readable = account->home != NULL &&
	    (mailbox->passwd->error == NULL || mailbox->passwd->is_absent);

	mailbox->is_main = mailbox->passwd_line == 0 &&
	    strcasecmp(mailbox->local_part, account->user) == 0 && account->main_domain != NULL &&
	    strcasecmp(account->main_domain, mailbox->domain) == 0;
	if (mailbox->passwd_line != 0 || mailbox->is_main)
		show_mailbox(mailbox);
	else if (!is_readable)
		show_unreadable(mailbox);
	else if (mailbox->targets == NULL)
		show_nonexistent(mailbox);
	check_forwarder(mailbox);
	mailbox_check_around(mailbox);
}

/* An address at this server's own name is that of a user of it, or an alias in one of Exim's files. */
static void
check_system_address(struct checks *checks, const char *local_part, const char *domain)
{
	static const char *const paths[] = {"/etc/localaliases", "/etc/aliases"};
	const struct box_file *passwd = box_read(checks->box, "/etc/passwd");
	size_t user_line = lines_find_word(passwd, local_part, 0);
	struct json_object *item = NULL;

	for (size_t i = 0; item == NULL && i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct box_file *aliases = box_read(checks->box, paths[i]);
		size_t line = 0;
		char *targets = box_value(aliases, local_part, ':', &line);
		char *words = targets != NULL ? alias_words(targets) : NULL;

		if (words != NULL) {
			item = checks_add(checks, "forwarder", status_of_targets(targets, false),
			    "Mail to %s@%s %s.", local_part, domain, words);
			lines_evidence(item, aliases, line);
		}
		free(words);
		free(targets);
	}
	if (item != NULL)
		return;
	if (user_line != 0)
		checks_add(checks, "mailbox", CHECK_OK,
		    "%s is a user of this server, who has the mail to %s@%s.", local_part,
		    local_part, domain);
	else if (passwd->error == NULL)
		checks_add(checks, "mailbox", CHECK_FAIL,
		    "%s@%s does not exist: this server has no such user, and no alias of that name.",
		    local_part, domain);
	else
		checks_add(checks, "mailbox", CHECK_UNKNOWN,
		    "Whether %s@%s exists cannot be told: %s %s.", local_part, domain, passwd->path,
		    passwd->error);
}

static bool
is_host_name(struct checks *checks, const char *domain)
{
	char *name = host_name(checks->box);
	bool is_it = name != NULL && strcasecmp(name, domain) == 0;

	free(name);
	return is_it;
}

/* Mail for the domain leaves this server, and what it has of the address does not matter. */
static bool
is_sent_away(struct checks *checks, const char *local_part, const char *domain)
{
	const struct box_file *remote = box_read(checks->box, "/etc/remotedomains");
	size_t line = lines_find_word(remote, domain, 0);

	if (line == 0 ||
	    lines_find_word(box_read(checks->box, "/etc/localdomains"), domain, 0) != 0)
		return false;
	struct json_object *item = checks_add(checks, "mailbox", CHECK_UNKNOWN,
	    "Whether %s@%s exists, only the domain's own mail servers can say: mail to it leaves this server.",
	    local_part, domain);
	lines_evidence(item, remote, line);
	return true;
}

/* What may stand in the name of a file, and at the beginning of a line. */
static bool
is_file_name(const char *local_part)
{
	return local_part[0] != '.' && local_part[0] != '*' && local_part[0] != '#' &&
	    strpbrk(local_part, "/: \t\r\n\"\\") == NULL;
}

void
check_mailbox(struct checks *checks, const char *local_part, const char *domain)
{
	struct account account;
	struct mailbox mailbox = {.checks = checks, .domain = domain, .account = &account};

	if (!account_box_is_cpanel(checks->box))
		return;
	account_of(checks->box, domain, &account);
	mailbox.local_part = name_make_lower(strdup(local_part));
	if (account.user == NULL && is_host_name(checks, domain) && is_file_name(local_part)) {
		check_system_address(checks, local_part, domain);
	} else if (account.user == NULL) {
		if (account.domains->error == NULL)
			checks_add(checks, "mailbox", CHECK_UNKNOWN,
			    "Whether %s@%s exists, only the domain's own mail server can say: the domain is not hosted here.",
			    local_part, domain);
	} else if (!is_file_name(local_part)) {
		checks_add(checks, "mailbox", CHECK_FAIL,
		    "%s@%s is no address that a mailbox of cPanel can have.", local_part, domain);
	} else if (mailbox.local_part != NULL && !is_sent_away(checks, local_part, domain) &&
	    asprintf(&mailbox.folder, "%s/etc/%s", account.home != NULL ? account.home : "",
		domain) >= 0) {
		mailbox.passwd = box_readf(checks->box, "%s/passwd", mailbox.folder);
		find_address(&mailbox);
		check_address(&mailbox);
		free(mailbox.folder);
	}
	free(mailbox.targets);
	free(mailbox.local_part);
	account_clear(&account);
}
