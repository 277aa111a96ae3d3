/* SPDX-License-Identifier: MIT */
/* run.c - one pass: batches of events through the model, its waits through the filter, to the consumers. */
#include <flightbox/run.h>

#include "run/bystanders.h"
#include "run/consumers.h"
#include "source/losses.h"

/* Statedumps begin with the recording, and name one task after the other. */
#define PRELUDE_PATIENCE UINT64_C(1000000000) /* ns */

enum phase {
	PRELUDE, /* what names the tasks */
	GAP,	 /* not wanted */
	PART,
	PAST,
};

struct fb_run {
	struct fb_run_options options;
	struct consumers consumers;
	struct fb_source *source;
	struct fb_kernel *kernel;
	fb_ns whole_since;   /* see fb_source_whole_since() */
	enum phase phase;
	fb_ns from, to;	     /* of the part; INT64_MIN, INT64_MAX: the trace's begin, its end */
	fb_ns limit;	     /* how far `to` may grow */
	fb_ns last_name;     /* when a task was named last, or the trace began; FB_NS_NONE at first */
	bool all_are_named;  /* the statedump has ended */
	bool has_begun;	     /* the first event has come */
	struct fb_part part; /* what was left out so far */
	struct bystanders *bystanders; /* NULL: they are wanted as all others */
};

/*
 * How long a wait that is cut off was asleep at the least. A task that is first seen by its waking
 * had slept since reading began, had it not run on a CPU whose record has ended; one that is never
 * woken sleeps until it ended.
 */
static fb_ns least_asleep(const struct fb_run *run, const struct fb_blocking *b)
{
	const struct fb_source_info *info = &run->source->info;
	fb_ns begin = b->begin, wake = b->wake;

	if (begin == FB_NS_NONE && info->whole_until != FB_NS_NONE && wake > info->whole_until)
		return 0;
	if (begin == FB_NS_NONE)
		begin = MAX(run->part.begin != FB_NS_NONE ? run->part.begin : info->begin,
			    fb_source_whole_since(info));
	if (wake == FB_NS_NONE && b->end == FB_NS_NONE) {
		wake = run->part.end != FB_NS_NONE ? run->part.end : info->end;
		if (info->whole_until != FB_NS_NONE)
			wake = MIN(wake, info->whole_until);
	}
	return begin == FB_NS_NONE || wake == FB_NS_NONE ? 0 : MAX(wake - begin, 0);
}

/* One that touches lost events is no edge, but may reach out all the same. */
static bool reaches_out(const struct fb_run *run, const struct fb_blocking *b)
{
	fb_ns until = run->source->info.whole_until;

	return (b->begin != FB_NS_NONE && b->begin < run->whole_since) ||
	       (b->end != FB_NS_NONE && until != FB_NS_NONE && b->end > until);
}

/* Edges count where they are wanted, and these are not. */
static G_NO_INLINE bool is_bystander(struct fb_run *run, const struct fb_blocking *b)
{
	if (!bystanders_have(run->bystanders, run->kernel, b))
		return false;
	if (fb_filter_matches(&run->options.filter, b))
		consumers_bystander(&run->consumers, b);
	return true;
}

static G_NO_INLINE void on_edge(const struct fb_run *run, const struct fb_blocking *b)
{
	struct fb_blocking edge = *b;
	bool is_edge = b->quality == FB_QUALITY_EDGE;

	if (is_edge)
		edge.at_least = least_asleep(run, b);
	if (!fb_filter_matches(&run->options.filter, &edge))
		return;
	if (is_edge || reaches_out(run, b))
		consumers_cut_wait(&run->consumers, &edge);
	else
		consumers_wait(&run->consumers, &edge);
}

/* Nearly all waits pass here: no more than that is done with them. */
static void on_blocking(const struct fb_blocking *b, void *data)
{
	struct fb_run *run = data;

	if (G_UNLIKELY(run->bystanders != NULL) && is_bystander(run, b))
		return;
	if (G_UNLIKELY(b->quality == FB_QUALITY_EDGE || run->whole_since != FB_NS_NONE))
		on_edge(run, b);
	else if (fb_filter_matches(&run->options.filter, b))
		consumers_wait(&run->consumers, b);
}

/* ---- the part of the trace that is wanted ----------------------------------------------- */

#define LEAD_FIRST  ((fb_ns)1000000000)
#define LEAD_FACTOR 4

