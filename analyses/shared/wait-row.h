/* SPDX-License-Identifier: MIT */
/*
 * wait-row.h - a wait as programs get it: the columns of its row. Those of its parts serve other
 * tables, too. `in` stands before their keys, `at` is where the part lies in the row.
 */
#ifndef ANALYSES_SHARED_WAIT_ROW_H
#define ANALYSES_SHARED_WAIT_ROW_H

#include <flightbox/report.h>

/* A task that `member` of a struct points to; NULL: all null. */
#define TASK_COLUMNS(in, type, member, at)                                                         \
	{ .key = in "tid", FB_TID_OF(type, member, at) },                                          \
	{ .key = in "pid", FB_PID_OF(type, member, at) },                                          \
	{ .key = in "comm", FB_COMM_OF(type, member, at) }

/* Of a struct with a task and its system call. */
#define CALLER_COLUMNS(in, type, at)                                                               \
	TASK_COLUMNS(in, type, task, at),                                                          \
	{ .key = in "syscall", FB_NAME_OF(type, syscall, at) }

/* … and the name that the task had then. */
#define WAKER_COLUMNS(in, type, at)                                                                \
	{ .key = in "tid", FB_TID_OF(type, task, at) },                                            \
	{ .key = in "pid", FB_PID_OF(type, task, at) },                                            \
	{ .key = in "comm", FB_NAME_OF(type, comm, at) },                                          \
	{ .key = in "syscall", FB_NAME_OF(type, syscall, at) }

/* Of a struct fb_origin. */
#define ORIGIN_COLUMNS(in, at)                                                                     \
	{ .key = in "kind",                                                                        \
	  FB_OF(TEXT, get_origin_kind, enum fb_origin_kind, struct fb_origin, kind, at) },         \
	{ .key = in "id", FB_ID_OF(struct fb_origin, id, at) },                                    \
	{ .key = in "name", FB_BY(TEXT, get_origin_name, at) },                                    \
	{ .key = in "function", FB_ADDRESS_OF(struct fb_origin, function, at) },                   \
	WAKER_COLUMNS(in "task.", struct fb_origin, at)

/* Of a struct fb_cause. */
#define CAUSE_COLUMNS(in, at)                                                                      \
	{ .key = in "kind",                                                                        \
	  FB_OF(TEXT, get_cause_kind, enum fb_cause_kind, struct fb_cause, kind, at) },            \
	{ .key = in "id", FB_ID_OF(struct fb_cause, id, at) },                                     \
	{ .key = in "name", FB_BY(TEXT, get_cause_name, at) },                                     \
	{ .key = in "function", FB_ADDRESS_OF(struct fb_cause, function, at) },                    \
	{ .key = in "cpu", FB_ID_OF(struct fb_cause, cpu, at) },                                   \
	WAKER_COLUMNS(in "task.", struct fb_cause, at),                                            \
	ORIGIN_COLUMNS(in "origin.", (at) + offsetof(struct fb_cause, origin)),                    \
	{ .key = in "via.kind", FB_OF(TEXT, get_via_kind, enum fb_via, struct fb_cause, via, at) }, \
	{ .key = in "via.id", FB_BY(INT, get_via_id, at) },                                        \
	{ .key = in "via.name", FB_BY(TEXT, get_via_name, at) },                                   \
	{ .key = in "inline", FB_BOOL_OF(struct fb_cause, is_inline, at) },                        \
	{ .key = in "early", FB_BOOL_OF(struct fb_cause, early, at) }

/* Of a struct fb_blocking. */
#define WAIT_COLUMNS(at)                                                                           \
	{ .key = "tid", FB_TID_OF(struct fb_blocking, task, at) },                                 \
	{ .key = "pid", FB_PID_OF(struct fb_blocking, task, at) },                                 \
	{ .key = "comm", FB_NAME_OF(struct fb_blocking, comm, at) },                               \
	{ .key = "exe", FB_NAME_OF(struct fb_blocking, exe, at) },                                 \
	{ .key = "begin", FB_TIME_OF(struct fb_blocking, begin, at) },                             \
	{ .key = "wake", FB_TIME_OF(struct fb_blocking, wake, at) },                               \
	{ .key = "end", FB_TIME_OF(struct fb_blocking, end, at) },                                 \
	{ .key = "asleep", FB_BY(DURATION, get_asleep, at) },                                      \
	{ .key = "ready", FB_BY(DURATION, get_ready, at) },                                        \
	{ .key = "state", FB_OF(TEXT, get_sleep_state, char, struct fb_blocking, state, at) },     \
	{ .key = "syscall", FB_NAME_OF(struct fb_blocking, syscall, at) },                         \
	{ .key = "fd", FB_ID_OF(struct fb_blocking, fd, at) },                                     \
	CAUSE_COLUMNS("cause.", (at) + offsetof(struct fb_blocking, cause)),                       \
	{ .key = "quality",                                                                        \
	  FB_OF(TEXT, get_quality, enum fb_quality, struct fb_blocking, quality, at) },            \
	{ .key = "doubt", FB_OF(WORDS, get_doubt, uint32_t, struct fb_blocking, doubt, at) }

/* "sys_read", for people, of the name of a system call; null outside of any. */
#define SYSCALL_OF(type, member) FB_OF(TEXT, get_syscall, const char *, type, member)
struct fb_cell get_syscall(struct fb_report *r, const void *syscall);

/* A member, */
struct fb_cell get_origin_kind(struct fb_report *r, const void *kind);
struct fb_cell get_cause_kind(struct fb_report *r, const void *kind);
struct fb_cell get_via_kind(struct fb_report *r, const void *via);
struct fb_cell get_sleep_state(struct fb_report *r, const void *state);
struct fb_cell get_quality(struct fb_report *r, const void *quality);
struct fb_cell get_doubt(struct fb_report *r, const void *doubt);
/* … an origin, a cause, or a wait. */
struct fb_cell get_origin_name(struct fb_report *r, const void *origin);
struct fb_cell get_cause_name(struct fb_report *r, const void *cause);
struct fb_cell get_via_id(struct fb_report *r, const void *cause);
struct fb_cell get_via_name(struct fb_report *r, const void *cause);
struct fb_cell get_asleep(struct fb_report *r, const void *wait);
struct fb_cell get_ready(struct fb_report *r, const void *wait);

/* A name that the trace gave, else the symbol at an address; NULL when there is neither. */
const char *name_or_symbol(struct fb_report *r, const char *name, uint64_t function);

#endif
