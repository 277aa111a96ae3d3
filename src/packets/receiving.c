/* SPDX-License-Identifier: MIT */
/*
 * receiving.c - what each packet changes for the socket that receives it.
 *
 *	received             a hole      behind it
 *	|--------------------|           |----|  |------|
 *	                     next
 *
 * Data behind a hole wakes nobody: what fills the hole does.
 */
#include "packets/flow.h"

static uint32_t packet_end(const struct packet_header *header)
{
	return data_end(header) + !!(header->flags & PACKET_FIN);
}

static bool acknowledges_new(const struct receiving *in, const struct packet_header *header)
{
	return !in->knows_acked || seq_before(in->acked, header->ack_seq);
}

/* What the packet acknowledges. */
static unsigned take_ack(struct receiving *in, const struct packet_header *header)
{
	unsigned can = 0;

	if (!(header->flags & PACKET_ACK))
		return 0;
	if (header->flags & PACKET_SYN)
		can = CAN_CONNECT;
	else if (in->awaits_ack && !seq_before(header->ack_seq, in->handshake))
		can = CAN_ACCEPT;
	else if (acknowledges_new(in, header))
		can = CAN_WRITE;
	in->awaits_ack &= can != CAN_ACCEPT;
	if (in->has_fin && !seq_before(header->ack_seq, in->fin_end)) {
		in->has_fin = false;
		can |= CAN_READ;
	}
	if (!acknowledges_new(in, header))
		return can;
	in->acked = header->ack_seq;
	in->knows_acked = true;
	return can;
}

/* ---- data -------------------------------------------------------------------------------- */

static void add_behind(struct receiving *in, uint32_t begin, uint32_t end, fb_ns now)
{
	for (unsigned i = 0; i < in->n_behind; i++)
		if (in->behind[i].begin == begin)
			return;
	if (!in->n_behind) {
		in->behind_since = now;
		in->bytes_behind = 0;
	}
	in->bytes_behind += end - begin;
	if (in->n_behind < BEHIND)
		in->behind[in->n_behind++] = (struct behind){ begin, end };
}

/* What stands behind `next` without a hole between counts as received. */
static unsigned release(struct receiving *in)
{
	unsigned released = 0;
	bool moved = true;

	while (moved) {
		moved = false;
		for (unsigned i = 0; i < in->n_behind; i++) {
			struct behind *b = &in->behind[i];

			if (seq_before(in->next, b->begin))
				continue;
			if (seq_before(in->next, b->end))
				in->next = b->end;
			*b = in->behind[--in->n_behind];
			released++;
			moved = true;
			break;
		}
	}
	return released;
}

/* Data, the end of them, or both. */
static void take_data(struct receiving *in, const struct packet_header *header, fb_ns now,
		      struct arrival *a)
{
	uint32_t begin = data_begin(header), end = packet_end(header);

	if (!in->knows_next) {
		in->next = begin;
		in->knows_next = true;
	}
	if (begin == end || !seq_before(in->next, end))
		return;
	if (seq_before(in->next, begin)) {
		add_behind(in, begin, end, now);
		return;
	}
	a->can |= CAN_READ;
	a->advances = true;
	a->from = in->next;
	in->next = end;
	if (!in->n_behind)
		return;
	a->fills = true;
	a->packets_behind = in->n_behind;
	a->bytes_behind = in->bytes_behind;
	a->behind_since = in->behind_since;
	a->packets_released = release(in);
}

/* Whether it is the first answer to what it acknowledges; other than data, an acknowledgement alone is none to come. */
static bool is_first_answer(struct receiving *in, const struct packet_header *header)
{
	bool is_bare = !header->payload && !(header->flags & (PACKET_SYN | PACKET_FIN));
	bool is_new;

	if (!(header->flags & PACKET_ACK))
		return false;
	if (is_bare)
		return acknowledges_new(in, header);
	is_new = !in->knows_answered || seq_before(in->answered, header->ack_seq);
	in->answered = header->ack_seq;
	in->knows_answered = true;
	return is_new;
}

static void note_base(struct receiving *in, const struct packet_header *header)
{
	if (!in->has_base || header->flags & PACKET_SYN)
		in->base = base_of(header);
	in->has_base = true;
}

struct arrival receive(struct flow *flow, const struct packet_header *header, fb_ns now)
{
	struct receiving *in = &flow->in;
	struct arrival a = { .is_first = !in->knows_next && !in->knows_acked };

	note_base(in, header);
	a.answers = is_first_answer(in, header) || header->flags & PACKET_RST;
	if (header->flags & PACKET_RST) {
		a.can = CAN_READ | CAN_WRITE | CAN_CONNECT;
		return a;
	}
	a.can = take_ack(in, header);
	if (header->flags & PACKET_SYN) {
		in->next = data_end(header);
		in->knows_next = true;
		in->n_behind = 0;
		return a;
	}
	take_data(in, header, now, &a);
	return a;
}

void receive_dropped(struct flow *flow, const struct arrival *arrival)
{
	if (arrival->advances)
		flow->in.next = arrival->from;
}

void receiving_sent(struct flow *flow, const struct packet_header *header)
{
	struct receiving *in = &flow->in;

	if (header->flags & PACKET_FIN) {
		in->has_fin = true;
		in->fin_end = packet_end(header);
	}
	if (header->flags & PACKET_SYN) {
		in->awaits_ack = (header->flags & PACKET_ACK) != 0;
		in->handshake = header->seq + 1;
	}
	if (!(header->flags & PACKET_ACK) || header->flags & PACKET_RST)
		return;
	if (!in->has_base)
		in->base = header->ack_seq - 1;
	in->has_base = true;
	if (in->knows_next && !seq_before(in->next, header->ack_seq))
		return;
	in->next = header->ack_seq;
	in->knows_next = true;
	release(in);
}

void receiving_lost(struct flow *flow)
{
	flow->in.knows_next = flow->in.knows_acked = false;
	flow->in.n_behind = 0;
}
