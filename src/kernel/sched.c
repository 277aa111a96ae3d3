/* SPDX-License-Identifier: MIT */
/* sched.c - handlers of context switches and wakings. */
#include "kernel/entry.h"
#include "kernel/handlers.h"
#include "kernel/observers.h"
#include "kernel/told.h"

/* What it did since it left its last CPU need not have been seen. */
static void doubt_past(const struct fb_kernel *k, struct task *task)
{
	if (task_ran_earlier(k, task)) {
		task->sys_state = SYS_UNKNOWN;
		task_doubt_program(task);
	}
	if (task_ran_unseen(k, task))
		task_doubt(k, task);
}

/* It left its last CPU, and came to this one, where events were lost. */
static struct task *unseen_task(struct fb_kernel *k, int32_t tid, const struct fb_event *ev,
				uint16_t comm)
{
	struct task *task = task_get(k, tid);

	task_set_comm(k, task, ev, comm);
	unfinished_give_up(k, task);
	wait_drop(k, task);
	doubt_past(k, task);
	return task;
}

struct task *name_current(struct fb_kernel *k, struct cpu *cpu, int32_t tid,
			  const struct fb_event *ev, uint16_t comm)
{
	struct task *current = cpu->current, *known = task_find(k, tid), *named;
	const char *before = known ? known->pub.comm : NULL;

	if (tid == 0) {
		current->pub.tid = 0;
		current->pub.comm = cpu->idle->pub.comm;
		current->state = TASK_DEAD;
		return cpu->idle;
	}
	if (cpu->doubtful && known) {
		unseen_task(k, tid, ev, comm);
	} else if (known) {
		task_set_comm(k, known, ev, comm);
		doubt_past(k, known);
	}
	named = task_identify(k, current, tid);
	named->stale |= comm == FB_NO_TEXT && events_are_missing(k);
	/* When it got its new name is not known: of what it did before without one nobody can say by which. */
	if (before && before != known->pub.comm)
		current->first_comm = NULL;
	return named;
}

/* Who leaves the CPU: the current task, unless events were missed or it ran unnamed so far. */
static struct task *leaving_task(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	int32_t tid = ev->sched_switch.prev_tid;
	struct task *current = cpu->current;

	if (current && current->pub.tid == tid)
		return current;
	if (current && current->pub.tid == -1)
		return name_current(k, cpu, tid, ev, ev->sched_switch.prev_comm);
	if (current)
		cpu_lost_unsaid(k, cpu, ev->time);
	return tid == 0 ? cpu->idle : unseen_task(k, tid, ev, ev->sched_switch.prev_comm);
}

static void switch_out(struct fb_kernel *k, struct cpu *cpu, struct task *task,
		       const struct fb_event *ev)
{
	enum prev_state state = prev_state_of(&k->prev_state, ev->sched_switch.prev_state);

	task_set_comm(k, task, ev, ev->sched_switch.prev_comm);
	if (G_UNLIKELY(task->unwoken))
		wait_woken_never(k, task, ev->time);
	if (G_UNLIKELY(state == PREV_EXITED)) {
		task->state = TASK_DEAD;
		task->pub.exited = task->dying = true;
		unfinished_give_up(k, task);
		TELL(k, leave, &task->pub, 'X', ev->time);
	} else {
		wait_begin(k, task, cpu, state, ev->time);
	}
	task->has_early = false;
	task->left = ev->time;
}

struct task *task_living(struct fb_kernel *k, int32_t tid)
{
	struct task *task = task_get(k, tid);

	/* Its fork was not seen. */
	return task->state == TASK_DEAD ? task_renew(k, tid) : task;
}

struct task *task_arrive(struct fb_kernel *k, struct task *task, fb_ns now)
{
	if (task_ran_unseen(k, task))
		unfinished_give_up(k, task);
	if (G_UNLIKELY(task->entry) && !entry_wait_may_be_over(task))
		task->entry = ENTRY_NONE;
	if (task->state == TASK_BLOCKED || (task->state == TASK_UNKNOWN && task->woken))
		wait_end(k, task, now);
	doubt_past(k, task);
	task->state = TASK_RUNNING;
	task->woken = task->has_early = false;
	TELL(k, run, &task->pub, now);
	return task;
}

