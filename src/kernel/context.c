/* SPDX-License-Identifier: MIT */
/*
 * context.c - what stands on top of a CPU's current task, and therefore what a
 * waking came from.
 *
 *	task
 *	 └ softirq               one at a time; after a hard interrupt's exit event, never inside it
 *	     └ timer callback    in TIMER; an hrtimer's in HRTIMER
 *	     └ hard irq          on top of anything
 *	 └ hard irq: a handler, or a vector (local timer, IPIs)
 *	     └ hrtimer callback  in the local timer's
 */
#include "tell.h"

/* Longer than any interrupt's way from its exit event to the softirq it raised. */
#define IRQ_EXIT_WINDOW ((fb_ns)20000)

#define KINDS_INTERRUPT (FB_KIND_BIT(FB_EV_IRQ_ENTER) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER))

enum { SOFTIRQ_TIMER = 1, SOFTIRQ_HRTIMER = 8 };

static bool has_kind(const struct fb_kernel *k, enum fb_kind kind)
{
	return k->kinds & FB_KIND_BIT(kind);
}

void contexts_init(struct fb_kernel *k, enum fb_abi abi)
{
	bool is_x86 = abi == FB_ABI_X86_64 || abi == FB_ABI_I386;

	/* Elsewhere the timer and the IPIs are interrupts like any other. */
	k->sees_hard = has_kind(k, FB_EV_IRQ_ENTER) && (!is_x86 || has_kind(k, FB_EV_VEC_ENTER));
	k->sees_all = k->sees_hard && has_kind(k, FB_EV_SOFTIRQ_ENTER);
}

void frame_push(struct fb_kernel *k, struct cpu *cpu, const struct frame *frame)
{
	if (cpu->n_frames == FRAMES) {
		/* Deeper than interrupts nest: exits were missed. The oldest is the least credible. */
		memmove(cpu->frames, cpu->frames + 1, sizeof(*cpu->frames) * (FRAMES - 1));
		cpu->n_frames--;
		k->counts.frames_cleared++;
	}
	cpu->frames[cpu->n_frames++] = *frame;
	tell_frames(k, cpu);
}

static bool frame_matches(const struct frame *f, enum fb_frame_kind kind, uint64_t key)
{
	if (f->kind != kind)
		return false;
	if (kind == FB_FRAME_TIMER || kind == FB_FRAME_HRTIMER)
		return f->timer == key;
	return f->id == (int32_t)key;
}

/* An exit closes the innermost frame it belongs to, and those above, whose exits were missed. */
void frame_pop(struct fb_kernel *k, struct cpu *cpu, enum fb_frame_kind kind, uint64_t key)
{
	for (int i = cpu->n_frames - 1; i >= 0; i--)
		if (frame_matches(&cpu->frames[i], kind, key)) {
			k->counts.frames_cleared += cpu->n_frames - 1 - i;
			cpu->n_frames = i;
			tell_frames(k, cpu);
			return;
		}
}

void frames_clear(struct fb_kernel *k, struct cpu *cpu)
{
	k->counts.frames_cleared += cpu->n_frames;
	cpu->n_frames = 0;
}

static bool is_hard(const struct frame *f)
{
	return f->kind == FB_FRAME_IRQ || f->kind == FB_FRAME_VECTOR;
}

/*
 * Whether the innermost frame is a timer's callback that runs in the softirq below it. An
 * hrtimer may just as well have come in a vector that was not recorded.
 */
static bool is_in_softirq(const struct cpu *cpu)
{
	const struct frame *below;

	if (cpu->n_frames < 2)
		return false;
	below = &cpu->frames[cpu->n_frames - 2];
	return below->kind == FB_FRAME_SOFTIRQ &&
	       (below[1].kind == FB_FRAME_TIMER || below->id == SOFTIRQ_HRTIMER);
}

