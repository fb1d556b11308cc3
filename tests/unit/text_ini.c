/* INI files: what is handed over, and what is complained about, with its line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/text/ini.h"
#include "tests/unit/show.h"
#include "tests/unit/unit.h"

static void
note(void *context, const struct ini_entry *entry, struct ini_errors *errors)
{
	struct shown *shown = context;

	(void)errors;
	if (entry->key == NULL)
		show(shown, "%u[%s]", entry->line, entry->section);
	else
		show(shown, "%u %s.%s=%s;", entry->line, entry->section, entry->key, entry->value);
}

static const struct {
	const char *text;
	const char *shown;
	const char *errors;
} files[] = {
    {"[a]\nk = v\nk = w\n", "1[a]2 a.k=v;3 a.k=w;", ""},
    {"k=v", "1 .k=v;", ""},
    {"[a b/c]\r\nk = v\r\n", "1[a b/c]2 a b/c.k=v;", ""},
    {"[a]\nk = one\n  two\n\tthree\nl = x\n", "1[a]2 a.k=one two three;5 a.l=x;", ""},
    {"[a]\nk =\n  two\n", "1[a]2 a.k=two;", ""},
    {"[a]\nk = one\n# no end\n\n  two\n", "1[a]2 a.k=one two;", ""},
    {"# c\n; c\n[a]\nk = v # kept ; too\n", "3[a]4 a.k=v # kept ; too;", ""},
    {"[a]\nk = a = b\n", "1[a]2 a.k=a = b;", ""},
    {"[a]\nk =\n", "1[a]2 a.k=;", ""},
    {"\xef\xbb\xbf[a]\nk = v\n", "1[a]2 a.k=v;", ""},
    {"", "", ""},
    {"\n\n\n", "", ""},
    {"[a]\nwords\nk = v\n", "1[a]3 a.k=v;", "f:2: this is neither [section] nor key = value"},
    {"[a\nk = v\n", "2 .k=v;", "f:1: a section is written [NAME]"},
    {"[]\n", "", "f:1: a section is written [NAME]"},
    {"[ ]\n", "", "f:1: a section is written [NAME]"},
    {"= v\n", "", "f:1: this is neither [section] nor key = value"},
    {"  v\n", "", "f:1: an indented line goes on with the value above it, and there is none"},
    {"[a]\n  v\n", "1[a]",
	"f:2: an indented line goes on with the value above it, and there is none"},
};

START_TEST(a_file_is_read)
{
	struct ini_errors errors = {0};
	struct shown shown = {0};
	const char *complaint = files[_i].errors;

	ini_read_text("f", files[_i].text, strlen(files[_i].text), note, &shown, &errors);
	ck_assert_str_eq(shown.text, files[_i].shown);
	ck_assert_uint_eq(errors.count, complaint[0] != '\0');
	if (errors.count != 0)
		ck_assert_str_eq(errors.messages[0], complaint);
	ini_errors_clear(&errors);
}
END_TEST

START_TEST(a_nul_byte_is_complained_about)
{
	struct ini_errors errors = {0};
	struct shown shown = {0};

	ini_read_text("f", "[a]\nk\0 = v\nl = w\n", 17, note, &shown, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.messages[0], "f:2: there is a NUL byte in this line");
	ck_assert_str_eq(shown.text, "1[a]3 a.l=w;");
	ini_errors_clear(&errors);
}
END_TEST

START_TEST(complaints_have_an_end)
{
	enum { LINES = 100000 };
	struct ini_errors errors = {0};
	struct shown shown = {0};
	char *text = malloc(LINES * 2);

	for (int i = 0; i < LINES; i++)
		memcpy(text + i * 2, "x\n", 2);
	ini_read_text("f", text, LINES * 2, note, &shown, &errors);
	ck_assert_uint_gt(errors.count, 10);
	ck_assert_uint_lt(errors.count, 1000);
	free(text);
	ini_errors_clear(&errors);
}
END_TEST

/* What goes on for too long is no value, and neither is what comes behind it; the next key is read as ever. */
START_TEST(a_value_that_goes_on_has_an_end)
{
	enum { LINES = 8000, LINE = 10 };
	struct ini_errors errors = {0};
	struct shown shown = {0};
	char *text = malloc(LINES * LINE + 16), *at = text;

	at = stpcpy(at, "k =\n");
	for (int i = 0; i < LINES; i++)
		at = stpcpy(at, " 12345678\n");
	stpcpy(at, "l = w\n");
	ini_read_text("f", text, strlen(text), note, &shown, &errors);
	ck_assert_str_eq(shown.text, "8002 .l=w;");
	ck_assert_uint_gt(errors.count, 1);
	ck_assert_str_eq(errors.messages[0],
	    "f:7284: a value that goes on over lines has at most 65536 bytes");
	free(text);
	ini_errors_clear(&errors);
}
END_TEST

START_TEST(what_is_no_file_is_complained_about_and_does_not_block)
{
	struct ini_errors errors = {0};
	struct shown shown = {0};
	char folder[] = "/tmp/bounced-ini-XXXXXX", pipe[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(pipe, sizeof(pipe), "%s/pipe", folder);
	ck_assert_int_eq(mkfifo(pipe, 0600), 0);
	ck_assert(!ini_read(pipe, note, &shown, &errors));
	ck_assert(!ini_read(folder, note, &shown, &errors));
	ck_assert(!ini_read("/nonexistent/file", note, &shown, &errors));
	ck_assert_uint_eq(errors.count, 3);
	ck_assert_ptr_nonnull(strstr(errors.messages[2], "/nonexistent/file"));
	ck_assert_ptr_nonnull(strstr(errors.messages[2], "No such file"));
	ini_errors_clear(&errors);
	unlink(pipe);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text/ini");
	TCase *tests = tcase_create("ini");

	tcase_add_loop_test(tests, a_file_is_read, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_test(tests, a_nul_byte_is_complained_about);
	tcase_add_test(tests, complaints_have_an_end);
	tcase_add_test(tests, a_value_that_goes_on_has_an_end);
	tcase_add_test(tests, what_is_no_file_is_complained_about_and_does_not_block);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
