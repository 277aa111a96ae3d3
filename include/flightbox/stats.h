/* SPDX-License-Identifier: MIT */
/*
 * stats.h - what many durations have in common, in constant space: count, sum,
 * extremes and deviation exactly; percentiles exactly of up to FB_STATS_EXACT
 * durations, to within 1 % of more.
 */
#ifndef FLIGHTBOX_STATS_H
#define FLIGHTBOX_STATS_H

#include <flightbox/ns.h>

/*
 * Buckets of a logarithmic histogram: 64 for each power of two, so that a
 * bucket's middle is at most 1/128 off. Below 64 ns each value has its own.
 */
#define FB_STATS_BUCKETS (58 * 64)

/* The bucket of a duration, which is less than FB_STATS_BUCKETS; negative ones are in that of 0. */
unsigned int fb_stats_bucket(fb_ns duration);
fb_ns fb_stats_bucket_middle(unsigned int bucket);

#define FB_STATS_EXACT 100

struct fb_stats {
	uint64_t n;
	fb_ns sum, min, max;     /* min and max mean nothing while n is 0 */
	unsigned __int128 squares; /* sum of the durations' squares */
	fb_ns first[FB_STATS_EXACT];
	uint32_t buckets[FB_STATS_BUCKETS];
};

/* A struct fb_stats begins as zero bytes. Negative durations count as 0. */
void fb_stats_add(struct fb_stats *s, fb_ns duration);

/* Rounded; FB_NS_NONE when there are none. */
fb_ns fb_stats_mean(const struct fb_stats *s);

/* Of a sample; FB_NS_NONE for fewer than two durations. */
fb_ns fb_stats_deviation(const struct fb_stats *s);

/* The smallest duration that `percent` of all do not exceed; FB_NS_NONE when there are none. */
fb_ns fb_stats_percentile(const struct fb_stats *s, double percent);

#endif
