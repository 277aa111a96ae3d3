/* SPDX-License-Identifier: MIT */
/*
 * test_degraded.c - what a wait says when one kind of event was not recorded, against what it
 * says of the same recording with all of them: the table "What rows say without" of
 * docs/rules.md, row by row.
 *
 * The waits themselves, and all that no rule below speaks of, must be equal to the byte; what
 * differs must be inferred, but for what is merely left open. And each rule must have been
 * needed: one that no trace makes use of fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <flightbox/blocking.h>
#include <flightbox/recording.h>

#include "traces.h"

/* ---- waits as texts ----------------------------------------------------------------------- */

/* What stands in a row besides who waited from when to when. Bits of struct rule.parts. */
enum part {
	WAKE = 1, CALL = 2, FD = 4, QUALITY = 8, KIND = 16, WHAT = 32, WAKER = 64, VIA = 128,
	PLACE = 256, EARLY = 512, ORIGIN = 1024, WHO = 2048, DISK = 4096, STATE = 8192,
	PARTS = 14
};

static const char *const part_names[PARTS] = {
	"wake", "call", "fd", "quality", "kind", "what", "waker", "via", "place", "early",
	"origin", "who", "disk", "state",
};

struct row {
	int32_t tid;
	fb_ns begin, wake, end;
	enum fb_cause_kind kind;
	enum fb_quality quality;
	char *parts[PARTS];
};

static char *task_text(const struct fb_task *task, const char *syscall, bool is_inline)
{
	if (!task)
		return g_strdup("-");
	return g_strdup_printf("%d in %s%s", task->tid, syscall ? syscall : "-",
			       is_inline ? " inline" : "");
}

static char *origin_text(const struct fb_origin *o)
{
	g_autofree char *task = task_text(o->task, o->syscall, false);

	return g_strdup_printf("%s %d %s 0x%" G_GINT64_MODIFIER "x %s",
			       o->kind ? fb_origin_kind_name(o->kind) : "-", o->id,
			       o->name ? o->name : "-", o->function, task);
}

static void put_wait(const struct fb_blocking *b, void *data)
{
	const struct fb_cause *c = &b->cause;
	struct row row = {
		.tid = b->task->tid, .begin = b->begin, .wake = b->wake, .end = b->end,
		.kind = c->kind, .quality = b->quality,
		.parts = {
			g_strdup_printf("%" G_GINT64_FORMAT, b->wake),
			g_strdup(b->syscall ? b->syscall : "-"),
			g_strdup_printf("%d", b->fd),
			g_strdup(fb_quality_name(b->quality)),
			g_strdup(fb_cause_kind_name(c->kind)),
			g_strdup_printf("%d %s 0x%" G_GINT64_MODIFIER "x", c->id,
					c->name ? c->name : "-", c->function),
			task_text(c->task, c->syscall, c->is_inline),
			g_strdup_printf("%s %d", c->via ? fb_via_name(c->via) : "-", c->via_id),
			g_strdup_printf("cpu %d", c->cpu),
			g_strdup(c->early ? "early" : "-"),
			origin_text(&c->origin),
			g_strdup_printf("%d %s %s", b->task->pid, b->comm, b->exe),
			g_strdup(c->is_block ? "disk" : "-"),
			g_strdup_printf("%c", b->state),
		},
	};

	g_array_append_val((GArray *)data, row);
}

static void row_clear(void *data)
{
	for (int i = 0; i < PARTS; i++)
		g_free(((struct row *)data)->parts[i]);
}

static int compare_rows(const void *a_, const void *b_)
{
	const struct row *a = a_, *b = b_;

	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a->end != b->end ? (a->end < b->end ? -1 : 1) : 0;
}

/* As if those kinds of events had not been recorded. */
static GArray *waits_of(const char *path, uint64_t without)
{
	struct fb_source *source = recorded_open(path, fb_kernel_kinds() & ~without, false);
	const struct fb_kernel_options options = { 0 };
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct row));
	GError *error = NULL;
	struct fb_batch batch;
	struct fb_kernel *k;

	g_array_set_clear_func(rows, row_clear);
	source->info.kinds &= ~without;
	k = fb_kernel_new(source, &options, put_wait, rows);
	while (fb_source_next(source, &batch, &error) && batch.n)
		fb_kernel_events(k, batch.events, batch.n);
	assert_null(error);
	fb_kernel_finish(k);
	fb_kernel_free(k);
	fb_source_close(source);
	g_array_sort(rows, compare_rows);
	return rows;
}

