/* SPDX-License-Identifier: MIT */
/*
 * model.c - replays events into CPUs and tasks. One handler per kind of event;
 * docs/rules.md tells why each does what it does.
 */
#include "model.h"

#include <signal.h>

enum {
	MAX_CPUS = 16384,
	HOLD_DEFAULT = 65536, /* waits, some 15 MB */
};

typedef void handler(struct fb_kernel *k, int cpu, const struct fb_event *ev);

static struct cpu *cpu_get(struct fb_kernel *k, int number)
{
	if (number >= k->n_cpus) {
		int n = MIN(MAX_CPUS, MAX(number + 1, k->n_cpus * 2));

		k->cpus = g_renew(struct cpu, k->cpus, n);
		for (int i = k->n_cpus; i < n; i++) {
			k->cpus[i] = (struct cpu){ .lost_until = FB_NS_NONE };
			k->cpus[i].idle = task_new_unknown(k);
			k->cpus[i].idle->pub.tid = 0;
			k->cpus[i].idle->pub.kthread = true;
			k->cpus[i].idle->pub.comm = g_intern_static_string("swapper");
		}
		k->n_cpus = n;
	}
	return &k->cpus[number];
}

/* ---- scheduling --------------------------------------------------------------------------- */

/* Who leaves the CPU: the current task, unless events were missed or it ran unnamed so far. */
static struct task *leaving_task(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	int32_t tid = ev->sched_switch.prev_tid;
	struct task *current = cpu->current;

	if (current && current->pub.tid == tid)
		return current;
	if (current && current->pub.tid == -1) {
		if (tid == 0) {
			current->pub.tid = 0;
			current->pub.comm = cpu->idle->pub.comm;
			current->state = TASK_DEAD;
			return cpu->idle;
		}
		return task_identify(k, current, tid);
	}
	if (current)
		k->counts.switch_mismatches++;
	return tid == 0 ? cpu->idle : task_get(k, tid);
}

static void switch_out(struct fb_kernel *k, struct task *task, const struct fb_event *ev)
{
	enum prev_class class = prev_state_classify(&k->prev_state, ev->sched_switch.prev_state);

	task_set_comm(task, ev, ev->sched_switch.prev_comm);
	switch (class) {
	case PREV_RUNNABLE:
	case PREV_PREEMPTED:
		task->state = TASK_READY;
		break;
	case PREV_EXITED:
		task->state = TASK_DEAD;
		task->pub.exited = task->dying = true;
		held_resolve(k, task, NULL);
		break;
	default:
		wait_begin(k, task, prev_state_letter(class), ev->time);
	}
	task->has_early = false;
	task->left = ev->time;
}

static struct task *switch_in(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	int32_t tid = ev->sched_switch.next_tid;
	struct task *task = task_get(k, tid);

	if (task->state == TASK_DEAD)
		task = task_renew(k, tid); /* its fork was not seen */
	task_set_comm(task, ev, ev->text);
	if (task->state == TASK_BLOCKED || (task->state == TASK_UNKNOWN && task->woken))
		wait_end(k, task, cpu, ev->time);
	else if (task->state == TASK_READY && k->lost_until != FB_NS_NONE &&
		 task->left <= k->lost_until)
		task->sys_state = SYS_UNKNOWN; /* it may have run where events were lost */
	task->state = TASK_RUNNING;
	task->woken = task->has_early = false;
	return task;
}

static void on_switch(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];
	struct task *prev = leaving_task(k, cpu, ev);
	struct task *next;

	if (prev != cpu->idle)
		switch_out(k, prev, ev);
	next = ev->sched_switch.next_tid == 0 ? cpu->idle : switch_in(k, number, ev);
	frames_switch(k, cpu, prev, next);
	cpu->current = next;
	cpu->child_code = 0;
}

static void note_waking(struct cpu *cpu, struct task *task)
{
	if (cpu->n_wakings == WAKINGS) {
		memmove(cpu->wakings, cpu->wakings + 1, sizeof(*cpu->wakings) * (WAKINGS - 1));
		cpu->n_wakings--;
	}
	cpu->wakings[cpu->n_wakings].task = task;
	cpu->wakings[cpu->n_wakings++].held = 0;
}

