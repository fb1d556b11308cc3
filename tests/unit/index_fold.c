/* What lines of any kind have to do with a message: whose they are. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/unit/folding.h"

static const struct story stories[] = {
    {"no arrival in the log", "1VykzM-0005s5-La",
	T
	"1VykzM-0005s5-La => b@example.org R=lookuphost T=remote_smtp H=mx.example.org [192.0.2.1]\n" T
	"1VykzM-0005s5-La Completed\n",
	"delivered. from  to b@example.org=delivered*1"},
    {"an id in a subject is nobody's", "1VykzM-0005s5-Lz",
	T
	"1VykzM-0005s5-La <= a@example.com U=root P=local S=300 T=\"2026-11-23 20:36:34 1VykzM-0005s5-Lz ** v@example.org R=x: 550\" for b@example.org\n",
	"nothing"},
    {"a command line makes no message", "1VykzM-0005s5-Lz",
	T "cwd=/var/spool/exim 3 args: /usr/sbin/exim -Mc 1VykzM-0005s5-Lz\n", "nothing"},
    {"another message with the same id", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T
	  "1VykzM-0005s5-La <= c@example.com U=root P=local S=300 for d@example.org\n" T
	  "1VykzM-0005s5-La ** d@example.org: Unrouteable address\n" T
	  "1VykzM-0005s5-La Completed\n",
	"bounced. from c@example.com to d@example.org=bounced*1"},
    {"a log that has each line twice", "1VykzM-0005s5-La",
	T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La => b@example.org R=r T=t H=mx.example.org [192.0.2.1]\n" T
	  "1VykzM-0005s5-La Completed\n" T "1VykzM-0005s5-La Completed\n",
	"delivered. from a@example.com to b@example.org=delivered*2"},
};

START_TEST(lines_become_a_story)
{
	check_story(&stories[_i]);
}
END_TEST

/* Lines as those that a file's blocks hold: the last ones of many are still under way when the next ones come. */
START_TEST(lines_are_folded_in_their_order_however_many_come_at_once)
{
	enum { LINES = 1000, PIECES = 4 };
	static const size_t pieces[][PIECES] = {{LINES}, {300, 1, 300, 399}, {300, 300, 1, 399},
	    {1, 299, 400, 300}, {256, 64, 256, 424}};
	static const char id[] = "1VykzM-0005s5-La";
	struct tail_line lines[LINES];
	char text[256];

	for (size_t i = 0; i < LINES; i++)
		lines[i] = (struct tail_line){{1, i * 100},
		    slice_str(T "cwd=/ 2 args: /usr/sbin/exim -q"), false};
	lines[298].text = slice_str(
	    T "1VykzM-0005s5-La <= a@example.com U=root P=local S=300 for b@example.org");
	lines[299].text = slice_str(T "1VykzM-0005s5-La Completed");
	lines[300].text = slice_str(
	    T "1VykzM-0005s5-La <= c@example.com U=root P=local S=300 for d@example.org");
	lines[600].text = slice_str(T "1VykzM-0005s5-La ** d@example.org: Unrouteable address");
	struct index *index = index_new(&(struct index_options){.classifier = classifier});
	for (size_t at = 0, piece = 0; at < LINES; at += pieces[_i][piece++])
		index_lines(index, lines + at, pieces[_i][piece]);
	index_settle(index);
	describe(index, id, text, sizeof(text));
	ck_assert_str_eq(text, "bounced from c@example.com to d@example.org=bounced*1");
	index_free(index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_fold");
	TCase *tests = tcase_create("index_fold");

	tcase_add_unchecked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, lines_become_a_story, 0, sizeof(stories) / sizeof(stories[0]));
	tcase_add_loop_test(tests, lines_are_folded_in_their_order_however_many_come_at_once, 0, 5);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
