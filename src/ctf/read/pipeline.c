/* SPDX-License-Identifier: MIT */
/* pipeline.c - what there is to do next, and who does it; all under one lock but the work itself. */
#include <pthread.h>
#include <signal.h>

#include "ctf/read/merge.h"
#include "ctf/read/pipeline.h"

enum {
	DEPTH = 6, /* chunks of a stream: one to merge, some to come, one to decode into */
	SLOTS = 8, /* batches: the caller's, and those ahead of it */
	SPINS = 1000, /* looks before a thread sleeps, some 50 µs: it wakes no faster */
	BATCH_EVENTS = 2048,
	CHUNK_EVENTS = 2048,
	CHUNK_EVENTS_MIN = 64,
	WINDOW_BYTES = 2 << 20,
	WINDOW_BYTES_MIN = 32 << 10,
	MEMORY = 16 << 20, /* for all chunks' events, and again for their windows, however many CPUs */
};

/* A stream and its chunks. Members marked L are the lock's. */
struct channel {
	struct inlet inlet; /* first; the merging thread's */
	struct stream *stream;
	struct decoded_chunk chunks[DEPTH];
	unsigned filled, taken; /* L: chunks in all; the one being merged is not taken yet */
	bool is_merged;		/* L: the chunk `taken` is at the inlet */
	bool is_filling;	/* L: somebody decodes */
	fb_ns horizon;		/* L: time of the last event decoded */
};

struct batch {
	struct fb_event *events;
	size_t n;
	struct fb_source_info info; /* of the chunks begun in it */
	uint64_t bytes;
	GPtrArray *windows; /* of the chunks that ended in it */
	bool is_open;	    /* being merged into */
};

struct pipeline {
	struct streams *all;
	struct channel *channels;
	unsigned n_channels;
	struct merge merge;	 /* the merging thread's */
	struct channel *pending; /* the same: it lacks events, or NULL */

	pthread_mutex_t lock;
	pthread_cond_t work, ready; /* for the threads, and for the caller */
	pthread_t *threads;
	unsigned n_threads;
	/* L, all of these. */
	unsigned idle;	/* threads that wait */
	bool is_wanted; /* the caller waits for a batch, or works for it */
	bool is_shared; /* there are threads; not L: never changes */
	bool is_merging, has_ended, stop;
	struct batch batches[SLOTS];
	uint64_t produced, consumed; /* batches in all; the caller's is not consumed yet */
	bool is_lent;		     /* the caller has one */
	uint64_t told;		     /* how often something was done */
};

/* ---- what to do next; the lock is held -------------------------------------------------- */

struct pipeline_job {
	enum { TASK_NONE, TASK_MERGE, TASK_FILL } kind;
	struct channel *a, *b; /* FILL; b may be NULL */
};

static unsigned chunks_ready(const struct channel *c)
{
	return c->filled - c->taken - c->is_merged;
}

static bool channel_has_ended(const struct channel *c)
{
	return !c->is_filling && c->stream->has_ended && !chunks_ready(c);
}

static bool is_fillable(const struct channel *c)
{
	return !c->is_filling && !c->stream->has_ended && c->filled - c->taken < DEPTH;
}

static bool is_mergeable(const struct pipeline *p)
{
	if (p->is_merging || p->has_ended || p->produced - p->consumed == SLOTS)
		return false;
	return !p->pending || chunks_ready(p->pending) || channel_has_ended(p->pending);
}

/* The streams that are least ahead: the merge will wait for them first. `others` look for work too. */
static void pick_streams(struct pipeline *p, struct pipeline_job *task, unsigned others)
{
	unsigned fillable = 0;

	for (unsigned i = 0; i < p->n_channels; i++) {
		struct channel *c = &p->channels[i];

		if (!is_fillable(c))
			continue;
		fillable++;
		if (!task->a || c->horizon < task->a->horizon) {
			task->b = task->a;
			task->a = c;
		} else if (!task->b || c->horizon < task->b->horizon) {
			task->b = c;
		}
	}
	/* Two at once are faster than one after the other, but not than two threads. */
	if (others && fillable < 2 * (others + 1))
		task->b = NULL;
	if (!task->a)
		return;
	task->kind = TASK_FILL;
	task->a->is_filling = true;
	if (task->b)
		task->b->is_filling = true;
}

static bool pick_merge(struct pipeline *p, struct pipeline_job *task)
{
	if (!is_mergeable(p))
		return false;
	p->is_merging = true;
	task->kind = TASK_MERGE;
	return true;
}

/*
 * The caller merges what is there before it decodes: it needs the events next, and
 * in its own cache. Threads decode as far ahead as they may before they merge.
 */
