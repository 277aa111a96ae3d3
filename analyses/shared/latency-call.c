/* SPDX-License-Identifier: MIT */
/* latency-call.c - a model's transitions -> system calls and their parts. */
#include "analyses/shared/latency-call.h"
#include "base/groups.h"

struct state {
	enum {
		UNSEEN,    /* whether it is in a call is not known */
		OUTSIDE,
		APPROACHING, /* outside, unless it turns out that it waits at the entry to a call */
		INSIDE,
		RETURNING, /* its exit was logged, but it may not be back in user mode yet */
		DOUBTFUL,  /* events were lost since it was inside */
	} where;
	/* APPROACHING, INSIDE, RETURNING: */
	struct call call;              /* so far */
	bool endless;                  /* … and it has no exit */
	struct state *left;            /* INSIDE: it was left, and may go on. What it was by then; NULL: it was not */
	enum part part;                /* what goes on since `since` */
	fb_ns since;
	fb_ns woken;                   /* BLOCKED: FB_NS_NONE before that */
	struct fb_cause cause;         /* … by what; of the last wait still, while that is `pending` */
	/*
	 * A wait that is over: what ended it may be told yet, up to the call's end. Then it is
	 * given its share.
	 */
	bool pending;
	bool unwoken;                  /* … its waking was not seen: how much of it was ready nobody knows */
	fb_ns asleep;
	bool torn;                     /* the call had one that remained so */
	struct fb_interrupt interrupt; /* HARDIRQ, SOFTIRQ: which */
};

struct calls {
	void (*func)(const struct call *call, void *data);
	void *data;
	GPtrArray *states;             /* struct state, by the task's number; NULL before its first */
	fb_ns lost_until;              /* FB_NS_NONE: nothing was lost */
	fb_ns known_since;             /* end of the latest gap; INT64_MIN: there was none */
	bool sees_interrupts;          /* … so that preemption in user mode is preceded by one */
	bool sees_wakings;             /* else waits last until their task runs again */
};

/* ---- shares ----------------------------------------------------------------------------- */

void shares_add(struct shares *shares, const struct share *share)
{
	for (size_t i = 0; i < shares->n; i++) {
		struct share *s = &shares->items[i];

		if (s->part == share->part && groups_equal(&s->key, &share->key, sizeof(s->key))) {
			s->time += share->time;
			return;
		}
	}
	if (shares->n == shares->size) {
		shares->size = MAX(4, shares->size * 2);
		shares->items = g_renew(struct share, shares->items, shares->size);
	}
	shares->items[shares->n++] = *share;
}

void shares_clear(struct shares *shares)
{
	g_free(shares->items);
	*shares = (struct shares){ 0 };
}

const struct share *shares_greatest(const struct shares *shares, enum part first, enum part last)
{
	const struct share *greatest = NULL;

	for (size_t i = 0; i < shares->n; i++) {
		const struct share *s = &shares->items[i];

		if (s->part >= first && s->part <= last &&
		    (!greatest || s->time > greatest->time))
			greatest = s;
	}
	return greatest;
}

static void add_share(struct call *call, enum part part, struct cause_key key, fb_ns time)
{
	if (time > 0)
		shares_add(&call->shares, &(struct share){ part, key, time });
}

static struct cause_key key_of_interrupt(const struct fb_interrupt *interrupt)
{
	struct cause_key key = { .id = interrupt->id, .name = interrupt->name };

	switch (interrupt->kind) {
	case FB_FRAME_SOFTIRQ:
		key.kind = FB_CAUSE_SOFTIRQ;
		key.name = fb_softirq_name(interrupt->id);
		key.is_inline = interrupt->is_inline;
		break;
	case FB_FRAME_IRQ:
		key.kind = FB_CAUSE_IRQ;
		break;
	case FB_FRAME_VECTOR:
		key.kind = interrupt->vector == FB_VEC_LOCAL_TIMER ? FB_CAUSE_TIMER : FB_CAUSE_IPI;
		break;
	default:
		key.kind = FB_CAUSE_HRTIMER;
	}
	return key;
}

/* ---- a call's life ---------------------------------------------------------------------- */

static struct state *state_of(struct calls *c, const struct fb_task *task)
{
	struct state **at;

	if (task->number >= c->states->len)
		g_ptr_array_set_size(c->states, task->number + 1);
	at = (struct state **)&g_ptr_array_index(c->states, task->number);
	if (!*at)
		*at = g_new0(struct state, 1);
	return *at;
}

/* The state of a task that is in a call, or perhaps is, or NULL: what happens outside of calls is of no interest. */
static struct state *state_in_call(const struct calls *c, const struct fb_task *task)
{
	struct state *s = task->number < c->states->len ?
				  g_ptr_array_index(c->states, task->number) : NULL;

