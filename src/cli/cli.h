/* SPDX-License-Identifier: MIT */
/*
 * cli.h - the parts that commands are put together from. Only this directory
 * prints messages and knows exit codes.
 *
 * A command is a row: which options it takes, and a function of its arguments. What these ask
 * is a struct query:
 *
 *	asked_init()  ->  asked_parse()  ->  input_open()  ->  output_report()
 */
#ifndef FLIGHTBOX_CLI_H
#define FLIGHTBOX_CLI_H

#include <glib.h>

#include <flightbox/profile.h>
#include <flightbox/report.h>
#include <flightbox/run.h>
#include <flightbox/source.h>

#include "run/query.h"

enum {
	STATUS_DONE = 0,
	STATUS_TRACE = 1, /* the trace or I/O failed; what could be read was reported */
	STATUS_USAGE = 2,
	STATUS_WORSE = 3, /* a comparison found a regression, or a check a breach */
	STATUS_UNKNOWN = 4, /* too few runs to tell, or nothing in them */
};

struct junit;

/* What the arguments of a command are that are no options. */
enum command_arguments {
	ARE_TRACES, /* directories */
	ARE_RUNS,   /* profiles, which are files, or traces */
	ARE_COMMANDS,
	ARE_SHELLS,
};

struct command {
	const char *name;
	const char *help;    /* one line */
	const char *details; /* below the options in its help, or NULL */
	int (*run)(const struct command *command, int argc, char **argv);
	unsigned asks;       /* enum query_part: which options it takes */
	const struct fb_option *own; /* and which beside them; NULL: none */
	bool reads;          /* a trace: it takes reading_options */
	const char *arguments;       /* "TRACE..." */
	enum command_arguments are;
	bool is_hidden;      /* not for users */
};

/* Options of commands that are no analyses, in structs of theirs. */
extern const struct fb_option check_options[], compare_options[], decode_options[], dump_options[];
/* … of all that read a trace, in struct trace_reading. */
extern const struct fb_option reading_options[];

/* ---- commands.c ------------------------------------------------------------------------- */

/* Those there are, in the order of help: the analyses are commands too. False: there are no more. */
bool command_nth(size_t n, struct command *command);

/* The command of that name. False: there is none. */
bool command_find(const char *name, struct command *command);

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

/* How a trace is read. */
struct trace_reading {
	const char *source;  /* of `source_names`; NULL: "auto" */
	int jobs;            /* threads; 0: one for each processor */
	bool no_progress, no_sandbox;
};

/* What the arguments of a command ask. */
struct asked {
	const struct command *command;
	struct query query;
	struct trace_reading reading;
	char **arguments;    /* those that are no options; NULL: none */
	char *not_a_pid;     /* a --pid that is a name, or NULL */
};

/* `self` has the command's own options: options_init() and options_clear() are for the caller. */
void asked_init(struct asked *a, const struct command *command, void *self);

/*
 * Returns false when the command is over, with its exit status in *status: on --help, --version,
 * and on mistakes, which were told.
 */
bool asked_parse(struct asked *a, int argc, char **argv, int *status);

/* Reads the times, which need to know the trace's clock. False: told why. */
bool asked_times(struct asked *a, const struct fb_source_info *info);

void asked_clear(struct asked *a);

/* What --version prints. Returns the exit status. */
int print_version(void);

/* The help that --help prints. */
int command_help(const struct command *command);

/* ---- input.c ---------------------------------------------------------------------------- */

struct output;

struct input {
	const struct trace_reading *reading;
	char **paths;              /* lent */
	char *one_path[2];         /* for a single one */
	GPtrArray *captures;       /* char *: to be read along, until the source has them; ends with NULL */
	bool writes_files;         /* opens files for writing when the trace has been read */
	bool is_live;              /* events come as they happen */
	struct fb_source *source;  /* NULL until opened */
};

/*
 * Opens in->paths, or the arguments when these are NULL. Prepares the output too, if there is one, and then goes into the sandbox: from here on no
 * other file can be opened, but for what was asked for and, if in->writes_files, the output. False: *status says how to exit, and why was told.
 */
bool input_open(struct input *in, struct output *out, const struct asked *asked,
		const struct fb_source_options *options, int *status);

/* What else is going to be read: before the first is opened. */
void input_allow(char *const *paths);

/* The file that fb_symbols_locate() finds for the path; NULL: none. */
const char *input_symbols(const char *path);

/* Tells what was broken in the trace; STATUS_TRACE when anything was. */
int input_problems(const struct input *in);
void input_clear(struct input *in);

/* ---- output.c, spare.c --------------------------------------------------------------------------- */

/* Where the query wants the report. Begins with .fd = -1. */
struct output {
	const struct query *query;
	int fd;                      /* -1 until opened */
	struct fb_symbols *symbols;
};

/*
 * Whether writing the file leaves all of the inputs as they are: profiles, traces, and what lies
 * beside them. False: told why not.
 */
bool output_spares(const char *output, char *const *inputs);

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

/* ---- nearest.c -------------------------------------------------------------------------- */

/*
 * Tells which of those who were selected are not in what was read, and what is instead; `suffices`:
 * as selection_missing(). STATUS_USAGE when any is not.
 */
int complain_of_unknown(const struct query *q, const struct fb_outcome *outcome, bool suffices);

/* What is wrong with --begin or --end where all of the trace is outside of them, or NULL. Free with g_free(). */
char *outside_of(const struct query *q, const struct fb_source_info *info,
		 const struct fb_part *part);
/* Tells it: STATUS_USAGE. */
int complain_of_times(const struct query *q, const struct fb_source_info *info,
		      const struct fb_part *part);

/* --pid got a name: tells which pids have it, and of --comm where the command has that. */
int complain_of_pids(const char *name, struct fb_source *source, bool has_comm);

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

/* Options that choose what is read of a trace and which of its waits. */
struct profiling {
	struct asked asked;         /* its arguments are read one by one */
	struct output out;          /* --kallsyms */
	GPtrArray *captures;       /* char *: to be read along, until the source has them; ends with NULL */
	bool writes_files;          /* opens files for writing when all is read */
	/*
	 * char *: who was asked for and is not there, and in which trace, for a verdict to say so. NULL:
	 * it is told at once.
	 */
	GPtrArray *missing;
};

/* `self`: as for asked_init(). `gives_verdict`: it has `missing`. */
void profiling_init(struct profiling *p, const struct command *command, void *self,
		    bool gives_verdict);

/*
 * The profile in a file, or of a trace as one run. NULL: told why. *status gets the exit status
 * where it is not STATUS_DONE: a broken trace has a profile of what could be read all the same.
 */
struct fb_profile *profiling_read(struct profiling *p, const char *path, int *status);

/* Opens one of its traces once more; false where it is a profile. Clear the input. */
bool profiling_open(const struct profiling *p, const char *path,
		    const struct fb_source_options *options, struct input *in, int *status);
void profiling_clear(struct profiling *p);

/* False, and a message: times of a kind that several runs do not have. */
bool profiling_times(const struct profiling *p);

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
int run_completion(const struct command *command, int argc, char **argv);

#endif