static void wake_task(struct fb_kernel *k, int cpu, struct task *task, const struct fb_event *ev)
{
	switch (task->state) {
	case TASK_BLOCKED:
	case TASK_UNKNOWN:
		wait_woken(k, task, cpu, ev->time);
		break;
	case TASK_RUNNING:
		/*
		 * It is about to sleep: sched_waking fires only for a task that has
		 * announced a sleep (ttwu_state_match). If its next switch out says that it sleeps,
		 * this waking is what ends that.
		 */
		if (k->by_wakeup)
			return;
		wake_capture(k, cpu, task, ev->time, &task->early);
		task->has_early = true;
		break;
	default:
		return;
	}
	note_waking(&k->cpus[cpu], task);
}

static void on_waking(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task;

	if (ev->sched.tid == 0)
		return;
	task = task_get(k, ev->sched.tid);
	task_set_comm(task, ev, ev->text);
	wake_task(k, cpu, task, ev);
}

static void on_wakeup(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task;

	if (ev->sched.tid == 0 || !ev->sched.success)
		return;
	task = task_get(k, ev->sched.tid);
	if (k->by_wakeup) {
		task_set_comm(task, ev, ev->text);
		wake_task(k, cpu, task, ev);
	} else if (task->state == TASK_RUNNING) {
		task->has_early = false; /* it was still runnable: the sleep is called off */
	}
}

/* ---- life of tasks ------------------------------------------------------------------------ */

static void on_wakeup_new(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task = task_get(k, ev->sched.tid);

	(void)cpu;
	if (task->state == TASK_DEAD)
		task = task_renew(k, ev->sched.tid);
	task_set_comm(task, ev, ev->text);
	if (task->state == TASK_UNKNOWN)
		task->state = TASK_READY;
	if (task->sys_state == SYS_UNKNOWN)
		task->sys_state = SYS_OUTSIDE;
	task->left = ev->time;
}

static void on_fork(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *parent = ev->fork.parent_tid ? task_get(k, ev->fork.parent_tid) :
						    k->cpus[cpu].idle;
	struct task *child = task_renew(k, ev->fork.child_tid);

	if (ev->fork.parent_pid)
		parent->pub.pid = ev->fork.parent_pid;
	child->parent = parent;
	child->pub.pid = ev->fork.child_pid;
	/* A thread has its creator's parent, a process has its creator for one. */
	child->pub.ppid = child->pub.pid && child->pub.pid == parent->pub.pid ? parent->pub.ppid :
										parent->pub.pid;
	child->pub.exe = parent->pub.exe;
	child->pub.kthread = ev->fork.parent_tid == 2 || parent->pub.kthread;
	if (ev->text != FB_NO_TEXT)
		task_set_comm(child, ev, ev->text);
	else if (parent->pub.comm)
		task_set_comm_text(child, parent->pub.comm, strlen(parent->pub.comm));
	child->state = TASK_READY;
	child->sys_state = SYS_OUTSIDE;
	child->left = ev->time;
}

/* A thread that is not its process's leader takes the leader's tid when it execs (de_thread). */
static struct task *take_over(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *old = task_get(k, ev->exec.old_tid);
	struct task *leader = task_find(k, ev->exec.tid);
	struct task *task = task_renew(k, ev->exec.tid);

	task->pub.pid = ev->exec.tid;
	task->pub.ppid = leader ? leader->pub.ppid : old->pub.ppid;
	task->parent = leader ? leader->parent : old->parent;
	if (old->pub.comm)
		task_set_comm_text(task, old->pub.comm, strlen(old->pub.comm));
	task->state = old->state;
	task->sys_state = old->sys_state;
	task->syscall = old->syscall;
	task->fd = old->fd;
	old->state = TASK_DEAD;
	old->pub.exited = true;
	held_resolve(k, old, old->sys_state == SYS_INSIDE ? old->syscall : NULL);
	if (cpu->current == old)
		cpu->current = task;
	return task;
}

