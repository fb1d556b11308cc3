/* The addresses and the name that Exim sends mail with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/ip.h"

/* What Exim's lsearch* finds in a file of lines "DOMAIN: VALUE": the domain's own, else that of "*". The caller frees it. */
static char *
look_up(struct box *box, const char *path, const char *domain)
{
	const struct box_file *file = box_read(box, path);
	char *value = domain != NULL ? box_value(file, domain, ':', NULL) : NULL;

	return value != NULL ? value : box_value(file, "*", ':', NULL);
}

/* The addresses of all lines "DOMAIN: ADDRESSES". */
static void
add_all(struct box *box, const char *path, struct ip *ips, size_t *count, size_t max)
{
	const struct box_file *file = box_read(box, path);

	for (size_t i = 0; i < file->count && *count < max; i++) {
		const char *colon = strchr(file->lines[i], ':');

		if (colon != NULL && file->lines[i][strspn(file->lines[i], " \t")] != '#')
			host_add_addresses(box, colon + 1, ips, count, max);
	}
}

size_t
sending_ips(struct checks *checks, const char *domain, struct ip *ips, size_t max)
{
	struct box *box = checks->box;
	char *mail_ips = look_up(box, "/etc/mailips", domain);
	size_t count = 0;

	if (mail_ips != NULL)
		host_add_addresses(box, mail_ips, ips, &count, max);
	free(mail_ips);
	if (count == 0) {
		const struct box_file *main_ip = box_read(box, "/var/cpanel/mainip");

		if (main_ip->count != 0)
			host_add_addresses(box, main_ip->lines[0], ips, &count, max);
	}
	if (count == 0)
		count = host_interfaces(box, ips, max);
	if (domain == NULL)
		add_all(box, "/etc/mailips", ips, &count, max);
	return count;
}

/* The name in a line "ADDRESS: NAME" of one of the addresses, IPv6 ones too. */
static char *
name_of_address(const struct box_file *file, const struct ip *ips, size_t ip_count)
{
	for (size_t i = 0; i < file->count; i++) {
		const char *line = file->lines[i] + strspn(file->lines[i], " \t");
		size_t len = strcspn(line, " \t");
		const char *name = line + len + strspn(line + len, " \t");
		char address[IP_TEXT_SIZE];
		struct ip ip;

		/* The colon behind the address is none of the address's own. */
		if (len != 0 && line[len - 1] == ':')
			len--;
		if (len >= sizeof(address) || *name == '\0')
			continue;
		memcpy(address, line, len);
		address[len] = '\0';
		if (ip_parse(address, &ip) && host_is_among(&ip, ips, ip_count))
			return strndup(name, strcspn(name, " \t"));
	}
	return NULL;
}

/* cPanel's switch "use the reverse DNS entry for the mail HELO". */
static bool
uses_reverse_dns(struct box *box)
{
	char *value;

	if (box_has(box, "/var/cpanel/use_rdns_for_helo"))
		return true;
	value = box_value(box_read(box, "/etc/exim.conf.localopts"), "use_rdns_for_helo", '=',
	    NULL);
	bool is_on = value != NULL && strcmp(value, "1") == 0;
	free(value);
	return is_on;
}

static char *
reverse_dns_helo(struct checks *checks, const char *domain)
{
	struct ip ips[4];
	size_t count;
	char *name;

	if (!uses_reverse_dns(checks->box))
		return NULL;
	count = sending_ips(checks, domain != NULL ? domain : "*", ips, 4);
	name = name_of_address(box_read(checks->box, "/etc/mail_reverse_dns"), ips, count);
	return name != NULL ? name :
			      name_of_address(box_read(checks->box, "/etc/reversedns"), ips, count);
}

char *
sending_helo(struct checks *checks, const char *domain)
{
	char *name = look_up(checks->box, "/etc/mailhelo", domain);

	if (name != NULL && *name != '\0')
		return name;
	free(name);
	name = reverse_dns_helo(checks, domain);
	return name != NULL ? name : host_name(checks->box);
}
