/* SPDX-License-Identifier: MIT */
/* rows.c - the columns of a report as the fields of an event, and a row as one event. */
#include <math.h>

#include <flightbox/error.h>

#include "bt2/mip.h"
#include "source/facts.h"
#include "plugin/rows.h"

#define PACKET_ROWS 4096 /* so that viewers need not read all of a long trace to find a time */
#define NS_PER_S    1000000000u

static bool no_memory(GError **error)
{
	if (!*error)
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "out of memory");
	return false;
}

/* ---- classes ---------------------------------------------------------------------------- */

static bt_field_class *scalar_new(bt_trace_class *trace, enum fb_cell_type type)
{
	bt_field_class *class;

	switch (type) {
	case FB_CELL_TEXT:
	case FB_CELL_WORDS:
		return bt_field_class_string_create(trace);
	case FB_CELL_REAL:
	case FB_CELL_PERCENT:
		return bt_field_class_real_double_precision_create(trace);
	case FB_CELL_BOOL:
		class = bt_field_class_integer_unsigned_create(trace);
		if (class)
			bt_field_class_integer_set_field_value_range(class, 8);
		return class;
	case FB_CELL_ADDRESS:
		class = bt_field_class_integer_unsigned_create(trace);
		if (class)
			bt_field_class_integer_set_preferred_display_base(
				class, BT_FIELD_CLASS_INTEGER_PREFERRED_DISPLAY_BASE_HEXADECIMAL);
		return class;
	default:
		return bt_field_class_integer_signed_create(trace);
	}
}

static bool append(bt_field_class *to, const char *name, size_t length, bt_field_class *member)
{
	g_autofree char *text = g_strndup(name, length);
	bool ok = member && !bt_field_class_structure_append_member(to, text, member);

	bt_field_class_put_ref(member);
	return ok;
}

/*
 * The structure of the columns from *at on whose keys begin with the `prefix` bytes of
 * the first one's; *at is then the first that does not. NULL when memory ends.
 */
static bt_field_class *object_new(struct rows *r, unsigned *at, size_t prefix, unsigned depth)
{
	const struct fb_column *columns = r->table->columns;
	const char *first = columns[*at].key;
	bt_field_class *class = bt_field_class_structure_create(r->trace_class);
	bool ok = class != NULL;

	for (unsigned n = 0; ok && *at < FB_COLUMNS_MAX && columns[*at].key &&
			     !strncmp(columns[*at].key, first, prefix);
	     n++) {
		const char *name = columns[*at].key + prefix, *dot = strchr(name, '.');
		unsigned from = *at;
		bt_field_class *member;

		g_assert(depth < ROW_DEPTH);
		if (dot) {
			member = object_new(r, at, dot + 1 - columns[from].key, depth + 1);
		} else {
			member = scalar_new(r->trace_class, columns[*at].type);
			r->places[*at].depth = depth + 1;
			++*at;
		}
		for (unsigned i = from; i < *at; i++)
			r->places[i].members[depth] = n;
		ok = append(class, name, dot ? (size_t)(dot - name) : strlen(name), member);
	}
	if (ok)
		return class;
	bt_field_class_put_ref(class);
	return NULL;
}

static bt_clock_class *clock_like(bt_self_component *self, const bt_clock_class *from)
{
	bt_clock_class *to = bt_clock_class_create(self);
	const char *name = bt_clock_class_get_name(from);
	const char *description = bt_clock_class_get_description(from);
	int64_t seconds;
	uint64_t cycles;

	if (!to || (name && bt_clock_class_set_name(to, name)) ||
	    (description && bt_clock_class_set_description(to, description)) ||
	    !clock_copy(to, from)) {
		bt_clock_class_put_ref(to);
		return NULL;
	}
	bt_clock_class_get_offset(from, &seconds, &cycles);
	bt_clock_class_set_frequency(to, bt_clock_class_get_frequency(from));
	bt_clock_class_set_offset(to, seconds, cycles);
	return to;
}

static bool make_event_class(struct rows *r)
{
	g_autofree char *name = g_strconcat("flightbox:", r->table->type, NULL);
	unsigned at = 0;
	bt_field_class *fields = object_new(r, &at, 0, 0);
	bool ok = false;

	r->event_class = bt_event_class_create(r->stream_class);
	if (fields && r->event_class)
		ok = !bt_event_class_set_name(r->event_class, name) &&
		     !bt_event_class_set_payload_field_class(r->event_class, fields);
	bt_field_class_put_ref(fields);
	return ok;
}

static bool make_classes(struct rows *r, bt_self_component *self, const bt_clock_class *like)
{
	bt_clock_class *clock = clock_like(self, like);
	bool ok = false;

	r->frequency = bt_clock_class_get_frequency(like);
	r->trace_class = bt_trace_class_create(self);
	if (r->trace_class)
		r->stream_class = bt_stream_class_create(r->trace_class);
	if (clock && r->stream_class)
		ok = !bt_stream_class_set_default_clock_class(r->stream_class, clock);
	bt_clock_class_put_ref(clock);
	if (!ok)
		return false;
	bt_stream_class_set_supports_packets(r->stream_class, BT_TRUE, BT_TRUE, BT_TRUE);
	return make_event_class(r);
}

/* ---- the trace -------------------------------------------------------------------------- */

/* Tells viewers which recording the waits are of. */
static bool copy_environment(bt_trace *to, const bt_trace *from)
{
	static const char *const names[] = { "hostname", "kernel_release", "kernel_version",
					     "trace_name", "trace_creation_datetime" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const bt_value *value =
			bt_trace_borrow_environment_entry_value_by_name_const(from, names[i]);

		if (value && bt_value_is_string(value) &&
		    bt_trace_set_environment_entry_string(to, names[i], bt_value_string_get(value)))
			return false;
	}
	return !bt_trace_set_environment_entry_string(to, "domain", "flightbox") &&
	       !bt_trace_set_environment_entry_string(to, "tracer_name", "flightbox");
}

