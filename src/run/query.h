/* SPDX-License-Identifier: MIT */
/*
 * query.h - what a user asks: one table of rows, from which the command line, the parameters of
 * babeltrace2's components, help, completions and the manual take their options.
 *
 *	query_init()  which of the rows there are here, and which beside them
 *	query_set()   for each that was given: a text, wherever it comes from
 *	query_times() once the trace's clock is known
 */
#ifndef RUN_QUERY_H
#define RUN_QUERY_H

#include <flightbox/analysis.h>
#include <flightbox/run.h>

/* Rows that go together. */
enum query_part {
	ASK_TASKS   = 1 << 0, /* pid, tid, begin, end */
	ASK_WAITS   = 1 << 1, /* comm, min-duration */
	ASK_ALL     = 1 << 2, /* all */
	ASK_EDGES   = 1 << 3, /* include-edges */
	ASK_SAVE    = 1 << 4, /* save */
	ASK_SYMBOLS = 1 << 5, /* kallsyms */
	ASK_ROWS    = 1 << 6, /* format, as reports have */
	ASK_GRAPH   = 1 << 7, /* format, when one is a graph as well */
	ASK_VERDICT = 1 << 8, /* format, as comparisons have */
	ASK_LOOKS   = 1 << 9, /* time, color */
	ASK_OUTPUT  = 1 << 10, /* output */
	ASK_BYSTANDERS = 1 << 11, /* all-tasks; where it is not asked for, tasks are left out */
	ASK_GENERAL = 1 << 12, /* help, version */
	ASK_LEAD    = 1 << 13, /* lead */
	ASK_CAPTURES = 1 << 14, /* pcap, no-pcap */
	ASK_SCENE   = 1 << 15, /* format, when one is a picture as well */
};

/* Which of them that analysis' command has. */
unsigned query_parts(const struct fb_analysis *analysis);

/* How the front end writes an option: --pid, 'pid'. */
struct query_style {
	const char *name;   /* a format with one %s: in a sentence */
	const char *prefix; /* the same: before what is wrong with the value */
};

extern const struct query_style query_style_command, query_style_parameter;

/* One option that there is here. */
struct query_option {
	const struct fb_option *row;
	void *self; /* whose member the value is */
	char *text; /* as it was given last; NULL: it was not */
};

struct query {
	/* Which waits. Its times and lists: after query_times(); it lends from here. */
	struct fb_filter filter;
	GArray *pids, *tids; /* int32_t */
	fb_ns begin, end;    /* FB_NS_NONE: not given; after query_times() */
	fb_ns lead;
	bool all, edges, all_tasks, help, version, no_captures;
	GPtrArray *captures; /* char *: paths */
	/* The report. Texts are NULL when not given, and one of the row's choices else. */
	const char *format, *color, *kallsyms, *output, *save;
	int time_form;       /* enum fb_time_form */

	const struct query_style *style;
	GArray *options;   /* struct query_option, in the order of help */
};

/*
 * With the values of options that are not given. `own`: rows beside the query's, whose values are
 * members of `self`, which is the caller's; NULL: none. The query must not move.
 */
void query_init(struct query *q, unsigned parts, const struct fb_option *own, void *self,
		const struct query_style *style);
/* More rows, at the end. */
void query_add(struct query *q, const struct fb_option *rows, void *self);
void query_clear(struct query *q);

/* The option of that name, or NULL. */
struct query_option *query_find(const struct query *q, const char *name);

/* NULL stands for a BOOL's yes. False and `error` when that makes no sense; its name is in the message. */
bool query_set(const struct query *q, struct query_option *option, const char *text, GError **error);

/* Reads the times, and completes the filter. May be called for one trace after the other. */
bool query_times(struct query *q, const struct fb_source_info *info, GError **error);

/*
 * The captures that were given, to be freed by the caller, where packets are asked for; NULL else. For a
 * source's info there has to be a NULL behind the last.
 */
GPtrArray *query_captures(const struct query *q);

/* Whether waits are chosen by anything. */
bool query_chooses(const struct query *q);

/* Whether what is written there is coloured. */
bool query_wants_color(const struct query *q, int fd);

/* After query_times(). */
struct fb_run_options query_run_options(const struct query *q);

#endif
