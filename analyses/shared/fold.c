/* SPDX-License-Identifier: MIT */
/* fold.c - a chain as a tree, in which equal branches are one. */
#include "analyses/shared/fold.h"
#include "base/groups.h"
#include "kernel/cause-key.h"

struct fold_key {
	const struct fb_task *task;
	const char *syscall;
	struct cause_key cause;
	uint32_t parent; /* its number; 0: none */
	uint16_t state;  /* enum fb_state */
	uint8_t kind;    /* enum link_kind */
	uint8_t unknown; /* enum fb_unknown */
};

struct node {
	struct fold_key key;
	struct link link; /* the first; its n is 0: it is new */
	uint32_t number;  /* from 1 on, in the order of their first links: parents have smaller ones */
};

struct fold {
	struct groups *nodes; /* struct node */
	GArray *waits;        /* uint32_t, by depth: the node of the latest wait that the path goes around */
	struct groups *sums;  /* struct node: those that are too small to be chosen, put together */
	GPtrArray *greatest;  /* struct node: the chosen ones, and the first that is not; the greatest first */
	guint n_chosen;
};

struct fold *fold_new(void)
{
	struct fold *f = g_new0(struct fold, 1);

	f->nodes = groups_new(sizeof(struct node), sizeof(struct fold_key), NULL);
	f->waits = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	f->sums = groups_new(sizeof(struct node), sizeof(struct fold_key), NULL);
	f->greatest = g_ptr_array_new();
	return f;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	groups_free(f->nodes);
	g_array_unref(f->waits);
	groups_free(f->sums);
	g_ptr_array_unref(f->greatest);
	g_free(f);
}

static uint32_t *wait_at(struct fold *f, uint32_t depth)
{
	if (depth >= f->waits->len)
		g_array_set_size(f->waits, depth + 1);
	return &g_array_index(f->waits, uint32_t, depth);
}

void fold_add(struct fold *f, const struct link *link)
{
	const struct fb_segment *s = &link->segment;
	const struct fold_key key = {
		.task = s->task,
		.syscall = s->syscall,
		.cause = s->cause ? cause_key_of(&link->cause) : (struct cause_key){ 0 },
		.parent = s->depth ? *wait_at(f, s->depth - 1) : 0,
		.state = s->state,
		.kind = link->kind,
		.unknown = s->unknown,
	};
	struct node *node = groups_get(f->nodes, &key, sizeof(key));

	if (node->link.n) {
		node->link.n += link->n;
		node->link.sum += link->sum;
	} else {
		node->link = *link;
		node->number = groups_n(f->nodes);
	}
	if (link->kind == LINK_WAIT || link->kind == LINK_BIRTH)
		*wait_at(f, s->depth) = node->number;
}

/* What a wait stands for is never longer than the wait, and comes behind it. */
static int greatest_first(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->link.sum != y->link.sum)
		return x->link.sum > y->link.sum ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static gint first_first(gconstpointer a, gconstpointer b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* Those of one parent, each with what stands in for it behind it. */
static void add_children(const GPtrArray *nodes, uint32_t parent, GArray *links)
{
	for (guint i = 0; i < nodes->len; i++) {
		struct node *node = nodes->pdata[i];

		if (node->key.parent != parent)
			continue;
		g_array_append_val(links, node->link);
		add_children(nodes, node->number, links);
	}
}

/* Whether it is replaced by others: only what is not can be added to what it is not the same as. */
static bool is_gone_around(const struct node *node)
{
	return node->key.kind == LINK_WAIT || node->key.kind == LINK_BIRTH;
}

static void add_small(struct groups *sums, const struct node *node)
{
	const struct fold_key key = {
		.task = node->key.task,
		.parent = node->key.parent,
		.state = node->key.state,
		.kind = node->key.kind,
		.unknown = node->key.unknown,
	};
	struct node *sum = groups_get(sums, &key, sizeof(key));

	if (!sum->link.n) {
		sum->link = node->link;
		sum->number = node->number;
		return;
	}
	sum->link.is_mixed |= sum->link.segment.syscall != node->link.segment.syscall;
	if (sum->link.is_mixed)
		sum->link.segment.syscall = NULL;
	sum->link.segment.cause = NULL;
	sum->link.n += node->link.n;
	sum->link.sum += node->link.sum;
}

static fb_ns sum_of(const GPtrArray *nodes, guint i)
{
	return ((const struct node *)nodes->pdata[i])->link.sum;
}

/* Those below `least` are replaced by their sums. */
void fold_choose(struct fold *f, fb_ns least, guint max)
{
	for (size_t i = 0; i < groups_n(f->nodes); i++) {
		struct node *node = groups_nth(f->nodes, i);

		if (node->link.sum >= least || is_gone_around(node))
			groups_keep_first(f->greatest, node, greatest_first, max + 1);
		else
			add_small(f->sums, node);
	}
	for (size_t i = 0; i < groups_n(f->sums); i++)
		groups_keep_first(f->greatest, groups_nth(f->sums, i), greatest_first, max + 1);
	while (f->n_chosen < MIN(f->greatest->len, max) &&
	       sum_of(f->greatest, f->n_chosen) >= least)
		f->n_chosen++;
}

GArray *fold_links(const struct fold *f, guint max, fb_ns *left_out)
{
	GArray *links = g_array_new(FALSE, FALSE, sizeof(struct link));
	g_autoptr(GPtrArray) nodes = g_ptr_array_new();
	guint n = MIN(f->n_chosen, max);

	*left_out = n < f->greatest->len ? sum_of(f->greatest, n) : 0;
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(nodes, f->greatest->pdata[i]);
	g_ptr_array_sort(nodes, first_first);
	add_children(nodes, 0, links);
	for (guint i = 0; i < links->len; i++) {
		struct link *link = &g_array_index(links, struct link, i);

		if (link->segment.cause)
			link->segment.cause = &link->cause;
	}
	return links;
}
