/* SPDX-License-Identifier: MIT */
/*
 * compare.c - a verdict on each group of waits.
 *
 *	groups of both sides -> a value for each run -> what can be tested -> p -> Holm -> verdict
 *
 * What is tested is chosen by all runs together, without regard to which side they are on:
 * then it does not depend on the outcome, and the tests stay what they promise.
 */
#include "compare/compare.h"

#include <math.h>

#include <flightbox/event.h>

#include "compare/grounds.h"
#include "compare/hung.h"

#define LEVEL 0.95 /* of intervals */

/* So much of alpha is for the question whether runs hang, where that is asked; the rest for all others. */
#define HUNG_SHARE 0.3

/* A value so often the median of all runs is far off; of so many runs one may be, and is left out. */
#define FAR_OFF	 5
#define RUNS_FOR_ONE 4

/* A percentile of fewer waits than that is but the longest one, or another way to say the total. */
static const struct {
	const char *name;
	double percent;
	double waits; /* per run */
} measures[MEASURES] = {
	[MEASURE_TOTAL] = { "total", 0, 0 },
	[MEASURE_P50] = { "p50", 50, 4 },
	[MEASURE_P95] = { "p95", 95, 20 },
	[MEASURE_P99] = { "p99", 99, 100 },
};

const char *measure_name(enum measure measure)
{
	return measures[measure].name;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_SAME] = "same",
		[VERDICT_BETTER] = "better",
		[VERDICT_WORSE] = "worse",
		[VERDICT_HUNG] = "hung",
		[VERDICT_MOVED] = "moved",
		[VERDICT_UNKNOWN] = "not enough data",
	};

	return names[verdict];
}

/* ---- the values of runs ------------------------------------------------------------------- */

/* Of one measure of one group. */
struct values {
	double *of[SIDES];
	unsigned n[SIDES];
};

static struct sample sample_of(const struct values *v, enum side side)
{
	return (struct sample){ v->of[side], v->n[side] };
}

/* What a run's sums are multiplied by. */
static double scale_of(const struct comparison *c, enum side side, size_t run)
{
	fb_ns length = fb_profile_run_length(c->side[side]->runs[run]);

	return c->options.per_second && length > 0 ? 1e9 / length : 1;
}

static const struct fb_profile_values *values_in(const struct compared *g, enum side side,
						 size_t run)
{
	return g->group[side] ? fb_profile_values(g->group[side], run) : NULL;
}

static void get_counts(const struct comparison *c, const struct compared *g, struct values *to)
{
	for (enum side side = BASE; side < SIDES; side++) {
		to->n[side] = c->side[side]->n_runs;
		for (unsigned i = 0; i < to->n[side]; i++) {
			const struct fb_profile_values *v = values_in(g, side, i);

			to->of[side][i] = v ? v->n * scale_of(c, side, i) : 0;
		}
	}
}

/* A run without any such wait has none of its percentiles. */
static void get_values(const struct comparison *c, const struct compared *g, enum measure measure,
		       struct values *to)
{
	for (enum side side = BASE; side < SIDES; side++) {
		to->n[side] = 0;
		for (size_t i = 0; i < c->side[side]->n_runs; i++) {
			const struct fb_profile_values *v = values_in(g, side, i);
			bool has_any = v && v->n;
			double *next = &to->of[side][to->n[side]];

			if (measure != MEASURE_TOTAL && !has_any)
				continue;
			to->n[side]++;
			if (measure == MEASURE_TOTAL)
				*next = has_any ? v->asleep * scale_of(c, side, i) : 0;
			else
				*next = fb_profile_percentile(v, measures[measure].percent);
		}
	}
}

/* Over all runs of both sides. */
static double median_of_all(const struct values *v)
{
	unsigned n = v->n[BASE] + v->n[NEW];
	g_autofree double *all = g_new(double, n);

	memcpy(all, v->of[BASE], v->n[BASE] * sizeof(double));
	memcpy(all + v->n[BASE], v->of[NEW], v->n[NEW] * sizeof(double));
	return sample_median((struct sample){ all, n });
}

