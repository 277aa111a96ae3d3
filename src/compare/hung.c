/* SPDX-License-Identifier: MIT */
/*
 * hung.c - runs in which something hung: a wait far longer than the longest one that any base
 * run has of that group.
 *
 * Few runs that hang move no median, and ranks see a wait of 10 s as they see the longest one
 * of 30 ms. So it is asked how many new runs have such a wait in any group, and in how many of all ways to
 * deal the runs out to both sides as many would. Dealt out are whole runs: that all waits of one
 * hang together does no harm.
 */
#include "compare/hung.h"

/* How much longer than the longest one of the base; and never less than so often --min-time. */
#define FACTOR	   5
#define LEAST_TIME 100

/* The longest waits of one group. */
struct longest {
	struct compared *group;
	fb_ns *of_run; /* the base's runs first; 0: it has none */
};

struct hang_search {
	const struct comparison *c;
	unsigned n, n_base;
	GArray *groups;     /* struct longest: those whose runs differ by so much, whichever side they are on */
	bool *hangs;        /* scratch: run by run */
	unsigned found;     /* new runs that hang */
	double as_many, all; /* ways to deal them out with as many or more; ways seen */
};

static void longest_clear(void *longest)
{
	g_free(((struct longest *)longest)->of_run);
}

static fb_ns longest_of(const struct fb_profile_group *group, size_t run)
{
	const struct fb_profile_values *v = group ? fb_profile_values(group, run) : NULL;

	return v && v->n ? v->max : 0;
}

static int compare_times(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return (x > y) - (x < y);
}

static bool is_far(const struct hang_search *s, fb_ns wait, fb_ns from)
{
	double least = LEAST_TIME * (double)MAX(s->c->options.min_time, 1);

	return wait >= least && wait >= FACTOR * (double)from;
}

/* Sides play no part in that: so which groups are looked at favours no outcome. */
static bool has_far_ones(const struct hang_search *s, const fb_ns *of_run)
{
	g_autofree fb_ns *sorted = g_memdup2(of_run, s->n * sizeof(*of_run));

	qsort(sorted, s->n, sizeof(*sorted), compare_times);
	return is_far(s, sorted[s->n - 1], sorted[(s->n - 1) / 2]);
}

static void add_group(struct hang_search *s, struct compared *g)
{
	struct longest one = { .group = g, .of_run = g_new(fb_ns, s->n) };

	for (unsigned i = 0; i < s->n; i++)
		one.of_run[i] = i < s->n_base ? longest_of(g->group[BASE], i) :
						longest_of(g->group[NEW], i - s->n_base);
	if (has_far_ones(s, one.of_run))
		g_array_append_val(s->groups, one);
	else
		longest_clear(&one);
}

/* Of the runs on the other side than `is_base`, how many hang; `hangs` then says which. */
static unsigned count_hangs(struct hang_search *s, const struct longest *l, const bool *is_base)
{
	fb_ns base = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (is_base[i])
			base = MAX(base, l->of_run[i]);
	for (unsigned i = 0; i < s->n; i++)
		if (!is_base[i] && is_far(s, l->of_run[i], base)) {
			s->hangs[i] = true;
			n++;
		}
	return n;
}

static unsigned count_runs(struct hang_search *s, const bool *is_base)
{
	unsigned n = 0;

	memset(s->hangs, 0, s->n * sizeof(*s->hangs));
	for (guint i = 0; i < s->groups->len; i++)
		count_hangs(s, &g_array_index(s->groups, struct longest, i), is_base);
	for (unsigned i = 0; i < s->n; i++)
		n += s->hangs[i];
	return n;
}

static void see_deal(const bool *is_base, void *data)
{
	struct hang_search *s = data;

	s->as_many += count_runs(s, is_base) >= s->found;
	s->all++;
}

static void put_groups(struct hang_search *s, const bool *is_base)
{
	for (guint i = 0; i < s->groups->len; i++) {
		struct longest *l = &g_array_index(s->groups, struct longest, i);

		l->group->hung_runs = count_hangs(s, l, is_base);
		for (unsigned k = 0; k < s->n; k++) {
			fb_ns *to = &l->group->longest[is_base[k] ? BASE : NEW];

			*to = MAX(*to, l->of_run[k]);
		}
	}
}

void find_hangs(struct comparison *c)
{
	struct hang_search s = {
		.c = c,
		.n = c->side[BASE]->n_runs + c->side[NEW]->n_runs,
		.n_base = c->side[BASE]->n_runs,
		.groups = g_array_new(FALSE, FALSE, sizeof(struct longest)),
	};
	g_autofree bool *is_base = g_new0(bool, s.n);

	g_array_set_clear_func(s.groups, longest_clear);
	s.hangs = g_new(bool, s.n);
	for (unsigned i = 0; i < s.n_base; i++)
		is_base[i] = true;
	for (guint i = 0; i < c->groups->len; i++) {
		struct compared *g = &g_array_index(c->groups, struct compared, i);

		if (g->counts)
			add_group(&s, g);
	}
	c->hung.is_tested = s.groups->len > 0;
	c->hung.p = c->hung.adjusted = 1;
	if (c->hung.is_tested) {
		s.found = c->hung.runs = count_runs(&s, is_base);
		if (s.found)
			each_deal(s.n, s.n_base, see_deal, &s);
		c->hung.p = s.found ? s.as_many / s.all : 1;
		put_groups(&s, is_base);
	}
	g_free(s.hangs);
	g_array_unref(s.groups);
}
