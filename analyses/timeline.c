/* SPDX-License-Identifier: MIT */
/*
 * timeline.c - a picture of a trace: what tasks did side by side, what they waited for, and who
 * woke whom. Those of the longest waits are in it, with all whom these waits depended on.
 */
#include <flightbox/analysis.h>
#include <flightbox/history.h>
#include <flightbox/packet.h>
#include <flightbox/run.h>
#include <flightbox/scene.h>

#include "analyses/shared/explain.h"
#include "analyses/shared/lanes.h"
#include "analyses/shared/path.h"

struct timeline {
	int top, most, width; /* options */
	bool with_arrows;
	fb_ns at;
	uint64_t size, budget;
	const struct fb_filter *filter;
	struct fb_filter who; /* the part of the filter that chooses tasks */
	struct fb_report *report;
	struct fb_history *history;
	struct fb_packets *packets;
	GArray *waits;     /* struct wait, the longest first */
	GArray *sent;      /* struct sent, packets that ended waits */
	uint64_t not_sent; /* … of which too many were to be kept */
	GPtrArray *tasks;  /* struct fb_task: the lanes */
	uint64_t left_out; /* tasks without a lane */
	GString *words;
	struct fb_scene scene;
	GArray *losses;    /* struct fb_scene_mark, as they are found out */
};

struct wait {
	const struct fb_task *task;
	fb_ns begin, wake;
};

/* A packet from one task to another. */
struct sent {
	const struct fb_task *from, *to; /* `from` NULL: from outside */
	fb_ns left, received, wake;
	uint32_t len;
	uint8_t flags;
};

enum {
	SENT_MAX = 1 << 20,
	LEAST_SHARE = 100, /* of a wait, that a task must have for a lane of its own: 1 % */
	STORY_LINKS = 200,
	FIGURE_PIECES = 1000, /* side by side in a lane, but for as many where short ones lie between */
	MARKS_MAX = 10000,
};

/* ---- which waits ------------------------------------------------------------------------ */

static struct wait *wait_at(const struct timeline *a, guint i)
{
	return &g_array_index(a->waits, struct wait, i);
}

static void keep_packet(struct timeline *a, const struct fb_blocking *b)
{
	const struct fb_packet *p = fb_packets_of(a->packets, b);
	struct sent sent;

	if (!p || (p->match != FB_PACKET_EXACT && p->match != FB_PACKET_INFERRED))
		return;
	if (a->sent->len >= SENT_MAX) {
		a->not_sent++;
		return;
	}
	sent = (struct sent){ .from = p->is_outside ? NULL : p->written.task, .to = b->task,
			      .left = p->is_outside || p->left == FB_NS_NONE ? p->received : p->left,
			      .received = p->received, .wake = b->wake, .len = p->key.len, .flags = p->key.flags };
	g_array_append_val(a->sent, sent);
}

/* Of one that is cut off, what the trace has of it. */
static struct wait wait_of(const struct timeline *a, const struct fb_blocking *b)
{
	const struct fb_source_info *info = fb_report_info(a->report);
	fb_ns last = b->end == FB_NS_NONE ? info->end : b->end;

	return (struct wait){ b->task, b->begin == FB_NS_NONE ? info->begin : b->begin,
			      b->wake == FB_NS_NONE ? last : b->wake };
}

static bool is_chosen(const struct timeline *a, const struct wait *wait)
{
	if (wait->begin == FB_NS_NONE || wait->wake == FB_NS_NONE || wait->begin >= wait->wake)
		return false;
	return a->at == FB_NS_NONE || (a->at >= wait->begin && a->at <= wait->wake);
}

static void timeline_blocking(void *self, const struct fb_blocking *b)
{
	struct timeline *a = self;
	const struct wait wait = wait_of(a, b);
	guint place = a->waits->len;

	keep_packet(a, b);
	if (!is_chosen(a, &wait))
		return;
	while (place > 0 && wait_at(a, place - 1)->wake - wait_at(a, place - 1)->begin <
				    wait.wake - wait.begin)
		place--;
	if (place == (guint)a->top)
		return;
	if (a->waits->len == (guint)a->top)
		g_array_set_size(a->waits, a->top - 1);
	g_array_insert_val(a->waits, place, wait);
}