/*
 * A run that is far off stands at the end of all ranks, and hides what all others say. Single ones are
 * left out, whichever side they are on: how many may be depends on numbers of runs alone.
 */
static void leave_out_far_ones(struct values *v)
{
	double limit = FAR_OFF * median_of_all(v);
	unsigned left[SIDES] = { 0 }, most = MIN(v->n[BASE], v->n[NEW]) / RUNS_FOR_ONE;

	for (enum side side = BASE; side < SIDES; side++)
		for (unsigned i = 0; i < v->n[side]; i++)
			left[side] += v->of[side][i] >= limit;
	if (limit <= 0 || left[BASE] + left[NEW] > most)
		return;
	for (enum side side = BASE; side < SIDES; side++) {
		unsigned n = 0;

		for (unsigned i = 0; i < v->n[side]; i++)
			if (v->of[side][i] < limit)
				v->of[side][n++] = v->of[side][i];
		v->n[side] = n;
	}
}

static void find_range(const struct values *v, double *min, double *max)
{
	*min = INFINITY;
	*max = -INFINITY;
	for (enum side side = BASE; side < SIDES; side++)
		for (unsigned i = 0; i < v->n[side]; i++) {
			*min = MIN(*min, v->of[side][i]);
			*max = MAX(*max, v->of[side][i]);
		}
}

/* ---- one measure of one group ------------------------------------------------------------- */

/*
 * What a change of so much costs a run. A percentile's change is that of all waits which
 * are as long or longer.
 */
static double cost_of(enum measure measure, double change, double waits)
{
	if (measure == MEASURE_TOTAL)
		return change;
	return change * waits * (1 - measures[measure].percent / 100);
}

/*
 * Medians cannot differ by more than the runs do: where even these differ by less than would
 * count, there is nothing to ask.
 */
static bool is_worth_a_test(const struct comparison *c, const struct values *v,
			    enum measure measure, double waits)
{
	double min, max;

	if (waits < measures[measure].waits)
		return false;
	find_range(v, &min, &max);
	return max > min && cost_of(measure, max - min, waits) >= c->options.min_time &&
	       max - min >= min * c->options.min_effect;
}

static struct shift shift_of(const struct comparison *c, struct sample base, struct sample new)
{
	struct shift_order order = c->order;

	if (base.n != order.n || new.n != order.m)
		order = shift_order(base.n, new.n, LEVEL);
	return sample_shift(base, new, &order);
}

static bool all_runs_have(const struct comparison *c, const struct values *v)
{
	return v->n[BASE] == c->side[BASE]->n_runs && v->n[NEW] == c->side[NEW]->n_runs;
}

static void compare_measure(struct comparison *c, struct compared *g, enum measure measure,
			    struct values *v, double waits)
{
	struct change *change = &g->by[measure];
	struct sample base, new;

	for (enum side side = BASE; side < SIDES; side++)
		change->median[side] = v->n[side] ? sample_median(sample_of(v, side)) : NAN;
	change->effect = (change->median[NEW] - change->median[BASE]) / change->median[BASE];
	if (!g->counts || !all_runs_have(c, v))
		return;
	leave_out_far_ones(v);
	change->is_tested = is_worth_a_test(c, v, measure, waits);
	if (!change->is_tested)
		return;
	base = sample_of(v, BASE);
	new = sample_of(v, NEW);
	c->tests++;
	change->p = difference_p(base, new);
	change->delta = cliffs_delta(base, new);
	change->shift = shift_of(c, base, new);
}

/* Whether it is beyond the noise, in either direction; by an estimate that no single run sways. */
static bool counts(const struct comparison *c, const struct change *change, enum measure measure,
		   double waits)
{
	double by = fabs(change->shift.estimate);

	return cost_of(measure, by, waits) >= c->options.min_time &&
	       by >= change->median[BASE] * c->options.min_effect && by > 0;
}

