/*
 * Parse ahead: lines go in small chunks through a ring, where some stay until more come; whichever thread is free parses the next chunk, the first
 * one alone folds. The second one does first what it alone can do while the first parses: the memory that is needed next, and what was put aside.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/index/parse_ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CACHE_LINE = 64,
	FRONT_BYTES = 4 * CACHE_LINE, /* of a parsed line, what nearly all are folded by */
	RING_CHUNKS = 8,              /* lines of so many wait at most: they stay in the cache */
	IDLE_SPINS =
	    5000, /* some dozens of microseconds: as long as the next block takes to be read */
	WAIT_SPINS = 3000, /* longer than a chunk takes to be parsed */
	WAKES_MOST = 2,    /* in a run; one is due to what came before it */
	/* Runs without the second thread, after it has kept the first one waiting: at first, and at most. */
	ALONE_FIRST = 8,
	ALONE_MOST = 1024,
};

struct chunk {
	alignas(CACHE_LINE) const struct tail_line *lines;
	size_t count;
	atomic_bool is_parsed;
	struct parsed parsed[PARSED_LINES];
};

/* Where work stands that was put aside. */
enum aside_state {
	ASIDE_NONE,
	ASIDE_WAITS,
	ASIDE_BEGUN,
	ASIDE_DONE,
};

/* Chunks are counted from the first one ever: [folded, claimed) are parsed or being parsed, [claimed, published) wait for a thread. */
struct parse_ahead {
	const struct classifier *classifier;
	const struct hash_key *key;
	struct arena_pool *pool; /* or NULL */
	parse_ahead_take_fn *take;
	void *context;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	atomic_bool is_asleep;
	bool is_stopping; /* under the mutex */
	/* What both write to has a cache line of its own. */
	alignas(CACHE_LINE) _Atomic uint64_t published, claimed;
	_Atomic enum aside_state aside;
	void (*work)(void *); /* what was put aside */
	void *argument;
	/* The first thread's. */
	alignas(CACHE_LINE) uint64_t folded;
	struct parse_memo memo;
	bool was_kept_waiting;
	unsigned wakes;      /* of the second one, in this run */
	unsigned alone;      /* runs still to be made without the second thread */
	unsigned alone_next; /* how many it will be the next time */
	struct chunk ring[RING_CHUNKS];
};

static inline void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Parses the next chunk that nobody has begun. False when there is none. */
static bool
parse_one(struct parse_ahead *ahead, struct parse_memo *memo)
{
	uint64_t number = atomic_load_explicit(&ahead->claimed, memory_order_relaxed);

	do {
		if (number == atomic_load_explicit(&ahead->published, memory_order_acquire))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&ahead->claimed, &number, number + 1,
	    memory_order_relaxed, memory_order_relaxed));
	struct chunk *chunk = &ahead->ring[number % RING_CHUNKS];
	parsed_lines(ahead->classifier, ahead->key, memo, chunk->lines, chunk->count,
	    chunk->parsed);
	atomic_store_explicit(&chunk->is_parsed, true, memory_order_release);
	return true;
}

/* Does what was put aside. False when nothing was. */
static bool
do_aside(struct parse_ahead *ahead)
{
	enum aside_state state = ASIDE_WAITS;

	if (atomic_load_explicit(&ahead->aside, memory_order_relaxed) != ASIDE_WAITS ||
	    !atomic_compare_exchange_strong(&ahead->aside, &state, ASIDE_BEGUN))
		return false;
	ahead->work(ahead->argument);
	atomic_store_explicit(&ahead->aside, ASIDE_DONE, memory_order_release);
	return true;
}

static bool
is_slab_due(const struct parse_ahead *ahead)
{
	return ahead->pool != NULL && arena_pool_is_due(ahead->pool);
}

static bool
is_idle(const struct parse_ahead *ahead)
{
	return atomic_load(&ahead->claimed) == atomic_load(&ahead->published) &&
	    atomic_load(&ahead->aside) != ASIDE_WAITS && !is_slab_due(ahead);
}

