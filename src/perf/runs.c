/* SPDX-License-Identifier: MIT */
/* runs.c - the records of all CPUs by time: see runs.h. */
#include "perf/runs.h"

#include "perf/bytes.h"

#define WINDOW	   (128 << 10) /* bytes of a run in memory */
#define WAIT	   (8 << 20)   /* bytes to be found behind a round before it counts */

struct run {
	fb_ns time;	     /* of the next sample */
	uint64_t number;     /* which was found first */
	uint64_t begin, end; /* what of the file is not in the window; UINT64_MAX both: all is */
	fb_ns last;	     /* while it is found: of its last sample */
	uint8_t *window;     /* NULL: not read yet */
	size_t at, n, room;
};

/* When a round ended. */
struct round {
	uint64_t bytes; /* found up to there */
	fb_ns latest;
};

void runs_init(struct runs *runs, const struct perf_file *file, const struct attrs *attrs)
{
	*runs = (struct runs){
		.file = file,
		.attrs = attrs,
		.heap = g_ptr_array_new(),
		.latest = FB_NS_NONE,
		.until = FB_NS_NONE,
	};
	g_queue_init(&runs->rounds);
}

static void run_free(struct run *r)
{
	if (r)
		g_free(r->window);
	g_free(r);
}

void runs_clear(struct runs *runs)
{
	for (guint i = 0; runs->heap && i < runs->heap->len; i++)
		run_free(g_ptr_array_index(runs->heap, i));
	g_clear_pointer(&runs->heap, g_ptr_array_unref);
	g_clear_pointer(&runs->open, run_free);
	g_queue_clear_full(&runs->rounds, g_free);
}

/* ---- the heap --------------------------------------------------------------------------- */

static bool is_before(const struct run *a, const struct run *b)
{
	return a->time < b->time || (a->time == b->time && a->number < b->number);
}

