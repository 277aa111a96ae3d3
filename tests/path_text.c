/* SPDX-License-Identifier: MIT */
/* path_text.c - see path_text.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "path_text.h"
#include "scenario.h"

struct putting {
	GString *to;
	fb_ns at; /* told until here */
};

static void put_line(GString *to, const struct fb_segment *s, const char *state)
{
	if (!to)
		return;
	for (uint32_t i = 0; i < s->depth; i++)
		g_string_append(to, "  ");
	g_string_append_printf(to, "%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT " %d %s%s%s %s\n",
			       s->begin, s->end, s->task->tid, state, s->unknown ? ":" : "",
			       s->unknown ? fb_unknown_name(s->unknown) : "",
			       s->syscall ? s->syscall : "-");
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct putting *p = data;

	if (s->begin != p->at)
		fail_msg("a segment begins at %" G_GINT64_FORMAT ", but the last one ended at %"
			 G_GINT64_FORMAT, s->begin, p->at);
	if (s->end <= s->begin)
		fail_msg("a segment ends where it begins, at %" G_GINT64_FORMAT, s->begin);
	if ((s->state == FB_STATE_UNKNOWN) != (s->unknown != FB_UNKNOWN_NOT))
		fail_msg("segment at %" G_GINT64_FORMAT ": unknown for no reason", s->begin);
	p->at = s->end;
	put_line(p->to, s, fb_state_name(s->state));
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct putting *p = data;

	if (s->begin != p->at)
		fail_msg("a wait that is gone around begins at %" G_GINT64_FORMAT ", not at %"
			 G_GINT64_FORMAT, s->begin, p->at);
	put_line(p->to, s, s->is_birth ? "born" : "waits");
}

void put_path(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end, GString *to)
{
	static const struct fb_path_funcs funcs = { .segment = on_segment, .around = on_around };
	struct putting p = { to, begin };

	fb_history_path(h, task, begin, end, &funcs, &p);
	if (begin < end && p.at != end)
		fail_msg("a path ends at %" G_GINT64_FORMAT ", not at %" G_GINT64_FORMAT, p.at, end);
}

/* ---- a scenario's ------------------------------------------------------------------------- */

struct asking {
	struct fb_history *history;
	unsigned left;    /* events before the last */
	void (*ask)(struct asking *a);
	int32_t tid;
	fb_ns begin, end; /* FB_NS_NONE: the task's life */
	GString *to;
};

static void ask_one(struct asking *a)
{
	const struct fb_task *task = fb_history_find_task(a->history, a->tid);
	fb_ns begin, end;

	if (!task || !fb_history_life(a->history, task, &begin, &end))
		return;
	put_path(a->history, task, a->begin == FB_NS_NONE ? begin : a->begin,
		 a->end == FB_NS_NONE ? end : a->end, a->to);
}

static void on_event(struct fb_source *source, const struct fb_event *ev,
		     const struct fb_kernel *k, void *data)
{
	struct asking *a = data;

	(void)source;
	(void)k;
	if (ev && !--a->left)
		a->ask(a);
}

static unsigned count_events(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;

	for (char **line = lines; *line; line++)
		n += g_ascii_isdigit(**line);
	return n;
}

/* The tasks live until the model ends, so it is the last event that asks. */
static void play(const char *events, struct asking *a)
{
	struct fb_observer observer;
	const struct fb_kernel_options options = { .observers = &observer, .n_observers = 1 };

	a->history = fb_history_new(&(struct fb_history_options){ 0 });
	a->left = count_events(events);
	observer = fb_history_observer(a->history);
	scenario_each(events, &options, NULL, on_event, a);
	fb_history_free(a->history);
}

char *path_text(const char *events, int32_t tid, fb_ns begin, fb_ns end)
{
	struct asking a = { .ask = ask_one, .tid = tid, .begin = begin, .end = end,
			    .to = g_string_new(NULL) };

	play(events, &a);
	return g_string_free(a.to, FALSE);
}

/* ---- wherever cut ------------------------------------------------------------------------- */

enum { TIDS = 100 };

/* Times of scenarios are small: every window there is, and beyond. */
static void ask_everything(struct asking *a)
{
	for (int tid = 1; tid < TIDS; tid++) {
		const struct fb_task *task = fb_history_find_task(a->history, tid);
		fb_ns begin, end;

		if (!task || !fb_history_life(a->history, task, &begin, &end))
			continue;
		for (fb_ns from = begin - 1; from <= end; from++)
			for (fb_ns to = from; to <= end + 1; to++)
				put_path(a->history, task, from, to, NULL);
	}
}

void assert_tiles_wherever_cut(const char *events)
{
	for (const char *line = strchr(events, '\n'); line; line = strchr(line + 1, '\n')) {
		g_autofree char *part = g_strndup(events, line + 1 - events);
		struct asking a = { .ask = ask_everything };

		play(part, &a);
	}
}
