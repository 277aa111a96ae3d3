/* SPDX-License-Identifier: MIT */
/* record.c - what the model tells, as records. Runs for every event: no search, no allocation. */
#include "history/record.h"

/* ---- names ------------------------------------------------------------------------------ */

static uint32_t name_number_slow(struct fb_history *h, const char *name)
{
	gpointer known = g_hash_table_lookup(h->numbers, name);
	uint32_t number = GPOINTER_TO_UINT(known);

	if (!known) {
		if (h->names->len > UINT16_MAX)
			return NAME_UNNAMED;
		number = h->names->len;
		g_ptr_array_add(h->names, (char *)name);
		g_hash_table_insert(h->numbers, (char *)name, GUINT_TO_POINTER(number));
	}
	return number;
}

/* Names are interned: few of them, and known by their address. */
static uint32_t name_number(struct fb_history *h, const char *name)
{
	uintptr_t bits = (uintptr_t)name;
	uint32_t slot = (bits >> 3 ^ bits >> 11) & (NAME_CACHE - 1);

	if (!name)
		return NAME_UNNAMED;
	if (G_UNLIKELY(h->cache[slot].name != name)) {
		h->cache[slot].number = name_number_slow(h, name);
		h->cache[slot].name = name;
	}
	return h->cache[slot].number;
}

static inline void ensure_room(struct fb_history *h, fb_ns now)
{
	if (G_UNLIKELY(!h->head || h->head->used == CHUNK || now - h->head->base >= SPAN))
		history_next_chunk(h, now);
}

/* ---- records ---------------------------------------------------------------------------- */

static void tasks_grow(struct fb_history *h, uint32_t number)
{
	uint32_t n = MAX(number + 1, MAX(256, h->n_tasks * 2));

	h->tasks = g_renew(struct past, h->tasks, n);
	for (uint32_t i = h->n_tasks; i < n; i++)
		h->tasks[i] = (struct past){ .syscall = NAME_UNKNOWN, .begin = FB_NS_NONE };
	h->n_tasks = n;
}

static inline struct past *past_get(struct fb_history *h, const struct fb_task *task)
{
	if (G_UNLIKELY(task->number >= h->n_tasks))
		tasks_grow(h, task->number);
	return &h->tasks[task->number];
}

/* Who is seen for the first time when it is woken slept until then. */
static void push_first(struct fb_history *h, struct past *p, const struct fb_task *task,
		       enum record_kind kind, fb_ns now)
{
	if (h->begin == FB_NS_NONE)
		h->begin = now;
	p->task = task;
	p->first = h->next;
	p->begin = kind == REC_WOKEN ? h->begin : now;
}

static inline void push(struct fb_history *h, const struct fb_task *task, struct past *p,
			enum record_kind kind, fb_ns now, uint32_t arg)
{
	struct record *r;

	ensure_room(h, now);
	if (G_UNLIKELY(p->kind == REC_NOTHING))
		push_first(h, p, task, kind, now);
	if (p->kind == REC_RUNNING)
		p->ran += history_counted(h, p->time, now);
	r = &h->head->records[h->head->used++];
	r->since = now - h->head->base;
	r->kind = kind;
	r->before = p->kind;
	r->syscall = p->syscall;
	r->prev = p->last;
	r->arg = arg;
	p->last = h->next++;
	p->kind = kind;
	p->time = now;
	p->arg = arg;
	h->now = now;
	h->counts.records++;
}

/* Room for the record that names it must be there. */
static uint32_t add_wake(struct fb_history *h, const struct recorded_wake *wake)
{
	struct chunk *chunk = h->head;
	uint32_t i = history_grow(h, (void **)&chunk->wakes, &chunk->n_wakes, &chunk->wakes_room,
				  sizeof(*wake));

	chunk->wakes[i] = *wake;
	return i;
}

record_number history_add(struct fb_history *h, enum record_kind kind, fb_ns now,
			  record_number prev)
{
	struct record *r;

	ensure_room(h, now);
	r = &h->head->records[h->head->used++];
	*r = (struct record){ .since = now - h->head->base, .kind = kind, .prev = prev };
	h->counts.records++;
	return h->next++;
}

/* Where the past of a task stands that wakes another one now; NONE when it cannot be one. */
static record_number link_to(struct fb_history *h, const struct fb_task *waker)
{
	const struct past *p;

	if (!waker || waker->tid == 0)
		return NONE;
	p = past_get(h, waker);
	return p->kind == REC_RUNNING || p->kind == REC_INTERRUPTED ? p->last : NONE;
}

