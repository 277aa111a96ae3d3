/* SPDX-License-Identifier: MIT */
/* latency-softirq.c - softirqs that ran long, and on top of whom. */
#include "analyses/shared/latency-softirq.h"
#include "analyses/shared/wait-row.h"

struct softirqs {
	const struct calls *calls;
	GArray *open; /* struct softirq by CPU; task is NULL where none is open */
};

struct softirqs *softirqs_new(const struct calls *calls)
{
	struct softirqs *s = g_new(struct softirqs, 1);

	s->calls = calls;
	s->open = g_array_new(FALSE, TRUE, sizeof(struct softirq));
	return s;
}

void softirqs_free(struct softirqs *s)
{
	if (!s)
		return;
	g_array_free(s->open, TRUE);
	g_free(s);
}

static struct softirq *open_on(struct softirqs *s, int cpu)
{
	if ((guint)cpu >= s->open->len)
		g_array_set_size(s->open, cpu + 1);
	return &g_array_index(s->open, struct softirq, cpu);
}

static void on_enter(struct softirqs *s, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct softirq *open = open_on(s, ev->cpu);
	struct fb_cause actor;

	fb_kernel_actor(k, ev->cpu, &actor);
	*open = (struct softirq){ .task = fb_kernel_current(k, ev->cpu), .cpu = ev->cpu,
				  .vec = ev->softirq.vec, .begin = ev->time,
				  .origin = actor.origin };
	if (open->task)
		open->syscall = calls_syscall(s->calls, open->task);
}

bool softirqs_event(struct softirqs *s, const struct fb_event *ev, const struct fb_kernel *k,
		    struct softirq *done)
{
	struct softirq *open;

	switch (ev->kind) {
	case FB_EV_SOFTIRQ_ENTER:
		on_enter(s, ev, k);
		return false;
	case FB_EV_SOFTIRQ_EXIT:
	case FB_EV_SWITCH: /* none survives it: an exit was missed */
	case FB_EV_LOST:
		break;
	default:
		return false;
	}
	open = open_on(s, ev->cpu);
	*done = *open;
	done->end = ev->time;
	open->task = NULL;
	return done->task && ev->kind == FB_EV_SOFTIRQ_EXIT &&
	       done->vec == (int32_t)ev->softirq.vec &&
	       done->begin >= calls_known_since(s->calls);
}

/* ---- the table -------------------------------------------------------------------------- */

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", .type = FB_CELL_TIME },
		{ .heading = "Duration (ms)", .type = FB_CELL_DURATION },
		{ .heading = "CPU", .type = FB_CELL_INT },
		{ .heading = "Softirq", .type = FB_CELL_TEXT },
		{ .heading = "On top of", .type = FB_CELL_TEXT },
		{ .heading = "Raised by", .type = FB_CELL_TEXT },
	},
};

static const struct fb_table programs = {
	.type = "softirq",
	.columns = {
		{ .key = "cpu", .type = FB_CELL_INT },
		{ .key = "id", .type = FB_CELL_INT },
		{ .key = "name", .type = FB_CELL_TEXT },
		{ .key = "begin", .type = FB_CELL_TIME },
		{ .key = "end", .type = FB_CELL_TIME },
		{ .key = "duration", .type = FB_CELL_DURATION },
		{ .key = "task.tid", .type = FB_CELL_INT },
		{ .key = "task.pid", .type = FB_CELL_INT },
		{ .key = "task.comm", .type = FB_CELL_TEXT },
		{ .key = "task.syscall", .type = FB_CELL_TEXT },
		{ .key = "inline", .type = FB_CELL_BOOL },
		{ .key = "origin.kind", .type = FB_CELL_TEXT },
		{ .key = "origin.id", .type = FB_CELL_INT },
		{ .key = "origin.name", .type = FB_CELL_TEXT },
		{ .key = "origin.function", .type = FB_CELL_ADDRESS },
		{ .key = "origin.task.tid", .type = FB_CELL_INT },
		{ .key = "origin.task.pid", .type = FB_CELL_INT },
		{ .key = "origin.task.comm", .type = FB_CELL_TEXT },
		{ .key = "origin.task.syscall", .type = FB_CELL_TEXT },
	},
};

/* Whom the softirq has below itself; NULL for nobody: the idle task, or one that never got a name. */
static const struct fb_task *task_below(const struct softirq *s)
{
	return s->task->tid > 0 ? s->task : NULL;
}

static const struct fb_task *raiser(const struct softirq *s)
{
	return s->origin.task && s->origin.task->tid > 0 ? s->origin.task : NULL;
}

