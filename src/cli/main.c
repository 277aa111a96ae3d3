/* SPDX-License-Identifier: MIT */
/* main.c - flightbox COMMAND [OPTIONS] TRACE... */
#include <locale.h>
#include <signal.h>

#include <flightbox/analysis.h>

#include "cli/cli.h"

static const char profile_details[] =
	"Each TRACE is a run of its own; a file is a profile, whose runs are taken as they are.\n"
	"'flightbox blocking --save FILE' writes the same profile beside its report.";

static const char merge_details[] =
	"Each run is kept once, in whatever order and however often its profile is given.\n"
	"PROFILE - is the standard input.";

static const char compare_details[] =
	"flightbox compare [OPTION...] BASE... -- NEW...\n"
	"Each BASE and NEW is a profile, or a trace. Exit status: 0 nothing got worse, 3 something\n"
	"did, 4 too few runs to tell.";

static const char check_details[] =
	"Each TRACE is a profile, or a trace. Exit status: 0 all limits are kept, 3 one is not.";

const struct command commands[] = {
	{ "profile", "a summary of the waits of runs, to merge and to compare", profile_details,
	  run_profile },
	{ "merge", "profiles of many runs in one", merge_details, run_merge },
	{ "compare", "which waits of new runs are longer than those of base runs", compare_details,
	  run_compare },
	{ "check", "whether waits keep the limits in a file", check_details, run_check },
	{ "info", "what is in a trace, what it can answer, what was lost", NULL, run_info },
	{ "dump", "kernel events as text, one a line", NULL, run_dump },
	{ "help", "how to use a command", NULL, run_help },
	{ "decode", "reads a trace and does nothing with it, to see how fast that is", NULL,
	  run_decode, .is_hidden = true },
	{ NULL },
};

static const char analysis_details[] =
	"Times T are what the report prints, or +1.5s and +300ms from the trace's begin;\n"
	"durations D are 10ms, 250us or 1.5s. The manual page flightbox(1) has more.";

/* Analyses come first: they are what people look for. */
static bool find_command(const char *name, struct command *command)
{
	const struct fb_analysis *analysis = fb_analysis_find(name);

	if (analysis) {
		*command = (struct command){ analysis->name, analysis->help, analysis_details,
					     run_analysis };
		return true;
	}
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(name, c->name)) {
			*command = *c;
			return true;
		}
	return false;
}

static int unknown_command(const char *name)
{
	complain("unknown command '%s'; see 'flightbox help'", name);
	return STATUS_USAGE;
}

static int print_overview(void)
{
	GString *text = g_string_new("Usage: flightbox COMMAND [OPTION...] TRACE...\n\n"
				     "Finds out what the tasks of a recorded Linux system waited for.\n"
				     "TRACE is a directory with an LTTng kernel trace.\n\n"
				     "Commands:\n");
	int status;

	for (const struct fb_analysis *const *a = fb_analyses; *a; a++)
		g_string_append_printf(text, "  %-13s  %s\n", (*a)->name, (*a)->help);
	for (const struct command *c = commands; c->name; c++)
		if (!c->is_hidden)
			g_string_append_printf(text, "  %-13s  %s\n", c->name, c->help);
	g_string_append(text, "\n'flightbox help COMMAND' shows a command's options.\n"
			      "'flightbox --version' shows the version.\n");
	status = print(text->str);
	g_string_free(text, TRUE);
	return status;
}

int run_help(const struct command *command, int argc, char **argv)
{
	GOptionContext *context = command_options_new(command);
	struct command about;
	char **names = NULL;
	const GOptionEntry entries[] = {
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, "[COMMAND]" },
		G_OPTION_ENTRY_NULL,
	};
	int status;

	g_option_context_add_main_entries(context, entries, NULL);
	if (command_options_parse(context, command, argc, argv, &status)) {
		if (!names)
			status = print_overview();
		else if (find_command(names[0], &about))
			status = command_help(&about);
		else
			status = unknown_command(names[0]);
	}
	g_strfreev(names);
	return status;
}

int main(int argc, char **argv)
{
	struct command command;

	/* Messages are in English; the decimal sign and the encoding are the user's. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_NUMERIC, "");
	/* A closed pipe is an error to be told, not a silent end. */
	signal(SIGPIPE, SIG_IGN);
	memory_watch();

	if (argc < 2) {
		complain("no command given; see 'flightbox help'");
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_overview();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (!find_command(argv[1], &command))
		return unknown_command(argv[1]);
	return command.run(&command, argc - 1, argv + 1);
}