/*
 * Off its CPU it may have run where events were lost, and be in another call than it was: the next exit
 * or entry tells.
 */
static inline void doubt_syscall(const struct fb_history *h, struct past *p)
{
	if (G_LIKELY(p->time > h->lost_until) || h->lost_until == FB_NS_NONE)
		return;
	if (p->kind != REC_RUNNING && p->kind != REC_INTERRUPTED)
		p->syscall = NAME_UNKNOWN;
}

/* ---- what the model tells --------------------------------------------------------------- */

static void on_run(void *data, const struct fb_task *task, fb_ns now)
{
	struct fb_history *h = data;
	struct past *p = past_get(h, task);

	doubt_syscall(h, p);
	push(h, task, p, REC_RUNNING, now, 0);
}

/* Between the waking of another kworker by one that is going to sleep and its switch. */
#define HANDOVER ((fb_ns)100000)

/* wq_worker_sleeping(): the last that a kworker does before it sleeps is to wake another. */
static void note_handover(const struct fb_history *h, const struct past *p, fb_ns now)
{
	struct recorded_wake *wake;

	if (!is_live(h, p->woke) || now - p->woke_time > HANDOVER)
		return;
	wake = record_wake(h, p->woke);
	wake->is_handover = wake->link == p->last;
}

static void on_leave(void *data, const struct fb_task *task, char state, fb_ns now)
{
	struct fb_history *h = data;
	enum record_kind kind = state == 'R' ? REC_READY : state == 'X' ? REC_GONE : REC_BLOCKED;
	struct past *p = past_get(h, task);
	uint32_t arg = state;

	doubt_syscall(h, p);
	if (kind == REC_BLOCKED) {
		p->woken = NONE; /* what is told of causes is of this wait now */
		if (p->in_work)
			note_handover(h, p, now);
		arg |= p->in_work ? IN_WORK : 0;
		p->has_worked &= p->in_work;
	}
	push(h, task, p, kind, now, arg);
}

/* An earlier waking ended another sleep, one that was called off: as if it had not been. */
static void take_back_waking(struct fb_history *h, struct past *p)
{
	const struct record *r;

	if (p->kind != REC_WOKEN || !is_live(h, p->last))
		return;
	r = record_at(h, p->last);
	p->last = r->prev;
	p->kind = r->before;
}

static record_number packet_that_woke(const struct fb_history *h, const struct fb_task *task,
				      const struct fb_cause *cause)
{
	const struct packet *packet = NULL;

	if (h->packets && cause->kind == FB_CAUSE_SOFTIRQ && cause->id == FB_SOFTIRQ_NET_RX)
		packet = packets_waker(h->packets, cause->cpu, task);
	return packet ? history_packet(h, packet->number) : NONE;
}

struct recorded_wake history_wake_by(struct fb_history *h, const struct fb_task *task,
			    const struct fb_cause *cause)
{
	struct recorded_wake wake = { .cause = *cause };

	if (cause->kind == FB_CAUSE_TASK || cause->is_inline)
		wake.link = link_to(h, cause->task);
	if (!cause->early)
		wake.packet = packet_that_woke(h, task, cause);
	return wake;
}

static void note_woke(struct past *waker, record_number woken, fb_ns now)
{
	if (!waker->in_work)
		return;
	waker->woke = woken;
	waker->woke_time = now;
}

static void on_wake(void *data, const struct fb_task *task, const struct fb_cause *cause, fb_ns now)
{
	struct fb_history *h = data;
	struct past *p = past_get(h, task);
	struct recorded_wake wake;

	if (cause->via == FB_VIA_SIGNAL_PENDING) {
		/* It only seemed to sleep. */
		if (p->kind == REC_BLOCKED && is_live(h, p->last))
			record_at(h, p->last)->kind = p->kind = REC_READY;
		return;
	}
	take_back_waking(h, p);
	wake = history_wake_by(h, task, cause);
	p = past_get(h, task); /* that may have moved it */
	doubt_syscall(h, p);
	ensure_room(h, now);
	push(h, task, p, REC_WOKEN, now, add_wake(h, &wake));
	p->woken = p->last;
	if (wake.link != NONE)
		note_woke(past_get(h, cause->task), p->last, now);
}

static void on_refine(void *data, const struct fb_task *task, const struct fb_cause *cause)
{
	struct fb_history *h = data;
	const struct past *p = past_get(h, task);

	if (is_live(h, p->woken))
		record_wake(h, p->woken)->cause = *cause;
}

