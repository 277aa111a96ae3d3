/* SPDX-License-Identifier: MIT */
/* life.c - handlers of what a task is: born, renamed, gone, in a system call or out. */
#include "kernel/context.h"
#include "kernel/entry.h"
#include "kernel/handlers.h"
#include "kernel/observers.h"

/* ---- life of tasks ------------------------------------------------------------------------ */

void on_wakeup_new(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task = task_get(k, ev->sched.tid);

	(void)cpu;
	if (task->state == TASK_DEAD)
		task = task_renew(k, ev->sched.tid);
	task_set_comm(k, task, ev, ev->text);
	if (task->state == TASK_UNKNOWN) {
		task->state = TASK_READY;
		TELL(k, fork, NULL, &task->pub, ev->time);
	}
	if (task->sys_state == SYS_UNKNOWN)
		task->sys_state = SYS_OUTSIDE;
	task->left = ev->time;
}

void on_fork(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *parent, *child;

	/* Who forks runs: where events were lost that names the current task. */
	if (cpu->current->pub.tid == -1 && ev->fork.parent_tid > 0 && ev->text != FB_NO_TEXT)
		cpu->current = name_current(k, cpu, ev->fork.parent_tid, ev, ev->text);
	parent = ev->fork.parent_tid ? task_get(k, ev->fork.parent_tid) : cpu->idle;
	child = task_renew(k, ev->fork.child_tid);
	/* The child's name is its parent's. */
	if (parent != cpu->current && parent != cpu->idle)
		task_set_comm(k, parent, ev, ev->text);
	if (ev->fork.parent_pid)
		parent->pub.pid = ev->fork.parent_pid;
	child->parent = parent;
	child->unsure = parent->unsure;
	child->pub.pid = ev->fork.child_pid;
	/* A thread has its creator's parent, a process has its creator for one. */
	child->pub.ppid = child->pub.pid && child->pub.pid == parent->pub.pid ? parent->pub.ppid :
										parent->pub.pid;
	child->pub.exe = parent->pub.exe;
	child->pub.kthread = ev->fork.parent_tid == 2 || parent->pub.kthread;
	if (ev->text != FB_NO_TEXT)
		task_set_comm(k, child, ev, ev->text);
	else if (parent->pub.comm)
		task_set_comm_text(child, parent->pub.comm, strlen(parent->pub.comm));
	child->state = TASK_READY;
	child->sys_state = SYS_OUTSIDE;
	child->left = child->forked = ev->time;
	TELL(k, fork, &parent->pub, &child->pub, ev->time);
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
	task->call = old->call;
	task->again = old->again;
	task->fd = old->fd;
	old->state = TASK_DEAD;
	old->pub.exited = true;
	unfinished_resolve(k, old, task_call(old));
	if (cpu->current == old)
		cpu->current = task;
	TELL(k, rename, &old->pub, &task->pub);
	return task;
}

/* Whoever calls exec runs: it names the current task, or tells that events were lost. */
static void find_execer(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	int32_t tid = ev->exec.old_tid > 0 ? ev->exec.old_tid : ev->exec.tid;
	int32_t current = cpu->current->pub.tid;

	if (current == -1)
		cpu->current = task_identify(k, cpu->current, tid);
	else if (current != tid && current != ev->exec.tid)
		cpu_is_of(k, cpu, tid, ev->time);
	cpu->doubtful = false; /* no interrupt calls it */
}

void on_exec(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task;
	const char *base;
	bool is_first;

	find_execer(k, cpu, ev);
	if (ev->exec.old_tid > 0 && ev->exec.old_tid != ev->exec.tid)
		task = take_over(k, cpu, ev);
	else
		task = task_get(k, ev->exec.tid);
	task->pub.kthread = false;
	if (!task->pub.pid)
		task->pub.pid = task->pub.tid; /* whoever called exec leads its process */
	if (ev->text == FB_NO_TEXT)
		return;
	task->pub.exe = intern_text(ev, ev->text);
	task->unsure = task->stale = false;
	task->forked = FB_NS_NONE;
	base = strrchr(task->pub.exe, '/');
	base = base ? base + 1 : task->pub.exe;
	is_first = !task->pub.comm;
	task_set_comm_text(task, base, strlen(base)); /* __set_task_comm(kbasename(filename)) */
	if (is_first)
		task->first_comm = NULL; /* before it was called otherwise */
}

