/* SPDX-License-Identifier: MIT */
/* wakeup.c - what ended a wait, in words. */
#include <inttypes.h>

#include "report/writer.h"

/* "server [1234] in sys_futex" */
static void add_task(GString *to, const struct fb_task *task, const char *comm, const char *syscall)
{
	if (!task) {
		g_string_append_c(to, '?');
		return;
	}
	if (comm)
		g_string_append_printf(to, "%s ", comm);
	g_string_append_printf(to, "[%d]", task->tid);
	if (syscall)
		g_string_append_printf(to, " in sys_%s", syscall);
}

static void add_function(struct fb_report *r, GString *to, uint64_t function)
{
	const char *symbol = fb_report_symbol(r, function);

	if (symbol)
		g_string_append(to, symbol);
	else
		g_string_append_printf(to, "0x%" PRIx64, function);
}

static void add_softirq(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	(void)r;
	if (c->name)
		g_string_append_printf(to, "SOFTIRQ %s", c->name);
	else if (c->id >= 0)
		g_string_append_printf(to, "SOFTIRQ %d", c->id);
	else
		g_string_append(to, "SOFTIRQ ?");
	if (c->is_inline && c->task) {
		g_string_append(to, " by ");
		add_task(to, c->task, c->comm, c->syscall);
	}
}

static void add_timer(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	g_string_append(to, "TIMER");
	if (!c->function && !c->name)
		return;
	g_string_append_c(to, ' ');
	if (c->function)
		add_function(r, to, c->function);
	else
		g_string_append(to, c->name);
}

static void add_irq(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	(void)r;
	g_string_append_printf(to, "IRQ %d", c->id);
	if (c->name)
		g_string_append_printf(to, " %s", c->name);
}

static void add_ipi(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	(void)r;
	g_string_append(to, "IPI");
	if (c->name)
		g_string_append_printf(to, " %s", c->name);
}

/* The word TASK is left out behind "SIGNAL SIGUSR1 by". */
static void add_waker(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	if (c->via != FB_VIA_SIGNAL)
		g_string_append(to, "TASK ");
	add_task(to, c->task, c->comm, c->syscall);
	if (c->function) {
		g_string_append(to, " work ");
		add_function(r, to, c->function);
	}
}

static void add_untraced(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	(void)r;
	(void)c;
	g_string_append(to, "UNTRACED INTERRUPT");
}

static void add_unknown(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	(void)r;
	(void)c;
	g_string_append_c(to, '?');
}

static void add_context(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	static void (*const adders[FB_CAUSE_KINDS])(struct fb_report *, const struct fb_cause *,
						    GString *) = {
		[FB_CAUSE_UNKNOWN] = add_unknown, [FB_CAUSE_SOFTIRQ] = add_softirq,
		[FB_CAUSE_HRTIMER] = add_timer,   [FB_CAUSE_TIMER] = add_timer,
		[FB_CAUSE_IRQ] = add_irq,         [FB_CAUSE_IPI] = add_ipi,
		[FB_CAUSE_TASK] = add_waker,      [FB_CAUSE_UNTRACED] = add_untraced,
	};

	adders[c->kind](r, c, to);
}

/* "CHILD EXIT sh [77]": the child is nearly always the waker too. */
static void add_child(const char *what, const struct fb_cause *c, GString *to)
{
	g_string_append_printf(to, "%s ", what);
	if (c->child && c->child->tid > 0)
		add_task(to, c->child, fb_cause_child(c), NULL);
	else if (c->via_id > 0)
		g_string_append_printf(to, "[%d]", c->via_id);
	else
		g_string_append_c(to, '?');
}

static void add_signal(struct fb_report *r, const struct fb_cause *c, GString *to)
{
	const char *name = fb_signal_name(c->via_id);

	g_string_append(to, "SIGNAL");
	if (name)
		g_string_append_printf(to, " %s", name);
	else if (c->via_id > 0)
		g_string_append_printf(to, " %d", c->via_id);
	if (c->kind == FB_CAUSE_UNKNOWN)
		return;
	g_string_append(to, " by ");
	add_context(r, c, to);
}

static bool is_still_asleep(const struct fb_blocking *b)
{
	return b->begin != FB_NS_NONE && b->wake == FB_NS_NONE && b->end == FB_NS_NONE;
}

static void add_quality(const struct fb_blocking *b, GString *to)
{
	if (b->quality == FB_QUALITY_INFERRED)
		g_string_append(to, " (inferred)");
	else if (b->quality == FB_QUALITY_LOST)
		g_string_append(to, " (events lost)");
	if (b->quality != FB_QUALITY_EDGE)
		return;
	if (b->begin == FB_NS_NONE)
		g_string_append(to, " (began unseen)");
	if (b->end == FB_NS_NONE && b->wake != FB_NS_NONE)
		g_string_append(to, " (not seen to run)");
	if (b->begin != FB_NS_NONE && b->end != FB_NS_NONE)
		g_string_append(to, " (not all CPUs tell)");
}

void fb_report_wakeup(struct fb_report *r, const struct fb_blocking *b, GString *to)
{
	const struct fb_cause *c = &b->cause;
	const char *words = fb_via_words(c->via);

	if (is_still_asleep(b))
		g_string_append(to, "still asleep");
	else if (fb_via_is_child(c->via))
		add_child(words, c, to);
	else if (c->via == FB_VIA_SIGNAL)
		add_signal(r, c, to);
	else if (words)
		g_string_append(to, words);
	else
		add_context(r, c, to);
	add_quality(b, to);
}

void fb_report_when(const struct fb_report *r, fb_ns time, GString *to)
{
	char words[FB_TIME_SIZE];

	fb_time_format(words, time, r->options.time, fb_source_clock(r->info));
	g_string_append(to, words);
}

void fb_report_ms(const struct fb_report *r, fb_ns duration, GString *to)
{
	const char *point = r->options.decimal_point;
	int decimals = duration < 10000000 ? 3 : 1;
	int64_t unit = decimals == 3 ? 1000 : 100000, whole = decimals == 3 ? 1000 : 10;
	int64_t parts = (duration + unit / 2) / unit;

	g_string_append_printf(to, "%" PRId64 "%s%0*" PRId64 " ms", parts / whole,
			       point && *point ? point : ".", decimals, parts % whole);
}
