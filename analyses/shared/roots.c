/* SPDX-License-Identifier: MIT */
/* roots.c - what waits that somebody else has chosen were for: `why`, for those alone. */
#include "analyses/shared/roots.h"

#include <flightbox/history.h>

#include "analyses/shared/explain.h"

struct roots {
	GArray *wanted;           /* struct root */
	struct fb_report *names;
	struct fb_history *history;
	GArray *found;            /* struct found_root */
};

struct found_root {
	struct fb_blocking blocking;
	guint wanted;             /* which it is */
	struct explanation *explanation; /* NULL: not yet */
};

static void explain(struct roots *r, struct found_root *f)
{
	if (!f->explanation)
		f->explanation = explanation_new(r->history, f->blocking.task, f->blocking.begin,
						 f->blocking.wake, EXPLAIN_BRIEF);
}

static void explain_until(struct roots *r, fb_ns until)
{
	for (guint i = 0; i < r->found->len; i++) {
		struct found_root *f = &g_array_index(r->found, struct found_root, i);

		if (f->blocking.begin < until)
			explain(r, f);
	}
}

static bool is_of_wanted(const struct fb_task *task, void *data)
{
	const struct roots *r = data;

	for (guint i = 0; i < r->wanted->len; i++)
		if (g_array_index(r->wanted, struct root, i).tid == task->tid)
			return true;
	return false;
}

/* A wait under way may be a wanted one. */
static fb_ns needed_since(void *data, fb_ns until, bool is_full)
{
	struct roots *r = data;
	fb_ns since = fb_history_waits_since(r->history, is_of_wanted, r);

	if (since >= until || is_full)
		explain_until(r, until);
	return since;
}

struct roots *roots_new(GArray *wanted, struct fb_report *names)
{
	struct roots *r = g_new0(struct roots, 1);
	const struct fb_history_options options = { .needed_since = needed_since, .data = r };

	r->wanted = wanted;
	r->names = names;
	r->history = fb_history_new(&options);
	r->found = g_array_new(FALSE, FALSE, sizeof(struct found_root));
	return r;
}

void roots_free(struct roots *r)
{
	if (!r)
		return;
	for (guint i = 0; i < r->found->len; i++)
		explanation_free(g_array_index(r->found, struct found_root, i).explanation);
	g_array_unref(r->found);
	fb_history_free(r->history);
	g_free(r);
}

static size_t on_observe(void *self, struct fb_observer *observers)
{
	const struct roots *r = self;

	observers[0] = fb_history_observer(r->history);
	return 1;
}

static void on_blocking(void *self, const struct fb_blocking *b)
{
	struct roots *r = self;
	fb_ns offset = fb_report_info(r->names)->clock_offset;

	if (b->begin == FB_NS_NONE || b->wake == FB_NS_NONE || b->begin == b->wake)
		return;
	for (guint i = 0; i < r->wanted->len; i++) {
		const struct root *root = &g_array_index(r->wanted, struct root, i);
		const struct found_root found = { .blocking = *b, .wanted = i };

		if (root->tid == b->task->tid && root->begin == b->begin + offset)
			g_array_append_val(r->found, found);
	}
}

struct fb_consumer roots_consumer(struct roots *r)
{
	return (struct fb_consumer){
		.self = r,
		.kinds = fb_history_kinds(),
		.observe = on_observe,
		.blocking = on_blocking,
		.edges = true,
	};
}

static char *words_of(struct roots *r, const struct found_root *f)
{
	GString *words = g_string_new(NULL);
	bool has_root = explanation_root(r->names, f->explanation, words);

	return g_string_free(words, !has_root);
}

void roots_end(struct roots *r)
{
	explain_until(r, INT64_MAX);
	for (guint i = 0; i < r->found->len; i++) {
		const struct found_root *f = &g_array_index(r->found, struct found_root, i);
		struct root *root = &g_array_index(r->wanted, struct root, f->wanted);

		if (!root->words)
			root->words = words_of(r, f);
	}
}
