/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/target.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/checks.h"
#include "client/checks/ip.h"

enum {
	SENDING_MAX = 16,
	DOMAIN_MAX = 253, /* RFC 1035 2.3.4 */
	LABEL_MAX = 63,
	LOCAL_PART_MAX = 64, /* RFC 5321 4.5.3.1.1 */
};

struct target {
	char *text; /* as it is shown */
	char *local_part, *domain;
	struct ip ip;
	bool is_ip;
};

/* Letters, digits, hyphens, underscores, in labels: what is asked of DNS and stands in names of files. */
static bool
is_domain(const char *name)
{
	size_t len = strlen(name), label = 0;

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_') {
			return false;
		} else if (++label > LABEL_MAX) {
			return false;
		}
	}
	return label != 0;
}

static char *
lower(const char *text, size_t len)
{
	char *copy = strndup(text, len);

	for (char *at = copy; at != NULL && *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

static const char *
read_target(const char *text, struct target *target)
{
	const char *at = strrchr(text, '@'), *domain = at != NULL ? at + 1 : text;
	size_t len = strlen(domain);

	if (at == NULL && ip_parse(text, &target->ip)) {
		char shown[IP_TEXT_SIZE];

		target->is_ip = true;
		target->text = strdup(ip_text(&target->ip, shown));
		return NULL;
	}
	if (len != 0 && domain[len - 1] == '.')
		len--;
	target->domain = lower(domain, len);
	if (target->domain == NULL)
		return "memory is out";
	if (!is_domain(target->domain))
		return "check takes a domain, an address, an IP, or nothing for this server itself";
	if (at != NULL) {
		size_t local_len = (size_t)(at - text);

		if (local_len == 0 || local_len > LOCAL_PART_MAX ||
		    memchr(text, '/', local_len) != NULL)
			return "an address is LOCALPART@DOMAIN";
		target->local_part = strndup(text, local_len);
		target->text = malloc(local_len + strlen(target->domain) + 2);
		if (target->text == NULL || target->local_part == NULL)
			return "memory is out";
		memcpy(target->text, text, local_len + 1);
		strcpy(target->text + local_len + 1, target->domain);
		return NULL;
	}
	target->text = strdup(target->domain);
	return NULL;
}

static void
check_ip(struct checks *checks, const struct ip *ip)
{
	check_ptr(checks, ip);
	check_blocklists(checks, ip);
}

static void
check_domain(struct checks *checks, const char *domain)
{
	struct ip ips[SENDING_MAX];
	size_t count = sending_ips(checks, domain, ips, SENDING_MAX);

	check_hosting(checks, domain);
	check_mx(checks, domain);
	check_nameservers(checks, domain);
	check_spf(checks, domain, ips, count);
	check_dkim(checks, domain);
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
	} else if (target->is_ip) {
		check_ip(checks, &target->ip);
	} else {
		if (target->local_part != NULL)
			check_mailbox(checks, target->local_part, target->domain);
		check_domain(checks, target->domain);
	}
	json_object_object_add(result, "target",
	    json_object_new_string(target->text != NULL ? target->text : ""));
	json_object_object_add(result, "items", checks->items);
	return result;
}

struct json_object *
target_check(struct checks *checks, const char *what, const char **error)
{
	struct target target = {0};
	struct json_object *result = NULL;

	*error = what != NULL ? read_target(what, &target) : NULL;
	if (*error == NULL)
		result = check(checks, &target);
	free(target.text);
	free(target.local_part);
	free(target.domain);
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
