/* SPDX-License-Identifier: MIT */
/* ready.c - a model's transitions -> waits for a CPU. */
#include "analyses/shared/ready.h"

/* A CPU that idles for longer beside a task that could run there does not just need time to wake up. */
#define IDLE_ON_PURPOSE ((fb_ns)1000000)
/* From a period's timer to who runs again by it: it may have others to let go on first. */
#define PERIOD_WINDOW ((fb_ns)2000000)

/* Turns that may be looked at, at once. */
#define CREDIT_MAX ((uint64_t)1 << 20)

/* In the queue of `cpu` since then. */
struct place {
	int32_t cpu;
	fb_ns since;
};

struct waiter {
	const struct fb_task *task;
	const char *syscall;
	bool is_ready;
	bool is_lost;
	enum ready_how how;
	fb_ns since;
	int32_t last_cpu; /* where it ran last; -1: not seen */
	GArray *places;   /* struct place, while it is ready; NULL: it never was */
};

struct ready_waits {
	fb_ns least;
	uint64_t effort, credit;          /* turns of CPUs that may be looked at: for each event, and now */
	void (*func)(const struct ready *ready, void *data);
	const char *(*symbol)(void *data, uint64_t address);
	void *data;
	struct fb_source *source;
	struct cpu_log *log;
	GPtrArray *waiters;               /* struct waiter, by the task's number; NULL: never met */
	const struct fb_task *arrived;    /* it runs since `arrived_at`; where, the event at hand tells */
	const struct fb_task *preempted;  /* the same of who left */
	fb_ns arrived_at;
	fb_ns now;                        /* of the latest event */
	fb_ns whole_since;                /* all CPUs tell; INT64_MIN: from the begin on */
	GArray *had;                      /* struct holding, of the wait at hand */
	fb_ns bars[READY_BARS];           /* when their timers expired last */
	GHashTable *timers;               /* address of a callback -> enum ready_bar */
};

const char *ready_how_name(enum ready_how how)
{
	static const char *const names[READY_HOWS] = {
		[READY_WOKEN] = "woken",
		[READY_PREEMPTED] = "preempted",
		[READY_FORKED] = "forked",
	};

	return names[how];
}

const char *ready_bar_name(enum ready_bar bar)
{
	static const char *const names[READY_BARS] = {
		[READY_BAR_QUOTA] = "cpu_quota",
		[READY_BAR_REALTIME] = "realtime_throttling",
		[READY_BAR_DEADLINE] = "deadline_throttling",
		[READY_BAR_UNKNOWN] = "not_allowed",
	};

	return names[bar];
}

const char *ready_bar_words(enum ready_bar bar)
{
	static const char *const words[READY_BARS] = {
		[READY_BAR_QUOTA] = "CPU quota of its cgroup used up (inferred)",
		[READY_BAR_REALTIME] = "real-time throttling (inferred)",
		[READY_BAR_DEADLINE] = "deadline throttling (inferred)",
		[READY_BAR_UNKNOWN] = "not allowed to run (inferred)",
	};

	return words[bar];
}

/* ---- who waits -------------------------------------------------------------------------- */

static struct waiter *waiter_of(struct ready_waits *w, const struct fb_task *task)
{
	struct waiter **at;

	if (task->number >= w->waiters->len)
		g_ptr_array_set_size(w->waiters, task->number + 1);
	at = (struct waiter **)&g_ptr_array_index(w->waiters, task->number);
	if (!*at) {
		*at = g_new0(struct waiter, 1);
		(*at)->last_cpu = -1;
	}
	(*at)->task = task;
	return *at;
}

static void waiter_free(void *data)
{
	struct waiter *waiter = data;

	if (!waiter)
		return;
	if (waiter->places)
		g_array_free(waiter->places, TRUE);
	g_free(waiter);
}

/* It is in the queue of that CPU now. */
static void put_into(struct waiter *waiter, int32_t cpu, fb_ns now)
{
	struct place place = { cpu, now };
	GArray *places = waiter->places;

	if (places->len && g_array_index(places, struct place, places->len - 1).cpu == cpu)
		return;
	if (places->len && g_array_index(places, struct place, places->len - 1).since == now)
		g_array_set_size(places, places->len - 1);
	g_array_append_val(places, place);
}

