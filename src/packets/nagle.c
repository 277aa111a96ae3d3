/* SPDX-License-Identifier: MIT */
/*
 * nagle.c - whether it was Nagle's algorithm that held data back (RFC 896; tcp_nagle_test()).
 *
 *	write() = 42, sent    write() = 20000, held        ACK of the 42
 *	|---------------------|----------------------------|--- leaves
 *	acked_before          since                        acked
 *
 * Data that is no full segment waits while a small segment is under way. No header tells of that,
 * but little else can be: whatever leaves on the acknowledgement of all that was sent before, and
 * neither the other end's window nor the congestion window was in its way.
 */
#include "packets/flow.h"

/* A path takes at least that much (IPv4's 576 bytes): what is less is no full segment anywhere. */
#define LEAST_SEGMENT 536

/* One less than are sent before the first acknowledgement (RFC 6928): with so few under way the congestion window is open, but for losses. */
#define FEW (9 * LEAST_SEGMENT)

/*
 * Windows are scaled by what was agreed on in options that nobody records. But what was sent
 * fitted: so much it was scaled at least.
 */
static unsigned least_scale(uint32_t window, uint32_t fitted)
{
	unsigned scale = 0;

	while (scale < SCALE_MAX && (uint64_t)window << scale < fitted)
		scale++;
	return scale;
}

/* Before the acknowledgement, too. */
static bool had_room(const struct flow *flow, uint32_t end)
{
	unsigned scale = least_scale(flow->acked.window, end - flow->acked.seq);

	if (flow->acked_before.is_whole)
		scale = 0;
	return (uint64_t)flow->acked_before.window << scale >= end - flow->acked_before.seq;
}

/* Other calls than these two may have said that more will come, which holds data just so. A segment that is small anywhere is reason enough. */
static bool is_reason(const struct flow *flow, const struct packet_held *held)
{
	return flow->last_payload < LEAST_SEGMENT || !strcmp(held->syscall, "write") ||
	       !strcmp(held->syscall, "writev");
}

uint32_t nagle_unacknowledged(const struct flow *flow, const struct packet *p)
{
	const struct packet_held *held = &p->held;
	uint32_t unacknowledged = flow->acked.seq - flow->acked_before.seq;

	if (held->since == FB_NS_NONE || held->is_open || !held->task || flow->has_resent ||
	    !flow->acked.is_known || !flow->acked_before.is_known)
		return 0;
	/* It leaves on that acknowledgement, of all that left before it was handed in. */
	if (p->trigger_time != flow->acked.time || flow->acked.seq != flow->next ||
	    flow->last_queued == FB_NS_NONE || flow->last_queued > held->since)
		return 0;
	if (!seq_before(flow->acked_before.seq, flow->acked.seq) || unacknowledged > FEW ||
	    !had_room(flow, data_end(&p->header)) || !is_reason(flow, held))
		return 0;
	return unacknowledged;
}
