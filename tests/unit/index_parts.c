/* The parts of the index: strings, evidence, paths and the table of ids. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/index/counts.h"
#include "daemon/index/evidence.h"
#include "daemon/index/id_table.h"
#include "daemon/index/paths.h"
#include "daemon/index/strings.h"
#include "tests/unit/unit.h"

static const struct hash_key key = {0x1234, 0x5678};

/* Takes chunks until the pool has that many slabs. */
static void
fill_slabs(struct arena *arena, size_t slabs)
{
	while (arena->pool->slab_count < slabs)
		ck_assert_uint_ne(arena_take(arena, ARENA_PIECE_MAX), 0);
}

START_TEST(the_next_slab_is_made_ready_as_far_as_memory_goes)
{
	const size_t slab = 2 << 20, foreseen = 4, most = 8;
	struct arena_pool pool;
	struct arena arena;

	arena_pool_init(&pool, most * slab);
	arena_init(&arena, &pool);
	for (size_t slabs = 1; slabs <= most; slabs++) {
		fill_slabs(&arena, slabs);
		bool is_due = slabs >= foreseen && slabs + 2 <= most;
		ck_assert(arena_pool_make_ready(&pool) == is_due);
		ck_assert(!arena_pool_make_ready(&pool));
		void *ready = atomic_load(&pool.ready);
		ck_assert((ready != NULL) == is_due);
		if (is_due) {
			fill_slabs(&arena, slabs + 1);
			ck_assert_ptr_eq(pool.slabs[slabs].at, ready);
			ck_assert_ptr_null(atomic_load(&pool.ready));
		}
	}
	/* Beyond that memory is taken by the little. */
	ck_assert_uint_eq(pool.slab_bytes, most * slab);
	fill_slabs(&arena, most + 1);
	ck_assert_uint_lt(pool.slab_bytes, most * slab + slab / 4);
	arena_clear(&arena);
	arena_pool_clear(&pool);
}
END_TEST

static unsigned
small(unsigned byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte;
}

START_TEST(names_are_counted_alike_but_for_the_case_of_letters)
{
	char a[] = "a.name@example.org", b[] = "A.Name@Example.ORG";

	for (size_t len = 1; len < sizeof(a); len += 5)
		for (unsigned i = 0; i < 256; i++)
			for (unsigned j = 0; j < 256; j++) {
				a[len - 1] = (char)i;
				b[len - 1] = (char)j;
				ck_assert((counts_hash(&key, slice_of(a, len)) ==
					      counts_hash(&key, slice_of(b, len))) ==
				    (small(i) == small(j)));
			}
}
END_TEST

/* So that sixteen bytes around a piece can be looked at, and behind it written to. */
START_TEST(there_is_a_margin_around_the_pieces_of_a_chunk)
{
	struct arena_pool pool;
	struct arena arena;

	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool);
	for (size_t bytes = 1; bytes <= ARENA_PIECE_MAX; bytes += 61) {
		uint32_t reference = arena_take(&arena, bytes);
		size_t at = (uintptr_t)arena_at(&arena, reference) % ARENA_CHUNK_BYTES;

		ck_assert_uint_ne(reference, 0);
		ck_assert_uint_eq(arena_reference(arena_at(&arena, reference)), reference);
		ck_assert(at >= 16 && at + bytes + 16 <= ARENA_CHUNK_BYTES);
	}
	ck_assert_uint_ne(arena_take(&arena, ARENA_PIECE_MAX), 0);
	ck_assert_uint_eq(arena_take(&arena, ARENA_PIECE_MAX + 1), 0);
	arena_clear(&arena);
	arena_pool_clear(&pool);
}
END_TEST

START_TEST(a_string_is_kept_once)
{
	struct arena_pool pool;
	struct arena arena;
	struct strings strings;

	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool);
	strings_init(&strings, &arena, &key);
	uint32_t first = strings_intern(&strings, SLICE("a@example.org"));
	ck_assert(first != 0);
	ck_assert_uint_eq(strings_intern(&strings, SLICE("a@example.org")), first);
	ck_assert(slice_equal(strings_at(&arena, first), SLICE("a@example.org")));
	ck_assert_uint_eq(strings_intern(&strings, slice_of("", 0)), 0);
	strings_clear(&strings);
	arena_clear(&arena);
	arena_pool_clear(&pool);
}
END_TEST

