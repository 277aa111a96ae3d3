/* SPDX-License-Identifier: MIT */
/*
 * packet.h - the packet that ended a wait, its way, and what the wait consisted of by that.
 *
 *	begin                                                                   wake
 *	--|-- not written --|- sending -|- held -|- queued -|- in flight -|- … --|
 *	                 written      taken    left       sent          received
 *
 * Packets are those that softirq NET_RX received when it woke the task. The rules are those of
 * docs/rules.md.
 */
#ifndef FLIGHTBOX_PACKET_H
#define FLIGHTBOX_PACKET_H

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

/* How sure it is that it was this one. */
enum fb_packet_match {
	FB_PACKET_NONE,	    /* none is named: see enum fb_packet_none */
	FB_PACKET_EXACT,    /* the wait's socket is known, or no other packet was at hand */
	FB_PACKET_INFERRED, /* the socket, or that it is the socket's, is not told by an event */
	FB_PACKET_AMBIGUOUS, /* one of several: all are named */
	FB_PACKET_GUESSED,  /* the likeliest of several connections */
	FB_PACKET_MATCHES
};

/* Why none is named. */
enum fb_packet_none {
	FB_PACKET_NONE_NOT,
	FB_PACKET_NONE_CALL,	  /* what the task waited in is ended by no packet */
	FB_PACKET_NONE_SEEN,	  /* none was received in that softirq */
	FB_PACKET_NONE_OF_SOCKET, /* … none of its socket, */
	FB_PACKET_NONE_CAN,	  /* … or none that can end its call */
	FB_PACKET_NONE_FORGOTTEN, /* it was handed out too long after its waking */
	FB_PACKET_NONES
};

/* So many others are named at most. */
#define FB_PACKET_OTHERS 8

/* Of fb_packet_key.flags: TCP's. */
enum {
	FB_PACKET_FIN = 1,
	FB_PACKET_SYN = 2,
	FB_PACKET_RST = 4,
	FB_PACKET_PSH = 8,
	FB_PACKET_ACK = 16
};

/* Why a packet has no number. */
enum fb_packet_unnumbered {
	FB_PACKET_NUMBERED,	/* it has one, or there are no captures */
	FB_PACKET_NOT_CAPTURED, /* it is not among those captured at that time, */
	FB_PACKET_CAPTURED_LATER, /* the captures begin later, */
	FB_PACKET_CAPTURE_OVER, /* end earlier, */
	FB_PACKET_CAPTURE_EMPTY, /* hold no packets, */
	FB_PACKET_UNKEYED,	/* or its headers were not recorded */
	FB_PACKET_UNNUMBEREDS
};

/* What the recorded headers tell. Zeros where nothing was recorded. */
struct fb_packet_key {
	uint8_t src[16], dst[16]; /* as they are sent; IPv4 in the first four bytes */
	uint8_t address_bytes;	  /* 4, 16, or 0: no addresses were recorded */
	uint8_t protocol;	  /* of IP: 6 TCP, 17 UDP, 1 ICMP … */
	uint8_t flags;		  /* TCP's: FB_PACKET_FIN …, and those above */
	bool has_ports;		  /* of TCP and UDP, where the transport header was recorded */
	bool has_seq;		  /* … and it is TCP's: seq, ack and flags are known */
	bool has_window;	  /* … and the window */
	uint16_t src_port, dst_port;
	uint16_t window;	  /* unscaled */
	uint32_t seq, ack;	  /* as they are sent */
	/*
	 * Counted from the SYN, which is 0; where that was not seen, the first byte that was is 1. `ack` is 0
	 * without FB_PACKET_ACK.
	 */
	uint32_t relative_seq, relative_ack;
	uint32_t id;		  /* IPv4's; 0 for IPv6 */
	uint32_t len;		  /* bytes behind TCP's or UDP's header */
	/* Where it is in a capture. */
	const char *file;	  /* NULL: it is in none, and `unnumbered` says why; of the source's info */
	uint64_t number;	  /* from 1, as tcpdump and Wireshark count; 0: none */
	uint64_t last_number;	  /* a card may have cut it into several: the last of them, else the same */
	fb_ns captured;		  /* ns since the epoch by the capture's own clock; FB_NS_NONE: not */
	enum fb_packet_unnumbered unnumbered;
	bool has_tsval;		  /* TCP's timestamp, which no event tells: its sender's clock, in ms */
	uint32_t tsval;
};

/*
 * The call that handed in the last byte of a packet's data, or that made it without data: connect(),
 * close(), read() that makes room.
 */
struct fb_packet_call {
	const struct fb_task *task; /* NULL: not known, or no call's doing; then nothing else is set */
	const char *comm;	    /* the task's then: interned, NULL when unknown */
	const char *syscall;	    /* interned, without "sys_" */
	int32_t fd;		    /* -1: none, or not known */
	fb_ns begin;
	fb_ns end;		    /* where the packet left later; FB_NS_NONE: it left before */
	bool inferred;		    /* by bytes and times, or by what the kernel does */
};

