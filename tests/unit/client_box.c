/* Tests of what the client's checks read: files of a server, whatever lies there, and what they say of how mail is sent. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/checks/box/box.h"
#include "client/checks/box/host.h"
#include "client/checks/checks.h"
#include "client/checks/dns/ip.h"
#include "tests/unit/unit.h"

static char folder[64];
static struct box *box;

static void
set_up(void)
{
	strcpy(folder, "/tmp/bounced-box.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	box = box_new(folder);
	ck_assert_ptr_nonnull(box);
}

static void
tear_down(void)
{
	char command[128];

	box_free(box);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *
in_box(const char *path)
{
	static char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", folder, path);
	return whole;
}

static void
make_folders(const char *path)
{
	char whole[512];

	strcpy(whole, in_box(path));
	for (char *at = whole + strlen(folder) + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		mkdir(whole, 0755);
		*at = '/';
	}
}

static void
put_bytes(const char *path, const char *bytes, size_t len)
{
	make_folders(path);
	FILE *file = fopen(in_box(path), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static void
put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

/* The lines of the file with a bar behind each. */
static const char *
lines_of(const char *path)
{
	static char text[256];
	const struct box_file *file = box_read(box, path);

	text[0] = '\0';
	ck_assert_ptr_null(file->error);
	for (size_t i = 0; i < file->count; i++)
		strcat(strcat(text, file->lines[i]), "|");
	return text;
}

static const struct {
	const char *bytes;
	size_t len;
	const char *lines;
} contents[] = {
    {"", 0, ""},
    {"\n", 1, "|"},
    {"a", 1, "a|"},
    {"a\nb\n", 4, "a|b|"},
    {"a\r\nb\r\n", 6, "a|b|"},
    {"a\r\nb\r", 5, "a|b|"},
    {"a\rb\n", 4, "a\rb|"},
    {"\r\n\r\n", 4, "||"},
    {"a\0b\nc\0", 7, "a|c|"},
    {"\0\0\n\0", 4, "||"},
    {"\xff\xfe\n", 3, "\xff\xfe|"},
};

START_TEST(a_file_is_its_lines)
{
	put_bytes("/etc/file", contents[_i].bytes, contents[_i].len);
	ck_assert_str_eq(lines_of("/etc/file"), contents[_i].lines);
}
END_TEST

START_TEST(what_was_read_once_is_kept)
{
	put("/etc/file", "before\n");
	const struct box_file *file = box_read(box, "/etc/file");
	put("/etc/file", "after\n");
	ck_assert_ptr_eq(box_readf(box, "/etc/%s", "file"), file);
	ck_assert_str_eq(file->path, "/etc/file");
	ck_assert_str_eq(file->lines[0], "before");
}
END_TEST

static void
is_refused(const char *path, const char *why, bool is_absent)
{
	const struct box_file *file = box_read(box, path);

	ck_assert_ptr_nonnull(file->error);
	ck_assert_str_eq(file->error, why);
	ck_assert_int_eq(file->is_absent, is_absent);
	ck_assert_uint_eq(file->count, 0);
}

START_TEST(what_cannot_be_read_says_why)
{
	put("/etc/file", "text\n");
	ck_assert_int_eq(mkfifo(in_box("/etc/pipe"), 0600), 0);
	ck_assert_int_eq(symlink("loop", in_box("/etc/loop")), 0);
	is_refused("/etc/none", "does not exist", true);
	is_refused("/etc/none/below", "does not exist", true);
	is_refused("/etc/file/below", "does not exist", true);
	is_refused("/etc", "is not a regular file", false);
	is_refused("/etc/pipe", "is not a regular file", false);
	is_refused("/etc/loop", "cannot be read", false);
	ck_assert(box_has(box, "/etc"));
	ck_assert(box_has(box, "/etc/pipe"));
	ck_assert(box_hasf(box, "/%s/file", "etc"));
	ck_assert(!box_has(box, "/etc/none"));
	ck_assert(!box_has(box, "/etc/file/below"));
}
END_TEST