static fb_ns later(fb_ns time, fb_ns by)
{
	fb_ns sum;

	return __builtin_add_overflow(time, by, &sum) ? INT64_MAX : sum;
}

/* Begin and end, widened by the lead. */
static void set_part(struct fb_run *run)
{
	const struct fb_filter *f = &run->options.filter;
	bool grows = run->options.lead == FB_LEAD_GROWS;
	fb_ns lead = grows ? FB_LEAD_MAX : run->options.lead;

	if (!f->has_begin || __builtin_sub_overflow(f->begin, lead, &run->from))
		run->from = INT64_MIN;
	run->to = run->limit = INT64_MAX;
	if (f->has_end) {
		run->to = later(f->end, grows ? LEAD_FIRST : lead);
		run->limit = later(f->end, lead);
	}
	run->phase = PART;
	if (run->from == INT64_MIN && run->to == INT64_MAX)
		return;
	run->phase = PRELUDE;
	run->part.losses = g_array_new(FALSE, TRUE, sizeof(struct fb_cpu_loss));
}

static bool has_statedump(const struct fb_run *run)
{
	const uint64_t kinds = FB_KIND_BIT(FB_EV_TASK_STATE) | FB_KIND_BIT(FB_EV_STATEDUMP_END);

	return (run->source->info.kinds & kinds) == kinds;
}

/* Follows the prelude: whether it reaches to this event, the next one. */
static bool prelude_goes_on(struct fb_run *run, const struct fb_event *ev)
{
	if (run->all_are_named || !has_statedump(run))
		return false;
	if (run->last_name == FB_NS_NONE || ev->kind == FB_EV_TASK_STATE)
		run->last_name = ev->time;
	run->all_are_named = ev->kind == FB_EV_STATEDUMP_END;
	return (uint64_t)ev->time - (uint64_t)run->last_name <= PRELUDE_PATIENCE;
}

static void end_prelude(struct fb_run *run, const struct fb_event *next)
{
	run->phase = PART;
	if (next->time >= run->from)
		return;
	run->phase = GAP;
	run->part.begin = run->from;
	fb_kernel_gap(run->kernel, run->from);
	fb_source_skip(run->source, run->from);
}

static void note_losses(struct fb_run *run, const struct fb_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fb_event ev = events[i];
		struct fb_cpu_loss loss;

		if (ev.kind != FB_EV_LOST || !ev.lost.count)
			continue;
		/* Of a span that reaches out of the part this much lies in it. */
		if (run->phase == GAP || run->phase == PART)
			ev.time = MAX(ev.time, run->from);
		ev.lost.until = MAX(ev.time, MIN(ev.lost.until, run->to));
		loss = loss_of(&ev);
		losses_add(run->part.losses, &loss);
	}
}

static void take(struct fb_run *run, const struct fb_event *events, size_t n)
{
	if (run->consumers.take_events)
		consumers_events(&run->consumers, run->kernel, events, n);
	else
		fb_kernel_events(run->kernel, events, n);
	if (run->part.losses)
		note_losses(run, events, n);
}

/* ---- the pass --------------------------------------------------------------------------- */

/* The model, which tells the consumers' observers, too. */
static struct fb_kernel *kernel_new(struct fb_run *run)
{
	struct fb_kernel_options options = run->options.kernel;
	g_autofree struct fb_observer *all =
		g_new(struct fb_observer, options.n_observers + FB_OBSERVERS_MAX * run->consumers.n);

	for (size_t i = 0; i < options.n_observers; i++)
		all[i] = options.observers[i];
	options.n_observers += consumers_observe(&run->consumers, all + options.n_observers);
	options.observers = all;
	return fb_kernel_new(run->source, &options,
			     run->consumers.take_waits ? on_blocking : NULL, run);
}

struct fb_run *fb_run_new(struct fb_source *source, const struct fb_run_options *options,
			  const struct fb_consumer *consumers, size_t n)
{
	struct fb_run *run = g_new0(struct fb_run, 1);

	run->options = *options;
	run->source = source;
	run->whole_since = fb_source_whole_since(&source->info);
	run->bystanders = options->filter.no_bystanders ? bystanders_new() : NULL;
	consumers_init(&run->consumers, consumers, n);
	run->kernel = kernel_new(run);
	run->last_name = FB_NS_NONE;
	run->part = (struct fb_part){ FB_NS_NONE, FB_NS_NONE };
	set_part(run);
	return run;
}