START_TEST(short_texts_are_compared_and_copied_to_the_last_byte)
{
	const char text[] = "a.long.name@mail.department.example.org";
	char copy[sizeof(text)];

	for (size_t len = 0; len < sizeof(text); len++) {
		memset(copy, '-', sizeof(copy));
		strings_copy(copy, text, len);
		ck_assert_mem_eq(copy, text, len);
		ck_assert(len == sizeof(text) - 1 || copy[len] == '-');
		ck_assert(strings_equal(copy, text, len));
		for (size_t i = 0; i < len; i++) {
			copy[i] ^= 0x20;
			ck_assert(!strings_equal(copy, text, len));
			copy[i] ^= 0x20;
		}
	}
}
END_TEST

/* All texts of one to five of these letters: what is kept of late is told by the hash alone. */
START_TEST(short_texts_have_hashes_of_their_own)
{
	enum { LETTERS = 4, LONGEST = 5, TEXTS = 4 + 16 + 64 + 256 + 1024 };
	static uint64_t hashes[TEXTS], nocase[TEXTS];
	size_t count = 0;

	for (size_t len = 1, all = LETTERS; len <= LONGEST; len++, all *= LETTERS)
		for (size_t n = 0; n < all; n++, count++) {
			char text[LONGEST];
			size_t left = n;

			for (size_t i = 0; i < len; i++, left /= LETTERS)
				text[i] = (char)('`' + left % LETTERS);
			hashes[count] = hash_more(&key, key.a, slice_of(text, len));
			nocase[count] = hash_nocase(&key, slice_of(text, len));
		}
	ck_assert_uint_eq(count, TEXTS);
	for (size_t i = 0; i < TEXTS; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(hashes[i] != hashes[j] && nocase[i] != nocase[j]);
	ck_assert_uint_ne(hash_more(&key, key.a, SLICE("aaaa")),
	    hash_more(&key, key.a, SLICE("maaaaaaa")));
}
END_TEST

START_TEST(strings_survive_growth)
{
	struct arena_pool pool;
	struct arena arena;
	struct strings strings;
	static uint32_t kept[20000];
	char text[64];

	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool);
	strings_init(&strings, &arena, &key);
	for (int i = 0; i < 20000; i++) {
		int len = snprintf(text, sizeof(text), "user%d@example.net", i);
		kept[i] = strings_intern(&strings, slice_of(text, (size_t)len));
	}
	for (int i = 0; i < 20000; i++) {
		int len = snprintf(text, sizeof(text), "user%d@example.net", i);
		ck_assert(slice_equal(strings_at(&arena, kept[i]), slice_of(text, (size_t)len)));
	}
	strings_clear(&strings);
	arena_clear(&arena);
	ck_assert_uint_eq(pool.used_chunks, 0);
	arena_pool_clear(&pool);
}
END_TEST

START_TEST(strings_of_one_hash_are_told_apart)
{
	enum { STRINGS = 1000 };
	/* Where the groups begin, and where they end. */
	const uint64_t hashes[] = {0, UINT64_MAX};
	static uint32_t kept[STRINGS];
	char text[64];

	for (size_t h = 0; h < sizeof(hashes) / sizeof(hashes[0]); h++) {
		struct arena_pool pool;
		struct arena arena;
		struct strings strings;

		arena_pool_init(&pool, 0);
		arena_init(&arena, &pool);
		strings_init(&strings, &arena, &key);
		for (int round = 0; round < 2; round++)
			for (int i = 0; i < STRINGS; i++) {
				int len = snprintf(text, sizeof(text), "mx%d.example.net", i);
				uint32_t reference = strings_intern_hashed(&strings,
				    slice_of(text, (size_t)len), hashes[h]);

				if (round == 0)
					kept[i] = reference;
				ck_assert(reference != 0 && reference == kept[i]);
				ck_assert(slice_equal(strings_at(&arena, reference),
				    slice_of(text, (size_t)len)));
			}
		strings_clear(&strings);
		arena_clear(&arena);
		arena_pool_clear(&pool);
	}
}
END_TEST

