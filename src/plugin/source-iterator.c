/* SPDX-License-Identifier: MIT */
/*
 * source-iterator.c - the messages of all streams, in one order of time.
 *
 *	marks and events of the merge                messages
 *	OPEN   the packet before has ended           discarded events, discarded packets
 *	BEGIN  the packet's begin                    packet beginning
 *	event                                        event
 *	END, LAST  the packet's end                  packet end; stream end
 *
 * All stream beginnings come first. What was discarded is told when the packet
 * before it ends, because that is when the loss begins: messages stay in order.
 */
#include <flightbox/error.h>

#include "ctf/read/packet.h"
#include "plugin/source-component.h"

#define PENDING_MAX 3 /* messages that one mark brings */

/* A stream while it is read. */
struct stream_flow {
	const bt_packet *packet; /* NULL outside of packets */
	bool has_begun, has_ended;
	bool has_previous;
	uint64_t previous_seq, previous_discarded;
	struct ctf_packet p;  /* the one that was opened last */
	uint64_t context; /* where its context begins, bits */
};

struct source_iterator {
	bt_self_message_iterator *self;
	struct source *source;
	struct fb_source *reader;
	struct stream_flow *flows;
	struct fb_batch batch;
	size_t at;	       /* in the batch */
	bool has_ended;	       /* the reader */
	unsigned begun, ended; /* streams whose beginning or end has been told */
	const bt_message *pending[PENDING_MAX];
	unsigned n_pending;
	struct field_decoder d;
	struct machine machine;
	GError *error;
};

static bool fail(struct source_iterator *it, const char *what)
{
	const struct reader *r = reader_of(it->reader);
	const struct schema *s = g_ptr_array_index(r->schemas, 0);

	if (!it->error)
		g_set_error(&it->error, FB_ERROR, FB_ERROR_FORMAT, "%s: %s", s->dir, what);
	return false;
}

static bool add_pending(struct source_iterator *it, const bt_message *message)
{
	if (!message)
		return fail(it, "out of memory");
	it->pending[it->n_pending++] = message;
	return true;
}

/* ---- packets ---------------------------------------------------------------------------- */

static uint64_t discarded_since(const struct stream_flow *f)
{
	unsigned bits = f->p.sc->places[PACKET_DISCARDED].bits;
	uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;

	return (f->p.values[PACKET_DISCARDED] - f->previous_discarded) & mask;
}

static bool send_discarded_events(struct source_iterator *it, const struct ir_stream *s,
				  struct stream_flow *f, uint64_t previous_end)
{
	uint64_t count = f->has_previous ? discarded_since(f) : f->p.values[PACKET_DISCARDED];
	bool has_times = s->class->has_begin && s->class->has_end;
	uint64_t begin = f->has_previous ? previous_end : f->p.values[PACKET_BEGIN];
	uint64_t end = MAX(f->p.values[PACKET_END], begin);
	bt_message *message;

	if (!s->class->has_discarded || !count)
		return true;
	message = has_times ? bt_message_discarded_events_create_with_default_clock_snapshots(
				      it->self, s->stream, begin, end)
			    : bt_message_discarded_events_create(it->self, s->stream);
	/* Before the first packet, nobody knows since when they were counted. */
	if (message && f->has_previous)
		bt_message_discarded_events_set_count(message, count);
	return add_pending(it, message);
}

static bool send_discarded_packets(struct source_iterator *it, const struct ir_stream *s,
				   struct stream_flow *f, uint64_t previous_end)
{
	bool has_times = s->class->has_begin && s->class->has_end;
	uint64_t seq = f->p.values[PACKET_SEQ];
	bt_message *message;

	if (!s->class->has_seq || !f->has_previous || seq <= f->previous_seq + 1)
		return true;
	message = has_times ? bt_message_discarded_packets_create_with_default_clock_snapshots(
				      it->self, s->stream, previous_end,
				      MAX(f->p.values[PACKET_BEGIN], previous_end))
			    : bt_message_discarded_packets_create(it->self, s->stream);
	if (message)
		bt_message_discarded_packets_set_count(message, seq - f->previous_seq - 1);
	return add_pending(it, message);
}