START_TEST(a_file_of_others_is_not_readable)
{
	if (geteuid() == 0)
		return;
	put("/etc/file", "text\n");
	ck_assert_int_eq(chmod(in_box("/etc/file"), 0), 0);
	is_refused("/etc/file", "is not readable by this user", false);
	ck_assert(box_read(box, "/etc/file")->is_forbidden);
}
END_TEST

START_TEST(a_huge_file_is_not_read)
{
	put("/etc/file", "text\n");
	ck_assert_int_eq(truncate(in_box("/etc/file"), 16 << 20), 0);
	ck_assert_uint_eq(box_read(box, "/etc/file")->count, 2);
	put("/etc/other", "text\n");
	ck_assert_int_eq(truncate(in_box("/etc/other"), (16 << 20) + 1), 0);
	is_refused("/etc/other", "is larger than 16 MiB", false);
}
END_TEST

START_TEST(a_file_that_says_it_is_empty_is_read_to_its_end)
{
	struct box *here = box_new(NULL);

	ck_assert(box_is_here(here));
	ck_assert_uint_gt(box_read(here, "/proc/self/status")->count, 10);
	box_free(here);
	ck_assert(!box_is_here(box));
}
END_TEST

/* A copy of a server has links to folders of the server, not of the machine that the copy lies on. */
START_TEST(a_link_does_not_lead_out_of_the_copy)
{
	put("/usr/real", "inside\n");
	put("/etc/file", "");
	ck_assert_int_eq(symlink("../usr/real", in_box("/etc/near")), 0);
	ck_assert_int_eq(symlink("/usr/real", in_box("/etc/far")), 0);
	ck_assert_int_eq(symlink("/proc/self/status", in_box("/etc/outside")), 0);
	ck_assert_int_eq(symlink("../../../../../../../../../proc", in_box("/etc/above")), 0);
	ck_assert_str_eq(lines_of("/etc/near"), "inside|");
	ck_assert_str_eq(lines_of("/etc/far"), "inside|");
	is_refused("/etc/outside", "does not exist", true);
	ck_assert(!box_has(box, "/etc/outside"));
	ck_assert(!box_has(box, "/etc/above/self/status"));
}
END_TEST

START_TEST(folders_may_be_links_too)
{
	char name[300];

	put("/usr/real", "inside\n");
	put("/home2/user/etc/passwd", "below\n");
	ck_assert_int_eq(symlink("/home2", in_box("/home")), 0);
	ck_assert_int_eq(symlink("../../usr//./real", in_box("/home2/user/link")), 0);
	ck_assert_int_eq(symlink("../../usr", in_box("/home2/user/usr")), 0);
	ck_assert_str_eq(lines_of("/home/user/etc/passwd"), "below|");
	ck_assert_str_eq(lines_of("/home/user/link"), "inside|");
	ck_assert_str_eq(lines_of("/home/user/usr/real"), "inside|");
	ck_assert_str_eq(lines_of("/home/user/../../../home2/user/etc/passwd"), "below|");
	ck_assert(box_has(box, "/"));
	ck_assert(box_has(box, "/home/user/"));
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	is_refused(name, "cannot be read", false);
}
END_TEST

START_TEST(a_box_needs_a_folder)
{
	put("/file", "");
	ck_assert_ptr_null(box_new(in_box("/none")));
	ck_assert_ptr_null(box_new(in_box("/file")));
}
END_TEST

static const struct {
	const char *text, *key;
	char separator;
	const char *value;
	size_t line;
} values[] = {
    {"a: 1\n", "a", ':', "1", 1},
    {"x: 0\n  A :\t1 2 \t\n", "a", ':', "1 2", 2},
    {"a: 1\na: 2\n", "a", ':', "1", 1},
    {"ab: 1\na: 2\n", "a", ':', "2", 2},
    {"a=1\n", "a", ':', NULL, 0},
    {"a=1=2\n", "a", '=', "1=2", 1},
    {"a:\n", "a", ':', "", 1},
    {"a\n", "a", ':', NULL, 0},
    {"#a: 1\n", "a", ':', NULL, 0},
    {"", "a", ':', NULL, 0},
    {"*: 1", "*", ':', "1", 1},
};

