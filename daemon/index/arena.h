/* Arena: memory for one segment, handed out piece by piece and freed all at once; pieces are named by 32-bit references. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ARENA_H
#define INDEX_ARENA_H

#include <stddef.h>
#include <stdint.h>

enum {
	ARENA_UNIT = 4,         /* bytes; what a reference counts */
	ARENA_CHUNK_SHIFT = 12, /* units in a chunk, as a power of two */
	ARENA_CHUNK_UNITS = 1 << ARENA_CHUNK_SHIFT,
	ARENA_CHUNK_BYTES = ARENA_CHUNK_UNITS * ARENA_UNIT, /* 16 KiB; also the largest piece */
};

/* Where arenas get their chunks and where they give them back: memory that has been used stays for the next segment, so that the cap is exact. */
struct arena_pool {
	void *free;   /* list of free chunks */
	void **slabs; /* what the system gave, 2 MiB each */
	size_t slab_count, slab_size;
	size_t used_chunks;
};

void arena_pool_init(struct arena_pool *pool);
void arena_pool_clear(struct arena_pool *pool);

struct arena {
	struct arena_pool *pool;
	char **chunks;
	uint32_t chunk_count, chunk_size;
	uint32_t used; /* units handed out of the last chunk */
};

void arena_init(struct arena *arena, struct arena_pool *pool);
void arena_clear(struct arena *arena);

/* A piece of that many bytes (at most ARENA_CHUNK_BYTES - ARENA_UNIT), zeroed, aligned to ARENA_UNIT. 0 when memory is out. */
uint32_t arena_take(struct arena *arena, size_t bytes);

static inline void *
arena_at(const struct arena *arena, uint32_t reference)
{
	return arena->chunks[reference >> ARENA_CHUNK_SHIFT] +
	    (size_t)(reference & (ARENA_CHUNK_UNITS - 1)) * ARENA_UNIT;
}

#endif