	return s && (s->where == APPROACHING || s->where == INSIDE || s->where == RETURNING) ? s : NULL;
}

static bool is_off_cpu(const struct state *s)
{
	return s->part == PART_READY || s->part == PART_BLOCKED;
}

/* Whether events are missing of some CPU around that time, or behind it. */
static bool is_lossy(const struct calls *c, fb_ns time)
{
	return c->lost_until != FB_NS_NONE && time <= c->lost_until;
}

static void begin_call(const struct calls *c, struct state *s, const struct fb_task *task,
		       const struct fb_syscall *syscall, fb_ns now)
{
	struct call *call = &s->call;

	/* Member by member, as it is done by the million: the blocker is big, and means nothing yet. */
	call->task = task;
	call->syscall = syscall ? syscall->name : NULL;
	s->endless = fb_syscall_is(syscall, FB_CALL_ENDLESS);
	call->begin = now;
	call->exit = call->end = FB_NS_NONE;
	memset(call->parts, 0, sizeof(call->parts));
	call->shares.n = 0;
	call->blocker_time = 0;
	/* Events of its CPU may be missing behind this one. */
	s->where = is_lossy(c, now) ? DOUBTFUL : INSIDE;
	s->part = PART_RUNNING;
	s->since = now;
	s->pending = s->torn = false;
}

static void hand_out(struct calls *c, struct call *call)
{
	call->comm = call->task->comm;
	call->exe = call->task->exe;
	c->func(call, c->data);
}

/* What elapsed on the CPU since the last transition. */
static void charge(struct state *s, fb_ns now)
{
	fb_ns time = now - s->since;

	s->call.parts[s->part] += time;
	s->since = now;
	if (s->part == PART_HARDIRQ || s->part == PART_SOFTIRQ)
		add_share(&s->call, s->part, key_of_interrupt(&s->interrupt), time);
}

/* More will not be known of the wait that is over. */
static void settle_wait(const struct calls *c, struct state *s)
{
	struct call *call = &s->call;

	if (!s->pending)
		return;
	s->pending = false;
	s->torn |= s->unwoken && c->sees_wakings;
	add_share(call, PART_BLOCKED, cause_key_by_call(&s->cause), s->asleep);
	if (s->asleep > call->blocker_time) {
		call->blocker = s->cause;
		call->blocker_time = s->asleep;
	}
}

/* A call of which too little is known. */
static void hand_out_cut(struct calls *c, const struct fb_task *task, const char *syscall,
			 fb_ns begin, fb_ns end, enum fb_quality quality)
{
	struct call call = { .task = task, .syscall = syscall, .quality = quality, .begin = begin,
			     .exit = end, .end = end };

	hand_out(c, &call);
}

/* It was back in user mode when it was last heard of. */
static void end_call(struct calls *c, struct state *s)
{
	fb_ns sum = 0;

	s->where = OUTSIDE;
	settle_wait(c, s);
	if (s->torn) {
		hand_out_cut(c, s->call.task, s->call.syscall, s->call.begin, s->call.exit,
			     FB_QUALITY_LOST);
		return;
	}
	s->call.end = s->since;
	for (int i = 0; i < PARTS; i++)
		sum += s->call.parts[i];
	g_assert(sum == s->call.end - s->call.begin);
	hand_out(c, &s->call);
}

static void exit_call(struct calls *c, struct state *s, fb_ns now)
{
	charge(s, now);
	s->call.exit = now;
	s->where = RETURNING;
	if (!c->sees_interrupts)
		end_call(c, s);
}

static void left_free(struct state *s)
{
	if (!s->left)
		return;
	shares_clear(&s->left->call.shares);
	g_clear_pointer(&s->left, g_free);
}

/* The call that was left does not go on: it was over by then. */
static void end_left(struct calls *c, struct state *s)
{
	if (!s->left)
		return;
	s->where = OUTSIDE;
	s->pending = false;
	end_call(c, s->left);
	left_free(s);
}

/* Gives up what is known of a task, whose call, if it is in one, does not end in sight. */
static void forget_call(struct calls *c, struct state *s, enum fb_quality quality)
{
	end_left(c, s);
	if (s->where == RETURNING && !is_off_cpu(s))
		end_call(c, s);
	if (s->where == APPROACHING)
		s->where = OUTSIDE;
	if (s->where == UNSEEN || s->where == OUTSIDE || s->endless)
		return;
	hand_out_cut(c, s->call.task, s->call.syscall, s->call.begin, FB_NS_NONE,
		     s->where == DOUBTFUL ? FB_QUALITY_LOST : quality);
	s->where = OUTSIDE;
}

/* ---- what the model tells --------------------------------------------------------------- */

