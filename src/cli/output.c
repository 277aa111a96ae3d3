/* SPDX-License-Identifier: MIT */
/* output.c - where the report goes and what it looks like. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <flightbox/symbols.h>
#include <flightbox/times.h>

#include "cli/cli.h"
#include "compare/junit.h"

const char *const comparison_formats[] = { "text", "jsonl", "markdown", "junit", NULL };

void add_output_file(GOptionContext *context, struct output *out)
{
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &out->file,
		  "Write to FILE instead of the standard output", "FILE" },
		G_OPTION_ENTRY_NULL,
	};

	out->fd = -1;
	g_option_context_add_main_entries(context, entries, NULL);
}

void add_output(GOptionContext *context, struct output *out)
{
	const GOptionEntry entries[] = {
		{ "format", 0, 0, G_OPTION_ARG_STRING, &out->format,
		  out->formats ? "text (default), jsonl, markdown or junit" :
				 "text (default), jsonl or csv", "FORMAT" },
		{ "time", 0, 0, G_OPTION_ARG_STRING, &out->time,
		  "monotonic (default), epoch, utc, local or relative", "FORM" },
		{ "color", 0, 0, G_OPTION_ARG_STRING, &out->color,
		  "auto (default), always or never", "WHEN" },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
	add_output_file(context, out);
}

void add_symbols(GOptionContext *context, struct output *out)
{
	const GOptionEntry entries[] = {
		{ "kallsyms", 0, 0, G_OPTION_ARG_FILENAME, &out->kallsyms,
		  "Copy of /proc/kallsyms that names the timers' callbacks", "FILE" },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

static bool check_format(const struct output *out)
{
	g_autofree char *own = out->formats ? g_strjoinv(", ", (char **)out->formats) : NULL;

	if (!out->format || (out->formats ? g_strv_contains(out->formats, out->format) :
					    fb_report_has_format(out->format, out->graphs)))
		return true;
	if (own)
		complain("--format %s: expected one of %s", out->format, own);
	else
		complain("--format %s: expected text, jsonl%s", out->format,
			 out->graphs ? ", csv or dot" : " or csv");
	return false;
}

bool output_check(struct output *out)
{
	static const char *const colors[] = { "auto", "always", "never", NULL };

	if (!check_format(out))
		return false;
	if (out->time && !fb_time_form_find(out->time, &out->time_form)) {
		complain("--time %s: expected monotonic, epoch, utc, local or relative", out->time);
		return false;
	}
	if (out->color && !g_strv_contains(colors, out->color)) {
		complain("--color %s: expected auto, always or never", out->color);
		return false;
	}
	return true;
}

bool output_prepare(struct output *out)
{
	if (!out->file) {
		out->fd = STDOUT_FILENO;
		return true;
	}
	out->fd = open(out->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (out->fd >= 0)
		return true;
	complain("%s: %s", out->file, g_strerror(errno));
	return false;
}

bool output_open(struct output *out)
{
	struct stat st;

	if (out->fd < 0 && !output_prepare(out))
		return false;
	if (!out->file || fstat(out->fd, &st) || !S_ISREG(st.st_mode) || !ftruncate(out->fd, 0))
		return true;
	complain("%s: %s", out->file, g_strerror(errno));
	return false;
}

bool output_is_terminal(const struct output *out)
{
	return isatty(out->fd);
}

static bool wants_color(const struct output *out)
{
	const char *terminal = g_getenv("TERM"), *no_color = g_getenv("NO_COLOR");

	if (out->color && strcmp(out->color, "auto"))
		return !strcmp(out->color, "always");
	return output_is_terminal(out) && !(no_color && *no_color) &&
	       g_strcmp0(terminal, "dumb") != 0;
}

/* The given kallsyms must be good; one that lies beside a trace is read when it is needed. */
bool output_symbols(struct output *out, const struct input *in)
{
	g_autofree char *found = NULL;
	GError *error = NULL;

	for (char **path = in->paths; !out->kallsyms && !found && *path; path++)
		found = fb_symbols_locate(*path);
	if (!out->kallsyms && !found)
		return true;
	out->symbols = fb_symbols_new(out->kallsyms ? out->kallsyms : found);
	if (!out->kallsyms || fb_symbols_check(out->symbols, true, &error))
		return true;
	fail(error);
	return false;
}

static struct fb_report *report_new(const struct output *out, bool plain, bool bare,
				    uint64_t kinds, const struct fb_source_info *info)
{
	const struct fb_report_options options = {
		.format = out->format,
		.fd = out->fd,
		.time = out->time_form,
		.color = wants_color(out),
		.plain = plain,
		.bare = bare,
		.kinds = kinds,
		.decimal_point = localeconv()->decimal_point,
		.symbols = out->symbols,
	};

	return fb_report_new(&options, info);
}

struct fb_report *output_report(struct output *out, const struct input *in, bool plain,
				uint64_t kinds)
{
	if (!output_symbols(out, in) || !output_open(out))
		return NULL;
	return report_new(out, plain, false, kinds, &in->source->info);
}

struct fb_report *output_bare_report(struct output *out)
{
	static const struct fb_source_info none = { .begin = FB_NS_NONE, .end = FB_NS_NONE };

	return output_open(out) ? report_new(out, true, true, 0, &none) : NULL;
}

void output_symbols_end(struct output *out)
{
	GError *error = NULL;

	if (out->symbols && !fb_symbols_check(out->symbols, false, &error)) {
		complain("no names for the timers' callbacks: %s", error->message);
		g_error_free(error);
	}
	fb_symbols_free(out->symbols);
	out->symbols = NULL;
}

/* What was written may still fail to reach the disk. */
static bool close_file(struct output *out)
{
	int fd = out->fd;

	out->fd = -1;
	if (fd < 0 || fd == STDOUT_FILENO || close(fd) == 0)
		return true;
	complain("%s: %s", out->file, g_strerror(errno));
	return false;
}

static int write_text(struct output *out, const char *text)
{
	if (!output_open(out))
		return STATUS_TRACE;
	while (*text) {
		ssize_t n = write(out->fd, text, strlen(text));

		if (n < 0 && errno != EINTR) {
			complain("cannot write: %s", g_strerror(errno));
			return STATUS_TRACE;
		}
		text += MAX(n, 0);
	}
	return close_file(out) ? STATUS_DONE : STATUS_TRACE;
}

int output_junit(struct output *out, struct junit *j)
{
	g_autofree char *text = junit_text(j);

	junit_free(j);
	return write_text(out, text);
}

int output_finish(struct output *out, struct fb_report *report,
		  const struct fb_kernel_counts *counts, bool complete)
{
	GError *error = NULL;
	int status = STATUS_DONE;

	if (!fb_report_finish(report, counts, complete, &error))
		status = fail(error);
	output_symbols_end(out);
	return close_file(out) ? status : STATUS_TRACE;
}

void output_clear(struct output *out)
{
	close_file(out);
	fb_symbols_free(out->symbols);
	g_free(out->format);
	g_free(out->time);
	g_free(out->color);
	g_free(out->kallsyms);
	g_free(out->file);
	*out = (struct output){ .fd = -1 };
}
