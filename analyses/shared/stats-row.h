/* SPDX-License-Identifier: MIT */
/* stats-row.h - statistics of durations in a row: the cells that are no mere members. */
#ifndef ANALYSES_SHARED_STATS_ROW_H
#define ANALYSES_SHARED_STATS_ROW_H

#include <flightbox/report.h>
#include <flightbox/stats.h>

/* Each is given a struct fb_stats; null where there is none of it. */
struct fb_cell get_max(struct fb_report *r, const void *stats);
struct fb_cell get_mean(struct fb_report *r, const void *stats);
struct fb_cell get_deviation(struct fb_report *r, const void *stats);
struct fb_cell get_p50(struct fb_report *r, const void *stats);
struct fb_cell get_p95(struct fb_report *r, const void *stats);
struct fb_cell get_p99(struct fb_report *r, const void *stats);

#endif
