/* SPDX-License-Identifier: MIT */
/*
 * connections.h - what went to and fro between two ends, one account for each pair of them.
 *
 * The left end is the one that began: it sent the SYN, or else the first packet that was seen.
 * Datagrams are told apart by their addresses and ports alone. TCP's ports may be used again: a SYN
 * that is not the one that was seen begins another connection.
 */
#ifndef ANALYSES_SHARED_CONNECTIONS_H
#define ANALYSES_SHARED_CONNECTIONS_H

#include <flightbox/packet.h>

#include "base/groups.h"

enum side {
	SIDE_LEFT,
	SIDE_RIGHT,
	SIDES
};

#define CONNECTIONS_MAX	   65536 /* whose packets are counted; those of others are not */
#define CONNECTION_TASKS   4
#define CONNECTION_SILENCES 5
#define CONNECTION_AWAITED 16

/* Some durations. */
struct some {
	uint64_t n;
	fb_ns sum, min, max; /* min and max mean nothing while n is 0 */
};

/* What has left and is not acknowledged yet. */
struct awaited {
	uint32_t end; /* of TCP's sequence numbers, behind it */
	fb_ns left;
};

/* One end of a connection, and what it sends. */
struct connection_end {
	uint8_t address[16];
	uint16_t port;
	bool is_here;	      /* it sends from this host, */
	bool is_outside;      /* … or from another; neither: it was not seen to send, or only captured */
	const struct fb_task *tasks[CONNECTION_TASKS]; /* that sent from it, or were woken at it */
	unsigned n_tasks;
	bool has_more_tasks;
	uint64_t packets;
	uint64_t bytes;		      /* by which its data went on, also those that were not seen */
	uint64_t again;		      /* packets that do not go beyond those before: sent again, or overtaken */
	uint64_t zero_windows;	      /* packets by which it takes no more */
	struct some rtt;	      /* from when a packet leaves its socket until its acknowledgement is back */
	struct some answers;	      /* from the other end's last data before until its own first */
	/*
	 * Of another host: from when a request left here until its answer left there, at least and at most,
	 * where timestamps tell. What is more of `answers` is the network.
	 */
	struct some busy_least, busy_most;
	struct {
		bool is_known;
		fb_ns least, before, since; /* of this span of time and the one before it; when this one began */
	} zero; /* when the clock of its timestamps was 0, or earlier */
	fb_ns handshake;	      /* the same for its SYN; FB_NS_NONE: not seen */
	fb_ns held, queued;	      /* so long something was held in its socket, and in the queueing discipline */
	fb_ns by_cause[FB_PACKET_CAUSES]; /* … and so long that was why it did not leave */
	fb_ns until[FB_PARTS];	      /* all before it is in these sums */

	bool knows_next, has_syn;
	uint32_t next, syn;	      /* TCP: behind what was sent; the SYN's number */
	struct fb_packet_key last;    /* packet */
	struct awaited awaited[CONNECTION_AWAITED];
	unsigned n_awaited;
};

/* A time in which no packet of it left or came. */
struct silence {
	fb_ns begin, end;
	/* What the packet that ends it did meanwhile, each until the next; none: not known. */
	struct fb_packet_stage stages[FB_PACKET_STAGES];
	unsigned n_stages;
	fb_ns parts[FB_PARTS]; /* the same in sums */
	enum side side;	       /* that packet's, as far as it is known */
	struct fb_packet_key key;
	enum fb_packet_cause cause;
	struct fb_packet_call call; /* that wrote it, or what it answers */
	bool is_outside, has_come;
	fb_ns busy_least, busy_most; /* as of struct connection */
};

/* Waits that its packets ended, of one task in one system call. */
struct connection_waits {
	const struct fb_task *task;
	const char *syscall;
	struct some asleep;
	fb_ns longest; /* when it began */
};

struct connection {
	struct connection *older; /* between the same ends; NULL: none */
	uint8_t protocol, address_bytes;
	struct connection_end ends[SIDES];
	fb_ns began;	   /* its first packet, counted or not */
	fb_ns first, last; /* … of those that count; FB_NS_NONE: none did yet */
	fb_ns asked;	   /* the last data from `asker` left; FB_NS_NONE: none did */
	enum side asker;
	bool is_asked; /* and nothing but that since */
	uint32_t asked_end; /* TCP: behind these data */
	bool has_ack;	    /* they were acknowledged, at */
	uint32_t ack_tsval; /* … by the asked end's clock */
	fb_ns busy_least, busy_most; /* for the packet that was added last; FB_NS_NONE: it is no answer, or nobody knows */
	struct silence silences[CONNECTION_SILENCES]; /* the longest first */
	unsigned n_silences;
	GArray *waits; /* struct connection_waits; NULL: none */
	fb_ns asleep;  /* all of them, */
	fb_ns parts[FB_PARTS]; /* and what they consisted of */
	GQueue rungs;  /* what is shown of its packets: see ladder.h */
	uint64_t not_shown;
};

struct connections {
	struct groups *pairs; /* of two ends: the latest connection between them */
	GPtrArray *all;	      /* struct connection, in the order in which they began */
	uint64_t left_out;    /* packets that are of none: CONNECTIONS_MAX is reached, */
	uint64_t others;      /* … or not of TCP or UDP, or without addresses and ports */
};

void connections_init(struct connections *c);
void connections_clear(struct connections *c);

/*
 * A packet leaves its socket, or, from outside, is received: that counts. *again is whether its data was sent before.
 * *passed_on: it was counted when it left before, on its way through this host. NULL: it is of none.
 */
struct connection *connections_add(struct connections *c, const struct fb_packet *packet, fb_ns now,
				   enum side *side, bool *again, bool *passed_on);

/* A packet from before what is told of: who began, and what is sent again, is known by it. */
void connections_meet(struct connections *c, const struct fb_packet *packet, fb_ns now);

/* The one that a packet is of, at that time, and which side sent it; NULL: none. */
struct connection *connections_find(struct connections *c, const struct fb_packet_key *key,
				    fb_ns time, enum side *side);

/* It is received on this host: what it acknowledges is. */
void connection_receive(struct connection *c, enum side from, const struct fb_packet *packet);

/* It is met now, anywhere: until then nothing was. `parts` as far as they are known. */
void connection_note(struct connection *c, enum side from, const struct fb_packet *packet, fb_ns now);

/* It was in the queueing discipline of that side, and is not any more. */
void connection_sent(struct connection *c, enum side from, fb_ns left, fb_ns sent);

/* A task is at that end. */
void connection_add_task(struct connection *c, enum side side, const struct fb_task *task);

/* One of its packets ended the wait. */
void connection_add_wait(struct connection *c, const struct fb_packet *packet,
			 const struct fb_blocking *b);

void some_add(struct some *s, fb_ns duration);

/* How long the packet was in that stage, up to its last one; 0: not at all, or its begin is not known. */
fb_ns packet_stage(const struct fb_packet *packet, enum fb_packet_part part);

/* "127.0.0.1:8781", "[::1]:80". Appends to `to`. */
void end_words(const struct connection *c, enum side side, GString *to);

#endif
