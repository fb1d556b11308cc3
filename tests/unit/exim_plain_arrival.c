/* Arrivals told at a glance: what the careful way finds in them, whatever strangers write into a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/exim/arrival.h"
#include "tests/unit/unit.h"

static const char *const lines[] = {
    /* with a login, from elsewhere, from a host without a name, from one that says its address */
    "user2@customer.example H=host54.example.org (host54.example.org) [198.51.100.54]:3462 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 "
    "CV=no A=dovecot_login:user2@customer.example S=41482 id=28f070264ec5ff5a@host54.example.org T=\"Your order 34200\" for r@example.net",
    "a@example.org H=mx.example.org [198.51.100.7]:3462 I=[192.0.2.1]:25 P=esmtps L X=TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256 CV=no K S=7112 "
    "DKIM=example.org RT=0.2s id=CA+abc=def@mail.example.org T=\"Re: Your order\" for b@example.com",
    "a@example.org H=([10.0.0.1]) [198.51.100.7]:61234 P=esmtpsa X=TLS1.2:AES128-SHA:128 CV=no A=dovecot_plain:a@example.org:b@example.org "
    "S=512 id=1$2@PC1 T=\"= ? !\" for b@example.com",
    "a@example.org H=(client) [2001:db8::1f:7]:4471 P=esmtpsa CV=no A=login:a S=2 id*=E1a-1@server.example T=\"\" for b@example.com c@example.com",
    "a@example.org H=[198.51.100.7]:44712 P=esmtps X=TLS1.2:AES128-SHA:128 CV=no S=2123 T=\"no Message-ID\" for b@example.com c@example.com d@example.com e@example.com",
    /* senders of many kinds, two of them longer than what is looked at at once */
    "<> H=mx.example.org (mx.example.org) [198.51.100.7]:2525 P=esmtps X=TLS1.3:x:256 CV=no S=5112 id=x@y.example T=\"Undeliverable: \\\"x\\\"\" "
    "for b@example.com",
    "0100018b2f7ac1de-2c7d6a5e-1f11-4c0e-9d27-7f7a1c2b3d4e-000000@bounces.mail.example.org H=a.very.long.name.of.a.host.that.sends.mail.for.others.example.org "
    "(helo) [198.51.100.7]:2525 P=esmtps X=TLS1.3:x:256 CV=no S=5112 id=0100018b2f7ac1de-2c7d6a5e-1f11-4c0e-9d27-7f7a1c2b3d4e-000000@mail.example.org "
    "T=\"A subject that is longer than what is looked at at once, with \\\"quotes\\\" and \\303\\244 in it, to its very end\" for b@example.com",
    "prvs=1234a5b6c7=a@example.org H=h.example.org [198.51.100.7] P=esmtps X=TLS1.2:AES128-SHA:128 CV=no S=2123 id=x@y.example T=\"T=\" for b@example.com",
    /* of this host */
    "root@server.example U=root P=local S=449 T=\"Cron <root@server> /usr/local/bin/x --every=day\" for root@server.example",
    "shop@server.example U=shop P=local S=1449 id=E1xVamA-0000@server.example T=\"New order: \\\\o/\" for b@example.com c@example.com",
    "<> R=1xVamA-000000006sO-44KK U=mailnull P=local S=1853 T=\"Mail delivery failed: returning message to sender\" for a@example.com",
    "<> R=1VrkAf-0007F8-30 U=mailnull P=local S=1853 T=\"Warning: message 1VrkAf-0007F8-30 delayed 24 hours\" for a@example.com",
    "a@e U=root P=local S=1 T=\"A short line whose sender is short\" for b@e",
    "a@e U=root P=local S=1234 T=\"a short one\" for some.recipient@example.com",
    /* without subjects, without recipients */
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps X=TLS1.3:x:256 CV=no S=5112 id=x@y.example.org for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtpsa X=TLS1.3:x:256 CV=no A=plain:a S=5112 id=x@y.example.org",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtpsa X=TLS1.3:x:256 CV=no A=plain:a S=5112 id=x@y.example.org T=\"s\"",
};

