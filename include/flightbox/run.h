/* SPDX-License-Identifier: MIT */
/*
 * run.h - one pass over a trace: source -> model -> whoever consumes what comes out.
 *
 * A filter that chooses times makes it a pass over a part of the trace:
 *
 *	|--prelude--|   gap   |--lead--|--- begin..end ---|--lead--|  past
 *	 names tasks           what goes on at begin        how it ends
 *
 * The prelude is the trace's begin up to the end of the statedump, where there is one.
 */
#ifndef FLIGHTBOX_RUN_H
#define FLIGHTBOX_RUN_H

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>
#include <flightbox/report.h>
#include <flightbox/source.h>

/* Which waits the consumers see. A wait must pass every test. Zero bytes select all. */
struct fb_filter {
	const int32_t *pids;      /* processes; any of n_pids; 0: all */
	size_t n_pids;
	const int32_t *tids;
	size_t n_tids;
	/*
	 * Globs for the command name or the base name of its file, "nc,sshd*": any of them. A comma of
	 * a name is written '\,'. NULL: all.
	 */
	const char *comm;
	bool has_begin, has_end;  /* only waits that overlap [begin, end] by the trace's clock */
	fb_ns begin, end;
	fb_ns min_duration;       /* asleep at least this long */
	/*
	 * Not those that are never the answer: of kernel threads that wait for work, and of the recorder.
	 * A run tells; fb_filter_matches() does not, who cannot know.
	 */
	bool no_bystanders;
};

bool fb_filter_matches(const struct fb_filter *f, const struct fb_blocking *b);

/* Whether a task of a kernel was ever called so; `globs` as the filter's. */
bool fb_task_is_called(const struct fb_task *task, const char *globs);

/* How many tasks that were seen its pids, tids and comm choose, idle ones aside. */
uint64_t fb_filter_tasks(const struct fb_filter *f, const struct fb_kernel *kernel);

/*
 * A lead that grows: before the part all that is read within FB_LEAD_MAX, for only there can be seen
 * who fell asleep when; after it a second at first, and as much more, up to FB_LEAD_MAX, as it takes
 * until all waits of the part have ended.
 */
#define FB_LEAD_GROWS ((fb_ns)-1)
#define FB_LEAD_MAX   ((fb_ns)64000000000)

#define FB_OBSERVERS_MAX 4 /* of one consumer */

/*
 * One of those that a pass feeds: an analysis, the recorder of a profile. All get the same trace, the
 * same part of it, and the waits that pass the same filter; the rest each chooses for itself,
 * and what others choose changes nothing for it. A callback that is NULL is not wanted.
 */
struct fb_consumer {
	void *self; /* the first argument of all callbacks */
	/* Kinds of events that it wants beyond those that the model makes use of. */
	uint64_t kinds;
	/*
	 * Who shall be told of the model's transitions, in that order: puts them, FB_OBSERVERS_MAX at most, and
	 * returns how many. Asked for once, when the run begins.
	 */
	size_t (*observe)(void *self, struct fb_observer *observers);
	/* An event of its kinds or the model's, when the model has taken it, and nothing later. Lent. */
	void (*event)(void *self, const struct fb_event *ev, const struct fb_kernel *k);
	/* A wait that passed the filter, in the order in which waits end. Lent. */
	void (*blocking)(void *self, const struct fb_blocking *b);
	/*
	 * Whether it gets waits that the begin or end of what was read cuts off, and those that reach
	 * out of what all CPUs tell of. There are none without fb_kernel_options.edges.
	 */
	bool edges;
	/*
	 * Where those are counted that it does not get, and those of fb_filter.no_bystanders, by
	 * fb_report_left_out() and fb_report_bystander(); NULL: nowhere.
	 */
	struct fb_report *report;
	/* One of the latter: it gets no more of it than this. Lent. */
	void (*bystander)(void *self, const struct fb_blocking *b);
	/* Of all these, whether it would have made use of one that it had got; NULL: of all. */
	bool (*chooses)(void *self, const struct fb_blocking *b);
};

/*
 * What a pass with these consumers wants of its source: the kinds of events that the model and they
 * make use of; condensed, where nobody but the model looks at events or transitions. All of the trace.
 */
struct fb_source_options fb_run_wants(const struct fb_consumer *consumers, size_t n);

struct fb_run_options {
	struct fb_kernel_options kernel; /* whose observers come before those of consumers */
	struct fb_filter filter;
	fb_ns lead; /* how much before filter.begin and after filter.end is read too; FB_LEAD_GROWS */
	/* Called now and then with the share done, 0 to 1 or -1; NULL: never. False stops the run early. */
	bool (*progress)(double done, void *data);
	void *progress_data;
};

/*
 * A run that is fed by its caller, for sources that are driven from outside:
 * fb_run_new(), fb_run_feed() for each batch, fb_run_end(). The source, the lists of the filter
 * and what consumers call `self` must outlive the run; the list of consumers is copied.
 */
struct fb_run;

struct fb_run *fb_run_new(struct fb_source *source, const struct fb_run_options *options,
			  const struct fb_consumer *consumers, size_t n);
void fb_run_feed(struct fb_run *run, const struct fb_batch *batch);
/* Whether it is past all that it wants: more would be ignored. */
bool fb_run_is_past(const struct fb_run *run);

/* What a run leaves behind, for the report. Clear it after the reports and the consumers. */
struct fb_outcome {
	struct fb_kernel *kernel; /* the tasks, the counts */
	struct fb_part part;
};

void fb_outcome_clear(struct fb_outcome *outcome);

/* Hands out the last waits and ends the run. */
void fb_run_end(struct fb_run *run, struct fb_outcome *outcome);

/*
 * Reads `source` through a run, as far as that wants it. Returns false and sets
 * `error` when the source failed; what was read until then has been consumed all
 * the same, and there is an outcome.
 */
bool fb_run(struct fb_source *source, const struct fb_run_options *options,
	    const struct fb_consumer *consumers, size_t n, struct fb_outcome *outcome,
	    GError **error);

#endif
