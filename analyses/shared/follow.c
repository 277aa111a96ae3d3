/* SPDX-License-Identifier: MIT */
/* follow.c - which waits are followed, and what was left out when it was too much work. */
#include "analyses/shared/follow.h"
#include "analyses/shared/path.h"

/* What short recordings may take in any case. */
#define EFFORT_LEAST UINT64_C(1000)

static void on_segment(const struct fb_segment *s, void *data)
{
	struct follow *f = data;

	f->segments++;
	f->told += s->end - s->begin;
	f->funcs->segment(s, f->data);
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct follow *f = data;

	if (f->funcs->around)
		f->funcs->around(s, f->data);
}

static bool on_skip(const struct fb_segment *s, void *data)
{
	struct follow *f = data;

	if (!f->funcs->skip || !f->funcs->skip(s, f->data))
		return false;
	f->told += s->end - s->begin;
	return true;
}

static bool is_too_much(const struct follow *f)
{
	return f->segments > EFFORT_LEAST &&
	       f->segments / f->effort > fb_history_counts(f->history)->records;
}

static void pass_on_unknown(struct follow *f, const struct fb_blocking *b, fb_ns begin, fb_ns end)
{
	const struct fb_segment s = {
		.task = b->task, .syscall = b->syscall, .begin = begin, .end = end,
		.state = FB_STATE_UNKNOWN, .unknown = FB_UNKNOWN_EFFORT };

	f->not_followed++;
	f->not_followed_asleep += end - begin;
	on_segment(&s, f);
}

void follow_wait(struct follow *f, const struct fb_blocking *b)
{
	static const struct fb_path_funcs funcs = {
		.segment = on_segment, .around = on_around, .skip = on_skip };
	fb_ns begin, end;

	if (b->begin == FB_NS_NONE || b->wake == FB_NS_NONE) {
		f->unknown++;
		return;
	}
	begin = MAX(b->begin, f->begin);
	end = MIN(b->wake, f->end);
	if (begin >= end)
		return;
	f->waits++;
	f->asleep += end - begin;
	f->told = 0;
	if (is_too_much(f))
		pass_on_unknown(f, b, begin, end);
	else
		fb_history_path(f->history, b->task, begin, end, &funcs, f);
	/* Who adds up the segments adds up the waits. */
	g_assert(f->told == end - begin);
}

void follow_cost(const struct follow *f, struct fb_report *r)
{
	g_autoptr(GString) time = g_string_new(NULL);

	path_cost(r, f->history);
	fb_report_unmeasured(r, f->unknown);
	if (!f->not_followed)
		return;
	fb_report_ms(r, f->not_followed_asleep, time);
	fb_report_note(r, "%" G_GUINT64_FORMAT " waits of %s in all were too much to follow",
		       f->not_followed, time->str);
}
