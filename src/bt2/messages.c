/* SPDX-License-Identifier: MIT */
/* messages.c - messages of babeltrace2 -> fb_event. */
#include <flightbox/error.h>

#include "source/facts.h"
#include "source/losses.h"
#include "bt2/messages.h"
#include "bt2/nested-fields.h"

struct messages *messages_new(const struct fb_source_ops *ops, uint64_t kinds, bool counts_wanted)
{
	struct messages *m = g_new0(struct messages, 1);

	m->source.ops = ops;
	info_init(&m->source.info);
	m->kinds = kinds | FB_KIND_BIT(FB_EV_LOST);
	m->counts_wanted = counts_wanted;
	m->traces = g_ptr_array_new_with_free_func(message_trace_free);
	m->streams = g_hash_table_new_full(NULL, NULL, NULL, message_stream_free);
	m->by_class = g_hash_table_new(NULL, NULL);
	m->classes = g_ptr_array_new_with_free_func(event_class_free);
	m->counts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	m->last = FB_NS_NONE;
	m->held = g_ptr_array_new_with_free_func((GDestroyNotify)bt_message_put_ref);
	m->events = g_array_new(FALSE, FALSE, sizeof(struct fb_event));
	m->bytes = g_byte_array_new();
	return m;
}

void messages_free(struct messages *m)
{
	if (!m)
		return;
	g_byte_array_unref(m->bytes);
	g_array_unref(m->events);
	g_ptr_array_unref(m->held);
	g_array_unref(m->counts);
	g_ptr_array_unref(m->classes);
	g_hash_table_unref(m->by_class);
	g_hash_table_unref(m->streams);
	g_ptr_array_unref(m->traces);
	info_clear(&m->source.info);
	g_strfreev(m->paths);
	g_free(m);
}

static struct message_stream *find_stream(struct messages *m, const bt_stream *stream,
					  GError **error)
{
	struct remembered *at = remembered_at(m->streams_seen, stream);

	if (at->key != stream) {
		struct message_stream *found = messages_add_stream(m, stream, error);

		if (!found)
			return NULL;
		*at = (struct remembered){ stream, found };
	}
	return at->found;
}

static const struct event_class *find_class(struct messages *m, const bt_event_class *class)
{
	struct remembered *at = remembered_at(m->classes_seen, class);

	if (at->key != class)
		*at = (struct remembered){ class, messages_add_class(m, class) };
	return at->found;
}

static fb_ns time_of(const struct message_stream *s, const bt_clock_snapshot *snapshot)
{
	return scale_clock(bt_clock_snapshot_get_value(snapshot), s->frequency);
}

/* ---- the batch -------------------------------------------------------------------------- */

/* Times never go back within a source, whatever comes. */
static void add_event(struct messages *m, const struct fb_event *ev)
{
	struct fb_event *added;

	g_array_append_vals(m->events, ev, 1);
	added = &g_array_index(m->events, struct fb_event, m->events->len - 1);
	if (added->time < m->last) {
		added->time = m->last;
		m->source.info.clock_steps++;
	}
	m->last = added->time;
}

static void begin_batch(struct messages *m)
{
	g_ptr_array_set_size(m->held, 0);
	g_array_set_size(m->events, 0);
	g_byte_array_set_size(m->bytes, 0);
}

/* Until here events refer to their bytes by offset, plus one: the array has moved while it grew. */
static void end_batch(struct messages *m, struct fb_batch *batch)
{
	for (guint i = 0; i < m->events->len; i++) {
		struct fb_event *ev = &g_array_index(m->events, struct fb_event, i);

		if (ev->ref)
			ev->ref = m->bytes->data + ((uintptr_t)ev->ref - 1);
	}
	batch->events = (const struct fb_event *)m->events->data;
	batch->n = m->events->len;
}

/* ---- packets and losses ----------------------------------------------------------------- */

