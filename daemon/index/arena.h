/* Arena: memory for one segment, handed out piece by piece and freed all at once; pieces are named by 32-bit references. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INDEX_ARENA_H
#define INDEX_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	ARENA_UNIT = 4,         /* bytes; what a reference counts */
	ARENA_CHUNK_SHIFT = 12, /* units in a chunk, as a power of two */
	ARENA_CHUNK_UNITS = 1 << ARENA_CHUNK_SHIFT,
	ARENA_CHUNK_BYTES = ARENA_CHUNK_UNITS * ARENA_UNIT, /* 16 KiB */
	/* Before the first piece of a chunk and behind its last one: sixteen bytes around a piece may be looked at together, whatever they are. */
	ARENA_MARGIN_BYTES = 16,
	ARENA_MARGIN_UNITS = ARENA_MARGIN_BYTES / ARENA_UNIT,
	ARENA_CHUNK_END = ARENA_CHUNK_UNITS - ARENA_MARGIN_UNITS,
	ARENA_PIECE_MAX = ARENA_CHUNK_BYTES - 2 * ARENA_MARGIN_BYTES, /* bytes */
	ARENA_CHUNKS_MAX = 1 << 19, /* 8 GiB: references have a bit to spare */
};

/* Where arenas get their chunks and where they give them back: memory that has been used stays for the next segment, so that the cap is exact. */
struct arena_pool {
	void *free; /* list of free chunks */
	struct arena_slab {
		char *at;
		size_t bytes;
	} * slabs; /* what the system gave */
	size_t slab_count, slab_size;
	uint64_t slab_bytes; /* of all of them */
	size_t used_chunks;
	uint64_t most_bytes;   /* beyond these slabs are small, and none is made ready */
	_Atomic(void *) ready; /* the next slab, once another thread has made it so */
	atomic_bool is_due;    /* it may do that now */
};

/* most_bytes: as many as will be asked for, about; 0: nobody knows. */
void arena_pool_init(struct arena_pool *pool, uint64_t most_bytes);
void arena_pool_clear(struct arena_pool *pool);

/*
 * For another thread than the one that takes chunks: where a slab was taken of late, has the system give the next one, and all its
 * pages, for which it takes milliseconds where they were not in use before. False where nothing is due.
 */
bool arena_pool_make_ready(struct arena_pool *pool);
/* Whether that is to be done. */
static inline bool
arena_pool_is_due(const struct arena_pool *pool)
{
	return atomic_load_explicit(&pool->is_due, memory_order_relaxed);
}

struct arena {
	struct arena_pool *pool;
	char **chunks;
	uint32_t chunk_count, chunk_size;
	uint32_t used; /* units handed out of the last chunk; all while there is none */
};

/* Stands in the margin at the front of a chunk, where no piece begins: reference 0 means none. */
struct arena_chunk {
	uint32_t number; /* of the chunk in its arena */
};

void arena_init(struct arena *arena, struct arena_pool *pool);
void arena_clear(struct arena *arena);

static inline void *
arena_at(const struct arena *arena, uint32_t reference)
{
	return arena->chunks[reference >> ARENA_CHUNK_SHIFT] +
	    (size_t)(reference & (ARENA_CHUNK_UNITS - 1)) * ARENA_UNIT;
}

/* The reference of what lies in an arena: chunks stand at multiples of their size. */
static inline uint32_t
arena_reference(const void *at)
{
	uintptr_t offset = (uintptr_t)at % ARENA_CHUNK_BYTES;
	const struct arena_chunk *chunk = (const void *)((const char *)at - offset);

	return (chunk->number << ARENA_CHUNK_SHIFT) + (uint32_t)(offset / ARENA_UNIT);
}

/* The piece for which the last chunk has no room. */
uint32_t arena_take_anew(struct arena *arena, uint32_t units);

/* A piece of that many bytes (at most ARENA_PIECE_MAX), aligned to ARENA_UNIT, to be filled. 0 when memory is out. */
static inline uint32_t
arena_take_unset(struct arena *arena, size_t bytes)
{
	uint32_t units = (uint32_t)((bytes + ARENA_UNIT - 1) / ARENA_UNIT), used = arena->used;

	if (units > ARENA_CHUNK_END - used)
		return arena_take_anew(arena, units);
	arena->used = used + units;
	return ((arena->chunk_count - 1) << ARENA_CHUNK_SHIFT) + used;
}

/* The same, zeroed. */
static inline uint32_t
arena_take(struct arena *arena, size_t bytes)
{
	uint32_t reference = arena_take_unset(arena, bytes);

	if (reference != 0)
		memset(arena_at(arena, reference), 0, bytes);
	return reference;
}

#endif