/* What never ended may be what is looked for. */
static bool timeline_lists_edges(const void *self)
{
	return ((const struct timeline *)self)->at != FB_NS_NONE;
}

/* ---- which lanes ------------------------------------------------------------------------ */

static void add_task(struct timeline *a, const struct fb_task *task)
{
	if (task->tid <= 0 || g_ptr_array_find(a->tasks, task, NULL))
		return;
	if (a->tasks->len < (guint)a->most)
		g_ptr_array_add(a->tasks, (void *)task);
	else
		a->left_out++;
}

/* How long each task is on the path of a wait. */
static void add_time(const struct fb_segment *s, void *times)
{
	fb_ns *time = g_hash_table_lookup(times, s->task);

	if (!time) {
		time = g_new0(fb_ns, 1);
		g_hash_table_insert(times, (void *)s->task, time);
	}
	*time += s->end - s->begin;
}

static int by_number(const void *a, const void *b)
{
	const struct fb_task *x = *(const struct fb_task *const *)a;
	const struct fb_task *y = *(const struct fb_task *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

static void add_tasks_of(struct timeline *a, const struct wait *wait)
{
	static const struct fb_path_funcs funcs = { .segment = add_time };
	g_autoptr(GHashTable) times = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(GPtrArray) tasks = g_ptr_array_new();
	GHashTableIter i;
	void *task, *time;

	fb_history_path(a->history, wait->task, wait->begin, wait->wake, &funcs, times);
	add_task(a, wait->task);
	g_hash_table_iter_init(&i, times);
	while (g_hash_table_iter_next(&i, &task, &time))
		if (*(fb_ns *)time * LEAST_SHARE >= wait->wake - wait->begin)
			g_ptr_array_add(tasks, task);
	g_ptr_array_sort(tasks, by_number);
	for (guint n = 0; n < tasks->len; n++)
		add_task(a, g_ptr_array_index(tasks, n));
}

static bool chooses_tasks(const struct fb_filter *filter)
{
	return filter->n_pids || filter->n_tids || filter->comm;
}

static void add_chosen(const struct fb_task *task, const struct fb_account *account, void *data)
{
	struct timeline *a = data;
	const struct fb_blocking b = { .task = task, .comm = task->comm, .exe = task->exe };

	(void)account;
	if (fb_filter_matches(&a->who, &b))
		add_task(a, task);
}

/* Threads of a process below each other, in the order in which processes came to be known. */
static void by_process(GPtrArray *tasks)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(tasks->len);

	for (guint i = 0; i < tasks->len; i++) {
		const struct fb_task *first = g_ptr_array_index(tasks, i);

		for (guint k = i; first && k < tasks->len; k++) {
			const struct fb_task *task = g_ptr_array_index(tasks, k);

			if (!task || fb_task_process(task) != fb_task_process(first))
				continue;
			g_ptr_array_add(sorted, (void *)task);
			tasks->pdata[k] = NULL;
		}
	}
	for (guint i = 0; i < sorted->len; i++)
		tasks->pdata[i] = sorted->pdata[i];
}

static void choose_tasks(struct timeline *a)
{
	for (guint i = 0; i < a->waits->len; i++)
		add_tasks_of(a, wait_at(a, i));
	if (chooses_tasks(a->filter))
		fb_history_each_task(a->history, add_chosen, a);
	by_process(a->tasks);
}

/* ---- from when to when ------------------------------------------------------------------ */

/* What was under way then, and a tenth more at both ends; or a second before and after. */
static void around_moment(const struct timeline *a, fb_ns *begin, fb_ns *end)
{
	fb_ns more = 1000000000;

	*begin = *end = a->at;
	for (guint i = 0; i < a->waits->len; i++) {
		*begin = MIN(*begin, wait_at(a, i)->begin);
		*end = MAX(*end, wait_at(a, i)->wake);
	}
	if (a->waits->len)
		more = (*end - *begin) / 10;
	*begin -= more;
	*end += more;
}

static void set_span(struct timeline *a)
{
	const struct fb_source_info *info = fb_report_info(a->report);
	fb_ns begin = info->begin, end = info->end;

	if (a->at != FB_NS_NONE)
		around_moment(a, &begin, &end);
	if (a->filter->has_begin)
		begin = MAX(begin, a->filter->begin);
	if (a->filter->has_end)
		end = MIN(end, a->filter->end);
	if (info->begin != FB_NS_NONE)
		begin = MAX(begin, info->begin);
	if (info->end != FB_NS_NONE)
		end = MIN(end, info->end);
	fb_scene_init(&a->scene, begin, MAX(begin, end));
}

/* To what there is to be seen, unless it was said from when to when. */
static void trim_span(struct timeline *a)
{
	fb_ns begin = a->scene.end, end = a->scene.begin;

	for (guint i = 0; i < a->scene.lanes->len; i++) {
		const GArray *pieces = fb_scene_lane(&a->scene, i)->pieces;

		if (!pieces->len)
			continue;
		begin = MIN(begin, g_array_index(pieces, struct fb_scene_piece, 0).begin);
		end = MAX(end, g_array_index(pieces, struct fb_scene_piece, pieces->len - 1).end);
	}
	if (a->at != FB_NS_NONE || begin >= end)
		return;
	if (!a->filter->has_begin)
		a->scene.begin = begin;
	if (!a->filter->has_end)
		a->scene.end = end;
}

/* ---- packets ---------------------------------------------------------------------------- */

/* "SYN+ACK", "FIN", "42 bytes". */
static void packet_words(const struct sent *sent, GString *to)
{
	static const struct {
		int flag;
		const char *name;
	} flags[] = { { FB_PACKET_SYN, "SYN" }, { FB_PACKET_FIN, "FIN" }, { FB_PACKET_RST, "RST" } };

	g_string_truncate(to, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		if (sent->flags & flags[i].flag)
			g_string_append_printf(to, "%s%s", to->len ? "+" : "", flags[i].name);
	if (sent->len)
		g_string_append_printf(to, "%s%u byte%s", to->len ? ", " : "", sent->len,
				       sent->len == 1 ? "" : "s");
	else if (sent->flags & FB_PACKET_ACK && !(sent->flags & FB_PACKET_FIN))
		g_string_append(to, to->len ? "+ACK" : "ACK");
}

struct waking {
	const struct fb_task *task;
	fb_ns time;
};

static guint waking_hash(const void *waking)
{
	return g_int64_hash(&((const struct waking *)waking)->time);
}

static gboolean waking_equal(const void *a, const void *b)
{
	const struct waking *x = a, *y = b;

	return x->task == y->task && x->time == y->time;
}

/* Who is woken by a packet that is shown is not shown to be woken by who sent it, too. */
static void drop_wakings(struct timeline *a)
{
	GHashTable *by_packets = g_hash_table_new_full(waking_hash, waking_equal, g_free, NULL);
	GArray *arrows = a->scene.arrows;
	guint kept = 0;

	for (guint i = 0; i < a->sent->len; i++) {
		const struct sent *sent = &g_array_index(a->sent, struct sent, i);
		const struct waking waking = { sent->to, sent->wake };

		g_hash_table_add(by_packets, g_memdup2(&waking, sizeof(waking)));
	}
	for (guint i = 0; i < arrows->len; i++) {
		const struct fb_scene_arrow arrow = g_array_index(arrows, struct fb_scene_arrow, i);
		const struct waking waking = { g_ptr_array_index(a->tasks, arrow.to), arrow.end };

		if (arrow.kind == FB_SCENE_FORKS || !g_hash_table_contains(by_packets, &waking))
			g_array_index(arrows, struct fb_scene_arrow, kept++) = arrow;
	}
	g_array_set_size(arrows, kept);
	g_hash_table_destroy(by_packets);
}

static void add_packets(struct timeline *a)
{
	const struct fb_task *const *tasks = (const struct fb_task *const *)a->tasks->pdata;

	for (guint i = 0; i < a->sent->len; i++) {
		const struct sent *sent = &g_array_index(a->sent, struct sent, i);
		struct fb_scene_arrow arrow = {
			.kind = FB_SCENE_SENDS,
			.from = lanes_find(tasks, a->tasks->len, sent->from),
			.to = lanes_find(tasks, a->tasks->len, sent->to),
			.begin = MIN(sent->left, sent->received), .end = sent->received };

		if (arrow.to == FB_SCENE_NO_LANE || arrow.end < a->scene.begin ||
		    arrow.begin > a->scene.end)
			continue;
		packet_words(sent, a->words);
		arrow.label = a->words->len ? fb_scene_text(&a->scene, a->words->str) : NULL;
		g_array_append_val(a->scene.arrows, arrow);
	}
}

/* "3 tasks from 99711137075, for 580.5 ms". */
static const char *title_of(struct timeline *a)
{
	g_string_printf(a->words, "%u task%s from ", a->scene.lanes->len,
			a->scene.lanes->len == 1 ? "" : "s");
	fb_report_when(a->report, a->scene.begin, a->words);
	g_string_append(a->words, ", for ");
	fb_report_ms(a->report, a->scene.end - a->scene.begin, a->words);
	return a->words->str;
}

/* ---- for programs ----------------------------------------------------------------------- */

struct lane_row {
	const struct fb_scene *scene;
	uint32_t number;
	const struct fb_scene_lane *lane;
	const struct fb_scene_piece *piece;
	const struct fb_scene_arrow *arrow;
};

#define LANE(cell_type, expression)                                                                \
	{                                                                                          \
		const struct lane_row *row = at;                                                   \
                                                                                                   \
		(void)r;                                                                           \
		return cell_type(expression);                                                      \
	}

static struct fb_cell get_tid(struct fb_report *r, const void *at) LANE(FB_INT, row->lane->tid)
static struct fb_cell get_comm(struct fb_report *r, const void *at) LANE(FB_TEXT, row->lane->comm)
static struct fb_cell get_begin(struct fb_report *r, const void *at) LANE(FB_TIME, row->piece->begin)
static struct fb_cell get_end(struct fb_report *r, const void *at) LANE(FB_TIME, row->piece->end)
static struct fb_cell get_kind(struct fb_report *r, const void *at)
	LANE(FB_NAME, fb_scene_kind_name(row->piece->kind))
static struct fb_cell get_syscall(struct fb_report *r, const void *at) LANE(FB_TEXT, row->piece->syscall)
static struct fb_cell get_cause(struct fb_report *r, const void *at) LANE(FB_TEXT, row->piece->cause)

static struct fb_cell get_pid(struct fb_report *r, const void *at)
{
	const struct fb_scene_lane *lane = ((const struct lane_row *)at)->lane;

	(void)r;
	return lane->pid ? FB_INT(lane->pid) : FB_NULL;
}

static const struct fb_table pieces = {
	.type = "piece",
	.columns = {
		{ .key = "lane", FB_UINT_OF(struct lane_row, number) },
		{ .key = "tid", FB_BY(INT, get_tid) },
		{ .key = "pid", FB_BY(INT, get_pid) },
		{ .key = "comm", FB_BY(TEXT, get_comm) },
		{ .key = "begin", FB_BY(TIME, get_begin) },
		{ .key = "end", FB_BY(TIME, get_end) },
		{ .key = "kind", FB_BY(TEXT, get_kind) },
		{ .key = "syscall", FB_BY(TEXT, get_syscall) },
		{ .key = "cause", FB_BY(TEXT, get_cause) },
	},
};

static struct fb_cell get_arrow_kind(struct fb_report *r, const void *at)
	LANE(FB_NAME, fb_scene_arrow_name(row->arrow->kind))
static struct fb_cell get_to(struct fb_report *r, const void *at) LANE(FB_INT, row->arrow->to)
static struct fb_cell get_arrow_begin(struct fb_report *r, const void *at)
	LANE(FB_TIME, row->arrow->begin)
static struct fb_cell get_arrow_end(struct fb_report *r, const void *at) LANE(FB_TIME, row->arrow->end)
static struct fb_cell get_label(struct fb_report *r, const void *at) LANE(FB_TEXT, row->arrow->label)

static struct fb_cell get_from(struct fb_report *r, const void *at)
{
	uint32_t from = ((const struct lane_row *)at)->arrow->from;

	(void)r;
	return from == FB_SCENE_NO_LANE ? FB_NULL : FB_INT(from);
}

static const struct fb_table arrows = {
	.type = "arrow",
	.columns = {
		{ .key = "kind", FB_BY(TEXT, get_arrow_kind) },
		{ .key = "from", FB_BY(INT, get_from) },
		{ .key = "to", FB_BY(INT, get_to) },
		{ .key = "begin", FB_BY(TIME, get_arrow_begin) },
		{ .key = "end", FB_BY(TIME, get_arrow_end) },
		{ .key = "label", FB_BY(TEXT, get_label) },
	},
};

static void report_for_programs(struct timeline *a)
{
	const struct fb_scene *scene = &a->scene;
	struct lane_row row = { .scene = scene };

	fb_report_table(a->report, &pieces, NULL);
	for (row.number = 0; row.number < scene->lanes->len; row.number++) {
		row.lane = fb_scene_lane(scene, row.number);
		for (guint i = 0; i < row.lane->pieces->len; i++) {
			row.piece = &g_array_index(row.lane->pieces, struct fb_scene_piece, i);
			fb_report_row(a->report, &row);
		}
	}
	fb_report_table(a->report, &arrows, NULL);
	for (guint i = 0; i < scene->arrows->len; i++) {
		row.arrow = &g_array_index(scene->arrows, struct fb_scene_arrow, i);
		fb_report_row(a->report, &row);
	}
}

/* ---- for people ------------------------------------------------------------------------- */

/* A line of the picture. */
struct line_row {
	const char *who, *line;
};

static const struct fb_table lines = {
	.columns = {
		{ .heading = "", FB_TEXT_OF(struct line_row, who) },
		{ .heading = "", FB_TEXT_OF(struct line_row, line) },
	},
};

enum { NAME_WIDTH = 26 };

/* Which column of `width` a time is in. */
static int column_of(const struct fb_scene *scene, fb_ns time, int width)
{
	double share = (double)(time - scene->begin) / (double)(scene->end - scene->begin);

	return CLAMP((int)(share * width), 0, width - 1);
}

static fb_ns column_begin(const struct fb_scene *scene, int column, int width)
{
	return scene->begin + (fb_ns)((double)(scene->end - scene->begin) * column / width);
}

static void lane_line(const struct fb_scene *scene, const struct fb_scene_lane *lane, int width,
		      GString *to)
{
	enum fb_scene_kind kind;

	for (int column = 0; column < width; column++)
		g_string_append_c(to, fb_scene_most(lane, column_begin(scene, column, width),
						    column_begin(scene, column + 1, width), &kind) ?
					      fb_scene_kind_letter(kind) : ' ');
}

/* A lane's own letter: A to Z, a to z, then none. */
static char lane_letter(uint32_t lane)
{
	return lane < 26 ? 'A' + (char)lane : lane < 52 ? 'a' + (char)(lane - 26) : '+';
}

/* Below each column who woke the task then, or sent it a packet; '*' for several or one from outside. */
static bool arrow_line(const struct fb_scene *scene, uint32_t lane, int width, GString *to)
{
	bool any = false;

	for (int column = 0; column < width; column++)
		g_string_append_c(to, ' ');
	for (guint i = 0; i < scene->arrows->len; i++) {
		const struct fb_scene_arrow *arrow =
			&g_array_index(scene->arrows, struct fb_scene_arrow, i);
		char letter = arrow->from == FB_SCENE_NO_LANE ? '*' : lane_letter(arrow->from);
		char *at = &to->str[to->len - width + column_of(scene, arrow->end, width)];

		if (arrow->to != lane || arrow->end < scene->begin || arrow->end > scene->end)
			continue;
		any = true;
		*at = *at == ' ' || *at == letter ? letter : '*';
	}
	return any;
}

/* "0         100 ms    200 ms": where they begin is that time. */
static void axis_line(const struct fb_scene *scene, int width, GString *to)
{
	fb_ns step = fb_scene_step(scene, width / 12);
	g_autoptr(GString) words = g_string_new(NULL);

	for (fb_ns at = 0; at <= scene->end - scene->begin; at += step) {
		size_t column = (size_t)column_of(scene, scene->begin + at, width);

		fb_scene_step_words(at, words);
		if (column + words->len > (size_t)width)
			break;
		while (to->len < column)
			g_string_append_c(to, ' ');
		g_string_append(to, words->str);
	}
}

static void report_axis(struct timeline *a, int width)
{
	g_autoptr(GString) line = g_string_new(NULL);

	axis_line(&a->scene, width, line);
	fb_report_row(a->report, &(const struct line_row){ "", line->str });
}

static void trim(GString *line)
{
	while (line->len && line->str[line->len - 1] == ' ')
		g_string_truncate(line, line->len - 1);
}

static void report_lines(struct timeline *a, int width)
{
	const struct fb_scene *scene = &a->scene;

	for (uint32_t i = 0; i < scene->lanes->len; i++) {
		const struct fb_scene_lane *lane = fb_scene_lane(scene, i);
		g_autoptr(GString) who = g_string_new(NULL), line = g_string_new(NULL);

		if (a->with_arrows)
			g_string_append_printf(who, "%c ", lane_letter(i));
		g_string_append(who, lane->name);
		lane_line(scene, lane, width, line);
		trim(line);
		fb_report_row(a->report, &(const struct line_row){ who->str, line->str });
		g_string_truncate(line, 0);
		if (!a->with_arrows || !arrow_line(scene, i, width, line))
			continue;
		trim(line);
		fb_report_row(a->report, &(const struct line_row){ "", line->str });
	}
}

/* Those kinds that are there, in lines as wide as the picture. */
static void report_legend(struct timeline *a)
{
	bool met[FB_SCENE_KINDS] = { false };
	g_autoptr(GString) line = g_string_new(NULL), words = g_string_new(NULL);

	fb_scene_kinds(&a->scene, met);
	for (int kind = 0; kind < FB_SCENE_KINDS; kind++) {
		if (!met[kind])
			continue;
		g_string_printf(words, "%c %s", fb_scene_kind_letter(kind), fb_scene_kind_words(kind));
		if (line->len && line->len + words->len + 2 > (size_t)a->width) {
			fb_report_note(a->report, "%s", line->str);
			g_string_truncate(line, 0);
		}
		g_string_append_printf(line, "%s%s", line->len ? ", " : "", words->str);
	}
	if (line->len)
		fb_report_note(a->report, "%s", line->str);
}

static void report_for_people(struct timeline *a)
{
	int width = MAX(a->width - NAME_WIDTH - 2, 20);
	g_autoptr(GString) title = g_string_new(NULL);

	if (!a->scene.lanes->len) {
		fb_report_note(a->report, "No tasks to show.");
		return;
	}
	g_string_printf(title, "%s; a column is ", title_of(a));
	fb_report_ms(a->report, (a->scene.end - a->scene.begin) / width, title);
	fb_report_table(a->report, &lines, title->str);
	report_axis(a, width);
	report_lines(a, width);
	report_legend(a);
}

/* ---- stories ---------------------------------------------------------------------------- */

static const char *link_words(struct timeline *a, const struct link *link)
{
	const struct fb_segment *segment = &link->segment;

	g_string_truncate(a->words, 0);
	fb_report_ms(a->report, link->sum, a->words);
	g_string_append_c(a->words, ' ');
	path_task(segment->task, a->words);
	if (link->kind == LINK_WAIT)
		g_string_append(a->words, " waits");
	else
		g_string_append_printf(a->words, " %s", link->kind == LINK_BIRTH ? "not born" :
								fb_state_name(segment->state));
	if (link->n > 1)
		g_string_append_printf(a->words, ", %" G_GUINT64_FORMAT " times", link->n);
	if (segment->syscall)
		g_string_append_printf(a->words, " in sys_%s", segment->syscall);
	if (segment->cause) {
		g_string_append(a->words, ": ");
		path_cause(a->report, segment->cause, a->words);
	}
	return fb_scene_text(&a->scene, a->words->str);
}

static void add_link(struct timeline *a, const struct link *link, GArray *links)
{
	const struct fb_scene_link of = {
		.lane = lanes_find((const struct fb_task *const *)a->tasks->pdata, a->tasks->len,
				   link->segment.task),
		.depth = link->segment.depth,
		.is_leaf = link->kind == LINK_LEAF || link->kind == LINK_STRETCH,
		.begin = link->segment.begin, .end = link->segment.end,
		.words = link_words(a, link) };

	g_array_append_val(links, of);
}

static void add_story(struct timeline *a, const struct wait *wait)
{
	struct fb_scene_story story = {
		.lane = lanes_find((const struct fb_task *const *)a->tasks->pdata, a->tasks->len, wait->task),
		.begin = wait->begin, .end = wait->wake };
	struct explanation *e;

	if (story.lane == FB_SCENE_NO_LANE)
		return;
	e = explanation_new(a->history, wait->task, wait->begin, wait->wake, EXPLAIN_LONG);
	g_string_assign(a->words, "Root: ");
	explanation_root(a->report, e, a->words);
	story.root = fb_scene_text(&a->scene, a->words->str);
	story.links = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_link));
	for (guint i = 0; i < e->chain->len && i < STORY_LINKS; i++)
		add_link(a, &g_array_index(e->chain, struct link, i), story.links);
	explanation_free(e);
	g_array_append_val(a->scene.stories, story);
}

