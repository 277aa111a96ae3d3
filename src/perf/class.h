/* SPDX-License-Identifier: MIT */
/*
 * class.h - a tracepoint as an event class: where in its bytes the fields are that flightbox wants,
 * bound once by name.
 */
#ifndef PERF_CLASS_H
#define PERF_CLASS_H

#include "perf/attr.h"
#include "perf/formats.h"
#include "source/binder.h"

/* A field of a tracepoint, or one of the record around it. */
struct class_place {
	uint16_t offset;
	uint8_t shape; /* enum place_shape */
	uint8_t size;  /* of a number, or of each of several: 1, 2, 4 or 8 bytes */
	uint16_t length; /* of a text that has a fixed one */
};

enum place_shape {
	PLACE_NONE,
	PLACE_SIGNED,
	PLACE_UNSIGNED,
	PLACE_CHARS,	/* a text of a fixed length */
	PLACE_DATA_LOC, /* a text, of which the field says where it is: offset, length << 16 */
	PLACE_REL_LOC,	/* … from the field's end on */
	PLACE_PID,	/* what the record says beside the tracepoint's bytes */
	PLACE_TID,
};

struct class_move {
	struct class_place from;
	uint8_t size; /* bytes to write to */
	uint16_t to;  /* in struct fb_event */
};

struct perf_class {
	struct binding bound;
	const char *name; /* "sched:sched_switch"; interned */
	struct class_place places[BOUNDS]; /* of what is wanted */
	struct class_move moves[MOVES_MAX];
};

/* The bytes of one event, kept as long as the batch; `bytes` is what fb_event.ref points to. */
struct kept {
	int32_t pid, tid;
	uint32_t size;
	uint8_t bytes[];
};

struct perf_class *perf_class_new(const struct tep_event *event, unsigned number);
void perf_class_free(void *class);

/* Room for the most that an event is kept in: a record, and its texts once more. */
#define KEPT_MAX (4 * 65536)

/*
 * Completes an event that has the template, time and cpu: keeps the sample's bytes `at` an aligned place of
 * KEPT_MAX bytes, and behind them what texts have no end there. Returns how many that are.
 */
size_t perf_class_fill(const struct perf_class *c, const struct sample *s, bool big_endian,
		       const struct syscall_numbers *calls, struct fb_event *ev, uint8_t *at);

/* The value of a field, as fb_source_ops.field() has it. */
bool perf_class_field(const struct perf_class *c, bool big_endian, const struct fb_event *ev,
		      int field, struct fb_value *value);

#endif
