/* SPDX-License-Identifier: MIT */
/* explain.c - one wait explained. */
#include "analyses/shared/explain.h"
#include "analyses/shared/fold.h"

enum {
	LEAST_SHARE = 100, /* of the wait, in parts, for a link to be named */
	LINKS_MAX = 40,    /* the longest ones */
	NAMED_MAX = 3,     /* shares, where none is half of the wait */
	FOLDED_SHARE = 20, /* the same of links put together */
	FOLDED_MAX = 6,    /* with headings, breakdown and root no more than 15 lines */
};

struct explaining {
	struct explanation *e;
	struct fold *fold;   /* of all links; NULL: not wanted */
	struct link stretch; /* what one task did without a wait, as far as it is known */
	bool has_stretch;
	fb_ns longest;       /* of its segments */
};

static fb_ns duration(const struct link *link)
{
	return link->segment.end - link->segment.begin;
}

/* Segments lend their causes. */
static struct link link_of(const struct fb_segment *s, enum link_kind kind)
{
	struct link link = { .segment = *s, .kind = kind };

	if (s->cause)
		link.cause = *s->cause;
	return link;
}

static void add_link(struct explaining *x, const struct link *link)
{
	struct explanation *e = x->e;

	if (x->fold)
		fold_add(x->fold, link);
	if (duration(link) >= e->least)
		g_array_append_vals(e->chain, link, 1);
	else
		e->left_out++;
}

static void end_stretch(struct explaining *x)
{
	if (x->has_stretch)
		add_link(x, &x->stretch);
	x->has_stretch = false;
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
		return s->cause && s->cause->cpu < 0;
	default:
		return false;
	}
}

/* A pause of a task that ran, too short to be named. */
static bool is_in_stretch(const struct explaining *x, const struct fb_segment *s)
{
	return x->has_stretch && x->stretch.segment.task == s->task &&
	       x->stretch.segment.depth == s->depth &&
	       s->end - s->begin < x->e->least;
}

static void extend_stretch(struct explaining *x, const struct fb_segment *s)
{
	fb_ns time = s->end - s->begin;

	if (x->has_stretch && (x->stretch.segment.task != s->task ||
			       x->stretch.segment.depth != s->depth))
		end_stretch(x);
	if (!x->has_stretch) {
		x->stretch = (struct link){ .segment = *s, .kind = LINK_STRETCH };
		x->stretch.segment.state = FB_STATE_RUNNING;
		x->stretch.segment.cause = NULL;
		x->has_stretch = true;
		x->longest = 0;
	}
	x->stretch.segment.end = s->end;
	if (time > x->longest)
		x->stretch.segment.syscall = s->syscall;
	x->longest = MAX(x->longest, time);
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct explaining *x = data;
	struct link link;

	path_shares_add(x->e->shares, s);
	if (is_on_cpu(s)) {
		extend_stretch(x, s);
		return;
	}
	if (is_in_stretch(x, s)) {
		x->stretch.segment.end = s->end;
		return;
	}
	end_stretch(x);
	link = link_of(s, LINK_LEAF);
	add_link(x, &link);
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct explaining *x = data;
	struct link link = link_of(s, s->is_birth ? LINK_BIRTH : LINK_WAIT);

	end_stretch(x);
	add_link(x, &link);
}

static gint longest_first(gconstpointer a, gconstpointer b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x == y ? 0 : x > y ? -1 : 1;
}

/* Leaves the longest links only. */
static void shorten(struct explanation *e)
{
	g_autoptr(GArray) durations = g_array_new(FALSE, FALSE, sizeof(fb_ns));
	guint kept = 0;
	fb_ns least;

	if (e->chain->len <= LINKS_MAX)
		return;
	for (guint i = 0; i < e->chain->len; i++) {
		fb_ns time = duration(&g_array_index(e->chain, struct link, i));

		g_array_append_val(durations, time);
	}
	g_array_sort(durations, longest_first);
	least = g_array_index(durations, fb_ns, LINKS_MAX - 1);
	for (guint i = 0; i < e->chain->len; i++) {
		struct link *link = &g_array_index(e->chain, struct link, i);

		if (duration(link) >= least && kept < LINKS_MAX)
			g_array_index(e->chain, struct link, kept++) = *link;
	}
	e->left_out += e->chain->len - kept;
	g_array_set_size(e->chain, kept);
}

struct explanation *explanation_new(struct fb_history *h, const struct fb_task *task, fb_ns begin,
				    fb_ns wake, bool all)
{
	static const struct fb_path_funcs funcs = { .segment = on_segment, .around = on_around };
	struct explaining x = { .e = g_new0(struct explanation, 1), .fold = all ? NULL : fold_new() };
	struct explanation *e = x.e;

	e->asleep = wake - begin;
	e->least = all ? 0 : e->asleep / LEAST_SHARE;
	e->chain = g_array_new(FALSE, FALSE, sizeof(struct link));
	e->shares = path_shares_new();
	fb_history_path(h, task, begin, wake, &funcs, &x);
	end_stretch(&x);
	if (!all) {
		shorten(e);
		e->folded = fold_links(x.fold, MAX(e->asleep / FOLDED_SHARE, 1), FOLDED_MAX);
	}
	fold_free(x.fold);
	for (guint i = 0; i < e->chain->len; i++) {
		struct link *link = &g_array_index(e->chain, struct link, i);

		if (link->segment.cause)
			link->segment.cause = &link->cause;
	}
	return e;
}

void explanation_free(struct explanation *e)
{
	if (!e)
		return;
	g_array_free(e->chain, TRUE);
	path_shares_free(e->shares);
	if (e->folded)
		g_array_unref(e->folded);
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
	struct path_share shares[NAMED_MAX];
	size_t n = path_shares_greatest(e->shares, shares, NAMED_MAX);

	if (!n)
		return false;
	if (shares[0].sum < e->asleep - shares[0].sum) {
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