/* Wakings tell the CPU before the task is seen in its queue; the waking itself names the last one. */
static void become_ready(struct waiter *waiter, enum ready_how how, fb_ns now)
{
	waiter->is_ready = true;
	waiter->is_lost = false;
	waiter->how = how;
	waiter->since = now;
	if (!waiter->places)
		waiter->places = g_array_new(FALSE, FALSE, sizeof(struct place));
	g_array_set_size(waiter->places, 0);
	put_into(waiter, waiter->last_cpu, now);
}

/* ---- waits that are over ---------------------------------------------------------------- */

static int compare_holdings(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;

	return x->time != y->time ? (x->time > y->time ? -1 : 1) : (int)x->who.kind - y->who.kind;
}

static void find_holdings(struct ready_waits *w, const struct waiter *waiter, struct ready *ready)
{
	const GArray *places = waiter->places;

	g_array_set_size(w->had, 0);
	for (guint i = 0; i < places->len; i++) {
		const struct place *place = &g_array_index(places, struct place, i);
		fb_ns until = i + 1 < places->len ? place[1].since : ready->until;

		w->credit -= cpu_log_between(w->log, place->cpu, place->since, until, w->credit, w->had);
		ready->idle += cpu_log_idle(w->log, place->cpu, place->since, until);
	}
	g_array_sort(w->had, compare_holdings);
	ready->had = (const struct holding *)w->had->data;
	ready->n_had = w->had->len;
}

static void find_idle_cpu(const struct ready_waits *w, struct ready *ready)
{
	ready->idle_cpu = -1;
	for (int cpu = 0; cpu < cpu_log_cpus(w->log); cpu++) {
		fb_ns idle = cpu == ready->cpu ? 0 : cpu_log_idle(w->log, cpu, ready->begin, ready->until);

		if (idle <= ready->idle_elsewhere)
			continue;
		ready->idle_elsewhere = idle;
		ready->idle_cpu = cpu;
	}
}

/* Nobody else kept it from running: its CPU had nothing to do, but for moments. */
static enum ready_bar bar_of(const struct ready_waits *w, const struct ready *ready)
{
	if (ready->idle < IDLE_ON_PURPOSE || ready->idle * 2 < ready->until - ready->begin)
		return READY_BAR_NONE;
	for (enum ready_bar bar = READY_BAR_QUOTA; bar < READY_BAR_UNKNOWN; bar++)
		if (w->bars[bar] != FB_NS_NONE && w->bars[bar] > ready->begin &&
		    ready->until - w->bars[bar] <= PERIOD_WINDOW)
			return bar;
	return READY_BAR_UNKNOWN;
}

static void hand_out(struct ready_waits *w, const struct waiter *waiter, struct ready *ready)
{
	if (ready->until - ready->begin < w->least)
		return;
	ready->task = waiter->task;
	ready->comm = waiter->task->comm;
	ready->exe = waiter->task->exe;
	ready->syscall = waiter->syscall;
	ready->how = waiter->how;
	ready->is_lost = waiter->is_lost || ready->begin < w->whole_since;
	ready->cpu = g_array_index(waiter->places, struct place, waiter->places->len - 1).cpu;
	find_holdings(w, waiter, ready);
	find_idle_cpu(w, ready);
	ready->bar = bar_of(w, ready);
	w->func(ready, w->data);
}

/* Who came to run has done so on that CPU; -1: nobody knows where. */
static void arrive(struct ready_waits *w, int32_t cpu, int16_t priority)
{
	struct waiter *waiter = w->arrived ? waiter_of(w, w->arrived) : NULL;
	struct ready ready = { .ran_on = cpu, .priority = priority };

	w->arrived = NULL;
	if (!waiter)
		return;
	waiter->last_cpu = cpu;
	if (!waiter->is_ready)
		return;
	/* No event told where it was: then where it ran. */
	if (g_array_index(waiter->places, struct place, 0).cpu < 0)
		g_array_index(waiter->places, struct place, 0).cpu = cpu;
	ready.begin = waiter->since;
	ready.end = ready.until = w->arrived_at;
	waiter->is_ready = false;
	hand_out(w, waiter, &ready);
}

/* ---- transitions ------------------------------------------------------------------------ */

static void on_run(void *data, const struct fb_task *task, fb_ns now)
{
	struct ready_waits *w = data;

	arrive(w, -1, PRIORITY_NONE);
	w->arrived = task;
	w->arrived_at = now;
}

static void on_leave(void *data, const struct fb_task *task, char state, fb_ns now)
{
	struct ready_waits *w = data;
	struct waiter *waiter = waiter_of(w, task);

	if (w->arrived == task)
		arrive(w, -1, PRIORITY_NONE);
	waiter->is_ready = false;
	if (state != 'R')
		return;
	become_ready(waiter, READY_PREEMPTED, now);
	w->preempted = task;
}