enum { POSITIONS = 60 };

/* Appends those from the first one on, and reads all that are there after each. */
static void
append_positions(struct evidence_home *home, const struct position positions[POSITIONS],
    unsigned first)
{
	struct evidence evidence = {0};
	struct evidence_reader reader;
	struct position position;

	evidence_reader_init(&reader, home, &evidence);
	ck_assert(!evidence_next(&reader, &position));
	for (unsigned n = first; n < POSITIONS; n++) {
		ck_assert(evidence_append(home, &evidence, positions[n]));
		evidence_reader_init(&reader, home, &evidence);
		for (unsigned i = first; i <= n; i++) {
			ck_assert(evidence_next(&reader, &position));
			ck_assert_uint_eq(position.file, positions[i].file);
			ck_assert_uint_eq(position.offset, positions[i].offset);
		}
		ck_assert_uint_eq(evidence_last(home, &evidence).offset, positions[n].offset);
		ck_assert(!evidence_next(&reader, &position));
	}
}

/* A home is as near to any of them as to another: each is the first one of a home, and of what is kept in one. */
START_TEST(evidence_comes_back_as_it_went_in)
{
	struct position positions[POSITIONS] = {{3, 0}, {3, 1}, {3, 200}, {3, 5000000000}, {4, 17},
	    {4, 17}, {3, 12}, {3, 1 << 20}, {3, (1 << 20) + 127}, {3, (1 << 20) + 128 + 127}};
	struct arena_pool pool;
	struct arena arena;

	for (unsigned n = 10; n < POSITIONS; n++)
		positions[n] = (struct position){3, ((uint64_t)1 << 20) + n * n * n * 97};
	arena_pool_init(&pool, 0);
	arena_init(&arena, &pool);
	struct evidence_home old = {.arena = &arena};
	for (unsigned first = 0; first < POSITIONS; first++) {
		struct evidence_home new = {.arena = &arena};

		append_positions(&new, positions, first);
		append_positions(&old, positions, first);
	}
	arena_clear(&arena);
	arena_pool_clear(&pool);
}
END_TEST

enum { IDS = 5000 };

static struct message_id
id_number(uint32_t n)
{
	return (struct message_id){n * 2654435761u, n + 1};
}

static struct message_id
id_of(const void *context, uint32_t place)
{
	(void)context;
	return id_number(place);
}

static uint64_t
hash_of(const void *context, uint32_t place)
{
	struct message_id id = id_number(place);

	(void)context;
	return hash_pair(&key, id.high, id.low);
}

static uint64_t shared_hash;

static uint64_t
same_hash(const void *context, uint32_t place)
{
	(void)context;
	(void)place;
	return shared_hash;
}

START_TEST(ids_are_found_once_they_are_added)
{
	struct id_table table = {.id_of = id_of};

	ck_assert_uint_eq(id_table_find(&table, id_number(1), hash_of(NULL, 1)), ID_TABLE_NONE);
	for (uint32_t i = 0; i < IDS; i++) {
		ck_assert_uint_eq(id_table_find(&table, id_number(i), hash_of(NULL, i)),
		    ID_TABLE_NONE);
		ck_assert(id_table_add(&table, hash_of(NULL, i), i, hash_of));
	}
	for (uint32_t i = 0; i < IDS; i++)
		ck_assert_uint_eq(id_table_find(&table, id_number(i), hash_of(NULL, i)), i);
	ck_assert_uint_eq(table.count, IDS);
	ck_assert(!id_table_add(&table, 1, ID_TABLE_MAX, hash_of));
	id_table_clear(&table);
}
END_TEST

