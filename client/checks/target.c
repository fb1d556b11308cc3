/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/target.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/box/account.h"
#include "client/checks/checks.h"
#include "client/checks/dns/ip.h"
#include "client/checks/dns/name.h"
#include "client/checks/dns/resolver.h"
#include "client/json_text.h"

enum {
	SENDING_MAX = 16,
	LOCAL_PART_MAX = 64, /* RFC 5321 4.5.3.1.1 */
};

/*
 * Letters, digits, hyphens, underscores, in labels: what is asked of DNS and stands in names of files. The last one is no
 * number, as in an IP with a number too many or too large (RFC 3696 2).
 */
static bool
is_domain(const char *name)
{
	const char *dot = strrchr(name, '.'), *last = dot != NULL ? dot + 1 : name;

	return name_is_possible(name) && name[strspn(name, NAME_BYTES)] == '\0' &&
	    last[strspn(last, "0123456789")] != '\0';
}

/* The target of an address whose last at sign is at at. */
static bool
read_address(const char *text, const char *at, struct target *target)
{
	size_t len = (size_t)(at - text);

	/* It becomes a part of files' names. */
	if (len == 0 || len > LOCAL_PART_MAX || memchr(text, '/', len) != NULL || text[0] == '.')
		return false;
	target->local_part = strndup(text, len);
	if (asprintf(&target->text, "%.*s@%s", (int)len, text, target->domain) < 0)
		target->text = NULL;
	return target->local_part != NULL && target->text != NULL;
}

const char *
target_read(const char *text, struct target *target)
{
	const char *at = strrchr(text, '@'), *domain = at != NULL ? at + 1 : text;
	size_t len = strlen(domain);
	char shown[IP_TEXT_SIZE];

	*target = (struct target){0};
	if (at == NULL && ip_parse(text, &target->ip)) {
		target->text = strdup(ip_text(&target->ip, shown));
		return target->text != NULL ? NULL : "memory is out";
	}
	target->ip = (struct ip){0};
	target->domain = name_make_lower(
	    strndup(domain, len != 0 && domain[len - 1] == '.' ? len - 1 : len));
	if (target->domain != NULL && is_domain(target->domain)) {
		if (at != NULL ? read_address(text, at, target) :
				 (target->text = strdup(target->domain)) != NULL)
			return NULL;
	}
	target_clear(target);
	return "this is no domain, address or IP, as in example.com, user@example.com, 192.0.2.1";
}

void
target_clear(struct target *target)
{
	free(target->text);
	free(target->domain);
	free(target->local_part);
	*target = (struct target){0};
}

static void
check_ip(struct checks *checks, const struct ip *ip)
{
	check_ptr(checks, ip);
	check_blocklists(checks, ip);
}

/* Of another's name that does not exist "mx" says so, and no record but DMARC's, from above, can be looked for. */
static bool
is_hosted_or_exists(struct checks *checks, const char *domain)
{
	struct account account;

	account_of(checks->box, domain, &account);
	bool is_hosted = account.user != NULL;
	account_clear(&account);
	return is_hosted ||
	    resolver_ask(checks->resolver, domain, RECORD_MX)->status != LOOKUP_NO_NAME;
}

static void
check_domain(struct checks *checks, const char *domain)
{
	struct ip ips[SENDING_MAX];
	size_t count = sending_ips(checks, domain, ips, SENDING_MAX);

	check_hosting(checks, domain);
	check_mx(checks, domain);
	check_nameservers(checks, domain);
	/* "mx" tells. */
	if (resolver_ask(checks->resolver, domain, RECORD_MX)->status == LOOKUP_NO_NAME &&
	    checks_dns_knows_nothing(checks))
		return;
	if (is_hosted_or_exists(checks, domain)) {
		check_spf(checks, domain, ips, count);
		check_dkim(checks, domain);
	}
	check_dmarc(checks, domain);
	if (checks->wants_port25)
		check_port25(checks, domain);
}

static void
check_this_server(struct checks *checks)
{
	struct ip ips[SENDING_MAX];
	size_t count = sending_ips(checks, NULL, ips, SENDING_MAX);

	check_server(checks);
	check_nameservers(checks, NULL);
	for (size_t i = 0; i < count; i++)
		check_ip(checks, &ips[i]);
	check_firewall(checks);
	if (checks->wants_port25)
		check_port25(checks, NULL);
}

/* What this server calls itself. The caller frees it. */
static char *
own_name(struct checks *checks)
{
	char *name = sending_helo(checks, NULL);

	return name != NULL ? name : strdup("this server");
}

static struct json_object *
check(struct checks *checks, struct target *target)
{
	struct json_object *result = json_object_new_object();

	checks->items = json_object_new_array();
	if (target->text == NULL) {
		target->text = own_name(checks);
		check_this_server(checks);
	} else if (target->ip.family != 0) {
		check_ip(checks, &target->ip);
	} else {
		if (target->local_part != NULL)
			check_mailbox(checks, target->local_part, target->domain);
		check_domain(checks, target->domain);
	}
	const char *shown = target->text != NULL ? target->text : "";
	json_object_object_add(result, "target", json_text(shown, strlen(shown)));
	json_object_object_add(result, "items", checks->items);
	return result;
}

struct json_object *
target_check(struct checks *checks, const char *what, const char **error)
{
	struct target target = {0};
	struct json_object *result = NULL;

	*error = what != NULL ? target_read(what, &target) : NULL;
	if (*error == NULL)
		result = check(checks, &target);
	target_clear(&target);
	return result;
}

bool
target_has_failed(struct json_object *result)
{
	struct json_object *items, *status;

	if (!json_object_object_get_ex(result, "items", &items))
		return false;
	for (size_t i = 0; i < json_object_array_length(items); i++)
		if (json_object_object_get_ex(json_object_array_get_idx(items, i), "status",
			&status) &&
		    strcmp(json_object_get_string(status), "fail") == 0)
			return true;
	return false;
}
