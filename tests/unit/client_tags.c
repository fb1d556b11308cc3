/* Tests of client/checks/policy/tags.c: the tag=value lists of DKIM and DMARC, by the grammar of RFC 6376 3.2. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/checks/policy/tags.h"
#include "tests/unit/unit.h"

/* What was read, as "name=value;name=value;", and what is wrong, as "! error: piece". */
static const struct {
	const char *text, *read;
} lists[] = {
    {"v=DKIM1; k=rsa; p=AAAA", "v=DKIM1;k=rsa;p=AAAA;"},
    {"v=DKIM1;p=AAAA;", "v=DKIM1;p=AAAA;"},
    {"v=DMARC1; p=none; \t", "v=DMARC1;p=none;"},
    {" v = DKIM1 ;\r\n\tp = AA\r\n AA ", "v=DKIM1;p=AA\r\n AA;"},
    {"p=", "p=;"},
    {"p= ; t=y", "p=;t=y;"},
    {"p=AA==", "p=AA==;"},
    {"n=a=b; x_1=2", "n=a=b;x_1=2;"},
    {"a=1;A=2", "a=1;A=2;"},
    {"v=DKIM1\\; p=AA", "v=DKIM1\\;p=AA;"},
    {"", "! it is empty: "},
    {" \t", "! it is empty: "},
    {";", "! there is nothing before a semicolon: "},
    {"v=1;;p=2", "v=1;! there is nothing before a semicolon: "},
    {"v=1; ; p=2", "v=1;! there is nothing before a semicolon: "},
    {"v=1; foo ; p=2", "v=1;! there is a tag without an equals sign: foo"},
    {"v=1; =x", "v=1;! there is a tag whose name is none: =x"},
    {"1v=x", "! there is a tag whose name is none: 1v=x"},
    {"v v=x", "! there is a tag whose name is none: v v=x"},
    {"\"v=x\"", "! there is a tag whose name is none: \"v=x\""},
    {"v=\x01", "! there is a tag with a byte that no value may have: v=\x01"},
    {"v=1; n=\xc3\xa9", "v=1;! there is a tag with a byte that no value may have: n=\xc3\xa9"},
    {"v=\x7f", "! there is a tag with a byte that no value may have: v=\x7f"},
    {"p=1; t=s; p=1", "p=1;t=s;! there is a tag twice: p"},
    {"v=1 p=2 ;", "v=1 p=2;"},
    {"0123456789012345678901234567890123456789012345678901234567890123456789",
	"! there is a tag without an equals sign: 012345678901234567890123456789012345678901234567890123456789"},
};

START_TEST(a_list_is_read_up_to_what_is_wrong)
{
	char shown[256] = "";
	size_t len = 0;
	struct tags tags;
	bool is_read = tags_read(lists[_i].text, &tags);

	for (size_t i = 0; i < tags.count; i++)
		len += (size_t)snprintf(shown + len, sizeof(shown) - len, "%.*s=%.*s;",
		    (int)tags.list[i].name_len, tags.list[i].name, (int)tags.list[i].value_len,
		    tags.list[i].value);
	if (!is_read)
		snprintf(shown + len, sizeof(shown) - len, "! %s: %.*s", tags.error,
		    (int)tags.piece_len, tags.piece);
	ck_assert_str_eq(shown, lists[_i].read);
	ck_assert(is_read == (tags.error == NULL));
}
END_TEST

START_TEST(more_tags_than_there_is_room_for_are_told)
{
	char text[8 * (TAGS_MAX + 1)] = "";
	struct tags tags;

	for (int i = 0; i < TAGS_MAX; i++)
		sprintf(text + strlen(text), "t%d=1;", i);
	ck_assert(tags_read(text, &tags));
	ck_assert_uint_eq(tags.count, TAGS_MAX);
	strcat(text, "u=1");
	ck_assert(!tags_read(text, &tags));
	ck_assert_uint_eq(tags.count, TAGS_MAX);
}
END_TEST

START_TEST(a_tag_is_found_by_its_whole_name_in_its_case)
{
	struct tags tags;

	ck_assert(tags_read("sp=none; p=reject", &tags));
	ck_assert_ptr_eq(tags_find(&tags, "p"), &tags.list[1]);
	ck_assert_ptr_eq(tags_find(&tags, "sp"), &tags.list[0]);
	ck_assert_ptr_null(tags_find(&tags, "s"));
	ck_assert_ptr_null(tags_find(&tags, "P"));
}
END_TEST

static const struct {
	const char *text, *word;
	bool is, lists;
} words[] = {
    {"h=sha256", "sha256", true, true},
    {"h=SHA256", "sha256", true, true},
    {"h=sha1:sha256", "sha256", false, true},
    {"h=sha1 : sha256 : x", "sha256", false, true},
    {"h=sha1:sha2567", "sha256", false, false},
    {"h=sha25", "sha256", false, false},
    {"h=", "sha256", false, false},
    {"h=:", "", false, true},
    {"h=", "", true, true},
};

START_TEST(words_of_a_value_are_told_apart)
{
	struct tags tags;

	ck_assert(tags_read(words[_i].text, &tags));
	ck_assert(tag_is(&tags.list[0], words[_i].word) == words[_i].is);
	ck_assert(tag_lists(&tags.list[0], words[_i].word) == words[_i].lists);
}
END_TEST

START_TEST(the_parts_of_a_value_are_taken_one_by_one)
{
	static const char *const parts[] = {"mailto:a@example.com", "", "mailto:b@example.com!10m",
	    ""};
	struct tags tags;
	size_t rest = 0, len, count = 0;
	const char *at;

	ck_assert(tags_read("rua=mailto:a@example.com,, mailto:b@example.com!10m ,", &tags));
	while (tag_next(&tags.list[0], ',', &rest, &at, &len)) {
		ck_assert_uint_lt(count, 4);
		ck_assert_uint_eq(len, strlen(parts[count]));
		ck_assert_mem_eq(at, parts[count], len);
		count++;
	}
	ck_assert_uint_eq(count, 4);
}
END_TEST

static Suite *
tags_suite(void)
{
	Suite *suite = suite_create("client/checks/tags");
	TCase *tcase = tcase_create("tags");

	tcase_add_loop_test(tcase, a_list_is_read_up_to_what_is_wrong, 0,
	    sizeof(lists) / sizeof(*lists));
	tcase_add_test(tcase, more_tags_than_there_is_room_for_are_told);
	tcase_add_test(tcase, a_tag_is_found_by_its_whole_name_in_its_case);
	tcase_add_loop_test(tcase, words_of_a_value_are_told_apart, 0,
	    sizeof(words) / sizeof(*words));
	tcase_add_test(tcase, the_parts_of_a_value_are_taken_one_by_one);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(tags_suite());
}