static void on_wake(void *data, const struct fb_task *task, const struct fb_cause *cause, fb_ns now)
{
	(void)cause;
	become_ready(waiter_of(data, task), READY_WOKEN, now);
}

static void on_fork(void *data, const struct fb_task *parent, const struct fb_task *child, fb_ns now)
{
	(void)parent;
	become_ready(waiter_of(data, child), READY_FORKED, now);
}

static void on_syscall(void *data, const struct fb_task *task, const struct fb_syscall *call, bool inside,
		       fb_ns now)
{
	(void)now;
	waiter_of(data, task)->syscall = inside && call ? call->name : NULL;
}

static void on_pause(void *data, const struct fb_task *task, const struct fb_syscall *call, fb_ns now)
{
	on_syscall(data, task, call, false, now);
}

static void on_resume(void *data, const struct fb_task *task, const struct fb_syscall *call, fb_ns now)
{
	on_syscall(data, task, call, true, now);
}

static void on_rename(void *data, const struct fb_task *from, const struct fb_task *to)
{
	struct ready_waits *w = data;
	struct waiter *old = waiter_of(w, from), *new = waiter_of(w, to);

	new->syscall = old->syscall;
	new->last_cpu = old->last_cpu;
	if (old->is_ready) {
		become_ready(new, old->how, old->since);
		new->is_lost = old->is_lost;
		g_array_set_size(new->places, 0);
		g_array_append_vals(new->places, old->places->data, old->places->len);
		old->is_ready = false;
	}
	if (w->arrived == from)
		w->arrived = to;
	if (w->preempted == from)
		w->preempted = to;
}

/* Whoever is ready may have run there. */
static void on_lost(void *data, const struct fb_task *task, fb_ns now, fb_ns until)
{
	struct ready_waits *w = data;

	(void)task;
	(void)now;
	(void)until;
	for (guint i = 0; i < w->waiters->len; i++) {
		struct waiter *waiter = g_ptr_array_index(w->waiters, i);

		if (waiter)
			waiter->is_lost = true;
	}
}

static void on_gap(void *data, fb_ns until)
{
	struct ready_waits *w = data;

	(void)until;
	w->arrived = w->preempted = NULL;
	for (guint i = 0; i < w->waiters->len; i++) {
		struct waiter *waiter = g_ptr_array_index(w->waiters, i);

		if (!waiter)
			continue;
		waiter->is_ready = false;
		waiter->syscall = NULL;
	}
	cpu_log_gap(w->log);
}

/* ---- events ----------------------------------------------------------------------------- */

uint64_t ready_waits_kinds(void)
{
	return cpu_log_kinds() | FB_KIND_BIT(FB_EV_WAKING) | FB_KIND_BIT(FB_EV_WAKEUP) |
	       FB_KIND_BIT(FB_EV_WAKEUP_NEW) | FB_KIND_BIT(FB_EV_MIGRATE) |
	       FB_KIND_BIT(FB_EV_HRTIMER_ENTER);
}

static uint64_t on_begin(void *data, struct fb_source *source)
{
	struct ready_waits *w = data;

	w->source = source;
	w->log = cpu_log_new(source);
	return ready_waits_kinds();
}

/* Into another queue, if it is in one. */
static void move(struct ready_waits *w, const struct fb_kernel *k, int32_t tid, int32_t cpu, fb_ns now)
{
	const struct fb_task *task = tid > 0 && cpu >= 0 ? fb_kernel_find_task(k, tid) : NULL;
	struct waiter *waiter = task ? waiter_of(w, task) : NULL;

	if (waiter && waiter->is_ready)
		put_into(waiter, cpu, now);
	else if (waiter)
		waiter->last_cpu = cpu; /* the waking comes behind it */
}

/* Whether the callback at an address begins a period for those that have used theirs up. */
static enum ready_bar bar_of_timer(struct ready_waits *w, uint64_t function)
{
	static const char *const callbacks[READY_BARS] = {
		[READY_BAR_QUOTA] = "sched_cfs_period_timer",
		[READY_BAR_REALTIME] = "sched_rt_period_timer",
		[READY_BAR_DEADLINE] = "dl_task_timer",
	};
	void *key = (void *)(uintptr_t)function, *known;
	const char *name;
	enum ready_bar bar = READY_BAR_UNKNOWN;

