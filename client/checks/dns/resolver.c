/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/dns/resolver.h"

/* The functions that newer versions would rather not have are those that all versions have. */
#define CARES_NO_DEPRECATED

#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/dns/records.h"
#include "client/checks/patience.h"

enum {
	ROUNDS = 2, /* how often each server is asked */
	SERVERS_MAX = 8,
	SILENT_MAX =
	    2, /* questions in vain, after which a resolver that never answered is asked no more */
	SOCKETS_MAX =
	    8, /* of a channel with one server: one for UDP, one for TCP, and those about to be closed */
	WAIT_MS = 900,
	TURN_MS = 10, /* for one of several resolvers */
};

struct question {
	struct question *next;
	struct resolver *resolver;
	char *name;
	enum record_type type;
	bool is_answered;
	size_t first;      /* the server that was asked first */
	size_t tries;      /* how often a server was asked */
	int64_t asked_ms;  /* when the last of them was */
	unsigned answered; /* a bit for each server that answered, if only that it cannot */
	struct lookup lookup;
};

/*
 * c-ares moves on to the next server by itself when one says that it failed, and keeps to itself what it said. So each
 * server has a channel of its own, and questions move from one to the next here.
 */
struct resolver {
	ares_channel channels[SERVERS_MAX];
	size_t count;
	size_t preferred; /* the server to ask first: one that was not silent */
	size_t silent;    /* questions that no server answered */
	bool has_answered;
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

static int
add_server(struct resolver *resolver, const char *server)
{
	struct ares_options options = {
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP,
	    .timeout = patience_ms(PATIENCE_DNS),
	    .tries = 1,
	    .lookups = (char *)"b",
	};
	ares_channel *channel = &resolver->channels[resolver->count];
	int status = ares_init_options(channel, &options,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);

	if (status != ARES_SUCCESS)
		return status;
	resolver->count++;
	/* With none, it would be asked what the machine asks. */
	if (server[0] == '\0')
		return ARES_EBADSTR;
	return ares_set_servers_ports_csv(*channel, server);
}

static int
add_servers(struct resolver *resolver, const char *servers)
{
	int status = ARES_SUCCESS;
	char *copy = strdup(servers), *rest = copy, *server;

	if (copy == NULL)
		return ARES_ENOMEM;
	while (status == ARES_SUCCESS && resolver->count < SERVERS_MAX &&
	    (server = strsep(&rest, ",")) != NULL)
		status = add_server(resolver, server);
	free(copy);
	return status;
}

struct resolver *
resolver_new(const char *servers, const char **error)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int status = resolver != NULL ? ares_library_init(ARES_LIB_INIT_ALL) : ARES_ENOMEM;

	if (status != ARES_SUCCESS) {
		*error = ares_strerror(status);
		free(resolver);
		return NULL;
	}
	status = add_servers(resolver, servers);
	if (status == ARES_SUCCESS)
		return resolver;
	*error = ares_strerror(status);
	resolver_free(resolver);
	return NULL;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	/* Questions without an answer are answered by it, so they go after it. */
	for (size_t i = 0; i < resolver->count; i++)
		ares_destroy(resolver->channels[i]);
	for (struct question *question = resolver->questions, *next; question != NULL;
	     question = next) {
		next = question->next;
		records_clear(&question->lookup);
		free(question->name);
		free(question);
	}
	free(resolver);
	ares_library_cleanup();
}

static void take_answer(void *context, int status, int timeouts, unsigned char *answer, int len);

/* The server that was asked last. */
static size_t
server_of(const struct question *question)
{
	return (question->first + question->tries - 1) % question->resolver->count;
}

static void
send_question(struct question *question)
{
	ares_query(question->resolver->channels[server_of(question)], question->name, ns_c_in,
	    types[question->type].number, take_answer, question);
}

static void
ask_server(struct question *question)
{
	question->tries++;
	question->asked_ms = patience_now_ms();
	send_question(question);
}

/* Goes on to a server that has not answered; false when there is none that is still to be asked. */
static bool
ask_next_server(struct question *question)
{
	const struct resolver *resolver = question->resolver;
	size_t rounds = resolver->silent == 0 ? ROUNDS : 1;

	for (; question->tries < rounds * resolver->count; question->tries++) {
		size_t server = (question->first + question->tries) % resolver->count;

		if ((question->answered & 1U << server) == 0) {
			ask_server(question);
			return true;
		}
	}
	return false;
}

static bool
is_silence(int status)
{
	return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
}

/* Remembers which servers answer at all. */
static void
note_server(struct question *question, int status)
{
	struct resolver *resolver = question->resolver;
	size_t server = server_of(question);

	if (!is_silence(status)) {
		question->answered |= 1U << server;
		resolver->has_answered = true;
		resolver->silent = 0;
	} else if (resolver->preferred == server) {
		resolver->preferred = (server + 1) % resolver->count;
	}
}

