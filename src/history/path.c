/* SPDX-License-Identifier: MIT */
/*
 * path.c - the critical path: the records of a task through a span of time, each
 * wait among them replaced by those of its waker through that wait, and so on.
 */
#include "base/glob.h"
#include "history/walk.h"

/* ---- telling ---------------------------------------------------------------------------- */

static void pass_on(struct path *p, const struct fb_segment *s)
{
	p->h->counts.unknown[s->unknown]++;
	if (p->funcs->segment)
		p->funcs->segment(s, p->data);
}

static void tell_held(struct path *p)
{
	if (p->has_held)
		pass_on(p, &p->held);
	p->has_held = false;
}

static bool continues(const struct fb_segment *s, const struct fb_segment *before)
{
	return !s->cause && s->task == before->task && s->state == before->state &&
	       s->syscall == before->syscall && s->unknown == before->unknown &&
	       s->depth == before->depth;
}

void path_add(struct path *p, const struct fb_segment *s)
{
	/* The path tiles its span. */
	g_assert(s->begin == p->at && s->end > s->begin);
	p->at = s->end;
	if (p->has_held && continues(s, &p->held)) {
		p->held.end = s->end;
		return;
	}
	tell_held(p);
	if (s->cause) {
		pass_on(p, s); /* the cause is lent until now */
		return;
	}
	p->held = *s;
	p->has_held = true;
}

void path_add_unknown(struct path *p, const struct fb_segment *like, fb_ns end,
		      enum fb_unknown why)
{
	struct fb_segment s = *like;

	if (p->at >= end)
		return;
	s.begin = p->at;
	s.end = end;
	s.state = FB_STATE_UNKNOWN;
	s.unknown = why;
	if (why == FB_UNKNOWN_LOST)
		s.syscall = NULL; /* it may have been in several */
	path_add(p, &s);
}

void path_add_around(struct path *p, const struct fb_segment *wait)
{
	tell_held(p);
	if (p->funcs->around)
		p->funcs->around(wait, p->data);
}

/* ---- levels ----------------------------------------------------------------------------- */

const struct fb_task *path_task_of(const struct path *p, const struct fb_task *task)
{
	const struct fb_history *h = p->h;
	const struct fb_task *known = task->number < h->n_tasks ? h->tasks[task->number].task : NULL;

	return known ? known : task;
}

/* When events were lost during [begin, end] for the last time; FB_NS_NONE: they were not. */
static fb_ns lost_until(const struct fb_history *h, fb_ns begin, fb_ns end)
{
	guint low = 0, high = h->losses->len;
	const struct loss *last;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (g_array_index(h->losses, struct loss, middle).begin <= end)
			low = middle + 1;
		else
			high = middle;
	}
	last = low ? &g_array_index(h->losses, struct loss, low - 1) : NULL;
	return last && last->end >= begin ? last->end : FB_NS_NONE;
}

/* The records that tell of [begin, end], and the first one after. Ends at one that covers begin. */
static void collect(struct path *p, record_number from, const struct level *level)
{
	for (; is_live(p->h, from) && p->effort; p->effort--) {
		fb_ns time = record_time(p->h, from);

		if (time >= level->end)
			g_array_set_size(p->records, level->base);
		g_array_append_val(p->records, from);
		if (time <= level->begin)
			return;
		from = record_at(p->h, from)->prev;
	}
}

/* ---- waits ------------------------------------------------------------------------------ */

static enum fb_state state_of_softirq(const struct fb_cause *cause)
{
	switch (cause->id) {
	case FB_SOFTIRQ_TIMER:
	case FB_SOFTIRQ_HRTIMER:
		return FB_STATE_TIMER;
	case FB_SOFTIRQ_NET_TX:
	case FB_SOFTIRQ_NET_RX:
		return FB_STATE_NETWORK;
	case FB_SOFTIRQ_BLOCK:
		return FB_STATE_BLOCK;
	default:
		return FB_STATE_SOFTIRQ;
	}
}

/* Names of block devices' interrupts, for recordings without block_rq_complete. */
static bool is_disk(const char *irq)
{
	static const char *const disks[] = { "virtio*-req.*", "nvme*", "ahci*", "ata_*", "mmc*", NULL };

	for (const char *const *disk = disks; irq && *disk; disk++)
		if (glob_matches(*disk, irq))
			return true;
	return false;
}

