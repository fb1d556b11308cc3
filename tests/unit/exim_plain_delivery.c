/* Plain deliveries: what is told at a glance is what the careful parsers say, whatever the line imitates. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/exim/delivery.h"
#include "tests/unit/unit.h"

enum {
	TEXT_MAX = 1024,
	CHANGES_MAX = 4,
	LINES_MADE = 60000,
};

/* What nearly all lines look like. */
static const char *const plain[] = {
    "reader134631@remote2.example.net R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote2.example.net [203.0.113.7] "
    "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 Ok: queued as 89B25D41\"",
    "box2@customer126.example <box2@customer126.example> R=virtual_user T=dovecot_virtual_delivery "
    "C=\"250 2.0.0 <box2@customer126.example> 84E513D5 Saved\"",
    "info <info@customer126.example> R=virtual_user T=dovecot_virtual_delivery "
    "C=\"250 2.0.0 <info@customer126.example> 84E513D5 Saved\"",
    "somebody.else <somebody.else@customer126.example> R=virtual_user T=virtual_userdelivery",
    "alias@example.com <b@example.com> R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote2.example.net [203.0.113.7] C=\"250 ok\"",
    "a.rather.long.local.part+tag@some.department.example.com R=lookuphost T=remote_smtp_of_a_long_name "
    "H=customer-example-com.mail.protection.example.net [192.0.2.100] C=\"250 2.6.0 <1@example.com> Queued mail for delivery\"",
    "user@remote.example.net <user@remote.example.net> R=dkim_lookuphost T=dkim_remote_smtp "
    "H=mx.remote.example.net [198.51.100.254] X=TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256 CV=yes K C=\"250 ok\" QT=3s DT=1s",
    "reader160303@remote5.example.net R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16]: "
    "SMTP error from remote mail server after RCPT TO:<reader160303@remote5.example.net>: 550 5.1.1 No such user",
    "reader160303@remote5.example.net R=dkim_lookuphost T=dkim_remote_smtp defer (-44) H=mx0.remote5.example.net [203.0.113.16]: "
    "SMTP error from remote mail server after RCPT TO:<reader160303@remote5.example.net>: 451 4.3.0 Temporary lookup failure",
    "somebody@example.com R=dkim_lookuphost T=dkim_remote_smtp H=mx.example.com [192.0.2.1] X=TLS1.3:x:256 CV=no "
    "DN=\"/C=US/O=x R=y T=z H=q [192.0.2.9]/CN=mx\": all relevant MX records point to non-existent hosts: retry timeout exceeded",
};

/* What nearly looks so. */
static const char *const others[] = {
    "|/usr/bin/procmail -a x (u@example.com) <a@example.com> R=dkim_lookuphost T=dkim_remote_smtp H=mx.example.com [192.0.2.1] C=\"250\"",
    "/dev/null <a@example.com> R=virtual_user_filter T=**bypassed** H=mx.example.com [192.0.2.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256",
    "blackhole R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes",
    "discarded (system filter) R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] X=TLS1.3:TLS_AES_256 CV=yes",
    "save R=dkim_lookuphost T=dkim_remote_smtp H=mx.example.com [192.0.2.1] C=\"250\" <a@example.com> R=virtual_user T=address_file",
    "someone@example.com: R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] X=TLS1.3:TLS_AES_256_GCM_SHA384:256",
    "someone@example.com R=dkim_lookuphost T=dkim_remote_smtp: H=mx0.remote5.example.net [203.0.113.16]: said nothing that anybody could read",
    "someone@example.com R=dkim_lookuphost: T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16]: said nothing that anybody could read",
    "someone@example.com R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net (h [192.0.2.9]) [203.0.113.16]:25* "
    "I=[192.0.2.1]:4000 C=\"250 ok\" F=<a@example.org>",
    "someone@example.com F=<a@example.org> P=<b@example.org> R=dkim_lookuphost T=dkim_remote_smtp S=4120 H=mx.example.com [2001:db8::1]:25 "
    "C=\"250 ok\"",
    "c@example.com (b@example.com) <a@example.com> R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] C=\"250 ok\"",
    "some>one@example.com <some>one@example.com> R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] C=\"250 ok\"",
    "someone@example.com R=virtual_user_filter T=**bypassed** H=mx0.remote5.example.net [203.0.113.16] "
    "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 ok\"",
    "blackhole <blackhole> R=dkim_lookuphost T=dkim_remote_smtp H=mx0.remote5.example.net [203.0.113.16] X=TLS1.3:TLS_AES_256 C=\"250 ok\"",
    "blackhole <blackhole@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <blackhole@example.com> 84E513D5 Saved\"",
    "save <save@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <save@example.com> 84E513D5 Saved\"",
    "discarded <discarded@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <discarded@example.com> 84E513D5 Saved\"",
    "user <users@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <users@example.com> 84E513D5 Saved\"",
    "user <user@x@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <user@x@example.com> 84E513D5 Saved\"",
    "User <user@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <user@example.com> 84E513D5 Saved\"",
    "a/b <a/b@example.com> R=virtual_user T=dovecot_virtual_delivery C=\"250 2.0.0 <a/b@example.com> 84E513D5 Saved\"",
    "somebody.else <\"somebody.else\"@customer126.example> R=virtual_user T=virtual_userdelivery QT=1s DT=0s",
    "mua_wrapper is set but recipients cannot all be delivered in one transaction R=dkim_lookuphost T=dkim_remote_smtp H=mx [192.0.2.1]",
};

