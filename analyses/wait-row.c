/* SPDX-License-Identifier: MIT */
/* wait-row.c - a wait as programs get it. */
#include "wait-row.h"

struct fb_cell wait_number(int32_t n)
{
	return n < 0 ? FB_NULL : FB_INT(n);
}

static struct fb_cell tid_or_null(const struct fb_task *task)
{
	return task ? FB_INT(task->tid) : FB_NULL;
}

struct fb_cell wait_pid(const struct fb_task *task)
{
	return task && task->pid > 0 ? FB_INT(task->pid) : FB_NULL;
}

static struct fb_cell comm_or_null(const struct fb_task *task)
{
	return FB_NAME(task ? task->comm : NULL);
}

static const char *state_name(char state)
{
	static const char *const names[128] = {
		['S'] = "S", ['D'] = "D", ['T'] = "T", ['t'] = "t", ['P'] = "P", ['I'] = "I",
	};

	return names[state & 0x7f];
}

static const char *via_subject(const struct fb_cause *c)
{
	if (c->via == FB_VIA_SIGNAL)
		return fb_signal_name(c->via_id);
	return c->task && c->task->tid == c->via_id ? c->task->comm : NULL;
}

/* A signal's number is not known where signal_generate was not recorded. */
static bool via_has_id(const struct fb_cause *c)
{
	return c->via_id > 0 && (c->via == FB_VIA_SIGNAL ||
				 (c->via >= FB_VIA_CHILD_EXIT && c->via <= FB_VIA_VFORK));
}

const char *wait_name(struct fb_report *r, const char *name, uint64_t function)
{
	return name || !function ? name : fb_report_symbol(r, function);
}

void wait_cells(struct fb_report *r, const struct fb_blocking *b, struct fb_cell cells[WAIT_CELLS])
{
	const struct fb_cause *c = &b->cause;
	const struct fb_origin *o = &c->origin;
	const struct fb_cell row[WAIT_CELLS] = {
		FB_INT(b->task->tid), wait_pid(b->task), FB_NAME(b->comm),
		FB_NAME(b->exe), FB_TIME(b->begin), FB_TIME(b->wake), FB_TIME(b->end),
		FB_DURATION(fb_blocking_asleep(b)), FB_DURATION(fb_blocking_ready(b)),
		FB_NAME(state_name(b->state)), FB_NAME(b->syscall), wait_number(b->fd),
		FB_NAME(fb_cause_kind_name(c->kind)), wait_number(c->id),
		FB_NAME(wait_name(r, c->name, c->function)), FB_ADDRESS(c->function),
		wait_number(c->cpu), tid_or_null(c->task), wait_pid(c->task),
		comm_or_null(c->task), FB_NAME(c->syscall),
		FB_NAME(fb_origin_kind_name(o->kind)), wait_number(o->id),
		FB_NAME(wait_name(r, o->name, o->function)), FB_ADDRESS(o->function),
		tid_or_null(o->task), wait_pid(o->task), comm_or_null(o->task),
		FB_NAME(o->syscall), FB_NAME(fb_via_name(c->via)),
		via_has_id(c) ? FB_INT(c->via_id) : FB_NULL, FB_NAME(via_subject(c)),
		FB_BOOL(c->is_inline), FB_BOOL(c->early),
		FB_NAME(fb_quality_name(b->quality)),
	};

	memcpy(cells, row, sizeof(row));
}
