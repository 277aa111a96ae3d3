/* SPDX-License-Identifier: MIT */
/*
 * flow.h - between flows.c, which knows the connections and whose they are, and
 * held-data.c, which keeps account of the bytes.
 */
#ifndef PACKETS_FLOW_H
#define PACKETS_FLOW_H

#include "packets/callers.h"
#include "packets/buffers.h"
#include "packets/descriptors.h"
#include "packets/flows.h"

#define HANDINGS  32
#define USERS	  4
#define OWNERS	  4
#define BEHIND	  8
#define COMPLETED 8
#define SCALE_MAX 14 /* of a window: RFC 7323 */

/* A call that returned after it had taken bytes up to `end`. */
struct handing {
	uint32_t end;
	bool inferred;
	fb_ns since;
	const struct fb_task *task;
	const char *syscall;
	struct socket_call last; /* the call; of several, the one that took the last byte */
};

/* A process that has descriptors of the socket. */
struct owner {
	int32_t process;
	unsigned descriptors; /* 0: it has them no longer */
	bool is_sure;
};

/* Data behind a hole: received, but of no use yet. */
struct behind {
	uint32_t begin, end;
};

/* What the socket has received. */
struct receiving {
	bool knows_next, knows_acked, knows_answered, has_base;
	uint32_t base;	/* the SYN, or the byte before the first that was seen */
	uint32_t answered; /* what the last packet with data, its begin or end acknowledged */
	uint32_t next;	/* all before it has come */
	uint32_t acked; /* all before it has arrived at the other end */
	bool has_fin;	/* own, which is before `fin_end` */
	uint32_t fin_end;
	bool awaits_ack; /* its SYN-ACK, for which it has to have ACK `handshake` */
	uint32_t handshake;
	struct behind behind[BEHIND]; /* some of them, when there are more */
	unsigned n_behind;
	uint32_t bytes_behind;
	fb_ns behind_since; /* the first of them came */
};

/*
 * One direction of a connection, from who sends to who receives. For the socket that sends it
 * stands as a whole: also for what that receives from the other end. Of a socket that has no
 * other end, one that listens or takes datagrams, `ends` is its port alone.
 */
struct flow {
	struct cache_head head;
	struct ends ends;
	struct receiving in;
	bool has_base;
	uint32_t base; /* as that of `in`, of what it sends */
	struct owner owners[OWNERS];
	unsigned next_owner;
	struct cache_ref completed[COMPLETED]; /* a ring: connections not accepted yet */
	unsigned n_completed, n_accepted;
	uint32_t next, handed; /* see flows.h */
	bool knows_next, knows_handed;
	bool is_exact;	/* `handed` was counted from the first byte on */
	bool is_connecting; /* it has sent its SYN, and nothing came back */
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
		bool is_whole;	 /* … and never to be scaled: a SYN's */
		fb_ns time;
	} acked, acked_before; /* by the latest packet from the other end, and by the one before that */
	unsigned scale_room;   /* windows are shifted by so much less than SCALE_MAX at the most: see note_window() */
	fb_ns full_until;      /* so long the other end had no room for what came next; FB_NS_NONE: it had always */
	struct {
		fb_ns time; /* FB_NS_NONE: none was */
		int32_t reason;
	} dropped; /* a packet for the socket, when it had been received: the last one */
	fb_ns last_queued;     /* when data left that was not sent before; FB_NS_NONE: it has not */
	uint32_t last_payload; /* of that packet */
	bool has_resent;
};

struct flows {
	struct fb_source *source;
	struct cache all; /* struct flow */
	struct descriptors descriptors;
	struct buffers buffers;
	struct callers callers;
	bool has_calls; /* they are recorded: else nobody is seen to hand anything in */
	uint64_t drifts;
};

/* The flow that the task's descriptor stands for, or NULL. A closed one may stand for anything. */
struct flow *flow_of(struct flows *f, const struct fb_task *task, int32_t fd, bool *is_sure);

static inline bool takes_bytes(const struct socket_call *call)
{
	return fb_syscall_is(call->what, FB_CALL_SEND | FB_CALL_SEND_MANY);
}

/* ---- receiving.c ------------------------------------------------------------------------ */

/* What a packet from the other end can do by itself, as bits of enum arrival_can. */
struct arrival receive(struct flow *flow, const struct packet_header *header, fb_ns now);
/* It was dropped: as if it had never come. */
void receive_dropped(struct flow *flow, const struct arrival *arrival);
/* The socket sends: what that tells of what it has received. */
void receiving_sent(struct flow *flow, const struct packet_header *header);
void receiving_lost(struct flow *flow);

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

/* Which call handed in what comes before `end`, where that is known better than by who sends it. */
void find_written(struct flows *f, const struct flow *flow, const struct caller *caller,
		  uint32_t end, struct packet_call *written);

/* ---- reason.c --------------------------------------------------------------------------- */

/* Why it leaves only now, before the flow takes in that it does. */
void find_reason(const struct flow *flow, struct packet *p);

/* Something was acknowledged, and before that `acked_before`: what that tells of the window. */
void note_window(struct flow *flow);

/* ---- nagle.c ---------------------------------------------------------------------------- */

/*
 * Bytes that were sent and not acknowledged, for which Nagle's algorithm held back the data that
 * leaves now in `p`; 0: it did not, or nothing proves it.
 */
uint32_t nagle_unacknowledged(const struct flow *flow, const struct packet *p);

#endif
