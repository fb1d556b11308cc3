/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/helo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/account.h"
#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/lead.h"
#include "client/checks/policy/publishing.h"

enum {
	SENDING_MAX = 16,
	NAMES_MAX = 50,
};

/* A sending address that the name does not resolve to; NULL: there is none. */
static const struct ip *
find_missing(struct checks *checks, const char *name, const struct ip *ips, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!lead_has(checks->resolver, name, &ips[i]))
			return &ips[i];
	return NULL;
}

/* What is wrong with the name, as others see it. */
static void
draft_name(struct draft *draft, struct checks *checks, const char *name, const struct ip *ips,
    size_t count)
{
	const struct ip *missing = find_missing(checks, name, ips, count);
	enum lead lead = lead_of_name(checks->resolver, name, ips, count);
	char shown[IP_TEXT_SIZE];

	if (!host_name_is_qualified(name))
		draft_say(draft, CHECK_FAIL,
		    "That is no fully qualified name, and many servers refuse it.");
	else if (lead == LEADS_NOBODY_KNOWS)
		draft_say(draft, CHECK_UNKNOWN,
		    "Whether it resolves cannot be told: the nameserver does not answer.");
	else if (lead == LEADS_NOWHERE)
		draft_say(draft, CHECK_FAIL,
		    "DNS has no address for it, and many servers refuse such a name.");
	else if (count == 0)
		draft_say(draft, CHECK_UNKNOWN,
		    "It resolves; from which address Exim sends is not known.");
	else if (missing != NULL)
		draft_say(draft, CHECK_WARN,
		    "It does not resolve to an address that Exim sends from, %s: some servers refuse or distrust that.",
		    ip_text(missing, shown));
	lead_evidence(draft, checks->resolver, name);
	if (missing != NULL && draft->status != CHECK_UNKNOWN && host_name_is_qualified(name))
		publishing_advise_address(draft, checks, name, missing);
}

/* In one finding, what is wrong with the name that Exim says for the domain (NULL: for all others). False: nothing is. */
static bool
check_helo_name(struct checks *checks, const char *name, const char *domain, const struct ip *ips,
    size_t count)
{
	struct draft draft = {0};

	if (host_name_is_qualified(name) && count != 0 &&
	    find_missing(checks, name, ips, count) == NULL)
		return false;
	if (domain != NULL)
		draft_open(&draft, "For mail of %s, Exim says %s in HELO.", domain, name);
	else
		draft_open(&draft, "Exim says %s in HELO.", name);
	draft_name(&draft, checks, name, ips, count);
	if (draft.status == CHECK_FAIL || draft.status == CHECK_WARN)
		draft_advise(&draft, "%s another name, %s.",
		    draft.advice.count != 0 ? "Or root has Exim say" : "root has Exim say",
		    account_box_is_cpanel(checks->box) ?
			"in /etc/mailhelo" :
			"by primary_hostname in its configuration");
	draft_add(&draft, checks, "helo");
	return true;
}

/* A line "DOMAIN: NAME", whose parts are to be freed. False: it is another, or for all domains. */
static bool
read_line(const char *line, char **domain, char **name)
{
	static const char blanks[] = " \t";

	line += strspn(line, blanks);
	size_t len = strcspn(line, ": \t");
	const char *value = line + len + strspn(line + len, blanks);
	if (len == 0 || line[0] == '*' || line[0] == '#' || *value != ':')
		return false;
	value++;
	value += strspn(value, blanks);
	size_t value_len = strcspn(value, blanks);
	if (value_len == 0)
		return false;
	*domain = strndup(line, len);
	*name = strndup(value, value_len);
	return *domain != NULL && *name != NULL;
}

/* The names that /etc/mailhelo has for single domains, and that are not the usual one. Returns how many are well. */
static size_t
check_special_names(struct checks *checks, const char *usual_name)
{
	const struct box_file *file = box_read(checks->box, "/etc/mailhelo");
	size_t well = 0, looked_at = 0;

	for (size_t i = 0; i < file->count && looked_at < NAMES_MAX; i++) {
		char *domain = NULL, *name = NULL;
		struct ip ips[SENDING_MAX];

		if (read_line(file->lines[i], &domain, &name) &&
		    strcasecmp(name, usual_name) != 0) {
			size_t count = sending_ips(checks, domain, ips, SENDING_MAX);

			looked_at++;
			well += !check_helo_name(checks, name, domain, ips, count);
		}
		free(name);
		free(domain);
	}
	return well;
}

/* Asks for all of them at once, so that one slow nameserver is waited for once. */
static void
expect_special_names(struct checks *checks)
{
	const struct box_file *file = box_read(checks->box, "/etc/mailhelo");

	for (size_t i = 0; i < file->count && i < NAMES_MAX; i++) {
		char *domain = NULL, *name = NULL;

		if (read_line(file->lines[i], &domain, &name)) {
			resolver_expect(checks->resolver, name, RECORD_A);
			resolver_expect(checks->resolver, name, RECORD_AAAA);
		}
		free(name);
		free(domain);
	}
}

void
helo_check(struct checks *checks)
{
	struct ip ips[SENDING_MAX];
	size_t count = sending_ips(checks, "*", ips, SENDING_MAX);
	char *name = sending_helo(checks, NULL), shown[IP_TEXT_SIZE];

	if (name == NULL) {
		checks_add(checks, "helo", CHECK_UNKNOWN,
		    "What Exim says in HELO is not known: neither /etc/mailhelo nor /etc/hostname tells.");
		return;
	}
	expect_special_names(checks);
	bool is_well = !check_helo_name(checks, name, NULL, ips, count);
	size_t others = check_special_names(checks, name);
	if (is_well || others != 0) {
		struct draft draft = {0};

		if (is_well)
			draft_open(&draft,
			    "Exim says %s in HELO, which resolves to the address that it sends from, %s.",
			    name, ip_text(&ips[0], shown));
		if (others != 0)
			draft_open(&draft, "%zu other name%s of /etc/mailhelo do%s so, too.",
			    others, others == 1 ? "" : "s", others == 1 ? "es" : "");
		draft_add(&draft, checks, "helo");
	}
	if (host_name_is_qualified(name))
		check_spf(checks, name, ips, count);
	free(name);
}
