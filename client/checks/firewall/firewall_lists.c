/* The port lists of csf and APF, which make rules of their own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"
#include "client/checks/box/lines.h"
#include "client/checks/checks.h"
#include "client/checks/firewall/firewall_sources.h"
#include "client/checks/firewall/packet_match.h"

/* A list of ports, and all other ports are closed. */
static const struct {
	const char *path, *program, *key;
	enum direction direction;
	const char *family;
} lists[] = {
    {"/etc/csf/csf.conf", "csf", "TCP_OUT", DIRECTION_OUT, "IPv4"},
    {"/etc/csf/csf.conf", "csf", "TCP6_OUT", DIRECTION_OUT, "IPv6"},
    {"/etc/csf/csf.conf", "csf", "TCP_IN", DIRECTION_IN, "IPv4"},
    {"/etc/csf/csf.conf", "csf", "TCP6_IN", DIRECTION_IN, "IPv6"},
    {"/etc/apf/conf.apf", "APF", "EG_TCP_CPORTS", DIRECTION_OUT, "IPv4"},
    {"/etc/apf/conf.apf", "APF", "IG_TCP_CPORTS", DIRECTION_IN, "IPv4"},
};

/* The value of KEY = "VALUE" without its quotes; NULL: there is none. The caller frees it. */
static char *
value_of(const struct box_file *file, const char *key, size_t *line)
{
	char *value = box_value(file, key, '=', line), *end;

	if (value == NULL || value[0] != '"')
		return value;
	memmove(value, value + 1, strlen(value));
	end = strchr(value, '"');
	if (end != NULL)
		*end = '\0';
	return value;
}

static bool
has_port(const char *list, int port)
{
	for (;;) {
		size_t len = strcspn(list, ", ");
		char *word = strndup(list, len);
		struct port_range range;
		/* APF writes ranges with an underscore. */
		char *underscore = word != NULL ? strchr(word, '_') : NULL;

		if (underscore != NULL)
			*underscore = '-';
		bool is_in = word != NULL && match_ports(word, &range) && range.first <= port &&
		    port <= range.last;
		free(word);
		if (is_in || list[len] == '\0')
			return is_in;
		list += len + 1;
	}
}

static void
check_list(struct checks *checks, size_t at)
{
	static const int ports[] = {25, 465, 587};
	const struct box_file *file = box_read(checks->box, lists[at].path);
	/* Mail leaves by port 25; by the others it is handed in. */
	size_t line, count = lists[at].direction == DIRECTION_OUT ? 1 : 3;
	char *list = value_of(file, lists[at].key, &line);

	for (size_t i = 0; list != NULL && i < count; i++) {
		if (has_port(list, ports[i]))
			continue;
		bool is_in = lists[at].direction == DIRECTION_IN;
		struct json_object *item = checks_add(checks, "firewall",
		    ports[i] == 25 ? CHECK_FAIL : CHECK_WARN,
		    "%s lets no connections %s port %d over %s: the port is not in %s.",
		    lists[at].program, is_in ? "in at" : "out to", ports[i], lists[at].family,
		    lists[at].key);

		lines_evidence(item, file, line);
		check_advise(item,
		    "This server's administrator: add %d to %s in %s, and restart %s.", ports[i],
		    lists[at].key, file->path, lists[at].program);
	}
	free(list);
}

static bool
is_on(const struct box_file *file, const char *key, size_t *line)
{
	char *value = value_of(file, key, line);
	bool is = value != NULL && strcmp(value, "1") == 0;

	free(value);
	return is;
}

/* csf's SMTP_BLOCK: only root, Exim and whom it names may speak SMTP to others. */
static void
check_smtp_block(struct checks *checks, const struct box_file *csf)
{
	static const char *const keys[] = {"SMTP_ALLOWUSER", "SMTP_ALLOWGROUP", "SMTP_PORTS"};
	size_t line;

	if (!is_on(csf, "SMTP_BLOCK", &line))
		return;
	struct json_object *item = checks_add(checks, "firewall", CHECK_OK,
	    "csf lets only Exim, root and the users and groups that it lists speak SMTP to other servers, which is usual and does not hold mail up that Exim sends; a script that speaks SMTP to another server itself cannot, and has to hand its mail to Exim.");

	lines_evidence(item, csf, line);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *value = value_of(csf, keys[i], &line);

		if (value != NULL)
			lines_evidence(item, csf, line);
		free(value);
	}
}

size_t
firewall_check_lists(struct checks *checks)
{
	const struct box_file *csf = box_read(checks->box, "/etc/csf/csf.conf"),
			      *apf = box_read(checks->box, "/etc/apf/conf.apf");
	bool has_csf = csf->error == NULL && !box_has(checks->box, "/etc/csf/csf.disable");
	bool has_apf = apf->error == NULL, filters_out = has_apf && is_on(apf, "EGF", NULL);

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		bool is_csf = strcmp(lists[i].program, "csf") == 0;
		bool is_ipv6 = strcmp(lists[i].family, "IPv6") == 0;

		if (is_csf && (!has_csf || (is_ipv6 && !is_on(csf, "IPV6", NULL))))
			continue;
		if (!is_csf && (!has_apf || (lists[i].direction == DIRECTION_OUT && !filters_out)))
			continue;
		check_list(checks, i);
	}
	if (has_csf)
		check_smtp_block(checks, csf);
	return (size_t)has_csf + has_apf;
}
