/* SPDX-License-Identifier: MIT */
/*
 * record.h - the history's insides: records, and the chunks that hold them.
 *
 * A record says what a task does from its time on, and where the same task's
 * previous record is. All tasks' records stand in one sequence by time; a path is
 * found by walking back from a task's last one, from a waking by the waker's.
 *
 *	task 10  [running]<────────[blocked]<─────────────────[ready]<──[running]
 *	                                                     wake │
 *	task 20        [running, in write]<──────────────────────┘ link
 *
 * They live in chunks, the oldest of which is dropped when there is no more
 * room. A record is found by its number, a chunk by the upper bits of that.
 */
#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H

#include <glib.h>

#include <flightbox/history.h>

#include "history/works.h"
#include "packets/packets.h"

/* 2 MiB of them: a large page. Fuzzers have smaller ones: to fill and to drop many. */
#ifndef HISTORY_CHUNK_BITS
#define HISTORY_CHUNK_BITS 17
#endif
enum { CHUNK_BITS = HISTORY_CHUNK_BITS, CHUNK = 1 << CHUNK_BITS };

/* The most that the time of a record lies behind its chunk's base: 18 minutes. */
#define SPAN (INT64_C(1) << 40)

/* Numbers of records. They may wrap, so NONE is left out. */
typedef uint32_t record_number;
#define NONE ((record_number)0)

enum record_kind {
	REC_NOTHING,     /* before the first record */
	REC_RUNNING,     /* `arg`: 0, or 1 + ns until it left `syscall` for user mode */
	REC_READY,       /* preempted, or new */
	REC_WOKEN,       /* ready; `arg` is which of the chunk's wakes */
	REC_FORKED,      /* ready for the first time; `arg` is a wake too, by the parent */
	REC_BLOCKED,     /* `arg` is the letter of the state, and IN_WORK */
	REC_INTERRUPTED, /* `arg` is a union interrupt_arg */
	REC_LOST,
	REC_GONE,
	REC_WORK,        /* of no duration: a kworker begins a work; `arg` is which of the chunk's orders, or NO_ORDER, and BEHIND */
	REC_PACKET,      /* of no task; `arg` is which of the chunk's hops, `prev` what let it go */
};

/* BLOCKED: a kworker in the midst of a work. */
#define IN_WORK UINT32_C(256)

/* WORK: nobody was seen to queue it; the kworker comes from another work, without a pause. */
#define NO_ORDER (BEHIND - 1)
#define BEHIND	 (UINT32_C(1) << 31)

/* Numbers for names. */
enum { NAME_NONE, NAME_UNKNOWN, NAME_UNNAMED, NAMES_FIXED };

struct record {
	uint64_t since : 40;   /* ns from the chunk's base */
	uint64_t kind : 4;     /* enum record_kind */
	uint64_t before : 4;   /* … of the task's previous record */
	uint64_t syscall : 16; /* a name; NONE: user mode, UNKNOWN, UNNAMED: one that has none */
	record_number prev;    /* NONE: there is none that is known */
	uint32_t arg;
};

_Static_assert(sizeof(struct record) == 16, "there are millions of them");

/* INTERRUPTED's arg. */
union interrupt_arg {
	struct {
		uint32_t kind : 3;      /* enum fb_frame_kind */
		uint32_t vector : 4;
		uint32_t is_inline : 1;
		uint32_t name : 12;     /* 0 where it does not fit */
		int32_t id : 12;        /* -1 where it does not fit */
	};
	uint32_t arg;
};

/* What ended a wait. */
struct recorded_wake {
	struct fb_cause cause;
	record_number link;   /* the waker's last record then */
	bool is_handover;     /* a kworker woke another to go on, and slept itself at once */
	record_number packet; /* NET_RX: a record of the packet that woke it; NONE: from outside, or not known */
};

/* Somebody queues a work for a kernel thread. */
struct order {
	fb_ns time;
	struct recorded_wake by;       /* as if that had been a waking */
};

/* A packet's way from one task of this host to another; see packets.h. */
struct hop {
	uint64_t number;
	fb_ns queued, received;
	fb_ns sent;             /* FB_NS_NONE: not recorded */
	fb_ns first_queued;     /* resent: when it was sent first; else queued */
	fb_ns trigger_time;
	fb_ns held_since;
	const struct fb_task *held_task;
	const char *held_syscall;
	uint32_t bytes, unacknowledged;    /* of data; see packets.h */
	const struct fb_task *held_owner;  /* of the socket that put an acknowledgement off; or NULL */
	struct fb_cause sender;
	record_number link;     /* the sender's record then; NONE: not looked for far enough */
};

struct chunk {
	fb_ns base;
	uint32_t used;      /* records */
	struct recorded_wake *wakes;
	uint32_t n_wakes, wakes_room;
	struct hop *hops;
	uint32_t n_hops, hops_room;
	struct order *orders;
	uint32_t n_orders, orders_room;
	struct record *records; /* CHUNK */
};

/* What is known of a task now. */
struct past {
	const struct fb_task *task; /* NULL: nothing was seen of it */
	record_number first, last;
	record_number woken;        /* its latest WOKEN or FORKED record */
	uint16_t syscall;
	uint8_t kind;               /* of the last record, also when that is dropped */
	bool has_worked;            /* a kworker, since it was idle */
	bool in_work;               /* … at a work now, */
	record_number woke;         /* … the latest that it woke, and the time of that */
	fb_ns woke_time;
	fb_ns begin;                /* of the first record */
	fb_ns time;                 /* of the last */
	uint32_t arg;               /* of the last, unless it names a wake */
	record_number left;         /* the first since it left a call that may go on, or waits where one may begin */
	fb_ns ran;                  /* from options.begin to .end, before the last record */
};