/* Of `kept` its times, count and flags count. */
static void add_lost(struct messages *m, struct message_stream *s, const struct fb_event *kept)
{
	struct lossy of = { s->cpu, s->last };
	struct fb_event ev = lost_event(&m->source.info, &of, kept->time, kept->lost.until,
					kept->lost.count, kept->flags);

	s->last = of.last;
	s->lost_until = MAX(s->lost_until, ev.lost.until);
	add_event(m, &ev);
}

/* What was lost ends at a packet's begin or end. */
static void end_loss(struct messages *m, struct message_stream *s, fb_ns now)
{
	struct lossy of = { s->cpu, s->last };
	struct fb_event ev;

	if (s->lost_until == FB_NS_NONE || s->lost_until > now)
		return;
	ev = lost_end(&m->source.info, &of, now);
	s->last = of.last;
	s->lost_until = FB_NS_NONE;
	add_event(m, &ev);
}

/* A stream without a CPU in its packets: by the number behind its name, channel0_3. */
static uint64_t guess_cpu(const bt_stream *stream)
{
	const char *name = bt_stream_get_name(stream);
	const char *number = name ? strrchr(name, '_') : NULL;
	guint64 cpu;

	if (number && g_ascii_string_to_unsigned(number + 1, 10, 0, FB_CPUS_MAX - 1, &cpu, NULL))
		return cpu;
	return bt_stream_get_id(stream);
}

