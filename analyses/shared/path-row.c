/* SPDX-License-Identifier: MIT */
/* path-row.c - the cells of segments and shares. */
#include "analyses/shared/path-row.h"

struct fb_cell get_duration(struct fb_report *r, const void *segment)
{
	const struct fb_segment *s = segment;

	(void)r;
	return FB_DURATION(s->end - s->begin);
}

struct fb_cell get_who(struct fb_report *r, const void *segment)
{
	enum { DEEPEST = 20 };
	const struct fb_segment *s = segment;
	GString *to = fb_report_scratch(r);

	for (uint32_t i = 0; i < MIN(s->depth, DEEPEST); i++)
		g_string_append(to, "  ");
	path_task(s->task, to);
	return FB_TEXT(to->str);
}

struct fb_cell get_end(struct fb_report *r, const void *segment)
{
	const struct fb_segment *s = segment;
	GString *to = fb_report_scratch(r);

	if (s->unknown && !(s->cause && s->cause->kind == FB_CAUSE_UNTRACED))
		g_string_append_printf(to, "%s%s", path_unknown(s->unknown), s->cause ? ": " : "");
	path_cause(r, s->cause, to);
	return FB_TEXT(to->len ? to->str : NULL);
}

struct fb_cell get_state(struct fb_report *r, const void *state)
{
	(void)r;
	return FB_NAME(fb_state_name(*(const enum fb_state *)state));
}

struct fb_cell get_unknown(struct fb_report *r, const void *unknown)
{
	(void)r;
	return FB_NAME(fb_unknown_name(*(const enum fb_unknown *)unknown));
}

struct fb_cell get_path_kind(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = *(const struct fb_cause *const *)cause;

	return c ? get_cause_kind(r, &c->kind) : FB_NULL;
}

struct fb_cell get_path_id(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = *(const struct fb_cause *const *)cause;

	return c ? fb_get_id(r, &c->id) : FB_NULL;
}

struct fb_cell get_path_name(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = *(const struct fb_cause *const *)cause;

	return c ? get_cause_name(r, c) : FB_NULL;
}

static struct fb_cell count_or_null(uint32_t count)
{
	return count ? FB_INT(count) : FB_NULL;
}

struct fb_cell get_held_bytes(struct fb_report *r, const void *held)
{
	(void)r;
	return count_or_null(((const struct fb_held *)held)->bytes);
}

struct fb_cell get_held_unacknowledged(struct fb_report *r, const void *held)
{
	(void)r;
	return count_or_null(((const struct fb_held *)held)->unacknowledged);
}

struct fb_cell get_held_delay(struct fb_report *r, const void *held)
{
	fb_ns delay = ((const struct fb_held *)held)->delay;

	(void)r;
	return delay > 0 ? FB_DURATION(delay) : FB_NULL;
}

struct fb_cell get_held_tid(struct fb_report *r, const void *held)
{
	const struct fb_held *h = held;

	return h->acker ? fb_get_tid(r, &h->acker) : FB_NULL;
}

struct share_row share_row_of(const struct path_share *share, fb_ns whole)
{
	return (struct share_row){ *share, share->has_cause ? &share->cause : NULL, whole };
}

struct fb_cell get_share_count(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;

	(void)r;
	return s->share.n ? FB_INT(s->share.n) : FB_NULL;
}

struct fb_cell get_share_sum(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;

	(void)r;
	return s->share.n ? FB_DURATION(s->share.sum) : FB_NULL;
}

struct fb_cell get_share_in_syscall(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;

	(void)r;
	return s->share.n && s->share.syscall ? FB_DURATION(s->share.in_syscall) : FB_NULL;
}

struct fb_cell get_share_percent(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;

	(void)r;
	return s->share.n ? FB_PERCENT(s->share.sum, s->whole) : FB_NULL;
}

struct fb_cell get_share_state(struct fb_report *r, const void *row)
{
	const struct share_row *s = row;

	return s->share.task ? get_state(r, &s->share.state) : FB_NULL;
}
