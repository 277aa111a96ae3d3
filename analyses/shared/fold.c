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
	struct folded folded; /* n is 0: it is new */
	uint32_t number;      /* from 1 on, in the order of their first links: parents have smaller ones */
};

struct fold {
	struct groups *nodes; /* struct node */
	GArray *waits;        /* uint32_t, by depth: the node of the latest wait that the path goes around */
};

struct fold *fold_new(void)
{
	struct fold *f = g_new0(struct fold, 1);

	f->nodes = groups_new(sizeof(struct node), sizeof(struct fold_key), NULL);
	f->waits = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	return f;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	groups_free(f->nodes);
	g_array_unref(f->waits);
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

	if (!node->folded.n) {
		node->folded.link = *link;
		node->number = groups_n(f->nodes);
	}
	node->folded.n++;
	node->folded.sum += s->end - s->begin;
	if (link->kind == LINK_WAIT || link->kind == LINK_BIRTH)
		*wait_at(f, s->depth) = node->number;
}

/* What a wait stands for is never longer than the wait, and comes behind it. */
static int greatest_first(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->folded.sum != y->folded.sum)
		return x->folded.sum > y->folded.sum ? -1 : 1;
	return x->number < y->number ? -1 : 1;
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
		g_array_append_val(links, node->folded);
		add_children(nodes, node->number, links);
	}
}

GArray *fold_links(const struct fold *f, fb_ns least, guint max)
{
	GArray *links = g_array_new(FALSE, FALSE, sizeof(struct folded));
	g_autoptr(GPtrArray) nodes = groups_sorted(f->nodes, greatest_first);
	guint n = 0;

	while (n < MIN(nodes->len, max) &&
	       ((const struct node *)nodes->pdata[n])->folded.sum >= least)
		n++;
	g_ptr_array_set_size(nodes, n);
	g_ptr_array_sort(nodes, first_first);
	add_children(nodes, 0, links);
	for (guint i = 0; i < links->len; i++) {
		struct link *link = &g_array_index(links, struct folded, i).link;

		if (link->segment.cause)
			link->segment.cause = &link->cause;
	}
	return links;
}