static struct pipeline_job pick(struct pipeline *p, bool is_caller)
{
	struct pipeline_job task = { TASK_NONE };

	if (is_caller && pick_merge(p, &task))
		return task;
	pick_streams(p, &task, p->idle);
	if (task.kind == TASK_NONE && !is_caller)
		pick_merge(p, &task);
	return task;
}

static void announce(struct pipeline *p)
{
	__atomic_store_n(&p->told, p->told + 1, __ATOMIC_RELAXED);
	if (p->idle)
		pthread_cond_signal(&p->work);
	if (p->is_wanted)
		pthread_cond_signal(&p->ready);
}

/* ---- decoding --------------------------------------------------------------------------- */

static struct decoded_chunk *next_chunk(struct channel *c)
{
	return &c->chunks[c->filled % DEPTH];
}

static void filled(struct channel *c)
{
	const struct decoded_chunk *chunk = next_chunk(c);

	if (chunk->n)
		c->horizon = chunk->events[chunk->n - 1].time;
	c->is_filling = false;
	c->filled++;
}

static void run_fill(struct pipeline *p, const struct pipeline_job *task)
{
	if (task->b)
		stream_fill_two(task->a->stream, next_chunk(task->a), task->b->stream,
				next_chunk(task->b));
	else
		stream_fill(task->a->stream, next_chunk(task->a));
	pthread_mutex_lock(&p->lock);
	filled(task->a);
	if (task->b)
		filled(task->b);
	announce(p);
}

/* ---- merging ---------------------------------------------------------------------------- */

/* The chunk's events are all in batches; what they point to is needed until this one is used up. */
static void leave_chunk(struct channel *c, struct batch *batch)
{
	struct decoded_chunk *chunk = &c->chunks[c->taken % DEPTH];

	if (!c->is_merged)
		return;
	if (chunk->window)
		g_ptr_array_add(batch->windows, g_steal_pointer(&chunk->window));
	c->is_merged = false;
	c->taken++;
}

static void enter_chunk(struct channel *c, struct batch *batch)
{
	struct decoded_chunk *chunk = &c->chunks[c->taken % DEPTH];

	c->is_merged = true;
	c->inlet.at = chunk->events;
	c->inlet.end = chunk->events + chunk->n;
	info_take(&batch->info, &chunk->info);
	batch->bytes += chunk->bytes;
	chunk->bytes = 0;
}

/* Goes on to the next chunk that has events, or to the end. False when there is none yet. */
static bool advance(struct pipeline *p, struct channel *c, struct batch *batch)
{
	pthread_mutex_lock(&p->lock);
	do {
		leave_chunk(c, batch);
		if (!chunks_ready(c))
			break;
		enter_chunk(c, batch);
	} while (c->inlet.at == c->inlet.end);
	c->inlet.has_ended = c->inlet.at == c->inlet.end && channel_has_ended(c);
	announce(p);
	pthread_mutex_unlock(&p->lock);
	return c->inlet.at < c->inlet.end || c->inlet.has_ended;
}

static struct batch *open_batch(struct pipeline *p, uint64_t number)
{
	struct batch *batch = &p->batches[number % SLOTS];

	if (!batch->is_open) {
		for (guint i = 0; i < batch->windows->len; i++)
			window_unref(&p->all->windows, g_ptr_array_index(batch->windows, i));
		g_ptr_array_set_size(batch->windows, 0);
		batch->is_open = true;
		batch->n = 0;
	}
	return batch;
}

static void run_merge(struct pipeline *p)
{
	struct batch *batch = open_batch(p, p->produced);
	bool ended = false;

	while (!ended && batch->n < BATCH_EVENTS &&
	       (!p->pending || advance(p, p->pending, batch))) {
		struct inlet *drained;
		size_t n = merge_next(&p->merge, batch->events + batch->n, BATCH_EVENTS - batch->n,
				      &drained);

		batch->n += n;
		p->pending = (struct channel *)drained;
		ended = !n && !drained;
	}
	pthread_mutex_lock(&p->lock);
	p->is_merging = false;
	p->has_ended = ended;
	/* A small one is worth its while only when the caller could do nothing else. */
	if (ended || batch->n >= BATCH_EVENTS / 2 || (batch->n && p->is_wanted && p->is_shared)) {
		batch->is_open = false;
		p->produced++;
	}
	announce(p);
}

/* ---- threads ---------------------------------------------------------------------------- */