void frames_switch(struct fb_kernel *k, struct cpu *cpu, struct task *prev, struct task *next)
{
	int soft = 0;

	if (!k->rt) {
		frames_clear(k, cpu);
		return;
	}
	while (soft < cpu->n_frames && !is_hard(&cpu->frames[soft]))
		soft++;
	k->counts.frames_cleared += cpu->n_frames - soft;
	if (soft && !prev->frames)
		prev->frames = g_new(struct frame, FRAMES);
	if (soft)
		memcpy(prev->frames, cpu->frames, soft * sizeof(*cpu->frames));
	prev->n_frames = soft;
	cpu->n_frames = next->n_frames;
	if (next->n_frames)
		memcpy(cpu->frames, next->frames, next->n_frames * sizeof(*cpu->frames));
	next->n_frames = 0;
}

static const char *task_syscall(const struct task *task)
{
	return task->sys_state == SYS_INSIDE ? task->syscall : NULL;
}

/* Whether a callback may have run in this frame, of a softirq, and not been recorded. */
static bool hides_callback(const struct fb_kernel *k, const struct frame *f)
{
	return (f->id == SOFTIRQ_TIMER && !has_kind(k, FB_EV_TIMER_ENTER)) ||
	       (f->id == SOFTIRQ_HRTIMER && !has_kind(k, FB_EV_HRTIMER_ENTER));
}

static struct fb_origin origin_of_frame(const struct fb_kernel *k, const struct frame *f)
{
	struct fb_origin o = { .id = f->id, .name = f->name, .function = f->function };

	switch (f->kind) {
	case FB_FRAME_SOFTIRQ:
		/* NET_TX run for a timer raises NET_RX: the timer is the one to know. */
		if (f->origin.kind != FB_ORIGIN_NONE && !hides_callback(k, f))
			return f->origin;
		o.kind = FB_ORIGIN_SOFTIRQ;
		o.name = fb_softirq_name(f->id);
		break;
	case FB_FRAME_TIMER:
		o.kind = FB_ORIGIN_TIMER;
		break;
	case FB_FRAME_HRTIMER:
		o.kind = FB_ORIGIN_HRTIMER;
		break;
	case FB_FRAME_IRQ:
		o.kind = FB_ORIGIN_IRQ;
		break;
	default:
		o.kind = FB_ORIGIN_VECTOR;
	}
	return o;
}

/* In user mode, where nothing happens in the kernel but by an interrupt, or a fault. */
static bool in_user_mode(const struct fb_kernel *k, const struct task *task)
{
	return task->sys_state == SYS_OUTSIDE && has_kind(k, FB_EV_SYS_ENTER) &&
	       !task->pub.kthread && !task->dying;
}

static struct fb_origin origin_of_task(const struct fb_kernel *k, const struct task *task)
{
	if (!task || task->pub.tid == 0 || (in_user_mode(k, task) && !k->sees_all))
		return (struct fb_origin){ .id = -1 };
	return (struct fb_origin){ .kind = FB_ORIGIN_TASK, .id = -1, .task = &task->pub,
				   .syscall = task_syscall(task) };
}

/* Whether an interrupt that is not recorded may stand on top of what is seen of this CPU. */
static bool may_be_hidden(const struct fb_kernel *k, const struct cpu *cpu)
{
	const struct frame *top;

	if (!cpu->n_frames)
		return !k->sees_all;
	top = &cpu->frames[cpu->n_frames - 1];
	/* Hard interrupts do not interrupt each other. */
	if (is_hard(top) || (top->kind == FB_FRAME_HRTIMER && !is_in_softirq(cpu)))
		return false;
	return !k->sees_hard;
}

void note_raise(const struct fb_kernel *k, const struct cpu *cpu, struct raise *raise)
{
	const struct frame *top = cpu->n_frames ? &cpu->frames[cpu->n_frames - 1] : NULL;

	raise->valid = true;
	raise->inferred = may_be_hidden(k, cpu) ||
			  (top && top->kind == FB_FRAME_SOFTIRQ && top->inferred);
	raise->doubtful = top ? top->doubtful : task_is_doubtful(cpu->current);
	raise->origin = top ? origin_of_frame(k, top) : origin_of_task(k, cpu->current);
}

