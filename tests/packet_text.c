/* SPDX-License-Identifier: MIT */
/* packet_text.c - see packet_text.h. */
#include "packet_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scenario.h"
#include "traces.h"

struct play {
	struct packets *packets;
	unsigned capacity;
	GString *text; /* of the packets, and of those whom they wake */
};

static void put_who(GString *out, const struct fb_cause *who)
{
	if (who->kind == FB_CAUSE_TASK)
		g_string_append_printf(out, " %d in %s", who->task->tid,
				       who->syscall ? who->syscall : "-");
	else if (who->kind == FB_CAUSE_SOFTIRQ)
		g_string_append_printf(out, " %s", who->name);
	else
		g_string_append_printf(out, " %s 0x%" G_GINT64_MODIFIER "x",
				       fb_cause_kind_name(who->kind), who->function);
	if (who->is_inline)
		g_string_append_printf(out, " on %d", who->task->tid);
}

static void put_held(GString *out, const struct packet_held *held)
{
	if (held->since == FB_NS_NONE)
		return;
	g_string_append_printf(out, " held since %" G_GINT64_FORMAT, held->since);
	if (held->task)
		g_string_append_printf(out, " by %d in %s", held->task->tid, held->syscall);
	if (held->owner)
		g_string_append_printf(out, " for %d", held->owner->tid);
	if (held->unacknowledged)
		g_string_append_printf(out, " Nagle %u", held->unacknowledged);
	if (held->is_open)
		g_string_append(out, " open");
	if (held->inferred)
		g_string_append(out, " inferred");
}

static void put_packet(const struct play *play, const struct packet *p)
{
	GString *out = play->text;

	g_string_append_printf(out, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "..%" G_GINT64_FORMAT,
			       p->number, p->queued, p->received);
	if (p->header.has_ports)
		g_string_append_printf(out, " %u>%u", p->header.source_port, p->header.dest_port);
	g_string_append_printf(out, " %u", p->header.payload);
	put_who(out, &p->sender);
	if (p->trigger)
		g_string_append_printf(out, " answers %" G_GUINT64_FORMAT, p->trigger);
	else if (p->trigger_time != FB_NS_NONE)
		g_string_append_printf(out, " answers outside at %" G_GINT64_FORMAT,
				       p->trigger_time);
	put_held(out, &p->held);
	if (p->is_resent)
		g_string_append_printf(out, " resent first %" G_GINT64_FORMAT, p->first_queued);
	g_string_append_printf(out, "%s\n", p->match == PACKET_BY_HEADER ? " by header" : "");
}

/* Only of wakings in softirq NET_RX. */
static void put_wake(const struct play *play, const struct fb_event *ev, const struct fb_kernel *k)
{
	const struct packet *p;
	struct fb_cause cause;

	fb_kernel_actor(k, ev->cpu, &cause);
	if (cause.kind != FB_CAUSE_SOFTIRQ || cause.id != FB_SOFTIRQ_NET_RX)
		return;
	p = packets_waker(play->packets, ev->cpu, fb_kernel_find_task(k, ev->sched.tid));
	if (p)
		g_string_append_printf(play->text, "wakes %d by %" G_GUINT64_FORMAT "\n",
				       ev->sched.tid, p->number);
	else
		g_string_append_printf(play->text, "wakes %d by none\n", ev->sched.tid);
}

static void play_event(struct fb_source *source, const struct fb_event *ev,
		       const struct fb_kernel *k, void *data)
{
	struct play *play = data;
	const struct packet *p;

	if (!play->packets) {
		play->packets = packets_new(source, play->capacity);
		assert_non_null(play->packets);
	}
	if (!ev) {
		packets_gap(play->packets);
		return;
	}
	if (ev->kind == FB_EV_WAKING)
		put_wake(play, ev, k);
	p = packets_event(play->packets, ev, k);
	if (p)
		put_packet(play, p);
}

static struct packets_counts play_end(struct play *play, char **text)
{
	struct packets_counts counts = *packets_counts(play->packets);

	packets_free(play->packets);
	*text = g_string_free(play->text, FALSE);
	return counts;
}

struct packets_counts play_trace(const char *name, char **text)
{
	g_autofree char *path = recorded_path(&(struct recorded){ .name = name }, "trace");
	struct play play = { .text = g_string_new(NULL) };
	struct fb_source *source = recorded_open(path, fb_kernel_kinds() | packets_kinds(), false);
	struct fb_kernel *k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, NULL, NULL);
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			fb_kernel_event(k, &batch.events[i]);
			play_event(source, &batch.events[i], k, &play);
		}
	fb_kernel_free(k);
	fb_source_close(source);
	return play_end(&play, text);
}

struct packets_counts play_text(const char *events, unsigned capacity, char **text)
{
	struct play play = { .capacity = capacity, .text = g_string_new(NULL) };

	scenario_each(events, &(struct fb_kernel_options){ 0 }, NULL, play_event, &play);
	return play_end(&play, text);
}

#define COUNT(name) { #name, offsetof(struct packets_counts, name) }

static const struct {
	const char *name;
	size_t offset;
} count_names[] = {
	COUNT(queued), COUNT(received), COUNT(by_skb), COUNT(by_header), COUNT(resent), COUNT(held),
	COUNT(held_inferred), COUNT(evicted), COUNT(evicted_flows), COUNT(drifts),
};

static uint64_t count_of(const struct packets_counts *counts, const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(count_names); i++)
		if (!strcmp(count_names[i].name, name))
			return *(const uint64_t *)((const char *)counts + count_names[i].offset);
	fail_msg("packets: '%s': no such count", name);
	return 0;
}

char *packets_counts_text(const struct packets_counts *counts, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names, ",", -1);
	GString *text = g_string_new(NULL);

	for (char **name = list; *name; name++)
		g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", *name,
				       count_of(counts, *name));
	return g_string_free(text, FALSE);
}

void assert_lines(const char *name, const char *const *lines)
{
	g_autofree char *text = NULL;
	struct packets_counts counts = play_trace(name, &text);

	for (; *lines; lines++)
		if (!strstr(text, *lines))
			fail_msg("%s: no '%s' in\n%s", name, *lines, text);
	assert_int_equal(counts.by_skb, counts.received);
	assert_int_equal(counts.evicted, 0);
	assert_int_equal(counts.drifts, 0);
}
