/* SPDX-License-Identifier: MIT */
/* check.c - what runs have of what is limited. */
#include "compare/check.h"

#include "compare/grounds.h"

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

		if ((share.values->n || share.values->uncertain) && budget_matches(b, &group->key))
			g_array_append_val(shares, share);
	}
	return shares;
}

static bool is_seen(const struct budget *b, const struct fb_profile *p, size_t run)
{
	for (size_t i = 0; i < p->n_groups; i++)
		if (fb_profile_values(&p->groups[i], run)->n && budget_is_of(b, &p->groups[i].key))
			return true;
	return false;
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

static void find_value(struct check *c, const struct fb_profile *p, size_t run,
		       const struct fb_profile_group *all, const struct fb_profile_values *values)
{
	double found = measure(c->budget, values, fb_profile_run_length(p->runs[run]));

	if (c->run && found <= c->found)
		return;
	c->found = found;
	c->run = p->runs[run];
	c->waits = values->n;
	c->n_worst = find_worst(p, all, c->worst);
}

/* Returns what speaks against it in that run, or HELD. */
static enum check_outcome check_run(struct check *c, const struct checks *of, size_t run)
{
	g_autoptr(GArray) shares = shares_of(c->budget, of->profile, run);
	const struct fb_profile_group all = { .shares = (const void *)shares->data,
					      .n_shares = shares->len };
	struct fb_profile_values values = fb_profile_sum(&all);
	bool counts = of->strict ? !values.uncertain : values_count(&values), has_waits = values.n;
	const char *event = budget_blinded_by(c->budget, of->profile->runs[run]->missing);

	if (has_waits)
		find_value(c, of->profile, run, &all, &values);
	fb_profile_values_clear(&values);
	if (!counts)
		return CHECK_UNCOUNTED;
	if (!is_seen(c->budget, of->profile, run)) {
		c->unseen++;
		return CHECK_UNSEEN;
	}
	if (has_waits || !event)
		return CHECK_HELD;
	c->unrecorded = c->unrecorded ? c->unrecorded : event;
	return CHECK_UNRECORDED;
}

/* What is broken by the waits that count is so whatever the others were. */
static struct check *check_new(const struct checks *of, const struct budget *b)
{
	struct check *c = g_new0(struct check, 1);

	c->budget = b;
	c->runs = of->profile->n_runs;
	for (size_t run = 0; run < of->profile->n_runs; run++) {
		enum check_outcome outcome = check_run(c, of, run);

		c->outcome = MAX(c->outcome, outcome);
	}
	if (c->run && (b->or_equal ? c->found > b->limit : c->found >= b->limit))
		c->outcome = CHECK_BROKEN;
	else if (!c->run && c->outcome == CHECK_HELD)
		c->outcome = CHECK_UNMATCHED;
	return c;
}

struct checks *checks_new(const GPtrArray *budgets, const char *file, bool strict,
			  const struct fb_profile *profile, const GPtrArray *missing)
{
	struct checks *c = g_new0(struct checks, 1);

	*c = (struct checks){
		.file = file, .strict = strict, .profile = profile,
		.all = g_ptr_array_new_with_free_func(check_free),
		.lacks = g_ptr_array_new_with_free_func(g_free),
	};
	for (guint i = 0; missing && i < missing->len; i++)
		g_ptr_array_add(c->lacks, g_strdup(missing->pdata[i]));
	find_lacks(profile, "", c->lacks->len > 0, c->lacks);
	for (guint i = 0; i < budgets->len; i++)
		g_ptr_array_add(c->all, check_new(c, g_ptr_array_index(budgets, i)));
	return c;
}

void checks_free(struct checks *c)
{
	if (!c)
		return;
	g_ptr_array_unref(c->all);
	g_ptr_array_unref(c->lacks);
	g_free(c);
}

bool check_is_broken(const struct checks *c, const struct check *one)
{
	return one->outcome == CHECK_BROKEN || (c->strict && one->outcome == CHECK_UNMATCHED);
}

bool check_is_open(const struct check *one)
{
	return one->outcome == CHECK_UNSEEN || one->outcome == CHECK_UNCOUNTED ||
	       one->outcome == CHECK_UNRECORDED;
}

enum check_verdict checks_verdict(const struct checks *c)
{
	enum check_verdict verdict = CHECKS_HELD;

	if (c->lacks->len)
		return CHECKS_OPEN;
	for (guint i = 0; i < c->all->len; i++)
		if (check_is_broken(c, check_at(c, i)))
			return CHECKS_BROKEN;
		else if (check_is_open(check_at(c, i)))
			verdict = CHECKS_OPEN;
	return verdict;
}