START_TEST(a_value_is_found_by_its_key)
{
	size_t line = 0;

	put("/etc/file", values[_i].text);
	char *value = box_value(box_read(box, "/etc/file"), values[_i].key, values[_i].separator,
	    &line);
	if (values[_i].value == NULL)
		ck_assert_ptr_null(value);
	else
		ck_assert_str_eq(value, values[_i].value);
	ck_assert_uint_eq(line, values[_i].line);
	free(value);
}
END_TEST

START_TEST(a_line_is_found_whole)
{
	put("/etc/file", "example.com.br\n\tExample.COM \nexample.com\n");
	ck_assert_uint_eq(box_line_is(box_read(box, "/etc/file"), "example.com"), 2);
	ck_assert_uint_eq(box_line_is(box_read(box, "/etc/file"), "example"), 0);
	ck_assert_uint_eq(box_line_is(box_read(box, "/etc/none"), "example"), 0);
}
END_TEST

/* A box, and what is sent from it: addresses with a blank between them, and the name of HELO. */
static const struct {
	const char *mail_ips, *main_ip, *nat, *domain, *ips;
} senders[] = {
    {NULL, NULL, NULL, "example.com", ""},
    {NULL, "192.0.2.1\n", NULL, "example.com", "192.0.2.1"},
    {NULL, "192.0.2.1\nmore\n", NULL, NULL, "192.0.2.1"},
    {NULL, "not an address\n", NULL, NULL, ""},
    {NULL, "", NULL, NULL, ""},
    {"example.com: 192.0.2.2\n", "192.0.2.1", NULL, "example.com", "192.0.2.2"},
    {"example.com:192.0.2.2, 2001:db8::2\n", "192.0.2.1", NULL, "example.com",
	"192.0.2.2 2001:db8::2"},
    {"example.com: 192.0.2.2;2001:db8::2;192.0.2.2\n", "192.0.2.1", NULL, "example.com",
	"192.0.2.2 2001:db8::2"},
    {"example.com: 2001:db8::2\n", "192.0.2.1", NULL, "example.com", "2001:db8::2"},
    {"example.com: 192.0.2.2\n*: 192.0.2.3\n", "192.0.2.1", NULL, "example.org", "192.0.2.3"},
    {"*: 192.0.2.3\nexample.com: 192.0.2.2\n", "192.0.2.1", NULL, "example.com", "192.0.2.2"},
    {"example.com: 192.0.2.2\n", "192.0.2.1", NULL, "sub.example.com", "192.0.2.1"},
    {"example.com: nonsense\n", "192.0.2.1", NULL, "example.com", "192.0.2.1"},
    {"#*: 192.0.2.9\nexample.com: 192.0.2.2\n*: 192.0.2.3\n", "192.0.2.1", NULL, NULL,
	"192.0.2.3 192.0.2.2"},
    {"example.com: 192.0.2.2\n", "192.0.2.1", NULL, NULL, "192.0.2.1 192.0.2.2"},
    {NULL, "10.0.0.5\n", NULL, NULL, ""},
    {NULL, "10.0.0.5\n", "10.0.0.4 192.0.2.4\n10.0.0.5\t192.0.2.5\n", NULL, "192.0.2.5"},
    {NULL, "10.0.0.5\n", "10.0.0.5\n10.0.0.5 \n10.0.0.5 x\n\n", NULL, ""},
    {"*: 10.0.0.6\n", "10.0.0.5\n", "10.0.0.6 192.0.2.6", "example.com", "192.0.2.6"},
};

static struct checks
checks_of_box(void)
{
	return (struct checks){.box = box};
}

