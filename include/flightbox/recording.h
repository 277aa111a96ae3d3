/* SPDX-License-Identifier: MIT */
/*
 * recording.h - which questions a recording can answer: the events that each one
 * needs, what is lost without them, and how to record them.
 */
#ifndef FLIGHTBOX_RECORDING_H
#define FLIGHTBOX_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include <flightbox/source.h>

struct fb_need {
	const char *question; /* that is answered */
	const char *name;     /* what is needed: "sched_waking", "system calls" */
	const char *lttng;    /* as `lttng enable-event --kernel` takes it */
	const char *module;   /* of LTTng's, which Debian has not; NULL: it has all that is needed */
	const char *perf;     /* as `perf record -e` takes it; NULL: perf has no such event */
	uint64_t kinds;       /* FB_KIND_BITs: all are needed */
	uint64_t unless;      /* … but not when one of these was recorded, */
	uint64_t given;       /* … or none of these, where there are any */
	uint64_t fields;      /* FB_HAS_*: needed as well */
	const char *loss;     /* what a report says without it: follows "Without sched_waking, " */
	const char *told;     /* … where events have FB_HAS_COMMON_FLAGS; NULL: the same */
	bool x86;             /* exists on x86 only */
	bool always;          /* worth a line above every report, */
	uint64_t beside;      /* … or above those that are made of one of these as well */
	int since, until;     /* kernels that have the event, FB_LINUX(4, 3); 0: no limit */
};

/* Ends with a row without question. */
extern const struct fb_need fb_needs[];

/* Whether the recorded kernel and tracer have that event at all, and nothing else replaces it. */
bool fb_need_applies(const struct fb_need *need, const struct fb_source_info *info);

/*
 * Whether a report, made of `kinds` beside those that the model makes use of, shall say that the
 * recording lacks it.
 */
bool fb_need_is_missed(const struct fb_need *need, const struct fb_source_info *info,
		       uint64_t kinds);

/* Whether the recording has all that the question needs. */
bool fb_need_is_met(const struct fb_need *need, const struct fb_source_info *info);

/* What a report on this recording says without it: its loss, or told. */
const char *fb_need_loss(const struct fb_need *need, const struct fb_source_info *info);

/*
 * Where the recording lies, seen from the times that were asked for (by the trace's clock; FB_NS_NONE:
 * from its begin, to its end). How long it lasts is not known where it was passed over; that it
 * ended is, where it was read to its end.
 */
enum fb_outside {
	FB_OUTSIDE_NOT,    /* at least a part of it is within */
	FB_OUTSIDE_BEFORE, /* it is over by then */
	FB_OUTSIDE_BEHIND, /* it begins later */
};
enum fb_outside fb_recording_outside(const struct fb_source_info *info, bool was_read_to_end, fb_ns from,
				     fb_ns to);

/* Whether system calls are numbers in it: there is no table of that machine's. */
bool fb_recording_lacks_calls(const struct fb_source_info *info);

/* The command that records the event, or NULL when the tracer cannot. Free with g_free(). */
char *fb_need_command(const struct fb_need *need, const struct fb_source_info *info);

#endif
