/* SPDX-License-Identifier: MIT */
/*
 * loss.c - what is forgotten, and what doubted, where events are missing.
 *
 *	CPU 0   ---- events ----|<--- lost --->|---- events ----
 *	CPU 1   ---- events ---------------------------- events
 *
 * Of CPU 0 nothing is known behind: who runs, in which call, on top of it which interrupt, who
 * raised a softirq. A task that ran on CPU 1 all the while is as certain as ever. Any other
 * may have run on CPU 0 without a trace: that is seen by its having left its CPU before the
 * loss was over (task_ran_unseen()), and noted when it is next seen to run. What it then does
 * settles doubts one by one.
 */
#include "kernel/observers.h"

/* It may be a kworker at some work. */
static bool may_work(const struct fb_kernel *k, const struct task *task)
{
	if (!(k->kinds & FB_KIND_BIT(FB_EV_WORK_START)))
		return false;
	return task->pub.tid == -1 ||
	       (task->pub.kthread && g_str_has_prefix(task->comm, "kworker/"));
}

/* Longer than any program takes from its fork to its exec, if it calls that at all. */
#define EXEC_WINDOW ((fb_ns)100000000)

/* Its program is not that of before: until an exec or a fork tells. */
void task_doubt_name(struct task *task)
{
	task->pub.exe = NULL;
	task->unsure = true;
}

bool task_called_exec_unseen(const struct fb_kernel *k, const struct task *task, fb_ns now)
{
	if (!events_are_missing(k))
		return false;
	if (now <= k->lost_until || now < k->whole_since)
		return true;
	return task->state != TASK_RUNNING &&
	       (task_ran_unseen(k, task) || task_ran_earlier(k, task));
}

static bool is_young(const struct task *task, fb_ns now)
{
	return task->forked != FB_NS_NONE && task->pub.pid == task->pub.tid &&
	       now - task->forked <= EXEC_WINDOW;
}

void task_doubt_program(struct task *task)
{
	/* A shell's child may well become another shell: its name does not tell. */
	if (!task->pub.pid || is_young(task, task->left))
		task->unsure = true;
}

void task_doubt(const struct fb_kernel *k, struct task *task)
{
	/* The kernel gives it its new name first: that the name stays the same says nothing. */
	if (fb_syscall_is(task_call(task), FB_CALL_EXEC))
		task_doubt_name(task);
	task_doubt_program(task);
	/* Kernel threads are in no call ever. But what others did may have been taken for theirs. */
	task->sys_state = task->pub.kthread ? SYS_OUTSIDE :
			  records_calls(k) ? SYS_DOUBTFUL : SYS_UNKNOWN;
	task->work = may_work(k, task) ? WORK_DOUBTFUL : 0;
	task->signal_pending = task->dying = false;
	task->n_frames = 0;
}

static void current_lost(struct fb_kernel *k, struct task *task)
{
	unfinished_give_up(k, task);
	wait_drop(k, task);
	task->state = task->pub.tid == -1 ? TASK_DEAD : TASK_UNKNOWN;
	task->begin = FB_NS_NONE;
	task->wait_state = 0;
	task->woken = task->has_early = false;
	task_doubt(k, task);
}

void cpu_lost(struct fb_kernel *k, struct cpu *cpu, fb_ns from, fb_ns until)
{
	bool is_idle = cpu->current == cpu->idle;

	k->lost_until = MAX(k->lost_until, until);
	cpu->lost_until = until;
	TELL(k, lost, cpu->current && !is_idle ? &cpu->current->pub : NULL, from, until);
	wakings_give_up(k, cpu);
	if (cpu->current && !is_idle)
		current_lost(k, cpu->current);
	cpu->current = NULL;
	cpu->doubtful = true;
	cpu->n_frames = 0;
	cpu->child_code = 0;
	for (int vec = 0; vec < FB_SOFTIRQS; vec++) {
		cpu->raised[vec].valid = false;
		cpu->raised[vec].doubt = FB_DOUBT_CAUSE;
	}
	cpu->last_softirq_doubt = cpu->last_irq_doubt = FB_DOUBT_CAUSE;
	unfinished_flush(k, false);
}

void cpu_tells_in_loss(struct fb_kernel *k, const struct cpu *cpu, fb_ns now)
{
	if (cpu->current && cpu->current != cpu->idle)
		TELL(k, lost, &cpu->current->pub, now, now);
}

void cpu_is_absent(struct fb_kernel *k, fb_ns now)
{
	k->lost_until = INT64_MAX;
	TELL(k, lost, NULL, now, INT64_MAX);
	unfinished_flush(k, false);
}

void cpu_lost_unsaid(struct fb_kernel *k, struct cpu *cpu, fb_ns now)
{
	k->counts.switch_mismatches++;
	cpu_lost(k, cpu, MIN(cpu->last_time, now), now - 1);
}