START_TEST(mail_is_sent_from_the_address_that_the_files_say)
{
	struct checks checks = checks_of_box();
	char text[512] = "", address[IP_TEXT_SIZE];
	struct ip ips[8];

	if (senders[_i].mail_ips != NULL)
		put("/etc/mailips", senders[_i].mail_ips);
	if (senders[_i].main_ip != NULL)
		put("/var/cpanel/mainip", senders[_i].main_ip);
	if (senders[_i].nat != NULL)
		put("/var/cpanel/cpnat", senders[_i].nat);
	size_t count = sending_ips(&checks, senders[_i].domain, ips, 8);
	for (size_t i = 0; i < count; i++)
		strcat(strcat(text, i != 0 ? " " : ""), ip_text(&ips[i], address));
	ck_assert_str_eq(text, senders[_i].ips);
}
END_TEST

START_TEST(no_more_addresses_are_given_than_fit)
{
	struct checks checks = checks_of_box();
	struct ip ips[3];

	put("/etc/mailips", "*: 192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4\nx: 192.0.2.5\n");
	ck_assert_uint_eq(sending_ips(&checks, NULL, ips, 2), 2);
	ck_assert_uint_eq(sending_ips(&checks, NULL, ips, 0), 0);
}
END_TEST

START_TEST(a_long_word_is_no_address)
{
	struct checks checks = checks_of_box();
	char text[70000] = "*: ";
	struct ip ips[3];

	memset(text + 3, '1', sizeof(text) - 4);
	text[sizeof(text) - 1] = '\0';
	put("/etc/mailips", text);
	put("/var/cpanel/mainip", text + 3);
	put("/var/cpanel/cpnat", text + 3);
	put("/etc/ips", text + 3);
	ck_assert_uint_eq(sending_ips(&checks, NULL, ips, 3), 0);
	ck_assert_uint_eq(host_addresses(box, ips, 3), 0);
}
END_TEST

START_TEST(this_machine_sends_from_the_addresses_it_has)
{
	struct box *here = box_new(NULL);
	struct checks checks = {.box = here};
	struct ip sending[8], own[8];
	size_t count = host_interfaces(here, own, 8);

	for (size_t i = 0; i < count; i++)
		ck_assert(!ip_is_private(&own[i]));
	if (box_read(here, "/etc/mailips")->is_absent &&
	    box_read(here, "/var/cpanel/mainip")->is_absent) {
		ck_assert_uint_eq(sending_ips(&checks, NULL, sending, 8), count);
		for (size_t i = 0; i < count; i++)
			ck_assert(host_is_among(&own[i], sending, count));
	}
	box_free(here);
	ck_assert_uint_eq(host_interfaces(box, own, 8), 0);
}
END_TEST

static const struct {
	const char *file, *text, *domain, *name;
} names[] = {
    {"/etc/hostname", "server.example.net\n", "example.com", "server.example.net"},
    {"/etc/hostname", "# a comment\n\n  Server.Example.NET # x\n", NULL, "server.example.net"},
    {"/etc/hostname", "", NULL, NULL},
    {"/etc/none", "", NULL, NULL},
    {"/etc/exim.conf", "x = 1\nprimary_hostname = Mail.example.net\n", NULL, "mail.example.net"},
    {"/etc/exim.conf", "primary_hostname = ${lookup{example.net}lsearch{/x}}\n", NULL, NULL},
    {"/var/lib/exim4/config.autogenerated", "primary_hostname = MAIN_HARDCODE_PRIMARY_HOSTNAME\n",
	NULL, NULL},
    {"/etc/mailhelo", "example.com: mail.example.com\n*: all.example.net\n", "example.com",
	"mail.example.com"},
    {"/etc/mailhelo", "example.com: mail.example.com\n*: all.example.net\n", NULL,
	"all.example.net"},
    {"/etc/mailhelo", "example.com: mail.example.com\n", "example.org", NULL},
    {"/etc/mailhelo", "example.com:\n", "example.com", NULL},
};

