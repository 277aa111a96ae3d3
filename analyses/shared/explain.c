/* SPDX-License-Identifier: MIT */
/* explain.c - one wait explained. */
#include "analyses/shared/brief.h"
#include "analyses/shared/explain.h"
#include "analyses/shared/fold.h"
#include "kernel/cause-key.h"

enum {
	LEAST_SHARE = 100, /* of the wait, in parts, for a link to be named */
	LINKS_MAX = 40,    /* the longest ones, */
	FULL_MAX = 100000, /* … in full; some 20 MB */
};

struct explaining {
	struct explanation *e;
	struct fold *fold; /* of all segments, in place of a chain; or NULL */
	GArray *parts;     /* struct link: what one task does without a long pause, by state and system call */
	GArray *mixed;     /* those that are too short, by state */
};

static struct link *link_at(GArray *links, guint i)
{
	return &g_array_index(links, struct link, i);
}

/* Segments lend their causes. */
static struct link link_of(const struct fb_segment *s, enum link_kind kind)
{
	struct link link = { .segment = *s, .n = 1, .sum = s->end - s->begin, .kind = kind };

	if (s->cause)
		link.cause = *s->cause;
	return link;
}

static gint longest_first(gconstpointer a, gconstpointer b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x == y ? 0 : x > y ? -1 : 1;
}

/* Leaves the longest links only. */
static void shorten(struct explanation *e, guint max)
{
	g_autoptr(GArray) sums = g_array_new(FALSE, FALSE, sizeof(fb_ns));
	guint kept = 0;
	fb_ns least;

	if (e->chain->len <= max)
		return;
	for (guint i = 0; i < e->chain->len; i++)
		g_array_append_val(sums, link_at(e->chain, i)->sum);
	g_array_sort(sums, longest_first);
	least = g_array_index(sums, fb_ns, max - 1);
	for (guint i = 0; i < e->chain->len; i++) {
		const struct link *link = link_at(e->chain, i);

		if (link->sum >= least && kept < max)
			*link_at(e->chain, kept++) = *link;
	}
	e->left_out += e->chain->len - kept;
	g_array_set_size(e->chain, kept);
}

static void add_link(struct explaining *x, const struct link *link)
{
	struct explanation *e = x->e;

	if (link->sum < e->least) {
		e->left_out++;
		return;
	}
	g_array_append_vals(e->chain, link, 1);
	if (e->detail == EXPLAIN_FULL && e->chain->len >= 2 * FULL_MAX)
		shorten(e, FULL_MAX);
}

/* ---- what a task did between its waits -------------------------------------------------- */

static bool is_same_cause(const struct link *a, const struct link *b)
{
	struct cause_key x = cause_key_of(&a->cause), y = cause_key_of(&b->cause);

	return a->segment.cause && b->segment.cause && !memcmp(&x, &y, sizeof(x));
}

/* What both have in common is what the one says from then on. */
static void merge(struct link *to, const struct link *from)
{
	if (!is_same_cause(to, from))
		to->segment.cause = NULL;
	to->is_mixed |= from->is_mixed || to->segment.syscall != from->segment.syscall;
	if (to->is_mixed)
		to->segment.syscall = NULL;
	to->segment.begin = MIN(to->segment.begin, from->segment.begin);
	to->segment.end = MAX(to->segment.end, from->segment.end);
	to->segment.held = (struct fb_held){ 0 };
	to->n += from->n;
	to->sum += from->sum;
}

static void add_to(GArray *links, const struct link *link, bool by_syscall)
{
	for (guint i = 0; i < links->len; i++) {
		struct link *other = link_at(links, i);

		if (other->segment.state == link->segment.state &&
		    other->segment.unknown == link->segment.unknown &&
		    (!by_syscall || other->segment.syscall == link->segment.syscall)) {
			merge(other, link);
			return;
		}
	}
	g_array_append_vals(links, link, 1);
}

static gint first_first(gconstpointer a, gconstpointer b)
{
	const struct link *x = a, *y = b;

	return x->segment.begin < y->segment.begin ? -1 : x->segment.begin > y->segment.begin;
}

/* All of them as one, called by the state of most of it. */
static void add_as_one(struct explaining *x)
{
	struct link all;
	const struct link *greatest;

	g_array_set_size(x->mixed, 0);
	for (guint i = 0; i < x->parts->len; i++)
		add_to(x->mixed, link_at(x->parts, i), false);
	greatest = link_at(x->mixed, 0);
	all = *greatest;
	for (guint i = 1; i < x->mixed->len; i++) {
		const struct link *of_state = link_at(x->mixed, i);

		merge(&all, of_state);
		if (of_state->sum > greatest->sum)
			greatest = of_state;
	}
	all.segment.state = greatest->segment.state;
	add_link(x, &all);
}

/* Each that is long enough, and by state what is not. */
static void add_parts(struct explaining *x)
{
	g_array_set_size(x->mixed, 0);
	for (guint i = 0; i < x->parts->len;) {
		const struct link *part = link_at(x->parts, i);

		if (part->sum >= x->e->least) {
			i++;
			continue;
		}
		add_to(x->mixed, part, false);
		g_array_remove_index(x->parts, i);
	}
	g_array_append_vals(x->parts, x->mixed->data, x->mixed->len);
	g_array_sort(x->parts, first_first);
	for (guint i = 0; i < x->parts->len; i++)
		add_link(x, link_at(x->parts, i));
}

static void end_stretch(struct explaining *x)
{
	if (!x->parts->len)
		return;
	if (x->e->detail == EXPLAIN_GRAPH)
		add_as_one(x);
	else
		add_parts(x);
	g_array_set_size(x->parts, 0);
}