/* ---- drawn ------------------------------------------------------------------------------ */

/* About how many bytes of a page. */
static uint64_t bytes_of(const struct fb_scene *scene)
{
	enum { PIECE = 22, ARROW = 36 };
	uint64_t bytes = (uint64_t)scene->arrows->len * ARROW;

	for (guint i = 0; i < scene->lanes->len; i++)
		bytes += (uint64_t)fb_scene_lane(scene, i)->pieces->len * PIECE;
	return bytes;
}

/* Coarser by and by, until it fits. */
static void keep_to_budget(struct timeline *a)
{
	struct fb_scene *scene = &a->scene;

	fb_scene_simplify(scene, 0);
	for (fb_ns least = (scene->end - scene->begin) >> 20; bytes_of(scene) > a->budget; least = 2 * least + 1) {
		fb_scene_simplify(scene, least);
		if (least > scene->end - scene->begin)
			return;
	}
}

static void report_scene(struct timeline *a)
{
	struct fb_scene *scene = &a->scene;

	if (fb_report_is_page(a->report)) {
		keep_to_budget(a);
		for (guint i = 0; i < a->waits->len; i++)
			add_story(a, wait_at(a, i));
	} else {
		fb_scene_simplify(scene, (scene->end - scene->begin) / FIGURE_PIECES);
	}
	scene->title = fb_scene_text(scene, title_of(a));
	fb_report_table(a->report, &fb_scene_table, NULL);
	fb_report_row(a->report, scene);
}