/* ---- the rules ---------------------------------------------------------------------------- */

#define EV(kind) FB_KIND_BIT(FB_EV_##kind)
#define IRQ_EVENTS	(EV(IRQ_ENTER) | EV(IRQ_EXIT))
#define SOFTIRQ_EVENTS	(EV(SOFTIRQ_ENTER) | EV(SOFTIRQ_EXIT))
#define HRTIMER_EVENTS	(EV(HRTIMER_ENTER) | EV(HRTIMER_EXIT))
#define TIMER_EVENTS	(EV(TIMER_ENTER) | EV(TIMER_EXIT))
#define VECTOR_EVENTS	(EV(VEC_ENTER) | EV(VEC_EXIT))
#define CALL_EVENTS	(EV(SYS_ENTER) | EV(SYS_EXIT))

#define IS(kind) (1u << FB_CAUSE_##kind)
#define ANY	 (~0u)

/* Of a wait whose cause was one of `from`: it may become one of `to` (0: it stays), and these parts may differ. */
struct rule {
	unsigned from, to;
	unsigned parts;
	bool is_open; /* what differs is null, or says less: it need not be inferred */
};

enum { RULES = 10 };

struct removal {
	const char *name;
	uint64_t kinds;
	unsigned never;      /* no wait has such a cause any more */
	unsigned all_inferred; /* every wait of such a cause is inferred */
	struct rule rules[RULES];
	bool (*check)(const struct row *full, const struct row *row); /* of those that differ; or NULL */
};

static bool says(const struct row *row, enum part part, const char *text)
{
	return !strcmp(row->parts[g_bit_nth_lsf(part, -1)], text);
}

static bool wakes_later(const struct row *full, const struct row *row)
{
	return row->wake >= full->wake;
}

static bool has_no_call(const struct row *full, const struct row *row)
{
	(void)full;
	return says(row, CALL, "-") && says(row, FD, "-1") &&
	       (says(row, WAKER, "-") || strstr(row->parts[6], " in -"));
}

static bool is_local_timer(const struct row *full, const struct row *row)
{
	if (full->kind == FB_CAUSE_HRTIMER)
		return says(row, WHAT, "236 local_timer 0x0");
	return strstr(row->parts[10], " 236 local_timer") != NULL;
}

static bool is_softirq_timer(const struct row *full, const struct row *row)
{
	if (full->kind == FB_CAUSE_TIMER)
		return says(row, WHAT, "1 TIMER 0x0");
	return g_str_has_prefix(row->parts[10], "softirq 1 TIMER");
}

static bool is_timeout(const struct row *row)
{
	return row->kind == FB_CAUSE_TIMER && says(row, WHAT, "-1 timeout 0x0");
}

/* A time-out is never made up: an hrtimer's callback or a wheel timer's was there. */
static bool is_timeout_of_timer(const struct row *full, const struct row *row)
{
	return !is_timeout(row) || full->kind == FB_CAUSE_HRTIMER || full->kind == FB_CAUSE_TIMER;
}

static bool has_no_origin(const struct row *full, const struct row *row)
{
	return full->kind != FB_CAUSE_TIMER || g_str_has_prefix(row->parts[10], "- -1");
}

/* Signals are known without their number, or not at all. */
static bool has_no_signal(const struct row *full, const struct row *row)
{
	(void)full;
	return says(row, VIA, "signal 0") || says(row, VIA, "- 0") || row->quality == FB_QUALITY_INFERRED;
}

#define MASKED (IS(TASK) | IS(UNTRACED) | IS(SOFTIRQ))

