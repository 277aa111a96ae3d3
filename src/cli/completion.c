/* SPDX-License-Identifier: MIT */
/*
 * completion.c - flightbox completion SHELL: a script that completes commands, options and values,
 * made of the rows that the command line is parsed by.
 */
#include "cli/cli.h"
#include "run/option.h"

/* A command and its options: const struct fb_option *. */
struct completed {
	struct command command;
	GPtrArray *options;
};

static void completed_free(void *completed)
{
	g_ptr_array_unref(((struct completed *)completed)->options);
	g_free(completed);
}

static struct completed *completed_new(const struct command *command)
{
	struct completed *c = g_new0(struct completed, 1);
	struct asked asked;

	c->command = *command;
	c->options = g_ptr_array_new();
	asked_init(&asked, command, NULL);
	for (guint i = 0; i < asked.query.options->len; i++)
		g_ptr_array_add(c->options, (void *)g_array_index(asked.query.options,
								  struct query_option, i).row);
	asked_clear(&asked);
	return c;
}

static GPtrArray *all_completed(void)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(completed_free);
	struct command command;

	for (size_t i = 0; command_nth(i, &command); i++)
		if (!command.is_hidden)
			g_ptr_array_add(all, completed_new(&command));
	return all;
}

/* The n-th, or NULL. */
static const struct completed *nth(const GPtrArray *all, guint n)
{
	return n < all->len ? g_ptr_array_index(all, n) : NULL;
}

static const struct fb_option *option_of(const struct completed *c, guint n)
{
	return n < c->options->len ? g_ptr_array_index(c->options, n) : NULL;
}

static bool takes_value(const struct fb_option *o)
{
	return o->type != FB_OPTION_BOOL;
}

static bool may_come_again(const struct fb_option *o)
{
	return o->type == FB_OPTION_NUMBERS || o->type == FB_OPTION_TEXTS ||
	       o->type == FB_OPTION_FILES;
}

static bool is_of_files(const struct fb_option *o)
{
	return o->type == FB_OPTION_FILE || o->type == FB_OPTION_FILES;
}

static char *choices_of(const struct fb_option *o)
{
	return g_strjoinv(" ", (char **)o->choices);
}

static void append_names(GString *to, const GPtrArray *all)
{
	const struct completed *c;

	for (guint i = 0; (c = nth(all, i)); i++)
		g_string_append_printf(to, "%s%s", i ? " " : "", c->command.name);
}

/* The shells that there are scripts for. */
static char *shell_names(const char *separator);

/* ---- bash ------------------------------------------------------------------------------- */

static const char bash_end[] =
	"_flightbox() {\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal options='' arguments='' value='' words=''\n"
	"\n"
	"\t# Readline takes \"--format=t\" for three words.\n"
	"\tif [[ $word == = ]]; then\n"
	"\t\tword=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\toptions='--help --version' arguments=words words=$_flightbox_commands\n"
	"\telse\n"
	"\t\t_flightbox_of \"${COMP_WORDS[1]}\" \"$before\"\n"
	"\tfi\n"
	"\tif [[ -z $value && $word == -* ]]; then\n"
	"\t\tvalue=words words=$options\n"
	"\tfi\n"
	"\tCOMPREPLY=()\n"
	"\tcase ${value:-$arguments} in\n"
	"\twords) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
	"\tfiles) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
	"\tdirectories) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
	"\tesac\n"
	"\t[[ ${value:-$arguments} == words ]] || compopt -o filenames 2>/dev/null\n"
	"}\n"
	"\n"
	"complete -F _flightbox flightbox\n";

static void bash_value(GString *to, const struct fb_option *o)
{
	g_autofree char *choices = o->choices ? choices_of(o) : NULL;

	g_string_append_printf(to, "\t\t--%s", o->name);
	if (o->letter)
		g_string_append_printf(to, " | -%c", o->letter);
	if (choices)
		g_string_append_printf(to, ") value=words words='%s' ;;\n", choices);
	else
		g_string_append_printf(to, ") value=%s ;;\n",
				       is_of_files(o) ? "files" : "any");
}

static void bash_arguments(GString *to, enum command_arguments kind)
{
	g_autofree char *shells = shell_names(" ");

	if (kind == ARE_COMMANDS)
		g_string_append(to, "\t\targuments=words words=$_flightbox_commands\n");
	else if (kind == ARE_SHELLS)
		g_string_append_printf(to, "\t\targuments=words words='%s'\n", shells);
	else
		g_string_append_printf(to, "\t\targuments=%s\n",
				       kind == ARE_TRACES ? "directories" : "files");
}

static void bash_command(GString *to, const struct completed *c)
{
	const struct fb_option *o;

	g_string_append_printf(to, "\t%s)\n\t\toptions='", c->command.name);
	for (guint i = 0; (o = option_of(c, i)); i++)
		g_string_append_printf(to, "%s--%s", i ? " " : "", o->name);
	g_string_append(to, "'\n");
	bash_arguments(to, c->command.are);
	g_string_append(to, "\t\tcase $2 in\n");
	for (guint i = 0; (o = option_of(c, i)); i++)
		if (takes_value(o))
			bash_value(to, o);
	g_string_append(to, "\t\tesac\n\t\t;;\n");
}

