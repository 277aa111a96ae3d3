/* SPDX-License-Identifier: MIT */
/* query.c - what can be asked of a trace, one row each, and who asks which of it. */
#include <unistd.h>

#include <flightbox/error.h>
#include <flightbox/times.h>

#include "run/option.h"
#include "run/query.h"

const struct query_style query_style_command = { "--%s", "--%s " };
const struct query_style query_style_parameter = { "'%s'", "parameter '%s': " };

/* ---- the table -------------------------------------------------------------------------- */

static const char *const row_formats[] = { "text", "jsonl", "csv", NULL };
static const char *const graph_formats[] = { "text", "jsonl", "csv", "dot", NULL };
static const char *const scene_formats[] = { "text", "jsonl", "csv", "svg", "html", NULL };
static const char *const verdict_formats[] = { "text", "jsonl", "markdown", "junit", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

struct query_row {
	enum query_part part;
	struct fb_option option;
};

#define ROW(member, kind) .offset = offsetof(struct query, member), .type = FB_OPTION_##kind
/* In help an analysis' own rows stand between both tables. */
static const struct query_row choosing[] = {
	{ ASK_GENERAL, { "help", "Show this help", ROW(help, BOOL), .letter = 'h' } },
	{ ASK_GENERAL, { "version", "Show the version", ROW(version, BOOL), .letter = 'V' } },
	{ ASK_TASKS, { "pid", "Only these processes, all their threads", ROW(pids, NUMBERS), "N,..." } },
	{ ASK_TASKS, { "tid", "Only these threads", ROW(tids, NUMBERS), "N,..." } },
	{ ASK_TASKS, { "begin", "Nothing that was over before T", ROW(begin, TIME), "T" } },
	{ ASK_TASKS, { "end", "Nothing that began after T", ROW(end, TIME), "T" } },
	{ ASK_WAITS, { "comm", "Only tasks whose command or program matches any",
		       ROW(filter.comm, TEXT), "GLOB,..." } },
	{ ASK_WAITS, { "min-duration", "Only waits or calls of at least D",
		       ROW(filter.min_duration, DURATION), "D" } },
	{ ASK_LEAD, { "lead", "Read so much before --begin and after --end too (as needed)",
		       ROW(lead, DURATION), "D", .initial = FB_LEAD_GROWS } },
	{ ASK_ALL, { "all", "Also idle kernel threads, and parked, stopped and traced tasks",
		     ROW(all, BOOL) } },
	{ ASK_BYSTANDERS, { "all-tasks", "Also kernel threads that wait for work, and the recorder",
			    ROW(all_tasks, BOOL) } },
	{ ASK_EDGES, { "include-edges",
		       "Sums take in waits that began before or ended after what was read",
		       ROW(edges, BOOL) } },
	{ ASK_SAVE, { "save", "Also write a profile of these waits to FILE", ROW(save, FILE), "FILE" } },
};

static const struct query_row showing[] = {
	{ ASK_CAPTURES, { "pcap", "Capture of packets to find the trace's in; several may be given",
			  ROW(captures, FILES), "FILE" } },
	{ ASK_CAPTURES, { "no-pcap", "Not those that lie beside the trace", ROW(no_captures, BOOL) } },
	{ ASK_SYMBOLS, { "kallsyms", "Copy of /proc/kallsyms that names the timers' callbacks",
			 ROW(kallsyms, FILE), "FILE" } },
	{ ASK_ROWS, { "format", NULL, ROW(format, TEXT), "FORMAT", .choices = row_formats } },
	{ ASK_GRAPH, { "format", NULL, ROW(format, TEXT), "FORMAT", .choices = graph_formats } },
	{ ASK_SCENE, { "format", NULL, ROW(format, TEXT), "FORMAT", .choices = scene_formats } },
	{ ASK_VERDICT, { "format", NULL, ROW(format, TEXT), "FORMAT", .choices = verdict_formats } },
	{ ASK_LOOKS, { "time", NULL, ROW(time_form, CHOICE), "FORM", .choices = fb_time_forms } },
	{ ASK_LOOKS, { "color", NULL, ROW(color, TEXT), "WHEN", .choices = colors } },
	{ ASK_OUTPUT, { "output", "Write to FILE instead of the standard output", ROW(output, FILE),
			"FILE", .letter = 'o' } },
};

unsigned query_parts(const struct fb_analysis *analysis)
{
	return ASK_TASKS | ASK_LEAD | ASK_SYMBOLS | ASK_LOOKS | ASK_OUTPUT |
	       (analysis->of_one_task ? 0 : ASK_WAITS) |
	       (analysis->blocking ? ASK_ALL | ASK_EDGES : 0) | (analysis->saves ? ASK_SAVE : 0) |
	       (analysis->no_bystanders ? ASK_BYSTANDERS : 0) |
	       (analysis->packets ? ASK_CAPTURES : 0) |
	       (analysis->graphs ? ASK_GRAPH : analysis->draws ? ASK_SCENE : ASK_ROWS);
}

/* ---- its life --------------------------------------------------------------------------- */

static void add(struct query *q, const struct fb_option *row, void *self)
{
	const struct query_option option = { .row = row, .self = self };

	g_array_append_val(q->options, option);
}

/* Rows that there are not have values all the same: those of options that are not given. */
static void add_rows(struct query *q, unsigned parts, const struct query_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		option_clear(&rows[i].option, q);
		option_init(&rows[i].option, q);
		if (rows[i].part & parts)
			add(q, &rows[i].option, q);
	}
}