/* ---- losses ----------------------------------------------------------------------------- */

static void on_lost(void *data, const struct fb_task *task, fb_ns now, fb_ns until)
{
	struct timeline *a = data;
	const struct fb_scene_mark mark = { now, until, "events of a CPU were lost" };

	(void)task;
	if (now < until && a->losses->len < MARKS_MAX)
		g_array_append_val(a->losses, mark);
}

static const struct fb_observer_ops losses_ops = { .lost = on_lost };

static int by_begin(const void *a, const void *b)
{
	const struct fb_scene_mark *x = a, *y = b;

	return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Those that overlap are one. */
static void add_losses(struct timeline *a)
{
	GArray *marks = a->scene.marks;

	g_array_sort(a->losses, by_begin);
	for (guint i = 0; i < a->losses->len; i++) {
		const struct fb_scene_mark *mark = &g_array_index(a->losses, struct fb_scene_mark, i);
		struct fb_scene_mark *last =
			marks->len ? &g_array_index(marks, struct fb_scene_mark, marks->len - 1) : NULL;

		if (mark->end <= a->scene.begin || mark->begin >= a->scene.end)
			continue;
		if (last && mark->begin <= last->end)
			last->end = MAX(last->end, mark->end);
		else
			g_array_append_vals(marks, mark, 1);
	}
}

/* ---- the analysis ----------------------------------------------------------------------- */

static bool timeline_select(void *self, const struct fb_filter *filter, GError **error)
{
	struct timeline *a = self;

	(void)error;
	a->filter = filter;
	a->who = (struct fb_filter){
		.pids = filter->pids, .n_pids = filter->n_pids,
		.tids = filter->tids, .n_tids = filter->n_tids,
		.comm = filter->comm,
	};
	return true;
}

static void timeline_init(void *self, struct fb_report *report)
{
	struct timeline *a = self;
	struct fb_history_options options = { .size = a->size };

	a->report = report;
	a->packets = options.packets = fb_packets_new();
	a->history = fb_history_new(&options);
	a->waits = g_array_new(FALSE, FALSE, sizeof(struct wait));
	a->sent = g_array_new(FALSE, FALSE, sizeof(struct sent));
	a->tasks = g_ptr_array_new();
	a->words = g_string_new(NULL);
	a->losses = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_mark));
}

