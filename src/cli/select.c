/* SPDX-License-Identifier: MIT */
/* select.c - which waits or events are wanted. */
#include <flightbox/times.h>

#include "cli/cli.h"

void add_select(GOptionContext *context, struct select *s)
{
	const GOptionEntry entries[] = {
		{ "pid", 0, 0, G_OPTION_ARG_STRING_ARRAY, &s->pids_given,
		  "Only these processes, all their threads", "N,..." },
		{ "tid", 0, 0, G_OPTION_ARG_STRING_ARRAY, &s->tids_given,
		  "Only these threads", "N,..." },
		{ "begin", 0, 0, G_OPTION_ARG_STRING, &s->begin, "Nothing that was over before T", "T" },
		{ "end", 0, 0, G_OPTION_ARG_STRING, &s->end, "Nothing that began after T", "T" },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
	s->pids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	s->tids = g_array_new(FALSE, FALSE, sizeof(int32_t));
}

void add_select_waits(GOptionContext *context, struct select *s)
{
	const GOptionEntry entries[] = {
		{ "comm", 0, 0, G_OPTION_ARG_FILENAME, &s->comm,
		  "Only tasks whose command or program matches", "GLOB" },
		{ "min-duration", 0, 0, G_OPTION_ARG_STRING, &s->min_duration,
		  "Only waits or calls of at least D", "D" },
		{ "lead", 0, 0, G_OPTION_ARG_STRING, &s->lead_given,
		  "Read so much before --begin and after --end too (1s)", "D" },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

void add_all(GOptionContext *context, gboolean *all)
{
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, all,
		  "Also idle kernel threads, and parked, stopped and traced tasks", NULL },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
}

/*
 * Appends the numbers of "502,504". Returns a part that is none, or NULL; free it
 * with g_free().
 */
static char *read_numbers(char **lists, GArray *numbers)
{
	for (; lists && *lists; lists++) {
		g_auto(GStrv) parts = g_strsplit(*lists, ",", -1);

		for (char **part = parts; *part || part == parts; part++) {
			guint64 number;
			int32_t id;

			if (!*part || !g_ascii_string_to_unsigned(*part, 10, 0, INT32_MAX, &number,
								  NULL))
				return g_strdup(*part ? *part : "");
			id = number;
			g_array_append_val(numbers, id);
		}
	}
	return NULL;
}

static bool read_duration(const char *option, const char *text, fb_ns *duration)
{
	GError *error = NULL;

	if (!text || fb_duration_parse(text, duration, &error))
		return true;
	g_prefix_error(&error, "%s ", option);
	fail(error);
	return false;
}

bool select_check(struct select *s)
{
	g_autofree char *not_a_tid = read_numbers(s->tids_given, s->tids);

	s->not_a_pid = read_numbers(s->pids_given, s->pids);
	if (not_a_tid) {
		complain("--tid %s: expected a number", not_a_tid);
		return false;
	}
	if (s->not_a_pid && !g_ascii_isalpha(s->not_a_pid[0])) {
		complain("--pid %s: expected a number", s->not_a_pid);
		return false;
	}
	s->lead = FB_LEAD_DEFAULT;
	if (!read_duration("--min-duration", s->min_duration, &s->filter.min_duration) ||
	    !read_duration("--lead", s->lead_given, &s->lead))
		return false;
	s->filter.comm = s->comm;
	s->filter.pids = (const int32_t *)s->pids->data;
	s->filter.n_pids = s->pids->len;
	s->filter.tids = (const int32_t *)s->tids->data;
	s->filter.n_tids = s->tids->len;
	return true;
}

static bool read_time(const char *option, const char *text, enum fb_time_form form,
		      const struct fb_source_info *info, bool *has, fb_ns *time)
{
	GError *error = NULL;

	if (!text)
		return true;
	*has = fb_time_parse(text, form, fb_source_clock(info), time, &error);
	if (*has)
		return true;
	g_prefix_error(&error, "%s ", option);
	fail(error);
	return false;
}

bool select_times(struct select *s, enum fb_time_form form, const struct fb_source_info *info)
{
	struct fb_filter *f = &s->filter;

	if (!read_time("--begin", s->begin, form, info, &f->has_begin, &f->begin) ||
	    !read_time("--end", s->end, form, info, &f->has_end, &f->end))
		return false;
	if (f->has_begin && f->has_end && f->begin > f->end) {
		complain("--begin %s is after --end %s", s->begin, s->end);
		return false;
	}
	return true;
}

void select_clear(struct select *s)
{
	g_strfreev(s->pids_given);
	g_strfreev(s->tids_given);
	g_free(s->comm);
	g_free(s->begin);
	g_free(s->end);
	g_free(s->min_duration);
	g_free(s->lead_given);
	g_free(s->not_a_pid);
	g_array_free(s->pids, TRUE);
	g_array_free(s->tids, TRUE);
}