struct loss {
	fb_ns begin, end;
};

#define NAME_CACHE 256

struct fb_history {
	struct fb_history_options options;
	struct chunk *head;          /* the one being filled; NULL before the first record */
	record_number next;          /* number of the next record, in `head` */
	struct chunk **chunks;       /* ring: number n is at n & (room - 1) */
	uint32_t first_chunk, n_chunks, room;
	struct chunk *spare;         /* dropped, to be filled again; or NULL */

	struct past *tasks;          /* by fb_task.number */
	uint32_t n_tasks;
	GArray *losses;              /* struct loss, by begin; they do not overlap */
	fb_ns lost_until;            /* the end of the last one; FB_NS_NONE: there is none */

	GPtrArray *names;            /* interned, by number */
	GHashTable *numbers;         /* name -> number */
	struct { const char *name; uint32_t number; } cache[NAME_CACHE];

	struct packets *packets;     /* NULL: the recording tells of none */
	record_number *recent;       /* the latest packets' records, by the packet's number; or NULL */
	struct works *works;         /* NULL: the recording tells of none */

	/* Of a path in the making: see walk.h. Empty between paths. */
	GArray *levels, *records, *pieces;

	fb_ns begin, now;            /* of the first and last record */
	struct fb_history_counts counts;
};

static inline struct chunk *chunk_of(const struct fb_history *h, record_number number)
{
	return h->chunks[(number >> CHUNK_BITS) & (h->room - 1)];
}

/* Whether a record still is there. */
static inline bool is_live(const struct fb_history *h, record_number number)
{
	uint32_t chunk = (number >> CHUNK_BITS) - h->first_chunk;

	/* Numbers of chunks have fewer than 32 bits, too. */
	return number != NONE && (chunk & (UINT32_MAX >> CHUNK_BITS)) < h->n_chunks;
}

static inline struct record *record_at(const struct fb_history *h, record_number number)
{
	return &chunk_of(h, number)->records[number & (CHUNK - 1)];
}

static inline fb_ns record_time(const struct fb_history *h, record_number number)
{
	return chunk_of(h, number)->base + (fb_ns)record_at(h, number)->since;
}

static inline struct recorded_wake *record_wake(const struct fb_history *h, record_number number)
{
	return &chunk_of(h, number)->wakes[record_at(h, number)->arg];
}

/* The name of that number; NULL for the fixed ones. */
static inline const char *history_name(const struct fb_history *h, uint32_t number)
{
	return h->names->pdata[number];
}

static inline struct hop *record_hop(const struct fb_history *h, record_number number)
{
	return &chunk_of(h, number)->hops[record_at(h, number)->arg];
}

/* NULL: nobody was seen to queue the work that a REC_WORK begins. */
static inline const struct order *record_order(const struct fb_history *h, record_number number)
{
	uint32_t i = record_at(h, number)->arg & ~BEHIND;

	return i == NO_ORDER ? NULL : &chunk_of(h, number)->orders[i];
}

enum { RECENT = 1 << 16 };

/* The record of a packet; NONE when it is too long ago. */
record_number history_packet(const struct fb_history *h, uint64_t number);

/* A task's record that tells of a time; NONE when it is not found among its last `effort` ones. */
record_number history_find(const struct fb_history *h, const struct fb_task *task, fb_ns time,
			   uint64_t effort);

/* history.c */
uint64_t history_begin(void *data, struct fb_source *source);
void history_event(void *data, const struct fb_event *ev, const struct fb_kernel *k);

/* packet-hops.c: an event that packets are made of. */
void history_packet_event(struct fb_history *h, const struct fb_event *ev,
			  const struct fb_kernel *k);

/* orders.c: an event that works are made of. */
void history_work_event(struct fb_history *h, const struct fb_event *ev,
			const struct fb_kernel *k);

/* record.c: what that does to the task. */
void history_work_begins(struct fb_history *h, const struct fb_task *task, fb_ns now,
			 const struct order *order);
void history_work_ends(struct fb_history *h, const struct fb_task *task);
/* As a waking of `task`, or of one not known yet (NULL), by `cause`. */
struct recorded_wake history_wake_by(struct fb_history *h, const struct fb_task *task,
			    const struct fb_cause *cause);

/* Adds a record that belongs to no task; its arg is for the caller to set. */
record_number history_add(struct fb_history *h, enum record_kind kind, fb_ns now,
			  record_number prev);

/* chunk.c: begins one, having dropped what there is no room for. */
void history_next_chunk(struct fb_history *h, fb_ns now);
void history_free_chunks(struct fb_history *h);

/* What lies in [begin, end] of the span that is accounted for. */
static inline fb_ns history_counted(const struct fb_history *h, fb_ns begin, fb_ns end)
{
	fb_ns from = MAX(begin, h->options.begin), to = MIN(end, h->options.end);

	return from < to ? to - from : 0;
}

/* One more element, not set, of an array in the chunk being filled; its index. */
uint32_t history_grow(struct fb_history *h, void **array, uint32_t *n, uint32_t *room, size_t size);

/* The time before which records may be missing; INT64_MIN when none are. */
fb_ns history_since(const struct fb_history *h);

#endif
