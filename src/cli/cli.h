/* SPDX-License-Identifier: MIT */
/*
 * cli.h - the parts that commands are put together from. Only this directory
 * prints messages and knows exit codes.
 *
 * A command is a function of its arguments. It says which options it takes by
 * calling the add functions on the context that command_options() made:
 *
 *	command_options_new()  ->  add_input(), add_output(), add_select()  ->  command_options_parse()
 */
#ifndef FLIGHTBOX_CLI_H
#define FLIGHTBOX_CLI_H

#include <glib.h>

#include <flightbox/profile.h>
#include <flightbox/report.h>
#include <flightbox/run.h>
#include <flightbox/source.h>

enum {
	STATUS_DONE = 0,
	STATUS_TRACE = 1, /* the trace or I/O failed; what could be read was reported */
	STATUS_USAGE = 2,
	STATUS_WORSE = 3, /* a comparison found a regression, or a check a breach */
	STATUS_UNKNOWN = 4, /* too few runs to tell */
};

struct junit;

struct command {
	const char *name;
	const char *help;    /* one line */
	const char *details; /* below the options in its help, or NULL */
	int (*run)(const struct command *command, int argc, char **argv);
	bool is_hidden;      /* not for users */
};

/* NULL-terminated: the commands of this directory. The analyses are commands too. */
extern const struct command commands[];

/* ---- message.c -------------------------------------------------------------------------- */

/* One line on stderr behind "flightbox: ". */
void complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Says what went wrong, frees it, and returns the exit status that fits. */
int fail(GError *error);

/* Writes to stdout what is no report: help, version. Returns the exit status. */
int print(const char *text);

/* ---- memory.c ------------------------------------------------------------------------- */

/* From here on an allocation that fails ends the process with a message and STATUS_TRACE. */
void memory_watch(void);

/* Has `function` be called then, which must not allocate; NULL: nothing any more. */
void memory_save(void (*function)(void *), void *data);

/* ---- options.c -------------------------------------------------------------------------- */

GOptionContext *command_options_new(const struct command *command);

/*
 * Parses and frees the context. Returns false when the command is over, with its
 * exit status in *status: on --help, --version, and on mistakes, which were told.
 */
bool command_options_parse(GOptionContext *context, const struct command *command, int argc,
			   char **argv, int *status);

/* What --version prints. Returns the exit status. */
int print_version(void);

/* The help that --help prints. */
int command_help(const struct command *command);

/* ---- input.c: TRACE..., --source -------------------------------------------------------- */

struct output;

struct input {
	char **paths;
	char *source_name;
	gboolean no_progress;
	gboolean no_sandbox;
	bool writes_files;         /* opens files for writing when the trace has been read */
	gint jobs;                 /* threads that read; 0: one for each processor */
	bool is_live;              /* events come as they happen */
	struct fb_source *source;  /* NULL until opened */
};

void add_input(GOptionContext *context, struct input *in);

/*
 * Prepares the output too, if there is one, and then goes into the sandbox: from here on no
 * other file can be opened for writing, unless in->writes_files. False: *status says how to exit, and why was told.
 */
bool input_open(struct input *in, struct output *out, const struct command *command,
		const struct fb_source_options *options, int *status);

/* Tells what was broken in the trace; STATUS_TRACE when anything was. */
int input_problems(const struct input *in);
void input_clear(struct input *in);

/* ---- output.c: --format, --time, --color, --kallsyms, -o -------------------------------- */

struct output {
	char *format, *time, *color, *kallsyms, *file;
	enum fb_time_form time_form;
	bool graphs;                 /* the command can draw one */
	const char *const *formats;  /* the command's own, NULL-terminated; NULL: those of reports */
	int fd;                      /* -1 until opened */
	struct fb_symbols *symbols;
};

void add_output(GOptionContext *context, struct output *out);
/* --kallsyms, where functions are named. */
void add_symbols(GOptionContext *context, struct output *out);
/* --output alone, for what is no report. */
void add_output_file(GOptionContext *context, struct output *out);

/* Whether the values make sense; false: told why. Opens nothing. */
bool output_check(struct output *out);
/* Opens the output and leaves what the file holds, before a sandbox is around it. False: told why. */
bool output_prepare(struct output *out);
/* Opens it if that was not done, and empties the file. False: told why. */
bool output_open(struct output *out);
/* Whether a terminal shows the output. */
bool output_is_terminal(const struct output *out);