static void sift_up(struct run **heap, guint i)
{
	struct run *r = heap[i];

	for (; i && is_before(r, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = r;
}

static void sift_down(struct run **heap, guint n, guint i)
{
	struct run *r = heap[i];

	for (guint child = 2 * i + 1; child < n; child = 2 * i + 1) {
		child += child + 1 < n && is_before(heap[child + 1], heap[child]);
		if (!is_before(heap[child], r))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = r;
}

static struct run **heap_of(const struct runs *runs)
{
	return (struct run **)runs->heap->pdata;
}

static void push(struct runs *runs, struct run *r)
{
	g_ptr_array_add(runs->heap, r);
	sift_up(heap_of(runs), runs->heap->len - 1);
}

static void drop_first(struct runs *runs)
{
	run_free(heap_of(runs)[0]);
	g_ptr_array_remove_index_fast(runs->heap, 0);
	if (runs->heap->len)
		sift_down(heap_of(runs), runs->heap->len, 0);
}

/* ---- what is found ---------------------------------------------------------------------- */

void runs_break(struct runs *runs)
{
	if (runs->open)
		push(runs, g_steal_pointer(&runs->open));
}

static struct run *open_run(struct runs *runs, uint64_t offset, fb_ns time)
{
	struct run *r = g_new0(struct run, 1);

	r->time = time;
	r->number = runs->bytes;
	r->begin = r->end = offset;
	runs->open = r;
	return r;
}

/* What is not in the file. */
static void keep(struct run *r, const struct record *record)
{
	if (r->room - r->n < record->size) {
		r->room = MAX(2 * r->room, r->n + record->size);
		r->window = g_realloc(r->window, r->room);
	}
	memcpy(r->window + r->n, record->at, record->size);
	r->n += record->size;
}

void runs_add(struct runs *runs, const struct record *record, uint64_t offset, fb_ns time)
{
	const bool is_kept = offset == UINT64_MAX;
	struct run *r = runs->open;

	runs->bytes += record->size;
	if (r && (is_kept != (r->end == UINT64_MAX) || (time != FB_NS_NONE && time < r->last))) {
		runs_break(runs);
		r = NULL;
	}
	if (!r && time == FB_NS_NONE)
		return;
	if (!r)
		r = open_run(runs, offset, time);
	if (!is_kept)
		r->end = offset + record->size;
	else if (time != FB_NS_NONE)
		keep(r, record);
	if (time == FB_NS_NONE)
		return;
	r->last = time;
	if (runs->latest == FB_NS_NONE || time > runs->latest)
		runs->latest = time;
}

/* Rounds that are far enough behind. */
static void pass_rounds(struct runs *runs)
{
	const struct round *first = g_queue_peek_head(&runs->rounds);

	while (first && runs->bytes - first->bytes >= WAIT) {
		runs->until = first->latest;
		g_free(g_queue_pop_head(&runs->rounds));
		first = g_queue_peek_head(&runs->rounds);
	}
}

/* Not each of many small ones. */
static void note_round(struct runs *runs)
{
	const struct round *last = g_queue_peek_tail(&runs->rounds);
	const struct round round = { runs->bytes, runs->latest };

	if (!last || runs->bytes - last->bytes >= WAIT / 64)
		g_queue_push_tail(&runs->rounds, g_memdup2(&round, sizeof(round)));
}

void runs_round(struct runs *runs)
{
	runs_break(runs);
	pass_rounds(runs);
	note_round(runs);
}

void runs_end(struct runs *runs)
{
	runs_break(runs);
	runs->has_all = true;
}

fb_ns runs_first(const struct runs *runs)
{
	fb_ns first = runs->open ? runs->open->time : FB_NS_NONE;

	if (runs->heap->len && (first == FB_NS_NONE || heap_of(runs)[0]->time < first))
		first = heap_of(runs)[0]->time;
	return first;
}

/* ---- what is read ----------------------------------------------------------------------- */

fb_ns runs_peek(const struct runs *runs)
{
	const struct run *r = runs->heap->len ? heap_of(runs)[0] : NULL;

	if (!r || (!runs->has_all && (runs->until == FB_NS_NONE || r->time > runs->until)))
		return FB_NS_NONE;
	return r->time;
}

/* At least `n` bytes from `at` on; false: they are not there. */
static bool fill(const struct runs *runs, struct run *r, size_t n)
{
	ssize_t got;

	if (r->n - r->at >= n)
		return true;
	if (!r->window) {
		r->room = MIN(r->end - r->begin, WINDOW);
		r->window = g_malloc(r->room);
	}
	memmove(r->window, r->window + r->at, r->n - r->at);
	r->n -= r->at;
	r->at = 0;
	got = perf_file_read(runs->file, r->begin, r->window + r->n,
			     MIN(r->end - r->begin, r->room - r->n));
	if (got <= 0)
		return false;
	r->begin += got;
	r->n += got;
	return r->n >= n;
}

static bool has_more(const struct run *r)
{
	return r->at < r->n || r->begin < r->end;
}

static bool read_record(const struct runs *runs, struct run *r, struct record *record)
{
	const bool be = runs->attrs->big_endian;
	const uint8_t *at;

	if (!fill(runs, r, RECORD_HEADER))
		return false;
	record->size = get16(r->window + r->at + 6, be);
	if (record->size < RECORD_HEADER || !fill(runs, r, record->size))
		return false;
	at = r->window + r->at;
	record->at = at;
	record->type = get32(at, be);
	return true;
}

/* To the run's next sample, whose time is known then. False: none is left, or it cannot be read. */
static bool find_sample(const struct runs *runs, struct run *r, bool *fails)
{
	struct record record;

	while (has_more(r)) {
		*fails = !read_record(runs, r, &record);
		if (*fails)
			return false;
		r->time = record.type == RECORD_SAMPLE ? record_time(runs->attrs, &record) :
							 FB_NS_NONE;
		if (r->time != FB_NS_NONE)
			return true;
		r->at += record.size;
	}
	return false;
}

uint64_t runs_offset(const struct runs *runs)
{
	const struct run *r = heap_of(runs)[0];

	return r->end == UINT64_MAX ? UINT64_MAX : r->begin - (r->n - r->at);
}

bool runs_read(const struct runs *runs, struct record *record)
{
	return read_record(runs, heap_of(runs)[0], record);
}

bool runs_advance(struct runs *runs)
{
	struct run *r = heap_of(runs)[0];
	bool fails = false;
	struct record record;

	if (read_record(runs, r, &record)) {
		r->at += record.size;
		if (find_sample(runs, r, &fails)) {
			sift_down(heap_of(runs), runs->heap->len, 0);
			return true;
		}
	} else {
		fails = true;
	}
	drop_first(runs);
	return !fails;
}