	if (g_hash_table_lookup_extended(w->timers, key, NULL, &known))
		return GPOINTER_TO_INT(known);
	name = w->symbol ? w->symbol(w->data, function) : NULL;
	while (--bar > READY_BAR_NONE && g_strcmp0(name, callbacks[bar]))
		;
	g_hash_table_insert(w->timers, key, GINT_TO_POINTER(bar));
	return bar;
}

static void on_switch(struct ready_waits *w, const struct fb_event *ev, const struct fb_kernel *k)
{
	const struct fb_task *current = fb_kernel_current(k, ev->cpu);
	struct waiter *waiter;

	if (w->preempted) {
		waiter = waiter_of(w, w->preempted);
		waiter->last_cpu = ev->cpu;
		if (waiter->is_ready && waiter->places->len == 1)
			g_array_index(waiter->places, struct place, 0).cpu = ev->cpu;
	}
	w->preempted = NULL;
	/* Where the log takes its turn it is told who had the CPU before. */
	if (w->arrived && w->arrived == current)
		arrive(w, ev->cpu, cpu_log_priority(w->log, ev, current));
}

static void on_event(void *data, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct ready_waits *w = data;
	enum ready_bar bar;

	w->now = ev->time;
	w->credit = MIN(w->credit + w->effort, CREDIT_MAX);
	switch (ev->kind) {
	case FB_EV_WAKING:
	case FB_EV_WAKEUP:
	case FB_EV_WAKEUP_NEW:
		move(w, k, ev->sched.tid, ev->sched.target_cpu, ev->time);
		return;
	case FB_EV_MIGRATE:
		move(w, k, ev->migrate.tid, ev->migrate.to_cpu, ev->time);
		return;
	case FB_EV_HRTIMER_ENTER:
		bar = bar_of_timer(w, ev->timer.function);
		w->bars[bar] = ev->time;
		return;
	case FB_EV_SWITCH:
		on_switch(w, ev, k);
		break;
	case FB_EV_LOST:
		if (ev->flags & FB_LOST_EARLIER)
			w->whole_since = MAX(w->whole_since, ev->lost.until);
		break;
	default:
		break;
	}
	cpu_log_event(w->log, ev, k);
}

/* ---- their life ------------------------------------------------------------------------- */

static const struct fb_observer_ops ops = {
	.begin = on_begin,
	.event = on_event,
	.run = on_run,
	.leave = on_leave,
	.wake = on_wake,
	.syscall = on_syscall,
	.pause = on_pause,
	.resume = on_resume,
	.fork = on_fork,
	.rename = on_rename,
	.lost = on_lost,
	.gap = on_gap,
};

struct fb_observer ready_waits_observer(struct ready_waits *w)
{
	return (struct fb_observer){ &ops, w };
}

struct ready_waits *ready_waits_new(fb_ns least, uint64_t effort, void (*func)(const struct ready *ready, void *data),
				    const char *(*symbol)(void *data, uint64_t address), void *data)
{
	struct ready_waits *w = g_new0(struct ready_waits, 1);

	w->least = least;
	w->effort = effort ? effort : CREDIT_MAX;
	w->credit = CREDIT_MAX;
	w->func = func;
	w->symbol = symbol;
	w->whole_since = INT64_MIN;
	w->data = data;
	w->waiters = g_ptr_array_new_with_free_func(waiter_free);
	w->had = g_array_new(FALSE, FALSE, sizeof(struct holding));
	w->timers = g_hash_table_new(NULL, NULL);
	for (int i = 0; i < READY_BARS; i++)
		w->bars[i] = FB_NS_NONE;
	return w;
}

void ready_waits_free(struct ready_waits *w)
{
	if (!w)
		return;
	g_ptr_array_free(w->waiters, TRUE);
	g_array_free(w->had, TRUE);
	g_hash_table_destroy(w->timers);
	cpu_log_free(w->log);
	g_free(w);
}

void ready_waits_finish(struct ready_waits *w)
{
	arrive(w, -1, PRIORITY_NONE);
	for (guint i = 0; i < w->waiters->len; i++) {
		struct waiter *waiter = g_ptr_array_index(w->waiters, i);
		struct ready ready = { .ran_on = -1, .priority = PRIORITY_NONE, .end = FB_NS_NONE, .until = w->now };

		if (!waiter || !waiter->is_ready || waiter->since >= w->now)
			continue;
		ready.begin = waiter->since;
		hand_out(w, waiter, &ready);
	}
}