/* What strangers would put into a line, and what Exim puts there. */
static const char *const pieces[] = {" <\"", "<\"", "\"@x.example>", "<", ">", "\"", "(", ")", "[",
    "]", " ", "  ", "\t", "@", ":", ": ", "\\", "*", "=", "\\\"", " H=", " H=(", " [192.0.2.9]",
    " R=dkim_lookuphost T=dkim_remote_smtp", " R=virtual_user T=dovecot_virtual_delivery ",
    " T=other", " C=\"", " X=", " F=<a@example.org>", " P=<>", " defer (-44)",
    " defer (110): Connection timed out", ":25", " DS ", " DT=1s", "blackhole", "discarded (",
    " (a@x.example)", " <a@x.example>", "retry time not reached for any host"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static unsigned
chance(unsigned below)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(state >> 33) % below;
}

/* A text of its own size, so that whoever looks behind its end is found out. */
static struct slice
copy_of(const char *text, size_t len)
{
	char *at = malloc(len + (len == 0));

	ck_assert_ptr_nonnull(at);
	memcpy(at, text, len);
	return slice_of(at, len);
}

static bool
is_same(struct slice left, struct slice right)
{
	return left.len == right.len && (left.len == 0 || left.at == right.at) &&
	    (left.at == NULL) == (right.at == NULL);
}

static bool
is_same_route(const struct delivery *left, const struct delivery *right)
{
	return is_same(left->final, right->final) && slice_equal(left->original, right->original) &&
	    slice_equal(left->parents, right->parents) && is_same(left->sender, right->sender) &&
	    is_same(left->router, right->router) && is_same(left->transport, right->transport) &&
	    is_same(left->host.name, right->host.name) &&
	    is_same(left->host.helo, right->host.helo) && is_same(left->host.ip, right->host.ip) &&
	    left->host.port == right->host.port && left->is_discarded == right->is_discarded;
}

/* The address that was seen at a glance is that which is put together, and no other is named. */
static bool
is_address(const struct delivery *careful, struct slice address)
{
	char buffer[TEXT_MAX];
	struct slice final = delivery_final_address(careful, buffer, sizeof(buffer));

	return address.len == 0 ||
	    (slice_equal(address, final) && slice_is_empty(careful->parents) &&
		(slice_is_empty(careful->original) || slice_equal(careful->original, final)));
}

/* Of a failure all counts. */
static bool
is_same_failure(const struct delivery *left, const struct delivery *right)
{
	return left->has_error_number == right->has_error_number &&
	    left->is_system_error == right->is_system_error &&
	    left->is_for_all == right->is_for_all &&
	    left->is_error_ignored == right->is_error_ignored &&
	    left->is_retry_wait == right->is_retry_wait &&
	    left->error_number == right->error_number && is_same(left->message, right->message) &&
	    is_same(left->return_path, right->return_path) && is_same(left->tls, right->tls) &&
	    is_same(left->confirmation, right->confirmation) &&
	    is_same(left->shadow, right->shadow) && left->size == right->size;
}

static void
check_line(struct route_memo *memo, const char *line, size_t len)
{
	struct slice text = copy_of(line, len);

	for (int is_failure = 0; is_failure < 2; is_failure++) {
		struct delivery careful, kept;
		bool is_delivery = delivery_parse(text, is_failure, &careful);

		/* What the struct held before must not matter. */
		memset(&kept, 0xa5, sizeof(kept));
		ck_assert_msg(delivery_parse_kept(memo, text, is_failure, &kept) == is_delivery,
		    "%s %.*s", is_failure ? "**" : "=>", (int)len, line);
		ck_assert_msg(!is_delivery ||
			(is_same_route(&careful, &kept) && is_address(&careful, kept.address) &&
			    (!is_failure || is_same_failure(&careful, &kept))),
		    "%s %.*s", is_failure ? "**" : "=>", (int)len, line);
	}
	free((char *)text.at);
}

static void
learn(struct route_memo *memo)
{
	struct delivery delivery;

	*memo = (struct route_memo){0};
	for (size_t i = 0; i < COUNT(plain); i++)
		delivery_parse_kept(memo, slice_str(plain[i]), false, &delivery);
}

