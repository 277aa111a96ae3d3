/* SPDX-License-Identifier: MIT */
/* commands.c - what commands there are, and the options each takes. */
#include <flightbox/analysis.h>

#include "cli/cli.h"

/* What chooses waits of runs, whatever is done with them then. */
#define ASK_RUNS (ASK_TASKS | ASK_WAITS | ASK_LEAD | ASK_ALL | ASK_SYMBOLS | ASK_OUTPUT)

static const char profile_details[] =
	"Each TRACE is a run of its own; a file is a profile, whose runs are taken as they are.\n"
	"'flightbox blocking --save FILE' writes the same profile beside its report.";

static const char merge_details[] =
	"Each run is kept once, in whatever order and however often its profile is given.\n"
	"PROFILE - is the standard input.";

static const char compare_details[] =
	"Each BASE and NEW is a profile, or a trace. Exit status: 0 nothing got worse, 3 something\n"
	"did, 4 nothing can be told: too few runs, or nothing in one to tell by.";

static const char check_details[] =
	"Each TRACE is a profile, or a trace. Exit status: 0 all limits are kept, 3 one is not, 4 there\n"
	"is nothing to tell by.";

static const char completion_details[] =
	"'make install' puts the three where shells look for them. Elsewhere:\n"
	"  bash  source <(flightbox completion bash)\n"
	"  zsh   source <(flightbox completion zsh)     behind compinit\n"
	"  fish  flightbox completion fish | source";

static const struct command commands[] = {
	{ "profile", "a summary of the waits of runs, to merge and to compare", profile_details,
	  run_profile, ASK_RUNS, .arguments = "TRACE...", .are = ARE_RUNS, .reads = true },
	{ "merge", "profiles of many runs in one", merge_details, run_merge, ASK_OUTPUT,
	  .arguments = "PROFILE...", .are = ARE_RUNS },
	{ "compare", "which waits of new runs are longer than those of base runs", compare_details,
	  run_compare, ASK_RUNS | ASK_VERDICT | ASK_LOOKS, compare_options,
	  .arguments = "BASE... -- NEW...", .are = ARE_RUNS, .reads = true },
	{ "check", "whether waits keep the limits in a file", check_details, run_check,
	  ASK_RUNS | ASK_VERDICT | ASK_LOOKS, check_options, .arguments = "TRACE...",
	  .are = ARE_RUNS, .reads = true },
	{ "info", "what is in a trace, what it can answer, what was lost", NULL, run_info,
	  ASK_ROWS | ASK_LOOKS | ASK_OUTPUT, .arguments = "TRACE...", .reads = true },
	{ "dump", "kernel events as text, one a line", NULL, run_dump,
	  ASK_TASKS | ASK_OUTPUT, dump_options, .arguments = "TRACE...", .reads = true },
	{ "completion", "a script that completes commands and options in a shell",
	  completion_details, run_completion, .arguments = "bash|zsh|fish", .are = ARE_SHELLS },
	{ "help", "how to use a command", NULL, run_help, .arguments = "[COMMAND]",
	  .are = ARE_COMMANDS },
	{ "decode", "reads a trace and does nothing with it, to see how fast that is", NULL,
	  run_decode, 0, decode_options, .arguments = "TRACE...", .reads = true, .is_hidden = true },
};

static const char analysis_details[] =
	"Times T are what the report prints, or +1.5s and +300ms from the trace's begin;\n"
	"durations D are 10ms, 250us or 1.5s. The manual page flightbox(1) has more.";

/* Its own options are set in what fb_analysis_new() makes, not by the command. */
static struct command command_of(const struct fb_analysis *analysis)
{
	return (struct command){
		.name = analysis->name,
		.help = analysis->help,
		.details = analysis_details,
		.run = run_analysis,
		.asks = query_parts(analysis),
		.own = analysis->options,
		.arguments = "TRACE...",
		.reads = true,
	};
}

/* Analyses come first: they are what people look for. */
bool command_nth(size_t n, struct command *command)
{
	size_t i = 0;

	for (; fb_analyses[i]; i++)
		if (i == n) {
			*command = command_of(fb_analyses[i]);
			return true;
		}
	if (n - i >= G_N_ELEMENTS(commands))
		return false;
	*command = commands[n - i];
	return true;
}

bool command_find(const char *name, struct command *command)
{
	for (size_t i = 0; command_nth(i, command); i++)
		if (!strcmp(name, command->name))
			return true;
	return false;
}
