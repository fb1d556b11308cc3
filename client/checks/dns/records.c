/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/records.h"

/* The functions that newer versions would rather not have are those that all versions have. */
#define CARES_NO_DEPRECATED

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/checks/dns/name.h"

enum { ADDRESSES_MAX = 64 };

char *
record_name(const char *name)
{
	size_t len = strlen(name);

	return name_make_lower(strndup(name, len != 0 && name[len - 1] == '.' ? len - 1 : len));
}

/* One record more, which takes the text; false when there is no memory for either. */
static bool
add_record(struct lookup *lookup, char *text, unsigned preference, const struct ip *ip)
{
	struct record *records = text != NULL ?
	    reallocarray(lookup->records, lookup->count + 1, sizeof(*records)) :
	    NULL;

	if (records == NULL) {
		free(text);
		return false;
	}
	lookup->records = records;
	lookup->records[lookup->count] = (struct record){.text = text, .preference = preference};
	if (ip != NULL)
		lookup->records[lookup->count].ip = *ip;
	lookup->count++;
	return true;
}

static unsigned
read_16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Reads the name at *at, and goes on to what is behind it. The caller frees it; NULL: it cannot be read. */
static char *
take_name(const unsigned char **at, const unsigned char *answer, int len)
{
	char *text = NULL, *name;
	long used;

	if (*at >= answer + len || ares_expand_name(*at, answer, len, &text, &used) != ARES_SUCCESS)
		return NULL;
	*at += used;
	name = record_name(text);
	ares_free_string(text);
	return name;
}

/*
 * Where the CNAMEs of an answer (RFC 1035 4.1), which stand in the order in which they are followed, lead from the name:
 * versions of c-ares differ in which of several they tell. The caller frees it; NULL: nowhere.
 */
static char *
find_alias(const char *name, const unsigned char *answer, int len)
{
	const unsigned char *at = answer + NS_HFIXEDSZ, *end = answer + len;
	unsigned count = len > NS_HFIXEDSZ ? read_16(answer + 6) : 0;
	char *alias = NULL, *owner = take_name(&at, answer, len);

	for (at += NS_QFIXEDSZ; owner != NULL && count != 0; count--) {
		free(owner);
		owner = take_name(&at, answer, len);
		if (owner == NULL || end - at < NS_RRFIXEDSZ)
			break;
		unsigned type = read_16(at), size = read_16(at + NS_RRFIXEDSZ - 2);
		at += NS_RRFIXEDSZ;
		if (end - at < (long)size)
			break;
		const unsigned char *data = at;
		if (type == ns_t_cname && strcasecmp(owner, alias != NULL ? alias : name) == 0) {
			free(alias);
			alias = take_name(&data, answer, len);
		}
		at += size;
	}
	free(owner);
	return alias;
}

static int
read_addresses(struct lookup *lookup, int family, const unsigned char *answer, int len)
{
	struct hostent *host = NULL;
	int status = family == AF_INET ? ares_parse_a_reply(answer, len, &host, NULL, NULL) :
					 ares_parse_aaaa_reply(answer, len, &host, NULL, NULL);

	if (status != ARES_SUCCESS)
		return status;
	for (int i = 0; host->h_addr_list[i] != NULL && i < ADDRESSES_MAX; i++) {
		struct ip ip = {.family = family};
		char text[IP_TEXT_SIZE];

		memcpy(ip.bytes, host->h_addr_list[i], family == AF_INET ? 4 : 16);
		add_record(lookup, strdup(ip_text(&ip, text)), 0, &ip);
	}
	ares_free_hostent(host);
	return ARES_SUCCESS;
}

static int
by_preference(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return strcmp(a->text, b->text);
}

static int
read_exchanges(struct lookup *lookup, const unsigned char *answer, int len)
{
	struct ares_mx_reply *first = NULL;
	int status = ares_parse_mx_reply(answer, len, &first);

	for (struct ares_mx_reply *mx = first; mx != NULL; mx = mx->next)
		add_record(lookup, record_name(mx->host), mx->priority, NULL);
	if (lookup->count != 0)
		qsort(lookup->records, lookup->count, sizeof(*lookup->records), by_preference);
	ares_free_data(first);
	return status;
}

static int
read_names(struct lookup *lookup, enum record_type type, const unsigned char *answer, int len)
{
	static const unsigned char none[4] = {0};
	struct hostent *host = NULL;
	int status = type == RECORD_NS ?
	    ares_parse_ns_reply(answer, len, &host) :
	    ares_parse_ptr_reply(answer, len, none, sizeof(none), AF_INET, &host);

	if (status != ARES_SUCCESS)
		return status;
	for (int i = 0; host->h_aliases[i] != NULL; i++)
		add_record(lookup, record_name(host->h_aliases[i]), 0, NULL);
	ares_free_hostent(host);
	return ARES_SUCCESS;
}

static int
read_texts(struct lookup *lookup, const unsigned char *answer, int len)
{
	struct ares_txt_ext *first = NULL;
	int status = ares_parse_txt_reply_ext(answer, len, &first);

	for (struct ares_txt_ext *txt = first; txt != NULL; txt = txt->next) {
		struct record *record;

		if (txt->record_start || lookup->count == 0)
			if (!add_record(lookup, strdup(""), 0, NULL))
				break;
		record = &lookup->records[lookup->count - 1];
		size_t kept = strlen(record->text);
		char *text = realloc(record->text, kept + txt->length + 1);
		if (text == NULL)
			break;
		/* A NUL would hide what follows it: it stands as another byte that no text should hold. */
		for (size_t i = 0; i < txt->length; i++)
			text[kept + i] = txt->txt[i] != '\0' ? (char)txt->txt[i] : '\x01';
		text[kept + txt->length] = '\0';
		record->text = text;
	}
	ares_free_data(first);
	return status;
}

int
records_read(struct lookup *lookup, const char *name, enum record_type type,
    const unsigned char *answer, int len)
{
	lookup->alias = find_alias(name, answer, len);
	switch (type) {
	case RECORD_A:
		return read_addresses(lookup, AF_INET, answer, len);
	case RECORD_AAAA:
		return read_addresses(lookup, AF_INET6, answer, len);
	case RECORD_MX:
		return read_exchanges(lookup, answer, len);
	case RECORD_NS:
	case RECORD_PTR:
		return read_names(lookup, type, answer, len);
	case RECORD_TXT:
		break;
	}
	return read_texts(lookup, answer, len);
}

void
records_clear(struct lookup *lookup)
{
	for (size_t i = 0; i < lookup->count; i++)
		free(lookup->records[i].text);
	free(lookup->records);
	free(lookup->alias);
	*lookup = (struct lookup){.status = LOOKUP_FAILED};
}

const char *
records_error(int status)
{
	switch (status) {
	case ARES_ESERVFAIL:
		return "the nameserver failed (SERVFAIL)";
	case ARES_EREFUSED:
		return "the nameserver refused the question (REFUSED)";
	case ARES_ENOTIMP:
		return "the nameserver does not know such questions (NOTIMP)";
	case ARES_EFORMERR:
		return "the nameserver did not understand the question (FORMERR)";
	case ARES_ETIMEOUT:
		return "no nameserver answered in time";
	case ARES_ECONNREFUSED:
		return "no nameserver could be reached";
	case ARES_EBADRESP:
		return "the answer cannot be read";
	case ARES_EBADNAME:
		return "this is no name that DNS could have";
	default:
		return ares_strerror(status);
	}
}
