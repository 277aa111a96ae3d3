/* SPDX-License-Identifier: MIT */
/* wait-row.c - the cells of a wait's row that are no mere members of it. */
#include "analyses/shared/wait-row.h"

struct fb_cell get_syscall(struct fb_report *r, const void *syscall)
{
	const char *name = *(const char *const *)syscall;
	GString *to = fb_report_scratch(r);

	if (!name)
		return FB_NULL;
	g_string_append(to, "sys_");
	g_string_append(to, name);
	return FB_TEXT(to->str);
}

struct fb_cell get_origin_kind(struct fb_report *r, const void *kind)
{
	(void)r;
	return FB_NAME(fb_origin_kind_name(*(const enum fb_origin_kind *)kind));
}

struct fb_cell get_cause_kind(struct fb_report *r, const void *kind)
{
	(void)r;
	return FB_NAME(fb_cause_kind_name(*(const enum fb_cause_kind *)kind));
}

struct fb_cell get_via_kind(struct fb_report *r, const void *via)
{
	(void)r;
	return FB_NAME(fb_via_name(*(const enum fb_via *)via));
}

struct fb_cell get_sleep_state(struct fb_report *r, const void *state)
{
	static const char *const names[128] = {
		['S'] = "S", ['D'] = "D", ['T'] = "T", ['t'] = "t", ['P'] = "P", ['I'] = "I",
	};

	(void)r;
	return FB_NAME(names[*(const char *)state & 0x7f]);
}

struct fb_cell get_quality(struct fb_report *r, const void *quality)
{
	(void)r;
	return FB_NAME(fb_quality_name(*(const enum fb_quality *)quality));
}

struct fb_cell get_doubt(struct fb_report *r, const void *doubt)
{
	uint32_t bits = *(const uint32_t *)doubt;
	GString *to;

	if (!bits)
		return FB_WORDS("");
	to = fb_report_scratch(r);
	for (uint32_t one = 1; one < FB_DOUBT_ALL; one <<= 1)
		if (bits & one)
			g_string_append_printf(to, "%s%s", to->len ? " " : "", fb_doubt_name(one));
	return FB_WORDS(to->str);
}

const char *name_or_symbol(struct fb_report *r, const char *name, uint64_t function)
{
	return name || !function ? name : fb_report_symbol(r, function);
}

struct fb_cell get_origin_name(struct fb_report *r, const void *origin)
{
	const struct fb_origin *o = origin;

	return FB_NAME(name_or_symbol(r, o->name, o->function));
}

struct fb_cell get_cause_name(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = cause;

	return FB_NAME(name_or_symbol(r, c->name, c->function));
}

/* A signal's number is not known where signal_generate was not recorded. */
struct fb_cell get_via_id(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = cause;
	bool has_id = c->via_id > 0 && (c->via == FB_VIA_SIGNAL || fb_via_is_child(c->via));

	(void)r;
	return has_id ? FB_INT(c->via_id) : FB_NULL;
}

struct fb_cell get_via_name(struct fb_report *r, const void *cause)
{
	const struct fb_cause *c = cause;

	(void)r;
	if (c->via == FB_VIA_SIGNAL)
		return FB_NAME(fb_signal_name(c->via_id));
	return FB_NAME(fb_cause_child(c));
}

struct fb_cell get_asleep(struct fb_report *r, const void *wait)
{
	(void)r;
	return FB_DURATION(fb_blocking_asleep(wait));
}

struct fb_cell get_ready(struct fb_report *r, const void *wait)
{
	(void)r;
	return FB_DURATION(fb_blocking_ready(wait));
}