void on_process_exit(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task = task_find(k, ev->sched.tid);

	(void)cpu;
	if (task)
		task->dying = true;
}

static void learn_kthread(struct fb_kernel *k, struct task *task)
{
	task->pub.kthread = true;
	task->unsure = false; /* they have no program */
	if (task->sys_state == SYS_UNKNOWN || task->sys_state == SYS_DOUBTFUL) {
		task->sys_state = SYS_OUTSIDE;
		unfinished_resolve(k, task, NULL);
	}
}

/* The statedump comes after the first events: what they told stands. */
void on_task_state(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task;

	(void)cpu;
	if (ev->task_state.tid <= 0)
		return;
	task = task_get(k, ev->task_state.tid);
	if (!task->pub.pid) {
		task->pub.pid = ev->task_state.pid;
		task->unsure = false; /* it was there already, or nearly so */
	}
	if (!task->pub.ppid)
		task->pub.ppid = ev->task_state.ppid;
	if (!task->pub.comm)
		task_set_comm(k, task, ev, ev->text);
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

void on_statedump_end(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	(void)cpu;
	(void)ev;
	k->hold_all = false;
	unfinished_flush(k, false);
}


/* ---- system calls ------------------------------------------------------------------------- */

/* Nobody returns from it: its caller ends, or user mode follows at once, where a signal came. */
static void enter_endless(struct task *task, const struct fb_syscall *call)
{
	if (fb_syscall_is(call, FB_CALL_EXIT))
		task->dying = true;
	else
		task->sys_state = SYS_OUTSIDE;
}

/* Whoever called exec is called otherwise now, and no event tells how. */
static void forget_name(struct task *task)
{
	task_set_comm_text(task, "", 0);
	task->pub.comm = task->first_comm = NULL;
	task->stale = true;
}

/* What few calls do to their caller. */
static G_GNUC_NO_INLINE void settle_special(const struct fb_kernel *k, struct task *task,
					    const struct fb_syscall *call, const struct fb_event *ev)
{
	if (fb_syscall_is(call, FB_CALL_ENDLESS))
		enter_endless(task, call);
	else if (ev->kind == FB_EV_SYS_EXIT && !ev->sys_exit.ret && !has_kind(k, FB_EV_EXEC))
		forget_name(task);
}

#define SPECIAL (FB_CALL_ENDLESS | FB_CALL_EXEC)

/* It was at the entry to this call before, or for the one that it leaves there was none. Whether it was. */
static bool settle_entry(struct fb_kernel *k, const struct cpu *cpu, struct task *task,
			 const struct fb_syscall *call, const struct fb_event *ev)
{
	bool enters = ev->kind == FB_EV_SYS_ENTER;
	/* A child leaves the call that made it, and was never kept from that. */
	bool is_born = !enters && fb_syscall_is(call, FB_CALL_FORK);
	bool is_direct = !is_born && entry_is_direct(task, cpu, ev->time);

	task->entry = ENTRY_NONE;
	if (!is_direct)
		return false;
	unfinished_entry(k, task, call, enters ? task->fd : -1);
	TELL(k, resume, &task->pub, call, ev->time);
	return true;
}

/* What few calls have to do. On its own: the rest needs no registers but those that it was called with. */
static G_GNUC_NO_INLINE void settle_syscall(struct fb_kernel *k, const struct cpu *cpu,
					    struct task *task, const struct fb_syscall *call,
					    const struct fb_event *ev)
{
	bool enters = ev->kind == FB_EV_SYS_ENTER;
	bool is_told = task->entry && settle_entry(k, cpu, task, call, ev) && enters;

	if (task->unfinished) {
		if (!enters)
			unfinished_outcome(k, task, call, ev->sys_exit.ret);
		unfinished_resolve(k, task, enters ? NULL : call);
	}
	if (task->sys_state == SYS_PAUSED)
		TELL(k, pause, &task->pub, call, ev->time);
	else if (!is_told)
		TELL(k, syscall, &task->pub, call, enters, ev->time);
	if (enters && task->sys_state == SYS_OUTSIDE)
		TELL(k, syscall, &task->pub, call, false, ev->time);
}

/* It goes on: what happened since it returned was in it, too. */
static void resume_syscall(struct fb_kernel *k, struct task *task, const struct fb_syscall *call,
			   const struct fb_event *ev)
{
	if (task->unfinished)
		unfinished_resolve(k, task, call);
	TELL(k, resume, &task->pub, call, ev->time);
}

/* The kernel's own results, for calls that go on behind a signal, a stop or the freezer (include/linux/errno.h). */
enum { RESTART_FIRST = 512, RESTART_NONE = 515, RESTART_LAST = 516 };

/* All that is asked of each event. An entry has its number and its descriptor there. */
static inline bool may_pause(const struct fb_event *ev)
{
	return (uint64_t)ev->sys_exit.ret + RESTART_LAST <= RESTART_LAST - RESTART_FIRST;
}

static bool is_pausing(const struct fb_event *ev)
{
	return may_pause(ev) && ev->kind == FB_EV_SYS_EXIT && ev->sys_exit.ret != -RESTART_NONE;
}

/*
 * A call that returned one of them goes on when the very next one is it again, or restart_syscall: it is one
 * call, by its first name. Any other entry proves that its caller was back in user mode, in a
 * signal's handler.
 */
static G_GNUC_NO_INLINE void on_restart(struct fb_kernel *k, const struct cpu *cpu,
					struct task *task, const struct fb_event *ev)
{
	const struct fb_syscall *call = ev->sys_enter.call, *again = task->again;
	bool enters = ev->kind == FB_EV_SYS_ENTER;
	bool goes_on = enters && task->sys_state == SYS_PAUSED &&
		       (fb_syscall_is(call, FB_CALL_RESTART) || is_same_call(call, again));

	task->has_early = task->faulted = false;
	if (goes_on || (!enters && again && task->sys_state == SYS_INSIDE && task->call == again))
		call = again;
	else if (!enters && !call && task->sys_state == SYS_INSIDE)
		call = task->call;
	task->sys_state = (SYS_OUTSIDE + enters) & k->sys_mask;
	task->again = goes_on ? call : NULL;
	task->call = call;
	if (enters && !(goes_on && fb_syscall_is(ev->sys_enter.call, FB_CALL_RESTART)))
		task->fd = ev->sys_enter.fd;
	if (enters && fb_syscall_is(call, FB_CALL_ENDLESS))
		enter_endless(task, call);
	if (!enters && is_pausing(ev) && call && task->sys_state == SYS_OUTSIDE) {
		task->sys_state = SYS_PAUSED;
		task->again = call;
	}
	if (goes_on)
		resume_syscall(k, task, call, ev);
	else
		settle_syscall(k, cpu, task, call, ev);
}

/*
 * Entries and exits in one, and nothing to decide between them: with the CPUs' events mixed by
 * time, no branch predictor knows which one comes next, and one missed branch costs more
 * than all of this. They belong together by task, never by name: execveat's
 * exit is execve's.
 */
void on_syscall(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	_Static_assert(offsetof(struct fb_event, sys_enter.call) ==
		       offsetof(struct fb_event, sys_exit.call), "both have a call");
	struct task *task = cpu->current;
	const struct fb_syscall *call = ev->sys_enter.call;
	bool enters = ev->kind == FB_EV_SYS_ENTER;

	if (G_UNLIKELY(task->again != NULL) || G_UNLIKELY(may_pause(ev))) {
		on_restart(k, cpu, task, ev);
		return;
	}
	task->has_early = task->faulted = false; /* it did not sleep */
	task->sys_state = (SYS_OUTSIDE + enters) & k->sys_mask;
	task->call = call;
	task->fd = ev->sys_enter.fd; /* not an exit's, but outside of a call nobody looks */
	if (G_UNLIKELY(fb_syscall_is(call, SPECIAL)))
		settle_special(k, task, call, ev);
	if (G_UNLIKELY(task->unfinished || k->observers))
		settle_syscall(k, cpu, task, call, ev);
}

void on_fault(struct fb_kernel *k, struct cpu *cpu, const struct fb_event *ev)
{
	struct task *task = cpu->current;

	(void)ev;
	task->faulted = true;
	if (task->sys_state != SYS_UNKNOWN && task->sys_state != SYS_DOUBTFUL)
		return;
	task->sys_state = SYS_OUTSIDE;
	unfinished_resolve(k, task, NULL);
}
