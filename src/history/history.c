/* SPDX-License-Identifier: MIT */
/* history.c - life of a history, and what it knows of its tasks. */
#include "history/walk.h"

#include "packets/waits.h"

struct fb_history *fb_history_new(const struct fb_history_options *options)
{
	struct fb_history *h = g_new0(struct fb_history, 1);

	h->options = *options;
	if (!h->options.size)
		h->options.size = FB_HISTORY_SIZE;
	if (!h->options.begin && !h->options.end) {
		h->options.begin = INT64_MIN;
		h->options.end = INT64_MAX;
	}
	h->losses = g_array_new(FALSE, FALSE, sizeof(struct loss));
	h->lost_until = FB_NS_NONE;
	h->names = g_ptr_array_new();
	g_ptr_array_set_size(h->names, NAMES_FIXED); /* NULL */
	h->numbers = g_hash_table_new(NULL, NULL);
	h->levels = g_array_new(FALSE, FALSE, sizeof(struct level));
	h->records = g_array_new(FALSE, FALSE, sizeof(record_number));
	h->pieces = g_array_new(FALSE, FALSE, sizeof(struct fb_segment));
	h->counts.since = FB_NS_NONE;
	h->begin = h->now = FB_NS_NONE;
	return h;
}

void fb_history_free(struct fb_history *h)
{
	if (!h)
		return;
	history_free_chunks(h);
	g_free(h->tasks);
	g_array_free(h->losses, TRUE);
	g_ptr_array_free(h->names, TRUE);
	g_hash_table_destroy(h->numbers);
	if (!h->options.packets)
		packets_free(h->packets);
	works_free(h->works);
	g_array_unref(h->levels);
	g_array_unref(h->records);
	g_array_unref(h->pieces);
	g_free(h->recent);
	g_free(h);
}

uint64_t fb_history_kinds(void)
{
	return packets_kinds() | works_kinds();
}

uint64_t history_begin(void *data, struct fb_source *source)
{
	struct fb_history *h = data;

	h->packets = h->options.packets ? waits_packets(h->options.packets) : packets_new(source, 0);
	if (h->packets)
		h->recent = g_new0(record_number, RECENT);
	h->works = works_new(source);
	return (h->packets ? packets_kinds() : 0) | (h->works ? works_kinds() : 0);
}

void history_event(void *data, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct fb_history *h = data;

	if (works_kinds() & FB_KIND_BIT(ev->kind))
		history_work_event(h, ev, k);
	else
		history_packet_event(h, ev, k);
}

bool fb_history_life(const struct fb_history *h, const struct fb_task *task, fb_ns *begin,
		     fb_ns *end)
{
	const struct past *p = task->number < h->n_tasks ? &h->tasks[task->number] : NULL;

	if (!p || p->kind == REC_NOTHING)
		return false;
	*begin = p->begin;
	*end = p->kind == REC_GONE ? p->time : h->now;
	return true;
}

const struct fb_task *fb_history_find_task(const struct fb_history *h, int32_t tid)
{
	const struct fb_task *found = NULL;

	for (uint32_t i = 0; i < h->n_tasks; i++) {
		const struct fb_task *task = h->tasks[i].task;

		if (task && task->tid == tid && (!found || task->generation >= found->generation))
			found = task;
	}
	return found;
}

/* When the wait of a task began that has not run again yet. */
static fb_ns wait_since(const struct fb_history *h, const struct past *p)
{
	record_number blocked;

	if (p->kind == REC_BLOCKED)
		return p->time;
	if (p->kind != REC_WOKEN)
		return INT64_MAX;
	blocked = is_live(h, p->last) ? record_at(h, p->last)->prev : NONE;
	return is_live(h, blocked) ? record_time(h, blocked) : INT64_MIN;
}

fb_ns fb_history_waits_since(const struct fb_history *h,
			     bool (*wanted)(const struct fb_task *task, void *data), void *data)
{
	fb_ns since = INT64_MAX;

	for (uint32_t i = 0; i < h->n_tasks; i++) {
		const struct past *p = &h->tasks[i];
		fb_ns time = wait_since(h, p);

		if (time < since && p->task && wanted(p->task, data))
			since = time;
	}
	return since;
}

/* Pasts that were another task's are with that one. */
void fb_history_each_task(const struct fb_history *h,
			  void (*func)(const struct fb_task *task, const struct fb_account *account,
				       void *data),
			  void *data)
{
	for (uint32_t i = 0; i < h->n_tasks; i++) {
		const struct past *p = &h->tasks[i];
		struct fb_account account = { .ran = p->ran, .wait_since = wait_since(h, p) };

		if (!p->task || p->task->number != i)
			continue;
		if (p->kind == REC_RUNNING)
			account.ran += history_counted(h, p->time, h->now);
		func(p->task, &account, data);
	}
}

const struct fb_history_counts *fb_history_counts(const struct fb_history *h)
{
	return &h->counts;
}

void fb_history_count_unknown(struct fb_history *h, enum fb_unknown unknown, uint64_t n)
{
	h->counts.unknown[unknown] += n;
}

const char *fb_state_name(enum fb_state state)
{
	static const char *const names[FB_STATES] = {
		[FB_STATE_RUNNING] = "running",     [FB_STATE_READY] = "ready",
		[FB_STATE_TIMER] = "timer",         [FB_STATE_BLOCK] = "block",
		[FB_STATE_NETWORK] = "network",     [FB_STATE_QDISC] = "qdisc",
		[FB_STATE_IN_FLIGHT] = "in_flight",
		[FB_STATE_HELD] = "held",           [FB_STATE_IRQ] = "irq",
		[FB_STATE_IPI] = "ipi",             [FB_STATE_SOFTIRQ] = "softirq",
		[FB_STATE_QUEUED] = "queued",       [FB_STATE_BLOCKED] = "blocked",
		[FB_STATE_UNKNOWN] = "unknown",
	};

	return names[state];
}

const char *fb_unknown_name(enum fb_unknown unknown)
{
	static const char *const names[FB_UNKNOWNS] = {
		[FB_UNKNOWN_CAUSE] = "cause",     [FB_UNKNOWN_EDGE] = "edge",
		[FB_UNKNOWN_LOST] = "lost",       [FB_UNKNOWN_DROPPED] = "dropped",
		[FB_UNKNOWN_EFFORT] = "effort",
	};

	return names[unknown];
}