static void on_exec(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];
	struct task *task;
	const char *base;

	if (ev->exec.old_tid > 0 && ev->exec.old_tid != ev->exec.tid)
		task = take_over(k, cpu, ev);
	else
		task = task_get(k, ev->exec.tid);
	task->pub.kthread = false;
	if (ev->text == FB_NO_TEXT)
		return;
	task->pub.exe = intern_text(ev, ev->text);
	base = strrchr(task->pub.exe, '/');
	base = base ? base + 1 : task->pub.exe;
	task_set_comm_text(task, base, strlen(base)); /* __set_task_comm(kbasename(filename)) */
}

static void on_process_exit(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task = task_find(k, ev->sched.tid);

	(void)cpu;
	if (task)
		task->dying = true;
}

static void learn_kthread(struct fb_kernel *k, struct task *task)
{
	task->pub.kthread = true;
	if (task->sys_state == SYS_UNKNOWN) {
		task->sys_state = SYS_OUTSIDE;
		held_resolve(k, task, NULL);
	}
}

/* The statedump comes after the first events: what they told stands. */
static void on_task_state(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task;

	(void)cpu;
	if (ev->task_state.tid <= 0)
		return;
	task = task_get(k, ev->task_state.tid);
	if (!task->pub.pid)
		task->pub.pid = ev->task_state.pid;
	if (!task->pub.ppid)
		task->pub.ppid = ev->task_state.ppid;
	if (!task->pub.comm)
		task_set_comm(task, ev, ev->text);
	/* type is !p->mm, true for zombies too: kthreadd's children are the kernel threads. */
	if (ev->task_state.type == 1 && (ev->task_state.ppid == 2 || ev->task_state.tid == 2))
		learn_kthread(k, task);
	/* 5: waiting, in that instant and unseen until now: since before the trace. */
	if (ev->task_state.status == 5 && task->state == TASK_UNKNOWN && !task->woken) {
		task->state = TASK_BLOCKED;
		task->begin = FB_NS_NONE;
		task->wait_state = 0;
	}
}

static void on_statedump_end(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	(void)cpu;
	(void)ev;
	k->hold_all = false;
	held_flush(k, false);
}

/* ---- system calls ------------------------------------------------------------------------- */

static bool ends_the_task(const char *syscall)
{
	return syscall && (!strcmp(syscall, "exit") || !strcmp(syscall, "exit_group"));
}

static void on_sys_enter(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task = k->cpus[cpu].current;

	if (task->held)
		held_resolve(k, task, NULL);
	task->sys_state = SYS_INSIDE;
	task->syscall = ev->sys_enter.name;
	task->fd = ev->sys_enter.fd;
	if (ends_the_task(task->syscall))
		task->dying = true;
}

/* Entries and exits belong together by task, never by name: execveat's exit is execve's. */
static void on_sys_exit(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task = k->cpus[cpu].current;

	if (task->held)
		held_resolve(k, task, ev->sys_exit.name);
	task->sys_state = SYS_OUTSIDE;
}

static void on_fault(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	struct task *task = k->cpus[cpu].current;

	(void)ev;
	if (task->sys_state != SYS_UNKNOWN)
		return;
	task->sys_state = SYS_OUTSIDE;
	held_resolve(k, task, NULL);
}

/* ---- interrupts --------------------------------------------------------------------------- */

/*
 * The handler's name, nearly always the one that was there last time. Actions
 * share lines, so an irq has no one name.
 */
static const char *irq_name(struct cpu *cpu, const struct fb_event *ev)
{
	enum { N = G_N_ELEMENTS(cpu->irq_names) };
	const char *text;
	size_t length;

	if (ev->text == FB_NO_TEXT)
		return NULL;
	text = fb_event_text_at(ev, ev->text, &length);
	for (int i = 0; i < N; i++) {
		const char *name = cpu->irq_names[i].name;

		if (cpu->irq_names[i].irq == ev->irq.irq && name && !strncmp(name, text, length) &&
		    !name[length])
			return name;
	}
	memmove(cpu->irq_names + 1, cpu->irq_names, sizeof(*cpu->irq_names) * (N - 1));
	cpu->irq_names[0].irq = ev->irq.irq;
	cpu->irq_names[0].name = intern_text(ev, ev->text);
	return cpu->irq_names[0].name;
}

static void on_irq_enter(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];

	frame_push(k, cpu, &(struct frame){ .kind = FB_FRAME_IRQ, .id = ev->irq.irq,
					    .name = irq_name(cpu, ev) });
}

