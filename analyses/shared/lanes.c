/* SPDX-License-Identifier: MIT */
/* lanes.c - a task's own part of its critical path: what it did, and what its waits were for. */
#include "analyses/shared/lanes.h"
#include "analyses/shared/path.h"

struct lane_maker {
	struct fb_scene *scene;
	struct fb_report *report;
	const struct fb_task *const *tasks;
	guint n, at;
	GString *words;
};

uint32_t lanes_find(const struct fb_task *const *tasks, guint n, const struct fb_task *task)
{
	for (guint i = 0; task && i < n; i++)
		if (tasks[i] == task)
			return i;
	return FB_SCENE_NO_LANE;
}

static enum fb_scene_kind kind_by_cause(const struct fb_cause *cause)
{
	if (cause->via == FB_VIA_SIGNAL || cause->via == FB_VIA_SIGNAL_PENDING)
		return FB_SCENE_SIGNAL;
	if (fb_via_is_child(cause->via))
		return FB_SCENE_CHILD;
	if (cause->kind == FB_CAUSE_SOFTIRQ && cause->id == FB_SOFTIRQ_NET_RX)
		return FB_SCENE_PACKET;
	return cause->kind == FB_CAUSE_TASK ? FB_SCENE_TASK : FB_SCENE_WAIT;
}

/* What a wait was for; on top of a task is what interrupted it. */
static enum fb_scene_kind kind_of(const struct fb_segment *s)
{
	switch (s->state) {
	case FB_STATE_RUNNING:
		return s->syscall ? FB_SCENE_CALL : FB_SCENE_USER;
	case FB_STATE_READY:
		return FB_SCENE_READY;
	case FB_STATE_UNKNOWN:
		return FB_SCENE_UNKNOWN;
	default:
		break;
	}
	if (!s->cause)
		return FB_SCENE_WAIT;
	if (path_is_on_top(s->cause))
		return FB_SCENE_INTERRUPT;
	if (s->state == FB_STATE_TIMER)
		return FB_SCENE_TIMER;
	if (s->state == FB_STATE_BLOCK)
		return FB_SCENE_DISK;
	return kind_by_cause(s->cause);
}

static void add_piece(struct lane_maker *m, const struct fb_segment *s)
{
	struct fb_scene_piece piece = {
		.begin = s->begin,
		.end = s->end,
		.kind = kind_of(s),
		.syscall = fb_scene_text(m->scene, s->syscall),
	};

	if (s->cause) {
		g_string_truncate(m->words, 0);
		path_cause(m->report, s->cause, m->words);
		piece.cause = fb_scene_text(m->scene, m->words->str);
	}
	fb_scene_add_piece(fb_scene_lane(m->scene, m->at), &piece);
}

/* Before its birth and behind its end there is nothing to be seen. */
static void on_segment(const struct fb_segment *s, void *data)
{
	if (s->depth == 0 && s->unknown != FB_UNKNOWN_EDGE)
		add_piece(data, s);
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct lane_maker *m = data;
	struct fb_scene_arrow arrow = { .kind = FB_SCENE_WAKES, .to = m->at, .begin = s->end,
					.end = s->end };

	if (s->depth)
		return;
	if (s->is_birth)
		arrow.kind = FB_SCENE_FORKS;
	else
		add_piece(m, s);
	arrow.from = lanes_find(m->tasks, m->n, s->cause->task);
	if (arrow.from != FB_SCENE_NO_LANE && arrow.from != arrow.to)
		g_array_append_val(m->scene->arrows, arrow);
}

static bool skip(const struct fb_segment *s, void *data)
{
	on_around(s, data);
	return true;
}

void lanes_fill(struct fb_scene *scene, struct fb_report *r, struct fb_history *h,
		const struct fb_task *const *tasks, guint n)
{
	static const struct fb_path_funcs funcs = { on_segment, on_around, skip };
	struct lane_maker m = { .scene = scene, .report = r, .tasks = tasks, .n = n,
				.words = g_string_new(NULL) };

	for (m.at = 0; m.at < n; m.at++) {
		const struct fb_task *task = tasks[m.at];
		fb_ns begin, end;

		g_string_truncate(m.words, 0);
		fb_report_who(task->comm, task->exe, task->tid, m.words);
		fb_scene_add_lane(scene, task->tid, task->pid, m.words->str, task->comm);
		/* A moment before its life it is known who gave it birth. */
		if (fb_history_life(h, task, &begin, &end))
			fb_history_path(h, task, MAX(begin - 1, scene->begin), MIN(end, scene->end), &funcs,
					&m);
	}
	g_string_free(m.words, TRUE);
}