static void write_bash(GString *to, const GPtrArray *all)
{
	const struct completed *c;

	g_string_append(to, "# shellcheck shell=bash\n\n_flightbox_commands='");
	append_names(to, all);
	g_string_append(to, "'\n\n# _flightbox_of COMMAND OPTION - sets what the caller completes\n"
			    "_flightbox_of() {\n\tcase $1 in\n");
	for (guint i = 0; (c = nth(all, i)); i++)
		bash_command(to, c);
	g_string_append(to, "\tesac\n}\n\n");
	g_string_append(to, bash_end);
}

/* ---- zsh -------------------------------------------------------------------------------- */

/* Autoloaded, the file is the function's body; else it was sourced. */
static const char zsh_end[] =
	"_flightbox() {\n"
	"\tlocal curcontext=$curcontext\n"
	"\n"
	"\tif (( CURRENT == 2 )); then\n"
	"\t\t_arguments '--help[Show the commands]' '--version[Show the version]' \\\n"
	"\t\t\t'1:command:_flightbox_commands'\n"
	"\telif (( $+functions[_flightbox_of_$words[2]] )); then\n"
	"\t\tcurcontext=${curcontext%:*:*}:flightbox-$words[2]:\n"
	"\t\tshift words\n"
	"\t\t(( CURRENT-- ))\n"
	"\t\t_flightbox_of_$words[1]\n"
	"\tfi\n"
	"}\n"
	"\n"
	"if [[ $funcstack[1] == _flightbox ]]; then\n"
	"\t_flightbox \"$@\"\n"
	"else\n"
	"\tcompdef _flightbox flightbox\n"
	"fi\n";

/* Between single quotes. `special`: what has a meaning to whoever takes the word apart. */
static void zsh_text(GString *to, const char *text, const char *special)
{
	for (; *text; text++)
		if (*text == '\'')
			g_string_append(to, "'\\''");
		else
			g_string_append_printf(to, strchr(special, *text) ? "\\%c" : "%c", *text);
}

/* One way to write an option: `name` with its dashes, `joint` what a value may stand behind. */
static void zsh_spec(GString *to, const struct fb_option *o, const char *name, const char *joint)
{
	g_autofree char *help = option_help(o), *choices = o->choices ? choices_of(o) : NULL;

	g_string_append(to, " \\\n\t\t'");
	if (may_come_again(o))
		g_string_append_c(to, '*');
	else if (o->letter)
		g_string_append_printf(to, "(-%c --%s)", o->letter, o->name);
	g_string_append_printf(to, "%s%s[", name, takes_value(o) ? joint : "");
	zsh_text(to, help, "[]:\\");
	g_string_append_c(to, ']');
	if (takes_value(o)) {
		g_string_append_c(to, ':');
		zsh_text(to, o->arg, ":\\");
		if (choices)
			g_string_append_printf(to, ":(%s)", choices);
		else
			g_string_append(to, is_of_files(o) ? ":_files" : ": ");
	}
	g_string_append_c(to, '\'');
}

static void zsh_option(GString *to, const struct fb_option *o)
{
	g_autofree char *name = g_strdup_printf("--%s", o->name);
	char letter[] = { '-', o->letter, '\0' };

	zsh_spec(to, o, name, "=");
	if (o->letter)
		zsh_spec(to, o, letter, "+");
}

static void zsh_arguments(GString *to, const struct command *command)
{
	g_autofree char *shells = shell_names(" ");

	g_string_append(to, " \\\n\t\t'");
	if (command->are == ARE_COMMANDS)
		g_string_append(to, "1:command:_flightbox_commands");
	else if (command->are == ARE_SHELLS)
		g_string_append_printf(to, "1:shell:(%s)", shells);
	else
		g_string_append_printf(to, "*:%s:_files%s", command->arguments,
				       command->are == ARE_TRACES ? " -/" : "");
	g_string_append(to, "'\n");
}

static void write_zsh(GString *to, const GPtrArray *all)
{
	const struct completed *c;
	const struct fb_option *o;

	g_string_append(to, "_flightbox_commands() {\n\tlocal -a commands\n\n\tcommands=(\n");
	for (guint i = 0; (c = nth(all, i)); i++) {
		g_string_append_printf(to, "\t\t'%s:", c->command.name);
		zsh_text(to, c->command.help, "\\");
		g_string_append(to, "'\n");
	}
	g_string_append(to, "\t)\n\t_describe -t commands command commands\n}\n\n");
	for (guint i = 0; (c = nth(all, i)); i++) {
		g_string_append_printf(to, "_flightbox_of_%s() {\n\t_arguments -s -S", c->command.name);
		for (guint n = 0; (o = option_of(c, n)); n++)
			zsh_option(to, o);
		zsh_arguments(to, &c->command);
		g_string_append(to, "}\n\n");
	}
	g_string_append(to, zsh_end);
}

