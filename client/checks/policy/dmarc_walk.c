/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/dmarc_walk.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/checks.h"
#include "client/checks/dns/name.h"
#include "client/checks/dns/resolver.h"
#include "client/checks/draft.h"
#include "client/checks/policy/dmarc_record.h"

enum {
	LABELS_MIN = 2, /* below a top-level domain: who runs that has no mail of its customers */
	LABELS_MAX = 7, /* RFC 9989 4.10: a longer name is asked for itself, and then from here */
};

static int
count_labels(const char *domain)
{
	int count = 1;

	for (; *domain != '\0'; domain++)
		count += *domain == '.';
	return count;
}

/* The domain above; NULL: it is not asked. */
static const char *
parent_of(const char *domain)
{
	int labels = count_labels(domain);
	int wanted = labels > LABELS_MAX + 1 ? LABELS_MAX : labels - 1;

	if (wanted < LABELS_MIN)
		return NULL;
	for (; labels > wanted; labels--)
		domain = strchr(domain, '.') + 1;
	return domain;
}

/* What there is at _dmarc. and the domain. */
static struct dmarc_place
look_at(struct checks *checks, const char *domain)
{
	struct dmarc_place place = {.found = DMARC_FAILED, .domain = domain};
	char *name;

	if (asprintf(&name, "_dmarc.%s", domain) < 0)
		name = NULL;
	place.lookup = resolver_ask(checks->resolver, name != NULL ? name : "", RECORD_TXT);
	free(name);
	if (place.lookup->status == LOOKUP_FAILED)
		return place;
	place.found = DMARC_NOTHING;
	for (size_t i = 0; i < place.lookup->count; i++) {
		const char *text = place.lookup->records[i].text;

		if (dmarc_is_record(text)) {
			place.found = place.found == DMARC_ONE || place.found == DMARC_SEVERAL ?
			    DMARC_SEVERAL :
			    DMARC_ONE;
			place.text = text;
		} else if (place.found == DMARC_NOTHING && dmarc_is_meant(text)) {
			place.found = DMARC_MEANT;
			place.text = text;
		}
	}
	return place;
}

/* psd=: whether the domain is a public suffix, below which organisations begin; '\0' where it does not say. */
static char
public_suffix(const struct dmarc_place *place)
{
	struct tags tags;
	const struct tag *psd;

	if (place->found != DMARC_ONE || !tags_read(place->text, &tags))
		return '\0';
	psd = tags_find(&tags, "psd");
	return psd != NULL && tag_is(psd, "y") ? 'y' : psd != NULL && tag_is(psd, "n") ? 'n' : '\0';
}

/*
 * The topmost of the domain and those above it that has something, as far as they have two labels (RFC 9989 4.10); the
 * public suffix list, which RFC 7489 3.2 goes by, is not here. DMARC_NOTHING: none does.
 */
static struct dmarc_place
find_organisation(struct checks *checks, const char *domain)
{
	struct dmarc_place top = {.found = DMARC_NOTHING, .domain = domain};

	for (; domain != NULL; domain = parent_of(domain)) {
		struct dmarc_place place = look_at(checks, domain);
		char suffix = public_suffix(&place);

		if (place.found == DMARC_FAILED)
			return place;
		if (place.found == DMARC_NOTHING || (suffix == 'y' && top.found != DMARC_NOTHING))
			continue;
		top = place;
		if (suffix == 'n')
			break;
	}
	return top;
}

struct dmarc_place
dmarc_find(struct checks *checks, const char *domain)
{
	const char *parent = parent_of(domain);
	struct dmarc_place place = look_at(checks, domain);

	if (place.found != DMARC_NOTHING || parent == NULL)
		return place;
	return find_organisation(checks, parent);
}

bool
dmarc_is_same_organisation(struct checks *checks, const char *one, const char *other)
{
	if (name_is_within(one, other) || name_is_within(other, one))
		return true;
	struct dmarc_place a = find_organisation(checks, one), b = find_organisation(checks, other);

	return a.found == DMARC_ONE && b.found == DMARC_ONE && strcasecmp(a.domain, b.domain) == 0;
}
