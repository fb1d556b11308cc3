/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/name.h"

#include <string.h>
#include <strings.h>

bool
name_is_possible(const char *name)
{
	size_t len = strlen(name), label = 0;

	if (len == 0 || len > NAME_LEN_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] != '.') {
			if (++label > NAME_LABEL_MAX)
				return false;
		} else if (label == 0) {
			return false;
		} else {
			label = 0;
		}
	return label != 0;
}

bool
name_is_within(const char *name, const char *domain)
{
	size_t len = strlen(name), domain_len = strlen(domain);

	if (len < domain_len || strcasecmp(name + len - domain_len, domain) != 0)
		return false;
	return len == domain_len || name[len - domain_len - 1] == '.';
}

char *
name_make_lower(char *name)
{
	for (char *at = name; at != NULL && *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return name;
}
