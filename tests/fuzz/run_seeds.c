/* Replays the seeds of a fuzz target, and thousands of small changes to them: what `make check` runs where there is no libFuzzer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FUZZ_CHANGES
#define FUZZ_CHANGES 400 /* a slow target has fewer */
#endif

enum {
	SEED_SIZE_MAX = 1 << 20,
	CHANGES = FUZZ_CHANGES, /* for each seed */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same numbers in each run (xorshift64): a failure comes back. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

static size_t
below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return limit == 0 ? 0 : (size_t)(random_state % limit);
}

/* In a buffer of its own, so that reading past the end is seen. */
static void
run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size != 0 ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Changes a byte, leaves some out, doubles some, or moves a piece to another place. */
static size_t
change(uint8_t *data, size_t size)
{
	static const char special[] = " \"\\<>()[]:=,@\n\r\t\0\x80\xff{}'%*-#";
	size_t from = below(size), count = below(size - from < 64 ? size - from : 64),
	       to = below(size);

	switch (below(4)) {
	case 0:
		data[from] = (uint8_t)special[below(sizeof(special) - 1)];
		return size;
	case 1:
		memmove(data + from, data + from + count, size - from - count);
		return size - count;
	case 2:
		if (size + count > SEED_SIZE_MAX)
			return size;
		memmove(data + from + count, data + from, size - from);
		return size + count;
	default:
		if (to + count <= size)
			memmove(data + to, data + from, count);
		return size;
	}
}

static void
run_seed(const uint8_t *seed, size_t size, uint8_t *scratch)
{
	run_copy(seed, size);
	for (int i = 0; i < CHANGES && size != 0; i++) {
		size_t changed = size;

		memcpy(scratch, seed, size);
		for (size_t times = 1 + below(4); times > 0 && changed != 0; times--)
			changed = change(scratch, changed);
		run_copy(scratch, changed);
	}
}

int
main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : FUZZ_SEEDS;
	DIR *directory = opendir(folder);
	uint8_t *seed = malloc(SEED_SIZE_MAX), *scratch = malloc(SEED_SIZE_MAX);
	struct dirent *entry;
	int count = 0;

	if (directory == NULL || seed == NULL || scratch == NULL) {
		fprintf(stderr, "cannot read the seeds in %s\n", folder);
		return EXIT_FAILURE;
	}
	run_copy((const uint8_t *)"", 0);
	while ((entry = readdir(directory)) != NULL) {
		char path[4096];
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = fopen(path, "rb");
		if (file == NULL) {
			perror(path);
			return EXIT_FAILURE;
		}
		size_t size = fread(seed, 1, SEED_SIZE_MAX, file);
		fclose(file);
		run_seed(seed, size, scratch);
		count++;
	}
	closedir(directory);
	free(seed);
	free(scratch);
	printf("%d seeds of %s\n", count, folder);
	return count != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
