/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/publishing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"

enum { STRING_MAX = 255 };

/* The strings of a zone file, which the caller frees. The text has neither quotes nor backslashes. */
static char *
strings_of(const char *text)
{
	char *strings = NULL;
	size_t size;
	FILE *out = open_memstream(&strings, &size);

	if (out == NULL)
		return NULL;
	for (size_t left = strlen(text); left != 0;) {
		int len = left < STRING_MAX ? (int)left : STRING_MAX;

		fprintf(out, "%s\"%.*s\"", ftell(out) != 0 ? " " : "", len, text);
		text += len;
		left -= (size_t)len;
	}
	fclose(out);
	return strings;
}

void
publishing_advise_text(struct draft *draft, const char *name, const char *text)
{
	draft_advise(draft, "Publish this record: %s TXT %s", name, text);
	if (strlen(text) <= STRING_MAX)
		return;
	char *strings = strings_of(text);
	if (strings != NULL)
		draft_advise(draft,
		    "In a zone file, in strings of at most 255 bytes: %s. IN TXT ( %s )", name,
		    strings);
	free(strings);
}

/* The nameservers of the nearest zone above the name or at it; NULL: they are not known. */
static const struct lookup *
zone_nameservers(struct checks *checks, const char **name)
{
	for (; *name != NULL && strchr(*name, '.') != NULL; *name = strchr(*name, '.') + 1) {
		const struct lookup *lookup = resolver_ask(checks->resolver, *name, RECORD_NS);

		if (lookup->status == LOOKUP_FOUND)
			return lookup;
		if (lookup->status == LOOKUP_FAILED)
			return NULL;
	}
	return NULL;
}

void
publishing_advise_place(struct draft *draft, struct checks *checks, const char *domain)
{
	const char *zone = domain;
	const struct lookup *nameservers = zone_nameservers(checks, &zone);
	char *names = NULL;
	size_t size;
	FILE *out = nameservers != NULL ? open_memstream(&names, &size) : NULL;

	if (out == NULL) {
		draft_advise(draft, "Whoever manages the DNS of %s can publish it.", domain);
		return;
	}
	for (size_t i = 0; i < nameservers->count; i++)
		fprintf(out, "%s%s", i != 0 ? ", " : "", nameservers->records[i].text);
	fclose(out);
	draft_advise(draft,
	    "Whoever manages the zone %s can publish it, where its nameservers are run: %s.", zone,
	    names);
	free(names);
}

void
publishing_advise_address(struct draft *draft, struct checks *checks, const char *name,
    const struct ip *ip)
{
	char address[IP_TEXT_SIZE];

	if (ip != NULL)
		draft_advise(draft, "Publish: %s. IN %s %s", name,
		    ip->family == AF_INET ? "A" : "AAAA", ip_text(ip, address));
	publishing_advise_place(draft, checks, name);
}
