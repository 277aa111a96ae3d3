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

bool output_prepare(struct output *out)
{
	if (!out->query->output) {
		out->fd = STDOUT_FILENO;
		return true;
	}
	out->fd = open(out->query->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (out->fd >= 0)
		return true;
	complain("%s: %s", out->query->output, g_strerror(errno));
	return false;
}

bool output_open(struct output *out)
{
	struct stat st;

	if (out->fd < 0 && !output_prepare(out))
		return false;
	if (!out->query->output || fstat(out->fd, &st) || !S_ISREG(st.st_mode) || !ftruncate(out->fd, 0))
		return true;
	complain("%s: %s", out->query->output, g_strerror(errno));
	return false;
}

bool output_is_terminal(const struct output *out)
{
	return isatty(out->fd);
}

/* The given kallsyms must be good; one that lies beside a trace is read when it is needed. */
bool output_symbols(struct output *out, const struct input *in)
{
	const char *found = NULL;
	GError *error = NULL;

	for (char **path = in->paths; !out->query->kallsyms && !found && *path; path++)
		found = input_symbols(*path);
	if (!out->query->kallsyms && !found)
		return true;
	out->symbols = fb_symbols_new(out->query->kallsyms ? out->query->kallsyms : found);
	if (!out->query->kallsyms || fb_symbols_check(out->symbols, true, &error))
		return true;
	fail(error);
	return false;
}

static struct fb_report *report_new(const struct output *out, bool plain, bool bare,
				    uint64_t kinds, const struct fb_source_info *info)
{
	const struct fb_report_options options = {
		.format = out->query->format,
		.fd = out->fd,
		.time = out->query->time_form,
		.color = query_wants_color(out->query, out->fd),
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
	complain("%s: %s", out->query->output, g_strerror(errno));
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
	*out = (struct output){ .fd = -1 };
}
