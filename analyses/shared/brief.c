/* SPDX-License-Identifier: MIT */
/* brief.c - which links and shares of a wait are worth a line. */
#include "analyses/shared/brief.h"

enum {
	LARGE = 20,      /* of the wait, in parts: what is to be seen, */
	SMALL = 200,     /* … and what is not, but for the first two */
	LINES = 9,       /* of both tables: 15 with headings, two empty lines, and the root */
	LINKS_MAX = 6,
	SHARES_MAX = 8,
};

static gint longest_first(gconstpointer a, gconstpointer b)
{
	const struct link *x = a, *y = b;

	return x->sum == y->sum ? 0 : x->sum > y->sum ? -1 : 1;
}

guint brief_named(const struct path_share *greatest, fb_ns whole)
{
	return greatest->sum < whole - greatest->sum ? BRIEF_NAMED : 1;
}

/*
 * How many links there is room for, where large shares want it: those of less than half of the wait give way,
 * before shares that the root does not name. One line is that of all other shares.
 */
static guint links_max(const GArray *links, const struct path_share *shares, guint wanted,
		       fb_ns whole, fb_ns large)
{
	g_autoptr(GArray) sorted = g_array_sized_new(FALSE, FALSE, sizeof(struct link), links->len);
	guint n = links->len, named = MIN(wanted, brief_named(shares, whole));

	g_array_append_vals(sorted, links->data, n);
	g_array_sort(sorted, longest_first);
	while (wanted > named && shares[wanted - 1].sum < large)
		wanted--;
	while (n > 1 && n + wanted + 1 > LINES) {
		fb_ns least = g_array_index(sorted, struct link, n - 1).sum;

		if (wanted == named || least < whole - least)
			n--;
		else
			wanted--;
	}
	return n;
}

static void choose_links(struct brief *b, struct fold *f, struct path_shares *s, fb_ns whole,
			 fb_ns large)
{
	struct path_share shares[LINES];
	size_t n = path_shares_greatest(s, shares, LINES);
	guint max;

	b->n_greatest = MIN(n, BRIEF_NAMED);
	memcpy(b->greatest, shares, b->n_greatest * sizeof(*shares));
	fold_choose(f, large, LINKS_MAX);
	b->links = fold_links(f, LINKS_MAX, &b->link_left_out);
	max = links_max(b->links, shares, n, whole, large);
	if (max == b->links->len)
		return;
	g_array_unref(b->links);
	b->links = fold_links(f, max, &b->link_left_out);
}

/* All, or as many as there is room for and the rest. */
static void choose_shares(struct brief *b, struct path_shares *s, fb_ns whole, fb_ns large)
{
	guint max = MIN((guint)SHARES_MAX, LINES - b->links->len), n = 0;

	b->shares = path_shares_rows(s, large, whole / SMALL, max);
	if (b->shares->len <= max)
		return;
	for (guint i = 0; i < b->shares->len; i++) {
		const struct path_share *share = &g_array_index(b->shares, struct path_share, i);

		if (n < max - 1 && (n < 2 || share->sum >= whole / SMALL)) {
			n++;
			continue;
		}
		b->share_left_out = MAX(b->share_left_out, share->sum);
		b->rest.n += share->n;
		b->rest.sum += share->sum;
	}
	g_array_set_size(b->shares, n);
}

struct brief *brief_new(struct fold *f, struct path_shares *s, fb_ns whole)
{
	struct brief *b = g_new0(struct brief, 1);
	fb_ns large = MAX(whole / LARGE, 1);

	choose_links(b, f, s, whole, large);
	choose_shares(b, s, whole, large);
	return b;
}

void brief_free(struct brief *b)
{
	if (!b)
		return;
	g_array_unref(b->links);
	g_array_unref(b->shares);
	g_free(b);
}
