/* Arena: chunks of a pool, filled from the front. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	SLAB_BYTES = 2 << 20,
	SMALL_SLAB_BYTES = 256 << 10,
	PAGE_BYTES = 4096,    /* or more */
	SLABS_UNFORESEEN = 4, /* a small log needs no more */
};

void
arena_pool_init(struct arena_pool *pool, uint64_t most_bytes)
{
	*pool = (struct arena_pool){.most_bytes = most_bytes != 0 ? most_bytes : UINT64_MAX};
}

void
arena_pool_clear(struct arena_pool *pool)
{
	for (size_t i = 0; i < pool->slab_count; i++)
		munmap(pool->slabs[i].at, pool->slabs[i].bytes);
	void *ready = atomic_load(&pool->ready);
	if (ready != NULL)
		munmap(ready, SLAB_BYTES);
	free(pool->slabs);
	arena_pool_init(pool, pool->most_bytes);
}

/* Memory at a multiple of its alignment: an address says where its chunk begins. NULL when there is none. */
static char *
map_aligned(size_t bytes, size_t alignment)
{
	char *at = mmap(NULL, bytes + alignment, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	size_t before = -(uintptr_t)at % alignment;
	if (before != 0)
		munmap(at, before);
	munmap(at + before + bytes, alignment - before);
	return at + before;
}

/*
 * Slabs come from the system, not from the heap, so that nothing else fragments them; as one huge page each where it has such, because
 * that is one page fault in place of 512, and fewer misses when addresses are translated.
 */
static char *
map_slab(void)
{
	char *slab = map_aligned(SLAB_BYTES, SLAB_BYTES);

	if (slab != NULL)
		madvise(slab, SLAB_BYTES, MADV_HUGEPAGE);
	return slab;
}

bool
arena_pool_make_ready(struct arena_pool *pool)
{
	if (!arena_pool_is_due(pool) || !atomic_exchange(&pool->is_due, false) ||
	    atomic_load(&pool->ready) != NULL)
		return false;
	char *slab = map_slab();
	if (slab == NULL)
		return false;
	for (size_t at = 0; at < SLAB_BYTES; at += PAGE_BYTES)
		((volatile char *)slab)[at] = 0;
	atomic_store(&pool->ready, slab);
	return true;
}

/* Whether so many slabs more are within what will be asked for. */
static bool
has_room_for(const struct arena_pool *pool, unsigned slabs)
{
	return pool->slab_bytes + slabs * (uint64_t)SLAB_BYTES <= pool->most_bytes;
}

/* The next slab, whose address is NULL where memory is out. One that is only just being made ready will be the one after it. */
static struct arena_slab
take_slab(struct arena_pool *pool)
{
	char *ready = atomic_exchange(&pool->ready, NULL);

	if (ready != NULL || has_room_for(pool, 1))
		return (struct arena_slab){ready != NULL ? ready : map_slab(), SLAB_BYTES};
	/* Near the end of memory a slab is not to hold more than is needed. */
	return (
	    struct arena_slab){map_aligned(SMALL_SLAB_BYTES, ARENA_CHUNK_BYTES), SMALL_SLAB_BYTES};
}

static int
pool_grow(struct arena_pool *pool)
{
	if (pool->slab_count == pool->slab_size) {
		size_t size = pool->slab_size != 0 ? pool->slab_size * 2 : 16;
		struct arena_slab *slabs = reallocarray(pool->slabs, size, sizeof(*slabs));

		if (slabs == NULL)
			return -1;
		pool->slabs = slabs;
		pool->slab_size = size;
	}
	struct arena_slab slab = take_slab(pool);
	if (slab.at == NULL)
		return -1;
	pool->slabs[pool->slab_count++] = slab;
	pool->slab_bytes += slab.bytes;
	/* At the end of memory all of it is in use, not one slab beside. */
	atomic_store(&pool->is_due, pool->slab_count >= SLABS_UNFORESEEN && has_room_for(pool, 2));
	for (size_t at = slab.bytes; at != 0; at -= ARENA_CHUNK_BYTES) {
		void *chunk = slab.at + at - ARENA_CHUNK_BYTES;

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
	*arena = (struct arena){.pool = pool, .used = ARENA_CHUNK_END};
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
	*(struct arena_chunk *)(void *)chunk = (struct arena_chunk){arena->chunk_count - 1};
	arena->used = ARENA_MARGIN_UNITS;
	return 0;
}

uint32_t
arena_take_anew(struct arena *arena, uint32_t units)
{
	if (units > ARENA_PIECE_MAX / ARENA_UNIT || arena_grow(arena) != 0)
		return 0;
	uint32_t used = arena->used;
	arena->used += units;
	return ((arena->chunk_count - 1) << ARENA_CHUNK_SHIFT) + used;
}