/* What a helo, a subject, a login, a certificate or a Message-ID may hold to look like another field. */
static const char *const pieces[] = {" ", "\"", "\\", "\\\"", "\t", "(", ")", "[", "]", "=", "@",
    " A=plain:ceo@e", " A=", " A=x:\"y z\"", " id=", " id=x@y", " id*=x@y", " T=\"", " T=\"x\"",
    " T=\"x\" for v@e", "\" for v@e", " for ", " for v@e", " from <", " from <x@e>",
    " H=", " H=h [192.0.2.66]", ") [192.0.2.66]", " (h) [192.0.2.66]:25", " U=root", "U=root ",
    " R=1VrkAf-0007F8-30", " DS ", " S=1", " DN=\"O=", " DN=\"CN=x\"", " P=", "\x80", "\xc3\xa4",
    "\x01", "!", "#", "}", " a", " B", "  ", "<>", " SNI=x",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};

/* Lines that have been taken for plain, or could be. */
static const char *const misleading[] = {
    "a-sender-of-nearly-sixty-four-bytes-0123456789@example.org R= T=\"\" for a",
    "a-sender-of-nearly-sixty-four-bytes-0123456789@example.org R=1 H= for a",
    "<> R=1xVamA-000000006sO-44KK T=\"a subject of some length, behind which is a\" for a",
    "a-sender-of-nearly-sixty-four-bytes-0123456789@example.org U= for a",
    "a-sender-of-nearly-sixty-four-bytes-0123456789@example.org H=[1] for a",
    "a-sender-of-nearly-sixty-four-bytes-0123456789@example.org H=( [1] for a",
    "root@server.example U=root\t T=\"Cron <root@server> /usr/local/bin/x\" for root@server.example",
    "a@example.org H=h.example.org (h A=plain:ceo@e) [198.51.100.7]:2525 P=esmtpsa CV=no S=5112 id=x@y.example.org T=\"s\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtpsa CV=no A=plain:a\t S=5112 id=x@y.example.org T=\"s\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no DN=\"O= A=plain:ceo@e \" S=5112 id=x@y.example.org T=\"s\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 (h) [192.0.2.1] P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\\\" for v@e\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=\"x T=\"@y.example.org T=\"s\" for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\" from <a@e> for b@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\" for \"b c\"@example.com",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\" for b@example.com ",
    "a@example.org H=h.example.org (h) [198.51.100.7]:2525 P=esmtps CV=no S=5112 id=x@y.example.org T=\"s\" for ",
};

enum {
	LINES = sizeof(lines) / sizeof(lines[0]),
	PIECES = sizeof(pieces) / sizeof(pieces[0]),
	CHANGED = 20000
};

static bool
is_same(struct slice found, struct slice expected)
{
	return found.len == expected.len && (found.len == 0 || found.at == expected.at);
}

static void
check_same(struct slice line, struct slice found, struct slice expected, const char *name)
{
	ck_assert_msg(is_same(found, expected), "<= %.*s\n%s is %.*s\nexpected %.*s", (int)line.len,
	    line.at, name, (int)found.len, found.at, (int)expected.len, expected.at);
}