/* ---- groups ------------------------------------------------------------------------------- */

static uint64_t uncertain_of(const struct fb_profile_group *group)
{
	uint64_t uncertain = 0;

	for (size_t i = 0; group && i < group->n_shares; i++)
		uncertain += group->shares[i].values->uncertain;
	return uncertain;
}

static void add_group(struct comparison *c, const struct fb_profile_group *base,
		      const struct fb_profile_group *new)
{
	struct compared g = {
		.key = base ? &base->key : &new->key,
		.group = { base, new },
		.uncertain = { uncertain_of(base), uncertain_of(new) },
		.counts = group_counts(base) && group_counts(new),
	};

	g_array_append_val(c->groups, g);
	c->uncounted += !g.counts;
}

/* Both sides have their groups in the same order. */
static void join_groups(struct comparison *c)
{
	const struct fb_profile *base = c->side[BASE], *new = c->side[NEW];
	size_t i = 0, k = 0;

	while (i < base->n_groups || k < new->n_groups) {
		int order = i == base->n_groups ? 1 :
			    k == new->n_groups	? -1 :
						  fb_profile_key_compare(&base->groups[i].key,
									 &new->groups[k].key);

		add_group(c, order <= 0 ? &base->groups[i] : NULL,
			  order >= 0 ? &new->groups[k] : NULL);
		i += order <= 0;
		k += order >= 0;
	}
}

static bool is_like(const char *a, const char *b)
{
	return a && b ? fb_syscall_does_as(fb_syscall_get(a), fb_syscall_get(b)) : a == b;
}

/*
 * Whether both are of the same threads and causes, in calls that do the same. A program that
 * wakes others may have another name now.
 */
static bool is_moved(const struct fb_profile_key *from, const struct fb_profile_key *to)
{
	struct fb_profile_key there = *from;

	there.syscall = to->syscall;
	if (from->kind == FB_CAUSE_TASK)
		there.name = to->name;
	return !fb_profile_key_compare(&there, to) && is_like(from->syscall, to->syscall);
}

/* The one group without that side that the other may have moved to or from; NULL: none, or several. */
static struct compared *find_other(struct comparison *c, const struct compared *g, enum side without)
{
	struct compared *found = NULL;

	for (guint i = 0; i < c->groups->len; i++) {
		struct compared *other = &g_array_index(c->groups, struct compared, i);

		if (other->group[without] || !is_moved(g->key, other->key))
			continue;
		if (found)
			return NULL;
		found = other;
	}
	return found;
}

/* A group of the base alone and one of the new side alone may be one. */
static void join_moved(struct comparison *c)
{
	guint i = 0;

	while (i < c->groups->len) {
		struct compared *from = &g_array_index(c->groups, struct compared, i), *to = NULL;

		if (!from->group[NEW])
			to = find_other(c, from, BASE);
		if (!to || find_other(c, to, NEW) != from) {
			i++;
			continue;
		}
		to->was = from->key;
		to->group[BASE] = from->group[BASE];
		to->uncertain[BASE] = from->uncertain[BASE];
		c->uncounted -= !to->counts;
		c->uncounted -= !from->counts;
		to->counts &= from->counts;
		c->uncounted += !to->counts;
		g_array_remove_index(c->groups, i);
	}
}

static struct compared *group_at(struct comparison *c, size_t i)
{
	return &g_array_index(c->groups, struct compared, i);
}

static void compare_group(struct comparison *c, struct compared *g, struct values *scratch)
{
	double waits;

	get_counts(c, g, scratch);
	waits = median_of_all(scratch);
	for (enum side side = BASE; side < SIDES; side++)
		g->count[side] = sample_median(sample_of(scratch, side));
	for (enum measure m = 0; m < MEASURES; m++) {
		get_values(c, g, m, scratch);
		compare_measure(c, g, m, scratch, waits);
		/* Holm's correction leaves the verdict to be made or not. */
		if (g->by[m].is_tested && counts(c, &g->by[m], m, waits))
			g->by[m].verdict = g->by[m].shift.estimate < 0 ? VERDICT_BETTER :
									 VERDICT_WORSE;
	}
	g->added = g->by[MEASURE_TOTAL].median[NEW] - g->by[MEASURE_TOTAL].median[BASE];
}