static void on_syscall(void *data, const struct fb_task *task, const struct fb_syscall *call,
		       bool inside, fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_of(c, task);

	end_left(c, s);
	if (inside) {
		forget_call(c, s, FB_QUALITY_LOST);
		begin_call(c, s, task, call, now);
		return;
	}
	if ((s->where == INSIDE || s->where == DOUBTFUL) && s->endless) {
		s->where = OUTSIDE;
		return;
	}
	if (s->where == INSIDE) {
		exit_call(c, s, now);
		return;
	}
	if (s->where == RETURNING)
		forget_call(c, s, FB_QUALITY_LOST);
	else if (s->where == DOUBTFUL)
		hand_out_cut(c, task, s->call.syscall, s->call.begin, now, FB_QUALITY_LOST);
	else if (s->where == UNSEEN)
		hand_out_cut(c, task, call ? call->name : NULL, FB_NS_NONE, now,
			     c->lost_until == FB_NS_NONE ? FB_QUALITY_EDGE : FB_QUALITY_LOST);
	s->where = OUTSIDE; /* the child of a fork leaves a call that it never entered */
}

/* It is inside until it is seen that it does not go on. */
static void on_pause(void *data, const struct fb_task *task, const struct fb_syscall *call,
		     fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_of(c, task);
	struct shares *shares;

	if (s->where != INSIDE) {
		on_syscall(data, task, call, false, now);
		return;
	}
	left_free(s);
	charge(s, now);
	s->call.exit = now;
	s->left = g_memdup2(s, sizeof(*s));
	shares = &s->left->call.shares;
	shares->items = g_memdup2(shares->items, shares->size * sizeof(*shares->items));
	s->left->left = NULL;
}

/* What follows is in a call, if that turns out to be so: then it began here. */
static void on_approach(void *data, const struct fb_task *task, fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_of(c, task);

	forget_call(c, s, FB_QUALITY_LOST);
	begin_call(c, s, task, NULL, now);
	s->where = s->where == DOUBTFUL ? OUTSIDE : APPROACHING;
}

static void on_resume(void *data, const struct fb_task *task, const struct fb_syscall *call,
		      fb_ns now)
{
	struct state *s = state_of(data, task);

	if (s->where == APPROACHING) {
		s->where = INSIDE;
		s->call.syscall = call ? call->name : NULL;
		s->endless = fb_syscall_is(call, FB_CALL_ENDLESS);
	} else if (s->where == INSIDE && s->left) {
		left_free(s);
	} else {
		on_syscall(data, task, call, true, now);
	}
}

/* What it does is not known any more. */
static void doubt(struct calls *c, struct state *s)
{
	if (s->where == RETURNING || s->where == APPROACHING || s->left)
		forget_call(c, s, FB_QUALITY_LOST);
	else
		s->where = DOUBTFUL;
}

static void on_leave(void *data, const struct fb_task *task, char state, fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_in_call(c, task);

	if (state == 'X') {
		s = state_of(c, task);
		forget_call(c, s, FB_QUALITY_LOST);
		s->where = OUTSIDE;
		return;
	}
	if (!s)
		return;
	if (is_off_cpu(s)) {
		doubt(c, s); /* nobody saw it come back */
		return;
	}
	if (s->where == RETURNING && state != 'R') {
		end_call(c, s);
		return;
	}
	charge(s, now);
	s->part = state == 'R' ? PART_READY : PART_BLOCKED;
	if (s->part == PART_READY)
		return;
	settle_wait(c, s);
	s->woken = FB_NS_NONE;
	s->cause = (struct fb_cause){ .id = -1, .cpu = -1, .origin = { .id = -1 } };
}

static void on_wake(void *data, const struct fb_task *task, const struct fb_cause *cause, fb_ns now)
{
	struct state *s = state_in_call(data, task);

	if (!s || s->part != PART_BLOCKED)
		return;
	/* One with a signal pending is said to sleep, but only left its CPU for a moment. */
	s->woken = cause->via == FB_VIA_SIGNAL_PENDING ? s->since : now;
	s->cause = *cause;
}

static void on_refine(void *data, const struct fb_task *task, const struct fb_cause *cause)
{
	struct state *s = state_in_call(data, task);

	if (!s || !(s->pending || (s->part == PART_BLOCKED && s->woken != FB_NS_NONE)))
		return;
	s->cause = *cause;
	s->unwoken = false;
	/* The wait that the call which was left ended with: it is still the latest. */
	if (s->left && s->pending) {
		s->left->cause = *cause;
		s->left->unwoken = false;
	}
}

