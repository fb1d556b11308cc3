/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/policy/spf_match.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/dns/name.h"

void
spf_set_problem(struct spf_state *state, const char *format, ...)
{
	va_list values;

	if (state->answer->problem != NULL)
		return;
	va_start(values, format);
	if (vasprintf(&state->answer->problem, format, values) < 0)
		state->answer->problem = NULL;
	va_end(values);
}

const struct lookup *
spf_ask(struct spf_state *state, const char *name, enum record_type type)
{
	static const struct lookup no_name = {.status = LOOKUP_NO_NAME};

	if (!name_is_possible(name))
		return &no_name;
	const struct lookup *lookup = state->question->ask(state->question->context, name, type);
	if (lookup->status == LOOKUP_NO_DATA || lookup->status == LOOKUP_NO_NAME)
		state->is_void = true;
	return lookup;
}

static enum record_type
address_type(const struct spf_state *state)
{
	return state->question->ip.family == AF_INET ? RECORD_A : RECORD_AAAA;
}

static enum spf_match
dns_failed(const struct spf_place *place, const char *name, enum record_type type,
    const struct lookup *lookup)
{
	spf_set_problem(place->state,
	    "\"%.100s\" in the SPF record of %s asks for %s %s, and DNS: %s", place->term->text,
	    place->domain, name, record_type_name(type),
	    lookup->error != NULL ? lookup->error : "no answer");
	return SPF_MATCH_TEMPERROR;
}

static enum spf_match
match_addresses(const struct spf_place *place, const char *name)
{
	enum record_type type = address_type(place->state);
	const struct lookup *lookup = spf_ask(place->state, name, type);
	unsigned bits = type == RECORD_A ? place->term->bits4 : place->term->bits6;

	if (lookup->status == LOOKUP_FAILED)
		return dns_failed(place, name, type, lookup);
	for (size_t i = 0; lookup->status == LOOKUP_FOUND && i < lookup->count; i++)
		if (ip_is_within(&place->state->question->ip, &lookup->records[i].ip, bits))
			return SPF_MATCH;
	return SPF_NO_MATCH;
}

/* 5.4: a name without MX records is not taken for its own. */
static enum spf_match
match_exchanges(const struct spf_place *place, const char *name)
{
	const struct lookup *lookup = spf_ask(place->state, name, RECORD_MX);

	if (lookup->status == LOOKUP_FAILED)
		return dns_failed(place, name, RECORD_MX, lookup);
	if (lookup->status != LOOKUP_FOUND)
		return SPF_NO_MATCH;
	if (lookup->count > SPF_EXCHANGES_MAX) {
		spf_set_problem(place->state,
		    "\"%.100s\" in the SPF record of %s: %s has %zu MX records, and %d are allowed (RFC 7208 4.6.4)",
		    place->term->text, place->domain, name, lookup->count, SPF_EXCHANGES_MAX);
		return SPF_MATCH_PERMERROR;
	}
	for (size_t i = 0; i < lookup->count; i++) {
		enum spf_match match = match_addresses(place, lookup->records[i].text);

		if (match != SPF_NO_MATCH)
			return match;
	}
	return SPF_NO_MATCH;
}

/* The names of the address, and the address of each is asked for; what DNS fails to tell is passed over (5.5). */
static const struct lookup *
ask_pointers(struct spf_state *state)
{
	char name[IP_NAME_SIZE];

	return spf_ask(state, ip_ptr_name(&state->question->ip, name), RECORD_PTR);
}

static bool
is_validated(struct spf_state *state, const char *name)
{
	const struct lookup *lookup = spf_ask(state, name, address_type(state));

	for (size_t i = 0; lookup->status == LOOKUP_FOUND && i < lookup->count; i++)
		if (ip_equal(&state->question->ip, &lookup->records[i].ip))
			return true;
	return false;
}

static enum spf_match
match_pointers(const struct spf_place *place, const char *target)
{
	const struct lookup *names = ask_pointers(place->state);

	if (names->status != LOOKUP_FOUND)
		return SPF_NO_MATCH;
	for (size_t i = 0; i < names->count && i < SPF_POINTERS_MAX; i++)
		if (name_is_within(names->records[i].text, target) &&
		    is_validated(place->state, names->records[i].text))
			return SPF_MATCH;
	return SPF_NO_MATCH;
}

/* p: the domain itself, else a name below it, else any (7.3). */
static const char *
validated_name(void *context)
{
	const struct spf_place *place = context;
	const struct lookup *names = ask_pointers(place->state);
	const char *best = NULL;

	if (names->status != LOOKUP_FOUND)
		return NULL;
	for (size_t i = 0; i < names->count && i < SPF_POINTERS_MAX; i++) {
		const char *name = names->records[i].text;

		if (!is_validated(place->state, name))
			continue;
		if (strcasecmp(name, place->domain) == 0)
			return name;
		if (best == NULL ||
		    (name_is_within(name, place->domain) && !name_is_within(best, place->domain)))
			best = name;
	}
	return best;
}

