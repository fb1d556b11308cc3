/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/hosting/settings.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/box/box.h"
#include "client/checks/box/filter_file.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/draft.h"

static const char cpanel_config[] = "/var/cpanel/cpanel.config";
static const char exim_options[] = "/etc/exim.conf.localopts";

enum position {
	ON,       /* 1 */
	OFF,      /* 0 */
	A_NUMBER, /* more than 0 */
	AT_MOST_100,
	ANYTHING, /* but nothing, 0 and what means that */
	CUSTOM_FILTER,
};

/* Switches whose position matters when mail is missing, with what they then mean. */
static const struct setting {
	const char *file, *key;
	enum position position;
	enum check_status status; /* in that position; CHECK_OK: it is told all the same */
	const char *meaning;
} settings[] = {
    {cpanel_config, "nobodyspam", OFF, CHECK_WARN,
	"Scripts of the web server may send mail as the user nobody, and whose they are is hard to tell."},
    {cpanel_config, "nobodyspam", ON, CHECK_OK,
	"What the user nobody sends, such as scripts that PHP runs for everybody, is refused."},
    {cpanel_config, "smtpmailgidonly", OFF, CHECK_WARN,
	"Any user's script may connect to other mail servers by itself: such mail is in no log of Exim, and its addressees see this server's address."},
    {cpanel_config, "smtpmailgidonly", ON, CHECK_OK,
	"Scripts cannot connect to other mail servers by themselves: their connections to port 25 end at this server's Exim."},
    {cpanel_config, "maxemailsperhour", A_NUMBER, CHECK_OK,
	"A domain may send only so many messages an hour, unless its account has another limit."},
    {cpanel_config, "email_send_limits_max_defer_fail_percentage", A_NUMBER, CHECK_OK,
	"Mail of a domain is held back when this percentage of an hour's messages was deferred or failed."},
    {cpanel_config, "email_send_limits_defer_cutoff", AT_MOST_100, CHECK_WARN,
	"What a domain sends beyond its hourly limit is thrown away at once, not queued for later."},
    {cpanel_config, "skipspamassassin", ON, CHECK_OK, "SpamAssassin is switched off."},
    {cpanel_config, "skipboxtrapper", OFF, CHECK_OK,
	"Mailboxes may use BoxTrapper, which holds mail back until its sender confirms it."},
    {exim_options, "require_secure_auth", OFF, CHECK_WARN,
	"Passwords may be sent without encryption."},
    {exim_options, "require_secure_auth", ON, CHECK_OK,
	"A mail client must use SSL or STARTTLS to log in; one that does not cannot send."},
    {exim_options, "smarthost_routelist", ANYTHING, CHECK_WARN,
	"Mail leaves this server by way of another one (smarthost): what becomes of it, and which address others see, is in that one's hands."},
    {exim_options, "systemfilter", CUSTOM_FILTER, CHECK_WARN,
	"Another system filter than cPanel's looks at each message, and may throw it away (R=central_filter in the log)."},
    {exim_options, "acl_deny_spam_score_over_int", ANYTHING, CHECK_WARN,
	"Incoming mail of at least this spam score, in tenths, is refused."},
    {exim_options, "filter_fail_spam_score_over_int", ANYTHING, CHECK_WARN,
	"Incoming mail of at least this spam score, in tenths, is bounced by the system filter."},
    {exim_options, "acl_outgoing_spam_scan", ON, CHECK_WARN,
	"Outgoing mail that SpamAssassin takes for spam is refused."},
    {exim_options, "acl_outgoing_spam_scan_over_int", ANYTHING, CHECK_WARN,
	"Outgoing mail of at least this spam score, in tenths, is refused."},
    {exim_options, "no_forward_outbound_spam", ON, CHECK_WARN,
	"Mail that SpamAssassin takes for spam is not forwarded to other servers."},
    {exim_options, "no_forward_outbound_spam_over_int", ANYTHING, CHECK_WARN,
	"Mail of at least this spam score, in tenths, is not forwarded to other servers."},
    {exim_options, "acl_primary_hostname_bl", ON, CHECK_WARN,
	"Mail from outside to addresses at this server's own name is refused."},
    {exim_options, "acl_dkim_bl", ON, CHECK_WARN,
	"Incoming mail whose DKIM signature is bad is refused."},
    {exim_options, "acl_spamhaus_rbl", ON, CHECK_OK,
	"Mail from hosts that Spamhaus lists is refused."},
    {exim_options, "acl_spamcop_rbl", ON, CHECK_OK,
	"Mail from hosts that SpamCop lists is refused."},
    {exim_options, "filter_attachments", ON, CHECK_OK,
	"Mail with attachments that can be dangerous is bounced by the system filter."},
    {exim_options, "per_domain_mailips", ON, CHECK_OK,
	"Each account's mail leaves from its own IP (/etc/mailips)."},
    {exim_options, "custom_mailips", ON, CHECK_OK, "/etc/mailips is edited by hand."},
    {exim_options, "custom_mailhelo", ON, CHECK_OK, "/etc/mailhelo is edited by hand."},
    {exim_options, "use_rdns_for_helo", ON, CHECK_OK,
	"Exim says in HELO what its address is called by DNS."},
};

