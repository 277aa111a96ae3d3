/* SPDX-License-Identifier: MIT */
/* packet-hops.c - packets of this host in the history: where each one's sender stood when it was sent. */
#include "history/record.h"

#include "packets/waits.h"

/* Records of the sender's between sending and receipt that are looked through at once. */
enum { EFFORT = 4096 };

record_number history_packet(const struct fb_history *h, uint64_t number)
{
	record_number found = number ? h->recent[number % RECENT] : NONE;

	return is_live(h, found) && record_hop(h, found)->number == number ? found : NONE;
}

record_number history_find(const struct fb_history *h, const struct fb_task *task, fb_ns time,
			   uint64_t effort)
{
	record_number at = task->number < h->n_tasks ? h->tasks[task->number].last : NONE;

	while (is_live(h, at) && record_time(h, at) > time && effort) {
		at = record_at(h, at)->prev;
		effort--;
	}
	return effort && is_live(h, at) ? at : NONE;
}

void history_packet_event(struct fb_history *h, const struct fb_event *ev,
			  const struct fb_kernel *k)
{
	const struct packet *packet = h->options.packets ? waits_received(h->options.packets) :
							   packets_event(h->packets, ev, k);
	record_number number;
	struct chunk *chunk;
	uint32_t i;

	if (!packet)
		return;
	number = history_add(h, REC_PACKET, ev->time, history_packet(h, packet->trigger));
	chunk = h->head;
	i = history_grow(h, (void **)&chunk->hops, &chunk->n_hops, &chunk->hops_room,
			 sizeof(*chunk->hops));
	chunk->hops[i] = (struct hop){
		.number = packet->number,
		.queued = packet->queued,
		.received = packet->received,
		.sent = packet->sent,
		.first_queued = packet->is_resent ? packet->first_queued : packet->queued,
		.trigger_time = packet->trigger_time,
		.held_since = packet->held.since,
		.held_task = packet->held.task,
		.held_syscall = packet->held.syscall,
		.bytes = packet->header.payload,
		.unacknowledged = packet->held.unacknowledged,
		.held_owner = packet->held.owner,
		.sender = packet->sender,
	};
	if (packet->sender.task)
		chunk->hops[i].link = history_find(h, packet->sender.task, packet->queued, EFFORT);
	record_at(h, number)->arg = i;
	h->recent[packet->number % RECENT] = number;
}