/* What a wait consisted of, in this order. */
enum fb_packet_part {
	FB_PART_NOT_WRITTEN, /* nobody had begun to send it */
	FB_PART_UNKNOWN,     /* until it left, of which nothing is known */
	FB_PART_SENDING,     /* in the call that wrote it */
	FB_PART_ANSWERING,   /* in the softirq that received what it answers */
	FB_PART_DELAYED_ACK, /* an acknowledgement that the kernel put off */
	FB_PART_HELD,	     /* in the writer's socket */
	FB_PART_SENT_AGAIN,  /* it had left before, in vain */
	FB_PART_QUEUED,	     /* in the queueing discipline */
	FB_PART_IN_FLIGHT,   /* on this host: the wire, the backlog of a CPU */
	FB_PART_OUTSIDE,     /* another host, and the way there and back */
	FB_PART_RECEIVE_TO_WAKE,
	FB_PARTS
};

#define FB_PACKET_STAGES 8

/* A part of the packet's way, until the next one begins. */
struct fb_packet_stage {
	enum fb_packet_part part;
	fb_ns begin; /* FB_NS_NONE: at any time before; of the first one alone */
};

/* Why a packet did not leave sooner, or what it tells. */
enum fb_packet_cause {
	FB_HOLD_UNKNOWN,	   /* it left at once, or nothing tells */
	FB_HOLD_CORK,		   /* more was to come: TCP_CORK, MSG_MORE, SPLICE_F_MORE */
	FB_HOLD_NAGLE,		   /* a small segment before it was not acknowledged */
	FB_HOLD_RECEIVE_WINDOW,	   /* the other end had no room for it, */
	FB_HOLD_ZERO_WINDOW,	   /* … for nothing at all */
	FB_HOLD_CONGESTION_WINDOW, /* enough was under way */
	FB_HOLD_DELAYED_ACK,	   /* an acknowledgement, put off until its timer expired */
	FB_HOLD_SYN_AGAIN,	   /* it was sent before: a connection's first packet, */
	FB_HOLD_SYNACK_AGAIN,	   /* … the answer to that, */
	FB_HOLD_ACCEPT_QUEUE_FULL, /* … the first, which was received and not answered, */
	FB_HOLD_RTO,		   /* … data, until the retransmission timer expired, */
	FB_HOLD_FAST_RETRANSMIT,   /* … data, until acknowledgements told that it was lost */
	FB_HOLD_SHAPING,	   /* its queueing discipline kept it for 1 ms or more */
	/* What the packet that ended the wait, or one before it, tells: */
	FB_HOLD_REFUSED,	   /* nobody listens there: a connect() got a reset */
	FB_HOLD_RESET,		   /* the other end gave the connection up */
	FB_HOLD_DROPPED,	   /* one before it was dropped here when it had been received */
	FB_HOLD_HOLE,		   /* data that came before it, and has to stand behind it, was of no use */
	FB_PACKET_CAUSES
};

struct fb_packet {
	enum fb_packet_match match;
	enum fb_packet_none none; /* of FB_PACKET_NONE; then nothing else is set */
	struct fb_packet_key key;
	fb_ns received;		  /* net_if_receive_skb; where there is none, when it was captured */
	/*
	 * Of a packet from this host. `left` is the socket, at net_dev_queue; `sent`, the
	 * queueing discipline, at net_dev_start_xmit; where that is not recorded at net_if_rx_entry over lo, at
	 * net_dev_xmit over cards, some 50 us later. FB_NS_NONE: not known.
	 */
	bool is_outside;	  /* it is not: its sending was not seen */
	fb_ns left, sent;
	struct fb_packet_call written;
	/*
	 * Of one from outside: what this host had sent that it answers, first of all packets.
	 * FB_NS_NONE, and no task: not known, or it is not the first.
	 */
	fb_ns request_left, request_sent;
	struct fb_packet_call request;
	/*
	 * Of one from outside, where it tells nothing itself, of that request, if that left within the
	 * wait. Of one from here the packet may have left before the wait began.
	 */
	enum fb_packet_cause cause;
	bool cause_inferred;	  /* by windows and times; else an event tells */
	uint32_t unacknowledged;  /* Nagle: bytes that had been sent before */
	/* The acknowledgement that let it go: counted as relative_ack; `received` FB_NS_NONE: none. */
	struct {
		uint32_t ack;
		fb_ns received;
		fb_ns delayed;	  /* for how long it had been put off; FB_NS_NONE: it was not, or not known */
	} released_by;
	/* The last packet for its socket that was dropped here during the wait; FB_NS_NONE: none was. */
	struct {
		fb_ns time;
		int32_t reason;	  /* the kernel's number; below 0: not recorded */
	} dropped;
	/* Of FB_HOLD_HOLE: what had come, since when. */
	struct {
		uint32_t packets;
		uint32_t bytes;
		fb_ns since;
	} behind;
	struct fb_packet_key others[FB_PACKET_OTHERS]; /* AMBIGUOUS: it may have been these as well */
	unsigned n_others;
	struct fb_packet_stage stages[FB_PACKET_STAGES];
	unsigned n_stages;
};

