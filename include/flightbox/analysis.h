/* SPDX-License-Identifier: MIT */
/*
 * analysis.h - the table that an analysis fills. See docs/writing-an-analysis.md.
 */
#ifndef FLIGHTBOX_ANALYSIS_H
#define FLIGHTBOX_ANALYSIS_H

#include <flightbox/run.h>

/* What an option's value is, and the member of the analysis' struct that takes it. */
enum fb_option_type {
	FB_OPTION_BOOL,     /* bool */
	FB_OPTION_INT,      /* int */
	FB_OPTION_DURATION, /* fb_ns, of "10ms"; see fb_duration_parse() */
	FB_OPTION_TIME,     /* fb_ns by the trace's clock, of what --begin takes; FB_NS_NONE when not given */
	FB_OPTION_TEXT,     /* const char *, the analysis' until it is freed; NULL when not given */
	FB_OPTION_FILE,     /* the same, the name of a file */
	FB_OPTION_CHOICE,   /* int: which of `choices` */
	FB_OPTION_SIZE,     /* uint64_t: bytes, of "64M" */
	FB_OPTION_NUMBERS,  /* GArray * of int32_t, of "502,504"; may be given several times */
	FB_OPTION_TEXTS,    /* GPtrArray * of char *; may be given several times */
	FB_OPTION_FILES,    /* the same, names of files */
};

/*
 * An option: of one analysis, on top of those that all take. The command line, the parameters in
 * babeltrace2, help and the completions of shells are made of it; the manual has to list it.
 */
struct fb_option {
	const char *name;           /* long name without dashes; NULL ends the list */
	const char *help;           /* one line; the choices are added to it. NULL: they say all */
	size_t offset;              /* of the value in the analysis' struct */
	enum fb_option_type type;
	const char *arg;            /* what stands for the value in help: "N", "D", "T"; NULL for BOOL */
	int64_t initial;            /* BOOL, INT, DURATION, CHOICE, SIZE: the value when it is not given */
	int min, max;               /* INT: both may be given */
	const char *const *choices; /* CHOICE, TEXT: NULL-terminated, the usual one first; TEXT: NULL for any */
	char letter;                /* -o for --output; 0: there is none */
};

/* All callbacks but `report` may be NULL. */
struct fb_analysis {
	const char *name;  /* the command's */
	const char *help;  /* one line */
	size_t size;       /* zeroed bytes that the run allocates as `self` */
	const struct fb_option *options;
	bool saves;        /* its command can save a profile of the waits as well: --save */
	bool no_bystanders; /* where no tasks are chosen, those of fb_filter.no_bystanders are not wanted */
	bool of_one_task;  /* chosen by its number, all its time: no --comm, no --min-duration */
	bool packets;      /* it tells of packets, whose numbers captures have; with an option --packets when that is set */
	bool graphs;       /* it fills fb_graph_nodes and fb_graph_edges for fb_report_is_graph() */
	bool draws;        /* it fills fb_scene_table for fb_report_is_scene() */
	/*
	 * What is wanted of the trace, before `init`; the filter lives as long as the run. False
	 * and `error` when the analysis cannot work on that.
	 */
	bool (*select)(void *self, const struct fb_filter *filter, GError **error);
	/* Before the first event, options set. The report lives until `clear`. */
	void (*init)(void *self, struct fb_report *report);
	/*
	 * What it wants of the pass: see struct fb_consumer. `observe` is called after `init`. Nothing of the
	 * three where `looks`, asked when the options are set, says so; NULL: all of it.
	 */
	bool (*looks)(const void *self);
	uint64_t (*kinds)(void);
	size_t (*observe)(void *self, struct fb_observer *observers);
	void (*event)(void *self, const struct fb_event *ev, const struct fb_kernel *k);
	void (*blocking)(void *self, const struct fb_blocking *b);
	void (*bystander)(void *self, const struct fb_blocking *b);
	/* Whether its options choose a wait that it does not get: only then it is counted as left out. NULL: they do. */
	bool (*chooses)(void *self, const struct fb_blocking *b);
	/*
	 * Whether waits that the begin or end of what was read cuts off are among them; asked for when
	 * the options are set. NULL: they are not, unless --include-edges was given. For what lists
	 * waits one by one: sums would be wrong by what is not known of them.
	 */
	bool (*lists_edges)(const void *self);
	/* After the last event. */
	void (*report)(void *self, struct fb_report *report);
	/*
	 * After the report: which of its options chose nothing though there was something to choose from: "reed: no
	 * wait …; nearest: read", to be freed with g_free(), and the option's name. NULL: none.
	 */
	char *(*missed)(void *self, const char **option);
	void (*clear)(void *self);
};

/* All analyses, NULL-terminated: one line each in analyses/table.c. */
extern const struct fb_analysis *const fb_analyses[];

/* The analysis of that name, or NULL. */
const struct fb_analysis *fb_analysis_find(const char *name);

/*
 * The life of an analysis' `self`: fb_analysis_new(), fb_option_set(), fb_analysis_begin(),
 * the run, fb_analysis_report(), fb_analysis_free(). NULL may be freed.
 *
 * For the run it is a consumer, which needs no fb_analysis_begin() yet where only
 * fb_run_wants() looks at it.
 */
void *fb_analysis_new(const struct fb_analysis *analysis);
struct fb_consumer fb_analysis_consumer(const struct fb_analysis *analysis, void *self);
void fb_analysis_begin(const struct fb_analysis *analysis, void *self, struct fb_report *report);
void fb_analysis_report(const struct fb_analysis *analysis, void *self, struct fb_report *report);
void fb_analysis_free(const struct fb_analysis *analysis, void *self);

/*
 * Sets an option to what a user wrote: for BOOL "yes", "no" or NULL, which is yes. False and
 * `error`, "11: expected a number from 1 to 10", when it makes no sense. Not for TIME, which takes
 * a clock to read:
 */
bool fb_option_set(const struct fb_option *option, void *self, const char *text, GError **error);
bool fb_option_set_time(const struct fb_option *option, void *self, const char *text,
			enum fb_time_form form, const struct fb_source_info *info, GError **error);

#endif