static bool open_packet(struct source_iterator *it, const struct fb_event *ev)
{
	const struct ir_stream *s = &it->source->ir->streams[ev->cpu];
	const struct stream *from = g_ptr_array_index(reader_of(it->reader)->streams, ev->cpu);
	const struct data_file *file = g_ptr_array_index(from->files, ev->lost.until);
	struct packet_bytes bytes = { ev->ref, ev->lost.count, ev->lost.count };
	g_autoptr(GString) problem = g_string_new(NULL);
	struct stream_flow *f = &it->flows[ev->cpu];

	f->has_previous = f->has_begun;
	f->previous_seq = f->p.values[PACKET_SEQ];
	f->previous_discarded = f->p.values[PACKET_DISCARDED];
	f->has_begun = true;
	if (packet_read(&f->p, file->schema, &it->machine, &bytes, 0, problem) != PACKET_FINE)
		return fail(it, problem->str);
	f->context = it->machine.marks[0];
	if (f->p.sc->id != s->class->type->id)
		return fail(it, "a packet of another stream class than the packets before it");
	/* ev->time is where the packet before ended. */
	return send_discarded_events(it, s, f, ev->time) &&
	       send_discarded_packets(it, s, f, ev->time);
}

static bool fail_fields(struct source_iterator *it, const char *where)
{
	g_autofree char *what = g_strdup_printf("%s: %s", where, field_fault_text(it->d.fault));

	return fail(it, what);
}

static bool begin_packet(struct source_iterator *it, const struct fb_event *ev)
{
	const struct ir_stream *s = &it->source->ir->streams[ev->cpu];
	struct stream_flow *f = &it->flows[ev->cpu];
	bt_packet *packet = bt_packet_create(s->stream);

	if (!packet)
		return fail(it, "out of memory");
	f->packet = packet;
	if (s->class->has_packet_context) {
		field_decoder_set(&it->d, ev->ref);
		it->d.pos += f->context;
		field_decode(&it->d, &s->class->packet_context,
			     bt_packet_borrow_context_field(packet));
		if (it->d.fault)
			return fail_fields(it, "packet context");
	}
	return add_pending(it,
			   s->class->has_begin
				   ? bt_message_packet_beginning_create_with_default_clock_snapshot(
					     it->self, packet, ev->time)
				   : bt_message_packet_beginning_create(it->self, packet));
}

static bool end_stream(struct source_iterator *it, unsigned order)
{
	it->flows[order].has_ended = true;
	return add_pending(it, bt_message_stream_end_create(it->self,
							    it->source->ir->streams[order].stream));
}

static bool end_packet(struct source_iterator *it, const struct fb_event *ev)
{
	const struct ir_stream *s = &it->source->ir->streams[ev->cpu];
	struct stream_flow *f = &it->flows[ev->cpu];
	bool ok =
		add_pending(it, s->class->has_end
					? bt_message_packet_end_create_with_default_clock_snapshot(
						  it->self, f->packet, ev->time)
					: bt_message_packet_end_create(it->self, f->packet));

	g_clear_pointer(&f->packet, bt_packet_put_ref);
	return ok && (ev->flags != MARK_LAST || end_stream(it, ev->cpu));
}

/* ---- events ----------------------------------------------------------------------------- */