/* Whether the task was on its CPU, interrupts on top of it included. */
static bool is_on_cpu(const struct fb_segment *s)
{
	switch (s->state) {
	case FB_STATE_RUNNING:
		return true;
	case FB_STATE_IRQ:
	case FB_STATE_IPI:
	case FB_STATE_SOFTIRQ:
		return s->cause && path_is_on_top(s->cause);
	default:
		return false;
	}
}

static bool has_stretch_of(const struct explaining *x, const struct fb_segment *s)
{
	const struct fb_segment *first = x->parts->len ? &link_at(x->parts, 0)->segment : NULL;

	return first && first->task == s->task && first->depth == s->depth;
}

/* A pause of a task that ran, too short to be named. */
static bool is_in_stretch(const struct explaining *x, const struct fb_segment *s)
{
	return has_stretch_of(x, s) && s->end - s->begin < x->e->least;
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct explaining *x = data;
	struct link link = link_of(s, LINK_LEAF);

	path_shares_add(x->e->shares, s);
	if (x->fold) {
		fold_add(x->fold, &link);
		return;
	}
	if (x->e->detail != EXPLAIN_FULL && (is_on_cpu(s) || is_in_stretch(x, s))) {
		if (!has_stretch_of(x, s))
			end_stretch(x);
		link.kind = LINK_STRETCH;
		add_to(x->parts, &link, true);
		return;
	}
	end_stretch(x);
	add_link(x, &link);
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct explaining *x = data;
	struct link link = link_of(s, s->is_birth ? LINK_BIRTH : LINK_WAIT);

	if (x->fold) {
		fold_add(x->fold, &link);
		return;
	}
	end_stretch(x);
	add_link(x, &link);
}

/* The path of a long chain takes megabytes, of which a few lines are shown. */
static void keep_brief(struct explaining *x)
{
	struct explanation *e = x->e;

	e->brief = brief_new(x->fold, e->shares, e->asleep);
	path_shares_free(e->shares);
	e->shares = NULL;
	g_array_unref(e->chain);
	e->chain = NULL;
}

static void keep_chain(struct explanation *e)
{
	if (e->detail != EXPLAIN_GRAPH)
		shorten(e, e->detail == EXPLAIN_FULL ? FULL_MAX : LINKS_MAX);
	for (guint i = 0; i < e->chain->len; i++) {
		struct link *link = link_at(e->chain, i);

		if (link->segment.cause)
			link->segment.cause = &link->cause;
	}
}

struct explanation *explanation_new(struct fb_history *h, const struct fb_task *task, fb_ns begin,
				    fb_ns wake, enum explain_detail detail)
{
	static const struct fb_path_funcs funcs = { .segment = on_segment, .around = on_around };
	bool is_brief = detail == EXPLAIN_BRIEF;
	struct explaining x = {
		.e = g_new0(struct explanation, 1),
		.fold = is_brief ? fold_new() : NULL,
		.parts = g_array_new(FALSE, FALSE, sizeof(struct link)),
		.mixed = g_array_new(FALSE, FALSE, sizeof(struct link)),
	};
	struct explanation *e = x.e;

	e->detail = detail;
	e->asleep = wake - begin;
	e->least = detail == EXPLAIN_LONG ? e->asleep / LEAST_SHARE : 0;
	e->chain = g_array_new(FALSE, FALSE, sizeof(struct link));
	e->shares = path_shares_new();
	fb_history_path(h, task, begin, wake, &funcs, &x);
	end_stretch(&x);
	if (is_brief)
		keep_brief(&x);
	else
		keep_chain(e);
	fold_free(x.fold);
	g_array_unref(x.parts);
	g_array_unref(x.mixed);
	return e;
}

void explanation_free(struct explanation *e)
{
	if (!e)
		return;
	if (e->chain)
		g_array_unref(e->chain);
	path_shares_free(e->shares);
	brief_free(e->brief);
	g_free(e);
}

static void add_share(struct fb_report *r, const struct path_share *share, GString *to)
{
	path_share_words(r, share, to);
	if (share->n > 1 && share->state != FB_STATE_RUNNING && share->state != FB_STATE_READY)
		g_string_append_printf(to, " (%" G_GUINT64_FORMAT " times)", share->n);
}

/* "60.5 ms are spread: 20.3 ms serverB [213] ran; 15.1 ms …" */
static void add_spread(struct fb_report *r, const struct explanation *e,
		       const struct path_share *shares, size_t n, GString *to)
{
	fb_report_ms(r, e->asleep, to);
	g_string_append(to, " are spread");
	for (size_t i = 0; i < n; i++) {
		g_string_append(to, i ? "; " : ": ");
		fb_report_ms(r, shares[i].sum, to);
		g_string_append_c(to, ' ');
		add_share(r, &shares[i], to);
	}
}

bool explanation_root(struct fb_report *r, const struct explanation *e, GString *to)
{
	struct path_share greatest[BRIEF_NAMED];
	const struct path_share *shares = e->brief ? e->brief->greatest : greatest;
	size_t n = e->brief ? e->brief->n_greatest :
			      path_shares_greatest(e->shares, greatest, BRIEF_NAMED);

	if (!n)
		return false;
	if (brief_named(shares, e->asleep) > 1) {
		add_spread(r, e, shares, n, to);
		return true;
	}
	fb_report_ms(r, shares[0].sum, to);
	g_string_append(to, " of ");
	fb_report_ms(r, e->asleep, to);
	g_string_append(to, ": ");
	add_share(r, &shares[0], to);
	return true;
}
