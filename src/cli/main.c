/* SPDX-License-Identifier: MIT */
/* main.c - flightbox COMMAND [OPTIONS] TRACE... */
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "base/out.h"
#include "cli/cli.h"

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
	struct command c;
	int status;

	for (size_t i = 0; command_nth(i, &c); i++)
		if (!c.is_hidden)
			g_string_append_printf(text, "  %-13s  %s\n", c.name, c.help);
	g_string_append(text, "\n'flightbox help COMMAND' shows a command's options.\n"
			      "'flightbox --version' shows the version.\n");
	status = print(text->str);
	g_string_free(text, TRUE);
	return status;
}

int run_help(const struct command *command, int argc, char **argv)
{
	struct command about;
	struct asked asked;
	int status;

	asked_init(&asked, command, NULL);
	if (asked_parse(&asked, argc, argv, &status)) {
		if (!asked.arguments)
			status = print_overview();
		else if (command_find(asked.arguments[0], &about))
			status = command_help(&about);
		else
			status = unknown_command(asked.arguments[0]);
	}
	asked_clear(&asked);
	return status;
}

static void on_end(int number)
{
	/* To the thread that writes. */
	if (gettid() == getpid())
		out_end_by(number);
	else
		tgkill(getpid(), getpid(), number);
}

static void watch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = on_end };
	struct sigaction old;

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		/* What nohup or a shell had ignored stays so. */
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

int main(int argc, char **argv)
{
	struct command command;

	/* Messages are in English; the decimal sign and the encoding are the user's. */
	setlocale(LC_CTYPE, "");
	setlocale(LC_NUMERIC, "");
	/* Who reads no further has seen enough: no error to be told, whatever our parent ignored. */
	signal(SIGPIPE, SIG_DFL);
	watch_signals();
	memory_watch();

	if (argc < 2) {
		complain("no command given; see 'flightbox help'");
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return print_overview();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (!command_find(argv[1], &command))
		return unknown_command(argv[1]);
	return command.run(&command, argc - 1, argv + 1);
}
