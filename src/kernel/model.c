/* SPDX-License-Identifier: MIT */
/*
 * model.c - the model's door: events in, waits out; and what to do where
 * events are missing. The handlers are in sched.c, life.c and interrupt.c, and docs/rules.md tells
 * why each does what it does.
 */
#include "kernel/handlers.h"
#include "kernel/observers.h"
#include "kernel/told.h"

enum {
	HOLD_DEFAULT = 65536, /* waits, some 15 MB */
};

static void cpus_grow(struct fb_kernel *k, int n)
{
	k->cpus = g_renew(struct cpu, k->cpus, n);
	for (int i = k->n_cpus; i < n; i++) {
		k->cpus[i] = (struct cpu){ .number = i, .lost_until = FB_NS_NONE };
		k->cpus[i].idle = task_new_unknown(k);
		k->cpus[i].idle->pub.tid = 0;
		k->cpus[i].idle->pub.kthread = true;
		k->cpus[i].idle->unsure = false;
		k->cpus[i].idle->pub.comm = g_intern_static_string("swapper");
	}
	k->n_cpus = n;
}

/* A CPU that was not heard of yet; NULL where there can be none of that number. */
static struct cpu *cpu_add(struct fb_kernel *k, int number)
{
	if (number >= FB_CPUS_MAX)
		return NULL;
	cpus_grow(k, MIN(FB_CPUS_MAX, MAX(number + 1, k->n_cpus * 2)));
	return &k->cpus[number];
}

static void task_forget(struct task *task)
{
	task->sys_state = SYS_UNKNOWN;
	task->state = TASK_UNKNOWN;
	task->begin = FB_NS_NONE;
	task->wait_state = 0;
	task->woken = task->has_early = false;
	task->n_frames = 0;
}

static void cpu_forget(struct cpu *cpu)
{
	cpu->current = NULL;
	cpu->n_frames = 0;
	memset(cpu->raised, 0, sizeof(cpu->raised));
}

/* By more than that its events are missing. */
static bool is_heard_of(const struct fb_kernel *k, int cpu)
{
	const struct cpu *c = cpu < k->n_cpus ? &k->cpus[cpu] : NULL;

	return c && c->last_kind && !(c->last_kind == FB_EV_LOST && c->is_all_lost);
}

/*
 * No events were lost: what is there of a CPU begins late, or ends. Where a record ends
 * who observes sees it end.
 */
static void narrow_window(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *current = cpu->current != cpu->idle ? cpu->current : NULL;

	k->has_window = true;
	if (ev->flags & FB_LOST_EARLIER) {
		k->whole_since = MAX(k->whole_since, ev->lost.until);
		TELL(k, lost, current ? &current->pub : NULL, ev->time, ev->lost.until);
	} else {
		k->whole_until = MIN(k->whole_until, ev->time);
	}
	if (current)
		task_forget(current);
	cpu_forget(cpu);
}

/*
 * Comes twice for each loss: where it begins, and again where it ends, for what its CPU
 * told in between may have changed by then without a trace.
 */
static void on_lost(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	cpu->is_all_lost = !is_heard_of(k, cpu->number);
	if (ev->flags & (FB_LOST_EARLIER | FB_LOST_LATER))
		narrow_window(k, cpu, ev);
	else
		cpu_lost(k, cpu, ev->time, ev->lost.until);
}

typedef HANDLER(handler_func);

static handler_func *const handlers[UINT8_MAX + 1] = { /* any number that an event's kind can be */
	[FB_EV_SWITCH] = on_switch,
	[FB_EV_WAKING] = on_waking,
	[FB_EV_WAKEUP] = on_wakeup,
	[FB_EV_WAKEUP_NEW] = on_wakeup_new,
	[FB_EV_FORK] = on_fork,
	[FB_EV_EXEC] = on_exec,
	[FB_EV_EXIT] = on_process_exit,
	[FB_EV_SYS_ENTER] = on_syscall,
	[FB_EV_SYS_EXIT] = on_syscall,
	[FB_EV_FAULT_USER] = on_fault,
	[FB_EV_IRQ_ENTER] = on_irq_enter,
	[FB_EV_IRQ_EXIT] = on_irq_exit,
	[FB_EV_VEC_ENTER] = on_vec_enter,
	[FB_EV_VEC_EXIT] = on_vec_exit,
	[FB_EV_SOFTIRQ_RAISE] = on_softirq_raise,
	[FB_EV_SOFTIRQ_ENTER] = on_softirq_enter,
	[FB_EV_SOFTIRQ_EXIT] = on_softirq_exit,
	[FB_EV_HRTIMER_ENTER] = on_hrtimer_enter,
	[FB_EV_HRTIMER_EXIT] = on_hrtimer_exit,
	[FB_EV_TIMER_ENTER] = on_timer_enter,
	[FB_EV_TIMER_EXIT] = on_timer_exit,
	[FB_EV_SIGNAL_GENERATE] = on_signal_generate,
	[FB_EV_SIGNAL_DELIVER] = on_signal_deliver,
	[FB_EV_BLOCK_COMPLETE] = on_block_complete,
	[FB_EV_WORK_START] = on_work_start,
	[FB_EV_WORK_END] = on_work_end,
	[FB_EV_TASK_STATE] = on_task_state,
	[FB_EV_STATEDUMP_END] = on_statedump_end,
	[FB_EV_LOST] = on_lost,
};