/* Sleeps until there is something to do. False when it is time to end. */
static bool
sleep_until_needed(struct parse_ahead *ahead)
{
	pthread_mutex_lock(&ahead->mutex);
	/* Said before the last look: who publishes after that look sees it. */
	atomic_store(&ahead->is_asleep, true);
	while (is_idle(ahead) && !ahead->is_stopping) {
		pthread_cond_wait(&ahead->wake, &ahead->mutex);
		atomic_store(&ahead->is_asleep, true);
	}
	atomic_store(&ahead->is_asleep, false);
	bool goes_on = !ahead->is_stopping;
	pthread_mutex_unlock(&ahead->mutex);
	return goes_on;
}

static void *
help(void *argument)
{
	struct parse_ahead *ahead = argument;
	struct parse_memo memo = {0};

	do {
		for (unsigned spins = 0; spins < IDLE_SPINS; spins++) {
			if ((ahead->pool != NULL && arena_pool_make_ready(ahead->pool)) ||
			    do_aside(ahead) || parse_one(ahead, &memo))
				spins = 0;
			else
				relax();
		}
	} while (sleep_until_needed(ahead));
	return NULL;
}

struct parse_ahead *
parse_ahead_new(const struct classifier *classifier, const struct hash_key *key,
    struct arena_pool *pool, parse_ahead_take_fn *take, void *context)
{
	cpu_set_t processors;
	sigset_t all, before;

	if (sched_getaffinity(0, sizeof(processors), &processors) != 0 ||
	    CPU_COUNT(&processors) < 2)
		return NULL;
	struct parse_ahead *ahead = aligned_alloc(alignof(struct parse_ahead), sizeof(*ahead));
	if (ahead == NULL)
		return NULL;
	memset(ahead, 0, sizeof(*ahead));
	ahead->classifier = classifier;
	ahead->key = key;
	ahead->pool = pool;
	ahead->take = take;
	ahead->context = context;
	ahead->alone_next = ALONE_FIRST;
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->wake, NULL);
	/* Signals are the first thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&ahead->thread, NULL, help, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return ahead;
	pthread_cond_destroy(&ahead->wake);
	pthread_mutex_destroy(&ahead->mutex);
	free(ahead);
	return NULL;
}

void
parse_ahead_set_classifier(struct parse_ahead *ahead, const struct classifier *classifier)
{
	/* The second thread looks at it only while it has a chunk, and so not now. */
	if (ahead != NULL)
		ahead->classifier = classifier;
}

/* To be called when there is more to do. False where the second thread was awake. */
static bool
rouse(struct parse_ahead *ahead)
{
	if (!atomic_load(&ahead->is_asleep) || !atomic_exchange(&ahead->is_asleep, false))
		return false;
	pthread_mutex_lock(&ahead->mutex);
	pthread_cond_signal(&ahead->wake);
	pthread_mutex_unlock(&ahead->mutex);
	return true;
}

/* The same for what the first thread waits for. */
static void
wake(struct parse_ahead *ahead)
{
	ahead->wakes += rouse(ahead);
}

void
parse_ahead_look_to_memory(struct parse_ahead *ahead)
{
	if (ahead != NULL && is_slab_due(ahead))
		rouse(ahead);
}

void
parse_ahead_free(struct parse_ahead *ahead)
{
	if (ahead == NULL)
		return;
	pthread_mutex_lock(&ahead->mutex);
	ahead->is_stopping = true;
	pthread_cond_signal(&ahead->wake);
	pthread_mutex_unlock(&ahead->mutex);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->wake);
	pthread_mutex_destroy(&ahead->mutex);
	free(ahead);
}

/* Puts as many lines into the ring as there is room for. Returns how many. */
static size_t
publish(struct parse_ahead *ahead, const struct tail_line *lines, size_t count)
{
	uint64_t number = atomic_load_explicit(&ahead->published, memory_order_relaxed);
	size_t taken = 0;

	for (; taken < count && number - ahead->folded < RING_CHUNKS; number++) {
		struct chunk *chunk = &ahead->ring[number % RING_CHUNKS];

		chunk->lines = lines + taken;
		chunk->count = count - taken < PARSED_LINES ? count - taken : PARSED_LINES;
		atomic_store_explicit(&chunk->is_parsed, false, memory_order_relaxed);
		taken += chunk->count;
	}
	if (taken != 0) {
		atomic_store(&ahead->published, number);
		wake(ahead);
	}
	return taken;
}

