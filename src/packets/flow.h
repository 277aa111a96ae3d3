/* SPDX-License-Identifier: MIT */
/*
 * flow.h - between flows.c, which knows the connections and whose they are, and
 * held-data.c, which keeps account of the bytes.
 */
#ifndef PACKETS_FLOW_H
#define PACKETS_FLOW_H

#include "packets/callers.h"
#include "packets/flows.h"

#define HANDINGS 32
#define USERS	 4

/* A call that returned after it had taken bytes up to `end`. */
struct handing {
	uint32_t end;
	bool inferred;
	fb_ns since;
	const struct fb_task *task;
	const char *syscall;
};

/* One direction of a connection, from who sends to who receives. */
struct flow {
	struct cache_head head;
	struct ends ends;
	uint32_t next, handed; /* see flows.h */
	bool knows_next, knows_handed;
	bool is_exact;	/* `handed` was counted from the first byte on */
	bool is_over;	/* there will be no more data */
	unsigned epoch; /* inferred descriptors of an earlier one are its no longer */
	struct handing handings[HANDINGS]; /* a ring */
	unsigned n_handings;		   /* all of them */
	struct {
		const struct fb_task *task;
		bool sends; /* else it was woken by a packet from the other end */
	} users[USERS];
	unsigned next_user;
	struct cache_ref writer; /* the caller that was last in a call on it */
	struct {
		bool is_set;
		uint32_t end;
		uint64_t number;
		fb_ns time;
	} unacked; /* the first packet from the other end that was not acknowledged yet */
	struct {
		bool is_known;
		uint32_t seq;	 /* all before it has arrived there */
		uint16_t window; /* that the other end offers from there on, unscaled */
		fb_ns time;
	} acked, acked_before; /* by the latest packet from the other end, and by the one before that */
	fb_ns last_queued;     /* when data left that was not sent before; FB_NS_NONE: it has not */
	uint32_t last_payload; /* of that packet */
	bool has_resent;
};

/* What a process's descriptor stands for. */
struct descriptor {
	struct cache_head head;
	int32_t process, fd;
	struct cache_ref flow;
	bool is_sure;
	unsigned epoch; /* the flow's, when that was inferred */
};

struct flows {
	struct fb_source *source;
	struct cache all; /* struct flow */
	struct cache descriptors;
	struct callers callers;
	bool has_calls; /* they are recorded: else nobody is seen to hand anything in */
	uint64_t drifts;
};

/* The flow that the task's descriptor stands for, or NULL. A closed one may stand for anything. */
struct flow *flow_of(struct flows *f, const struct fb_task *task, int32_t fd, bool *is_sure);

void bind_descriptor(struct flows *f, const struct fb_task *task, int32_t fd,
		     const struct flow *flow, bool is_sure);

static inline bool takes_bytes(const struct socket_call *call)
{
	return fb_syscall_is(call->what, FB_CALL_SEND | FB_CALL_SEND_MANY);
}

/* ---- held-data.c ------------------------------------------------------------------------ */

/* A call on the flow is over and has taken bytes. */
void hand_in(struct flows *f, struct flow *flow, const struct socket_call *call,
	     const struct fb_task *task, bool is_sure);

/* … and nobody knows how many: all that left. */
void hand_in_unknown(struct flow *flow);

/*
 * Data from `begin` on leaves in packet `p`, queued by `caller` inside a call that takes
 * bytes, or by somebody else when that is NULL: finds out whether it was held.
 */
void queue_data(struct flows *f, struct flow *flow, const struct caller *caller, uint32_t begin,
		struct packet *p);

/* ---- nagle.c ---------------------------------------------------------------------------- */

/*
 * Bytes that were sent and not acknowledged, for which Nagle's algorithm held back the data that
 * leaves now in `p`; 0: it did not, or nothing proves it.
 */
uint32_t nagle_unacknowledged(const struct flow *flow, const struct packet *p);

#endif