/* What a wait was for that no task ended. */
static enum fb_state state_of_cause(const struct fb_cause *cause)
{
	if (cause->via == FB_VIA_SOFTIRQ_OVERLOAD)
		return FB_STATE_SOFTIRQ;
	if (cause->is_block)
		return FB_STATE_BLOCK;
	switch (cause->kind) {
	case FB_CAUSE_HRTIMER:
	case FB_CAUSE_TIMER:
		return FB_STATE_TIMER;
	case FB_CAUSE_SOFTIRQ:
		return state_of_softirq(cause);
	case FB_CAUSE_IRQ:
		return is_disk(cause->name) ? FB_STATE_BLOCK : FB_STATE_IRQ;
	case FB_CAUSE_IPI:
		return FB_STATE_IPI;
	case FB_CAUSE_TASK:
		return FB_STATE_BLOCKED;
	default:
		return FB_STATE_UNKNOWN;
	}
}

static void add_leaf(struct path *p, struct fb_segment *wait)
{
	wait->state = state_of_cause(wait->cause);
	if (wait->state == FB_STATE_UNKNOWN)
		wait->unknown = FB_UNKNOWN_CAUSE;
	path_add(p, wait);
}

/* Whether who asked knows what stands in for it. */
static bool is_skipped(struct path *p, const struct fb_segment *wait, guint pieces)
{
	if (!p->funcs->skip || !wait->wait)
		return false;
	tell_held(p);
	if (!p->funcs->skip(wait, p->data))
		return false;
	p->at = wait->end;
	path_add_pieces(p, pieces);
	return true;
}

void path_follow(struct path *p, struct fb_segment *wait, const struct recorded_wake *wake,
		 guint pieces, bool may_be_self)
{
	const struct fb_cause *cause = &wake->cause;
	const struct fb_task *waker = cause->task ? path_task_of(p, cause->task) : NULL;
	struct level level = { .task = waker, .begin = wait->begin, .end = wait->end,
			       .pieces = pieces, .depth = wait->depth + 1 };

	wait->cause = cause;
	wait->state = FB_STATE_BLOCKED;
	if (is_live(p->h, wake->packet)) {
		if (is_skipped(p, wait, pieces))
			return;
		path_add_around(p, wait);
		path_follow_packet(p, wait, wake->packet, pieces);
		return;
	}
	if (wake->link == NONE || !waker || (waker == wait->task && !may_be_self)) {
		add_leaf(p, wait);
	} else if (waker->tid <= 0) {
		wait->cause = NULL;
		path_add_unknown(p, wait, wait->end, FB_UNKNOWN_CAUSE);
	} else if (is_skipped(p, wait, pieces)) {
		return;
	} else {
		path_add_around(p, wait);
		path_open(p, &level, wake->link, REC_RUNNING, cause->syscall);
		return;
	}
	path_add_pieces(p, pieces);
}

static bool is_woken(const struct path *p, record_number number)
{
	return number != NONE && record_at(p->h, number)->kind == REC_WOKEN;
}

/* `next`: the record that ends the wait; NONE when it lasts. */
static void add_wait(struct path *p, struct fb_segment *s, record_number next)
{
	s->state = FB_STATE_BLOCKED;
	s->wait = next;
	if (next == NONE)
		path_add(p, s);
	else if (is_woken(p, next))
		path_follow(p, s, record_wake(p->h, next), p->pieces->len, false);
	else
		path_add_unknown(p, s, s->end, FB_UNKNOWN_CAUSE);
}

/*
 * Off its CPU a task may have run on the one whose events were lost. But one that
 * is woken slept, and not on a CPU that told all.
 */
static void add_lost(struct path *p, struct fb_segment *s, fb_ns until, record_number next)
{
	path_add_unknown(p, s, is_woken(p, next) ? MIN(until, s->end) : s->end, FB_UNKNOWN_LOST);
	s->begin = p->at;
	if (s->begin >= s->end)
		return;
	s->syscall = history_name(p->h, record_at(p->h, next)->syscall);
	add_wait(p, s, next);
}

/* ---- intervals -------------------------------------------------------------------------- */