static void end_wait(struct state *s, fb_ns now)
{
	struct call *call = &s->call;
	fb_ns woken = s->woken == FB_NS_NONE ? now : s->woken;

	s->pending = true;
	s->unwoken = s->woken == FB_NS_NONE;
	s->asleep = woken - s->since;
	call->parts[PART_BLOCKED] += s->asleep;
	call->parts[PART_READY] += now - woken;
	s->since = now;
}

static void on_run(void *data, const struct fb_task *task, fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_in_call(c, task);

	if (!s)
		return;
	/* Where events were lost it may have run, and been in other calls. Or nobody saw it leave. */
	if (!is_off_cpu(s) || is_lossy(c, s->since)) {
		doubt(c, s);
		return;
	}
	if (s->part == PART_BLOCKED)
		end_wait(s, now);
	else
		charge(s, now);
	s->part = PART_RUNNING;
}

static void on_interrupt(void *data, const struct fb_task *task,
			 const struct fb_interrupt *interrupt, fb_ns now)
{
	struct calls *c = data;
	struct state *s = state_in_call(c, task);

	if (!s || is_off_cpu(s))
		return;
	if (s->where == RETURNING) {
		end_call(c, s);
		return;
	}
	charge(s, now);
	s->interrupt = *interrupt;
	if (interrupt->kind == FB_FRAME_NONE)
		s->part = PART_RUNNING;
	else
		s->part = interrupt->kind == FB_FRAME_SOFTIRQ ? PART_SOFTIRQ : PART_HARDIRQ;
}

static void on_fork(void *data, const struct fb_task *parent, const struct fb_task *child,
		    fb_ns now)
{
	(void)parent;
	(void)now;
	state_of(data, child)->where = OUTSIDE;
}

static void on_rename(void *data, const struct fb_task *from, const struct fb_task *to)
{
	struct calls *c = data;
	struct state *old = state_of(c, from), *new = state_of(c, to);
	struct state moved = *old;

	if (old->where == UNSEEN)
		return;
	forget_call(c, new, FB_QUALITY_LOST);
	*old = *new;
	*new = moved;
	old->where = OUTSIDE;
	new->call.task = to;
	if (new->left)
		new->left->call.task = to;
}

static void on_lost(void *data, const struct fb_task *task, fb_ns now, fb_ns until)
{
	struct calls *c = data;
	struct state *s = task ? state_in_call(c, task) : NULL;

	(void)now;
	c->lost_until = MAX(c->lost_until, until);
	if (s)
		doubt(c, s);
}

/* Calls under way are cut off where they end, if that is seen. */
static void on_gap(void *data, fb_ns until)
{
	struct calls *c = data;

	for (guint i = 0; i < c->states->len; i++) {
		struct state *s = g_ptr_array_index(c->states, i);

		if (s)
			end_left(c, s);
		if (s && s->where == RETURNING && !is_off_cpu(s))
			end_call(c, s);
		if (s)
			s->where = UNSEEN;
	}
	c->known_since = until;
	if (c->lost_until < until)
		c->lost_until = FB_NS_NONE;
}

struct fb_observer calls_observer(struct calls *c)
{
	static const struct fb_observer_ops ops = {
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

	return (struct fb_observer){ &ops, c };
}

/* ---- all of them ------------------------------------------------------------------------ */

static void state_free(void *data)
{
	struct state *s = data;

	if (!s)
		return;
	left_free(s);
	shares_clear(&s->call.shares);
	g_free(s);
}

struct calls *calls_new(uint64_t kinds, void (*func)(const struct call *call, void *data),
			void *data)
{
	const uint64_t interrupts = FB_KIND_BIT(FB_EV_IRQ_ENTER) | FB_KIND_BIT(FB_EV_VEC_ENTER);
	struct calls *c = g_new0(struct calls, 1);

	c->sees_interrupts = (kinds & interrupts) == interrupts;
	c->sees_wakings = kinds & (FB_KIND_BIT(FB_EV_WAKING) | FB_KIND_BIT(FB_EV_WAKEUP));
	c->func = func;
	c->data = data;
	c->states = g_ptr_array_new_with_free_func(state_free);
	c->lost_until = FB_NS_NONE;
	c->known_since = INT64_MIN;
	return c;
}

void calls_free(struct calls *c)
{
	if (!c)
		return;
	g_ptr_array_free(c->states, TRUE);
	g_free(c);
}

void calls_finish(struct calls *c)
{
	for (guint i = 0; i < c->states->len; i++) {
		struct state *s = g_ptr_array_index(c->states, i);

		if (s)
			forget_call(c, s, FB_QUALITY_EDGE);
	}
}

const char *calls_syscall(const struct calls *c, const struct fb_task *task)
{
	const struct state *s = state_in_call(c, task);

	return s && s->where == INSIDE ? s->call.syscall : NULL;
}

fb_ns calls_known_since(const struct calls *c)
{
	return c->known_since;
}
