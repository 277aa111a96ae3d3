/* SPDX-License-Identifier: MIT */
/*
 * packet-path.c - a wait that a packet of this host ended, followed back to who sent it.
 *
 * A packet that the kernel itself sent answers another: that one's way comes before.
 *
 *	connect()   SYN          SYN+ACK        ACK       wakes accept()
 *	task ───────┤ in flight ├┤ in flight ├──┤ in flight ├┤
 *	           queued   received, queued
 *
 * The way is found from its end, so its pieces go on a stack, below the level of the
 * task with which it began.
 */
#include "history/walk.h"

struct flight {
	struct path *p;
	const struct fb_segment *wait;
	fb_ns at;    /* found from here to the wait's end */
	guint base;  /* of its pieces */
	/* Whose data waited for the acknowledgement at hand: NULL, the waiter waits for that itself. */
	const struct fb_task *writer;
	const char *writer_syscall;
	struct fb_held held;
};

/*
 * From `begin` to where it is known already; whose: `task`, in `syscall`. NULL: the kernel's own,
 * which the waiter stands for.
 */
static void add_piece(struct flight *f, fb_ns begin, enum fb_state state,
		      const struct fb_task *task, const char *syscall,
		      const struct fb_cause *cause)
{
	struct fb_segment piece = {
		.task = task && task->tid > 0 ? path_task_of(f->p, task) : f->wait->task,
		.syscall = task && task->tid > 0 ? syscall : NULL,
		.begin = MAX(begin, f->wait->begin),
		.end = f->at,
		.state = state,
		.unknown = state == FB_STATE_UNKNOWN ? FB_UNKNOWN_CAUSE : FB_UNKNOWN_NOT,
		.cause = cause,
		.depth = f->wait->depth + 1,
	};

	if (state == FB_STATE_HELD)
		piece.held = f->held;
	if (piece.begin >= piece.end)
		return;
	f->at = piece.begin;
	g_array_append_val(f->p->pieces, piece);
}

/* What let a packet go that no task sent: held data, or the packet that it answers. */
static bool was_held(const struct hop *hop)
{
	return hop->held_since != FB_NS_NONE && hop->held_task && hop->held_task->tid > 0 &&
	       (hop->trigger_time == FB_NS_NONE || hop->held_since >= hop->trigger_time);
}

/* The rest is the time of a task that sent something at `f->at`. */
static void add_sender(struct flight *f, const struct fb_task *task, record_number link,
		       const char *syscall)
{
	struct level level = {
		.task = path_task_of(f->p, task), .begin = f->wait->begin, .end = f->at,
		.pieces = f->base, .depth = f->wait->depth + 1 };

	if (link == NONE)
		link = history_find(f->p->h, level.task, f->at, UINT64_MAX);
	path_open(f->p, &level, link, REC_RUNNING, syscall);
}

/*
 * An acknowledgement that the kernel put off. Anything else follows a receipt within the same
 * softirq, however long that runs.
 */
static bool was_put_off(const struct hop *hop)
{
	return hop->held_since != FB_NS_NONE && !hop->held_task;
}

/* Behind its own way: what it let go is told of while it was put off. */
static void put_off(struct flight *f, const struct hop *ack)
{
	f->held.delay = ack->queued - ack->held_since;
	f->held.acker = ack->held_owner ? path_task_of(f->p, ack->held_owner) : NULL;
}

/* … and of any other packet, the data in it. */
static void note_data(struct flight *f, const struct hop *hop)
{
	bool is_held = hop->held_since != FB_NS_NONE && hop->held_task && hop->held_task->tid > 0;

	f->writer = is_held ? hop->held_task : NULL;
	f->writer_syscall = is_held ? hop->held_syscall : NULL;
	f->held = (struct fb_held){ .bytes = hop->bytes, .unacknowledged = hop->unacknowledged,
				    .is_awaited = hop->bytes && !is_held };
}

/* The packet's own way: sent to received, and then, in `state`, to what `arrival` did about it. */
static void add_flight(struct flight *f, const struct hop *hop, enum fb_state state,
		       const struct fb_cause *arrival)
{
	bool is_held = state == FB_STATE_HELD;
	const struct fb_task *sender = hop->sender.task ? hop->sender.task : hop->held_task;
	const char *syscall = hop->sender.task ? hop->sender.syscall : hop->held_syscall;

	add_piece(f, hop->received, state,
		  is_held ? f->writer : arrival->is_inline ? arrival->task : NULL,
		  is_held ? f->writer_syscall : arrival->syscall, arrival);
	if (hop->sent != FB_NS_NONE)
		add_piece(f, hop->sent, FB_STATE_IN_FLIGHT, sender, syscall, NULL);
	if (hop->sent != FB_NS_NONE)
		add_piece(f, hop->queued, FB_STATE_QDISC, sender, syscall, NULL);
	add_piece(f, hop->first_queued, FB_STATE_IN_FLIGHT, sender, syscall, NULL);
}

/* Before a packet that neither a task sent, nor another of this host let go. */
static void add_origin(struct flight *f, const struct hop *hop)
{
	enum fb_state state = FB_STATE_UNKNOWN;

	if (hop->trigger_time != FB_NS_NONE)
		state = FB_STATE_NETWORK;
	else if (hop->sender.kind == FB_CAUSE_TIMER || hop->sender.kind == FB_CAUSE_HRTIMER)
		state = FB_STATE_TIMER;
	add_piece(f, f->wait->begin, state, NULL, NULL, &hop->sender);
}

void path_follow_packet(struct path *p, struct fb_segment *wait, record_number packet,
			guint pieces)
{
	struct flight f = { .p = p, .wait = wait, .at = wait->end, .base = pieces };
	const struct fb_cause *arrival = wait->cause;
	enum fb_state state = FB_STATE_SOFTIRQ;

	while (f.at > wait->begin) {
		const struct hop *hop = record_hop(p->h, packet);

		add_flight(&f, hop, state, arrival);
		if (f.at <= wait->begin)
			break;
		if (was_put_off(hop))
			put_off(&f, hop);
		else
			note_data(&f, hop);
		if (hop->sender.task && hop->sender.task->tid > 0) {
			add_sender(&f, hop->sender.task, hop->link, hop->sender.syscall);
			return;
		}
		if (was_held(hop)) {
			add_piece(&f, hop->held_since, FB_STATE_HELD, hop->held_task,
				  hop->held_syscall, &hop->sender);
			if (f.at > wait->begin) {
				add_sender(&f, hop->held_task, NONE, hop->held_syscall);
				return;
			}
			break;
		}
		packet = record_at(p->h, packet)->prev;
		if (!is_live(p->h, packet)) {
			add_origin(&f, hop);
			break;
		}
		arrival = &hop->sender;
		state = was_put_off(hop) ? FB_STATE_HELD : FB_STATE_SOFTIRQ;
	}
	path_add_pieces(p, f.base);
}
