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

#include "compare/causes.h"
#include "compare/grounds.h"
#include "compare/hung.h"
#include "compare/measures.h"
#include "compare/pairs.h"

/* So much of alpha is for the question whether runs hang, where that is asked; the rest for all others. */
#define HUNG_SHARE 0.3

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

static struct compared *group_at(struct comparison *c, size_t i)
{
	return &g_array_index(c->groups, struct compared, i);
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

/* What of alpha is left for them: once it is found that runs hang, they get that share, too. */
static double share_of_tests(const struct comparison *c)
{
	return c->hung.is_tested && c->hung.adjusted > c->options.alpha ? 1 - HUNG_SHARE : 1;
}

static void adjust(struct comparison *c)
{
	g_autofree double *p = g_new(double, c->tests), *adjusted = g_new(double, c->tests);

	each_test(c, p, take_p);
	holm(p, adjusted, c->tests);
	for (size_t i = 0; i < c->tests; i++)
		adjusted[i] = MIN(adjusted[i] / share_of_tests(c), 1);
	each_test(c, adjusted, put_adjusted);
}

/* How many tests so many runs can come to a verdict by. */
static double tests_allowed(const struct comparison *c)
{
	return floor(c->options.alpha * share_of_tests(c) / c->smallest_p);
}

/* ---- which tests are made ----------------------------------------------------------------- */

static int compare_promises(const void *a, const void *b)
{
	double x = (*(struct change *const *)a)->promise, y = (*(struct change *const *)b)->promise;

	return (x < y) - (x > y);
}

static void leave_out(struct change *change)
{
	change->is_tested = false;
	change->is_left_out = true;
	change->verdict = VERDICT_SAME;
}

/*
 * Where there are more than the runs allow, none could come to a verdict: those are made in which the runs,
 * whichever side they are on, differ most. What differs little has little to hide.
 */
static void choose_tests(struct comparison *c)
{
	double allowed = tests_allowed(c);
	g_autoptr(GPtrArray) tests = g_ptr_array_new();

	if (allowed < 1 || c->tests <= allowed)
		return;
	for (size_t i = 0; i < c->groups->len; i++)
		for (enum measure m = 0; m < MEASURES; m++)
			if (group_at(c, i)->by[m].is_tested)
				g_ptr_array_add(tests, &group_at(c, i)->by[m]);
	g_ptr_array_sort(tests, compare_promises);
	for (size_t i = allowed; i < tests->len; i++)
		leave_out(tests->pdata[i]);
	c->left_out = c->tests - (size_t)allowed;
	c->tests = allowed;
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
	bool is_tested = false, is_left_out = false;
	double surest = INFINITY;

	for (enum measure m = 0; m < MEASURES; m++) {
		struct change *change = &g->by[m];
		bool is_worse;

		is_left_out |= change->is_left_out;
		if (!change->is_tested)
			continue;
		is_tested = true;
		if (change->adjusted > c->options.alpha)
			change->verdict = c->decides ? VERDICT_SAME : VERDICT_UNKNOWN;
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
	if ((g->verdict == VERDICT_WORSE || g->verdict == VERDICT_BETTER) && moved_among_causes(c, g))
		g->verdict = VERDICT_MOVED;
	if (hangs(c, g)) {
		g->verdict = VERDICT_HUNG;
		g->hung_p = c->hung.adjusted;
	}
	is_tested |= g->verdict == VERDICT_HUNG;
	c->tested += is_tested || is_left_out;
	if ((g->verdict == VERDICT_SAME && (is_left_out || (is_tested && !c->decides))) || !g->counts ||
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
	pair_groups(c);
	measure_groups(c);
	find_hangs(c);
	c->hung.adjusted = MIN(c->hung.p / HUNG_SHARE, 1);
	c->smallest_p = smallest_p(base->n_runs, new->n_runs);
	choose_tests(c);
	adjust(c);
	c->decides = !c->lacks->len && tests_allowed(c) >= MAX(c->tests, 1);
	c->can_tell = c->decides && !c->left_out;
	c->needed = runs_needed(options->alpha, c->tests + c->left_out);
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