/*
 * No softirq_raise was seen: right after an interrupt it is the interrupt's,
 * after a softirq another one of the same round, else the current task raised it.
 */
static void guess_origin(const struct fb_kernel *k, const struct cpu *cpu, fb_ns now,
			 struct frame *f)
{
	if ((cpu->last_kind == FB_EV_IRQ_EXIT || cpu->last_kind == FB_EV_VEC_EXIT) &&
	    now - cpu->last_irq_time <= IRQ_EXIT_WINDOW) {
		f->origin = cpu->last_irq;
		f->doubtful |= cpu->last_irq_doubtful;
	} else if (cpu->last_kind == FB_EV_SOFTIRQ_EXIT) {
		f->origin = cpu->last_softirq;
		f->is_inline = cpu->last_softirq_inline;
		f->doubtful |= cpu->last_softirq_doubtful;
	} else {
		f->origin = origin_of_task(k, cpu->current);
		f->doubtful |= task_is_doubtful(cpu->current);
	}
	f->inferred = true;
}

void softirq_enter(struct fb_kernel *k, struct cpu *cpu, uint32_t vec, fb_ns now)
{
	struct frame f = { .kind = FB_FRAME_SOFTIRQ, .id = vec, .origin = { .id = -1 } };
	struct task *current = cpu->current;

	/* It begins on a bare task: whatever seems open has lost its exit. */
	if (cpu->n_frames)
		frames_clear(k, cpu);
	f.doubtful = cpu->doubtful; /* ksoftirqd may run it */
	if (vec < SOFTIRQS) {
		f.doubtful |= cpu->raised[vec].doubtful;
		cpu->raised[vec].doubtful = false;
	}
	if (vec < SOFTIRQS && cpu->raised[vec].valid) {
		f.origin = cpu->raised[vec].origin;
		f.inferred = cpu->raised[vec].inferred;
		cpu->raised[vec].valid = false;
	} else {
		guess_origin(k, cpu, now, &f);
	}
	if (current && current->ksoftirqd)
		f.origin.kind = FB_ORIGIN_DEFERRED;
	else if (f.origin.kind == FB_ORIGIN_TASK && current && f.origin.task == &current->pub)
		f.is_inline = true;
	frame_push(k, cpu, &f);
}

static void cause_of_vector(const struct frame *f, struct fb_cause *cause)
{
	cause->kind = f->vector == FB_VEC_LOCAL_TIMER ? FB_CAUSE_TIMER : FB_CAUSE_IPI;
	cause->id = f->id;
	cause->name = f->name;
}

static void cause_of_frame(const struct fb_kernel *k, const struct cpu *cpu, struct wake *wake)
{
	const struct frame *f = &cpu->frames[cpu->n_frames - 1];
	struct fb_cause *cause = &wake->cause;

	cause->is_block = f->is_block;
	wake->inferred = may_be_hidden(k, cpu);
	switch (f->kind) {
	case FB_FRAME_SOFTIRQ:
		cause->kind = FB_CAUSE_SOFTIRQ;
		cause->id = f->id;
		cause->name = fb_softirq_name(f->id);
		cause->origin = f->origin;
		wake->inferred |= f->inferred;
		wake->doubtful = f->doubtful;
		if (f->is_inline && cpu->current) {
			cause->is_inline = true;
			cause->task = &cpu->current->pub;
			cause->syscall = task_syscall(cpu->current);
			wake->doubtful |= task_is_doubtful(cpu->current);
		}
		break;
	case FB_FRAME_TIMER:
	case FB_FRAME_HRTIMER:
		cause->kind = f->kind == FB_FRAME_TIMER ? FB_CAUSE_TIMER : FB_CAUSE_HRTIMER;
		cause->function = f->function;
		/* The softirq around it may have begun where events were lost. */
		wake->doubtful = cpu->n_frames == 1 && cpu->doubtful;
		if (is_in_softirq(cpu)) {
			cause->origin = f[-1].origin;
			wake->inferred |= f[-1].inferred;
			wake->doubtful = f[-1].doubtful;
		}
		break;
	case FB_FRAME_IRQ:
		cause->kind = FB_CAUSE_IRQ;
		cause->id = f->id;
		cause->name = f->name;
		break;
	default:
		cause_of_vector(f, cause);
		/* The callback that the local timer ran is not recorded. */
		if (f->vector == FB_VEC_LOCAL_TIMER)
			wake->inferred = !has_kind(k, FB_EV_HRTIMER_ENTER);
	}
}