static void feed_prelude(struct fb_run *run, struct fb_batch *rest)
{
	for (; rest->n && run->phase == PRELUDE; rest->events++, rest->n--) {
		if (!prelude_goes_on(run, rest->events)) {
			end_prelude(run, rest->events);
			return;
		}
		take(run, rest->events, 1);
		run->to = MAX(run->to, rest->events->time);
	}
}

/* Losses tell of a span, and come when that begins: it may reach the part. */
static void pass_over(struct fb_run *run, struct fb_batch *rest)
{
	for (; rest->n && rest->events->time < run->from; rest->events++, rest->n--)
		if (rest->events->kind == FB_EV_LOST && rest->events->lost.until >= run->from)
			take(run, rest->events, 1);
	if (rest->n)
		run->phase = PART;
}

/* Whether a longer lead is worth it, to see waits of the part end. */
static bool grow(struct fb_run *run)
{
	fb_ns end = run->options.filter.end;

	if (run->to >= run->limit || !fb_kernel_awaits(run->kernel, end))
		return false;
	run->to = MIN(run->limit, later(end, LEAD_FACTOR * (run->to - end)));
	return true;
}

static void feed_part(struct fb_run *run, struct fb_batch *rest)
{
	while (rest->n) {
		size_t n = rest->n;

		while (n && rest->events[n - 1].time > run->to)
			n--;
		take(run, rest->events, n);
		rest->events += n;
		rest->n -= n;
		if (rest->n && !grow(run)) {
			run->phase = PAST;
			run->part.end = run->to;
			return;
		}
	}
}

/* Of CPUs whose files are missing nothing is known at any time. */
static void tell_absent(struct fb_run *run, fb_ns now)
{
	const GArray *absent = run->source->info.absent;

	for (guint i = 0; absent && i < absent->len; i++) {
		const struct fb_event ev = {
			.time = now, .cpu = g_array_index(absent, int, i), .kind = FB_EV_LOST,
			.text = FB_NO_TEXT, .lost.until = INT64_MAX,
		};

		take(run, &ev, 1);
	}
}

/* Of CPUs whose record begins late nothing is known until then. */
static void tell_late(struct fb_run *run, fb_ns now)
{
	const GArray *late = run->source->info.late;

	for (guint i = 0; late && i < late->len; i++) {
		const struct fb_late_cpu *cpu = &g_array_index(late, struct fb_late_cpu, i);
		const struct fb_event ev = {
			.time = now, .cpu = cpu->cpu, .kind = FB_EV_LOST, .text = FB_NO_TEXT,
			.flags = FB_LOST_EARLIER, .lost.until = cpu->begin,
		};

		take(run, &ev, 1);
	}
}

void fb_run_feed(struct fb_run *run, const struct fb_batch *batch)
{
	struct fb_batch rest = *batch;

	if (!run->has_begun && rest.n) {
		run->has_begun = true;
		tell_late(run, rest.events->time);
		tell_absent(run, rest.events->time);
	}
	if (run->phase == PRELUDE)
		feed_prelude(run, &rest);
	if (run->phase == GAP)
		pass_over(run, &rest);
	if (run->phase == PART)
		feed_part(run, &rest);
}

bool fb_run_is_past(const struct fb_run *run)
{
	return run->phase == PAST;
}

void fb_run_end(struct fb_run *run, struct fb_outcome *outcome)
{
	fb_kernel_finish(run->kernel);
	*outcome = (struct fb_outcome){ run->kernel, run->part };
	bystanders_free(run->bystanders);
	consumers_clear(&run->consumers);
	g_free(run);
}

void fb_outcome_clear(struct fb_outcome *outcome)
{
	fb_kernel_free(outcome->kernel);
	g_clear_pointer(&outcome->part.losses, g_array_unref);
	outcome->kernel = NULL;
}

static bool report_progress(struct fb_source *source, const struct fb_run_options *options)
{
	return !options->progress ||
	       options->progress(source->ops->progress(source), options->progress_data);
}

bool fb_run(struct fb_source *source, const struct fb_run_options *options,
	    const struct fb_consumer *consumers, size_t n, struct fb_outcome *outcome,
	    GError **error)
{
	struct fb_run *run = fb_run_new(source, options, consumers, n);
	struct fb_batch batch;
	bool ok;

	while ((ok = fb_source_next(source, &batch, error)) && batch.n) {
		fb_run_feed(run, &batch);
		if (fb_run_is_past(run) || !report_progress(source, options))
			break;
	}
	fb_run_end(run, outcome);
	return ok;
}