/*
 * What the wait consisted of, in ns, by enum fb_packet_part: they add up to its time asleep. False,
 * and all are 0, when no packet is named or that time is not known.
 */
bool fb_packet_parts(const struct fb_packet *packet, const struct fb_blocking *b,
		     fb_ns parts[FB_PARTS]);

/* "none", "exact"; "of_socket"; "receive_to_wake"; "delayed_ack". NULL for FB_PACKET_NONE_NOT and FB_HOLD_UNKNOWN. */
const char *fb_packet_match_name(enum fb_packet_match match);
const char *fb_packet_none_name(enum fb_packet_none none);
const char *fb_packet_part_name(enum fb_packet_part part);
/* "absent", "before", "after", "empty", "unkeyed"; NULL for FB_PACKET_NUMBERED. */
const char *fb_packet_unnumbered_name(enum fb_packet_unnumbered why);
const char *fb_packet_cause_name(enum fb_packet_cause cause);
/* "Nagle", "receive window": in a sentence. */
const char *fb_packet_cause_words(enum fb_packet_cause cause);
/* Which part of a wait it is the cause of; FB_PARTS: of none by itself. */
enum fb_packet_part fb_packet_cause_part(enum fb_packet_cause cause);

/* ---- those of a trace -------------------------------------------------------------------- */

/* Follows the packets of a trace, and keeps those that ended waits until they are asked for. */
struct fb_packets;

struct fb_packets *fb_packets_new(void);
void fb_packets_free(struct fb_packets *p); /* NULL may be freed */

/* For fb_kernel_options. It wants a source that gives these kinds, too. */
struct fb_observer fb_packets_observer(struct fb_packets *p);
uint64_t fb_packets_kinds(void);

/*
 * What ended a wait that the kernel hands out: for each once. NULL: it did not end in softirq NET_RX, or
 * there are no network events. Lent until the next call.
 */
const struct fb_packet *fb_packets_of(struct fb_packets *p, const struct fb_blocking *b);

/* ---- all of them ------------------------------------------------------------------------ */

/* Where a packet is met. */
enum fb_packet_sight {
	FB_PACKET_LEAVES,  /* its socket: `left` is now, and more is not known of it */
	FB_PACKET_GOES,	   /* its queueing discipline: `sent` is now. Not of all: by then it may be received */
	/*
	 * On this host: `received` is now. Where only a capture tells of it, and nobody knows whether it comes or
	 * goes, that is when it was captured.
	 */
	FB_PACKET_ARRIVES,
	FB_PACKET_WAKES,   /* a task, in the softirq that received it: it ends its wait */
};

/*
 * `packet` and `task`, who is woken and else NULL, are lent. Of WAKES the packet may be FB_PACKET_NONE. Of all
 * but that it is EXACT: it is told of as it is, and what it may do nobody knows yet.
 */
typedef void (*fb_packet_sight_func)(enum fb_packet_sight sight, const struct fb_packet *packet,
				     const struct fb_task *task, fb_ns now, void *data);

/* From now on all packets are told of, in the order of time; `func` NULL: none is. */
void fb_packets_watch(struct fb_packets *p, fb_packet_sight_func func, void *data);

/* ---- captures ---------------------------------------------------------------------------- */

#define FB_CAPTURE_CLOCKS 8

/* A capture's clock against the trace's, from one time that it was set to the next. */
struct fb_capture_clock {
	fb_ns begin, end;    /* of the packets that it is known by, by the trace's clock */
	uint64_t packets;
	/*
	 * capture - trace, at `begin`: where most packets crowd, the first tenth of them or the last, as the
	 * capture comes after the event or before it.
	 */
	fb_ns offset;
	fb_ns spread;        /* between the first tenth and the last; what the drift makes is not in it */
	double drift_ppm;    /* of the capture's clock; 0: too little to be told */
	bool is_exact;       /* by 8 packets at least, with a spread below 100 us */
};

struct fb_capture {
	const char *path;
	uint64_t packets;    /* of IP, as far as it was read */
	uint64_t matched;    /* of them, that the trace tells of, too */
	/*
	 * The trace tells of no packets. Then `matched` are those that were captured while NET_RX ran: all that
	 * come, when the capture is of that time and its clock the trace's.
	 */
	bool is_alone;
	bool is_by_sent;     /* its clock is that of packets sent to a card, captured behind the queueing discipline */
	struct fb_capture_clock clocks[FB_CAPTURE_CLOCKS]; /* the first ones */
	unsigned n_clocks;   /* 0: nothing matched */
};

/*
 * What was found in the i-th capture of the source's info that could be opened. When all events were
 * told: what could not be read is among the source's problems from here on. False: there are no more.
 */
bool fb_packets_capture(struct fb_packets *p, unsigned i, struct fb_capture *capture);

#endif