static inline void cause_of_current(const struct fb_kernel *k, const struct cpu *cpu, struct wake *wake)
{
	const struct task *current = cpu->current;
	struct fb_cause *cause = &wake->cause;
	bool interrupts = (k->kinds & KINDS_INTERRUPT) == KINDS_INTERRUPT;

	if (!current)
		return;
	wake->inferred = !k->sees_all;
	wake->doubtful = task_is_doubtful(current);
	if (current->pub.tid == 0) {
		/* sched_wakeup in an idle CPU: it was sent from another, by an IPI or a polled flag. */
		cause->kind = k->by_wakeup && interrupts ? FB_CAUSE_IPI : FB_CAUSE_UNTRACED;
		return;
	}
	/* With all interrupts recorded it is work on the way out. */
	if (in_user_mode(k, current) && !(k->kinds & KINDS_INTERRUPT)) {
		cause->kind = FB_CAUSE_UNTRACED;
		return;
	}
	cause->kind = FB_CAUSE_TASK;
	cause->task = &current->pub;
	cause->syscall = task_syscall(current);
	wake->inferred |= cause->syscall && k->half_calls;
	cause->function = current->work == WORK_DOUBTFUL ? 0 : current->work;
}

/* Of each set, ended by NULL. */
static const char *const call_names[CALL_SETS][CALLS_MAX] = {
	[CALLS_WAIT_CHILD] = { "wait4", "waitid", "waitpid" },
	[CALLS_FORK] = { "vfork", "clone", "clone3" },
	[CALLS_EXEC] = { "execve", "execveat" },
	[CALLS_KILL] = { "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
			 "pidfd_send_signal" },
};

void call_names_init(struct fb_kernel *k)
{
	for (int set = 0; set < CALL_SETS; set++)
		for (int i = 0; call_names[set][i]; i++)
			k->calls[set][i] = g_intern_static_string(call_names[set][i]);
}

/* Names of system calls are interned: they compare by pointer. */
static bool is_call(const struct fb_kernel *k, const char *syscall, enum call_set set)
{
	for (const char *const *name = k->calls[set]; syscall && *name; name++)
		if (*name == syscall)
			return true;
	return false;
}

bool is_same_call(const struct fb_kernel *k, const char *a, const char *b)
{
	return a == b || (is_call(k, a, CALLS_EXEC) && is_call(k, b, CALLS_EXEC));
}

static bool waits_for_child(const struct fb_kernel *k, const char *syscall)
{
	return is_call(k, syscall, CALLS_WAIT_CHILD);
}

/* Where no system calls are recorded: nothing but its parent's wait4 is woken by a child right then. */
static bool sees_calls(const struct fb_kernel *k)
{
	return has_kind(k, FB_EV_SYS_ENTER);
}

/* Whether the SIGCHLD that the current task has just sent went to this task's process. */
static bool is_told(const struct cpu *cpu, const struct task *parent)
{
	return cpu->child_code && (parent->pub.tid == cpu->child_parent || !parent->pub.pid ||
				   parent->pub.pid == cpu->child_parent);
}

/* CLD_* of include/uapi/asm-generic/siginfo.h: 1 exited, 2 killed, 3 dumped. */
static enum fb_via via_of_child_code(int32_t code)
{
	switch (code) {
	case 4:
		return FB_VIA_CHILD_TRAP;
	case 5:
		return FB_VIA_CHILD_STOP;
	case 6:
		return FB_VIA_CHILD_CONTINUE;
	default:
		return FB_VIA_CHILD_EXIT;
	}
}