/* NULL and failed, or NULL for an event that nobody wants. */
static const bt_message *make_event(struct source_iterator *it, const struct fb_event *ev)
{
	const struct ir_stream_class *sc = it->source->ir->streams[ev->cpu].class;
	const struct ir_event *e = sc->events[ev->class];
	bt_message *message;
	bt_event *event;

	if (G_UNLIKELY(!e))
		return NULL;
	message = bt_message_event_create_with_packet_and_default_clock_snapshot(
		it->self, e->class, it->flows[ev->cpu].packet, ev->time);
	if (G_UNLIKELY(!message)) {
		fail(it, "out of memory");
		return NULL;
	}
	event = bt_message_event_borrow_event(message);
	field_decoder_set(&it->d, ev->ref);
	if (sc->has_context)
		field_decode(&it->d, &sc->context, bt_event_borrow_common_context_field(event));
	if (e->has_context)
		field_decode(&it->d, &e->context, bt_event_borrow_specific_context_field(event));
	if (e->has_payload)
		field_decode(&it->d, &e->payload, bt_event_borrow_payload_field(event));
	if (G_LIKELY(!it->d.fault))
		return message;
	fail_fields(it, bt_event_class_get_name(e->class));
	bt_message_put_ref(message);
	return NULL;
}

static bool on_mark(struct source_iterator *it, const struct fb_event *ev)
{
	switch ((enum stream_mark)ev->flags) {
	case MARK_OPEN:
		return open_packet(it, ev);
	case MARK_BEGIN:
		return begin_packet(it, ev);
	case MARK_END:
	case MARK_LAST:
		return end_packet(it, ev);
	}
	return true;
}

/* ---- the iterator ----------------------------------------------------------------------- */

/* The next batch, or the messages that end it all. False and failed, or false at the end. */
static bool refill(struct source_iterator *it)
{
	const struct ir *ir = it->source->ir;

	if (it->begun < ir->n_streams) {
		const bt_stream *stream = ir->streams[it->begun++].stream;

		return add_pending(it, bt_message_stream_beginning_create(it->self, stream));
	}
	if (!it->has_ended) {
		it->at = 0;
		if (!fb_source_next(it->reader, &it->batch, &it->error))
			return false;
		it->has_ended = !it->batch.n;
		if (source_problem(it->reader, &it->error))
			return false;
	}
	for (; it->has_ended && it->ended < ir->n_streams; it->ended++)
		if (!it->flows[it->ended].has_ended)
			return end_stream(it, it->ended);
	return !it->has_ended;
}

static bool take_pending(struct source_iterator *it, bt_message_array_const messages,
			 uint64_t capacity, uint64_t *n)
{
	unsigned taken = MIN(it->n_pending, capacity - *n);

	memcpy(&messages[*n], it->pending, taken * sizeof(*messages));
	it->n_pending -= taken;
	memmove(it->pending, it->pending + taken, it->n_pending * sizeof(*it->pending));
	*n += taken;
	return *n < capacity;
}

/* Fills the array as far as there are messages. False on failure. */
static bool fill(struct source_iterator *it, bt_message_array_const messages, uint64_t capacity,
		 uint64_t *n)
{
	while (take_pending(it, messages, capacity, n)) {
		if (it->at == it->batch.n && !refill(it))
			return !it->error;
		while (it->at < it->batch.n && *n < capacity && !it->n_pending) {
			const struct fb_event *ev = &it->batch.events[it->at++];

			if (G_LIKELY(ev->kind != FB_EV_NONE)) {
				messages[*n] = make_event(it, ev);
				*n += messages[*n] != NULL;
			} else {
				on_mark(it, ev);
			}
			if (G_UNLIKELY(it->error))
				return false;
		}
	}
	return true;
}

bt_message_iterator_class_next_method_status source_iterator_next(bt_self_message_iterator *self,
								  bt_message_array_const messages,
								  uint64_t capacity,
								  uint64_t *count)
{
	struct source_iterator *it = bt_self_message_iterator_get_data(self);
	uint64_t n = 0;

	if (!it->error && fill(it, messages, capacity, &n) && !n)
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_END;
	/* What came before the failure is handed out first. */
	if (n) {
		*count = n;
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK;
	}
	BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_MESSAGE_ITERATOR(self, "flightbox: %s",
								   it->error->message);
	return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_ERROR;
}

