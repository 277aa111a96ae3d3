/* SPDX-License-Identifier: MIT */
/* check.c - what runs have of what is limited. */
#include "compare/check.h"

static void check_free(void *data)
{
	struct check *c = data;

	for (size_t i = 0; i < FB_PROFILE_WORST; i++)
		g_free(c->roots[i]);
	g_free(c);
}

/* The values of one run in all groups that the budget is on, as if they were one group's. */
static GArray *shares_of(const struct budget *b, const struct fb_profile *p, size_t run)
{
	GArray *shares = g_array_new(FALSE, FALSE, sizeof(struct fb_profile_share));

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct fb_profile_group *group = &p->groups[i];
		const struct fb_profile_share share = { run, fb_profile_values(group, run) };

		if (share.values->n && budget_matches(b, &group->key))
			g_array_append_val(shares, share);
	}
	return shares;
}

static double measure(const struct budget *b, const struct fb_profile_values *values, fb_ns length)
{
	double seconds = length / 1e9;

	switch (b->measure) {
	case BUDGET_COUNT:
		return b->unit == BUDGET_PER_SECOND ? values->n / seconds : values->n;
	case BUDGET_TOTAL:
		return b->unit == BUDGET_SHARE ? (double)values->asleep / length : values->asleep;
	case BUDGET_MAX:
		return values->max;
	default:
		return fb_profile_percentile(values, b->percent);
	}
}

static void check_run(struct check *c, const struct fb_profile *p, size_t run)
{
	g_autoptr(GArray) shares = shares_of(c->budget, p, run);
	const struct fb_profile_group all = { .shares = (const void *)shares->data,
					      .n_shares = shares->len };
	struct fb_profile_values values;
	double found;

	if (!shares->len)
		return;
	values = fb_profile_sum(&all);
	found = measure(c->budget, &values, fb_profile_run_length(p->runs[run]));
	if (!c->run || found > c->found) {
		c->found = found;
		c->run = p->runs[run];
		c->waits = values.n;
		c->n_worst = find_worst(p, &all, c->worst);
	}
	fb_profile_values_clear(&values);
}

GPtrArray *checks_new(const GPtrArray *budgets, const struct fb_profile *p)
{
	GPtrArray *checks = g_ptr_array_new_with_free_func(check_free);

	for (guint i = 0; i < budgets->len; i++) {
		struct check *c = g_new0(struct check, 1);
		const struct budget *b = g_ptr_array_index(budgets, i);

		c->budget = b;
		for (size_t run = 0; run < p->n_runs; run++)
			check_run(c, p, run);
		if (!c->run)
			c->outcome = CHECK_UNMATCHED;
		else if (b->or_equal ? c->found > b->limit : c->found >= b->limit)
			c->outcome = CHECK_BROKEN;
		g_ptr_array_add(checks, c);
	}
	return checks;
}

size_t checks_count(const GPtrArray *checks, enum check_outcome outcome)
{
	size_t n = 0;

	for (guint i = 0; i < checks->len; i++)
		n += ((const struct check *)g_ptr_array_index(checks, i))->outcome == outcome;
	return n;
}