START_TEST(helo_is_the_name_that_the_files_say)
{
	struct checks checks = checks_of_box();

	put(names[_i].file, names[_i].text);
	char *name = sending_helo(&checks, names[_i].domain);
	if (names[_i].name == NULL)
		ck_assert_ptr_null(name);
	else
		ck_assert_str_eq(name, names[_i].name);
	free(name);
}
END_TEST

START_TEST(helo_is_the_reverse_name_where_that_is_switched_on)
{
	struct checks checks = checks_of_box();
	char *name;

	put("/etc/hostname", "server.example.net\n");
	put("/etc/mailips", "*: 192.0.2.1\nexample.com: 2001:db8::1\nexample.org: 192.0.2.7\n");
	put("/etc/mail_reverse_dns",
	    "192.0.2.1: one.example.net\n2001:db8::1: two.example.net\n192.0.2.7:\n");
	name = sending_helo(&checks, "example.com");
	ck_assert_str_eq(name, "server.example.net");
	free(name);
	put("/var/cpanel/use_rdns_for_helo", "");
	static const char *const expected[][2] = {
	    {"example.com", "two.example.net"},
	    {"example.org", "server.example.net"},
	    {NULL, "one.example.net"},
	};
	for (size_t i = 0; i < 3; i++) {
		name = sending_helo(&checks, expected[i][0]);
		ck_assert_str_eq(name, expected[i][1]);
		free(name);
	}
}
END_TEST

START_TEST(the_servers_addresses_are_those_of_all_its_files)
{
	struct ip ips[8];
	char address[IP_TEXT_SIZE];

	put("/var/cpanel/mainip", "10.0.0.1\n");
	put("/var/cpanel/cpnat", "10.0.0.1 192.0.2.1\n10.0.0.2 192.0.2.2\n");
	put("/etc/ips", "10.0.0.2:255.255.255.0:10.0.0.255\n\n10.0.0.1:x\n192.0.2.3\n10.0.0.9:\n");
	ck_assert_uint_eq(host_addresses(box, ips, 8), 3);
	ck_assert_str_eq(ip_text(&ips[0], address), "192.0.2.1");
	ck_assert_str_eq(ip_text(&ips[1], address), "192.0.2.2");
	ck_assert_str_eq(ip_text(&ips[2], address), "192.0.2.3");
	ck_assert(host_is_among(&ips[2], ips, 3));
	ck_assert(!host_is_among(&ips[2], ips, 2));
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("client");
	TCase *cases = tcase_create("box");

	suite_add_tcase(suite, cases);
	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_loop_test(cases, a_file_is_its_lines, 0, COUNT(contents));
	tcase_add_test(cases, what_was_read_once_is_kept);
	tcase_add_test(cases, what_cannot_be_read_says_why);
	tcase_add_test(cases, a_file_of_others_is_not_readable);
	tcase_add_test(cases, a_huge_file_is_not_read);
	tcase_add_test(cases, a_file_that_says_it_is_empty_is_read_to_its_end);
	tcase_add_test(cases, a_link_does_not_lead_out_of_the_copy);
	tcase_add_test(cases, folders_may_be_links_too);
	tcase_add_test(cases, a_box_needs_a_folder);
	tcase_add_loop_test(cases, a_value_is_found_by_its_key, 0, COUNT(values));
	tcase_add_test(cases, a_line_is_found_whole);
	tcase_add_loop_test(cases, mail_is_sent_from_the_address_that_the_files_say, 0,
	    COUNT(senders));
	tcase_add_test(cases, this_machine_sends_from_the_addresses_it_has);
	tcase_add_test(cases, no_more_addresses_are_given_than_fit);
	tcase_add_test(cases, a_long_word_is_no_address);
	tcase_add_loop_test(cases, helo_is_the_name_that_the_files_say, 0, COUNT(names));
	tcase_add_test(cases, helo_is_the_reverse_name_where_that_is_switched_on);
	tcase_add_test(cases, the_servers_addresses_are_those_of_all_its_files);
	return unit_run(suite);
}
