/* SPDX-License-Identifier: MIT */
/* values.c - what waits have in common: sums of it, percentiles. All whole numbers. */
#include <math.h>

#include "profile/runs.h"

/* Negative when `a` is the worse one. */
static int compare_waits(const struct fb_profile_wait *a, const struct fb_profile_wait *b)
{
	if (a->asleep != b->asleep)
		return a->asleep > b->asleep ? -1 : 1;
	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->tid < b->tid ? -1 : a->tid > b->tid;
}

void values_add_worst(struct fb_profile_values *v, const struct fb_profile_wait *wait)
{
	size_t at = v->n_worst;

	while (at && compare_waits(wait, &v->worst[at - 1]) < 0)
		at--;
	if (at == FB_PROFILE_WORST)
		return;
	if (v->n_worst < FB_PROFILE_WORST)
		v->n_worst++;
	memmove(&v->worst[at + 1], &v->worst[at], (v->n_worst - at - 1) * sizeof(*wait));
	v->worst[at] = *wait;
}

/* Both by bucket, and so is what comes out. */
static void add_buckets(struct fb_profile_values *to, const struct fb_profile_values *from)
{
	struct fb_profile_bucket *sum =
		g_new(struct fb_profile_bucket, to->n_buckets + from->n_buckets);
	size_t n = 0, a = 0, b = 0;

	while (a < to->n_buckets || b < from->n_buckets) {
		const struct fb_profile_bucket *x = &to->buckets[a], *y = &from->buckets[b];

		if (b == from->n_buckets || (a < to->n_buckets && x->bucket < y->bucket)) {
			sum[n++] = *x;
			a++;
		} else if (a == to->n_buckets || y->bucket < x->bucket) {
			sum[n++] = *y;
			b++;
		} else {
			sum[n++] = (struct fb_profile_bucket){ x->bucket, add_capped(x->n, y->n) };
			a++;
			b++;
		}
	}
	fb_profile_values_clear(to);
	to->buckets = sum;
	to->n_buckets = n;
}

void values_add(struct fb_profile_values *to, const struct fb_profile_values *from)
{
	to->uncertain = add_capped(to->uncertain, from->uncertain);
	to->uncertain_asleep = add_capped(to->uncertain_asleep, from->uncertain_asleep);
	if (!from->n)
		return;
	to->min = to->n ? MIN(to->min, from->min) : from->min;
	to->max = to->n ? MAX(to->max, from->max) : from->max;
	to->n = add_capped(to->n, from->n);
	to->asleep = add_capped(to->asleep, from->asleep);
	to->ready = add_capped(to->ready, from->ready);
	add_buckets(to, from);
	for (size_t i = 0; i < from->n_worst; i++)
		values_add_worst(to, &from->worst[i]);
}

void fb_profile_values_clear(struct fb_profile_values *values)
{
	g_free((struct fb_profile_bucket *)values->buckets);
	values->buckets = NULL;
	values->n_buckets = 0;
}

struct fb_profile_values fb_profile_sum(const struct fb_profile_group *group)
{
	struct fb_profile_values sum = { 0 };

	for (size_t i = 0; i < group->n_shares; i++)
		values_add(&sum, group->shares[i].values);
	return sum;
}

fb_ns fb_profile_percentile(const struct fb_profile_values *values, double percent)
{
	uint64_t rank = ceil(values->n * percent / 100), seen = 0;

	if (!values->n)
		return FB_NS_NONE;
	rank = CLAMP(rank, 1, values->n);
	for (size_t i = 0; i < values->n_buckets; i++) {
		seen += values->buckets[i].n;
		if (seen >= rank)
			return CLAMP(fb_stats_bucket_middle(values->buckets[i].bucket),
				     values->min, values->max);
	}
	return values->max;
}