static uint64_t cpu_of(const struct message_stream *s, const bt_packet *packet)
{
	const bt_field *context = bt_packet_borrow_context_field_const(packet), *field;

	if (s->cpu_member < 0 || !context)
		return bt_stream_get_id(s->stream);
	field = find_option(bt_field_structure_borrow_member_field_by_index_const(context,
										  s->cpu_member));
	if (!field || !bt_field_class_type_is(bt_field_get_class_type(field),
				    BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		return bt_stream_get_id(s->stream);
	return bt_field_integer_unsigned_get_value(field);
}

static void refuse_cpu(struct messages *m, struct message_stream *s, uint64_t cpu)
{
	const char *name = bt_stream_get_name(s->stream);

	info_problem(&m->source.info, "%s: expected a CPU number below %u, found %" G_GUINT64_FORMAT,
		     name ? name : "a stream", FB_CPUS_MAX, cpu);
	m->source.info.broken_packets++;
	s->cpu = -1;
	s->n_lost = 0;
}

static void learn_cpu(struct messages *m, struct message_stream *s, uint64_t cpu)
{
	s->is_astray = cpu >= FB_CPUS_MAX;
	if (s->is_astray) {
		refuse_cpu(m, s, cpu);
		return;
	}
	s->cpu = cpu;
	m->source.info.cpus = MAX(m->source.info.cpus, s->cpu + 1);
	for (unsigned i = 0; i < s->n_lost; i++)
		add_lost(m, s, &s->lost[i]);
	s->n_lost = 0;
}

static bool take_packet_begin(struct messages *m, const bt_message *message, GError **error)
{
	const bt_packet *packet = bt_message_packet_beginning_borrow_packet_const(message);
	const bt_stream *stream = bt_packet_borrow_stream_const(packet);
	struct message_stream *s = find_stream(m, stream, error);
	const bt_stream_class *class = bt_stream_borrow_class_const(stream);

	if (!s)
		return false;
	if (!s->trace->is_kernel)
		return true;
	learn_cpu(m, s, cpu_of(s, packet));
	if (s->is_astray)
		return true;
	s->packet_begin = FB_NS_NONE;
	if (bt_stream_class_packets_have_beginning_default_clock_snapshot(class)) {
		fb_ns begin =
			time_of(s, bt_message_packet_beginning_borrow_default_clock_snapshot_const(
					   message));

		s->packet_begin = begin;
		s->last = MAX(s->last, begin);
		end_loss(m, s, begin);
	}
	return true;
}

static bool take_packet_end(struct messages *m, const bt_message *message, GError **error)
{
	const bt_packet *packet = bt_message_packet_end_borrow_packet_const(message);
	const bt_stream *stream = bt_packet_borrow_stream_const(packet);
	struct message_stream *s = find_stream(m, stream, error);
	const bt_stream_class *class = bt_stream_borrow_class_const(stream);

	if (!s)
		return false;
	if (!s->trace->is_kernel || s->is_astray)
		return true;
	if (bt_stream_class_packets_have_end_default_clock_snapshot(class)) {
		fb_ns end = time_of(
			s, bt_message_packet_end_borrow_default_clock_snapshot_const(message));

		s->last = MAX(s->last, end);
		s->packet_end = MAX(s->packet_begin, end);
	}
	end_loss(m, s, s->last);
	return true;
}

/* Of one that began late the end tells, too: other CPUs may go on. */
static bool take_stream_end(struct messages *m, const bt_message *message, GError **error)
{
	const bt_stream *stream = bt_message_stream_end_borrow_stream_const(message);
	struct message_stream *s = find_stream(m, stream, error);
	struct lossy of;
	struct fb_event ev;

	if (!s)
		return false;
	if (!m->source.info.late->len || !s->trace->is_kernel || s->cpu < 0)
		return true;
	of = (struct lossy){ s->cpu, s->last };
	ev = lost_later(&m->source.info, &of, s->packet_end);
	s->last = of.last;
	add_event(m, &ev);
	return true;
}

/* What both kinds of discarded things have in common. */
struct discarded {
	const bt_stream *stream;
	const bt_clock_snapshot *begin, *end; /* NULL: not recorded */
	uint64_t count;			      /* 0: not recorded */
	bool are_packets;
};

static bool take_discarded(struct messages *m, const struct discarded *d, GError **error)
{
	struct message_stream *s = find_stream(m, d->stream, error);
	struct fb_event ev = {
		.kind = FB_EV_LOST,
		.text = FB_NO_TEXT,
		.flags = d->are_packets ? FB_LOST_PACKETS : 0,
	};

	if (!s)
		return false;
	if (!s->trace->is_kernel || s->is_astray)
		return true;
	ev.time = d->begin ? time_of(s, d->begin) : MAX(s->last, MAX(m->last, 0));
	ev.lost.until = d->end ? time_of(s, d->end) : ev.time;
	ev.lost.count = MIN(d->count, (uint64_t)INT64_MAX);
	if (s->cpu < 0 &&
	    bt_stream_class_supports_packets(bt_stream_borrow_class_const(d->stream)) &&
	    s->n_lost < G_N_ELEMENTS(s->lost)) {
		s->lost[s->n_lost++] = ev;
		return true;
	}
	if (s->cpu < 0)
		learn_cpu(m, s, guess_cpu(d->stream));
	if (!s->is_astray)
		add_lost(m, s, &ev);
	return true;
}

static bool take_discarded_events(struct messages *m, const bt_message *message, GError **error)
{
	const bt_stream *stream = bt_message_discarded_events_borrow_stream_const(message);
	struct discarded d = { .stream = stream };

	if (bt_stream_class_discarded_events_have_default_clock_snapshots(
		    bt_stream_borrow_class_const(stream))) {
		d.begin = bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(
			message);
		d.end = bt_message_discarded_events_borrow_end_default_clock_snapshot_const(
			message);
	}
	if (bt_message_discarded_events_get_count(message, &d.count) !=
	    BT_PROPERTY_AVAILABILITY_AVAILABLE)
		d.count = 0;
	return take_discarded(m, &d, error);
}

static bool take_discarded_packets(struct messages *m, const bt_message *message, GError **error)
{
	const bt_stream *stream = bt_message_discarded_packets_borrow_stream_const(message);
	struct discarded d = { .stream = stream, .are_packets = true };

	if (bt_stream_class_discarded_packets_have_default_clock_snapshots(
		    bt_stream_borrow_class_const(stream))) {
		d.begin =
			bt_message_discarded_packets_borrow_beginning_default_clock_snapshot_const(
				message);
		d.end = bt_message_discarded_packets_borrow_end_default_clock_snapshot_const(
			message);
	}
	if (bt_message_discarded_packets_get_count(message, &d.count) !=
	    BT_PROPERTY_AVAILABILITY_AVAILABLE)
		d.count = 0;
	return take_discarded(m, &d, error);
}

/* ---- events ----------------------------------------------------------------------------- */

/* The event itself stands before its texts, for fields that are asked for later. */
static void fill_event(struct messages *m, const struct event_class *c, const bt_event *event,
		       struct fb_event *ev)
{
	size_t start = (m->bytes->len + sizeof(event) - 1) & -sizeof(event);

	g_byte_array_set_size(m->bytes, start);
	g_byte_array_append(m->bytes, (const uint8_t *)&event, sizeof(event));
	ev->ref = (const uint8_t *)(start + 1);
	event_class_fill(c, event, ev->flags & FB_COMPAT ? &m->compat : &m->calls, ev, m->bytes,
			 start);
}

static bool take_event(struct messages *m, const bt_message *message, GError **error)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	struct message_stream *s = find_stream(m, bt_event_borrow_stream_const(event), error);
	const struct event_class *c;
	struct fb_event ev;
	fb_ns time;

	if (!s)
		return false;
	if (!s->trace->is_kernel)
		return true;
	if (s->cpu < 0 && !s->is_astray)
		learn_cpu(m, s, guess_cpu(s->stream));
	if (s->is_astray)
		return true;
	m->source.info.events++;
	time = time_of(s, bt_message_event_borrow_default_clock_snapshot_const(message));
	s->last = MAX(s->last, time);
	info_span(&m->source.info, time, time);
	if (!messages_describe(m, error))
		return false;
	c = find_class(m, bt_event_borrow_class_const(event));
	if (!c)
		return true;
	g_array_index(m->counts, uint64_t, c->bound.template.class)++;
	if (!c->bound.template.kind || !(m->kinds & FB_KIND_BIT(c->bound.template.kind)))
		return true;
	ev = c->bound.template;
	ev.time = time;
	ev.cpu = s->cpu;
	fill_event(m, c, event, &ev);
	m->source.info.cpus = MAX(m->source.info.cpus, MIN(ev.cpu, FB_CPUS_MAX - 1) + 1);
	add_event(m, &ev);
	return true;
}

/* ---- the rest --------------------------------------------------------------------------- */

static bool take_message(struct messages *m, const bt_message *message, GError **error)
{
	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		return take_event(m, message, error);
	case BT_MESSAGE_TYPE_STREAM_BEGINNING:
		return find_stream(m, bt_message_stream_beginning_borrow_stream_const(message),
				   error) != NULL;
	case BT_MESSAGE_TYPE_STREAM_END:
		return take_stream_end(m, message, error);
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		return take_packet_begin(m, message, error);
	case BT_MESSAGE_TYPE_PACKET_END:
		return take_packet_end(m, message, error);
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		return take_discarded_events(m, message, error);
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		return take_discarded_packets(m, message, error);
	default:
		return true;
	}
}

bool messages_take(struct messages *m, bt_message_array_const messages, uint64_t n,
		   struct fb_batch *batch, GError **error)
{
	bool ok = true;

	begin_batch(m);
	for (uint64_t i = 0; i < n; i++)
		g_ptr_array_add(m->held, (gpointer)messages[i]);
	for (uint64_t i = 0; ok && i < n; i++)
		ok = take_message(m, messages[i], error);
	end_batch(m, batch);
	return ok;
}

bool messages_field(struct fb_source *source, const struct fb_event *ev, int field,
		    struct fb_value *value)
{
	struct messages *m = (struct messages *)source;
	const bt_event *event;

	if (ev->kind == FB_EV_LOST || !ev->ref || ev->class >= m->classes->len)
		return false;
	if (ev->kind == FB_EV_SYS_ENTER && field >= 0 && field < FB_FIELDS_MAX)
		return call_field(ev, field, value);
	memcpy(&event, ev->ref, sizeof(event));
	return event_class_field(g_ptr_array_index(m->classes, ev->class), event, field, value);
}