static void add_interrupt(struct path *p, struct fb_segment *s, const struct record *r)
{
	union interrupt_arg arg = { .arg = r->arg };
	struct fb_cause cause = {
		.id = arg.id,
		.cpu = -1,
		.is_inline = arg.is_inline,
		.name = history_name(p->h, arg.name),
		.origin = { .id = -1 },
	};

	if (arg.kind == FB_FRAME_SOFTIRQ) {
		s->state = FB_STATE_SOFTIRQ;
		cause.kind = FB_CAUSE_SOFTIRQ;
		cause.name = fb_softirq_name(arg.id);
	} else if (arg.kind == FB_FRAME_VECTOR && arg.vector != FB_VEC_LOCAL_TIMER) {
		s->state = FB_STATE_IPI;
		cause.kind = FB_CAUSE_IPI;
	} else {
		s->state = FB_STATE_IRQ;
		cause.kind = arg.kind == FB_FRAME_IRQ ? FB_CAUSE_IRQ : FB_CAUSE_TIMER;
	}
	s->cause = &cause;
	path_add(p, s);
}

static void add_by_kind(struct path *p, struct fb_segment *s, enum record_kind kind)
{
	switch (kind) {
	case REC_RUNNING:
	case REC_INTERRUPTED:
		s->state = FB_STATE_RUNNING;
		path_add(p, s);
		break;
	case REC_READY:
	case REC_WOKEN:
	case REC_FORKED:
		s->state = FB_STATE_READY;
		path_add(p, s);
		break;
	default:
		path_add_unknown(p, s, s->end, kind == REC_LOST ? FB_UNKNOWN_LOST : FB_UNKNOWN_EDGE);
	}
}

/* It ran, and may have left its system call on the way. */
static void add_running(struct path *p, struct fb_segment *s, const struct record *r, fb_ns begin)
{
	fb_ns end = s->end, exit = begin + (fb_ns)r->arg - 1;

	s->state = FB_STATE_RUNNING;
	if (r->arg && exit < end) {
		s->end = exit;
		if (s->begin < s->end)
			path_add(p, s);
		s->begin = MAX(s->begin, exit);
		s->end = end;
		s->syscall = NULL;
	}
	path_add(p, s);
}

/* One record's share of the innermost level. `next`: the task's next one; NONE: it lasts. */
static void add_interval(struct path *p, const struct level *level, record_number number,
			 record_number next)
{
	const struct record *r = record_at(p->h, number);
	fb_ns begin = record_time(p->h, number);
	fb_ns end = next == NONE ? level->end : record_time(p->h, next);
	struct fb_segment s = {
		.task = level->task,
		.syscall = history_name(p->h, r->syscall),
		.begin = MAX(begin, level->begin),
		.end = MIN(end, level->end),
		.depth = level->depth,
	};
	bool runs = r->kind == REC_RUNNING || r->kind == REC_INTERRUPTED;
	fb_ns lost = runs ? FB_NS_NONE : lost_until(p->h, begin, end);

	if (s.begin >= s.end)
		return;
	if (lost != FB_NS_NONE)
		add_lost(p, &s, lost, next);
	else if (r->kind == REC_BLOCKED)
		add_wait(p, &s, next);
	else if (r->kind == REC_RUNNING)
		add_running(p, &s, r, begin);
	else if (r->kind == REC_INTERRUPTED)
		add_interrupt(p, &s, r);
	else
		add_by_kind(p, &s, r->kind);
}

/* The beginning of a level that no record covers, because the history dropped it. */
static void add_dropped(struct path *p, struct fb_segment *s, enum record_kind kind,
			record_number next)
{
	fb_ns since = history_since(p->h), lost;

	path_add_unknown(p, s, MIN(since, s->end), FB_UNKNOWN_DROPPED);
	s->begin = p->at;
	if (s->begin >= s->end)
		return;
	lost = kind == REC_RUNNING ? FB_NS_NONE : lost_until(p->h, s->begin, s->end);
	if (lost != FB_NS_NONE)
		add_lost(p, s, lost, next);
	else if (kind == REC_BLOCKED)
		add_wait(p, s, next);
	else
		add_by_kind(p, s, kind);
}

/* … or because the task did not live yet, or the trace tells nothing of it. */
static void add_beginning(struct path *p, struct fb_segment *s, record_number first)
{
	const struct recorded_wake *wake;
	struct level level;
	fb_ns lost;

	if (is_woken(p, first)) {
		/* It slept, for as long as anything is known. */
		path_add_unknown(p, s, MIN(p->h->begin, s->end), FB_UNKNOWN_EDGE);
		s->begin = p->at;
		lost = lost_until(p->h, s->begin, s->end);
		if (s->begin < s->end)
			add_lost(p, s, lost == FB_NS_NONE ? s->begin : lost, first);
		return;
	}
	if (record_at(p->h, first)->kind != REC_FORKED) {
		path_add_unknown(p, s, s->end, FB_UNKNOWN_EDGE);
		return;
	}
	wake = record_wake(p->h, first);
	level = (struct level){ .task = path_task_of(p, wake->cause.task), .begin = s->begin,
				.end = s->end, .pieces = p->pieces->len, .depth = s->depth + 1 };
	s->cause = &wake->cause;
	s->state = FB_STATE_BLOCKED;
	s->is_birth = true;
	path_add_around(p, s);
	path_open(p, &level, wake->link, REC_RUNNING, wake->cause.syscall);
}

