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

/* Whom the softirq has below itself; NULL for nobody: the idle task, or one that never got a name. */
static const struct fb_task *task_below(const struct softirq *s)
{
	return s->task->tid > 0 ? s->task : NULL;
}

static const struct fb_task *raiser(const struct softirq *s)
{
	return s->origin.task && s->origin.task->tid > 0 ? s->origin.task : NULL;
}

/* As it is told: tasks that are nobody are NULL. */
struct irq_row {
	struct softirq of;
	bool is_inline; /* the task raised it itself */
};

static struct irq_row row_of(const struct softirq *s)
{
	struct irq_row row = { *s,
				   s->origin.kind == FB_ORIGIN_TASK && s->origin.task == s->task };

	row.of.task = task_below(s);
	row.of.origin.task = raiser(s);
	if (!row.of.origin.task)
		row.of.origin.syscall = NULL;
	return row;
}

/* What raised it as the cause of a waking, for which the report has words. */
static struct fb_cause cause_of_origin(const struct fb_origin *o)
{
	static const enum fb_cause_kind kinds[FB_ORIGIN_KINDS] = {
		[FB_ORIGIN_IRQ] = FB_CAUSE_IRQ,         [FB_ORIGIN_VECTOR] = FB_CAUSE_IPI,
		[FB_ORIGIN_HRTIMER] = FB_CAUSE_HRTIMER, [FB_ORIGIN_TIMER] = FB_CAUSE_TIMER,
		[FB_ORIGIN_TASK] = FB_CAUSE_TASK,       [FB_ORIGIN_SOFTIRQ] = FB_CAUSE_SOFTIRQ,
	};
	struct fb_cause cause = { .kind = kinds[o->kind], .id = o->id, .name = o->name,
				  .function = o->function, .task = o->task,
				  .comm = o->task ? o->task->comm : NULL,
				  .syscall = o->syscall };

	if (o->kind == FB_ORIGIN_VECTOR && !g_strcmp0(o->name, "local_timer"))
		cause.kind = FB_CAUSE_TIMER;
	if (o->kind == FB_ORIGIN_DEFERRED)
		cause.kind = cause.task ? FB_CAUSE_TASK :
			     o->function ? FB_CAUSE_HRTIMER : FB_CAUSE_UNKNOWN;
	return cause;
}

static struct fb_cell get_raised_by(struct fb_report *r, const void *row)
{
	const struct irq_row *s = row;
	const struct fb_blocking b = { .cause = cause_of_origin(&s->of.origin) };
	GString *to = fb_report_scratch(r);

	if (s->is_inline)
		return FB_NAME("inline");
	if (b.cause.kind == FB_CAUSE_UNKNOWN || (b.cause.kind == FB_CAUSE_TASK && !b.cause.task))
		return FB_NAME(s->of.origin.name);
	fb_report_wakeup(r, &b, to);
	return FB_TEXT(to->str);
}

static struct fb_cell get_on_top_of(struct fb_report *r, const void *softirq)
{
	const struct softirq *s = softirq;
	const struct fb_task *task = s->task;
	GString *to = fb_report_scratch(r);

	if (!task)
		return FB_NULL;
	g_string_append_printf(to, "%s%s[%d]", task->comm ? task->comm : "", task->comm ? " " : "",
			       task->tid);
	if (s->syscall)
		g_string_append_printf(to, " in sys_%s", s->syscall);
	return FB_TEXT(to->str);
}

static struct fb_cell get_duration(struct fb_report *r, const void *softirq)
{
	const struct softirq *s = softirq;

	(void)r;
	return FB_DURATION(s->end - s->begin);
}

static struct fb_cell get_name(struct fb_report *r, const void *vec)
{
	(void)r;
	return FB_NAME(fb_softirq_name(*(const int32_t *)vec));
}

static const struct fb_table people = {
	.columns = {
		{ .heading = "Start", FB_TIME_OF(struct irq_row, of.begin) },
		{ .heading = "Duration (ms)",
		  FB_BY(DURATION, get_duration, offsetof(struct irq_row, of)) },
		{ .heading = "CPU", FB_INT_OF(struct irq_row, of.cpu) },
		{ .heading = "Softirq", FB_OF(TEXT, get_name, int32_t, struct irq_row, of.vec) },
		{ .heading = "On top of",
		  FB_BY(TEXT, get_on_top_of, offsetof(struct irq_row, of)) },
		{ .heading = "Raised by", FB_BY(TEXT, get_raised_by) },
	},
};

static const struct fb_table programs = {
	.type = "softirq",
	.columns = {
		{ .key = "cpu", FB_INT_OF(struct irq_row, of.cpu) },
		{ .key = "id", FB_INT_OF(struct irq_row, of.vec) },
		{ .key = "name", FB_OF(TEXT, get_name, int32_t, struct irq_row, of.vec) },
		{ .key = "begin", FB_TIME_OF(struct irq_row, of.begin) },
		{ .key = "end", FB_TIME_OF(struct irq_row, of.end) },
		{ .key = "duration", FB_BY(DURATION, get_duration, offsetof(struct irq_row, of)) },
		CALLER_COLUMNS("task.", struct softirq, offsetof(struct irq_row, of)),
		{ .key = "inline", FB_BOOL_OF(struct irq_row, is_inline) },
		ORIGIN_COLUMNS("origin.", offsetof(struct irq_row, of.origin)),
	},
};

void softirq_table(struct fb_report *report)
{
	fb_report_table(report, fb_report_for_people(report) ? &people : &programs,
			"Softirqs that ran long");
}

void softirq_row(struct fb_report *report, const struct softirq *s)
{
	const struct irq_row row = row_of(s);

	fb_report_row(report, &row);
}