static const struct removal removals[] = {
	{ "sched_waking", EV(WAKING), 0, ANY, {
		{ ANY, 0, WAKE | QUALITY },
		{ ANY, IS(IPI), WAKE | QUALITY | KIND | WHAT | WAKER | VIA | PLACE | ORIGIN | EARLY | DISK },
	}, wakes_later },
	{ "sched_wakeup", EV(WAKEUP), 0, 0, { { 0 } } },
	{ "sched_wakeup_new", EV(WAKEUP_NEW), 0, 0, { { 0 } } },
	{ "irq_handler_*", IRQ_EVENTS, IS(IRQ), IS(TASK) | IS(UNTRACED) | IS(SOFTIRQ) | IS(TIMER), {
		{ IS(IRQ), MASKED, QUALITY | KIND | WHAT | WAKER | ORIGIN | DISK },
		{ IS(TASK) | IS(UNTRACED) | IS(TIMER), 0, QUALITY },
		{ IS(SOFTIRQ), 0, QUALITY | WAKER | ORIGIN },
	} },
	{ "irq_softirq_entry and _exit", SOFTIRQ_EVENTS, IS(SOFTIRQ), IS(TASK) | IS(UNTRACED), {
		{ IS(SOFTIRQ), IS(TASK) | IS(UNTRACED), QUALITY | KIND | WHAT | WAKER | ORIGIN | DISK },
		{ IS(TASK) | IS(UNTRACED), 0, QUALITY },
		/* whether ksoftirqd was told to, and for what */
		{ IS(TASK) | IS(UNTRACED), 0, QUALITY | VIA | WAKER | ORIGIN },
		{ IS(TIMER), 0, ORIGIN, true },
	}, has_no_origin },
	{ "irq_handler_* and all of irq_softirq_*", IRQ_EVENTS | SOFTIRQ_EVENTS | EV(SOFTIRQ_RAISE),
	  IS(IRQ) | IS(SOFTIRQ), IS(TASK) | IS(UNTRACED), {
		{ IS(IRQ), IS(TASK) | IS(UNTRACED), QUALITY | KIND | WHAT | WAKER | DISK },
		{ IS(SOFTIRQ), IS(TASK) | IS(UNTRACED), QUALITY | KIND | WHAT | WAKER | ORIGIN | DISK },
		{ IS(TASK) | IS(UNTRACED), 0, QUALITY | ORIGIN },
		{ IS(TASK), IS(UNTRACED), QUALITY | KIND | WAKER | VIA | ORIGIN },
		{ IS(TIMER), 0, QUALITY | ORIGIN },
	}, has_no_origin },
	{ "irq_softirq_raise", EV(SOFTIRQ_RAISE), 0, IS(SOFTIRQ), {
		{ IS(SOFTIRQ), 0, QUALITY | WAKER | ORIGIN },
		{ IS(TIMER), 0, QUALITY | ORIGIN },
		{ IS(TASK) | IS(UNTRACED), 0, ORIGIN, true }, /* for what ksoftirqd was woken */
	} },
	{ "timer_hrtimer_expire_*", HRTIMER_EVENTS, IS(HRTIMER), 0, {
		{ IS(HRTIMER), IS(TIMER), QUALITY | KIND | WHAT },
		{ IS(SOFTIRQ) | IS(TIMER), 0, ORIGIN, true },
	}, is_local_timer },
	{ "timer_expire_*", TIMER_EVENTS, IS(TIMER), 0, {
		{ IS(TIMER), IS(SOFTIRQ), KIND | WHAT, true },
		{ IS(SOFTIRQ), 0, ORIGIN, true },
	}, is_softirq_timer },
	{ "x86_irq_vectors_*", VECTOR_EVENTS, IS(IPI), IS(UNTRACED) | IS(TIMER), {
		{ IS(TASK) | IS(UNTRACED) | IS(TIMER), 0, QUALITY },
		{ IS(SOFTIRQ), 0, QUALITY | WAKER | ORIGIN },
	} },
	{ "timer_hrtimer_expire_* and x86_irq_vectors_*", HRTIMER_EVENTS | VECTOR_EVENTS,
	  IS(HRTIMER) | IS(IPI), IS(TASK) | IS(UNTRACED) | IS(SOFTIRQ), {
		{ IS(HRTIMER), IS(TIMER), QUALITY | KIND | WHAT | DISK },
		{ IS(HRTIMER), MASKED, QUALITY | KIND | WHAT | WAKER | ORIGIN },
		{ IS(TASK) | IS(UNTRACED), 0, QUALITY },
		{ IS(SOFTIRQ), 0, QUALITY | WAKER | ORIGIN },
		{ IS(TIMER), 0, QUALITY | ORIGIN },
	}, is_timeout_of_timer },
	{ "all of interrupts and timers",
	  IRQ_EVENTS | SOFTIRQ_EVENTS | EV(SOFTIRQ_RAISE) | HRTIMER_EVENTS | TIMER_EVENTS | VECTOR_EVENTS,
	  IS(IRQ) | IS(SOFTIRQ) | IS(HRTIMER) | IS(IPI), ANY, {
		{ IS(HRTIMER), IS(TIMER), QUALITY | KIND | WHAT },
		{ IS(HRTIMER) | IS(IRQ) | IS(SOFTIRQ) | IS(TIMER), IS(TASK) | IS(UNTRACED),
		  QUALITY | KIND | WHAT | WAKER | ORIGIN | DISK },
		{ IS(TASK) | IS(UNTRACED), 0, QUALITY | ORIGIN },
		{ IS(TASK), IS(UNTRACED), QUALITY | KIND | WAKER | VIA | ORIGIN },
	}, is_timeout_of_timer },
	{ "system calls", CALL_EVENTS, 0, 0, {
		{ ANY, 0, CALL | FD | WAKER | ORIGIN, true },
		{ IS(TASK), 0, CALL | FD | WAKER | QUALITY | VIA },
		{ IS(TASK), 0, CALL | FD | WAKER | VIA, true }, /* vfork */
	}, has_no_call },
	{ "entries of system calls", EV(SYS_ENTER), 0, 0, {
		{ ANY, 0, CALL | FD | WAKER | ORIGIN | VIA | QUALITY },
		{ IS(TASK), 0, WAKER, true }, /* kernel threads wait in none */
	} },
	{ "exits of system calls", EV(SYS_EXIT), 0, 0, {
		{ ANY, 0, CALL | FD | WAKER | ORIGIN | QUALITY },
		{ IS(TASK), 0, QUALITY | VIA }, /* which child wait4 returned */
	} },
	{ "page faults", EV(FAULT_USER) | EV(FAULT_KERNEL), 0, 0, { { 0 } } },
	{ "signal_generate", EV(SIGNAL_GENERATE), 0, 0, {
		{ IS(TASK) | IS(HRTIMER), 0, QUALITY | VIA },
		{ IS(TASK), 0, VIA, true }, /* stops of children */
	}, has_no_signal },
	{ "signal_deliver", EV(SIGNAL_DELIVER), 0, 0, { { 0 } } },
	{ "sched_process_exit", EV(EXIT) | EV(FREE), 0, 0, { { 0 } } },
	{ "sched_process_fork", EV(FORK), 0, 0, {
		{ ANY, 0, WHO, true },
		{ IS(TASK), 0, WHO | VIA, true }, /* vfork */
	} },
	{ "sched_process_exec", EV(EXEC), 0, 0, { { ANY, 0, WHO, true } } },
	{ "block_rq_*", EV(BLOCK_ISSUE) | EV(BLOCK_COMPLETE), 0, 0, { { IS(IRQ), 0, DISK, true } } },
	{ "workqueue_execute_*", EV(WORK_START) | EV(WORK_END), 0, 0, { { IS(TASK), 0, WHAT, true } } },
	{ "lttng_statedump_*", EV(TASK_STATE) | EV(IRQ_INFO) | EV(STATEDUMP_START) | EV(STATEDUMP_END),
	  0, 0, {
		{ ANY, 0, WHO, true },
		{ IS(HRTIMER), 0, WHO | QUALITY }, /* a thread of whoever the signal is for */
	} },
};

