/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/resolver.h"

/* The functions that newer versions would rather not have are those that all versions have. */
#define CARES_NO_DEPRECATED

#include <ares.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	TRY_MS = 2000, /* for an answer, the first time; c-ares waits longer the next */
	TRIES = 2,
	WAIT_MS = 1000,
	ADDRESSES_MAX = 64,
};

struct question {
	struct question *next;
	char *name;
	enum record_type type;
	bool is_answered;
	struct lookup lookup;
};

struct resolver {
	ares_channel channel;
	struct question *questions;
};

static const struct lookup no_memory = {.status = LOOKUP_FAILED, .error = "memory is out"};

static const struct {
	const char *name;
	int number;
} types[] = {
    [RECORD_A] = {"A", ns_t_a},
    [RECORD_AAAA] = {"AAAA", ns_t_aaaa},
    [RECORD_MX] = {"MX", ns_t_mx},
    [RECORD_NS] = {"NS", ns_t_ns},
    [RECORD_PTR] = {"PTR", ns_t_ptr},
    [RECORD_TXT] = {"TXT", ns_t_txt},
};

const char *
record_type_name(enum record_type type)
{
	return types[type].name;
}

struct resolver *
resolver_new(const char *servers, const char **error)
{
	struct ares_options options = {
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
	    .timeout = TRY_MS,
	    .tries = TRIES,
	    .lookups = (char *)"b",
	};
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int status = resolver != NULL ? ares_library_init(ARES_LIB_INIT_ALL) : ARES_ENOMEM;

	if (status == ARES_SUCCESS)
		status = ares_init_options(&resolver->channel, &options,
		    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
	if (status == ARES_SUCCESS) {
		status = ares_set_servers_ports_csv(resolver->channel, servers);
		if (status == ARES_SUCCESS)
			return resolver;
		ares_destroy(resolver->channel);
	}
	*error = ares_strerror(status);
	free(resolver);
	return NULL;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	/* Questions without an answer are answered by it, so they go after it. */
	ares_destroy(resolver->channel);
	for (struct question *question = resolver->questions, *next; question != NULL;
	     question = next) {
		next = question->next;
		for (size_t i = 0; i < question->lookup.count; i++)
			free(question->lookup.records[i].text);
		free(question->lookup.records);
		free(question->lookup.alias);
		free(question->name);
		free(question);
	}
	free(resolver);
	ares_library_cleanup();
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

/* A name as the rest of the program has it. */
static char *
copy_name(const char *name)
{
	size_t len = strlen(name);
	char *copy = strndup(name, len != 0 && name[len - 1] == '.' ? len - 1 : len);

	for (char *at = copy; at != NULL && *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

static int
read_addresses(struct lookup *lookup, const char *name, int family, const unsigned char *answer,
    int len)
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
	if (host->h_name != NULL && strcasecmp(host->h_name, name) != 0)
		lookup->alias = copy_name(host->h_name);
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
		add_record(lookup, copy_name(mx->host), mx->priority, NULL);
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
		add_record(lookup, copy_name(host->h_aliases[i]), 0, NULL);
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
		memcpy(text + kept, txt->txt, txt->length);
		text[kept + txt->length] = '\0';
		record->text = text;
	}
	ares_free_data(first);
	return status;
}

static int
read_answer(struct question *question, const unsigned char *answer, int len)
{
	switch (question->type) {
	case RECORD_A:
		return read_addresses(&question->lookup, question->name, AF_INET, answer, len);
	case RECORD_AAAA:
		return read_addresses(&question->lookup, question->name, AF_INET6, answer, len);
	case RECORD_MX:
		return read_exchanges(&question->lookup, answer, len);
	case RECORD_NS:
	case RECORD_PTR:
		return read_names(&question->lookup, question->type, answer, len);
	case RECORD_TXT:
		break;
	}
	return read_texts(&question->lookup, answer, len);
}

static const char *
error_text(int status)
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

static void
take_answer(void *context, int status, int timeouts, unsigned char *answer, int len)
{
	struct question *question = context;
	struct lookup *lookup = &question->lookup;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		status = read_answer(question, answer, len);
	question->is_answered = true;
	lookup->status = LOOKUP_FAILED;
	if (status == ARES_ENOTFOUND)
		lookup->status = LOOKUP_NO_NAME;
	else if (status == ARES_ENODATA || (status == ARES_SUCCESS && lookup->count == 0))
		lookup->status = LOOKUP_NO_DATA;
	else if (status == ARES_SUCCESS)
		lookup->status = LOOKUP_FOUND;
	else
		lookup->error = error_text(status);
}

/* The question, asked now if it was not before; NULL when memory is out. */
static struct question *
ask(struct resolver *resolver, const char *name, enum record_type type)
{
	struct question *question;

	for (question = resolver->questions; question != NULL; question = question->next)
		if (question->type == type && strcasecmp(question->name, name) == 0)
			return question;
	question = calloc(1, sizeof(*question));
	if (question == NULL || (question->name = copy_name(name)) == NULL) {
		free(question);
		return NULL;
	}
	question->type = type;
	question->next = resolver->questions;
	resolver->questions = question;
	ares_query(resolver->channel, question->name, ns_c_in, types[type].number, take_answer,
	    question);
	return question;
}

/* Waits until something happened on one of the sockets, or a question's time is over. */
static void
go_on(struct resolver *resolver)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd polled[ARES_GETSOCK_MAXNUM];
	struct timeval most = {.tv_sec = WAIT_MS / 1000}, left;
	int bits = ares_getsock(resolver->channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t count = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = (short)((ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
		    (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0));

		if (events != 0)
			polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
	}
	struct timeval *wait = ares_timeout(resolver->channel, &most, &left);
	int ms = (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);

	if (poll(polled, count, ms) <= 0) {
		ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
		return;
	}
	for (nfds_t i = 0; i < count; i++)
		ares_process_fd(resolver->channel,
		    (polled[i].revents & ~POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
		    (polled[i].revents & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
}

const struct lookup *
resolver_ask(struct resolver *resolver, const char *name, enum record_type type)
{
	struct question *question = ask(resolver, name, type);

	if (question == NULL)
		return &no_memory;
	while (!question->is_answered)
		go_on(resolver);
	return &question->lookup;
}

void
resolver_expect(struct resolver *resolver, const char *name, enum record_type type)
{
	ask(resolver, name, type);
}