START_TEST(ids_that_collide_are_told_apart)
{
	/* The last one begins at the last slot. */
	const uint64_t hashes[] = {0, 42, UINT64_MAX};

	for (size_t h = 0; h < sizeof(hashes) / sizeof(hashes[0]); h++) {
		struct id_table table = {.id_of = id_of};

		shared_hash = hashes[h];
		for (uint32_t i = 0; i < 1000; i++)
			ck_assert(id_table_add(&table, shared_hash, i, same_hash));
		for (uint32_t i = 0; i < 1000; i++)
			ck_assert_uint_eq(id_table_find(&table, id_number(i), shared_hash), i);
		ck_assert_uint_eq(id_table_find(&table, id_number(1000), shared_hash),
		    ID_TABLE_NONE);
		ck_assert(id_table_move(&table, id_number(7), shared_hash, 1007));
		ck_assert_uint_eq(id_table_find(&table, id_number(1007), shared_hash), 1007);
		ck_assert(!id_table_move(&table, id_number(7), shared_hash, 1));
		id_table_clear(&table);
	}
}
END_TEST

START_TEST(a_table_of_ids_has_room_for_those_it_expects)
{
	struct id_table table = {.id_of = id_of, .expected = IDS};

	ck_assert(id_table_add(&table, hash_of(NULL, 0), 0, hash_of));
	size_t bytes = id_table_bytes(&table);
	for (uint32_t i = 1; i < IDS; i++)
		ck_assert(id_table_add(&table, hash_of(NULL, i), i, hash_of));
	ck_assert_uint_eq(id_table_bytes(&table), bytes);
	ck_assert_uint_le(bytes, 5 * IDS - IDS / 2);
	id_table_clear(&table);
}
END_TEST

START_TEST(paths_are_numbered_as_they_turn_up)
{
	static const struct {
		const char *router, *transport;
		uint16_t number;
	} asked[] = {
	    {"lookuphost", "remote_smtp", 1},
	    {"localuser", "local_delivery", 2},
	    {"lookuphost", "remote_smtp", 1},
	    {"localuser", "", 3},
	    {"", "", 0},
	    {"localuser", "local_delivery", 2},
	};
	static const char routes[64 * 2 * PATHS_KNOWN];
	struct paths paths = {0};

	/* By their texts, and by an address of their own, more than are known at a time. */
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct slice router = slice_str(asked[i].router),
			     transport = slice_str(asked[i].transport);

		ck_assert_uint_eq(paths_number(&paths, router, transport), asked[i].number);
		ck_assert_uint_eq(paths_number_known(&paths, NULL, router, transport),
		    asked[i].number);
		for (size_t at = asked[i].number; at < sizeof(routes); at += 16)
			ck_assert_uint_eq(
			    paths_number_known(&paths, routes + at, router, transport),
			    asked[i].number);
	}
	/* The address alone counts. */
	ck_assert_uint_eq(
	    paths_number_known(&paths, routes + sizeof(routes) - 14, SLICE("x"), SLICE("y")), 2);
	paths_clear(&paths);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index_parts");
	TCase *tests = tcase_create("index_parts");

	tcase_add_test(tests, the_next_slab_is_made_ready_as_far_as_memory_goes);
	tcase_add_test(tests, names_are_counted_alike_but_for_the_case_of_letters);
	tcase_add_test(tests, there_is_a_margin_around_the_pieces_of_a_chunk);
	tcase_add_test(tests, a_string_is_kept_once);
	tcase_add_test(tests, short_texts_are_compared_and_copied_to_the_last_byte);
	tcase_add_test(tests, short_texts_have_hashes_of_their_own);
	tcase_add_test(tests, strings_survive_growth);
	tcase_add_test(tests, strings_of_one_hash_are_told_apart);
	tcase_add_test(tests, evidence_comes_back_as_it_went_in);
	tcase_add_test(tests, ids_are_found_once_they_are_added);
	tcase_add_test(tests, ids_that_collide_are_told_apart);
	tcase_add_test(tests, a_table_of_ids_has_room_for_those_it_expects);
	tcase_add_test(tests, paths_are_numbered_as_they_turn_up);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