static const char *const traces[] = {
	"disk", "rpc-chain", "waits-timers", "waits-signals", "waits-wait", "waits-pingpong",
	"waits-futex", "tcp-delay-classic", "splice-delay-rw",
};

enum { TRACES = G_N_ELEMENTS(traces) };

static char *paths[TRACES];
static GArray *full_rows[TRACES];

/* ---- comparing ---------------------------------------------------------------------------- */

static unsigned differences(const struct row *a, const struct row *b)
{
	unsigned parts = 0;

	for (int i = 0; i < PARTS; i++)
		parts |= (unsigned)!!strcmp(a->parts[i], b->parts[i]) << i;
	return parts;
}

static bool permits(const struct rule *rule, const struct row *full, const struct row *row,
		    unsigned parts)
{
	unsigned to = rule->to ? rule->to : 1u << full->kind;

	return rule->from & 1u << full->kind && to & 1u << row->kind && !(parts & ~rule->parts) &&
	       (rule->is_open || row->quality == FB_QUALITY_INFERRED);
}

static void tell(struct problems *p, const struct removal *removal, const char *trace,
		 const struct row *full, const struct row *row, unsigned parts, const char *what)
{
	GString *to = g_string_new(NULL);

	for (int i = 0; i < PARTS; i++)
		if (parts & 1u << i)
			g_string_append_printf(to, " %s: %s -> %s", part_names[i], full->parts[i],
					       row->parts[i]);
	problem(p, "without %s, %s: task %d from %" G_GINT64_FORMAT " in %s (%s): %s:%s",
		removal->name, trace, full->tid, full->begin, full->parts[1], full->parts[4], what,
		to->str);
	g_string_free(to, TRUE);
}