static void compare_groups(struct comparison *c)
{
	struct values scratch;

	for (enum side side = BASE; side < SIDES; side++)
		scratch.of[side] = g_new(double, c->side[side]->n_runs);
	for (size_t i = 0; i < c->groups->len; i++)
		compare_group(c, group_at(c, i), &scratch);
	for (enum side side = BASE; side < SIDES; side++)
		g_free(scratch.of[side]);
}

/* ---- verdicts ----------------------------------------------------------------------------- */

/* Calls for each change that was tested, in an order that is always the same. */
static void each_test(struct comparison *c, double *p, void (*func)(struct change *, double *))
{
	for (size_t i = 0; i < c->groups->len; i++)
		for (enum measure m = 0; m < MEASURES; m++)
			if (group_at(c, i)->by[m].is_tested)
				func(&group_at(c, i)->by[m], p++);
}

static void take_p(struct change *change, double *p)
{
	*p = change->p;
}

static void put_adjusted(struct change *change, double *p)
{
	change->adjusted = *p;
}

static void adjust(struct comparison *c)
{
	g_autofree double *p = g_new(double, c->tests), *adjusted = g_new(double, c->tests);

	each_test(c, p, take_p);
	holm(p, adjusted, c->tests);
	/* Once it is found that runs hang, the others get that share of alpha, too. */
	c->hung.adjusted = MIN(c->hung.p / HUNG_SHARE, 1);
	if (c->hung.is_tested && c->hung.adjusted > c->options.alpha)
		for (size_t i = 0; i < c->tests; i++)
			adjusted[i] = MIN(adjusted[i] / (1 - HUNG_SHARE), 1);
	each_test(c, adjusted, put_adjusted);
}

/* Whether so many runs could have come to a verdict. */
static bool runs_suffice(const struct comparison *c)
{
	bool is_shared = c->hung.is_tested && c->hung.adjusted > c->options.alpha;
	double share = is_shared ? 1 - HUNG_SHARE : 1;

	return c->smallest_p * MAX(c->tests, 1) <= c->options.alpha * share;
}

/* How many more new runs than base runs hang in it. */
static int more_hang(const struct compared *g)
{
	return (int)g->hung_runs[NEW] - (int)g->hung_runs[BASE];
}

/* Half of the runs that hang, or what the group has in which most do. */
static int hung_runs_wanted(const struct comparison *c)
{
	int most = 0;

	for (guint i = 0; i < c->groups->len; i++)
		most = MAX(most, more_hang(&g_array_index(c->groups, struct compared, i)));
	return MIN(most, (int)(c->hung.runs + 1) / 2);
}

/*
 * Whether it is among those that the runs that hang do it in. A wait that the base has not and all
 * new runs have is what a new program does.
 */
static bool hangs(const struct comparison *c, const struct compared *g)
{
	return c->hung.adjusted <= c->options.alpha && more_hang(g) > 0 &&
	       more_hang(g) >= c->hung.wanted &&
	       (g->group[BASE] || g->hung_runs[NEW] < c->side[NEW]->n_runs);
}