void cpu_is_of(struct fb_kernel *k, struct cpu *cpu, int32_t tid, fb_ns now)
{
	cpu_lost_unsaid(k, cpu, now);
	cpu->current = tid == 0 ? cpu->idle : task_arrive(k, task_living(k, tid), now);
	cpu->current->stale = cpu->current != cpu->idle;
}

static struct task *switch_in(struct fb_kernel *k, const struct fb_event *ev)
{
	struct task *task = task_living(k, ev->sched_switch.next_tid);

	task_set_comm(k, task, ev, ev->text);
	return task_arrive(k, task, ev->time);
}

/* A CPU idles when nobody on it could run: who left it and could has left it for another CPU since. */
static void cpu_idles(struct cpu *cpu)
{
	cpu->kept->kept = false;
	cpu->kept = NULL;
}

/* It leaves with a signal pending: see never_slept(). */
static void note_kept(const struct fb_kernel *k, struct cpu *cpu, struct task *task,
		      const struct fb_event *ev)
{
	task->kept = prev_state_of(&k->prev_state, ev->sched_switch.prev_state) == PREV_BLOCKED_S;
	cpu->kept = task;
}

void on_switch(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *prev = leaving_task(k, cpu, ev);
	struct task *next;

	if (G_UNLIKELY(k->names_current) && prev != cpu->idle)
		told_process(k, prev, ev);
	if (G_UNLIKELY(prev->signal_pending))
		note_kept(k, cpu, prev, ev);
	if (G_UNLIKELY(cpu->kept) && ev->sched_switch.next_tid == 0)
		cpu_idles(cpu);
	if (prev != cpu->idle)
		switch_out(k, cpu, prev, ev);
	else
		k->counts.idle_ends++;
	next = ev->sched_switch.next_tid == 0 ? cpu->idle : switch_in(k, ev);
	if (cpu->n_frames || k->rt)
		frames_switch(k, cpu, prev, next);
	cpu->current = next;
	cpu->doubtful = false;
	cpu->child_code = 0;
	if (cpu->n_frames)
		tell_frames(k, cpu);
}

/* `held`: number of the wait that it ended, if that is over and in the queue. */
static void note_waking(struct cpu *cpu, struct task *task, uint64_t unfinished)
{
	if (cpu->n_wakings == WAKINGS) {
		memmove(cpu->wakings, cpu->wakings + 1, sizeof(*cpu->wakings) * (WAKINGS - 1));
		cpu->n_wakings--;
	}
	cpu->wakings[cpu->n_wakings].task = task;
	cpu->wakings[cpu->n_wakings++].unfinished = unfinished;
}

static void wake_task(struct fb_kernel *k, struct cpu *cpu, struct task *task,
		      const struct fb_event *ev)
{
	uint64_t late = 0;

	if (G_UNLIKELY(task->unwoken) && !k->by_wakeup)
		late = wait_woken_late(k, task, cpu, ev->time);
	if (late) {
		note_waking(cpu, task, late);
		return;
	}
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
		wake_capture(k, cpu, task, ev->time, &task->wake);
		task->has_early = true;
		break;
	default:
		return;
	}
	note_waking(cpu, task, 0);
}

/* A CPU that tasks are on, and of which there is no file: whoever was there may have done anything. */
static void note_target(struct fb_kernel *k, const struct fb_event *ev)
{
	k->last_target = MAX(k->last_target, ev->sched.target_cpu);
	if (G_UNLIKELY(ev->sched.target_cpu >= k->files_of) && k->files_of < k->source->info.cpus)
		k->files_of = k->source->info.cpus; /* of a graph they are not all known at once */
	if (G_UNLIKELY(ev->sched.target_cpu >= k->files_of) && k->lost_until != INT64_MAX)
		cpu_is_absent(k, ev->time);
}

void on_waking(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task;

	if (ev->sched.tid == 0)
		return;
	note_target(k, ev);
	task = task_get(k, ev->sched.tid);
	task_set_comm(k, task, ev, ev->text);
	wake_task(k, cpu, task, ev);
}

void on_wakeup(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task;

	if (ev->sched.tid == 0 || !ev->sched.success)
		return;
	note_target(k, ev);
	task = task_get(k, ev->sched.tid);
	if (k->by_wakeup) {
		task_set_comm(k, task, ev, ev->text);
		wake_task(k, cpu, task, ev);
	} else if (task->state == TASK_RUNNING) {
		task->has_early = false; /* it was still runnable: the sleep is called off */
	} else {
		task->kept = false; /* who can run is not woken */
	}
}