/* The first record of the innermost level; NONE: no record tells of it. */
static record_number first_record(const struct path *p, const struct level *level)
{
	return p->records->len > level->base ?
		       g_array_index(p->records, record_number, p->records->len - 1) : NONE;
}

/* What comes before a level's first record, of which that tells; what kind of thing it was. */
static enum record_kind before_first(const struct path *p, record_number first,
				     struct fb_segment *s)
{
	const struct record *r = record_at(p->h, first);

	s->end = MIN(s->end, record_time(p->h, first));
	s->syscall = r->kind == REC_WOKEN ? history_name(p->h, r->syscall) : NULL;
	return r->before == REC_WORK ? REC_RUNNING : r->before;
}

static void give_up(struct path *p, const struct level *level, const struct fb_segment *s)
{
	g_array_set_size(p->records, level->base);
	path_add_unknown(p, s, s->end, FB_UNKNOWN_EFFORT);
}

void path_open_level(struct path *p, const struct level *like, record_number from,
		     enum record_kind kind, const char *syscall)
{
	struct level level = *like;
	struct fb_segment s = { .task = level.task, .syscall = syscall, .begin = level.begin,
				.end = level.end, .depth = level.depth };
	record_number first;

	level.base = p->records->len;
	collect(p, from, &level);
	g_array_append_val(p->levels, level);
	if (!p->effort) {
		s.syscall = NULL;
		give_up(p, &level, &s);
		return;
	}
	first = first_record(p, &level);
	if (first != NONE)
		kind = before_first(p, first, &s);
	if (s.begin >= s.end)
		return;
	if (kind == REC_NOTHING && first != NONE)
		add_beginning(p, &s, first);
	else
		add_dropped(p, &s, kind, first);
}

void path_open(struct path *p, const struct level *level, record_number from,
	       enum record_kind kind, const char *syscall)
{
	struct service service;

	if (is_servant(level->task) &&
	    service_find(p->h, level->task, from, level->begin, &p->effort, &service))
		path_open_service(p, level, from, &service);
	else
		path_open_level(p, level, from, kind, syscall);
}

void path_add_pieces(struct path *p, guint base)
{
	while (p->pieces->len > base) {
		struct fb_segment piece =
			g_array_index(p->pieces, struct fb_segment, p->pieces->len - 1);

		g_array_set_size(p->pieces, p->pieces->len - 1);
		path_add(p, &piece);
	}
}

static void run_levels(struct path *p)
{
	while (p->levels->len) {
		struct level level = g_array_index(p->levels, struct level, p->levels->len - 1);
		record_number number, next = NONE;

		if (p->records->len == level.base) {
			g_array_set_size(p->levels, p->levels->len - 1);
			path_add_pieces(p, level.pieces);
			continue;
		}
		number = g_array_index(p->records, record_number, p->records->len - 1);
		g_array_set_size(p->records, p->records->len - 1);
		if (p->records->len > level.base)
			next = g_array_index(p->records, record_number, p->records->len - 1);
		add_interval(p, &level, number, next);
	}
}

void fb_history_path(struct fb_history *h, const struct fb_task *task, fb_ns begin, fb_ns end,
		     const struct fb_path_funcs *funcs, void *data)
{
	struct path p = {
		.h = h,
		.funcs = funcs,
		.data = data,
		.at = begin,
		.levels = h->levels,
		.records = h->records,
		.pieces = h->pieces,
		.effort = 16 * (uint64_t)h->n_chunks * CHUNK + 1,
	};
	const struct past *past = task->number < h->n_tasks ? &h->tasks[task->number] : NULL;
	struct level level = { .task = path_task_of(&p, task), .begin = begin, .end = end };

	if (begin < end)
		path_open_level(&p, &level, past ? past->last : NONE, past ? past->kind : REC_NOTHING,
			   past ? history_name(h, past->syscall) : NULL);
	run_levels(&p);
	tell_held(&p);
	g_assert(begin >= end || p.at == end);
}
