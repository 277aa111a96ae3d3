/* SPDX-License-Identifier: MIT */
/* interrupt.c - handlers of interrupts, timers' callbacks, signals and work items. */
#include "kernel/handlers.h"

#include <signal.h>

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

void on_irq_enter(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{

	frame_push(k, cpu, &(struct frame){ .kind = FB_FRAME_IRQ, .id = ev->irq.irq,
					    .name = irq_name(cpu, ev) });
}

void on_irq_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	enum { WAKE_THREAD = 2 }; /* include/linux/irqreturn.h */
	const struct frame *top = cpu->n_frames ? &cpu->frames[cpu->n_frames - 1] : NULL;
	bool is_top = top && top->kind == FB_FRAME_IRQ && top->id == ev->irq.irq;

	cpu->last_irq = (struct fb_origin){ .kind = FB_ORIGIN_IRQ, .id = ev->irq.irq,
					    .name = is_top ? top->name : NULL };
	cpu->last_irq_doubt = cpu->doubtful && !is_top ? FB_DOUBT_CAUSE : 0;
	cpu->last_irq_has_thread = ev->irq.ret == WAKE_THREAD;
	cpu->last_irq_time = ev->time;
	frame_pop(k, cpu, FB_FRAME_IRQ, ev->irq.irq);
}

void on_vec_enter(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	frame_push(k, cpu, &(struct frame){ .kind = FB_FRAME_VECTOR, .id = ev->vec.number,
					    .vector = ev->vec.vector, .name = ev->vec.name });
}

void on_vec_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{

	cpu->last_irq = (struct fb_origin){ .kind = FB_ORIGIN_VECTOR, .id = ev->vec.number,
					    .name = ev->vec.name };
	cpu->last_irq_doubt = 0;
	cpu->last_irq_time = ev->time;
	frame_pop(k, cpu, FB_FRAME_VECTOR, ev->vec.number);
}

void on_softirq_raise(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)k;
	if (ev->softirq.vec >= FB_SOFTIRQS)
		return;
	note_raise(k, cpu, ev->softirq.vec, &cpu->raised[ev->softirq.vec]);
}

void on_softirq_enter(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	softirq_enter(k, cpu, ev->softirq.vec, ev->time);
}

void on_softirq_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	if (cpu->doubtful)
		cpu->last_softirq_doubt |= FB_DOUBT_CAUSE;
	for (int i = 0; i < cpu->n_frames; i++)
		if (cpu->frames[i].kind == FB_FRAME_SOFTIRQ) {
			cpu->last_softirq = cpu->frames[i].origin;
			cpu->last_softirq_inline = cpu->frames[i].is_inline;
			cpu->last_softirq_doubt = cpu->frames[i].doubt;
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

void on_hrtimer_enter(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	timer_enter(k, cpu, FB_FRAME_HRTIMER, ev);
}

/* On a bare task it came in a vector that is not recorded: then it is all that is seen of that. */
void on_hrtimer_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	if (cpu->n_frames == 1 && cpu->frames[0].kind == FB_FRAME_HRTIMER) {
		cpu->last_irq = (struct fb_origin){ .kind = FB_ORIGIN_HRTIMER, .id = -1,
						    .function = cpu->frames[0].function };
		cpu->last_irq_doubt = 0;
		cpu->last_irq_time = ev->time;
	}
	frame_pop(k, cpu, FB_FRAME_HRTIMER, ev->timer.timer);
}

void on_timer_enter(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	timer_enter(k, cpu, FB_FRAME_TIMER, ev);
}

void on_timer_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	frame_pop(k, cpu, FB_FRAME_TIMER, ev->timer.timer);
}


/* ---- signals and work --------------------------------------------------------------------- */

void on_signal_generate(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	enum { DELIVERED = 0 }; /* TRACE_SIGNAL_DELIVERED */
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
	cpu->n_wakings = 0;
}

void on_signal_deliver(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)k;
	(void)ev;
	cpu->current->signal_pending = false;
}

/* Who is woken in this frame waited for the device. */
void on_block_complete(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)k;
	(void)ev;
	if (cpu->n_frames)
		cpu->frames[cpu->n_frames - 1].is_block = true;
}

void on_work_start(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)k;
	cpu->current->work = ev->work.function;
}

void on_work_end(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)k;
	(void)ev;
	cpu->current->work = 0;
}
