/* Tests of client/checks/dns/resolver.c: what each kind of answer comes to, against tests/checks/dns_server.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/checks/dns/resolver.h"
#include "tests/unit/unit.h"

#define A50 "0123456789012345678901234567890123456789012345678x"
#define A250 A50 A50 A50 A50 A50

static const char zone[] = "example.com A 192.0.2.2\n"
			   "example.com A 192.0.2.1\n"
			   "example.com AAAA 2001:db8::1\n"
			   "example.com MX 20 b.Example.com.\n"
			   "example.com MX 10 c.example.com\n"
			   "example.com MX 10 a.example.com\n"
			   "example.com NS ns1.example.com\n"
			   "example.com TXT \"one \" \"two\"\n"
			   "example.com TXT \"v=spf1 -all\"\n"
			   "1.2.0.192.in-addr.arpa PTR mail.example.com\n"
			   "1.2.0.192.in-addr.arpa PTR www.example.com\n"
			   "2.2.0.192.in-addr.arpa CNAME 2.0-15.2.0.192.in-addr.arpa\n"
			   "2.0-15.2.0.192.in-addr.arpa PTR delegated.example.com\n"
			   "null.example.com MX 0 .\n"
			   "alias.example.com CNAME example.com\n"
			   "chain.example.com CNAME alias.example.com\n"
			   "dangling.example.com CNAME nowhere.example.com\n"
			   "dead.example.com CNAME text.example.com\n"
			   "text.example.com TXT \"\"\n"
			   "nul.example.com TXT \"a\\000b\" \"c\"\n"
			   "long.example.com TXT \"" A250 "\" \"" A250 "\" \"end\"\n"
			   ". NS a.root.example\n"
			   "servfail.example.com SERVFAIL\n"
			   "refused.example.com REFUSED\n"
			   "drop.example.com DROP\n"
			   "garbage.example.com GARBAGE\n"
			   "half.example.com A 192.0.2.9\n"
			   "half.example.com MX SERVFAIL\n";

struct server {
	pid_t pid;
	char port[16], zone[64];
};

static void
start(struct server *server, const char *text)
{
	int ends[2];

	strcpy(server->zone, "/tmp/bounced-zone.XXXXXX");
	int fd = mkstemp(server->zone);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(pipe(ends), 0);
	server->pid = fork();
	if (server->pid == 0) {
		/* A test that fails does not come to its end. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp("python3", "python3", TOP_SRCDIR "/tests/checks/dns_server.py", server->zone,
		    (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	FILE *out = fdopen(ends[0], "r");
	ck_assert_msg(fgets(server->port, sizeof(server->port), out) != NULL, "no nameserver");
	server->port[strcspn(server->port, "\n")] = '\0';
	fclose(out);
}

static void
stop(struct server *server)
{
	kill(server->pid, SIGTERM);
	waitpid(server->pid, NULL, 0);
	unlink(server->zone);
}

static struct resolver *
open_resolver(const struct server *one, const struct server *two)
{
	char servers[64];
	const char *error = NULL;

	int used = snprintf(servers, sizeof(servers), "127.0.0.1:%s", one->port);
	if (two != NULL)
		snprintf(servers + used, sizeof(servers) - (size_t)used, ",127.0.0.1:%s",
		    two->port);
	struct resolver *resolver = resolver_new(servers, &error);
	ck_assert_msg(resolver != NULL, "%s: %s", servers, error);
	return resolver;
}

/* "FOUND 10 a 20 b", "NO_DATA (alias)", "FAILED: why". */
static const char *
show(const struct lookup *lookup, enum record_type type, char *out, size_t size)
{
	static const char *const names[] = {"FOUND", "NO_DATA", "NO_NAME", "FAILED"};
	int used = snprintf(out, size, "%s", names[lookup->status]);

	ck_assert_int_eq(lookup->status == LOOKUP_FAILED, lookup->error != NULL);
	for (size_t i = 0; i < lookup->count; i++)
		used += type == RECORD_MX ?
		    snprintf(out + used, size - (size_t)used, " %u %s",
			lookup->records[i].preference, lookup->records[i].text) :
		    snprintf(out + used, size - (size_t)used, " %s", lookup->records[i].text);
	if (lookup->alias != NULL)
		used += snprintf(out + used, size - (size_t)used, " (%s)", lookup->alias);
	if (lookup->error != NULL)
		snprintf(out + used, size - (size_t)used, "%s: %s",
		    lookup->is_silence ? ", silent" : "", lookup->error);
	return out;
}