START_TEST(a_plain_line_is_told_at_a_glance)
{
	struct route_memo memo = {0};
	struct delivery delivery;

	ck_assert(delivery_parse_kept(&memo, slice_str(plain[_i]), false, &delivery));
	ck_assert_ptr_null(delivery.route);
	ck_assert(delivery_parse_kept(&memo, slice_str(plain[_i]), false, &delivery));
#if defined(__SSE2__)
	ck_assert_ptr_nonnull(delivery.route);
#endif
}
END_TEST

START_TEST(a_route_once_known_stays_what_it_is)
{
	struct route_memo memo;
	struct delivery first, again, other;

	learn(&memo);
	for (size_t i = 0; i < ROUTE_SETS * ROUTE_WAYS * 4; i++) {
		char line[TEXT_MAX];

		snprintf(line, sizeof(line), "a@example.com R=router%zu T=transport C=\"\"", i);
		delivery_parse_kept(&memo, slice_str(line), false, &other);
	}
	delivery_parse_kept(&memo, slice_str(plain[0]), false, &first);
	delivery_parse_kept(&memo, slice_str(plain[6]), false, &again);
	delivery_parse_kept(&memo, slice_str(plain[1]), false, &other);
	ck_assert_ptr_eq(first.route, again.route);
#if defined(__SSE2__)
	ck_assert_ptr_nonnull(first.route);
	ck_assert_ptr_ne(first.route, other.route);
#endif
}
END_TEST

START_TEST(a_line_cut_anywhere_is_read_the_same)
{
	struct route_memo memo;

	learn(&memo);
	for (size_t i = 0; i < COUNT(plain); i++)
		for (size_t len = 0; len <= strlen(plain[i]); len++)
			check_line(&memo, plain[i], len);
	/* Once more with the routes that have been met then. */
	for (size_t i = 0; i < 2 * COUNT(others); i++)
		check_line(&memo, others[i / 2], strlen(others[i / 2]));
}
END_TEST

/* "x <"x"@x.example> R=...": x is as much of a plain line as you like. */
START_TEST(a_local_part_that_imitates_a_line_is_read_the_same)
{
	static const struct {
		const char *domain, *rest;
	} ends[] = {
	    {"@x.example", "@x.example> R=virtual_user T=x C=\"250\""},
	    {"", "@x.example> R=virtual_user T=x"},
	    {"", ">"},
	};
	struct route_memo memo;
	char line[2 * TEXT_MAX];

	learn(&memo);
	for (size_t i = 0; i < COUNT(plain); i++)
		for (size_t len = 1; len <= strlen(plain[i]); len++)
			for (size_t e = 0; e < COUNT(ends); e++) {
				int size = snprintf(line, sizeof(line), "%.*s%s <\"%.*s\"%s",
				    (int)len, plain[i], ends[e].domain, (int)len, plain[i],
				    ends[e].rest);

				check_line(&memo, line, (size_t)size);
			}
}
END_TEST

/* Puts a piece in, takes some bytes out, or has one be another. */
static size_t
change(char *line, size_t len)
{
	size_t at = chance((unsigned)len + 1), size;
	const char *piece = pieces[chance(COUNT(pieces))];

	switch (chance(3)) {
	case 0:
		size = strlen(piece);
		if (len + size > TEXT_MAX)
			return len;
		memmove(line + at + size, line + at, len - at);
		memcpy(line + at, piece, size);
		return len + size;
	case 1:
		size = chance(16);
		if (size > len - at)
			size = len - at;
		memmove(line + at, line + at + size, len - at - size);
		return len - size;
	default:
		if (at < len)
			line[at] = (char)chance(256);
		return len;
	}
}

START_TEST(a_changed_line_is_read_the_same)
{
	struct route_memo memo;
	char line[TEXT_MAX];

	learn(&memo);
	for (int i = 0; i < LINES_MADE; i++) {
		unsigned which = chance(COUNT(plain) * 2 + COUNT(others));
		const char *base = which < COUNT(others) ?
		    others[which] :
		    plain[(which - COUNT(others)) % COUNT(plain)];
		size_t len = strlen(base);

		memcpy(line, base, len);
		for (unsigned n = 1 + chance(CHANGES_MAX); n > 0; n--)
			len = change(line, len);
		check_line(&memo, line, len);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/plain_delivery");
	TCase *tests = tcase_create("plain_delivery");

	tcase_add_loop_test(tests, a_plain_line_is_told_at_a_glance, 0, COUNT(plain));
	tcase_add_test(tests, a_route_once_known_stays_what_it_is);
	tcase_add_test(tests, a_line_cut_anywhere_is_read_the_same);
	tcase_add_test(tests, a_local_part_that_imitates_a_line_is_read_the_same);
	tcase_add_test(tests, a_changed_line_is_read_the_same);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