static void on_irq_exit(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];
	const struct frame *top = cpu->n_frames ? &cpu->frames[cpu->n_frames - 1] : NULL;

	cpu->last_irq = (struct fb_origin){
		.kind = FB_ORIGIN_IRQ, .id = ev->irq.irq,
		.name = top && top->kind == FB_FRAME_IRQ && top->id == ev->irq.irq ? top->name : NULL };
	cpu->last_irq_time = ev->time;
	frame_pop(k, cpu, FB_FRAME_IRQ, ev->irq.irq);
}

static void on_vec_enter(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	frame_push(k, &k->cpus[number],
		   &(struct frame){ .kind = FB_FRAME_VECTOR, .id = ev->vec.number,
				    .vector = ev->vec.vector, .name = ev->vec.name });
}

static void on_vec_exit(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];

	cpu->last_irq = (struct fb_origin){ .kind = FB_ORIGIN_VECTOR, .id = ev->vec.number,
					    .name = ev->vec.name };
	cpu->last_irq_time = ev->time;
	frame_pop(k, cpu, FB_FRAME_VECTOR, ev->vec.number);
}

static void on_softirq_raise(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];

	if (ev->softirq.vec >= SOFTIRQS)
		return;
	cpu->raised[ev->softirq.vec].valid = true;
	cpu->raised[ev->softirq.vec].origin = origin_here(k, cpu);
}

static void on_softirq_enter(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	softirq_enter(k, &k->cpus[number], ev->softirq.vec, ev->time);
}

static void on_softirq_exit(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];

	for (int i = 0; i < cpu->n_frames; i++)
		if (cpu->frames[i].kind == FB_FRAME_SOFTIRQ) {
			cpu->last_softirq = cpu->frames[i].origin;
			cpu->last_softirq_inline = cpu->frames[i].is_inline;
		}
	frame_pop(k, cpu, FB_FRAME_SOFTIRQ, ev->softirq.vec);
}

static void timer_enter(struct fb_kernel *k, struct cpu *cpu, enum fb_frame_kind kind,
			const struct fb_event *ev)
{
	/* Callbacks run one after the other: an open one has lost its exit. */
	if (cpu->n_frames && cpu->frames[cpu->n_frames - 1].kind == kind)
		cpu->n_frames--;
	frame_push(k, cpu, &(struct frame){ .kind = kind, .id = -1, .timer = ev->timer.timer,
					    .function = ev->timer.function });
}

static void on_hrtimer_enter(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	timer_enter(k, &k->cpus[cpu], FB_FRAME_HRTIMER, ev);
}

static void on_hrtimer_exit(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	frame_pop(k, &k->cpus[cpu], FB_FRAME_HRTIMER, ev->timer.timer);
}

static void on_timer_enter(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	timer_enter(k, &k->cpus[cpu], FB_FRAME_TIMER, ev);
}

static void on_timer_exit(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	frame_pop(k, &k->cpus[cpu], FB_FRAME_TIMER, ev->timer.timer);
}

/* ---- signals and work --------------------------------------------------------------------- */

static void on_signal_generate(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	enum { DELIVERED = 0 }; /* TRACE_SIGNAL_DELIVERED */
	struct cpu *cpu = &k->cpus[number];
	struct task *target = task_find(k, ev->signal.tid);

	if (ev->signal.result == DELIVERED) {
		wakings_explain(k, cpu, ev);
		if (target)
			target->signal_pending = true;
	}
	/* An ignored SIGCHLD still goes before the waking of the parent in wait4. */
	if (ev->signal.sig == SIGCHLD && ev->signal.code >= CLD_EXITED &&
	    ev->signal.code <= CLD_CONTINUED) {
		cpu->child_code = ev->signal.code;
		cpu->child_parent = ev->signal.tid;
	}
}

static void on_signal_deliver(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	(void)ev;
	k->cpus[cpu].current->signal_pending = false;
}

static void on_work_start(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	k->cpus[cpu].current->work = ev->work.function;
}

static void on_work_end(struct fb_kernel *k, int cpu, const struct fb_event *ev)
{
	(void)ev;
	k->cpus[cpu].current->work = 0;
}

/* ---- losses ------------------------------------------------------------------------------- */