static void compare(struct problems *p, const struct removal *removal, const char *trace,
		    const struct row *full, const struct row *row, unsigned *used)
{
	unsigned parts = differences(full, row);
	int i = 0;

	if (removal->never & 1u << row->kind && !is_timeout(row))
		tell(p, removal, trace, full, row, parts, "nothing can tell of such a cause");
	if (removal->all_inferred & 1u << row->kind && row->quality != FB_QUALITY_INFERRED)
		tell(p, removal, trace, full, row, parts, "it is not marked");
	if (!parts)
		return;
	while (i < RULES && !permits(&removal->rules[i], full, row, parts))
		i++;
	if (i == RULES)
		tell(p, removal, trace, full, row, parts, "no rule says so");
	else
		*used |= 1u << i;
	if (removal->check && !removal->check(full, row))
		tell(p, removal, trace, full, row, parts, "that is not what it becomes");
}

static void compare_all(struct problems *p, const struct removal *removal, int trace,
			unsigned *used)
{
	GArray *rows = waits_of(paths[trace], removal->kinds), *full = full_rows[trace];

	if (rows->len != full->len)
		problem(p, "without %s, %s: %u waits, not %u", removal->name, traces[trace],
			rows->len, full->len);
	for (guint i = 0; i < MIN(rows->len, full->len); i++) {
		const struct row *a = &g_array_index(full, struct row, i);
		const struct row *b = &g_array_index(rows, struct row, i);

		if (compare_rows(a, b) || a->begin != b->begin) {
			problem(p, "without %s, %s: task %d from %" G_GINT64_FORMAT " is not the same",
				removal->name, traces[trace], a->tid, a->begin);
			break;
		}
		compare(p, removal, traces[trace], a, b, used);
	}
	g_array_unref(rows);
}

static void rows_change_as_the_table_says(void **state)
{
	const struct removal *removal = *state;
	struct problems p = { 0 };
	unsigned used = 0;

	for (int i = 0; i < TRACES; i++)
		compare_all(&p, removal, i, &used);
	for (int i = 0; i < RULES; i++)
		if (removal->rules[i].parts && !(used & 1u << i))
			problem(&p, "without %s: nothing needs rule %d", removal->name, i);
	problems_finish(&p);
}

/* ---- time-outs and signals that calls tell of --------------------------------------------- */

/* How many waits whose cause was `kind` (and, unless NULL, via as given) became what `is` says. */
static void count(uint64_t without, enum fb_cause_kind kind, const char *via,
		  bool (*is)(const struct row *row), unsigned *n, unsigned *all)
{
	for (int t = 0; t < TRACES; t++) {
		GArray *rows = waits_of(paths[t], without);

		for (guint i = 0; i < rows->len; i++) {
			const struct row *full = &g_array_index(full_rows[t], struct row, i);

			if (full->kind != kind || !g_str_has_prefix(full->parts[7], via))
				continue;
			++*all;
			*n += is(&g_array_index(rows, struct row, i));
		}
		g_array_unref(rows);
	}
}