static void refine_by_task(const struct fb_kernel *k, const struct cpu *cpu,
			   const struct task *wakee, struct wake *wake)
{
	const struct task *waker = cpu->current;
	struct fb_cause *cause = &wake->cause;

	if (waker->unsure && is_call(k, task_syscall(wakee), CALLS_FORK))
		wake->doubtful = true; /* it may be the wakee's child */
	/* A task that raises a softirq outside of any interrupt wakes it too: just after the raise. */
	if (wakee->ksoftirqd && cpu->last_kind != FB_EV_SOFTIRQ_RAISE) {
		cause->via = FB_VIA_SOFTIRQ_OVERLOAD;
		cause->task = NULL;
		cause->syscall = NULL;
	} else if (((is_told(cpu, wakee) || waker->dying) &&
		    waits_for_child(k, task_syscall(wakee))) ||
		   (is_told(cpu, wakee) && !sees_calls(k))) {
		/* The parent's SIGCHLD goes out before it is woken from wait4 (do_notify_parent). */
		wake->inferred |= !sees_calls(k);
		cause->via = via_of_child_code(cpu->child_code);
		cause->via_id = waker->pub.tid;
	} else if (waker->parent == wakee && is_call(k, task_syscall(wakee), CALLS_FORK) &&
		   (waker->dying || is_call(k, task_syscall(waker), CALLS_EXEC))) {
		cause->via = FB_VIA_VFORK;
		cause->via_id = waker->pub.tid;
	} else if (!has_kind(k, FB_EV_SIGNAL_GENERATE) &&
		   is_call(k, task_syscall(waker), CALLS_KILL)) {
		cause->via = FB_VIA_SIGNAL;
		wake->inferred = true;
	}
}

/* One by one: compilers clear so large a struct with an instruction that is slow to start. */
void cause_clear(struct fb_cause *cause, int32_t cpu)
{
	cause->kind = FB_CAUSE_UNKNOWN;
	cause->via = FB_VIA_NONE;
	cause->id = -1;
	cause->via_id = 0;
	cause->cpu = cpu;
	cause->early = cause->is_inline = cause->is_block = false;
	cause->name = NULL;
	cause->function = 0;
	cause->task = NULL;
	cause->syscall = NULL;
	cause->origin = (struct fb_origin){ .id = -1 };
}

void wake_capture(const struct fb_kernel *k, const struct cpu *cpu, const struct task *wakee,
		  fb_ns now, struct wake *wake)
{
	wake->time = now;
	wake->inferred = k->by_wakeup;
	wake->doubtful = false;
	cause_clear(&wake->cause, cpu->number);
	if (cpu->n_frames)
		cause_of_frame(k, cpu, wake);
	else
		cause_of_current(k, cpu, wake);
	wake->inferred |= k->by_wakeup;
	if (!cpu->n_frames && cpu->current)
		refine_by_task(k, cpu, wakee, wake);
}

void fb_kernel_actor(const struct fb_kernel *k, int number, struct fb_cause *actor)
{
	struct wake here = { .cause = { .id = -1, .cpu = number, .origin = { .id = -1 } } };

	if (number >= 0 && number < k->n_cpus && k->cpus[number].n_frames)
		cause_of_frame(k, &k->cpus[number], &here);
	else if (number >= 0 && number < k->n_cpus)
		cause_of_current(k, &k->cpus[number], &here);
	*actor = here.cause;
}

/*
 * `syscall`: the one that the woken task waited in. Returns whether something that is not
 * recorded could tell otherwise.
 */