static bool
means_nothing(const char *value)
{
	static const char *const words[] = {"", "0", "undef", "unlimited", "disable", "none"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

static bool
is_in_position(const char *value, enum position position)
{
	bool is_number = isdigit((unsigned char)value[0]);

	switch (position) {
	case ON:
		return strcmp(value, "1") == 0;
	case OFF:
		return strcmp(value, "0") == 0;
	case A_NUMBER:
		return is_number && strtol(value, NULL, 10) > 0;
	case AT_MOST_100:
		return is_number && strtol(value, NULL, 10) <= 100;
	case ANYTHING:
		return !means_nothing(value);
	case CUSTOM_FILTER:
		return !means_nothing(value) &&
		    strcmp(value, "/etc/cpanel_exim_system_filter") != 0;
	}
	return false;
}

/* Returns whether it is in an unusual position, which has a finding of its own. */
static bool
check_setting(struct checks *checks, const struct setting *setting, struct draft *usual)
{
	bool is_unusual = false;
	const struct box_file *file = box_read(checks->box, setting->file);
	size_t line = 0;
	char *value = box_value(file, setting->key, '=', &line);

	if (value != NULL && is_in_position(value, setting->position)) {
		if (setting->status == CHECK_OK) {
			draft_say(usual, CHECK_OK, "%s", setting->meaning);
			lines_draft_evidence(usual, file, line);
		} else {
			struct json_object *item = checks_add(checks, "settings", setting->status,
			    "%s", setting->meaning);
			lines_evidence(item, file, line);
			check_advise(item,
			    "root changes it in WHM, under %s, if it is not wanted: %s.",
			    setting->file == cpanel_config ? "Tweak Settings" :
							     "Exim Configuration Manager",
			    setting->key);
			is_unusual = true;
		}
	}
	free(value);
	return is_unusual;
}

static bool
is_unreadable(struct checks *checks, const char *path, bool may_be_absent)
{
	const struct box_file *file = box_read(checks->box, path);

	if (file->error == NULL || (may_be_absent && file->is_absent))
		return false;
	struct json_object *item = checks_add(checks, "settings", CHECK_UNKNOWN,
	    "How cPanel's switches for mail are set cannot be told: %s %s.", path, file->error);
	if (file->is_forbidden)
		check_advise(item, "Run this check as root.");
	return true;
}

/* What each message passes, whoever it is for. */
static void
check_system_filter(struct checks *checks)
{
	char *path = box_value(box_read(checks->box, exim_options), "systemfilter", '=', NULL);

	if (path == NULL || path[0] != '/') {
		free(path);
		path = strdup("/etc/cpanel_exim_system_filter");
	}
	if (path != NULL)
		filter_check(checks, box_read(checks->box, path), "The system filter",
		    "root, who edits that file,");
	free(path);
}

void
settings_check(struct checks *checks)
{
	struct draft usual = {0};
	bool is_unknown = is_unreadable(checks, cpanel_config, false);
	bool has_unusual = false;

	/* A server whose Exim was never configured has no such file. */
	is_unknown |= is_unreadable(checks, exim_options, true);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		has_unusual |= check_setting(checks, &settings[i], &usual);
	if (box_has(checks->box, "/var/cpanel/greylist/enabled")) {
		draft_say(&usual, CHECK_OK,
		    "The first mail of an unknown server is put off (greylisting).");
		draft_evidence(&usual, "/var/cpanel/greylist/enabled exists");
	}
	check_system_filter(checks);
	if (is_unknown && usual.evidence.count == 0)
		return;
	draft_open(&usual, "The %sswitches that matter for mail are as usual.",
	    is_unknown      ? "known " :
		has_unusual ? "other " :
			      "");
	draft_add(&usual, checks, "settings");
}
