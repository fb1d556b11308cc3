/* Arena: chunks of a pool, filled from the front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SLAB_BYTES = 2 << 20 };

void
arena_pool_init(struct arena_pool *pool)
{
	*pool = (struct arena_pool){0};
}

void
arena_pool_clear(struct arena_pool *pool)
{
	for (size_t i = 0; i < pool->slab_count; i++)
		munmap(pool->slabs[i], SLAB_BYTES);
	free(pool->slabs);
	arena_pool_init(pool);
}

/*
 * Slabs come from the system, not from the heap, so that nothing else fragments them; as one huge page each where it has such, because
 * that is one page fault in place of 512, and fewer misses when addresses are translated.
 */
static char *
map_slab(void)
{
	char *at = mmap(NULL, 2 * SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	size_t before = -(uintptr_t)at % SLAB_BYTES;
	if (before != 0)
		munmap(at, before);
	munmap(at + before + SLAB_BYTES, SLAB_BYTES - before);
	madvise(at + before, SLAB_BYTES, MADV_HUGEPAGE);
	return at + before;
}

static int
pool_grow(struct arena_pool *pool)
{
	if (pool->slab_count == pool->slab_size) {
		size_t size = pool->slab_size != 0 ? pool->slab_size * 2 : 16;
		void **slabs = reallocarray(pool->slabs, size, sizeof(*slabs));

		if (slabs == NULL)
			return -1;
		pool->slabs = slabs;
		pool->slab_size = size;
	}
	char *slab = map_slab();
	if (slab == NULL)
		return -1;
	pool->slabs[pool->slab_count++] = slab;
	for (size_t at = SLAB_BYTES; at != 0; at -= ARENA_CHUNK_BYTES) {
		void *chunk = slab + at - ARENA_CHUNK_BYTES;

		memcpy(chunk, &pool->free, sizeof(void *));
		pool->free = chunk;
	}
	return 0;
}

static void *
pool_take(struct arena_pool *pool)
{
	if (pool->free == NULL && pool_grow(pool) != 0)
		return NULL;
	void *chunk = pool->free;
	memcpy(&pool->free, chunk, sizeof(void *));
	pool->used_chunks++;
	return chunk;
}

static void
pool_give(struct arena_pool *pool, void *chunk)
{
	memcpy(chunk, &pool->free, sizeof(void *));
	pool->free = chunk;
	pool->used_chunks--;
}

void
arena_init(struct arena *arena, struct arena_pool *pool)
{
	*arena = (struct arena){.pool = pool, .used = ARENA_CHUNK_UNITS};
}

void
arena_clear(struct arena *arena)
{
	for (uint32_t i = 0; i < arena->chunk_count; i++)
		pool_give(arena->pool, arena->chunks[i]);
	free(arena->chunks);
	arena_init(arena, arena->pool);
}

static int
arena_grow(struct arena *arena)
{
	if (arena->chunk_count == ARENA_CHUNKS_MAX)
		return -1;
	if (arena->chunk_count == arena->chunk_size) {
		uint32_t size = arena->chunk_size != 0 ? arena->chunk_size * 2 : 8;
		char **chunks = reallocarray(arena->chunks, size, sizeof(*chunks));

		if (chunks == NULL)
			return -1;
		arena->chunks = chunks;
		arena->chunk_size = size;
	}
	char *chunk = pool_take(arena->pool);
	if (chunk == NULL)
		return -1;
	arena->chunks[arena->chunk_count++] = chunk;
	/* The first unit of the first chunk stays unused: reference 0 means none. */
	arena->used = arena->chunk_count == 1 ? 1 : 0;
	return 0;
}

uint32_t
arena_take_anew(struct arena *arena, uint32_t units)
{
	if (units >= ARENA_CHUNK_UNITS || arena_grow(arena) != 0)
		return 0;
	uint32_t used = arena->used;
	arena->used += units;
	return ((arena->chunk_count - 1) << ARENA_CHUNK_SHIFT) + used;
}
