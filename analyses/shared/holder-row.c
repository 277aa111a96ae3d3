/* SPDX-License-Identifier: MIT */
/* holder-row.c - who had a CPU, in a report. */
#include "analyses/shared/holder-row.h"
#include "analyses/shared/wait-row.h"

/* ---- in words --------------------------------------------------------------------------- */

static void add_interrupt(struct fb_report *r, const struct holder *who, GString *to)
{
	const struct fb_blocking b = { .cause = { .kind = who->cause, .id = who->id, .cpu = -1,
						  .name = who->name, .function = who->function,
						  .via_id = -1 } };

	fb_report_wakeup(r, &b, to);
}

void holder_words(struct fb_report *r, const struct holder *who, GString *to)
{
	switch (who->kind) {
	case HOLDER_TASK:
		if (who->task->tid >= 0)
			fb_report_who(who->task->comm, NULL, who->task->tid, to);
		else
			g_string_append(to, "a task without a name");
		break;
	case HOLDER_INTERRUPT:
		add_interrupt(r, who, to);
		break;
	case HOLDER_IDLE:
		g_string_append(to, "nobody");
		break;
	default:
		g_string_append(to, "not known");
	}
}

/* ---- as cells ---------------------------------------------------------------------------- */

static struct fb_cell get_kind(struct fb_report *r, const void *holder)
{
	const struct holder *who = holder;

	(void)r;
	return FB_NAME(who->kind == HOLDER_INTERRUPT ? fb_cause_kind_name(who->cause) :
						       holder_kind_name(who->kind));
}

static struct fb_cell get_id(struct fb_report *r, const void *holder)
{
	const struct holder *who = holder;

	(void)r;
	return who->kind == HOLDER_INTERRUPT && who->id >= 0 ? FB_INT(who->id) : FB_NULL;
}

static struct fb_cell get_name(struct fb_report *r, const void *holder)
{
	const struct holder *who = holder;

	return FB_TEXT(name_or_symbol(r, who->name, who->function));
}

/* Null of whoever has none. */
struct fb_cell get_priority(struct fb_report *r, const void *priority)
{
	int16_t number = *(const int16_t *)priority;

	(void)r;
	return number != PRIORITY_NONE ? FB_INT(number) : FB_NULL;
}

static struct fb_cell get_holder_priority(struct fb_report *r, const void *holder)
{
	const struct holder *who = holder;

	return who->kind == HOLDER_TASK ? get_priority(r, &who->priority) : FB_NULL;
}

const struct fb_table holder_list = {
	.columns = {
		{ .key = "kind", FB_BY(TEXT, get_kind, offsetof(struct holding, who)) },
		{ .key = "id", FB_BY(INT, get_id, offsetof(struct holding, who)) },
		{ .key = "name", FB_BY(TEXT, get_name, offsetof(struct holding, who)) },
		TASK_COLUMNS("task.", struct holding, who.task, 0),
		{ .key = "task.priority",
		  FB_BY(INT, get_holder_priority, offsetof(struct holding, who)) },
		{ .key = "time", FB_DURATION_OF(struct holding, time) },
	},
};
