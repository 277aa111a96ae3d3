/* SPDX-License-Identifier: MIT */
/* path-row.h - segments and shares of critical paths as rows: the cells that are no mere members. */
#ifndef ANALYSES_SHARED_PATH_ROW_H
#define ANALYSES_SHARED_PATH_ROW_H

#include "analyses/shared/path.h"
#include "analyses/shared/wait-row.h"

/* Of a segment: its duration; "server [1234]", indented by its depth; as path_cause(), or why it is unknown. */
struct fb_cell get_duration(struct fb_report *r, const void *segment);
struct fb_cell get_who(struct fb_report *r, const void *segment);
struct fb_cell get_end(struct fb_report *r, const void *segment);

/* Of a member. */
struct fb_cell get_state(struct fb_report *r, const void *state);
struct fb_cell get_unknown(struct fb_report *r, const void *unknown);

/* Of a struct whose `cause` points to one, or is NULL. */
#define PATH_CAUSE_COLUMNS(in, type, at)                                                           \
	{ .key = in "cause.kind",                                                                  \
	  FB_OF(TEXT, get_path_kind, const struct fb_cause *, type, cause, at) },                  \
	{ .key = in "cause.id", FB_OF(INT, get_path_id, const struct fb_cause *, type, cause, at) }, \
	{ .key = in "cause.name",                                                                  \
	  FB_OF(TEXT, get_path_name, const struct fb_cause *, type, cause, at) }

/* Of a struct fb_held that is a member. */
#define HELD_COLUMNS(in, type, member, at)                                                         \
	{ .key = in "held.bytes", FB_OF(INT, get_held_bytes, struct fb_held, type, member, at) },  \
	{ .key = in "held.unacknowledged",                                                         \
	  FB_OF(INT, get_held_unacknowledged, struct fb_held, type, member, at) },                 \
	{ .key = in "held.delay",                                                                  \
	  FB_OF(DURATION, get_held_delay, struct fb_held, type, member, at) },                     \
	{ .key = in "held.tid", FB_OF(INT, get_held_tid, struct fb_held, type, member, at) }

struct fb_cell get_held_bytes(struct fb_report *r, const void *held);
struct fb_cell get_held_unacknowledged(struct fb_report *r, const void *held);
struct fb_cell get_held_delay(struct fb_report *r, const void *held);
struct fb_cell get_held_tid(struct fb_report *r, const void *held);

struct fb_cell get_path_kind(struct fb_report *r, const void *cause);
struct fb_cell get_path_id(struct fb_report *r, const void *cause);
struct fb_cell get_path_name(struct fb_report *r, const void *cause);

/* A share as a row. */
struct share_row {
	struct path_share share;      /* n is 0: there is none, and all cells are null */
	const struct fb_cause *cause; /* its own, or NULL */
	fb_ns whole;                  /* what it is a share of */
};

struct share_row share_row_of(const struct path_share *share, fb_ns whole);
struct fb_cell get_share_count(struct fb_report *r, const void *row);
struct fb_cell get_share_sum(struct fb_report *r, const void *row);
struct fb_cell get_share_in_syscall(struct fb_report *r, const void *row);
struct fb_cell get_share_percent(struct fb_report *r, const void *row);
struct fb_cell get_share_state(struct fb_report *r, const void *row);

#endif