static bool
is_told(int status)
{
	return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

static void
finish(struct question *question, int status)
{
	struct lookup *lookup = &question->lookup;

	question->is_answered = true;
	if (status == ARES_ENOTFOUND)
		lookup->status = LOOKUP_NO_NAME;
	else if (status == ARES_ENODATA || (status == ARES_SUCCESS && lookup->count == 0))
		lookup->status = LOOKUP_NO_DATA;
	else if (status == ARES_SUCCESS)
		lookup->status = LOOKUP_FOUND;
}

/* Bad names and the like are then the answer's, not the question's. */
static int
read_answer(struct question *question, const unsigned char *answer, int len)
{
	int status = records_read(&question->lookup, question->name, question->type, answer, len);

	return is_told(status) || status == ARES_ENOMEM ? status : ARES_EBADRESP;
}

/*
 * Since version 1.32, c-ares waits for a few times as long as the server took for other answers, and no longer: one that knew
 * those by heart takes longer for a name that it has to look up first.
 */
static bool
is_too_early(const struct question *question, int status)
{
	return status == ARES_ETIMEOUT &&
	    patience_now_ms() - question->asked_ms < patience_ms(PATIENCE_DNS);
}

static void
take_answer(void *context, int status, int timeouts, unsigned char *answer, int len)
{
	struct question *question = context;
	struct lookup *lookup = &question->lookup;
	const char *before = lookup->error;

	(void)timeouts;
	if (is_too_early(question, status)) {
		send_question(question);
		return;
	}
	lookup->error = NULL;
	if (status == ARES_EDESTRUCTION) {
		question->is_answered = true;
		return;
	}
	if (status == ARES_SUCCESS)
		status = read_answer(question, answer, len);
	note_server(question, status);
	if (!is_told(status)) {
		records_clear(lookup);
		/* What a server said tells more than that another one was silent. */
		lookup->error = before != NULL && is_silence(status) ? before :
								       records_error(status);
		/* What is no name for one is none for the others. */
		if (status != ARES_EBADNAME && ask_next_server(question))
			return;
		lookup->is_silence = question->answered == 0;
		question->resolver->silent += lookup->is_silence;
	}
	finish(question, status);
}

/* Versions of c-ares differ in whether they ask for names with bytes that stand in no zone. */
static bool
can_exist(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	return true;
}

/* The question, asked now if it was not before; NULL when memory is out. */
static struct question *
ask(struct resolver *resolver, const char *name, enum record_type type)
{
	struct question *question;
	char *plain = record_name(name);

	if (plain == NULL)
		return NULL;
	for (question = resolver->questions; question != NULL; question = question->next)
		if (question->type == type && strcmp(question->name, plain) == 0) {
			free(plain);
			return question;
		}
	question = calloc(1, sizeof(*question));
	if (question == NULL) {
		free(plain);
		return NULL;
	}
	question->name = plain;
	question->resolver = resolver;
	question->type = type;
	question->first = resolver->preferred;
	question->lookup.status = LOOKUP_FAILED;
	question->next = resolver->questions;
	resolver->questions = question;
	if (!can_exist(plain)) {
		question->is_answered = true;
		question->lookup.status = LOOKUP_NO_NAME;
	} else if (!resolver->has_answered && resolver->silent >= SILENT_MAX) {
		question->is_answered = true;
		question->lookup.error = records_error(ARES_ETIMEOUT);
		question->lookup.is_silence = true;
	} else {
		ask_server(question);
	}
	return question;
}

/* The sockets that a server's channel waits for. Returns how many. */
static nfds_t
list_sockets(ares_channel channel, struct pollfd polled[SOCKETS_MAX])
{
	ares_socket_t sockets[SOCKETS_MAX];
	int bits = ares_getsock(channel, sockets, SOCKETS_MAX);
	nfds_t count = 0;

	for (int i = 0; i < SOCKETS_MAX; i++) {
		short events = (short)((ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
		    (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0));

		if (events != 0)
			polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
	}
	return count;
}

/* Waits until something happened on one of the sockets, or a question's time is over, or the given time. */
static void
go_on(struct resolver *resolver, int most_ms)
{
	struct pollfd polled[SERVERS_MAX * SOCKETS_MAX];
	nfds_t ends[SERVERS_MAX], count = 0;
	struct timeval most = {.tv_usec = most_ms * 1000L}, left;
	int least_ms = most_ms;

	for (size_t i = 0; i < resolver->count; i++) {
		const struct timeval *wait = ares_timeout(resolver->channels[i], &most, &left);
		int ms = (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);

		least_ms = ms < least_ms ? ms : least_ms;
		ends[i] = count += list_sockets(resolver->channels[i], polled + count);
	}
	poll(polled, count, least_ms);
	count = 0;
	for (size_t i = 0; i < resolver->count; i++) {
		for (; count < ends[i]; count++)
			ares_process_fd(resolver->channels[i],
			    (polled[count].revents & ~POLLOUT) != 0 ? polled[count].fd :
								      ARES_SOCKET_BAD,
			    (polled[count].revents & POLLOUT) != 0 ? polled[count].fd :
								     ARES_SOCKET_BAD);
		/* Where nothing happened, time may be over. */
		ares_process_fd(resolver->channels[i], ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	}
}

const struct lookup *
resolver_ask(struct resolver *resolver, const char *name, enum record_type type)
{
	struct question *question = ask(resolver, name, type);

	if (question == NULL)
		return &no_memory;
	while (!question->is_answered)
		go_on(resolver, WAIT_MS);
	return &question->lookup;
}

void
resolver_expect(struct resolver *resolver, const char *name, enum record_type type)
{
	ask(resolver, name, type);
}

static bool
is_waiting(const struct resolver *resolver)
{
	for (const struct question *question = resolver->questions; question != NULL;
	     question = question->next)
		if (!question->is_answered)
			return true;
	return false;
}

void
resolver_finish_all(struct resolver *const *resolvers, size_t count)
{
	for (size_t waiting = 1; waiting != 0;) {
		waiting = 0;
		for (size_t i = 0; i < count; i++)
			if (resolvers[i] != NULL && is_waiting(resolvers[i])) {
				go_on(resolvers[i], TURN_MS);
				waiting++;
			}
	}
}
