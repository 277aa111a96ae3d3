/* SPDX-License-Identifier: MIT */
/* ready-rows.h - waits for a CPU in a report: for programs as they end, for people a table for each task. */
#ifndef ANALYSES_SHARED_READY_ROWS_H
#define ANALYSES_SHARED_READY_ROWS_H

#include <flightbox/report.h>
#include <flightbox/run.h>

struct ready_rows;

/* Of those that pass the filter, which is lent. */
struct ready_rows *ready_rows_new(struct fb_report *report, const struct fb_filter *filter);
void ready_rows_free(struct ready_rows *rows);

struct fb_observer ready_rows_observer(struct ready_rows *rows);
/* Events that it is made of. */
uint64_t ready_rows_kinds(void);
/* Processes and names that the filter may ask for have been told: the statedump is over. */
void ready_rows_named(struct ready_rows *rows);
/* After the last event. */
void ready_rows_report(struct ready_rows *rows);

#endif