bool
spf_count_lookup(const struct spf_place *place)
{
	struct spf_answer *answer = place->state->answer;

	place->state->is_void = false;
	if (!spf_term_is_counted(place->term))
		return true;
	if (answer->lookups < SPF_LOOKUPS_MAX) {
		answer->lookups++;
		return true;
	}
	answer->has_too_many_lookups = answer->problem == NULL;
	spf_set_problem(place->state,
	    "\"%.100s\" in the SPF record of %s would be DNS lookup %d, and %d are allowed (RFC 7208 4.6.4)",
	    place->term->text, place->domain, SPF_LOOKUPS_MAX + 1, SPF_LOOKUPS_MAX);
	return false;
}

/* A term that found nothing is a void lookup (4.6.4). */
static bool
count_void(const struct spf_place *place)
{
	if (!place->state->is_void || ++place->state->voids <= SPF_VOIDS_MAX)
		return true;
	spf_set_problem(place->state,
	    "\"%.100s\" in the SPF record of %s is term %d whose name does not exist, and %d are allowed (RFC 7208 4.6.4)",
	    place->term->text, place->domain, SPF_VOIDS_MAX + 1, SPF_VOIDS_MAX);
	return false;
}

struct spf_macros
spf_macros_of(const struct spf_place *place)
{
	const struct spf_question *question = place->state->question;

	return (struct spf_macros){
	    .ip = &question->ip,
	    .sender = question->sender,
	    .domain = place->domain,
	    .helo = question->helo,
	    .receiver = question->receiver,
	    .now = question->now,
	    .validated_name = validated_name,
	    .context = (void *)place,
	};
}

char *
spf_target(const struct spf_place *place)
{
	const struct spf_macros macros = spf_macros_of(place);

	return place->term->target != NULL ? spf_domain_expand(place->term->target, &macros) :
					     strdup(place->domain);
}

/* 5.2: what a check of another domain means to the term that includes it. */
static enum spf_match
match_include(const struct spf_place *place, const char *target)
{
	enum spf_result result = spf_check_host(place->state, target, true);

	/* The terms in there have been counted. */
	place->state->is_void = false;
	switch (result) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_NONE:
		spf_set_problem(place->state,
		    "\"%.100s\" in the SPF record of %s: %s has no SPF record (RFC 7208 5.2)",
		    place->term->text, place->domain, target);
		break;
	case SPF_PERMERROR:
		break;
	}
	return SPF_MATCH_PERMERROR;
}

/* 5.7: an A record, whatever the family of the address. */
static enum spf_match
match_existence(const struct spf_place *place, const char *target)
{
	const struct lookup *lookup = spf_ask(place->state, target, RECORD_A);

	if (lookup->status == LOOKUP_FAILED)
		return dns_failed(place, target, RECORD_A, lookup);
	return lookup->status == LOOKUP_FOUND ? SPF_MATCH : SPF_NO_MATCH;
}

static enum spf_match
match_target(const struct spf_place *place, const char *target)
{
	switch (place->term->kind) {
	case SPF_INCLUDE:
		return match_include(place, target);
	case SPF_A:
		return match_addresses(place, target);
	case SPF_MX:
		return match_exchanges(place, target);
	case SPF_PTR:
		return match_pointers(place, target);
	case SPF_EXISTS:
		return match_existence(place, target);
	default:
		return SPF_NO_MATCH;
	}
}

enum spf_match
spf_match(const struct spf_place *place)
{
	const struct spf_term *term = place->term;
	const struct ip *ip = &place->state->question->ip;

	if (term->kind == SPF_ALL)
		return SPF_MATCH;
	if (term->kind == SPF_IP4)
		return ip_is_within(ip, &term->network, term->bits4) ? SPF_MATCH : SPF_NO_MATCH;
	if (term->kind == SPF_IP6)
		return ip_is_within(ip, &term->network, term->bits6) ? SPF_MATCH : SPF_NO_MATCH;
	if (!spf_term_is_counted(term) || term->kind == SPF_REDIRECT)
		return SPF_NO_MATCH;
	if (!spf_count_lookup(place))
		return SPF_MATCH_PERMERROR;
	char *target = spf_target(place);
	if (target == NULL)
		return SPF_MATCH_TEMPERROR;
	enum spf_match match = match_target(place, target);
	free(target);
	return match == SPF_NO_MATCH && !count_void(place) ? SPF_MATCH_PERMERROR : match;
}
