/* SPDX-License-Identifier: MIT */
/* reason.h - why a packet did not leave sooner. */
#ifndef PACKETS_REASON_H
#define PACKETS_REASON_H

#include "packets/packets.h"

/* An acknowledgement that the kernel put off. */
static inline bool was_put_off(const struct packet *p)
{
	return p->held.since != FB_NS_NONE && !p->held.task;
}

/* Whether the call that wrote it also sent it. */
static inline bool sent_by_writer(const struct packet *p)
{
	return p->sender.kind == FB_CAUSE_TASK && p->sender.task == p->written.task;
}

/* It was sent before; `arrived`: and received by this host. */
void reason_again(struct packet *p, bool arrived);

#endif
