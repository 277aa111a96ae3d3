/* SPDX-License-Identifier: MIT */
/*
 * scenario.h - event text in, blocking text out.
 *
 * Events are written as `flightbox dump` prints them, so that a trace that
 * fails can be cut down in an editor and pasted into a test:
 *
 *	TIME CPU NAME field=value …
 *	100 0 sched_switch prev_tid=0 prev_state=0 next_tid=10 next_comm=cat
 *
 * Fields that matter not may be left out. Of system calls there are two more, which
 * dump does not print: `fd_out` of splice, `sport` of accept's exit. Empty lines and those that begin with '#' are
 * comments. A line `env KEY=VALUE …` sets what the recording is like:
 *	kernel=4.4.3       kernel release (default 6.1.0)
 *	version="#1 SMP PREEMPT_RT"
 *	tracer=2.8.0       lttng-modules (default 2.13.9)
 *	with=common_flags  events say themselves in which context they are, and context_tid who runs
 *	with=contexts      … or who runs there: context_tid, context_pid, context_vtid, context_vpid, context_procname
 *	without=NAME,…     kinds that were not recorded (canonical names; syscalls, vectors)
 *
 * A line `gap UNTIL` stands for events before UNTIL that were left out on purpose.
 *
 * Waits come out one a line:
 *
 *	TID SYSCALL BEGIN..WAKE..END STATE CAUSE
 *	10 read 3..8..12 S irq 19 virtio0
 *
 * SYSCALL is '-' outside of any; unknown times are '?'. CAUSE is kind, id and
 * name; then, where there is one: `inline`, `by TID in SYSCALL`, `via WHAT ID`, `work 0x…`,
 * `from KIND …` (the origin), `early`, the quality unless it is exact, and `?WORD` for what is in doubt.
 */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H

#include <flightbox/run.h>

/* Called for each event, after the kernel took it; with none for a line `gap UNTIL`. */
typedef void (*scenario_func)(struct fb_source *source, const struct fb_event *ev,
			      const struct fb_kernel *k, void *data);

/* Plays the events: waits go to `on_wait`, events to `on_event`; either may be NULL. */
void scenario_each(const char *events, const struct fb_kernel_options *options,
		   fb_blocking_func on_wait, scenario_func on_event, void *data);

/* The kinds of events that were recorded, as lines `env without=…` say. */
uint64_t scenario_kinds(const char *events);

/* Plays the events and returns the waits as text; free with g_free(). */
char *scenario_play(const char *events, const struct fb_kernel_options *options);

/* How a source hands out the events of a text. */
struct scenario_reader {
	size_t batch; /* so many at a time */
	bool skips;   /* it passes over what is not wanted */
	unsigned *skipped; /* counts what it passed over; or NULL */
};

/*
 * The same through a run, without `gap`. Where that reads a part only, a last line says
 * so: "read BEGIN..END cpu N lost N …". Free with g_free().
 */
char *scenario_run(const char *events, const struct fb_run_options *options,
		   const struct scenario_reader *reader);

/*
 * What an analysis reports of them. `given` are options of its own, "top=3", with a NULL behind.
 * Free with g_free().
 */
char *scenario_report(const char *events, const char *command, const char *format,
		      char *const *given, const struct fb_filter *filter);

#endif