/* Worse in any measure is worse, whatever became better. */
static void judge_group(struct comparison *c, struct compared *g)
{
	bool is_tested = false;
	double surest = INFINITY;

	for (enum measure m = 0; m < MEASURES; m++) {
		struct change *change = &g->by[m];
		bool is_worse;

		if (!change->is_tested)
			continue;
		is_tested = true;
		if (change->adjusted > c->options.alpha)
			change->verdict = c->can_tell ? VERDICT_SAME : VERDICT_UNKNOWN;
		if (change->verdict != VERDICT_WORSE && change->verdict != VERDICT_BETTER)
			continue;
		is_worse = change->verdict == VERDICT_WORSE && g->verdict != VERDICT_WORSE;
		if (g->verdict == VERDICT_SAME || is_worse ||
		    (g->verdict == change->verdict && change->adjusted < surest)) {
			g->verdict = change->verdict;
			g->reason = m;
			surest = change->adjusted;
		}
	}
	if (hangs(c, g)) {
		g->verdict = VERDICT_HUNG;
		g->hung_p = c->hung.adjusted;
	}
	is_tested |= g->verdict == VERDICT_HUNG;
	c->tested += is_tested;
	if ((is_tested && !c->can_tell && g->verdict == VERDICT_SAME) || !g->counts ||
	    c->lacks->len)
		g->verdict = VERDICT_UNKNOWN;
	if (g->was && g->verdict == VERDICT_SAME)
		g->verdict = VERDICT_MOVED;
	c->of[g->verdict]++;
}

/*
 * What to look at first. Waits outside of system calls come last: most are those of kernel threads,
 * which wait for work all the time, now for this and now for that.
 */
static int compare_places(const void *a, const void *b)
{
	static const int places[] = { [VERDICT_HUNG] = 0,   [VERDICT_WORSE] = 1,
				      [VERDICT_UNKNOWN] = 2, [VERDICT_BETTER] = 3,
				      [VERDICT_MOVED] = 4,  [VERDICT_SAME] = 5 };
	const struct compared *x = a, *y = b;

	if (x->verdict != y->verdict)
		return places[x->verdict] - places[y->verdict];
	if (!x->key->syscall != !y->key->syscall)
		return x->key->syscall ? -1 : 1;
	if (x->added != y->added)
		return x->added < y->added ? 1 : -1;
	return fb_profile_key_compare(x->key, y->key);
}

static void find_what_lacks(struct comparison *c)
{
	const GPtrArray *missing = c->options.missing;

	for (guint i = 0; missing && i < missing->len; i++)
		g_ptr_array_add(c->lacks, g_strdup(missing->pdata[i]));
	find_lacks(c->side[BASE], "base ", missing && missing->len, c->lacks);
	find_lacks(c->side[NEW], "new ", missing && missing->len, c->lacks);
	if (!c->options.strict)
		return;
	find_uncounted(c->side[BASE], "base ", c->lacks);
	find_uncounted(c->side[NEW], "new ", c->lacks);
}

struct comparison *comparison_new(const struct fb_profile *base, const struct fb_profile *new,
				  const struct compare_options *options)
{
	struct comparison *c = g_new0(struct comparison, 1);

	c->side[BASE] = base;
	c->side[NEW] = new;
	c->options = *options;
	c->groups = g_array_new(FALSE, TRUE, sizeof(struct compared));
	c->warnings = g_ptr_array_new_with_free_func(g_free);
	c->lacks = g_ptr_array_new_with_free_func(g_free);
	c->order = shift_order(base->n_runs, new->n_runs, LEVEL);
	find_what_lacks(c);
	join_groups(c);
	join_moved(c);
	compare_groups(c);
	find_hangs(c);
	adjust(c);
	c->smallest_p = smallest_p(base->n_runs, new->n_runs);
	c->can_tell = !c->lacks->len && runs_suffice(c);
	c->needed = runs_needed(options->alpha, c->tests);
	c->hung.wanted = hung_runs_wanted(c);
	for (size_t i = 0; i < c->groups->len; i++)
		judge_group(c, group_at(c, i));
	g_array_sort(c->groups, compare_places);
	find_warnings(c);
	return c;
}

void comparison_free(struct comparison *c)
{
	if (!c)
		return;
	g_array_unref(c->groups);
	g_ptr_array_unref(c->warnings);
	g_ptr_array_unref(c->lacks);
	g_free(c);
}