/*
 * -1, and 0 for the rest: a sched_wakeup belongs to the waking before it; anything else parts
 * the waking from its signal.
 */
static const int8_t keeps_wakings[UINT8_MAX + 1] = {
	[FB_EV_WAKING] = -1, [FB_EV_WAKEUP] = -1, [FB_EV_SIGNAL_GENERATE] = -1, [FB_EV_LOST] = -1,
};

uint64_t fb_kernel_kinds(void)
{
	uint64_t kinds = 0;

	for (int kind = 0; kind < FB_EV_KINDS; kind++)
		if (handlers[kind])
			kinds |= FB_KIND_BIT(kind);
	return kinds;
}

/* Something runs on this CPU, and no sched_switch has told yet who it is. */
static void run_unknown(struct fb_kernel *k, struct cpu *cpu)
{
	cpu->current = task_new_unknown(k);
	cpu->current->state = TASK_RUNNING;
	if (cpu->doubtful)
		task_doubt(k, cpu->current);
}

static bool is_timed(const struct fb_kernel *k)
{
	return k->options.patience > 0 || k->observers || k->is_told || k->names_current;
}

/* `timed`: waits are held back only so long, who observes wants to know the time, or events tell more. */
static inline __attribute__((always_inline)) void take(struct fb_kernel *k,
						       const struct fb_event *ev, bool timed)
{
	handler_func *handle = handlers[ev->kind];
	struct cpu *cpu;

	if (!handle)
		return;
	if (G_LIKELY(ev->cpu < k->n_cpus))
		cpu = &k->cpus[ev->cpu];
	else if (!(cpu = cpu_add(k, ev->cpu)))
		return;
	if (timed)
		k->now = ev->time;
	if (G_UNLIKELY(!cpu->current) && ev->kind != FB_EV_SWITCH && ev->kind != FB_EV_LOST)
		run_unknown(k, cpu);
	if (timed && k->is_told)
		told_take(k, cpu, ev);
	if (timed && k->names_current && cpu->current)
		told_name(k, cpu, ev);
	if (timed)
		told_settle(k, cpu);
	cpu->n_wakings &= keeps_wakings[ev->kind];
	handle(k, cpu, ev);
	if (timed && G_UNLIKELY(ev->time < cpu->lost_until))
		cpu_tells_in_loss(k, cpu, ev->time);
	if (timed && k->options.patience > 0)
		unfinished_flush(k, false);
	cpu->last_kind = ev->kind;
	cpu->last_time = ev->time;
}

void fb_kernel_event(struct fb_kernel *k, const struct fb_event *ev)
{
	take(k, ev, is_timed(k));
	if (k->observed & FB_KIND_BIT(ev->kind))
		observers_event(k, ev);
}

/*
 * Names are compared in the bytes of the trace, which another thread may have read:
 * far away, unless they are sent for while the events before are being taken. It is a hint:
 * any address will do.
 */
static inline void send_for(const struct fb_event *ev)
{
	__builtin_prefetch(ev->ref);
	__builtin_prefetch((const void *)((uintptr_t)ev->ref + 48)); /* next_comm */
}

static inline __attribute__((always_inline)) void take_all(struct fb_kernel *k,
							   const struct fb_event *events, size_t n,
							   bool timed)
{
	enum { AHEAD = 8 };
	size_t i = 0;

	for (; i + AHEAD < n; i++) {
		send_for(&events[i + AHEAD]);
		take(k, &events[i], timed);
	}
	for (; i < n; i++)
		take(k, &events[i], timed);
}

void fb_kernel_events(struct fb_kernel *k, const struct fb_event *events, size_t n)
{
	if (k->observed)
		for (size_t i = 0; i < n; i++)
			fb_kernel_event(k, &events[i]);
	else if (is_timed(k))
		take_all(k, events, n, true);
	else
		take_all(k, events, n, false);
}

/*
 * Behind an exit the task is in no call until the next entry, where those are recorded. A wait
 * that is not known to be in none is named by the next exit.
 */