/* The name of a system call that began before anything was known is told by its exit. */
static void resolve_syscall(struct fb_history *h, const struct past *p, uint32_t name)
{
	for (record_number n = p->last; is_live(h, n); n = record_at(h, n)->prev) {
		struct record *r = record_at(h, n);

		if (r->syscall != NAME_UNKNOWN)
			return;
		r->syscall = name;
	}
}

/* Most calls are over before anything else happens: then one record tells of entry and exit. */
static bool close_syscall(struct fb_history *h, struct past *p, fb_ns now)
{
	struct record *r;

	if (p->kind != REC_RUNNING || p->syscall == NAME_NONE || !is_live(h, p->last) ||
	    now - p->time >= UINT32_MAX)
		return false;
	r = record_at(h, p->last);
	r->arg = now - p->time + 1;
	p->syscall = NAME_NONE;
	h->now = now;
	return true;
}

static void on_syscall(void *data, const struct fb_task *task, const struct fb_syscall *call,
		       bool inside, fb_ns now)
{
	const char *name = call ? call->name : NULL;
	struct fb_history *h = data;
	struct past *p = past_get(h, task);

	if (G_UNLIKELY(p->syscall == NAME_UNKNOWN))
		resolve_syscall(h, p, inside ? NAME_NONE : name_number(h, name));
	if (!inside && close_syscall(h, p, now))
		return;
	p->syscall = inside ? name_number(h, name) : NAME_NONE;
	push(h, task, p, REC_RUNNING, now, 0);
}

static void on_pause(void *data, const struct fb_task *task, const struct fb_syscall *call, fb_ns now)
{
	struct fb_history *h = data;

	past_get(h, task)->left = h->next;
	on_syscall(h, task, call, false, now);
}

static void on_approach(void *data, const struct fb_task *task, fb_ns now)
{
	struct fb_history *h = data;

	(void)now;
	past_get(h, task)->left = h->next;
}

/* What it did since, a stop or a wait in the freezer or at the entry, was in the call. */
static void on_resume(void *data, const struct fb_task *task, const struct fb_syscall *call,
		      fb_ns now)
{
	struct fb_history *h = data;
	struct past *p = past_get(h, task);
	uint32_t name = name_number(h, call ? call->name : NULL);

	for (record_number n = p->last; is_live(h, n); n = record_at(h, n)->prev) {
		struct record *r = record_at(h, n);

		if (r->syscall != NAME_NONE || (int32_t)(n - p->left) < 0)
			break;
		r->syscall = name;
	}
	p->syscall = name;
	push(h, task, p, REC_RUNNING, now, 0);
}

/* ---- works of kworkers ------------------------------------------------------------------ */

static uint32_t add_order(struct fb_history *h, const struct order *order)
{
	struct chunk *chunk = h->head;
	uint32_t i = history_grow(h, (void **)&chunk->orders, &chunk->n_orders,
				  &chunk->orders_room, sizeof(*order));

	chunk->orders[i] = *order;
	return i;
}

void history_work_begins(struct fb_history *h, const struct fb_task *task, fb_ns now,
			 const struct order *order)
{
	struct past *p = past_get(h, task);
	uint32_t behind = p->has_worked ? BEHIND : 0;

	p->has_worked = true;
	p->in_work = works_sees_ends(h->works);
	if (p->kind != REC_RUNNING)
		return;
	ensure_room(h, now);
	push(h, task, p, REC_WORK, now, (order ? add_order(h, order) : NO_ORDER) | behind);
	push(h, task, p, REC_RUNNING, now, 0);
}

void history_work_ends(struct fb_history *h, const struct fb_task *task)
{
	past_get(h, task)->in_work = false;
}

/* ---- more that the model tells ---------------------------------------------------------- */

static uint32_t interrupt_arg(struct fb_history *h, const struct fb_interrupt *interrupt)
{
	union interrupt_arg arg = { .arg = 0 };
	uint32_t name = interrupt->name ? name_number(h, interrupt->name) : NAME_NONE;

	arg.kind = interrupt->kind;
	arg.vector = interrupt->vector;
	arg.is_inline = interrupt->is_inline;
	arg.name = name < 1 << 12 ? name : NAME_NONE;
	arg.id = interrupt->id < 1 << 11 ? interrupt->id : -1;
	return arg.arg;
}

static void on_interrupt(void *data, const struct fb_task *task,
			 const struct fb_interrupt *interrupt, fb_ns now)
{
	struct fb_history *h = data;
	struct past *p = past_get(h, task);
	bool is_over = interrupt->kind == FB_FRAME_NONE;
	enum record_kind kind = is_over ? REC_RUNNING : REC_INTERRUPTED;
	uint32_t arg = is_over ? 0 : interrupt_arg(h, interrupt);

	if (p->kind != kind || (kind == REC_INTERRUPTED && p->arg != arg))
		push(h, task, p, kind, now, arg);
}

