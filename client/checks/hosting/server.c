/* This server itself: its name, and whether anything keeps Exim from taking and sending mail. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/draft.h"
#include "client/checks/hosting/helo.h"
#include "client/checks/hosting/listening.h"
#include "client/checks/hosting/settings.h"
#include "client/checks/lead.h"
#include "client/checks/policy/publishing.h"

enum {
	OWN_MAX = 256,
	LITTLE_SPACE_PERCENT = 5,
	LEAST_SPACE_MIB = 10, /* Exim takes no message when less is free (check_spool_space) */
};

struct addresses {
	struct ip list[OWN_MAX];
	size_t count;
};

/* The number of the line of /etc/hosts that has the name, from 1; 0: none. */
static size_t
find_in_hosts(const struct box_file *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->count; i++) {
		char *rest = NULL, *line = strndup(hosts->lines[i], strcspn(hosts->lines[i], "#"));
		const char *word = line != NULL ? strtok_r(line, " \t", &rest) : NULL;
		bool is_it = false;

		while (!is_it && word != NULL && (word = strtok_r(NULL, " \t", &rest)) != NULL)
			is_it = strcasecmp(word, name) == 0;
		free(line);
		if (is_it)
			return i + 1;
	}
	return 0;
}

static void
check_hosts_line(struct draft *draft, struct checks *checks, const char *name,
    const struct addresses *own)
{
	char shown[IP_TEXT_SIZE];
	const struct box_file *hosts = box_read(checks->box, "/etc/hosts");
	size_t line = find_in_hosts(hosts, name);

	if (hosts->error != NULL)
		draft_say(draft, CHECK_UNKNOWN, "%s %s.", hosts->path, hosts->error);
	else if (line == 0)
		draft_say(draft, CHECK_WARN, "/etc/hosts has no line for it.");
	if (hosts->error == NULL && line == 0)
		draft_advise(draft, "root adds a line to /etc/hosts: %s %s %.*s",
		    own->count != 0 ? ip_text(&own->list[0], shown) : "ADDRESS", name,
		    (int)strcspn(name, "."), name);
	lines_draft_evidence(draft, hosts, line);
}

static void
check_name_leads_here(struct draft *draft, struct checks *checks, const char *name,
    const struct addresses *own)
{
	const struct ip *first = own->count != 0 ? &own->list[0] : NULL;
	enum lead lead = lead_of_name(checks->resolver, name, own->list, own->count);

	lead_evidence(draft, checks->resolver, name);
	if (lead == LEADS_NOBODY_KNOWS) {
		draft_say(draft, CHECK_UNKNOWN,
		    "Whether DNS knows it cannot be told: the nameserver does not answer.");
	} else if (lead == LEADS_NOWHERE) {
		draft_say(draft, CHECK_FAIL,
		    "DNS has no address for it: many servers refuse mail from one whose name does not resolve.");
		publishing_advise_address(draft, checks, name, first);
	} else if (own->count == 0) {
		draft_say(draft, CHECK_UNKNOWN,
		    "It resolves; whether to this server cannot be told, whose addresses are not known.");
	} else if (lead == LEADS_ELSEWHERE) {
		draft_say(draft, CHECK_FAIL, "It resolves to another server.");
		publishing_advise_address(draft, checks, name, first);
	} else if (lead == LEADS_PARTLY_HERE) {
		draft_say(draft, CHECK_WARN, "It resolves to this server and to another one.");
	} else {
		draft_say(draft, CHECK_OK, "It resolves to this server.");
	}
}

/* On a cPanel server, the name belongs to no account, and mail to it stays. */
static void
check_name_in_cpanel(struct draft *draft, struct checks *checks, const char *name)
{
	const struct box_file *local = box_read(checks->box, "/etc/localdomains");
	struct account account;
	bool is_account = false;

	account_of(checks->box, name, &account);
	if (account.user != NULL && strcmp(account.user, "nobody") != 0) {
		draft_say(draft, CHECK_FAIL,
		    "It is a domain of the account %s as well, so that mail to either goes astray.",
		    account.user);
		lines_draft_evidence(draft, account.domains, account.line);
		is_account = true;
		draft_advise(draft,
		    "root gives the server a name of its own in WHM, under Change Hostname.");
	}
	account_clear(&account);
	if (is_account)
		return;
	if (local->error != NULL) {
		draft_say(draft, CHECK_UNKNOWN, "%s %s.", local->path, local->error);
	} else if (lines_find_word(local, name, 0) == 0) {
		draft_say(draft, CHECK_FAIL,
		    "%s does not name it, so that mail to it is not delivered here.", local->path);
		draft_advise(draft, "root adds the line %s to %s.", name, local->path);
	}
}