static void most_time_outs_are_found_by_what_their_calls_return(void **state)
{
	unsigned n = 0, all = 0;

	(void)state;
	count(HRTIMER_EVENTS | VECTOR_EVENTS, FB_CAUSE_HRTIMER, "- 0", is_timeout, &n, &all);
	assert_true(all > 100);
	assert_true(n * 10 > all * 8);
}

static bool is_signal(const struct row *row)
{
	return g_str_has_prefix(row->parts[7], "signal ");
}

static void signals_of_timers_are_found_by_what_their_calls_return(void **state)
{
	unsigned n = 0, all = 0;

	(void)state;
	count(EV(SIGNAL_GENERATE), FB_CAUSE_HRTIMER, "signal", is_signal, &n, &all);
	assert_true(all > 20);
	assert_int_equal(n, all);
}

/* ---- softirqs without their raises ---------------------------------------------------------- */

/* The tick raises them, and is not recorded either: whoever ran below did not. */
static bool is_of_the_tick(const struct row *row)
{
	int id = atoi(row->parts[5]);

	return row->kind == FB_CAUSE_SOFTIRQ &&
	       (id == FB_SOFTIRQ_TIMER || id == FB_SOFTIRQ_SCHED || id == FB_SOFTIRQ_HRTIMER ||
		id == FB_SOFTIRQ_RCU);
}

static void no_task_raises_the_ticks_softirqs_where_neither_is_recorded(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int t = 0; t < TRACES; t++) {
		GArray *rows = waits_of(paths[t], EV(SOFTIRQ_RAISE) | VECTOR_EVENTS | TIMER_EVENTS);

		for (guint i = 0; i < rows->len; i++) {
			const struct row *row = &g_array_index(rows, struct row, i);

			if (!is_of_the_tick(row))
				continue;
			n++;
			assert_string_equal(row->parts[6], "-");
			assert_false(g_str_has_prefix(row->parts[10], "task"));
		}
		g_array_unref(rows);
	}
	assert_true(n > 100);
}

/* ---- what proves a waking without vectors ------------------------------------------------- */

static bool is_certain(const struct row *row)
{
	return row->quality == FB_QUALITY_EXACT;
}

static void children_prove_wakings_without_vectors(void **state)
{
	static const char *const ways[] = { "child_exit", "vfork" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		unsigned n = 0, all = 0;

		count(VECTOR_EVENTS, FB_CAUSE_TASK, ways[i], is_certain, &n, &all);
		assert_true(all > 2);
		assert_int_equal(n, all);
	}
}

static bool is_certain_futex(const struct row *row)
{
	return is_certain(row) && says(row, CALL, "futex");
}

static bool is_futex(const struct row *row)
{
	return says(row, CALL, "futex");
}

static void futexes_prove_wakings_without_vectors(void **state)
{
	unsigned n = 0, futexes = 0, all = 0, all_again = 0;

	(void)state;
	count(VECTOR_EVENTS, FB_CAUSE_TASK, "- 0", is_certain_futex, &n, &all);
	count(VECTOR_EVENTS, FB_CAUSE_TASK, "- 0", is_futex, &futexes, &all_again);
	assert_true(futexes > 20);
	assert_true(n * 100 >= futexes * 95);
}

/* ---- recordings that really lack them ----------------------------------------------------- */

static const struct variant {
	const char *trace;
	const char *missed;  /* what the header misses: the names, each with a comma */
	unsigned never, all_inferred;
} variants[] = {
	{ "variants-no-sched-waking", "sched_waking,", 0, ANY },
	{ "variants-no-statedump", "timer_expire_*,signal_generate,sched_process_fork,"
	  "sched_process_exec,lttng_statedump_*,", 0, 0 },
	{ "variants-no-syscalls", "system calls,", 0, 0 },
	{ "variants-no-x86-vectors", "x86_irq_vectors_*,", IS(IPI),
	  IS(UNTRACED) },
	{ "variants-multichannel", "signal_generate,", 0, 0 },
};