static bool push(struct rows *r, bt_message *message)
{
	if (message)
		g_queue_push_tail(&r->messages, message);
	return message != NULL;
}

static bool make_trace(struct rows *r, const bt_trace *like)
{
	r->trace = bt_trace_create(r->trace_class);
	if (!r->trace || bt_trace_set_name(r->trace, "flightbox") ||
	    !copy_environment(r->trace, like))
		return false;
	r->stream = bt_stream_create(r->stream_class, r->trace);
	return r->stream && !bt_stream_set_name(r->stream, r->table->type) &&
	       push(r, bt_message_stream_beginning_create(r->self, r->stream));
}

struct rows *rows_new(bt_self_message_iterator *self, const struct fb_table *table,
		      const bt_trace *like, const bt_clock_class *clock,
		      const struct fb_source_info *info, GError **error)
{
	struct rows *r = g_new0(struct rows, 1);

	r->self = self;
	r->table = table;
	r->clock_offset = info->clock_offset;
	g_queue_init(&r->messages);
	if (make_classes(r, bt_self_message_iterator_borrow_component(self), clock) &&
	    make_trace(r, like))
		return r;
	rows_free(r);
	no_memory(error);
	return NULL;
}

void rows_free(struct rows *r)
{
	if (!r)
		return;
	g_queue_clear_full(&r->messages, (GDestroyNotify)bt_message_put_ref);
	bt_packet_put_ref(r->packet);
	bt_stream_put_ref(r->stream);
	bt_trace_put_ref(r->trace);
	bt_event_class_put_ref(r->event_class);
	bt_stream_class_put_ref(r->stream_class);
	bt_trace_class_put_ref(r->trace_class);
	g_free(r);
}

/* ---- events ----------------------------------------------------------------------------- */

static bool end_packet(struct rows *r)
{
	bool ok = !r->packet || push(r, bt_message_packet_end_create_with_default_clock_snapshot(
						r->self, r->packet, r->last));

	g_clear_pointer(&r->packet, bt_packet_put_ref);
	r->in_packet = 0;
	return ok;
}

static bool begin_packet(struct rows *r)
{
	r->packet = bt_packet_create(r->stream);
	return r->packet && push(r, bt_message_packet_beginning_create_with_default_clock_snapshot(
					    r->self, r->packet, r->last));
}

static bool set_field(const struct rows *r, bt_field *field, enum fb_cell_type type,
		      const struct fb_cell *cell)
{
	bool is_null = cell->type == FB_CELL_NULL;

	switch (type) {
	case FB_CELL_TEXT:
	case FB_CELL_WORDS:
		/* babeltrace2 2.0 reads an empty text of a file as the one that it read before. */
		return !bt_field_string_set_value(field,
						  is_null || !*cell->text ? "-" : cell->text);
	case FB_CELL_REAL:
	case FB_CELL_PERCENT:
		bt_field_real_double_precision_set_value(field, is_null ? NAN : cell->real);
		break;
	case FB_CELL_BOOL:
		bt_field_integer_unsigned_set_value(field, is_null ? 0 : cell->number);
		break;
	case FB_CELL_ADDRESS:
		bt_field_integer_unsigned_set_value(field, is_null ? 0 : cell->address);
		break;
	case FB_CELL_TIME:
		bt_field_integer_signed_set_value(
			field,
			is_null ? -1
				: (int64_t)((uint64_t)cell->number + (uint64_t)r->clock_offset));
		break;
	default:
		bt_field_integer_signed_set_value(field, is_null ? -1 : cell->number);
	}
	return true;
}

static bool fill_event(const struct rows *r, bt_field *payload, struct fb_report *report,
		       const void *row)
{
	for (unsigned i = 0; i < FB_COLUMNS_MAX && r->table->columns[i].key; i++) {
		const struct fb_column *column = &r->table->columns[i];
		const struct row_place *place = &r->places[i];
		const struct fb_cell cell = fb_report_cell(report, column, row);
		bt_field *field = payload;

		for (unsigned k = 0; k < place->depth; k++)
			field = bt_field_structure_borrow_member_field_by_index(field,
										place->members[k]);
		if (!set_field(r, field, column->type, &cell))
			return false;
	}
	return true;
}

/* Rounded up: the clock's ticks, in ns rounded down, are times again. */
static uint64_t to_cycles(const struct rows *r, fb_ns time)
{
	if (time < 0)
		return 0;
	if (r->frequency == NS_PER_S)
		return time;
	return ((unsigned __int128)time * r->frequency + NS_PER_S - 1) / NS_PER_S;
}

bool rows_add(struct rows *r, struct fb_report *report, const void *row, fb_ns time,
	      GError **error)
{
	bt_message *message;

	r->last = MAX(r->last, to_cycles(r, time));
	if (r->in_packet == PACKET_ROWS && !end_packet(r))
		return no_memory(error);
	if (!r->packet && !begin_packet(r))
		return no_memory(error);
	message = bt_message_event_create_with_packet_and_default_clock_snapshot(
		r->self, r->event_class, r->packet, r->last);
	if (!push(r, message))
		return no_memory(error);
	r->in_packet++;
	return fill_event(r, bt_event_borrow_payload_field(bt_message_event_borrow_event(message)),
			  report, row) ||
	       no_memory(error);
}

bool rows_end(struct rows *r, GError **error)
{
	return (end_packet(r) && push(r, bt_message_stream_end_create(r->self, r->stream))) ||
	       no_memory(error);
}
