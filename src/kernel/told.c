/* SPDX-License-Identifier: MIT */
/*
 * told.c - the kernel's own account of where an event happened, where the recorder saved it
 * (tracing_gen_ctx(), current->pid; of LTTng the context tid). It decides; frames and switches only name what it speaks of.
 */
#include "kernel/told.h"

#include "kernel/context.h"
#include "kernel/observers.h"

enum { FLAG_HARDIRQ = 0x08, FLAG_SOFTIRQ = 0x10, FLAG_NMI = 0x40 }; /* of common_flags */

static enum told told_of_flags(int64_t flags)
{
	if (flags & (FLAG_HARDIRQ | FLAG_NMI))
		return TOLD_HARD;
	return flags & FLAG_SOFTIRQ ? TOLD_SOFT : TOLD_TASK;
}

/* Closes frames of interrupts that are over: their exits were not recorded, or lost. */
static void close_frames(struct fb_kernel *k, struct cpu *cpu)
{
	int before = cpu->n_frames;

	if (cpu->told == TOLD_HARD)
		return;
	while (in_hard_interrupt(cpu))
		cpu->n_frames--;
	/* On PREEMPT_RT softirqs run in tasks, and no flag tells. */
	if (cpu->told == TOLD_TASK && !k->rt)
		cpu->n_frames = 0;
	if (cpu->n_frames == before)
		return;
	k->counts.frames_cleared += before - cpu->n_frames;
	tell_frames(k, cpu);
}

static void take_current(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev,
			 int32_t tid)
{
	struct task *current = cpu->current;

	/* A switch names who ran before it; it and an exec tell by themselves who runs. */
	if (tid < 0 || !current || current->pub.tid == tid || current->pub.tid == -1 ||
	    ev->kind == FB_EV_SWITCH || ev->kind == FB_EV_EXEC)
		return;
	cpu_is_of(k, cpu, tid, ev->time);
}

void told_take(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct fb_value value;

	cpu->told = TOLD_NOTHING;
	if (ev->kind == FB_EV_LOST)
		return;
	if (fb_source_field(k->source, ev, FB_EXTRA_CONTEXT_TID, &value))
		take_current(k, cpu, ev, value.number);
	if (!k->tells_context || !fb_source_field(k->source, ev, FB_EXTRA_COMMON_FLAGS, &value))
		return;
	cpu->told = told_of_flags(value.number);
	close_frames(k, cpu);
}

/* ---- who the current task is -------------------------------------------------------------- */

#define IN_NAMESPACE (FB_HAS_CONTEXT_VTID | FB_HAS_CONTEXT_VPID)

bool told_names(uint64_t fields)
{
	return fields & (FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID | FB_HAS_CONTEXT_PROCNAME) ||
	       (fields & IN_NAMESPACE) == IN_NAMESPACE;
}

static int32_t number_of(const struct fb_kernel *k, const struct fb_event *ev, int extra)
{
	struct fb_value value;

	return fb_source_field(k->source, ev, extra, &value) ? value.number : -1;
}

/* Of its process its own namespace tells another number, but where it is the first one: the task's is the same there. */
static int32_t process_of(const struct fb_kernel *k, const struct fb_event *ev, int32_t tid)
{
	int32_t pid = number_of(k, ev, FB_EXTRA_CONTEXT_PID);

	if (pid <= 0 && number_of(k, ev, FB_EXTRA_CONTEXT_VTID) == tid)
		pid = number_of(k, ev, FB_EXTRA_CONTEXT_VPID);
	return MAX(pid, 0);
}

void told_process(const struct fb_kernel *k, struct task *task, const struct fb_event *ev)
{
	if (task->pub.tid > 0 && !task->pub.pid)
		task->pub.pid = process_of(k, ev, task->pub.tid);
}

static void told_comm(const struct fb_kernel *k, struct task *task, const struct fb_event *ev)
{
	struct fb_value value;

	if (fb_source_field(k->source, ev, FB_EXTRA_CONTEXT_PROCNAME, &value) && value.is_text)
		task_take_text(k, task, value.text, value.length, ev->time);
}

void told_learn(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	int32_t tid;

	/* These tell it themselves, and an exec may be between two tids. */
	if (ev->kind == FB_EV_SWITCH || ev->kind == FB_EV_EXEC || ev->kind == FB_EV_LOST)
		return;
	if (cpu->current->pub.tid == -1) {
		tid = number_of(k, ev, FB_EXTRA_CONTEXT_TID);
		if (tid >= 0)
			cpu->current = name_current(k, cpu, tid, ev, FB_NO_TEXT);
	}
	told_process(k, cpu->current, ev);
	if (!cpu->current->pub.comm || cpu->current->stale)
		told_comm(k, cpu->current, ev);
}