static char *missed_of(const char *path)
{
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	GString *missed = g_string_new(NULL);

	for (const struct fb_need *need = fb_needs; need->question; need++)
		if (fb_need_is_missed(need, &source->info, 0))
			g_string_append_printf(missed, "%s,", need->name);
	fb_source_close(source);
	return g_string_free(missed, FALSE);
}

static void recorded_without_them_it_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		const struct variant *v = &variants[i];
		g_autofree char *path = recorded_path(&(struct recorded){ .name = v->trace }, "trace");
		g_autofree char *missed = missed_of(path);
		GArray *rows = waits_of(path, 0);

		assert_string_equal(missed, v->missed);
		assert_true(rows->len > 100);
		for (guint n = 0; n < rows->len; n++) {
			const struct row *row = &g_array_index(rows, struct row, n);

			assert_false(v->never & 1u << row->kind);
			if (v->all_inferred & 1u << row->kind)
				assert_int_equal(row->quality, FB_QUALITY_INFERRED);
			if (!strcmp(v->trace, "variants-no-syscalls"))
				assert_true(has_no_call(row, row));
		}
		g_array_unref(rows);
	}
}

/* ---- what the header says ----------------------------------------------------------------- */

static char *names_missed(uint64_t without, uint64_t kinds_beside)
{
	struct fb_source_info info = { .kernel_release = "6.1.0", .tracer_name = "lttng-modules",
				       .abi = FB_ABI_X86_64, .kinds = FB_KINDS_ALL & ~without,
				       .fields = FB_HAS_ALL_SYSCALLS };
	GString *names = g_string_new(NULL);

	for (const struct fb_need *need = fb_needs; need->question; need++) {
		g_autofree char *command = fb_need_command(need, &info);

		if (!fb_need_is_missed(need, &info, kinds_beside))
			continue;
		assert_non_null(command);
		g_string_append_printf(names, "%s,", need->name);
	}
	return g_string_free(names, FALSE);
}

static void assert_missed(uint64_t without, uint64_t kinds_beside, const char *names)
{
	g_autofree char *missed = names_missed(without, kinds_beside);

	assert_string_equal(missed, names);
}

static void what_is_missing_has_one_line_each(void **state)
{
	(void)state;
	assert_missed(0, 0, "");
	assert_missed(EV(WAKING), 0, "sched_waking,");
	assert_missed(EV(WAKING) | EV(WAKEUP), 0, "sched_waking,");
	assert_missed(CALL_EVENTS, 0, "system calls,");
	assert_missed(EV(SYS_EXIT), 0, "entries and exits of system calls both,");
	assert_missed(EV(WAKING) | IRQ_EVENTS | EV(FORK), 0,
		      "sched_waking,irq_handler_*,sched_process_fork,");
	/* Of no matter to waits. */
	assert_missed(EV(WAKEUP) | EV(WAKEUP_NEW) | EV(EXIT) | EV(FREE), 0, "");
	/* Of matter to paths alone. */
	assert_missed(EV(NET_QUEUE) | EV(BLOCK_ISSUE), 0, "");
	assert_missed(EV(NET_QUEUE) | EV(BLOCK_ISSUE), EV(NET_QUEUE) | EV(NET_RECEIVE),
		      "block_rq_*,net_dev_queue and net_if_receive_skb,");
}

/* ---- who and where is missing ------------------------------------------------------------- */

/* What lttng records of the process of `pid` and its threads, and of nobody else. */
struct tracker {
	int32_t pid;           /* 0: everybody */
	int cpu;               /* leave this one out; -1: none */
	int32_t current[64];   /* by CPU, as all events tell */
};

static bool is_tracked(struct tracker *t, const struct fb_kernel *all, const struct fb_event *ev)
{
	const struct fb_task *task = fb_kernel_find_task(all, t->current[ev->cpu]);
	bool is_wanted = !t->pid || (task && task->pid == t->pid);

	assert_true(ev->cpu < G_N_ELEMENTS(t->current));
	if (ev->kind == FB_EV_SWITCH)
		t->current[ev->cpu] = ev->sched_switch.next_tid;
	return is_wanted && ev->cpu != t->cpu;
}