static void on_fork(void *data, const struct fb_task *parent, const struct fb_task *child,
		    fb_ns now)
{
	struct fb_history *h = data;
	record_number link = link_to(h, parent);
	struct past *p = past_get(h, child);
	struct recorded_wake wake = { .cause = { .kind = FB_CAUSE_TASK, .id = -1, .cpu = -1,
					.origin = { .id = -1 } }, .link = link };

	p->syscall = NAME_NONE;
	if (link == NONE) {
		push(h, child, p, REC_READY, now, 'R');
		return;
	}
	wake.cause.task = parent;
	wake.cause.syscall = history_name(h, past_get(h, parent)->syscall);
	ensure_room(h, now);
	push(h, child, p, REC_FORKED, now, add_wake(h, &wake));
}

/* Who ran unnamed, or under another tid. Its past is the other one's. */
static void on_rename(void *data, const struct fb_task *from, const struct fb_task *to)
{
	struct fb_history *h = data;
	struct past *pf, *pt;

	past_get(h, to);
	pf = past_get(h, from);
	pt = past_get(h, to);
	if (pf->kind == REC_NOTHING)
		return;
	if (pt->kind != REC_NOTHING && pt->time <= pf->begin && is_live(h, pf->first)) {
		record_at(h, pf->first)->prev = pt->last;
		record_at(h, pf->first)->before = pt->kind;
		pf->first = pt->first;
		pf->begin = pt->begin;
	}
	pf->ran += pt->ran;
	*pt = *pf;
	pt->task = to;
	pf->task = to;
}

static void add_loss(struct fb_history *h, fb_ns now, fb_ns until)
{
	struct loss loss = { now, MAX(now, until) };

	while (h->losses->len) {
		struct loss last = g_array_index(h->losses, struct loss, h->losses->len - 1);

		if (last.end < loss.begin)
			break;
		loss.begin = MIN(last.begin, loss.begin);
		loss.end = MAX(last.end, loss.end);
		g_array_set_size(h->losses, h->losses->len - 1);
	}
	g_array_append_val(h->losses, loss);
	h->lost_until = loss.end;
}

/* Its last record tells of nothing behind `since`, if that is found out late. */
static void push_lost(struct fb_history *h, const struct fb_task *task, fb_ns since)
{
	struct past *p = past_get(h, task);
	fb_ns now = h->now;

	p->syscall = NAME_UNKNOWN;
	p->in_work = p->has_worked = false;
	if (p->kind != REC_NOTHING)
		since = MAX(since, p->time);
	if (h->head)
		since = MAX(since, h->head->base);
	push(h, task, p, REC_LOST, since, 0);
	h->now = MAX(h->now, now);
}

static void on_lost(void *data, const struct fb_task *task, fb_ns now, fb_ns until)
{
	struct fb_history *h = data;

	add_loss(h, now, until);
	if (h->works)
		works_forget(h->works);
	if (task)
		push_lost(h, task, now);
}

/* Who ran is as unknown as who did not, which the loss tells of. */
static void on_gap(void *data, fb_ns until)
{
	struct fb_history *h = data;

	if (h->packets && !h->options.packets)
		packets_gap(h->packets);
	if (h->works)
		works_forget(h->works);
	if (h->now == FB_NS_NONE)
		return;
	add_loss(h, h->now, until);
	for (uint32_t i = 0; i < h->n_tasks; i++) {
		struct past *p = &h->tasks[i];

		p->syscall = NAME_UNKNOWN;
		p->in_work = p->has_worked = false;
		if (p->kind == REC_RUNNING || p->kind == REC_INTERRUPTED)
			push(h, p->task, p, REC_LOST, h->now, 0);
	}
}

struct fb_observer fb_history_observer(struct fb_history *h)
{
	static const struct fb_observer_ops ops = {
		.begin = history_begin,
		.event = history_event,
		.run = on_run,
		.leave = on_leave,
		.wake = on_wake,
		.refine = on_refine,
		.syscall = on_syscall,
		.pause = on_pause,
		.approach = on_approach,
		.resume = on_resume,
		.interrupt = on_interrupt,
		.fork = on_fork,
		.rename = on_rename,
		.lost = on_lost,
		.gap = on_gap,
	};

	return (struct fb_observer){ &ops, h };
}