static size_t timeline_observe(void *self, struct fb_observer *observers)
{
	const struct timeline *a = self;

	observers[0] = fb_packets_observer(a->packets);
	observers[1] = fb_history_observer(a->history);
	observers[2] = (struct fb_observer){ &losses_ops, (void *)a };
	return 3;
}

static void timeline_report(void *self, struct fb_report *report)
{
	struct timeline *a = self;

	choose_tasks(a);
	set_span(a);
	lanes_fill(&a->scene, report, a->history, (const struct fb_task *const *)a->tasks->pdata,
		   a->tasks->len);
	trim_span(a);
	drop_wakings(a);
	add_packets(a);
	add_losses(a);
	if (fb_report_is_scene(report))
		report_scene(a);
	else if (fb_report_for_people(report))
		report_for_people(a);
	else
		report_for_programs(a);
	if (a->left_out)
		fb_report_note(report, "%" G_GUINT64_FORMAT " more tasks are not shown (--lanes)",
			       a->left_out);
	path_cost(report, a->history);
}

static void timeline_clear(void *self)
{
	struct timeline *a = self;

	if (!a->report)
		return;
	fb_scene_clear(&a->scene);
	g_array_free(a->waits, TRUE);
	g_array_free(a->sent, TRUE);
	g_array_free(a->losses, TRUE);
	g_ptr_array_free(a->tasks, TRUE);
	fb_history_free(a->history);
	fb_packets_free(a->packets);
	g_string_free(a->words, TRUE);
}

