/* SPDX-License-Identifier: MIT */
/* wait-row.c - a wait as programs get it. */
#include "analyses/shared/wait-row.h"

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
	return c->via_id > 0 && (c->via == FB_VIA_SIGNAL || fb_via_is_child(c->via));
}

const char *wait_name(struct fb_report *r, const char *name, uint64_t function)
{
	return name || !function ? name : fb_report_symbol(r, function);
}

/* Each of these writes the cells of some columns and returns where the next one's go. */

static struct fb_cell *add_waker(struct fb_cell *to, const struct fb_task *task, const char *syscall)
{
	*to++ = tid_or_null(task);
	*to++ = wait_pid(task);
	*to++ = comm_or_null(task);
	*to++ = FB_NAME(syscall);
	return to;
}

static struct fb_cell *add_sleeper(struct fb_cell *to, const struct fb_blocking *b)
{
	*to++ = FB_INT(b->task->tid);
	*to++ = wait_pid(b->task);
	*to++ = FB_NAME(b->comm);
	*to++ = FB_NAME(b->exe);
	*to++ = FB_TIME(b->begin);
	*to++ = FB_TIME(b->wake);
	*to++ = FB_TIME(b->end);
	*to++ = FB_DURATION(fb_blocking_asleep(b));
	*to++ = FB_DURATION(fb_blocking_ready(b));
	*to++ = FB_NAME(state_name(b->state));
	*to++ = FB_NAME(b->syscall);
	*to++ = wait_number(b->fd);
	return to;
}

static struct fb_cell *add_origin(struct fb_cell *to, struct fb_report *r, const struct fb_origin *o)
{
	*to++ = FB_NAME(fb_origin_kind_name(o->kind));
	*to++ = wait_number(o->id);
	*to++ = FB_NAME(wait_name(r, o->name, o->function));
	*to++ = FB_ADDRESS(o->function);
	return add_waker(to, o->task, o->syscall);
}

static struct fb_cell *add_cause(struct fb_cell *to, struct fb_report *r, const struct fb_cause *c)
{
	*to++ = FB_NAME(fb_cause_kind_name(c->kind));
	*to++ = wait_number(c->id);
	*to++ = FB_NAME(wait_name(r, c->name, c->function));
	*to++ = FB_ADDRESS(c->function);
	*to++ = wait_number(c->cpu);
	to = add_waker(to, c->task, c->syscall);
	to = add_origin(to, r, &c->origin);
	*to++ = FB_NAME(fb_via_name(c->via));
	*to++ = via_has_id(c) ? FB_INT(c->via_id) : FB_NULL;
	*to++ = FB_NAME(via_subject(c));
	*to++ = FB_BOOL(c->is_inline);
	*to++ = FB_BOOL(c->early);
	return to;
}

void wait_cells(struct fb_report *r, const struct fb_blocking *b, struct fb_cell cells[WAIT_CELLS])
{
	struct fb_cell *to = add_cause(add_sleeper(cells, b), r, &b->cause);

	*to++ = FB_NAME(fb_quality_name(b->quality));
	g_assert(to == cells + WAIT_CELLS);
}
