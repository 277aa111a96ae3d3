/* SPDX-License-Identifier: MIT */
/* wait-row.h - a wait as programs get it: the columns and cells of its row. */
#ifndef ANALYSES_SHARED_WAIT_ROW_H
#define ANALYSES_SHARED_WAIT_ROW_H

#include <flightbox/report.h>

#define WAIT_CELLS 35

/* Of a struct fb_table. */
#define WAIT_COLUMNS \
	{ .key = "tid", .type = FB_CELL_INT }, \
	{ .key = "pid", .type = FB_CELL_INT }, \
	{ .key = "comm", .type = FB_CELL_TEXT }, \
	{ .key = "exe", .type = FB_CELL_TEXT }, \
	{ .key = "begin", .type = FB_CELL_TIME }, \
	{ .key = "wake", .type = FB_CELL_TIME }, \
	{ .key = "end", .type = FB_CELL_TIME }, \
	{ .key = "asleep", .type = FB_CELL_DURATION }, \
	{ .key = "ready", .type = FB_CELL_DURATION }, \
	{ .key = "state", .type = FB_CELL_TEXT }, \
	{ .key = "syscall", .type = FB_CELL_TEXT }, \
	{ .key = "fd", .type = FB_CELL_INT }, \
	{ .key = "cause.kind", .type = FB_CELL_TEXT }, \
	{ .key = "cause.id", .type = FB_CELL_INT }, \
	{ .key = "cause.name", .type = FB_CELL_TEXT }, \
	{ .key = "cause.function", .type = FB_CELL_ADDRESS }, \
	{ .key = "cause.cpu", .type = FB_CELL_INT }, \
	{ .key = "cause.task.tid", .type = FB_CELL_INT }, \
	{ .key = "cause.task.pid", .type = FB_CELL_INT }, \
	{ .key = "cause.task.comm", .type = FB_CELL_TEXT }, \
	{ .key = "cause.task.syscall", .type = FB_CELL_TEXT }, \
	{ .key = "cause.origin.kind", .type = FB_CELL_TEXT }, \
	{ .key = "cause.origin.id", .type = FB_CELL_INT }, \
	{ .key = "cause.origin.name", .type = FB_CELL_TEXT }, \
	{ .key = "cause.origin.function", .type = FB_CELL_ADDRESS }, \
	{ .key = "cause.origin.task.tid", .type = FB_CELL_INT }, \
	{ .key = "cause.origin.task.pid", .type = FB_CELL_INT }, \
	{ .key = "cause.origin.task.comm", .type = FB_CELL_TEXT }, \
	{ .key = "cause.origin.task.syscall", .type = FB_CELL_TEXT }, \
	{ .key = "cause.via.kind", .type = FB_CELL_TEXT }, \
	{ .key = "cause.via.id", .type = FB_CELL_INT }, \
	{ .key = "cause.via.name", .type = FB_CELL_TEXT }, \
	{ .key = "cause.inline", .type = FB_CELL_BOOL }, \
	{ .key = "cause.early", .type = FB_CELL_BOOL }, \
	{ .key = "quality", .type = FB_CELL_TEXT }

void wait_cells(struct fb_report *r, const struct fb_blocking *b, struct fb_cell cells[WAIT_CELLS]);

/* The cell of a task's pid, null while that is unknown. */
struct fb_cell wait_pid(const struct fb_task *task);

/* Ids and descriptors are -1 where there is none. */
struct fb_cell wait_number(int32_t n);

/* A name that the trace gave, else the symbol at an address; NULL when there is neither. */
const char *wait_name(struct fb_report *r, const char *name, uint64_t function);

#endif
