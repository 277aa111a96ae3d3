/* SPDX-License-Identifier: MIT */
/*
 * causes.c - waits of one call that are ended by another cause than they were.
 *
 *	epoll_wait, NET_RX   1000 ms -> 940 ms
 *	epoll_wait, TIMER      50 ms -> 110 ms      the call waits as long as before, and for as long each time
 *
 * A loop that is woken now by a packet and now by its timer has some of both. That the one takes from the
 * other is no regression, unless the call's waits get longer.
 */
#include "compare/causes.h"

#include <math.h>

#include "compare/measures.h"

/* A call's time may change by that share of the group's, and the group's has moved all the same. */
#define STAYS 0.5

/* All causes of one call, and all but one. */
struct call {
	const struct comparison *c;
	const struct compared *group; /* the one */
	GPtrArray *others;            /* struct compared */
	unsigned n[SIDES];
	struct fb_profile_values *all[SIDES]; /* run by run */
	double *values[SIDES];                /* scratch */
};

static bool is_of_call(const struct compared *g, const struct compared *other)
{
	return other != g && other->counts && !strcmp(g->key->command, other->key->command) &&
	       !strcmp(g->key->thread, other->key->thread) &&
	       !g_strcmp0(g->key->syscall, other->key->syscall);
}

/* What a run has of all its causes. */
static struct fb_profile_values sum_of_run(const struct call *call, enum side side, size_t run)
{
	g_autofree struct fb_profile_share *shares = g_new(struct fb_profile_share, call->others->len + 1);
	struct fb_profile_group group = { .shares = shares };

	for (guint i = 0; i <= call->others->len; i++) {
		const struct compared *g = i < call->others->len ? call->others->pdata[i] : call->group;
		const struct fb_profile_values *v = values_in(g, side, run);

		if (v)
			shares[group.n_shares++] = (struct fb_profile_share){ run, v };
	}
	return fb_profile_sum(&group);
}

static void call_init(struct call *call, const struct comparison *c, const struct compared *g)
{
	*call = (struct call){ .c = c, .group = g, .others = g_ptr_array_new() };
	for (guint i = 0; i < c->groups->len; i++)
		if (is_of_call(g, compared_at(c, i)))
			g_ptr_array_add(call->others, (void *)compared_at(c, i));
	for (enum side side = BASE; side < SIDES; side++) {
		call->n[side] = c->side[side]->n_runs;
		call->all[side] = g_new(struct fb_profile_values, call->n[side]);
		call->values[side] = g_new(double, call->n[side]);
		for (unsigned i = 0; i < call->n[side]; i++)
			call->all[side][i] = sum_of_run(call, side, i);
	}
}

static void call_clear(struct call *call)
{
	for (enum side side = BASE; side < SIDES; side++) {
		for (unsigned i = 0; i < call->n[side]; i++)
			fb_profile_values_clear(&call->all[side][i]);
		g_free(call->all[side]);
		g_free(call->values[side]);
	}
	g_ptr_array_unref(call->others);
}

static struct sample values_of(const struct call *call, enum side side)
{
	return (struct sample){ call->values[side], call->n[side] };
}

typedef double (*value_func)(const struct call *call, enum side side, size_t run, enum measure measure,
			     const struct fb_profile_values *v);

static double measured(const struct call *call, enum side side, size_t run, enum measure measure,
		       const struct fb_profile_values *v)
{
	return measure_of(call->c, side, run, measure, v);
}

static double counted(const struct call *call, enum side side, size_t run, enum measure measure,
		      const struct fb_profile_values *v)
{
	(void)measure;
	return v ? v->n * scale_of(call->c, side, run) : 0;
}

/* Of all causes, of all but the group's, or of that. */
enum whose { ALL, OTHERS, OWN };

/* The shift of a value. False: a run has none. */
static bool shift(const struct call *call, value_func value, enum measure measure, enum whose whose,
		  struct shift *to)
{
	for (enum side side = BASE; side < SIDES; side++)
		for (unsigned i = 0; i < call->n[side]; i++) {
			const struct fb_profile_values *own = values_in(call->group, side, i);
			double x = whose == OWN ? 0 : value(call, side, i, measure, &call->all[side][i]);

			if (whose != ALL)
				x = fabs(x - value(call, side, i, measure, own));
			if (isnan(x))
				return false;
			call->values[side][i] = x;
		}
	*to = shift_of(call->c, values_of(call, BASE), values_of(call, NEW));
	return true;
}

/* Whether all causes together may have changed in that direction, beyond the noise. */
static bool may_have_changed(const struct call *call, enum measure measure, bool is_more)
{
	struct shift s;
	double waits, by;

	shift(call, counted, MEASURE_TOTAL, ALL, &s);
	waits = sample_median(values_of(call, BASE));
	if (!shift(call, measured, measure, ALL, &s))
		return false;
	by = fabs(s.estimate);
	return (is_more ? s.low > 0 : s.high < 0) &&
	       cost_of(measure, by, waits) >= call->c->options.min_time &&
	       by >= sample_median(values_of(call, BASE)) * call->c->options.min_effect;
}

/* Whether what the group has more the others have less, and all have the same. */
static bool has_moved(const struct call *call, value_func value)
{
	struct shift own, others, all;

	return shift(call, value, MEASURE_TOTAL, OWN, &own) &&
	       shift(call, value, MEASURE_TOTAL, OTHERS, &others) &&
	       shift(call, value, MEASURE_TOTAL, ALL, &all) &&
	       (own.estimate > 0 ? others.high < 0 : others.low > 0) &&
	       fabs(all.estimate) <= STAYS * fabs(own.estimate);
}

/* By time, or by number where times vary more. */
static bool moved(const struct call *call)
{
	bool is_more = call->group->by[MEASURE_TOTAL].shift.estimate > 0;

	if (!has_moved(call, measured) && !has_moved(call, counted))
		return false;
	for (enum measure m = 0; m < MEASURES; m++)
		if (may_have_changed(call, m, is_more))
			return false;
	return true;
}

bool moved_among_causes(const struct comparison *c, const struct compared *g)
{
	struct call call;
	bool has_moved;

	for (enum measure m = MEASURE_TOTAL + 1; m < MEASURES; m++)
		if (g->by[m].is_tested && g->by[m].verdict == g->verdict)
			return false;
	if (!g->by[MEASURE_TOTAL].is_tested)
		return false;
	call_init(&call, c, g);
	has_moved = call.others->len && moved(&call);
	call_clear(&call);
	return has_moved;
}