/* One turn of waiting for the second thread. */
static void
wait_awhile(struct parse_ahead *ahead, unsigned spins)
{
	if (spins < WAIT_SPINS) {
		relax();
		return;
	}
	/* The second thread has lost its processor to somebody else. */
	ahead->was_kept_waiting = true;
	nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

/* Waits until the chunk is parsed, and parses others meanwhile. */
static void
wait_for(struct parse_ahead *ahead, const struct chunk *chunk)
{
	for (unsigned spins = 0; !atomic_load_explicit(&chunk->is_parsed, memory_order_acquire);
	     spins++)
		if (!parse_one(ahead, &ahead->memo))
			wait_awhile(ahead, spins);
}

bool
parse_ahead_begin_aside(struct parse_ahead *ahead, void (*work)(void *), void *argument)
{
	if (ahead == NULL || ahead->alone != 0 || atomic_load(&ahead->aside) != ASIDE_NONE)
		return false;
	ahead->work = work;
	ahead->argument = argument;
	atomic_store(&ahead->aside, ASIDE_WAITS);
	wake(ahead);
	return true;
}

bool
parse_ahead_end_aside(struct parse_ahead *ahead)
{
	enum aside_state state = ASIDE_WAITS;

	if (ahead == NULL || atomic_compare_exchange_strong(&ahead->aside, &state, ASIDE_NONE) ||
	    state == ASIDE_NONE)
		return false;
	for (unsigned spins = 0;
	     atomic_load_explicit(&ahead->aside, memory_order_acquire) != ASIDE_DONE; spins++)
		wait_awhile(ahead, spins);
	atomic_store(&ahead->aside, ASIDE_NONE);
	return true;
}

/* On a busy machine two threads wait for each other, or take turns on one processor, more than they gain. */
static void
note_waiting(struct parse_ahead *ahead)
{
	if (ahead->was_kept_waiting || ahead->wakes > WAKES_MOST) {
		ahead->alone = ahead->alone_next;
		if (ahead->alone_next < ALONE_MOST)
			ahead->alone_next *= 2;
	} else if (ahead->alone_next > ALONE_FIRST) {
		/* More than one bad run in six, and it grows all the same. */
		ahead->alone_next -= ahead->alone_next / ALONE_FIRST;
	}
	ahead->was_kept_waiting = false;
	ahead->wakes = 0;
}

/* Has the processor fetch the front of each line of the next chunk, where the other one is done with it. */
static void
expect_next(const struct parse_ahead *ahead)
{
	const struct chunk *next = &ahead->ring[(ahead->folded + 1) % RING_CHUNKS];

	if (ahead->folded + 1 == atomic_load_explicit(&ahead->published, memory_order_relaxed) ||
	    !atomic_load_explicit(&next->is_parsed, memory_order_acquire))
		return;
	for (size_t i = 0; i < next->count; i++)
		for (size_t at = 0; at < FRONT_BYTES; at += CACHE_LINE)
			__builtin_prefetch((const char *)&next->parsed[i] + at);
}

/* Gives the oldest chunk that is under way to be folded. */
static void
take_oldest(struct parse_ahead *ahead)
{
	struct chunk *chunk = &ahead->ring[ahead->folded % RING_CHUNKS];

	wait_for(ahead, chunk);
	expect_next(ahead);
	ahead->take(ahead->context, chunk->lines, chunk->parsed, chunk->count);
	ahead->folded++;
}

static uint64_t
published_by_now(const struct parse_ahead *ahead)
{
	return atomic_load_explicit(&ahead->published, memory_order_relaxed);
}

bool
parse_ahead_lines(struct parse_ahead *ahead, const struct tail_line *lines, size_t count)
{
	const uint64_t before = published_by_now(ahead);

	if (ahead->alone != 0) {
		ahead->alone--;
		return false;
	}
	size_t published = publish(ahead, lines, count);
	while (published < count || ahead->folded < before) {
		take_oldest(ahead);
		published += publish(ahead, lines + published, count - published);
	}
	note_waiting(ahead);
	return true;
}

void
parse_ahead_settle(struct parse_ahead *ahead)
{
	if (ahead == NULL)
		return;
	while (ahead->folded < published_by_now(ahead))
		take_oldest(ahead);
}