void query_add(struct query *q, const struct fb_option *rows, void *self)
{
	for (; rows && rows->name; rows++)
		add(q, rows, self);
}

static void clear_option(void *option)
{
	g_free(((struct query_option *)option)->text);
}

void query_init(struct query *q, unsigned parts, const struct fb_option *own, void *self,
		const struct query_style *style)
{
	*q = (struct query){ .style = style };
	q->options = g_array_new(FALSE, FALSE, sizeof(struct query_option));
	g_array_set_clear_func(q->options, clear_option);
	add_rows(q, parts, choosing, G_N_ELEMENTS(choosing));
	query_add(q, own, self);
	add_rows(q, parts, showing, G_N_ELEMENTS(showing));
}

void query_clear(struct query *q)
{
	for (size_t i = 0; i < G_N_ELEMENTS(choosing); i++)
		option_clear(&choosing[i].option, q);
	for (size_t i = 0; i < G_N_ELEMENTS(showing); i++)
		option_clear(&showing[i].option, q);
	g_clear_pointer(&q->options, g_array_unref);
}

/* ---- values ----------------------------------------------------------------------------- */

static struct query_option *nth(const struct query *q, guint i)
{
	return &g_array_index(q->options, struct query_option, i);
}

struct query_option *query_find(const struct query *q, const char *name)
{
	for (guint i = 0; i < q->options->len; i++)
		if (!strcmp(nth(q, i)->row->name, name))
			return nth(q, i);
	return NULL;
}

/* Captures are of use for packets alone. */
static bool set_implied(const struct query *q, const struct fb_option *o, GError **error)
{
	struct query_option *packets = strcmp(o->name, "pcap") ? NULL : query_find(q, "packets");

	return !packets || query_set(q, packets, NULL, error);
}

bool query_set(const struct query *q, struct query_option *option, const char *text, GError **error)
{
	const struct fb_option *o = option->row;

	if (o->type != FB_OPTION_TIME && !fb_option_set(o, option->self, text, error)) {
		g_prefix_error(error, q->style->prefix, o->name);
		return false;
	}
	g_free(option->text);
	option->text = g_strdup(text ? text : "yes");
	return set_implied(q, o, error);
}

/* Whoever chooses tasks, or asks for all waits there are, gets them. */
static bool wants_no_bystanders(const struct query *q)
{
	const struct fb_filter *f = &q->filter;

	return query_find(q, "all-tasks") && !q->all_tasks && !q->all && !f->n_pids && !f->n_tids &&
	       !f->comm;
}

static bool refuse_order(const struct query *q, GError **error)
{
	g_autofree char *prefix = g_strdup_printf(q->style->prefix, "begin");
	g_autofree char *end = g_strdup_printf(q->style->name, "end");

	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s%s is after %s %s", prefix,
		    query_find(q, "begin")->text, end, query_find(q, "end")->text);
	return false;
}

bool query_times(struct query *q, const struct fb_source_info *info, GError **error)
{
	struct fb_filter *f = &q->filter;

	for (guint i = 0; i < q->options->len; i++) {
		const struct query_option *option = nth(q, i);
		const struct fb_option *o = option->row;

		if (o->type != FB_OPTION_TIME || !option->text)
			continue;
		if (!fb_option_set_time(o, option->self, option->text, q->time_form, info,
					error)) {
			g_prefix_error(error, q->style->prefix, o->name);
			return false;
		}
	}
	f->has_begin = q->begin != FB_NS_NONE;
	f->begin = f->has_begin ? q->begin : 0;
	f->has_end = q->end != FB_NS_NONE;
	f->end = f->has_end ? q->end : 0;
	f->pids = (const int32_t *)q->pids->data;
	f->n_pids = q->pids->len;
	f->tids = (const int32_t *)q->tids->data;
	f->n_tids = q->tids->len;
	f->no_bystanders = wants_no_bystanders(q);
	return !f->has_begin || !f->has_end || f->begin <= f->end || refuse_order(q, error);
}

GPtrArray *query_captures(const struct query *q)
{
	const struct query_option *packets = query_find(q, "packets");
	GPtrArray *paths;

	if (!query_find(q, "pcap") ||
	    (packets && (!packets->text || !strcmp(packets->text, "no"))))
		return NULL;
	paths = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < q->captures->len; i++)
		g_ptr_array_add(paths, g_strdup(q->captures->pdata[i]));
	return paths;
}

bool query_chooses(const struct query *q)
{
	static const char *const names[] = { "pid", "tid", "begin", "end", "comm", "min-duration",
					     "all" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (query_find(q, names[i]) && query_find(q, names[i])->text)
			return true;
	return false;
}

bool query_wants_color(const struct query *q, int fd)
{
	const char *terminal = g_getenv("TERM"), *no_color = g_getenv("NO_COLOR");

	if (q->color && strcmp(q->color, "auto"))
		return !strcmp(q->color, "always");
	return isatty(fd) && !(no_color && *no_color) && g_strcmp0(terminal, "dumb") != 0;
}

struct fb_run_options query_run_options(const struct query *q)
{
	return (struct fb_run_options){
		.kernel = { .all = q->all, .edges = true },
		.filter = q->filter,
		.lead = q->lead,
	};
}
