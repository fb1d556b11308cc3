/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/resolv_conf.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"

/* The address in a line "nameserver ADDRESS"; a zone behind it is left out. False: the line is another. */
static bool
read_line(const char *line, struct ip *server)
{
	static const char keyword[] = "nameserver";
	char address[IP_TEXT_SIZE];

	if (strncmp(line, keyword, strlen(keyword)) != 0)
		return false;
	line += strlen(keyword);
	if (*line != ' ' && *line != '\t')
		return false;
	line += strspn(line, " \t");
	size_t len = strcspn(line, " \t%#;");
	if (len >= sizeof(address))
		return false;
	memcpy(address, line, len);
	address[len] = '\0';
	return ip_parse(address, server);
}

size_t
resolv_conf_read(struct box *box, struct nameserver servers[NAMESERVERS_MAX])
{
	const struct box_file *file = box_read(box, "/etc/resolv.conf");
	size_t count = 0;

	for (size_t i = 0; i < file->count && count < NAMESERVERS_MAX; i++)
		if (read_line(file->lines[i], &servers[count].ip))
			servers[count++].line = i + 1;
	return count;
}

char *
resolv_conf_servers(struct box *box)
{
	struct nameserver servers[NAMESERVERS_MAX];
	size_t count = resolv_conf_read(box, servers);
	char *text = calloc(NAMESERVERS_MAX, IP_TEXT_SIZE + 3), *end = text;

	if (text == NULL)
		return NULL;
	if (count == 0)
		return strcpy(text, "127.0.0.1");
	for (size_t i = 0; i < count; i++) {
		char address[IP_TEXT_SIZE];

		if (i != 0)
			*end++ = ',';
		if (servers[i].ip.family == AF_INET6)
			*end++ = '[';
		end = stpcpy(end, ip_text(&servers[i].ip, address));
		if (servers[i].ip.family == AF_INET6)
			*end++ = ']';
	}
	*end = '\0';
	return text;
}
