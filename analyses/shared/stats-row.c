/* SPDX-License-Identifier: MIT */
/* stats-row.c - what statistics of durations are asked for. */
#include "analyses/shared/stats-row.h"

struct fb_cell get_max(struct fb_report *r, const void *stats)
{
	const struct fb_stats *s = stats;

	(void)r;
	return s->n ? FB_DURATION(s->max) : FB_NULL;
}

struct fb_cell get_mean(struct fb_report *r, const void *stats)
{
	(void)r;
	return FB_DURATION(fb_stats_mean(stats));
}

struct fb_cell get_deviation(struct fb_report *r, const void *stats)
{
	(void)r;
	return FB_DURATION(fb_stats_deviation(stats));
}

struct fb_cell get_p50(struct fb_report *r, const void *stats)
{
	(void)r;
	return FB_DURATION(fb_stats_percentile(stats, 50));
}

struct fb_cell get_p95(struct fb_report *r, const void *stats)
{
	(void)r;
	return FB_DURATION(fb_stats_percentile(stats, 95));
}

struct fb_cell get_p99(struct fb_report *r, const void *stats)
{
	(void)r;
	return FB_DURATION(fb_stats_percentile(stats, 99));
}