/* Does what there is to do. The lock is held before and after, not meanwhile. False: nothing. */
static bool work(struct pipeline *p, bool is_caller)
{
	struct pipeline_job task = pick(p, is_caller);

	if (task.kind == TASK_NONE)
		return false;
	pthread_mutex_unlock(&p->lock);
	if (task.kind == TASK_MERGE)
		run_merge(p);
	else
		run_fill(p, &task);
	return true;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Waits until something was done; mostly that is about to happen. The lock is held before and after. */
static void wait_for_others(struct pipeline *p, pthread_cond_t *cond)
{
	uint64_t told = p->told;

	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < SPINS && __atomic_load_n(&p->told, __ATOMIC_RELAXED) == told; i++)
		relax();
	pthread_mutex_lock(&p->lock);
	if (p->told == told && !p->stop)
		pthread_cond_wait(cond, &p->lock);
}

static void *thread_main(void *data)
{
	struct pipeline *p = data;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (work(p, false))
			continue;
		p->idle++;
		wait_for_others(p, &p->work);
		p->idle--;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/*
 * As many as there can be: the caller's alone would do. Signals are for the caller's, but for
 * those that a thread brings upon itself: guard.h needs one of them.
 */
static void start_threads(struct pipeline *p, unsigned n)
{
	sigset_t all, before;

	p->threads = g_new(pthread_t, MAX(n, 1));
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->n_threads < n &&
	       !pthread_create(&p->threads[p->n_threads], NULL, thread_main, p))
		p->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* The caller has no more use for its batch. Threads are woken for more than one at a time. */
static void consume(struct pipeline *p)
{
	p->consumed++;
	if (p->produced - p->consumed <= SLOTS / 2)
		announce(p);
}


void pipeline_next(struct pipeline *p, struct fb_batch *to, struct fb_source_info *info,
		   uint64_t *bytes)
{
	struct batch *batch;

	pthread_mutex_lock(&p->lock);
	if (p->is_lent)
		consume(p);
	p->is_wanted = true;
	while (p->consumed == p->produced && !p->has_ended) {
		if (!work(p, true))
			wait_for_others(p, &p->ready);
	}
	p->is_wanted = false;
	p->is_lent = p->consumed < p->produced;
	pthread_mutex_unlock(&p->lock);
	*to = (struct fb_batch){ 0 };
	if (!p->is_lent)
		return;
	batch = &p->batches[p->consumed % SLOTS];
	to->events = batch->events;
	to->n = batch->n;
	info_take(info, &batch->info);
	*bytes += batch->bytes;
	batch->bytes = 0;
}

/* ---- life ------------------------------------------------------------------------------- */

static size_t share(unsigned n_streams)
{
	return MEMORY / DEPTH / MAX(n_streams, 1);
}

static size_t chunk_room(unsigned n_streams)
{
	return CLAMP(share(n_streams) / sizeof(struct fb_event), CHUNK_EVENTS_MIN, CHUNK_EVENTS);
}

static size_t window_bytes(unsigned n_streams)
{
	return CLAMP(share(n_streams) & -(size_t)4096, WINDOW_BYTES_MIN, WINDOW_BYTES);
}

struct pipeline *pipeline_new(GPtrArray *streams, struct streams *all, unsigned jobs)
{
	struct pipeline *p = g_new0(struct pipeline, 1);
	g_autofree struct inlet **inlets = g_new(struct inlet *, MAX(streams->len, 1));

	p->all = all;
	if (!all->windows.bytes)
		all->windows.bytes = window_bytes(streams->len);
	p->n_channels = streams->len;
	p->channels = g_new0(struct channel, MAX(streams->len, 1));
	for (guint i = 0; i < streams->len; i++) {
		struct channel *c = &p->channels[i];

		c->stream = g_ptr_array_index(streams, i);
		c->horizon = INT64_MIN;
		inlets[i] = &c->inlet;
		for (unsigned k = 0; k < DEPTH; k++)
			chunk_init(&c->chunks[k], chunk_room(streams->len));
	}
	merge_init(&p->merge, inlets, streams->len);
	for (unsigned i = 0; i < SLOTS; i++) {
		p->batches[i].events = g_new(struct fb_event, BATCH_EVENTS);
		p->batches[i].windows = g_ptr_array_new();
		info_init(&p->batches[i].info);
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ready, NULL);
	/* One for each stream, one to merge, and the caller: no more have anything to do. */
	p->is_shared = jobs > 1;
	start_threads(p, MIN(jobs - 1, streams->len + 1));
	return p;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	for (unsigned i = 0; i < p->n_channels; i++)
		for (unsigned k = 0; k < DEPTH; k++)
			chunk_clear(&p->channels[i].chunks[k], &p->all->windows);
	for (unsigned i = 0; i < SLOTS; i++) {
		g_free(p->batches[i].events);
		g_ptr_array_unref(p->batches[i].windows);
		info_clear(&p->batches[i].info);
	}
	merge_clear(&p->merge);
	g_free(p->threads);
	g_free(p->channels);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->ready);
	g_free(p);
}