/* Takes the component's own reader, or opens another: two iterators read twice. */
static bool open_reader(struct source_iterator *it, GError **error)
{
	struct source *s = it->source;

	if (!s->is_lent) {
		s->is_lent = true;
		it->reader = s->first;
		return true;
	}
	it->reader = source_open(s->paths, error);
	if (!it->reader)
		return false;
	if (reader_of(it->reader)->layouts->all->len == s->ir->n_layouts &&
	    reader_of(it->reader)->streams->len == s->ir->n_streams)
		return true;
	fb_source_close(it->reader);
	it->reader = NULL;
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: changed while it was read",
		    (char *)g_ptr_array_index(s->paths, 0));
	return false;
}

static void iterator_clear(struct source_iterator *it)
{
	for (unsigned i = 0; i < it->n_pending; i++)
		bt_message_put_ref(it->pending[i]);
	for (unsigned i = 0; it->flows && i < it->source->ir->n_streams; i++)
		bt_packet_put_ref(it->flows[i].packet);
	g_clear_pointer(&it->flows, g_free);
	if (it->reader != it->source->first)
		fb_source_close(it->reader);
	it->reader = NULL;
	g_clear_error(&it->error);
}

static bool iterator_begin(struct source_iterator *it, GError **error)
{
	struct source *source = it->source;
	bt_self_message_iterator *self = it->self;

	memset(it, 0, sizeof(*it));
	it->self = self;
	it->source = source;
	it->flows = g_new0(struct stream_flow, MAX(source->ir->n_streams, 1));
	return open_reader(it, error);
}

/* Whether all messages but the first and last of a stream have times. */
static bt_bool has_times(const struct ir *ir)
{
	for (unsigned i = 0; i < ir->n_streams; i++)
		if (!ir->streams[i].class->has_begin || !ir->streams[i].class->has_end)
			return BT_FALSE;
	return BT_TRUE;
}

bt_message_iterator_class_initialize_method_status source_iterator_init(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port)
{
	bt_self_component_port *base = bt_self_component_port_output_as_self_component_port(port);
	struct source_iterator *it = g_new0(struct source_iterator, 1);
	g_autoptr(GError) error = NULL;

	it->self = self;
	it->source = bt_self_component_port_get_data(base);
	/* Then libbabeltrace2 finds a time by itself: from the beginning, forward. */
	bt_self_message_iterator_configuration_set_can_seek_forward(config,
								    has_times(it->source->ir));
	if (!iterator_begin(it, &error)) {
		BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_MESSAGE_ITERATOR(self, "flightbox: %s",
									   error->message);
		iterator_clear(it);
		g_free(it);
		return BT_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	bt_self_message_iterator_set_data(self, it);
	return BT_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

void source_iterator_finalize(bt_self_message_iterator *self)
{
	struct source_iterator *it = bt_self_message_iterator_get_data(self);

	iterator_clear(it);
	g_free(it);
}

bt_message_iterator_class_can_seek_beginning_method_status source_iterator_can_seek(
	bt_self_message_iterator *self, bt_bool *can)
{
	(void)self;
	*can = BT_TRUE;
	return BT_MESSAGE_ITERATOR_CLASS_CAN_SEEK_BEGINNING_METHOD_STATUS_OK;
}

bt_message_iterator_class_seek_beginning_method_status source_iterator_seek(
	bt_self_message_iterator *self)
{
	struct source_iterator *it = bt_self_message_iterator_get_data(self);
	g_autoptr(GError) error = NULL;

	iterator_clear(it);
	if (iterator_begin(it, &error))
		return BT_MESSAGE_ITERATOR_CLASS_SEEK_BEGINNING_METHOD_STATUS_OK;
	BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_MESSAGE_ITERATOR(self, "flightbox: %s",
								   error->message);
	return BT_MESSAGE_ITERATOR_CLASS_SEEK_BEGINNING_METHOD_STATUS_ERROR;
}
