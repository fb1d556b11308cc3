/* Names: how they are split, hashed, compared and kept. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/index/names.h"
#include "tests/unit/unit.h"

static const struct hash_key key = {0x1234, 0x5678};
static struct arena_pool pool;
static struct arena arena;
static struct strings set, strings;
static const struct names names = {&arena, &set, &strings};

static void
setup(void)
{
	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool);
	strings_init(&set, &arena, &key);
	strings_init(&strings, &arena, &key);
}

static void
teardown(void)
{
	strings_clear(&set);
	strings_clear(&strings);
	arena_clear(&arena);
	arena_pool_clear(&pool);
}

static const struct {
	enum name_kind kind;
	const char *text, *other_case;
} kept_names[] = {
    {NAME_ADDRESS, "a@example.org", "A@Example.ORG"},
    {NAME_ADDRESS, "\"a@b c\"@example.org", "\"A@B C\"@example.org"},
    {NAME_ADDRESS, "postmaster", "PostMaster"},
    {NAME_ADDRESS, "user@", "USER@"},
    {NAME_ADDRESS, "@example.org", "@EXAMPLE.org"},
    {NAME_ADDRESS, "<>", "<>"},
    {NAME_HOST, "mx1.example.org", "MX1.example.org"},
    {NAME_HOST, "localhost", "LocalHost"},
    {NAME_HOST, "a.", "A."},
    {NAME_HOST, "a@example.org.", "A@example.org."},
};

START_TEST(a_name_comes_back_whole_and_is_kept_once)
{
	struct room room;
	bool is_new;

	for (size_t i = 0; i < sizeof(kept_names) / sizeof(kept_names[0]); i++) {
		struct slice text = slice_str(kept_names[i].text);
		struct name whole;

		name_of(&key, text, kept_names[i].kind, &whole);
		uint32_t name = names_intern(&names, &whole, &is_new);

		ck_assert(name != 0 && is_new);
		ck_assert_uint_eq(names_intern(&names, &whole, &is_new), name);
		ck_assert(!is_new);
		room_empty(&room);
		ck_assert(slice_equal(names_at(&arena, name, &room), text));
		ck_assert(names_equal_nocase(&arena, name, slice_str(kept_names[i].other_case)));
		ck_assert(!names_equal_nocase(&arena, name, SLICE("b@example.org")));
		ck_assert(!names_equal_nocase(&arena, name, slice_of("", 0)));
	}
}
END_TEST

/* Of all lengths; what differs in one byte is another one. */
START_TEST(names_are_told_apart_by_each_byte)
{
	enum { FIRST_LONGEST = 20, DOMAIN_LONGEST = 36 };
	struct room room;
	bool is_new;

	for (size_t first = 0; first <= FIRST_LONGEST; first++)
		for (size_t domain = 1; domain <= DOMAIN_LONGEST; domain++) {
			size_t len = first + 1 + domain;
			/* Nothing behind it may be looked at. */
			char *text = malloc(len);
			struct name name;

			ck_assert_ptr_nonnull(text);
			memset(text, 'a', len);
			text[first] = '@';
			name_of(&key, slice_of(text, len), NAME_ADDRESS, &name);
			uint32_t kept = names_intern(&names, &name, &is_new);
			ck_assert(kept != 0 && is_new);
			for (size_t i = 0; i < len; i++) {
				if (i == first)
					continue;
				/* Another case has the same hash. */
				text[i] = 'A';
				ck_assert(names_equal_nocase(&arena, kept, slice_of(text, len)));
				name_of(&key, slice_of(text, len), NAME_ADDRESS, &name);
				uint32_t other = names_intern(&names, &name, &is_new);
				ck_assert(other != 0 && other != kept && is_new);
				ck_assert_uint_eq(names_intern(&names, &name, &is_new), other);
				room_empty(&room);
				ck_assert(slice_equal(names_at(&arena, other, &room),
				    slice_of(text, len)));
				text[i] = 'b';
				ck_assert(!names_equal_nocase(&arena, kept, slice_of(text, len)));
				text[i] = 'a';
			}
			name_of(&key, slice_of(text, len), NAME_ADDRESS, &name);
			ck_assert_uint_eq(names_intern(&names, &name, &is_new), kept);
			ck_assert(!is_new);
			free(text);
		}
}
END_TEST

/* Addresses of all lengths, with the at sign in each place, are split and hashed at a glance as they are by and by; case is no matter. */
START_TEST(a_name_is_hashed_at_a_glance_as_it_is_by_and_by)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_+=ABCDEFGHIJKLMNOP";
	unsigned told = 0;

	for (size_t len = 1; len <= 48; len++) {
		/* Nothing behind it may be looked at. */
		char *text = malloc(len), *other = malloc(len);

		ck_assert_ptr_nonnull(text);
		ck_assert_ptr_nonnull(other);
		for (size_t at = 0; at < len; at++) {
			for (size_t i = 0; i < len; i++) {
				text[i] = i == at || i * 7 + 3 == at ? '@' : letters[i];
				other[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 :
										     text[i]);
			}
			struct name glanced, large, whole;

			name_of(&key, slice_of(text, len), NAME_ADDRESS, &whole);
			ck_assert(whole.is_split && whole.first_len <= at);
			if (name_glance(&key, slice_of(text, len), &glanced)) {
				told++;
				ck_assert(slice_equal(glanced.text, whole.text));
				ck_assert_uint_eq(glanced.first_len, whole.first_len);
				ck_assert(glanced.is_split && !glanced.is_host);
				ck_assert(glanced.is_usual && whole.is_usual);
				ck_assert(glanced.hash == whole.hash);
				ck_assert(glanced.domain_hash == whole.domain_hash);
			}
			name_of(&key, slice_of(other, len), NAME_ADDRESS, &large);
			ck_assert(large.hash == whole.hash);
			ck_assert(large.domain_hash == whole.domain_hash);
			/* Each byte counts. */
			for (size_t i = 0; i < len; i++) {
				if (text[i] == '@')
					continue;
				text[i] = '~';
				name_of(&key, slice_of(text, len), NAME_ADDRESS, &large);
				ck_assert(large.hash != whole.hash);
				ck_assert((large.domain_hash != whole.domain_hash) ==
				    (i > whole.first_len));
				text[i] = letters[i];
			}
		}
		free(other);
		free(text);
	}
#if defined(__SSE2__)
	ck_assert_uint_gt(told, 250);
#endif
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_names");
	TCase *tests = tcase_create("index_names");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_name_is_hashed_at_a_glance_as_it_is_by_and_by);
	tcase_add_test(tests, a_name_comes_back_whole_and_is_kept_once);
	tcase_add_test(tests, names_are_told_apart_by_each_byte);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
