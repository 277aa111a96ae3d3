/* SPDX-License-Identifier: MIT */
/*
 * recorder.c - the waits of one run, added up as they come.
 *
 * Waits come by the hundred thousand, so they are told apart by interned texts as they
 * are. What these become as a group's key, and which groups are one then, is found out
 * at the end, once for each.
 */
#include "profile/recorder.h"

static void group_clear(void *data)
{
	struct recorder_group *group = data;

	for (size_t i = 0; i < RECORDER_ROWS; i++)
		g_free(group->rows[i]);
}

struct fb_profile_recorder *fb_profile_recorder_new(void)
{
	struct fb_profile_recorder *r = g_new0(struct fb_profile_recorder, 1);

	r->groups = groups_new(sizeof(struct recorder_group), sizeof(struct recorder_key),
			       group_clear);
	return r;
}

void recorder_clear(struct fb_profile_recorder *r)
{
	groups_clear(r->groups);
	memset(r->waits, 0, sizeof(r->waits));
}

void fb_profile_recorder_free(struct fb_profile_recorder *r)
{
	if (!r)
		return;
	groups_free(r->groups);
	g_free(r);
}

/* Whose comm stands for the process' name while no program is known: 0: the waiting thread's. */
static int32_t main_thread_of(const struct fb_blocking *b)
{
	const struct fb_task *task = b->task;

	return b->exe || task->pid <= 0 || task->pid == task->tid ? 0 : task->pid;
}

static inline struct recorder_key key_of(const struct fb_blocking *b)
{
	return (struct recorder_key){
		.exe = b->exe,
		.comm = b->comm,
		.syscall = b->syscall,
		.cause = cause_key_by_name(&b->cause),
		.pid = main_thread_of(b),
	};
}

static struct recorder_group *group_get(struct fb_profile_recorder *r, const struct fb_blocking *b)
{
	const struct recorder_key key = key_of(b);

	return groups_get(r->groups, &key, sizeof(key));
}

static void count_bucket(struct recorder_group *group, fb_ns asleep)
{
	unsigned int bucket = fb_stats_bucket(asleep);
	uint64_t **row = &group->rows[bucket / RECORDER_ROW];

	if (G_UNLIKELY(!*row))
		*row = g_new0(uint64_t, RECORDER_ROW);
	(*row)[bucket % RECORDER_ROW]++;
}

static G_NO_INLINE void note_worst(struct fb_profile_values *v, const struct fb_blocking *b,
				   fb_ns asleep)
{
	const struct fb_profile_wait wait = {
		.asleep = asleep, .begin = b->begin, .tid = b->task->tid,
	};

	values_add_worst(v, &wait);
}

/* Nothing is negative, or nothing could be added up in any order. */
static void add(struct recorder_group *group, const struct fb_blocking *b, fb_ns asleep,
		fb_ns ready)
{
	struct fb_profile_values *v = &group->values;

	v->min = v->n ? MIN(v->min, asleep) : asleep;
	v->max = MAX(v->max, asleep);
	v->n++;
	v->asleep = add_capped(v->asleep, asleep);
	v->ready = add_capped(v->ready, ready);
	count_bucket(group, asleep);
	if (v->n <= FB_PROFILE_WORST || asleep >= v->worst[FB_PROFILE_WORST - 1].asleep)
		note_worst(v, b, asleep);
}

/* How long it was, where that is known: asleep, or all of it where nobody knows when it was woken. */
static void add_uncertain(struct recorder_group *group, const struct fb_blocking *b, fb_ns asleep)
{
	struct fb_profile_values *v = &group->values;

	if (asleep == FB_NS_NONE && b->begin != FB_NS_NONE && b->end != FB_NS_NONE)
		asleep = b->end - b->begin;
	v->uncertain++;
	v->uncertain_asleep = add_capped(v->uncertain_asleep, MAX(asleep, 0));
}

void fb_profile_recorder_add(struct fb_profile_recorder *r, const struct fb_blocking *b)
{
	fb_ns asleep = fb_blocking_asleep(b), ready = fb_blocking_ready(b);
	struct recorder_group *group;

	r->waits[b->quality]++;
	if (b->quality == FB_QUALITY_EDGE)
		return;
	group = group_get(r, b);
	if (b->quality == FB_QUALITY_LOST || asleep == FB_NS_NONE || ready == FB_NS_NONE)
		add_uncertain(group, b, asleep);
	else
		add(group, b, MAX(asleep, 0), MAX(ready, 0));
}

static void on_blocking(void *self, const struct fb_blocking *b)
{
	fb_profile_recorder_add(self, b);
}

struct fb_consumer fb_profile_recorder_consumer(struct fb_profile_recorder *r)
{
	return (struct fb_consumer){ .self = r, .blocking = on_blocking, .edges = true };
}