static const struct {
	const char *name;
	enum record_type type;
	const char *shown;
} questions[] = {
    {"example.com", RECORD_A, "FOUND 192.0.2.2 192.0.2.1"},
    {"EXAMPLE.com.", RECORD_AAAA, "FOUND 2001:db8::1"},
    {"example.com", RECORD_MX, "FOUND 10 a.example.com 10 c.example.com 20 b.example.com"},
    {"example.com", RECORD_NS, "FOUND ns1.example.com"},
    {"example.com", RECORD_TXT, "FOUND one two v=spf1 -all"},
    {"example.com", RECORD_PTR, "NO_DATA"},
    {".", RECORD_NS, "FOUND a.root.example"},
    {"1.2.0.192.in-addr.arpa", RECORD_PTR, "FOUND mail.example.com www.example.com"},
    {"2.2.0.192.in-addr.arpa", RECORD_PTR,
	"FOUND delegated.example.com (2.0-15.2.0.192.in-addr.arpa)"},
    {"null.example.com", RECORD_MX, "FOUND 0 "},
    {"alias.example.com", RECORD_A, "FOUND 192.0.2.2 192.0.2.1 (example.com)"},
    {"chain.example.com", RECORD_A, "FOUND 192.0.2.2 192.0.2.1 (example.com)"},
    {"chain.example.com", RECORD_AAAA, "FOUND 2001:db8::1 (example.com)"},
    {"chain.example.com", RECORD_TXT, "FOUND one two v=spf1 -all (example.com)"},
    {"chain.example.com", RECORD_MX,
	"FOUND 10 a.example.com 10 c.example.com 20 b.example.com (example.com)"},
    {"dangling.example.com", RECORD_A, "NO_NAME"},
    {"dead.example.com", RECORD_A, "NO_DATA (text.example.com)"},
    {"dead.example.com", RECORD_MX, "NO_DATA (text.example.com)"},
    {"text.example.com", RECORD_TXT, "FOUND "},
    {"nul.example.com", RECORD_TXT, "FOUND a\001bc"},
    {"text.example.com", RECORD_AAAA, "NO_DATA"},
    {"long.example.com", RECORD_TXT, "FOUND " A250 A250 "end"},
    {"in-addr.arpa", RECORD_A, "NO_DATA"},
    {"nowhere.example.com", RECORD_A, "NO_NAME"},
    {"nowhere.example.com", RECORD_MX, "NO_NAME"},
    {"servfail.example.com", RECORD_A, "FAILED: the nameserver failed (SERVFAIL)"},
    {"servfail.example.com", RECORD_TXT, "FAILED: the nameserver failed (SERVFAIL)"},
    {"refused.example.com", RECORD_MX, "FAILED: the nameserver refused the question (REFUSED)"},
    {"garbage.example.com", RECORD_A, "FAILED: the answer cannot be read"},
    {"garbage.example.com", RECORD_AAAA, "FAILED: the answer cannot be read"},
    {"garbage.example.com", RECORD_MX, "FAILED: the answer cannot be read"},
    {"garbage.example.com", RECORD_NS, "FAILED: the answer cannot be read"},
    {"garbage.example.com", RECORD_PTR, "FAILED: the answer cannot be read"},
    {"garbage.example.com", RECORD_TXT, "FAILED: the answer cannot be read"},
    {"half.example.com", RECORD_A, "FOUND 192.0.2.9"},
    {"half.example.com", RECORD_MX, "FAILED: the nameserver failed (SERVFAIL)"},
    {"drop.example.com", RECORD_A, "FAILED, silent: no nameserver answered in time"},
    {"caf\303\251.example.com", RECORD_A, "NO_NAME"},
    {"with blank.example.com", RECORD_A, "NO_NAME"},
    {"a..example.com", RECORD_A, "FAILED: this is no name that DNS could have"},
    {A50 A50 ".example.com", RECORD_A, "FAILED: this is no name that DNS could have"},
};

enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

START_TEST(each_kind_of_answer_has_its_status)
{
	struct server server;
	char shown[1024];

	start(&server, zone);
	struct resolver *resolver = open_resolver(&server, NULL);
	/* With newer c-ares an answer that cannot be read fails what else the server is being asked: those come alone. */
	for (size_t i = 0; i < QUESTIONS; i++)
		if (strcmp(questions[i].name, "garbage.example.com") != 0)
			resolver_expect(resolver, questions[i].name, questions[i].type);
	resolver_finish_all(&resolver, 1);
	for (size_t i = 0; i < QUESTIONS; i++) {
		const struct lookup *lookup = resolver_ask(resolver, questions[i].name,
		    questions[i].type);

		ck_assert_msg(strcmp(show(lookup, questions[i].type, shown, sizeof(shown)),
				  questions[i].shown) == 0,
		    "%s %s: %s", questions[i].name, record_type_name(questions[i].type), shown);
		ck_assert_ptr_eq(lookup,
		    resolver_ask(resolver, questions[i].name, questions[i].type));
	}
	resolver_free(resolver);
	stop(&server);
}
END_TEST

static const struct {
	const char *first, *second, *shown;
} pairs[] = {
    {"example.com SERVFAIL\n", "example.com A 192.0.2.1\n", "FOUND 192.0.2.1"},
    {"example.com REFUSED\n", "example.com A 192.0.2.1\n", "FOUND 192.0.2.1"},
    {"example.com GARBAGE\n", "example.com A 192.0.2.1\n", "FOUND 192.0.2.1"},
    {"example.com DROP\n", "example.com A 192.0.2.1\n", "FOUND 192.0.2.1"},
    {"example.com DROP\n", "example.com TXT \"\"\n", "NO_DATA"},
    {"example.com SERVFAIL\n", "", "NO_NAME"},
    {"", "example.com A 192.0.2.1\n", "NO_NAME"},
    {"example.com REFUSED\n", "example.com DROP\n",
	"FAILED: the nameserver refused the question (REFUSED)"},
    {"example.com DROP\n", "example.com SERVFAIL\n", "FAILED: the nameserver failed (SERVFAIL)"},
};

START_TEST(the_next_server_is_asked_when_one_fails)
{
	struct server first, second;
	char shown[256];

	start(&first, pairs[_i].first);
	start(&second, pairs[_i].second);
	struct resolver *resolver = open_resolver(&first, &second);
	ck_assert_str_eq(
	    show(resolver_ask(resolver, "example.com", RECORD_A), RECORD_A, shown, sizeof(shown)),
	    pairs[_i].shown);
	resolver_free(resolver);
	stop(&first);
	stop(&second);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_passed_over)
{
	struct server gone, there;
	char shown[256];

	start(&gone, "");
	stop(&gone);
	start(&there, "example.com A 192.0.2.1\n");
	struct resolver *resolver = open_resolver(&gone, &there);
	ck_assert_str_eq(
	    show(resolver_ask(resolver, "example.com", RECORD_A), RECORD_A, shown, sizeof(shown)),
	    "FOUND 192.0.2.1");
	resolver_free(resolver);
	resolver = open_resolver(&gone, NULL);
	ck_assert_str_eq(
	    show(resolver_ask(resolver, "example.com", RECORD_A), RECORD_A, shown, sizeof(shown)),
	    "FAILED, silent: no nameserver could be reached");
	resolver_free(resolver);
	stop(&there);
}
END_TEST

START_TEST(silence_is_waited_for_only_so_often)
{
	struct server server;
	struct timespec begin, end;
	char name[32];

	start(&server,
	    "example.com DROP\na.example.com DROP\nb.example.com DROP\nc.example.com DROP\n");
	struct resolver *resolver = open_resolver(&server, NULL);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%c.example.com", "abc"[i % 3]);
		ck_assert_int_eq(resolver_ask(resolver, name, RECORD_A + i / 3 % 6)->status,
		    LOOKUP_FAILED);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* Half a second each would be ten. */
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, 6);
	resolver_free(resolver);
	stop(&server);
}
END_TEST

