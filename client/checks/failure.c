/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/failure.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/dns/ip.h"
#include "client/checks/target.h"
#include "client/render/value.h"

enum { SENDING_MAX = 16 };

/* What can be looked at. The recipient's and the sender's, as the story names them. */
enum look {
	LOOK_MX = 1 << 0,            /* where the recipient's domain takes mail */
	LOOK_NAMESERVERS = 1 << 1,   /* whether DNS answers about it */
	LOOK_PORT25 = 1 << 2,        /* whether its servers can be reached */
	LOOK_FIREWALL = 1 << 3,      /* whether this server's own rules are in the way */
	LOOK_HOSTING = 1 << 4,       /* whether it is this server's */
	LOOK_MAILBOX = 1 << 5,       /* the recipient's mailbox, where it is this server's */
	LOOK_CLIENT = 1 << 6,        /* the address that the other server saw: PTR, blocklists */
	LOOK_POLICY = 1 << 7,        /* SPF, DKIM, DMARC of the sender's domain */
	LOOK_SENDER_MX = 1 << 8,     /* whether the sender's domain takes mail */
	LOOK_SENDER_LIMITS = 1 << 9, /* whether the sender's domain is held or suspended here */
	LOOK_SERVER = 1 << 10,       /* this server's name */
};

static const struct {
	const char *class;
	unsigned looks;
} looks_of[] = {
    {"bad-domain", LOOK_MX | LOOK_NAMESERVERS},
    {"connection-lost", LOOK_MX | LOOK_PORT25},
    {"connection-refused", LOOK_MX | LOOK_PORT25},
    {"connection-timeout", LOOK_MX | LOOK_PORT25 | LOOK_FIREWALL},
    {"discarded-by-filter", LOOK_MAILBOX | LOOK_HOSTING},
    {"dns-failure", LOOK_MX | LOOK_NAMESERVERS},
    {"domain-auth-failed", LOOK_POLICY | LOOK_CLIENT},
    {"domain-blocklisted", LOOK_POLICY},
    {"helo-rejected", LOOK_SERVER | LOOK_CLIENT},
    {"hourly-limit-exceeded", LOOK_SENDER_LIMITS},
    {"ip-blocklisted", LOOK_CLIENT | LOOK_POLICY},
    {"local-delivery-error", LOOK_MAILBOX | LOOK_HOSTING},
    {"mailbox-disabled", LOOK_MAILBOX},
    {"mailbox-full", LOOK_MAILBOX},
    {"misrouted-local-domain", LOOK_HOSTING | LOOK_MX},
    {"mx-points-to-self", LOOK_HOSTING | LOOK_MX | LOOK_SERVER},
    {"network-unreachable", LOOK_MX | LOOK_PORT25},
    {"no-ptr", LOOK_CLIENT},
    {"policy-rejected", LOOK_CLIENT | LOOK_POLICY},
    {"reputation-blocked", LOOK_CLIENT | LOOK_POLICY},
    {"reputation-throttled", LOOK_CLIENT | LOOK_POLICY},
    {"retry-pending", LOOK_MX | LOOK_PORT25},
    {"routing-loop", LOOK_HOSTING | LOOK_MX},
    {"sender-rejected", LOOK_SENDER_MX | LOOK_POLICY},
    {"sender-suspended", LOOK_SENDER_LIMITS},
    {"sender-verify-failed", LOOK_SENDER_MX},
    {"spam-content", LOOK_CLIENT | LOOK_POLICY},
    {"tls-failure", LOOK_MX | LOOK_PORT25},
    {"user-unknown", LOOK_MAILBOX | LOOK_HOSTING | LOOK_MX},
};

struct failure_checks {
	struct checks checks;
	/* What was looked at, by a key for each: arrays of findings. */
	struct json_object *made;
};

/* The parties of one failure. */
struct parties {
	struct target sender, recipient;
	struct ip
	    client; /* who was refused by this server; family 0: this server was refused, or nobody */
};

struct failure_checks *
failure_checks_new(const struct checks_options *options, const char **error)
{
	struct failure_checks *known = calloc(1, sizeof(*known));

	*error = known != NULL ? checks_open(&known->checks, options) : "memory is out";
	if (*error == NULL && (known->made = json_object_new_object()) == NULL)
		*error = "memory is out";
	if (*error == NULL)
		return known;
	failure_checks_free(known);
	return NULL;
}

void
failure_checks_free(struct failure_checks *known)
{
	if (known == NULL)
		return;
	checks_close(&known->checks);
	json_object_put(known->made);
	free(known);
}

static void
look_at_client(struct checks *checks, const char *sender_domain, const struct ip *client)
{
	struct ip ips[SENDING_MAX] = {*client};
	size_t count = client->family != 0 ? 1 :
					     sending_ips(checks, sender_domain, ips, SENDING_MAX);

	for (size_t i = 0; i < count; i++) {
		check_ptr(checks, &ips[i]);
		check_blocklists(checks, &ips[i]);
	}
}

static void
look_at_policy(struct checks *checks, const char *domain, const struct ip *client)
{
	struct ip ips[SENDING_MAX] = {*client};
	size_t count = client->family != 0 ? 1 : sending_ips(checks, domain, ips, SENDING_MAX);

	check_spf(checks, domain, ips, count);
	check_dkim(checks, domain);
	check_dmarc(checks, domain);
}