static bool is_inline(const struct softirq *s)
{
	return s->origin.kind == FB_ORIGIN_TASK && s->origin.task == s->task;
}

/* What raised it as the cause of a waking, for which the report has words. */
static struct fb_cause cause_of_origin(const struct softirq *s)
{
	static const enum fb_cause_kind kinds[FB_ORIGIN_KINDS] = {
		[FB_ORIGIN_IRQ] = FB_CAUSE_IRQ,         [FB_ORIGIN_VECTOR] = FB_CAUSE_IPI,
		[FB_ORIGIN_HRTIMER] = FB_CAUSE_HRTIMER, [FB_ORIGIN_TIMER] = FB_CAUSE_TIMER,
		[FB_ORIGIN_TASK] = FB_CAUSE_TASK,       [FB_ORIGIN_SOFTIRQ] = FB_CAUSE_SOFTIRQ,
	};
	const struct fb_origin *o = &s->origin;
	struct fb_cause cause = { .kind = kinds[o->kind], .id = o->id, .name = o->name,
				  .function = o->function, .task = raiser(s) };

	if (cause.task)
		cause.syscall = o->syscall;
	if (o->kind == FB_ORIGIN_VECTOR && !g_strcmp0(o->name, "local_timer"))
		cause.kind = FB_CAUSE_TIMER;
	if (o->kind == FB_ORIGIN_DEFERRED)
		cause.kind = cause.task ? FB_CAUSE_TASK :
			     o->function ? FB_CAUSE_HRTIMER : FB_CAUSE_UNKNOWN;
	return cause;
}

static char *raised_by(struct fb_report *report, const struct softirq *s)
{
	const struct fb_blocking b = { .cause = cause_of_origin(s) };
	GString *text;

	if (is_inline(s))
		return g_strdup("inline");
	if (b.cause.kind == FB_CAUSE_UNKNOWN || (b.cause.kind == FB_CAUSE_TASK && !b.cause.task))
		return g_strdup(s->origin.name);
	text = g_string_new(NULL);
	fb_report_wakeup(report, &b, text);
	return g_string_free(text, FALSE);
}

static char *on_top_of(const struct softirq *s)
{
	const struct fb_task *task = task_below(s);
	GString *text;

	if (!task)
		return NULL;
	text = g_string_new(task->comm);
	g_string_append_printf(text, "%s[%d]", task->comm ? " " : "", task->tid);
	if (s->syscall)
		g_string_append_printf(text, " in sys_%s", s->syscall);
	return g_string_free(text, FALSE);
}

void softirq_table(struct fb_report *report)
{
	fb_report_table(report, fb_report_for_people(report) ? &people : &programs,
			"Softirqs that ran long");
}

static struct fb_cell tid_cell(const struct fb_task *task)
{
	return task ? FB_INT(task->tid) : FB_NULL;
}

static struct fb_cell comm_cell(const struct fb_task *task)
{
	return FB_TEXT(task ? task->comm : NULL);
}

static void row_for_people(struct fb_report *report, const struct softirq *s)
{
	g_autofree char *task = on_top_of(s);
	g_autofree char *origin = raised_by(report, s);

	fb_report_row(report, FB_TIME(s->begin), FB_DURATION(s->end - s->begin), FB_INT(s->cpu),
		      FB_TEXT(fb_softirq_name(s->vec)), FB_TEXT(task), FB_TEXT(origin));
}

static void row_for_programs(struct fb_report *report, const struct softirq *s)
{
	const struct fb_origin *o = &s->origin;
	const struct fb_task *task = task_below(s), *by = raiser(s);

	fb_report_row(report, FB_INT(s->cpu), FB_INT(s->vec), FB_TEXT(fb_softirq_name(s->vec)),
		      FB_TIME(s->begin), FB_TIME(s->end), FB_DURATION(s->end - s->begin),
		      tid_cell(task), wait_pid(task), comm_cell(task), FB_TEXT(s->syscall),
		      FB_BOOL(is_inline(s)), FB_TEXT(fb_origin_kind_name(o->kind)),
		      wait_number(o->id), FB_TEXT(wait_name(report, o->name, o->function)),
		      FB_ADDRESS(o->function), tid_cell(by), wait_pid(by), comm_cell(by),
		      FB_TEXT(by ? o->syscall : NULL));
}

void softirq_row(struct fb_report *report, const struct softirq *s)
{
	(fb_report_for_people(report) ? row_for_people : row_for_programs)(report, s);
}
