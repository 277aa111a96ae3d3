/* SPDX-License-Identifier: MIT */
/* stats.c - count, sum, deviation and percentiles of durations. */
#include <math.h>
#include <stdlib.h>

#include <glib.h>

#include <flightbox/stats.h>

#define SUB_BITS 6 /* 64 buckets for each power of two */

/* The six bits behind the leading one, and where that stands. */
unsigned int fb_stats_bucket(fb_ns duration)
{
	uint64_t n = MAX(duration, 0);
	int shift;

	if (n < 1 << SUB_BITS)
		return n;
	shift = 63 - SUB_BITS - __builtin_clzll(n);
	return (shift << SUB_BITS) + (n >> shift);
}

fb_ns fb_stats_bucket_middle(unsigned int bucket)
{
	int shift = (int)(bucket >> SUB_BITS) - 1;
	uint64_t low;

	if (shift < 0)
		return bucket;
	low = (uint64_t)((bucket & ((1 << SUB_BITS) - 1)) | 1 << SUB_BITS) << shift;
	return low + (UINT64_C(1) << shift) / 2;
}

void fb_stats_add(struct fb_stats *s, fb_ns duration)
{
	duration = MAX(duration, 0);
	if (s->n < FB_STATS_EXACT)
		s->first[s->n] = duration;
	if (!s->n)
		s->min = duration;
	s->min = MIN(s->min, duration);
	s->max = MAX(s->max, duration);
	s->n++;
	s->sum += duration;
	s->squares += (unsigned __int128)duration * duration;
	s->buckets[fb_stats_bucket(duration)]++;
}

fb_ns fb_stats_mean(const struct fb_stats *s)
{
	if (!s->n)
		return FB_NS_NONE;
	return s->sum / (fb_ns)s->n + (s->sum % (fb_ns)s->n >= (fb_ns)(s->n + 1) / 2);
}

/*
 * The sum of squared distances from the mean is that of the squares less the
 * sum's square / n. All whole numbers, so nothing cancels out between the two.
 */
fb_ns fb_stats_deviation(const struct fb_stats *s)
{
	unsigned __int128 square = (unsigned __int128)s->sum * s->sum;
	double distances;

	if (s->n < 2)
		return FB_NS_NONE;
	distances = (double)(s->squares - square / s->n) - (double)(square % s->n) / s->n;
	return llround(sqrt(distances / (s->n - 1)));
}

static int compare_durations(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return x < y ? -1 : x > y;
}

static fb_ns exact_rank(const struct fb_stats *s, uint64_t rank)
{
	fb_ns sorted[FB_STATS_EXACT];

	memcpy(sorted, s->first, s->n * sizeof(*sorted));
	qsort(sorted, s->n, sizeof(*sorted), compare_durations);
	return sorted[rank - 1];
}

fb_ns fb_stats_percentile(const struct fb_stats *s, double percent)
{
	uint64_t rank = ceil(s->n * percent / 100), seen = 0;

	if (!s->n)
		return FB_NS_NONE;
	rank = CLAMP(rank, 1, s->n);
	if (s->n <= FB_STATS_EXACT)
		return exact_rank(s, rank);
	for (unsigned int i = 0; i < FB_STATS_BUCKETS; i++) {
		seen += s->buckets[i];
		if (seen >= rank)
			return CLAMP(fb_stats_bucket_middle(i), s->min, s->max);
	}
	return s->max;
}