/* ---- fish ------------------------------------------------------------------------------- */

static const char fish_begin[] =
	"# Whether the command is one of these.\n"
	"function __flightbox_command\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -ge 2; and contains -- $words[2] $argv\n"
	"end\n"
	"\n"
	"function __flightbox_no_command\n"
	"\ttest (count (commandline -opc)) -eq 1\n"
	"end\n"
	"\n"
	"complete -c flightbox -f\n";

static const char fish_general[] =
	"complete -c flightbox -n __flightbox_no_command -l help -s h -d 'Show the commands'\n"
	"complete -c flightbox -n __flightbox_no_command -l version -s V -d 'Show the version'\n";

static void fish_quoted(GString *to, const char *text)
{
	g_string_append_c(to, '\'');
	for (; *text; text++)
		g_string_append_printf(to, strchr("'\\", *text) ? "\\%c" : "%c", *text);
	g_string_append_c(to, '\'');
}

static void fish_option(GString *to, const struct fb_option *o)
{
	g_autofree char *help = option_help(o), *choices = o->choices ? choices_of(o) : NULL;

	g_string_append_printf(to, " -l %s", o->name);
	if (o->letter)
		g_string_append_printf(to, " -s %c", o->letter);
	if (takes_value(o))
		g_string_append(to, is_of_files(o) ? " -r -F" : " -x");
	if (choices)
		g_string_append_printf(to, " -a '%s'", choices);
	g_string_append(to, " -d ");
	fish_quoted(to, help);
	g_string_append_c(to, '\n');
}

static void fish_arguments(GString *to, const GPtrArray *all, const struct command *command)
{
	g_autofree char *shells = shell_names(" ");

	if (command->are == ARE_TRACES)
		g_string_append(to, " -a '(__fish_complete_directories)'\n");
	else if (command->are == ARE_RUNS)
		g_string_append(to, " -F\n");
	else if (command->are == ARE_SHELLS)
		g_string_append_printf(to, " -a '%s'\n", shells);
	else {
		g_string_append(to, " -a '");
		append_names(to, all);
		g_string_append(to, "'\n");
	}
}

static void write_fish(GString *to, const GPtrArray *all)
{
	const struct completed *c;
	const struct fb_option *o;

	g_string_append(to, fish_begin);
	for (guint i = 0; (c = nth(all, i)); i++) {
		g_string_append_printf(to, "complete -c flightbox -n __flightbox_no_command -a %s -d ",
				       c->command.name);
		fish_quoted(to, c->command.help);
		g_string_append_c(to, '\n');
	}
	g_string_append(to, fish_general);
	for (guint i = 0; (c = nth(all, i)); i++) {
		g_autofree char *begin = g_strdup_printf(
			"complete -c flightbox -n '__flightbox_command %s'", c->command.name);

		g_string_append_printf(to, "\n%s", begin);
		fish_arguments(to, all, &c->command);
		for (guint n = 0; (o = option_of(c, n)); n++) {
			g_string_append(to, begin);
			fish_option(to, o);
		}
	}
}

/* ---- the command ------------------------------------------------------------------------ */

static const struct shell {
	const char *name;
	const char *first; /* line, where it must be that */
	void (*write)(GString *to, const GPtrArray *all);
} shells[] = {
	{ "bash", "", write_bash },
	{ "zsh", "#compdef flightbox\n", write_zsh },
	{ "fish", "", write_fish },
};

static char *shell_names(const char *separator)
{
	const char *names[G_N_ELEMENTS(shells) + 1] = { NULL };

	for (size_t i = 0; i < G_N_ELEMENTS(shells); i++)
		names[i] = shells[i].name;
	return g_strjoinv(separator, (char **)names);
}

static int print_script(const struct shell *shell)
{
	g_autoptr(GPtrArray) all = all_completed();
	g_autoptr(GString) script = g_string_new(shell->first);

	g_string_append_printf(script, "# SPDX-License-Identifier: MIT\n"
			       "# Completion of flightbox for %s, written by 'flightbox completion %s'.\n",
			       shell->name, shell->name);
	shell->write(script, all);
	return print(script->str);
}

static int complete_for(char **arguments)
{
	g_autofree char *names = shell_names(", ");

	for (size_t i = 0; arguments && i < G_N_ELEMENTS(shells); i++)
		if (!arguments[1] && !strcmp(arguments[0], shells[i].name))
			return print_script(&shells[i]);
	complain("completion: expected one of %s", names);
	return STATUS_USAGE;
}

int run_completion(const struct command *command, int argc, char **argv)
{
	struct asked asked;
	int status;

	asked_init(&asked, command, NULL);
	if (asked_parse(&asked, argc, argv, &status))
		status = complete_for(asked.arguments);
	asked_clear(&asked);
	return status;
}