/* Whether the line is plain. What is found of it must be what the careful way finds, which must not be another of its whole. */
static bool
check(struct slice line)
{
	struct arrival plain, careful, whole;

	memset(&plain, 0xaa, sizeof(plain));
	if (!arrival_parse_plain(line, &plain))
		return false;
	ck_assert_msg(arrival_parse_carefully(line, &careful) && arrival_parse(line, &whole),
	    "<= %.*s", (int)line.len, line.at);
	check_same(line, plain.sender, careful.sender, "sender");
	check_same(line, plain.recipients, careful.recipients, "recipients");
	check_same(line, plain.user, careful.user, "user");
	check_same(line, plain.auth, careful.auth, "auth");
	check_same(line, plain.host.name, careful.host.name, "host");
	check_same(line, plain.host.ip, careful.host.ip, "address");
	check_same(line, plain.sender, whole.sender, "sender of all");
	check_same(line, plain.recipients, whole.recipients, "recipients of all");
	if (plain.user.at == NULL) {
		check_same(line, plain.auth, whole.auth, "auth of all");
		check_same(line, plain.host.name, whole.host.name, "host of all");
		check_same(line, plain.host.ip, whole.host.ip, "address of all");
	}
	ck_assert_int_eq(plain.is_bounce, careful.is_bounce);
	ck_assert(message_id_equal(plain.bounce_of, careful.bounce_of));
	if (plain.has_one_recipient) {
		struct slice rest = plain.recipients, address;

		ck_assert(arrival_take_recipient(&rest, &address));
		check_same(line, address, plain.recipients, "the only recipient");
	}
	return true;
}

/* In a buffer of its own, so that reading past either end is seen. */
static bool
check_copy(const char *text, size_t len)
{
	char *copy = malloc(len);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	bool is_plain = check(slice_of(copy, len));
	free(copy);
	return is_plain;
}

static size_t
below(size_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % limit);
}

/* Puts a piece in, or in place of as many bytes, leaves some out, or turns one into another. */
static size_t
change(char *text, size_t len)
{
	const char *piece = pieces[below(PIECES)];
	size_t piece_len = strlen(piece), at = below(len + 1),
	       count = below(len - at < 40 ? len - at + 1 : 40);

	/* Most of what could mislead stands beside a blank. */
	while (below(2) == 0 && at < len && text[at] != ' ')
		at++;
	count = count < len - at ? count : len - at;
	switch (below(4)) {
	case 0:
		memmove(text + at, text + at + count, len - at - count);
		return len - count;
	case 1:
		if (piece_len > len - at)
			return len;
		memcpy(text + at, piece, piece_len);
		return len;
	default:
		memmove(text + at + piece_len, text + at, len - at);
		memcpy(text + at, piece, piece_len);
		return len + piece_len;
	}
}

START_TEST(plain_lines_are_told_at_a_glance)
{
#if defined(__SSE2__)
	ck_assert_msg(check_copy(lines[_i], strlen(lines[_i])), "<= %s", lines[_i]);
#endif
}
END_TEST

START_TEST(misleading_lines_are_what_the_careful_way_finds)
{
	check_copy(misleading[_i], strlen(misleading[_i]));
}
END_TEST

START_TEST(changed_lines_are_what_the_careful_way_finds)
{
	char text[2048];
	size_t plain = 0;

	for (int i = 0; i < CHANGED; i++) {
		size_t len = strlen(lines[_i]);

		memcpy(text, lines[_i], len);
		for (size_t changes = 1 + below(4); changes != 0; changes--)
			len = change(text, len);
		plain += check_copy(text, len);
	}
#if defined(__SSE2__)
	/* Many changes stay within a word. */
	ck_assert_uint_gt(plain, CHANGED / 20);
#else
	ck_assert_uint_eq(plain, 0);
#endif
}
END_TEST

START_TEST(lines_of_any_length_are_read_to_their_ends)
{
	for (size_t len = 1; len <= strlen(lines[_i]); len++) {
		check_copy(lines[_i], len);
		check_copy(lines[_i] + strlen(lines[_i]) - len, len);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exim/plain_arrival");
	TCase *tests = tcase_create("plain");

	tcase_add_loop_test(tests, plain_lines_are_told_at_a_glance, 0, LINES);
	tcase_add_loop_test(tests, misleading_lines_are_what_the_careful_way_finds, 0,
	    sizeof(misleading) / sizeof(misleading[0]));
	tcase_add_loop_test(tests, changed_lines_are_what_the_careful_way_finds, 0, LINES);
	tcase_add_loop_test(tests, lines_of_any_length_are_read_to_their_ends, 0, LINES);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
