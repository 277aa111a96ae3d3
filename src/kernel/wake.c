/* SPDX-License-Identifier: MIT */
/* wake.c - what a waking came from: the innermost context on its CPU, and what that did it for. */
#include "kernel/fits.h"
#include "kernel/observers.h"

#define KINDS_INTERRUPT (FB_KIND_BIT(FB_EV_IRQ_ENTER) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER))

/* ---- what stands on the CPU --------------------------------------------------------------- */

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
	wake->hidden = may_be_hidden(k, cpu);
	switch (f->kind) {
	case FB_FRAME_SOFTIRQ:
		cause->kind = FB_CAUSE_SOFTIRQ;
		cause->id = f->id;
		cause->name = fb_softirq_name(f->id);
		cause->origin = f->origin;
		wake->inferred |= f->inferred;
		wake->doubt = f->doubt;
		if (f->is_inline && cpu->current) {
			cause->is_inline = true;
			cause->task = &cpu->current->pub;
			cause->comm = cpu->current->pub.comm;
			cause->syscall = task_syscall(cpu->current);
			wake->doubt |= current_doubt(cpu, false);
		}
		break;
	case FB_FRAME_TIMER:
	case FB_FRAME_HRTIMER:
		cause->kind = f->kind == FB_FRAME_TIMER ? FB_CAUSE_TIMER : FB_CAUSE_HRTIMER;
		cause->function = f->function;
		/* The softirq around it may have begun where events were lost. */
		wake->doubt = cpu->n_frames == 1 && cpu->doubtful ? FB_DOUBT_CAUSE : 0;
		if (is_in_softirq(cpu)) {
			cause->origin = f[-1].origin;
			wake->inferred |= f[-1].inferred;
			wake->doubt = f[-1].doubt;
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

/* "irq/30-wifi"; "irq/30-s-wifi" is woken by that one. */
static bool is_thread_of_irq(const struct task *task, int32_t irq)
{
	char prefix[16];

	g_snprintf(prefix, sizeof(prefix), "irq/%d-", irq);
	return g_str_has_prefix(task->comm, prefix);
}

/*
 * The kernel logs a handler's exit, and then wakes the thread that the handler asked for
 * (__handle_irq_event_percpu): it is still in that interrupt.
 */
static inline bool is_waking_irq_thread(const struct cpu *cpu, const struct task *wakee)
{
	return G_UNLIKELY(cpu->last_kind == FB_EV_IRQ_EXIT && cpu->last_irq_has_thread) &&
	       is_thread_of_irq(wakee, cpu->last_irq.id);
}

static void cause_of_ended_irq(const struct cpu *cpu, struct wake *wake)
{
	wake->cause.kind = FB_CAUSE_IRQ;
	wake->cause.id = cpu->last_irq.id;
	wake->cause.name = cpu->last_irq.name;
	wake->doubt = cpu->last_irq_doubt;
}

/* An interrupt, by what the event says; which one is not recorded. */
static void cause_of_unseen(const struct cpu *cpu, struct wake *wake)
{
	wake->cause.kind = cpu->told == TOLD_SOFT ? FB_CAUSE_SOFTIRQ : FB_CAUSE_UNTRACED;
	wake->inferred = true;
}

static inline void cause_of_current(const struct fb_kernel *k, const struct cpu *cpu, struct wake *wake)
{
	const struct task *current = cpu->current;
	struct fb_cause *cause = &wake->cause;
	bool interrupts = (k->kinds & KINDS_INTERRUPT) == KINDS_INTERRUPT;

	if (!current)
		return;
	wake->hidden = !k->sees_all;
	wake->doubt = current_doubt(cpu, !cpu->told && !(k->kinds & KINDS_INTERRUPT));
	if (current->pub.tid == 0) {
		/* sched_wakeup in an idle CPU: it was sent from another, by an IPI or a polled flag. */
		cause->kind = k->by_wakeup && interrupts ? FB_CAUSE_IPI : FB_CAUSE_UNTRACED;
		return;
	}
	if (cpu->told)
		wake->hidden = false;
	/* With all interrupts recorded it is work on the way out. */
	if (in_user_mode(k, current) && !cpu->told && !(k->kinds & KINDS_INTERRUPT)) {
		cause->kind = FB_CAUSE_UNTRACED;
		return;
	}
	cause->kind = FB_CAUSE_TASK;
	cause->task = &current->pub;
	cause->comm = current->pub.comm;
	cause->syscall = task_syscall(current);
	wake->inferred |= cause->syscall && k->half_calls;
	cause->function = current->work == WORK_DOUBTFUL ? 0 : current->work;
}

/* ---- what the wakee's system call and the waker's tell ------------------------------------ */

bool is_same_call(const struct fb_syscall *a, const struct fb_syscall *b)
{
	return a == b || (fb_syscall_is(a, FB_CALL_EXEC) && fb_syscall_is(b, FB_CALL_EXEC));
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

/*
 * Its child is what the wakee waits for. The parent's SIGCHLD goes out before it is woken from
 * wait4 (do_notify_parent).
 */
static bool wakes_parent(const struct fb_kernel *k, const struct cpu *cpu, const struct task *wakee)
{
	bool waits = fb_syscall_is(task_call(wakee), FB_CALL_CHILD);

	return is_told(cpu, wakee) ? waits || !sees_calls(k) : waits && cpu->current->dying;
}

/* A child is a process, whichever of its threads tells of it last; but threads are traced one by one. */
static void name_child(const struct fb_kernel *k, const struct fb_task *waker,
		       struct fb_cause *cause)
{
	const struct task *leader;

	cause->child = waker;
	cause->via_id = waker->tid;
	if (cause->via == FB_VIA_CHILD_TRAP || cause->via == FB_VIA_VFORK || !waker->pid ||
	    waker->pid == waker->tid)
		return;
	leader = task_find(k, waker->pid);
	cause->child = leader ? &leader->pub : NULL;
	cause->via_id = waker->pid;
}

static bool ends_vfork(const struct task *waker, const struct task *wakee)
{
	return waker->parent == wakee && fb_syscall_is(task_call(wakee), FB_CALL_FORK) &&
	       (waker->dying || fb_syscall_is(task_call(waker), FB_CALL_EXEC));
}

/* What the current task woke it for, as far as both their states tell. */
static enum fb_via via_of_task(const struct fb_kernel *k, const struct cpu *cpu,
			       const struct task *wakee)
{
	const struct task *waker = cpu->current;

	/* A task that raises a softirq outside of any interrupt wakes it too: just after the raise. */
	if (wakee->ksoftirqd && (cpu->last_kind != FB_EV_SOFTIRQ_RAISE || waker == cpu->idle))
		return FB_VIA_SOFTIRQ_OVERLOAD;
	if (wakes_parent(k, cpu, wakee))
		return via_of_child_code(cpu->child_code);
	if (ends_vfork(waker, wakee))
		return FB_VIA_VFORK;
	if (!has_kind(k, FB_EV_SIGNAL_GENERATE) && fb_syscall_is(task_call(waker), FB_CALL_KILL))
		return FB_VIA_SIGNAL;
	return FB_VIA_NONE;
}

/* The softirq that was left behind: it was raised, and did not run. */
static void cause_of_overload(const struct fb_kernel *k, const struct cpu *cpu,
			      struct fb_cause *cause)
{
	int vec = 0;

	while (vec < FB_SOFTIRQS && !cpu->raised[vec].valid)
		vec++;
	if (vec < FB_SOFTIRQS && has_kind(k, FB_EV_SOFTIRQ_ENTER))
		cause->origin = (struct fb_origin){ .kind = FB_ORIGIN_SOFTIRQ, .id = vec,
						    .name = fb_softirq_name(vec) };
	cause->function = 0;
	cause->task = NULL;
	cause->comm = cause->syscall = NULL;
}

/*
 * Whether what it woke it for may be something else, where events were lost: that depends on the
 * system calls of both, and on who is whose child. `unsure`: the wakee's call is not certain.
 */
static bool via_is_doubtful(const struct fb_kernel *k, const struct cpu *cpu,
			    const struct task *wakee, bool unsure)
{
	const struct task *waker = cpu->current;
	const struct fb_syscall *call = task_call(wakee);
	bool may_do_all = waker->sys_state == SYS_DOUBTFUL;
	bool may_die = waker->dying || may_do_all;

	if (wakee->ksoftirqd)
		return cpu->last_kind == FB_EV_LOST;
	if (may_do_all && !has_kind(k, FB_EV_SIGNAL_GENERATE))
		return true;
	if (wakee->pub.kthread)
		return false; /* it is in no call */
	if (unsure ? may_die || cpu->child_code : fb_syscall_is(call, FB_CALL_CHILD) && may_do_all)
		return true;
	if (!unsure && !fb_syscall_is(call, FB_CALL_FORK))
		return false;
	/* It may be the wakee's child, and what vfork waits for. */
	return (may_die || fb_syscall_is(task_call(waker), FB_CALL_EXEC)) &&
	       (waker->unsure || (waker->parent == wakee && (may_do_all || unsure)));
}

static void refine_by_task(const struct fb_kernel *k, const struct cpu *cpu,
			   const struct task *wakee, struct wake *wake)
{
	const struct task *waker = cpu->current;
	struct fb_cause *cause = &wake->cause;

	if (G_UNLIKELY(k->lost_until != FB_NS_NONE)) {
		bool unsure = wakee->sys_state == SYS_DOUBTFUL || touches_loss(k, wakee);

		if (via_is_doubtful(k, cpu, wakee, unsure))
			wake->doubt |= FB_DOUBT_CAUSE;
	}
	cause->via = via_of_task(k, cpu, wakee);
	switch (cause->via) {
	case FB_VIA_NONE:
		break;
	case FB_VIA_SOFTIRQ_OVERLOAD:
		cause_of_overload(k, cpu, cause);
		break;
	case FB_VIA_SIGNAL:
		wake->inferred = true;
		break;
	case FB_VIA_VFORK:
		name_child(k, &waker->pub, cause);
		break;
	default: /* a child's */
		wake->inferred |= !sees_calls(k);
		name_child(k, &waker->pub, cause);
	}
}

/* ---- a waking ----------------------------------------------------------------------------- */

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
	cause->comm = cause->syscall = NULL;
	cause->child = NULL;
	cause->origin = (struct fb_origin){ .id = -1 };
}

void wake_capture(const struct fb_kernel *k, const struct cpu *cpu, const struct task *wakee,
		  fb_ns now, struct wake *wake)
{
	wake->time = now;
	wake->inferred = k->by_wakeup;
	wake->hidden = wake->fits = false;
	wake->doubt = 0;
	cause_clear(&wake->cause, cpu->number);
	if (is_waking_irq_thread(cpu, wakee)) {
		cause_of_ended_irq(cpu, wake);
	} else if (is_told_of_unseen(cpu) && !(cpu->told == TOLD_SOFT && wakee->ksoftirqd)) {
		cause_of_unseen(cpu, wake);
	} else if (cpu->n_frames) {
		cause_of_frame(k, cpu, wake);
	} else {
		cause_of_current(k, cpu, wake);
		if (cpu->current)
			refine_by_task(k, cpu, wakee, wake);
	}
	wake->inferred |= k->by_wakeup;
	if (wake->hidden && k->fits_tell)
		wake->fits = fits(cpu, wakee, &wake->cause);
}

void fb_kernel_actor(const struct fb_kernel *k, int number, struct fb_cause *actor)
{
	struct wake here = { .cause = { .id = -1, .cpu = number, .origin = { .id = -1 } } };

	const struct cpu *cpu = number >= 0 && number < k->n_cpus ? &k->cpus[number] : NULL;

	if (cpu && is_told_of_unseen(cpu))
		cause_of_unseen(cpu, &here);
	else if (cpu && cpu->n_frames)
		cause_of_frame(k, cpu, &here);
	else if (cpu)
		cause_of_current(k, cpu, &here);
	*actor = here.cause;
}

/* ---- what a signal tells behind it -------------------------------------------------------- */

/*
 * `call`: the one that the woken task waited in. Returns whether something that is not
 * recorded could tell otherwise.
 */
static bool explain(const struct fb_kernel *k, const struct fb_syscall *call,
		    const struct fb_event *signal, struct fb_cause *cause)
{
	if (cause->via == FB_VIA_CHILD_EXIT)
		return false;
	/* SIGCHLD itself wakes a parent whose handler wants it out of wait4. */
	if (signal->signal.sig == 17 && signal->signal.code > 0 &&
	    fb_syscall_is(call, FB_CALL_CHILD)) {
		cause->via = via_of_child_code(signal->signal.code);
		if (cause->task)
			name_child(k, cause->task, cause);
		return false;
	}
	cause->via = FB_VIA_SIGNAL;
	cause->via_id = signal->signal.sig;
	return signal->signal.sig == 17 && signal->signal.code > 0 && !sees_calls(k);
}

enum sameness { OTHER, UNSURE, SAME };

/*
 * Signals to a process wake any of its threads. Without a statedump, or where events are missing, not
 * all tell whose they are.
 */
static enum sameness same_process(const struct fb_kernel *k, const struct task *task, int32_t tid)
{
	const struct task *target = task_find(k, tid);

	if (task->pub.tid == tid || task->pub.pid == tid)
		return SAME;
	if (target && target->pub.pid && task->pub.pid)
		return target->pub.pid == task->pub.pid ? SAME : OTHER;
	if (task->pub.pid || task->pub.kthread)
		return OTHER;
	return has_kind(k, FB_EV_TASK_STATE) && !events_are_missing(k) ? OTHER : UNSURE;
}

static void doubt_waking(struct fb_kernel *k, struct task *task, uint64_t unfinished)
{
	if (unfinished >= k->first && unfinished < k->next)
		k->unfinished[unfinished & (k->capacity - 1)].blocking.doubt |= FB_DOUBT_CAUSE;
	else if (!unfinished)
		task->wake.doubt |= FB_DOUBT_CAUSE;
}

/* Who exits wakes others first, by what it closes, and then signals its parent. */
static bool closes_and_signals(const struct fb_kernel *k, const struct cpu *cpu)
{
	return k->lost_until != FB_NS_NONE && cpu->current->dying;
}

/* Whether an interrupt that is not recorded may have sent it. */
static bool is_hidden(const struct fb_kernel *k, const struct cpu *cpu, const struct fb_event *signal,
		      const struct fb_cause *cause)
{
	bool fits = cause->via == FB_VIA_CHILD_EXIT || fits_signal(cpu, signal);

	return may_be_hidden(k, cpu) && !(k->fits_tell && fits);
}

/* The kernel wakes the target first and logs signal_generate after (__send_signal_locked). */
void wakings_explain(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	for (int i = 0; i < cpu->n_wakings; i++) {
		struct task *task = cpu->wakings[i].task;
		uint64_t unfinished = cpu->wakings[i].unfinished;
		enum sameness same = same_process(k, task, ev->signal.tid);

		if (same == OTHER)
			continue;
		if (same == UNSURE && closes_and_signals(k, cpu)) {
			doubt_waking(k, task, unfinished);
			continue;
		}
		if (unfinished >= k->first && unfinished < k->next) {
			/* It ran at once, and may be out of that call already. */
			struct unfinished *wait = &k->unfinished[unfinished & (k->capacity - 1)];
			struct fb_blocking *b = &wait->blocking;

			if ((explain(k, wait->call, ev, &b->cause) || same == UNSURE ||
			     is_hidden(k, cpu, ev, &b->cause)) &&
			    b->quality == FB_QUALITY_EXACT)
				b->quality = FB_QUALITY_INFERRED;
			TELL(k, refine, &task->pub, &b->cause);
		} else if (task->has_early || task->woken) {
			task->wake.inferred |= explain(k, task_call(task), ev, &task->wake.cause) ||
					       same == UNSURE;
			task->wake.fits = !is_hidden(k, cpu, ev, &task->wake.cause);
			if (!task->has_early)
				TELL(k, refine, &task->pub, &task->wake.cause);
		}
	}
}

void wakings_give_up(struct fb_kernel *k, struct cpu *cpu)
{
	for (int i = 0; i < cpu->n_wakings; i++)
		doubt_waking(k, cpu->wakings[i].task, cpu->wakings[i].unfinished);
	cpu->n_wakings = 0;
}
