/* SPDX-License-Identifier: MIT */
/* state.h - between packets.c, which takes in what happens, and sending.c, packets that are queued. */
#ifndef PACKETS_STATE_H
#define PACKETS_STATE_H

#include "packets/captures.h"
#include "packets/flows.h"
#include "packets/in-flight.h"
#include "packets/packets.h"
#include "packets/received.h"
#include "packets/tapped.h"

/* The system call that a task entered last. */
struct entered {
	fb_ns time;
	int32_t fd;
};

struct packets {
	struct fb_source *source;
	GArray *entered; /* struct entered, by the task's number; time 0: none was seen */
	struct header_fields fields;
	struct flows *flows;
	struct in_flight in_flight;
	const struct queued *sent; /* that left its queueing discipline with the event at hand; NULL: none did */
	struct captures *captures; /* NULL: there are none */
	struct tapped *tapped; /* NULL: the trace itself tells of packets */
	struct cpu_packets **cpus;
	unsigned n_cpus;
	struct packets_counts counts;
};

/* What is known of a CPU, at first nothing. */
struct cpu_packets *packets_cpu(struct packets *p, unsigned number);

/* A NET_QUEUE: whose doing it is, what it answers, and why it leaves only now. */
void packets_queue(struct packets *p, const struct fb_event *ev, const struct fb_kernel *k);

#endif