START_TEST(silent_servers_are_waited_for_at_the_same_time)
{
	enum { RESOLVERS = 6 };
	struct resolver *resolvers[RESOLVERS] = {0};
	struct timespec begin, end;
	struct server server;
	char shown[256];

	start(&server, "example.com A 192.0.2.1\nexample.com MX DROP\n");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (size_t i = 1; i < RESOLVERS; i++) {
		resolvers[i] = open_resolver(&server, NULL);
		resolver_expect(resolvers[i], "example.com", RECORD_A);
		resolver_expect(resolvers[i], "example.com", RECORD_MX);
	}
	resolver_finish_all(resolvers, RESOLVERS);
	for (size_t i = 1; i < RESOLVERS; i++) {
		ck_assert_str_eq(show(resolver_ask(resolvers[i], "example.com", RECORD_A), RECORD_A,
				     shown, sizeof(shown)),
		    "FOUND 192.0.2.1");
		ck_assert_int_eq(resolver_ask(resolvers[i], "example.com", RECORD_MX)->status,
		    LOOKUP_FAILED);
		resolver_free(resolvers[i]);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* A second each, one behind the other, would be five. */
	ck_assert_int_lt(end.tv_sec - begin.tv_sec, 4);
	stop(&server);
}
END_TEST

START_TEST(a_resolver_may_go_with_questions_open)
{
	struct server first, second;

	start(&first, "example.com DROP\n");
	start(&second, "example.com DROP\n");
	struct resolver *resolver = open_resolver(&first, &second);
	for (enum record_type type = RECORD_A; type <= RECORD_TXT; type++)
		resolver_expect(resolver, "example.com", type);
	resolver_free(resolver);
	stop(&first);
	stop(&second);
}
END_TEST

enum { GARBAGES = 400 };

/* What comes out does not matter, if only it is whole: sanitizers look. */
START_TEST(garbage_never_breaks_anything)
{
	struct server server;
	char *text = NULL, name[32], shown[65536];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < GARBAGES; i++)
		fprintf(out, "g%d.example.com GARBAGE %d\n", i, i);
	fclose(out);
	start(&server, text);
	free(text);
	struct resolver *resolver = open_resolver(&server, NULL);
	size_t read = 0;
	for (int i = 0; i < GARBAGES * 6; i++) {
		snprintf(name, sizeof(name), "g%d.example.com", i / 6);
		resolver_expect(resolver, name, RECORD_A + i % 6);
		/* Not so many at once that the socket's buffer overflows. */
		if (i % 24 == 23)
			resolver_ask(resolver, name, RECORD_A + i % 6);
	}
	for (int i = 0; i < GARBAGES * 6; i++) {
		snprintf(name, sizeof(name), "g%d.example.com", i / 6);
		const struct lookup *lookup = resolver_ask(resolver, name, RECORD_A + i % 6);

		show(lookup, RECORD_A + i % 6, shown, sizeof(shown));
		read += lookup->status == LOOKUP_FOUND;
	}
	/* Some of it must get as far as that records are read. */
	ck_assert_uint_gt(read, GARBAGES / 20);
	resolver_free(resolver);
	stop(&server);
}
END_TEST

static const char *const wrong[] = {"", "ns1.example.com", "192.0.2.1:dns", "192.0.2.1,x",
    "192.0.2.300"};

START_TEST(wrong_servers_are_refused)
{
	const char *error = NULL;

	ck_assert_ptr_null(resolver_new(wrong[_i], &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client/resolver");
	TCase *tcase = tcase_create("resolver");

	if (system("command -v python3 >/dev/null") != 0)
		return 77;
	/* Many of the servers never answer. */
	setenv("BOUNCED_DNS_MS", "500", 1);
	tcase_add_test(tcase, each_kind_of_answer_has_its_status);
	tcase_add_loop_test(tcase, the_next_server_is_asked_when_one_fails, 0,
	    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tcase, a_server_that_is_not_there_is_passed_over);
	tcase_add_test(tcase, silence_is_waited_for_only_so_often);
	tcase_add_test(tcase, silent_servers_are_waited_for_at_the_same_time);
	tcase_add_test(tcase, a_resolver_may_go_with_questions_open);
	tcase_add_test(tcase, garbage_never_breaks_anything);
	tcase_add_loop_test(tcase, wrong_servers_are_refused, 0, sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