/* From here on anything may have happened on this CPU: who runs there now is the next switch's to say. */
static void on_lost(struct fb_kernel *k, int number, const struct fb_event *ev)
{
	struct cpu *cpu = &k->cpus[number];

	cpu->lost_until = MAX(cpu->lost_until, ev->lost.until);
	k->lost_until = MAX(k->lost_until, ev->lost.until);
	if (cpu->current && cpu->current != cpu->idle) {
		cpu->current->sys_state = SYS_UNKNOWN;
		cpu->current->state = TASK_UNKNOWN;
		cpu->current->begin = FB_NS_NONE;
		cpu->current->wait_state = 0;
		cpu->current->woken = cpu->current->has_early = false;
		cpu->current->n_frames = 0;
	}
	cpu->current = NULL;
	cpu->n_frames = 0;
	memset(cpu->raised, 0, sizeof(cpu->raised));
}

/* ---- the door ----------------------------------------------------------------------------- */

static handler *const handlers[FB_EV_KINDS] = {
	[FB_EV_SWITCH] = on_switch,
	[FB_EV_WAKING] = on_waking,
	[FB_EV_WAKEUP] = on_wakeup,
	[FB_EV_WAKEUP_NEW] = on_wakeup_new,
	[FB_EV_FORK] = on_fork,
	[FB_EV_EXEC] = on_exec,
	[FB_EV_EXIT] = on_process_exit,
	[FB_EV_SYS_ENTER] = on_sys_enter,
	[FB_EV_SYS_EXIT] = on_sys_exit,
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
	[FB_EV_WORK_START] = on_work_start,
	[FB_EV_WORK_END] = on_work_end,
	[FB_EV_TASK_STATE] = on_task_state,
	[FB_EV_STATEDUMP_END] = on_statedump_end,
	[FB_EV_LOST] = on_lost,
};

uint64_t fb_kernel_kinds(void)
{
	uint64_t kinds = 0;

	for (int kind = 0; kind < FB_EV_KINDS; kind++)
		if (handlers[kind])
			kinds |= FB_KIND_BIT(kind);
	return kinds;
}

void fb_kernel_event(struct fb_kernel *k, const struct fb_event *ev)
{
	struct cpu *cpu = cpu_get(k, MIN(ev->cpu, MAX_CPUS - 1));
	int number = cpu - k->cpus;

	if (ev->kind >= FB_EV_KINDS || !handlers[ev->kind])
		return;
	k->now = ev->time;
	if (!cpu->current && ev->kind != FB_EV_SWITCH && ev->kind != FB_EV_LOST) {
		cpu->current = task_new_unknown(k);
		cpu->current->state = TASK_RUNNING;
	}
	/* A sched_wakeup belongs to the waking before it; anything else parts the waking from its signal. */
	if (cpu->n_wakings && ev->kind != FB_EV_WAKEUP && ev->kind != FB_EV_WAKING &&
	    ev->kind != FB_EV_SIGNAL_GENERATE)
		cpu->n_wakings = 0;
	handlers[ev->kind](k, number, ev);
	k->cpus[number].last_kind = ev->kind;
	if (ev->kind == FB_EV_SIGNAL_GENERATE)
		k->cpus[number].n_wakings = 0;
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
	k->rt = info->kernel_version && (strstr(info->kernel_version, "PREEMPT_RT") ||
					 strstr(info->kernel_version, "PREEMPT RT"));
	k->kinds = info->kinds;
	k->by_wakeup = !(info->kinds & FB_KIND_BIT(FB_EV_WAKING));
	k->hold_all = (info->kinds & FB_KIND_BIT(FB_EV_TASK_STATE)) &&
		      (info->kinds & FB_KIND_BIT(FB_EV_STATEDUMP_END));
	k->lost_until = FB_NS_NONE;
	k->first = k->next = 1;
	k->tasks = g_ptr_array_new();
	k->far = g_hash_table_new(NULL, NULL);
	return k;
}

void fb_kernel_free(struct fb_kernel *k)
{
	if (!k)
		return;
	tasks_clear(k);
	g_free(k->cpus);
	g_free(k->held);
	g_free(k);
}

void fb_kernel_finish(struct fb_kernel *k)
{
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