static void calls_init(struct fb_kernel *k)
{
	bool enters = k->kinds & FB_KIND_BIT(FB_EV_SYS_ENTER);
	const uint64_t by_event = FB_KIND_BIT(FB_EV_HRTIMER_ENTER) |
				  FB_KIND_BIT(FB_EV_SIGNAL_GENERATE);
	bool exits = k->kinds & FB_KIND_BIT(FB_EV_SYS_EXIT);

	_Static_assert(SYS_UNKNOWN == 0 && SYS_OUTSIDE == 1 && SYS_INSIDE == 2, "a mask tells");
	k->sys_mask = enters ? SYS_OUTSIDE | SYS_INSIDE : SYS_INSIDE;
	k->half_calls = enters != exits;
	k->by_outcome = exits && (k->kinds & by_event) != by_event;
}

struct fb_kernel *fb_kernel_new(struct fb_source *source, const struct fb_kernel_options *options,
				fb_blocking_func func, void *data)
{
	struct fb_kernel *k = g_new0(struct fb_kernel, 1);
	const struct fb_source_info *info = &source->info;

	k->source = source;
	k->options = *options;
	if (!k->options.hold)
		k->options.hold = HOLD_DEFAULT;
	k->func = func;
	k->data = data;
	k->prev_state = prev_state_rules(info);
	k->is_told = info->fields & (FB_HAS_COMMON_FLAGS | FB_HAS_CONTEXT_TID);
	k->tells_context = info->fields & FB_HAS_COMMON_FLAGS;
	k->names_current = told_names(info->fields);
	k->rt = info->kernel_version && (strstr(info->kernel_version, "PREEMPT_RT") ||
					 strstr(info->kernel_version, "PREEMPT RT"));
	k->kinds = info->kinds;
	contexts_init(k, info->abi);
	calls_init(k);
	/* In a graph, and live, the streams are not all known yet: only who reads files knows of what there is none. */
	k->files_of = info->cpus && info->format && !options->patience && !g_strcmp0(info->tracer_name, "lttng-modules") ?
			      info->cpus : INT_MAX;
	k->by_wakeup = !(info->kinds & FB_KIND_BIT(FB_EV_WAKING));
	k->hold_all = (info->kinds & FB_KIND_BIT(FB_EV_TASK_STATE)) &&
		      (info->kinds & FB_KIND_BIT(FB_EV_STATEDUMP_END));
	k->lost_until = k->whole_since = FB_NS_NONE;
	k->whole_until = INT64_MAX;
	k->first = k->next = 1;
	k->tasks = g_ptr_array_new();
	k->far = g_hash_table_new(NULL, NULL);
	observers_init(k, options);
	return k;
}

void fb_kernel_free(struct fb_kernel *k)
{
	if (!k)
		return;
	tasks_clear(k);
	observers_clear(k);
	g_free(k->cpus);
	g_free(k->unfinished);
	g_free(k);
}

void fb_kernel_gap(struct fb_kernel *k, fb_ns until)
{
	unfinished_flush(k, true);
	TELL(k, gap, until);
	for (guint i = 0; i < k->tasks->len; i++) {
		struct task *task = k->tasks->pdata[i];

		if (task->state != TASK_DEAD)
			task_forget(task);
		task->signal_pending = false;
		task->unsure = false;
		task->work = 0;
	}
	for (int i = 0; i < k->n_cpus; i++) {
		cpu_forget(&k->cpus[i]);
		k->cpus[i].last_kind = FB_EV_NONE;
		k->cpus[i].n_wakings = 0;
		k->cpus[i].child_code = 0;
		k->cpus[i].doubtful = false;
	}
	/* What was lost before is no reason any more for what is not known behind. */
	if (k->lost_until < until)
		k->lost_until = FB_NS_NONE;
}

/* Nobody's stream, or one without a word of a CPU that others knew. */
static void count_silent_cpus(struct fb_kernel *k)
{
	int last = MIN(k->last_target, FB_CPUS_MAX - 1);

	for (int i = 0; i < k->n_cpus; i++)
		if (is_heard_of(k, i))
			last = MAX(last, i);
	for (int i = last; i >= 0; i--)
		if (!is_heard_of(k, i)) {
			k->counts.silent_cpus++;
			k->counts.first_silent_cpu = i;
		}
}

void fb_kernel_finish(struct fb_kernel *k)
{
	count_silent_cpus(k);
	k->hold_all = false;
	waits_finish(k);
}

const struct fb_kernel_counts *fb_kernel_counts(const struct fb_kernel *k)
{
	return &k->counts;
}

const struct fb_task *fb_kernel_current(const struct fb_kernel *k, int cpu)
{
	const struct task *task = cpu >= 0 && cpu < k->n_cpus ? k->cpus[cpu].current : NULL;

	return task ? &task->pub : NULL;
}

const struct fb_task *fb_kernel_find_task(const struct fb_kernel *k, int32_t tid)
{
	const struct task *task = task_find(k, tid);

	return task ? &task->pub : NULL;
}

void fb_kernel_each_task(const struct fb_kernel *k,
			 void (*func)(const struct fb_task *task, void *data), void *data)
{
	for (guint i = 0; i < k->tasks->len; i++)
		func(k->tasks->pdata[i], data);
}
