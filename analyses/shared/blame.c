/* SPDX-License-Identifier: MIT */
/*
 * blame.c - segments of waits, added up and ranked. They come by the million, so they are
 * added up by what is found in them as it is. Put together they are once, for the ranking.
 */
#include "analyses/shared/blame.h"
#include "analyses/shared/follow.h"
#include "base/groups.h"

/* What tells parts apart is what they begin with. */
enum { KEY_SIZE = offsetof(struct blame, n) };

struct blames {
	struct groups *parts; /* struct blame */
};

struct blames *blames_new(void)
{
	struct blames *b = g_new(struct blames, 1);

	b->parts = groups_new(sizeof(struct blame), KEY_SIZE, NULL);
	return b;
}

void blames_free(struct blames *b)
{
	if (!b)
		return;
	groups_free(b->parts);
	g_free(b);
}

static bool has_device(enum fb_state state)
{
	return state == FB_STATE_BLOCK || state == FB_STATE_IRQ || state == FB_STATE_IPI ||
	       state == FB_STATE_SOFTIRQ;
}

struct blame *blames_get(struct blames *b, const struct fb_segment *s)
{
	const struct blame key = {
		.task = s->task, .syscall = s->syscall, .state = s->state, .unknown = s->unknown,
		.device = s->cause && has_device(s->state) ? s->cause->name : NULL };

	return groups_get(b->parts, &key, KEY_SIZE);
}

void blames_add(struct blames *b, const struct fb_segment *s)
{
	struct blame *part = blames_get(b, s);

	part->n++;
	part->sum += s->end - s->begin;
}

/* ---- the ranking ------------------------------------------------------------------------ */

/* Which of them count as one. */
static int64_t owner(const struct blame *p, enum blame_by by)
{
	switch (by) {
	case BLAME_TASK:
		return p->task->number;
	case BLAME_PROCESS:
		return fb_task_process(p->task);
	default:
		return 0;
	}
}

/* Parts of one blame stand together, the same texts among them, too. */
static gint compare_parts(gconstpointer a, gconstpointer b, gpointer by)
{
	const struct blame *x = *(struct blame *const *)a, *y = *(struct blame *const *)b;
	int64_t mine = owner(x, *(enum blame_by *)by), other = owner(y, *(enum blame_by *)by);

	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->unknown != y->unknown)
		return x->unknown < y->unknown ? -1 : 1;
	if (mine != other)
		return mine < other ? -1 : 1;
	return *(enum blame_by *)by == BLAME_RESOURCE ? g_strcmp0(x->device, y->device) : 0;
}

static gint largest_first(gconstpointer a, gconstpointer b)
{
	const struct blame *x = a, *y = b;

	return x->sum == y->sum ? 0 : x->sum > y->sum ? -1 : 1;
}


/* The text that has more than half of `whole`; NULL when none has. */
static const char *majority(GHashTable *sums, fb_ns whole)
{
	GHashTableIter iter;
	gpointer text, sum;

	g_hash_table_iter_init(&iter, sums);
	while (g_hash_table_iter_next(&iter, &text, &sum))
		if (*(fb_ns *)sum > whole / 2)
			return text;
	return NULL;
}

static void add_text(GHashTable *sums, const char *text, fb_ns time)
{
	fb_ns *sum;

	if (!text)
		return;
	sum = g_hash_table_lookup(sums, text);
	if (!sum) {
		sum = g_new0(fb_ns, 1);
		g_hash_table_insert(sums, (char *)text, sum);
	}
	*sum += time;
}

/* One of n parts, which count as one. */
static struct blame put_together(struct blame *const *parts, guint n, enum blame_by by)
{
	g_autoptr(GHashTable) syscalls = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_autoptr(GHashTable) devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	struct blame all = *parts[0];

	all.n = 0;
	all.sum = 0;
	for (guint i = 0; i < n; i++) {
		const struct blame *p = parts[i];

		all.n += p->n;
		all.sum += p->sum;
		add_text(syscalls, p->syscall, p->sum);
		add_text(devices, p->device, p->sum);
		if (p->task->tid == p->task->pid)
			all.task = p->task;
	}
	all.syscall = majority(syscalls, all.sum);
	all.device = majority(devices, all.sum);
	if (by == BLAME_RESOURCE) {
		all.task = NULL;
		all.syscall = NULL;
	}
	return all;
}

GArray *blames_rank(const struct blames *b, enum blame_by by)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	GArray *ranking = g_array_new(FALSE, FALSE, sizeof(struct blame));

	for (size_t i = 0; i < groups_n(b->parts); i++)
		g_ptr_array_add(parts, groups_nth(b->parts, i));
	g_ptr_array_sort_with_data(parts, compare_parts, &by);
	for (guint i = 0, n; i < parts->len; i += n) {
		struct blame all;

		for (n = 1; i + n < parts->len &&
			    !compare_parts(&parts->pdata[i], &parts->pdata[i + n], &by); n++)
			;
		all = put_together((struct blame *const *)&parts->pdata[i], n, by);
		g_array_append_val(ranking, all);
	}
	/* Stable, so equal ones stay in the order of state and task. */
	g_array_sort(ranking, largest_first);
	return ranking;
}