static void
check_hostname(struct checks *checks, const struct addresses *own, bool is_cpanel)
{
	char *name = host_name(checks->box);
	struct draft draft = {0};

	if (name == NULL) {
		const struct box_file *file = box_read(checks->box, "/etc/hostname");

		checks_add(checks, "hostname", CHECK_UNKNOWN,
		    "The name of this server is not known: %s %s.", file->path,
		    file->error != NULL ? file->error : "holds none");
		return;
	}
	draft_open(&draft, "This server is called %s.", name);
	if (!host_name_is_qualified(name)) {
		draft_say(&draft, CHECK_FAIL,
		    "That is no fully qualified name, which others could look up: many refuse mail from such a server.");
		draft_advise(&draft,
		    "root gives it one: hostnamectl set-hostname server.example.com, with a domain of yours, and the same in /etc/hosts; on a cPanel server in WHM, under Change Hostname.");
	} else {
		check_name_leads_here(&draft, checks, name, own);
		check_hosts_line(&draft, checks, name, own);
		if (is_cpanel)
			check_name_in_cpanel(&draft, checks, name);
	}
	draft_add(&draft, checks, "hostname");
	free(name);
}

static const char *
spool_folder(struct box *box)
{
	static const char *const folders[] = {"/var/spool/exim", "/var/spool/exim4"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (box_has(box, folders[i]))
			return folders[i];
	return NULL;
}

static void
check_spool(struct checks *checks)
{
	const char *folder = spool_folder(checks->box);
	struct statvfs space;

	if (!box_is_here(checks->box))
		return;
	if (folder == NULL || statvfs(folder, &space) != 0) {
		checks_add(checks, "queue-dir", CHECK_UNKNOWN,
		    "Whether Exim's queue has space cannot be told: neither /var/spool/exim nor /var/spool/exim4 can be looked at.");
		return;
	}
	double mib = (double)space.f_bavail * (double)space.f_frsize / (1024 * 1024);
	double percent = space.f_blocks != 0 ?
	    (double)space.f_bavail * 100 / (double)space.f_blocks :
	    100;
	bool has_no_files = space.f_files != 0 && space.f_favail == 0;
	enum check_status status = mib < LEAST_SPACE_MIB || has_no_files ? CHECK_FAIL :
	    percent < LITTLE_SPACE_PERCENT                               ? CHECK_WARN :
									   CHECK_OK;
	struct json_object *item = has_no_files ?
	    checks_add(checks, "queue-dir", status,
		"The file system of %s can hold no more files: Exim takes no mail.", folder) :
	    checks_add(checks, "queue-dir", status,
		"The file system of %s has %.0f MiB free (%.0f %%)%s.", folder, mib, percent,
		status == CHECK_FAIL ? ": Exim takes no mail" : "");
	if (status != CHECK_OK)
		check_advise(item, "root makes room there: df -h %s and df -i %s show it.", folder,
		    folder);
}

static void
check_disabled(struct checks *checks)
{
	static const char *const markers[] = {"/etc/eximdisable", "/etc/exim.disable"};
	const struct box_file *watched = box_read(checks->box, "/etc/chkserv.d/chkservd.conf");
	struct draft draft = {0};
	size_t line = 0;
	char *value = box_value(watched, "exim", ':', &line);

	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		if (!box_has(checks->box, markers[i]))
			continue;
		draft_say(&draft, CHECK_FAIL, "Exim is switched off: %s exists.", markers[i]);
		draft_advise(&draft,
		    "root switches it on in WHM, under Service Manager, which removes %s.",
		    markers[i]);
	}
	if (value != NULL && strcmp(value, "0") == 0) {
		draft_say(&draft, CHECK_WARN,
		    "cPanel does not watch Exim, and does not start it again when it ends.");
		lines_draft_evidence(&draft, watched, line);
		draft_advise(&draft,
		    "root switches Monitor on for it in WHM, under Service Manager.");
	}
	free(value);
	if (draft.status == CHECK_OK)
		draft_say(&draft, CHECK_OK, "Exim is not switched off in cPanel.");
	draft_add(&draft, checks, "disabled");
}

void
check_server(struct checks *checks)
{
	bool is_cpanel = account_box_is_cpanel(checks->box);
	struct addresses *own = calloc(1, sizeof(*own));

	if (own == NULL)
		return;
	own->count = host_own_addresses(checks, NULL, own->list, OWN_MAX);
	check_hostname(checks, own, is_cpanel);
	free(own);
	helo_check(checks);
	listening_check(checks);
	check_spool(checks);
	if (is_cpanel) {
		check_disabled(checks);
		settings_check(checks);
	} else {
		checks_add(checks, "settings", CHECK_UNKNOWN,
		    "This is no cPanel server: there is neither /var/cpanel nor /etc/userdomains. Only what holds for every Exim was looked at.");
	}
}
