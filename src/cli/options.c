/* SPDX-License-Identifier: MIT */
/* options.c - what all commands' options have in common. */
#include "cli/cli.h"
#include "cli/sandbox.h"

static gboolean wants_help, wants_version;

GOptionContext *command_options_new(const struct command *command)
{
	static const GOptionEntry entries[] = {
		{ "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "Show this help", NULL },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &wants_version, "Show the version", NULL },
		G_OPTION_ENTRY_NULL,
	};
	GOptionContext *context = g_option_context_new(NULL);
	g_autofree char *program = g_strdup_printf("flightbox %s", command->name);
	g_autofree char *summary = g_strdup_printf("flightbox %s - %s", command->name, command->help);

	wants_help = wants_version = FALSE;
	g_set_prgname(program);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_summary(context, summary);
	g_option_context_set_description(context, command->details);
	g_option_context_add_main_entries(context, entries, NULL);
	return context;
}

bool command_options_parse(GOptionContext *context, const struct command *command, int argc,
			   char **argv, int *status)
{
	GError *error = NULL;
	bool parsed = g_option_context_parse(context, &argc, &argv, &error);
	g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

	g_option_context_free(context);
	*status = STATUS_USAGE;
	if (!parsed) {
		complain("%s: %s; see 'flightbox help %s'", command->name, error->message,
			 command->name);
		g_error_free(error);
		return false;
	}
	if (wants_help) {
		*status = print(help);
		return false;
	}
	if (wants_version) {
		*status = print_version();
		return false;
	}
	return true;
}

int command_help(const struct command *command)
{
	char name[] = "flightbox", help[] = "--help";
	char *argv[] = { name, help, NULL };

	return command->run(command, 2, argv);
}

int print_version(void)
{
	g_autofree char *sandbox = sandbox_describe();
	g_autofree char *text = g_strdup_printf("flightbox " FB_VERSION "\nSandbox: %s\n", sandbox);

	return print(text);
}
