/* SPDX-License-Identifier: MIT */
/* measures.c - the runs' values of each measure, and what differs between both sides' beyond the noise. */
#include "compare/measures.h"

#include <math.h>

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

double scale_of(const struct comparison *c, enum side side, size_t run)
{
	fb_ns length = fb_profile_run_length(c->side[side]->runs[run]);

	return c->options.per_second && length > 0 ? 1e9 / length : 1;
}

const struct fb_profile_values *values_in(const struct compared *g, enum side side,
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

double measure_of(const struct comparison *c, enum side side, size_t run, enum measure measure,
		  const struct fb_profile_values *v)
{
	if (measure != MEASURE_TOTAL)
		return v && v->n ? fb_profile_percentile(v, measures[measure].percent) : NAN;
	return v && v->n ? v->asleep * scale_of(c, side, run) : 0;
}

/* A run without any such wait has none of its percentiles. */
static void get_values(const struct comparison *c, const struct compared *g, enum measure measure,
		       struct values *to)
{
	for (enum side side = BASE; side < SIDES; side++) {
		to->n[side] = 0;
		for (size_t i = 0; i < c->side[side]->n_runs; i++) {
			double value = measure_of(c, side, i, measure, values_in(g, side, i));

			if (!isnan(value))
				to->of[side][to->n[side]++] = value;
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

double cost_of(enum measure measure, double change, double waits)
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
			    enum measure measure, double waits, double *promise)
{
	double min, max, cost;

	find_range(v, &min, &max);
	if (waits < measures[measure].waits || max <= min)
		return false;
	cost = cost_of(measure, max - min, waits);
	*promise = cost * (max - min) / max;
	return cost >= c->options.min_time && max - min >= min * c->options.min_effect;
}

struct shift shift_of(const struct comparison *c, struct sample base, struct sample new)
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
	change->is_tested = is_worth_a_test(c, v, measure, waits, &change->promise);
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

/* ---- all of a group ----------------------------------------------------------------------- */

static void measure_group(struct comparison *c, struct compared *g, struct values *scratch)
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

void measure_groups(struct comparison *c)
{
	struct values scratch;

	for (enum side side = BASE; side < SIDES; side++)
		scratch.of[side] = g_new(double, c->side[side]->n_runs);
	for (size_t i = 0; i < c->groups->len; i++)
		measure_group(c, &g_array_index(c->groups, struct compared, i), &scratch);
	for (enum side side = BASE; side < SIDES; side++)
		g_free(scratch.of[side]);
}