/*
 * A report on the input; `plain`: without advice on what the recording lacks. `kinds`: of events,
 * that it is made of beside the model's. NULL: told why.
 */
struct fb_report *output_report(struct output *out, const struct input *in, bool plain,
				uint64_t kinds);

/* A report on several traces, or none: its times are since the epoch. NULL: told why. */
struct fb_report *output_bare_report(struct output *out);

/* The formats of those who judge: NULL-terminated, for output.formats. */
extern const char *const comparison_formats[];

/* Writes the results, and frees them. Returns the exit status, having told what failed. */
int output_junit(struct output *out, struct junit *j);

/* The symbols for an input, where there are any. False: told why. */
bool output_symbols(struct output *out, const struct input *in);
/* Frees them, and tells where they could not be used. */
void output_symbols_end(struct output *out);

/* Ends the report, and its symbols. Returns the exit status, having told what failed. */
int output_finish(struct output *out, struct fb_report *report,
		  const struct fb_kernel_counts *counts, bool complete);
void output_clear(struct output *out);

/* ---- select.c: --pid, --tid, --comm, --begin, --end, --lead, --min-duration ------------- */

struct select {
	char **pids_given, **tids_given;
	char *comm, *begin, *end, *min_duration, *lead_given;
	GArray *pids, *tids;        /* int32_t */
	char *not_a_pid;            /* a --pid that is a name, or NULL */
	struct fb_filter filter;    /* what all that means; lends from here */
	fb_ns lead;
};

void add_select(GOptionContext *context, struct select *s);
/* Those of them that choose waits, not events: --comm, --min-duration, --lead. */
void add_select_waits(GOptionContext *context, struct select *s);
/* --all: waits that are nobody's business otherwise. */
void add_all(GOptionContext *context, gboolean *all);

/* Whether the values make sense, as far as they can be told without a trace. False: told why. */
bool select_check(struct select *s);
/* Reads the times, which need to know the trace's clock. False: told why. */
bool select_times(struct select *s, enum fb_time_form form, const struct fb_source_info *info);
void select_clear(struct select *s);

/* ---- nearest.c -------------------------------------------------------------------------- */

/*
 * Tells which of the selected pids and tids are not in the trace, or in the part of it
 * that was read, and what is instead.
 */
int tell_unknown_tasks(const struct select *s, const struct fb_kernel *kernel, bool all_was_read);

/* --pid got a name: tells which pids have it, and of --comm where the command has that. */
int tell_pids_of(const char *name, struct fb_source *source, bool has_comm);

/* ---- progress.c ------------------------------------------------------------------------- */

struct progress {
	bool wanted, shown;
	gint64 next;                /* monotonic us: when to look again */
};

/* Wanted when stderr is a terminal and the report does not scroll by on it. */
void progress_init(struct progress *p, const struct input *in, bool scrolls);
void progress_update(struct progress *p, double done);
void progress_clear(struct progress *p);

/* ---- profiling.c: traces, and files of profiles, as runs --------------------------------- */

/* Options that choose what is read of a trace and which of its waits; the rest of struct input. */
struct profiling {
	const struct command *command;
	struct input in;            /* `paths`: what the command line names, to be read one by one */
	struct output out;          /* --kallsyms */
	struct select select;
	gboolean all;
	bool writes_files;          /* opens files for writing when all is read */
};

void add_profiling(GOptionContext *context, struct profiling *p);
/* Whether the values make sense; false: told why. */
bool profiling_check(struct profiling *p);

/*
 * The profile in a file, or of a trace as one run. NULL: told why. *status gets the exit status
 * where it is not STATUS_DONE: a broken trace has a profile of what could be read all the same.
 */
struct fb_profile *profiling_read(struct profiling *p, const char *path, int *status);

/* Opens one of its traces once more; false where it is a profile. Clear the input. */
bool profiling_open(const struct profiling *p, const char *path,
		    const struct fb_source_options *options, struct input *in, int *status);
void profiling_clear(struct profiling *p);

/* ---- the commands ----------------------------------------------------------------------- */

int run_profile(const struct command *command, int argc, char **argv);
int run_compare(const struct command *command, int argc, char **argv);
int run_check(const struct command *command, int argc, char **argv);
int run_merge(const struct command *command, int argc, char **argv);
int run_analysis(const struct command *command, int argc, char **argv);
int run_info(const struct command *command, int argc, char **argv);
int run_dump(const struct command *command, int argc, char **argv);
int run_decode(const struct command *command, int argc, char **argv);
int run_help(const struct command *command, int argc, char **argv);

#endif
