/* SPDX-License-Identifier: MIT */
/* options.c - arguments of a command -> what they ask. */
#include <flightbox/error.h>

#include "cli/cli.h"
#include "cli/sandbox.h"
#include "run/option.h"

void asked_init(struct asked *a, const struct command *command, void *self)
{
	*a = (struct asked){ .command = command };
	query_init(&a->query, ASK_GENERAL | command->asks, command->own, self,
		   &query_style_command);
	options_init(reading_options, &a->reading);
	if (command->reads)
		query_add(&a->query, reading_options, &a->reading);
}

void asked_clear(struct asked *a)
{
	query_clear(&a->query);
	options_clear(reading_options, &a->reading);
	g_strfreev(a->arguments);
	g_free(a->not_a_pid);
}

/* ---- the parser's tables ---------------------------------------------------------------- */

/* The part of a list of numbers that is a word, or NULL: free it with g_free(). */
static char *find_word(const char *list)
{
	g_auto(GStrv) parts = g_strsplit(list, ",", -1);

	for (char **part = parts; *part; part++)
		if (g_ascii_isalpha(**part))
			return g_strdup(*part);
	return NULL;
}

/* A name given for a pid is looked up in the trace. */
static bool is_name(struct asked *a, const struct query_option *option, const char *text)
{
	char *word = strcmp(option->row->name, "pid") ? NULL : find_word(text);

	if (word && !a->not_a_pid)
		a->not_a_pid = g_steal_pointer(&word);
	g_free(word);
	return a->not_a_pid && option == query_find(&a->query, "pid");
}

static struct query_option *find_letter(const struct query *q, char letter)
{
	for (guint i = 0; i < q->options->len; i++) {
		struct query_option *option = &g_array_index(q->options, struct query_option, i);

		if (option->row->letter == letter)
			return option;
	}
	return NULL;
}

/* `name` has its dashes, one of which makes it a letter. */
static gboolean on_option(const char *name, const char *text, void *data, GError **error)
{
	struct asked *a = data;
	struct query_option *option = name[1] == '-' ? query_find(&a->query, name + 2) :
						     find_letter(&a->query, name[1]);

	return (text && is_name(a, option, text)) ||
	       query_set(&a->query, option, text, error);
}

/* `helps` keeps the texts of help for the parser. */
static GOptionGroup *group_new(struct asked *a, GPtrArray *helps)
{
	const GOptionEntry arguments[] = {
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a->arguments, NULL,
		  a->command->arguments },
		G_OPTION_ENTRY_NULL,
	};
	GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, a, NULL);

	g_option_group_add_entries(group, arguments);
	for (guint i = 0; i < a->query.options->len; i++) {
		const struct fb_option *o =
			g_array_index(a->query.options, struct query_option, i).row;
		const GOptionEntry entries[] = {
			{ o->name, o->letter,
			  o->type == FB_OPTION_BOOL ? G_OPTION_FLAG_NO_ARG : G_OPTION_FLAG_FILENAME,
			  G_OPTION_ARG_CALLBACK, on_option, option_help(o), o->arg },
			G_OPTION_ENTRY_NULL,
		};

		g_ptr_array_add(helps, (char *)entries[0].description);
		g_option_group_add_entries(group, entries);
	}
	return group;
}

static GOptionContext *context_new(struct asked *a, GPtrArray *helps)
{
	GOptionContext *context = g_option_context_new(NULL);
	g_autofree char *program = g_strdup_printf("flightbox %s", a->command->name);
	g_autofree char *summary = g_strdup_printf("flightbox %s - %s", a->command->name,
						   a->command->help);

	g_set_prgname(program);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_summary(context, summary);
	g_option_context_set_description(context, a->command->details);
	g_option_context_set_main_group(context, group_new(a, helps));
	return context;
}

/* ---- parsing ---------------------------------------------------------------------------- */

bool asked_parse(struct asked *a, int argc, char **argv, int *status)
{
	g_autoptr(GPtrArray) helps = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GOptionContext) context = context_new(a, helps);
	g_autofree char *help = NULL;
	GError *error = NULL;

	*status = STATUS_USAGE;
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		if (error->domain == FB_ERROR)
			complain("%s", error->message);
		else
			complain("%s: %s; see 'flightbox help %s'", a->command->name,
				 error->message, a->command->name);
		g_error_free(error);
		return false;
	}
	if (a->query.help) {
		help = g_option_context_get_help(context, TRUE, NULL);
		*status = print(help);
		return false;
	}
	if (a->query.version) {
		*status = print_version();
		return false;
	}
	return true;
}

bool asked_times(struct asked *a, const struct fb_source_info *info)
{
	GError *error = NULL;

	return query_times(&a->query, info, &error) || fail(error) == STATUS_DONE;
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