static bool explain(const struct fb_kernel *k, const char *syscall, const struct fb_event *signal,
		    struct fb_cause *cause)
{
	if (cause->via == FB_VIA_CHILD_EXIT)
		return false;
	/* SIGCHLD itself wakes a parent whose handler wants it out of wait4. */
	if (signal->signal.sig == 17 && signal->signal.code > 0 && waits_for_child(k, syscall)) {
		cause->via = via_of_child_code(signal->signal.code);
		cause->via_id = cause->task ? cause->task->tid : 0;
		return false;
	}
	cause->via = FB_VIA_SIGNAL;
	cause->via_id = signal->signal.sig;
	return signal->signal.sig == 17 && signal->signal.code > 0 && !sees_calls(k);
}

enum sameness { OTHER, UNSURE, SAME };

/* Signals to a process wake any of its threads. Without a statedump not all tell whose they are. */
static enum sameness same_process(const struct fb_kernel *k, const struct task *task, int32_t tid)
{
	const struct task *target = task_find(k, tid);

	if (task->pub.tid == tid || task->pub.pid == tid)
		return SAME;
	if (target && target->pub.pid && task->pub.pid)
		return target->pub.pid == task->pub.pid ? SAME : OTHER;
	return has_kind(k, FB_EV_TASK_STATE) || task->pub.pid || task->pub.kthread ? OTHER : UNSURE;
}

/* The kernel wakes the target first and logs signal_generate after (__send_signal_locked). */
void wakings_explain(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	for (int i = 0; i < cpu->n_wakings; i++) {
		struct task *task = cpu->wakings[i].task;
		uint64_t held = cpu->wakings[i].held;
		enum sameness same = same_process(k, task, ev->signal.tid);

		if (same == OTHER)
			continue;
		if (held >= k->first && held < k->next) {
			/* It ran at once, and may be out of that call already. */
			struct fb_blocking *b = &k->held[held & (k->capacity - 1)].blocking;

			if ((explain(k, b->syscall, ev, &b->cause) || same == UNSURE) &&
			    b->quality == FB_QUALITY_EXACT)
				b->quality = FB_QUALITY_INFERRED;
			TELL(k, refine, &task->pub, &b->cause);
		} else if (task->has_early || task->woken) {
			task->wake.inferred |= explain(k, task_syscall(task), ev, &task->wake.cause) ||
					       same == UNSURE;
			if (!task->has_early)
				TELL(k, refine, &task->pub, &task->wake.cause);
		}
	}
}

void wakings_give_up(struct fb_kernel *k, struct cpu *cpu)
{
	for (int i = 0; i < cpu->n_wakings; i++) {
		struct task *task = cpu->wakings[i].task;
		uint64_t held = cpu->wakings[i].held;

		if (held >= k->first && held < k->next)
			k->held[held & (k->capacity - 1)].blocking.quality = FB_QUALITY_LOST;
		else if (!held)
			task->wake.doubtful = true;
	}
	cpu->n_wakings = 0;
}

static bool has_frame(const struct fb_kernel *k, int cpu, bool hard)
{
	if (cpu < 0 || cpu >= k->n_cpus)
		return false;
	for (int i = 0; i < k->cpus[cpu].n_frames; i++) {
		const struct frame *f = &k->cpus[cpu].frames[i];

		/* An hrtimer with no vector recorded below it still runs in the local timer's interrupt. */
		if (hard ? is_hard(f) || (f->kind == FB_FRAME_HRTIMER && i == 0) :
			   f->kind == FB_FRAME_SOFTIRQ)
			return true;
	}
	return false;
}

bool fb_kernel_in_hardirq(const struct fb_kernel *k, int cpu)
{
	return has_frame(k, cpu, true);
}

bool fb_kernel_in_softirq(const struct fb_kernel *k, int cpu)
{
	return has_frame(k, cpu, false);
}

enum fb_frame_kind fb_kernel_context(const struct fb_kernel *k, int cpu)
{
	if (cpu < 0 || cpu >= k->n_cpus || !k->cpus[cpu].n_frames)
		return FB_FRAME_NONE;
	return k->cpus[cpu].frames[k->cpus[cpu].n_frames - 1].kind;
}