static const struct fb_option options[] = {
	{ "top", "The tasks of how many waits, the longest ones, and of all that these depended on (default 10)",
	  offsetof(struct timeline, top), FB_OPTION_INT, .arg = "N", .initial = 10, .min = 1,
	  .max = 100000 },
	{ "at", "What was under way at T", offsetof(struct timeline, at), FB_OPTION_TIME, .arg = "T" },
	{ "lanes", "How many tasks at most (default 40)", offsetof(struct timeline, most),
	  FB_OPTION_INT, .arg = "N", .initial = 40, .min = 1, .max = 10000 },
	{ "width", "Columns of the picture in text (default 100)", offsetof(struct timeline, width),
	  FB_OPTION_INT, .arg = "N", .initial = 100, .min = 60, .max = 1000 },
	{ "arrows", "In text, who woke whom: letters below the lanes", offsetof(struct timeline, with_arrows),
	  FB_OPTION_BOOL },
	{ "budget", "How large a page may be, about (default 5M); what is too short is merged",
	  offsetof(struct timeline, budget), FB_OPTION_SIZE, .arg = "SIZE", .initial = 5 << 20 },
	{ "history", "How much of the past to keep in memory (default 192M)",
	  offsetof(struct timeline, size), FB_OPTION_SIZE, .arg = "SIZE", .initial = FB_HISTORY_SIZE },
	{ NULL },
};

const struct fb_analysis fb_timeline_analysis = {
	.name = "timeline",
	.help = "what tasks did side by side, as a picture",
	.size = sizeof(struct timeline),
	.options = options,
	.no_bystanders = true,
	.draws = true,
	.select = timeline_select,
	.init = timeline_init,
	.observe = timeline_observe,
	.kinds = fb_history_kinds,
	.blocking = timeline_blocking,
	.lists_edges = timeline_lists_edges,
	.report = timeline_report,
	.clear = timeline_clear,
};