static void
look(struct checks *checks, enum look what, const struct parties *parties)
{
	const struct target *to = &parties->recipient;
	const char *from = parties->sender.domain;

	switch (what) {
	case LOOK_MX:
		check_mx(checks, to->domain);
		break;
	case LOOK_NAMESERVERS:
		check_nameservers(checks, to->domain);
		break;
	case LOOK_PORT25:
		check_port25(checks, to->domain);
		break;
	case LOOK_FIREWALL:
		check_firewall(checks);
		break;
	case LOOK_HOSTING:
		check_hosting(checks, to->domain);
		break;
	case LOOK_MAILBOX:
		check_mailbox(checks, to->local_part, to->domain);
		break;
	case LOOK_CLIENT:
		look_at_client(checks, from, &parties->client);
		break;
	case LOOK_POLICY:
		look_at_policy(checks, from, &parties->client);
		break;
	case LOOK_SENDER_MX:
		check_mx(checks, from);
		break;
	case LOOK_SENDER_LIMITS:
		check_hosting(checks, from);
		break;
	case LOOK_SERVER:
		check_server(checks);
		break;
	}
}

/* What the look depends on, in one word; NULL: the story does not name it, so that there is nothing to look at. */
static const char *
subject_of(enum look what, const struct parties *parties)
{
	switch (what) {
	case LOOK_MX:
	case LOOK_NAMESERVERS:
	case LOOK_PORT25:
	case LOOK_HOSTING:
		return parties->recipient.domain;
	case LOOK_MAILBOX:
		return parties->recipient.local_part != NULL ? parties->recipient.text : NULL;
	case LOOK_POLICY:
	case LOOK_SENDER_MX:
	case LOOK_SENDER_LIMITS:
		return parties->sender.domain;
	case LOOK_CLIENT:
		return parties->sender.domain != NULL ? parties->sender.domain : "";
	case LOOK_FIREWALL:
	case LOOK_SERVER:
		break;
	}
	return "";
}

static void
append_all(struct json_object *to, struct json_object *items)
{
	for (size_t i = 0; i < json_object_array_length(items); i++)
		json_object_array_add(to, json_object_get(json_object_array_get_idx(items, i)));
}

/* Adds the findings of one look, made now or before, unless the story has them already. */
static void
add_look(struct failure_checks *known, enum look what, const struct parties *parties,
    struct json_object *seen, struct json_object *to)
{
	const char *subject = subject_of(what, parties);
	char client[IP_TEXT_SIZE] = "", *key;
	struct json_object *items;

	if (subject == NULL)
		return;
	if ((what == LOOK_CLIENT || what == LOOK_POLICY) && parties->client.family != 0)
		ip_text(&parties->client, client);
	if (asprintf(&key, "%d %s %s", (int)what, client, subject) < 0)
		return;
	if (json_object_object_get_ex(seen, key, NULL)) {
		free(key);
		return;
	}
	json_object_object_add(seen, key, NULL);
	if (!json_object_object_get_ex(known->made, key, &items)) {
		known->checks.items = items = json_object_new_array();
		look(&known->checks, what, parties);
		json_object_object_add(known->made, key, items);
	}
	append_all(to, items);
	free(key);
}

static unsigned
looks_for(const char *class)
{
	for (size_t i = 0; i < sizeof(looks_of) / sizeof(looks_of[0]); i++)
		if (strcmp(looks_of[i].class, class) == 0)
			return looks_of[i].looks;
	return 0;
}

static bool
has_failed(struct json_object *recipient)
{
	const char *outcome = value_text(recipient, "outcome");

	return outcome != NULL && strcmp(outcome, "delivered") != 0;
}

/* A local user, a command or a file is no address, and has no domain to look at. */
static void
read_party(const char *address, struct target *party)
{
	if (address != NULL && strchr(address, '@') != NULL)
		target_read(address, party);
}

static void
add_failure(struct failure_checks *known, struct json_object *story, struct json_object *recipient,
    struct json_object *seen, struct json_object *to)
{
	const char *class = value_text(recipient, "class"), *verdict = value_text(story, "verdict");
	const char *address = value_text(recipient, "address"),
		   *sender = value_text(story, "sender");
	const char *from_ip = value_text(story, "from_ip");
	struct parties parties = {0};

	if (class == NULL || !has_failed(recipient))
		return;
	read_party(address, &parties.recipient);
	read_party(sender, &parties.sender);
	/* What this server refused tells about the client, not about this server. */
	if (verdict != NULL && strcmp(verdict, "rejected") == 0 && from_ip != NULL &&
	    !ip_parse(from_ip, &parties.client))
		parties.client = (struct ip){0};
	unsigned looks = looks_for(class);
	for (unsigned what = 1; what <= looks; what <<= 1)
		if ((looks & what) != 0)
			add_look(known, (enum look)what, &parties, seen, to);
	target_clear(&parties.sender);
	target_clear(&parties.recipient);
}

struct json_object *
failure_checks_make(struct failure_checks *known, struct json_object *story)
{
	struct json_object *findings = json_object_new_array(), *seen = json_object_new_object();
	size_t count;
	struct json_object *recipients = value_array(story, "recipients", &count);

	for (size_t i = 0; findings != NULL && seen != NULL && i < count; i++)
		add_failure(known, story, json_object_array_get_idx(recipients, i), seen, findings);
	json_object_put(seen);
	return findings;
}
