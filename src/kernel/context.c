/* SPDX-License-Identifier: MIT */
/*
 * context.c - what stands on top of a CPU's current task, and where softirqs come from.
 *
 *	task
 *	 └ softirq               one at a time; after a hard interrupt's exit event, never inside it
 *	     └ timer callback    in TIMER; an hrtimer's in HRTIMER
 *	     └ hard irq          on top of anything
 *	 └ hard irq: a handler, or a vector (local timer, IPIs)
 *	     └ hrtimer callback  in the local timer's
 */
#include "kernel/fits.h"
#include "kernel/observers.h"

/* Longer than any interrupt's way from its exit event to the softirq it raised. */
#define IRQ_EXIT_WINDOW ((fb_ns)20000)

/* ---- frames ------------------------------------------------------------------------------- */

void contexts_init(struct fb_kernel *k, enum fb_abi abi)
{
	bool is_x86 = abi == FB_ABI_X86_64 || abi == FB_ABI_I386;

	/* Elsewhere the timer and the IPIs are interrupts like any other. */
	k->sees_hard = has_kind(k, FB_EV_IRQ_ENTER) && (!is_x86 || has_kind(k, FB_EV_VEC_ENTER));
	k->sees_all = k->sees_hard && has_kind(k, FB_EV_SOFTIRQ_ENTER);
	k->fits_tell = fits_may_tell(k);
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

/* ---- softirqs ----------------------------------------------------------------------------- */

/* Whether a callback may have run in this frame, of a softirq, and not been recorded. */
static bool hides_callback(const struct fb_kernel *k, const struct frame *f)
{
	return (f->id == FB_SOFTIRQ_TIMER && !has_kind(k, FB_EV_TIMER_ENTER)) ||
	       (f->id == FB_SOFTIRQ_HRTIMER && !has_kind(k, FB_EV_HRTIMER_ENTER));
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

static struct fb_origin origin_of_task(const struct fb_kernel *k, const struct task *task)
{
	if (!task || task->pub.tid == 0 || (in_user_mode(k, task) && !k->sees_all))
		return (struct fb_origin){ .id = -1 };
	return (struct fb_origin){ .kind = FB_ORIGIN_TASK, .id = -1, .task = &task->pub,
				   .comm = task->pub.comm, .syscall = task_syscall(task) };
}

/* Whose raise comes from an interrupt alone: the tick's, or an hrtimer's. */
static bool is_raised_by_interrupt(uint32_t vec)
{
	return vec == FB_SOFTIRQ_TIMER || vec == FB_SOFTIRQ_SCHED || vec == FB_SOFTIRQ_HRTIMER;
}

/* … or nearly so: of RCU's four in five are the tick's. */
static bool is_raised_by_tick(uint32_t vec)
{
	return is_raised_by_interrupt(vec) || vec == FB_SOFTIRQ_RCU;
}

/* Not the task or softirq seen there: an interrupt stood on it that was not recorded. */
static bool is_raised_unseen(const struct fb_kernel *k, const struct cpu *cpu, uint32_t vec)
{
	return (is_raised_by_interrupt(vec) && !in_hard_interrupt(cpu)) ||
	       ((vec == FB_SOFTIRQ_RCU || cpu->told) && may_be_hidden(k, cpu));
}

void note_raise(const struct fb_kernel *k, const struct cpu *cpu, uint32_t vec,
		struct raise *raise)
{
	const struct frame *top = cpu->n_frames ? &cpu->frames[cpu->n_frames - 1] : NULL;

	raise->valid = true;
	raise->inferred = may_be_hidden(k, cpu) ||
			  (top && top->kind == FB_FRAME_SOFTIRQ && top->inferred);
	raise->doubt = top ? top->doubt : current_doubt(cpu, !cpu->told && !k->sees_all);
	if (is_raised_unseen(k, cpu, vec)) {
		raise->inferred = true;
		raise->origin = (struct fb_origin){ .id = -1 };
		return;
	}
	raise->origin = top ? origin_of_frame(k, top) : origin_of_task(k, cpu->current);
}

/*
 * No softirq_raise was seen: right after an interrupt it is the interrupt's,
 * after a softirq another one of the same round, else the current task raised it. But no task
 * raises what the tick does.
 */
static void guess_origin(const struct fb_kernel *k, const struct cpu *cpu, fb_ns now,
			 struct frame *f)
{
	bool by_tick = is_raised_by_tick(f->id);
	bool by_hrtimer = cpu->last_kind == FB_EV_HRTIMER_EXIT &&
			  cpu->last_irq.kind == FB_ORIGIN_HRTIMER;

	if ((cpu->last_kind == FB_EV_IRQ_EXIT || cpu->last_kind == FB_EV_VEC_EXIT || by_hrtimer) &&
	    now - cpu->last_irq_time <= IRQ_EXIT_WINDOW) {
		f->origin = cpu->last_irq;
		f->doubt |= cpu->last_irq_doubt;
	} else if (by_tick && (cpu->last_kind != FB_EV_SOFTIRQ_EXIT ||
			       cpu->last_softirq.kind == FB_ORIGIN_TASK)) {
		f->origin = (struct fb_origin){ .id = -1 };
	} else if (cpu->last_kind == FB_EV_SOFTIRQ_EXIT) {
		f->origin = cpu->last_softirq;
		f->is_inline = cpu->last_softirq_inline;
		f->doubt |= cpu->last_softirq_doubt;
	} else {
		f->origin = origin_of_task(k, cpu->current);
		f->doubt |= current_doubt(cpu, !k->sees_all);
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
	f.doubt = cpu->doubtful && !cpu->told ? FB_DOUBT_CAUSE : 0; /* ksoftirqd may run it */
	if (vec < FB_SOFTIRQS) {
		f.doubt |= cpu->raised[vec].doubt;
		cpu->raised[vec].doubt = 0;
	}
	if (vec < FB_SOFTIRQS && cpu->raised[vec].valid) {
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
