/* SPDX-License-Identifier: MIT */
/*
 * hung.c - runs in which something hung: a wait far longer than the runs' usual longest one of
 * that group.
 *
 * Few runs that hang move no median, and ranks see a wait of 10 s as they see the longest one
 * of 30 ms. So for each group it is asked, by Fisher's exact test, whether more new runs than base runs
 * hang in it; and for all groups together in which no base run does, lest a hang that strikes
 * here and there be in too few runs of each. The surest of these answers counts as far as
 * few ways to deal the runs out to both sides have as sure a one: whole runs are dealt out, so that all waits
 * of one hang together does no harm.
 */
#include "compare/hung.h"

#include <math.h>

/* How much longer than those of three in four runs; and never less than so often --min-time. */
#define FACTOR	   5
#define LEAST_TIME 100

/* One group with runs that hang. */
struct hanging {
	struct compared *group;
	bool *runs; /* the base's runs first */
};

struct hang_search {
	const struct comparison *c;
	unsigned n, n_base;
	GArray *groups;      /* struct hanging: whichever side they hang on */
	double *fisher;      /* by how many runs hang, and how many of these are new: how sure */
	bool *any;           /* scratch: run by run */
	double surest;       /* as the runs are */
	double as_sure, all; /* ways to deal them out with an answer as sure; ways seen */
};

static void hanging_clear(void *hanging)
{
	g_free(((struct hanging *)hanging)->runs);
}

static fb_ns longest_of(const struct compared *g, const struct hang_search *s, unsigned run)
{
	enum side side = run < s->n_base ? BASE : NEW;
	const struct fb_profile_group *group = g->group[side];
	const struct fb_profile_values *v =
		group ? fb_profile_values(group, side == BASE ? run : run - s->n_base) : NULL;

	return v && v->n ? v->max : 0;
}

static int compare_times(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return (x > y) - (x < y);
}

/* Sides play no part in that: so which runs are said to hang favours no outcome. */
static void add_group(struct hang_search *s, struct compared *g)
{
	double least = LEAST_TIME * (double)MAX(s->c->options.min_time, 1);
	g_autofree fb_ns *longest = g_new(fb_ns, s->n), *sorted = NULL;
	struct hanging one = { .group = g, .runs = g_new(bool, s->n) };
	bool any = false;

	for (unsigned i = 0; i < s->n; i++)
		longest[i] = longest_of(g, s, i);
	sorted = g_memdup2(longest, s->n * sizeof(*longest));
	qsort(sorted, s->n, sizeof(*sorted), compare_times);
	least = MAX(least, FACTOR * (double)sorted[(s->n - 1) / 4]);
	for (unsigned i = 0; i < s->n; i++)
		any |= one.runs[i] = longest[i] >= least;
	if (!any) {
		hanging_clear(&one);
		return;
	}
	for (unsigned i = 0; i < s->n; i++) {
		enum side side = i < s->n_base ? BASE : NEW;

		g->hung_runs[side] += one.runs[i];
		if (side == NEW || !one.runs[i])
			g->longest[side] = MAX(g->longest[side], longest[i]);
	}
	g_array_append_val(s->groups, one);
}

/* ---- Fisher's exact test ------------------------------------------------------------------ */

static double *fisher_at(const struct hang_search *s, unsigned hang, unsigned new)
{
	return &s->fisher[hang * (s->n + 1) + new];
}

/* ln of n over k. */
static double choices(unsigned n, unsigned k)
{
	return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

/* Of `hang` runs that hang, `new` or more are new by chance. */
static void fill_fisher(struct hang_search *s)
{
	unsigned n_new = s->n - s->n_base;

	s->fisher = g_new(double, (s->n + 1) * (size_t)(s->n + 1));
	for (unsigned hang = 0; hang <= s->n; hang++) {
		double tail = 0;

		for (unsigned new = s->n + 1; new-- > 0;) {
			if (new <= hang && new <= n_new && hang - new <= s->n_base)
				tail += exp(choices(n_new, new) + choices(s->n_base, hang - new) -
					    choices(s->n, hang));
			*fisher_at(s, hang, new) = MIN(tail, 1);
		}
	}
}

/* The surest answer that more of the runs hang which are not in `is_base`. */
static double surest_of(struct hang_search *s, const bool *is_base)
{
	double surest = 1;
	unsigned any = 0;

	memset(s->any, 0, s->n * sizeof(*s->any));
	for (guint i = 0; i < s->groups->len; i++) {
		const bool *runs = g_array_index(s->groups, struct hanging, i).runs;
		unsigned of[SIDES] = { 0 };

		for (unsigned k = 0; k < s->n; k++)
			of[is_base[k] ? BASE : NEW] += runs[k];
		surest = MIN(surest, *fisher_at(s, of[BASE] + of[NEW], of[NEW]));
		for (unsigned k = 0; !of[BASE] && k < s->n; k++)
			s->any[k] |= runs[k];
	}
	for (unsigned k = 0; k < s->n; k++)
		any += s->any[k];
	return MIN(surest, *fisher_at(s, any, any));
}

/* Sums of logarithms are equal but for rounding. */
static void see_deal(const bool *is_base, void *data)
{
	struct hang_search *s = data;

	s->as_sure += surest_of(s, is_base) <= s->surest * (1 + 1e-9);
	s->all++;
}

/* ---- the outcome -------------------------------------------------------------------------- */

/* How many new runs hang in groups in which more of them do than of the base. */
static unsigned count_runs(struct hang_search *s)
{
	unsigned n = 0;

	memset(s->any, 0, s->n * sizeof(*s->any));
	for (guint i = 0; i < s->groups->len; i++) {
		const struct hanging *h = &g_array_index(s->groups, struct hanging, i);

		for (unsigned k = s->n_base; k < s->n; k++)
			s->any[k] |= h->runs[k] && h->group->hung_runs[NEW] > h->group->hung_runs[BASE];
	}
	for (unsigned k = 0; k < s->n; k++)
		n += s->any[k];
	return n;
}

void find_hangs(struct comparison *c)
{
	struct hang_search s = {
		.c = c,
		.n = c->side[BASE]->n_runs + c->side[NEW]->n_runs,
		.n_base = c->side[BASE]->n_runs,
		.groups = g_array_new(FALSE, FALSE, sizeof(struct hanging)),
	};
	g_autofree bool *is_base = g_new0(bool, s.n);

	g_array_set_clear_func(s.groups, hanging_clear);
	for (unsigned i = 0; i < s.n_base; i++)
		is_base[i] = true;
	for (guint i = 0; i < c->groups->len; i++) {
		struct compared *g = &g_array_index(c->groups, struct compared, i);

		if (g->counts)
			add_group(&s, g);
	}
	c->hung.is_tested = s.groups->len > 0;
	c->hung.p = 1;
	if (c->hung.is_tested) {
		s.any = g_new(bool, s.n);
		fill_fisher(&s);
		c->hung.runs = count_runs(&s);
		s.surest = surest_of(&s, is_base);
		if (s.surest < 1) {
			each_deal(s.n, s.n_base, see_deal, &s);
			c->hung.p = s.as_sure / s.all;
		}
		g_free(s.any);
		g_free(s.fisher);
	}
	g_array_unref(s.groups);
}
