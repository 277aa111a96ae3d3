/* SPDX-License-Identifier: MIT */
/* task.c - tasks by tid. */
#include "kernel/observers.h"

static struct task **slot(struct fb_kernel *k, int32_t tid)
{
	struct task ***page = &k->pages[tid / TIDS_PER_PAGE];

	if (!*page)
		*page = g_new0(struct task *, TIDS_PER_PAGE);
	return &(*page)[tid & (TIDS_PER_PAGE - 1)];
}

struct task *task_find_far(const struct fb_kernel *k, int32_t tid)
{
	return g_hash_table_lookup(k->far, GINT_TO_POINTER(tid));
}

static void task_insert(struct fb_kernel *k, struct task *task)
{
	int32_t tid = task->pub.tid;

	if ((uint32_t)tid < TID_LIMIT)
		*slot(k, tid) = task;
	else
		g_hash_table_insert(k->far, GINT_TO_POINTER(tid), task);
}

struct task *task_new_unknown(struct fb_kernel *k)
{
	struct task *task = g_new0(struct task, 1);

	task->pub.tid = -1;
	task->fd = -1;
	task->begin = FB_NS_NONE;
	task->left = FB_NS_NONE;
	task->forked = FB_NS_NONE;
	task->unsure = k->lost_until != FB_NS_NONE;
	task->pub.number = k->tasks->len;
	g_ptr_array_add(k->tasks, task);
	return task;
}

struct task *task_new(struct fb_kernel *k, int32_t tid)
{
	struct task *task = task_new_unknown(k);

	task->pub.tid = tid;
	task_insert(k, task);
	return task;
}

struct task *task_renew(struct fb_kernel *k, int32_t tid)
{
	struct task *old = task_find(k, tid);
	struct task *task = task_new(k, tid);

	if (old) {
		task->pub.generation = old->pub.generation + 1;
		old->pub.exited = old->dying = true;
		old->state = TASK_DEAD;
	}
	return task;
}

/*
 * The one who ran unnamed turns out to be `tid`. Mostly nobody has heard of
 * that tid yet, and the unnamed task becomes it. Where somebody has (it was woken or
 * forked before), the known task goes on with what is known of the unnamed one, and the
 * latter stays behind as a name for the waits that already point to it.
 */
struct task *task_identify(struct fb_kernel *k, struct task *unknown, int32_t tid)
{
	struct task *known = task_find(k, tid);

	unknown->pub.tid = tid;
	if (!known) {
		task_insert(k, unknown);
		return unknown;
	}
	/* What call a kernel thread seems to be in is another's, who left unseen. */
	if (unknown->sys_state != SYS_UNKNOWN && !known->pub.kthread) {
		known->sys_state = unknown->sys_state;
		known->call = unknown->call;
		known->again = unknown->again;
		known->fd = unknown->fd;
	}
	known->dying |= unknown->dying;
	known->work = unknown->work == WORK_DOUBTFUL ? known->work : unknown->work;
	if (unknown->has_early) {
		known->has_early = true;
		known->wake = unknown->wake;
	}
	known->state = TASK_RUNNING;
	unknown->state = TASK_DEAD;
	unknown->pub.pid = known->pub.pid;
	unknown->pub.comm = unknown->first_comm = known->pub.comm;
	unknown->pub.exe = known->pub.exe;
	unknown->unsure = known->unsure;
	TELL(k, rename, &unknown->pub, &known->pub);
	return known;
}

/* The last ones of many: a shell that became env became python3. */
static void remember_name(struct task *task, const char *name)
{
	for (int i = 0; i < FORMER_NAMES; i++)
		if (task->former[i] == name)
			return;
	memmove(&task->former[1], &task->former[0], sizeof(task->former) - sizeof(*task->former));
	task->former[0] = name;
}

const char *fb_task_name(const struct fb_task *pub, size_t i)
{
	const struct task *task = (const struct task *)pub;

	if (i == 0)
		return pub->comm;
	return i <= FORMER_NAMES ? task->former[i - 1] : NULL;
}

void task_set_comm_text(struct task *task, const char *text, size_t length)
{
	char comm[16] = { 0 };

	memcpy(comm, text, MIN(length, sizeof(comm) - 1));
	if (task->pub.comm && !memcmp(task->comm, comm, sizeof(comm)))
		return;
	memcpy(task->comm, comm, sizeof(comm));
	if (task->pub.comm)
		remember_name(task, task->pub.comm);
	else
		task->first_comm = g_intern_string(comm);
	task->pub.comm = g_intern_string(comm);
	task->ksoftirqd = g_str_has_prefix(comm, "ksoftirqd/") || g_str_has_prefix(comm, "ktimers/");
}

void task_take_comm(const struct fb_kernel *k, struct task *task, const struct fb_event *ev,
		    uint16_t offset)
{
	size_t length;
	const char *text = fb_event_text_at(ev, offset, &length);

	task_take_text(k, task, text, length, ev->time);
}

void task_take_text(const struct fb_kernel *k, struct task *task, const char *text, size_t length,
		    fb_ns now)
{
	const char *before = task->pub.comm;
	bool is_stale = task->stale;

	task_set_comm_text(task, text, length);
	task->stale = false;
	if (before == task->pub.comm || (!is_stale && !task_called_exec_unseen(k, task, now)))
		return;
	if (before)
		task_doubt_name(task);
	else
		task->first_comm = NULL; /* before it may have been called otherwise */
}

const struct fb_syscall *fb_task_call(const struct fb_task *task, int32_t *fd)
{
	const struct task *t = (const struct task *)task;

	*fd = t->sys_state == SYS_INSIDE ? t->fd : -1;
	return t->sys_state == SYS_INSIDE ? t->call : NULL;
}

const char *intern_text(const struct fb_event *ev, uint16_t offset)
{
	size_t length;
	const char *text = fb_event_text_at(ev, offset, &length);
	g_autofree char *copy = NULL;

	if (!(ev->flags & FB_COMM16))
		return g_intern_string(text);
	copy = g_strndup(text, length);
	return g_intern_string(copy);
}

void tasks_clear(struct fb_kernel *k)
{
	for (guint i = 0; i < k->tasks->len; i++) {
		struct task *task = k->tasks->pdata[i];

		g_free(task->frames);
		g_free(task);
	}
	g_ptr_array_free(k->tasks, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(k->pages); i++)
		g_free(k->pages[i]);
	g_hash_table_destroy(k->far);
}
