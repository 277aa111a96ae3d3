/* SPDX-License-Identifier: MIT */
/* bystanders.c - what the recorders' programs and the kernel's threads are called. */
#include <string.h>

#include "run/bystanders.h"

struct bystanders {
	GHashTable *starters; /* pid of who started a recorder -> its parent's */
};

/* How many parents are asked: none of them is a recorder's any more behind so many. */
#define GENERATIONS 4

static const char *const recorders[] = {
	"lttng", "lttng-sessiond", "lttng-consumerd", "lttng-relayd", "lttng-runas", "lttng-crash",
	"perf", "perf-exec", "trace-cmd", "bpftrace", "tcpdump", "dumpcap", NULL
};

/* Threads of lttng-sessiond, where nothing is known of their process. */
static const char *const daemon_threads[] = {
	"Action Executor", "Agent managemen", "Application not", "Client manageme", "Consumer manage",
	"HT cleanup", "Health manageme", "Kernel manageme", "UST application", "UST registratio",
	"Notification", "Rotation", NULL
};

static const char *const shells[] = { "sh", "bash", "dash", "ash", "busybox", "ksh", "zsh", "fish", NULL };

/* They run the next one in the name of another user, and wait for it. */
static const char *const wrappers[] = { "sudo", "doas", "su", NULL };

/* What a script starts beside a recorder. Neither computes anything. */
static const char *const helpers[] = { "tee", "sleep", NULL };

/* Where nothing else tells that it is a thread of the kernel. */
static const char *const kernel_threads[] = {
	"kworker/", "ksoftirqd/", "ktimers/", "migration/", "rcu_", "rcuo", "rcuc/", "rcub/",
	"cpuhp/", "watchdog/", "irq/", "jbd2/", "kswapd", "kcompactd", "khugepaged", "khungtaskd",
	"kauditd", "kthreadd", NULL
};

/* Workers that the kernel makes in the name of a process. */
static const char *const workers[] = { "iou-wrk-", "vhost-", NULL };

struct bystanders *bystanders_new(void)
{
	struct bystanders *s = g_new0(struct bystanders, 1);

	s->starters = g_hash_table_new(NULL, NULL);
	return s;
}

void bystanders_free(struct bystanders *s)
{
	if (!s)
		return;
	g_hash_table_unref(s->starters);
	g_free(s);
}

static bool begins_as(const char *const *names, const char *comm)
{
	for (; comm && *names; names++)
		if (g_str_has_prefix(comm, *names))
			return true;
	return false;
}

static bool is_one_of(const char *const *names, const char *name)
{
	for (; name && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static const char *base_name(const char *exe)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	return slash ? slash + 1 : exe;
}

/* The thread that its process began with, which has the program's name more often than others. */
static const struct fb_task *leader_of(const struct fb_kernel *k, const struct fb_task *task)
{
	const struct fb_task *leader = task->pid > 0 ? fb_kernel_find_task(k, task->pid) : NULL;

	return leader ? leader : task;
}

/* A program is known by its file, or as long as that is not known by its name. */
static bool runs(const struct fb_task *task, const char *const *programs)
{
	return is_one_of(programs, task->exe ? base_name(task->exe) : task->comm);
}

/* ---- the kernel's threads --------------------------------------------------------------- */

static bool waits_for_work(const struct fb_blocking *b)
{
	const struct fb_task *task = b->task;

	if (b->syscall || b->state == 'D')
		return false;
	return task->kthread || begins_as(kernel_threads, task->comm) ||
	       begins_as(workers, task->comm);
}

/* ---- the recorder ----------------------------------------------------------------------- */

/* liblttng-ust has threads in the programs that it traces, and calls them after these. */
static bool is_ust_thread(const struct fb_task *task, const struct fb_task *leader)
{
	const char *suffix = task->comm ? strrchr(task->comm, '-') : NULL;

	return suffix && !strcmp(suffix, "-ust") && task != leader && leader->comm &&
	       !strncmp(task->comm, leader->comm, suffix - task->comm);
}

static bool is_recorder(const struct fb_task *task, const struct fb_task *leader)
{
	if (runs(leader, recorders) || runs(task, recorders))
		return true;
	return is_ust_thread(task, leader) ||
	       (!leader->exe && (leader == task || !leader->comm) &&
		is_one_of(daemon_threads, task->comm));
}

/* All who did nothing but wait for a recorder to end. Init is everybody's parent in the end. */
static void add_starters(struct bystanders *s, const struct fb_kernel *k, int32_t pid)
{
	for (int i = 0; i < GENERATIONS && pid > 1; i++) {
		const struct fb_task *task = fb_kernel_find_task(k, pid);

		g_hash_table_insert(s->starters, GINT_TO_POINTER(pid),
				    GINT_TO_POINTER(task ? task->ppid : 0));
		if (!task || !runs(task, wrappers))
			return;
		pid = task->ppid;
	}
}

static bool is_starter(const struct bystanders *s, int32_t pid)
{
	return pid > 0 && g_hash_table_contains(s->starters, GINT_TO_POINTER(pid));
}

/* A program that starts recorders may do more than that, where it does not wait for them. */
static bool waits_for_recorder(const struct bystanders *s, const struct fb_task *leader,
			       const struct fb_blocking *b)
{
	if (!is_starter(s, fb_task_process(leader)))
		return false;
	return runs(leader, shells) || runs(leader, wrappers) || !g_strcmp0(b->syscall, "wait4") ||
	       !g_strcmp0(b->syscall, "waitid");
}

/* Whether a starter is its sibling: both ends of `record | tee log` have one parent. */
static bool is_piped_to(const struct bystanders *s, const struct fb_task *leader)
{
	GHashTableIter i;
	gpointer parent;

	if (g_strcmp0(leader->comm, "tee") || leader->ppid <= 0)
		return false;
	g_hash_table_iter_init(&i, s->starters);
	while (g_hash_table_iter_next(&i, NULL, &parent))
		if (GPOINTER_TO_INT(parent) == leader->ppid)
			return true;
	return false;
}

bool bystanders_have(struct bystanders *s, const struct fb_kernel *k, const struct fb_blocking *b)
{
	const struct fb_task *leader;

	if (waits_for_work(b))
		return true;
	leader = leader_of(k, b->task);
	if (is_recorder(b->task, leader)) {
		if (runs(leader, recorders))
			add_starters(s, k, leader->ppid);
		return true;
	}
	if (waits_for_recorder(s, leader, b))
		return true;
	return (runs(leader, helpers) && is_starter(s, leader->ppid)) || is_piped_to(s, leader);
}