static struct fb_kernel_counts counts_of(const char *trace, struct tracker *t)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = trace }, "trace");
	struct fb_source *source = recorded_open(path, fb_kernel_kinds(), false);
	const struct fb_kernel_options options = { 0 };
	struct fb_kernel *k = fb_kernel_new(source, &options, NULL, NULL);
	struct fb_kernel *all = fb_kernel_new(source, &options, NULL, NULL);
	struct fb_kernel_counts counts;
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			fb_kernel_event(all, &batch.events[i]);
			if (is_tracked(t, all, &batch.events[i]))
				fb_kernel_event(k, &batch.events[i]);
		}
	fb_kernel_finish(k);
	counts = *fb_kernel_counts(k);
	fb_kernel_free(k);
	fb_kernel_free(all);
	fb_source_close(source);
	return counts;
}

static void a_recording_of_one_process_breaks_the_chains_of_switches(void **state)
{
	struct tracker everybody = { .cpu = -1 }, client = { .pid = 504, .cpu = -1 };

	(void)state;
	assert_int_equal(counts_of("tcp-delay-classic", &everybody).switch_mismatches, 0);
	assert_true(counts_of("tcp-delay-classic", &client).switch_mismatches > 0);
}

static void a_cpu_without_events_is_noticed(void **state)
{
	struct tracker all = { .cpu = -1 }, first = { .cpu = 0 }, last = { .cpu = 1 };
	struct fb_kernel_counts counts = counts_of("waits-pingpong", &all);

	(void)state;
	assert_int_equal(counts.silent_cpus, 0);
	counts = counts_of("waits-pingpong", &first); /* a hole */
	assert_int_equal(counts.silent_cpus, 1);
	assert_int_equal(counts.first_silent_cpu, 0);
	counts = counts_of("waits-pingpong", &last); /* wakings speak of it */
	assert_int_equal(counts.silent_cpus, 1);
	assert_int_equal(counts.first_silent_cpu, 1);
}

/* ---- running ------------------------------------------------------------------------------ */

static int read_full(void **state)
{
	(void)state;
	for (int i = 0; i < TRACES; i++) {
		paths[i] = recorded_path(&(struct recorded){ .name = traces[i] }, "trace");
		full_rows[i] = waits_of(paths[i], 0);
	}
	return 0;
}

static int forget_full(void **state)
{
	(void)state;
	for (int i = 0; i < TRACES; i++) {
		g_free(paths[i]);
		g_array_unref(full_rows[i]);
	}
	return 0;
}

int main(void)
{
	enum { OTHERS = 9 }; /* as are listed here */
	struct CMUnitTest tests[G_N_ELEMENTS(removals) + OTHERS] = {
		cmocka_unit_test(a_recording_of_one_process_breaks_the_chains_of_switches),
		cmocka_unit_test(a_cpu_without_events_is_noticed),
		cmocka_unit_test(what_is_missing_has_one_line_each),
		cmocka_unit_test(recorded_without_them_it_is_the_same),
		cmocka_unit_test(most_time_outs_are_found_by_what_their_calls_return),
		cmocka_unit_test(signals_of_timers_are_found_by_what_their_calls_return),
		cmocka_unit_test(children_prove_wakings_without_vectors),
		cmocka_unit_test(futexes_prove_wakings_without_vectors),
		cmocka_unit_test(no_task_raises_the_ticks_softirqs_where_neither_is_recorded),
	};
	int failed;

	for (size_t i = 0; i < G_N_ELEMENTS(removals); i++)
		tests[OTHERS + i] = (struct CMUnitTest){
			.name = g_strdup_printf("rows_change_as_the_table_says without %s",
						removals[i].name),
			.test_func = rows_change_as_the_table_says,
			.initial_state = (void *)&removals[i] };
	failed = cmocka_run_group_tests(tests, read_full, forget_full);
	for (size_t i = 0; i < G_N_ELEMENTS(removals); i++)
		g_free((char *)tests[OTHERS + i].name);
	return failed;
}
