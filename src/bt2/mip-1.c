/* SPDX-License-Identifier: MIT */
/*
 * mip-1.c - mip.h as babeltrace2 2.1 has it. What came with MIP 1 ends the process where the graph
 * has MIP 0, and what it replaced the other way round.
 */
#include "bt2/mip.h"
#include "bt2/uuid.h"

uint64_t mip_greatest(void)
{
	return MIN(1, bt_get_maximal_mip_version());
}

/* ---- clocks ----------------------------------------------------------------------------- */

static bool is_mip_0(const bt_clock_class *clock)
{
	return bt_clock_class_get_graph_mip_version(clock) == 0;
}

char *clock_uid(const bt_clock_class *clock)
{
	bt_uuid uuid;

	if (!is_mip_0(clock))
		return g_strdup(bt_clock_class_get_uid(clock));
	uuid = bt_clock_class_get_uuid(clock);
	return uuid ? uuid_text(uuid) : NULL;
}

bool clock_set_uid(bt_clock_class *clock, const char *uid)
{
	uint8_t uuid[16];

	if (!is_mip_0(clock))
		return !bt_clock_class_set_uid(clock, uid);
	if (uuid_parse(uid, uuid))
		bt_clock_class_set_uuid(clock, uuid);
	return true;
}

static bool copy_origin(bt_clock_class *to, const bt_clock_class *from)
{
	if (bt_clock_class_origin_is_unix_epoch(from))
		bt_clock_class_set_origin_unix_epoch(to);
	else if (!bt_clock_class_origin_is_known(from))
		bt_clock_class_set_origin_unknown(to);
	else
		return !bt_clock_class_set_origin(to, bt_clock_class_get_origin_namespace(from),
						  bt_clock_class_get_origin_name(from),
						  bt_clock_class_get_origin_uid(from));
	return true;
}

static bool copy_uid(bt_clock_class *to, const bt_clock_class *from)
{
	g_autofree char *uid = clock_uid(from);

	return !uid || clock_set_uid(to, uid);
}

/* What came with MIP 1. */
static bool copy_new(bt_clock_class *to, const bt_clock_class *from)
{
	const char *namespace = bt_clock_class_get_namespace(from);
	uint64_t cycles;

	if (bt_clock_class_get_accuracy(from, &cycles) == BT_PROPERTY_AVAILABILITY_AVAILABLE)
		bt_clock_class_set_accuracy(to, cycles);
	return !namespace || !bt_clock_class_set_namespace(to, namespace);
}

bool clock_copy(bt_clock_class *to, const bt_clock_class *from)
{
	uint64_t cycles;

	if (bt_clock_class_get_opt_precision(from, &cycles) == BT_PROPERTY_AVAILABILITY_AVAILABLE)
		bt_clock_class_set_precision(to, cycles);
	return copy_origin(to, from) && copy_uid(to, from) && (is_mip_0(to) || copy_new(to, from));
}

/* ---- traces ----------------------------------------------------------------------------- */

static bool is_of_mip_0(const bt_trace_class *class)
{
	return bt_trace_class_get_graph_mip_version(class) == 0;
}

bool trace_identify(bt_trace *trace, const char *namespace, const char *uid)
{
	uint8_t uuid[16];

	if (!is_of_mip_0(bt_trace_borrow_class_const(trace)))
		return (!namespace || !bt_trace_set_namespace(trace, namespace)) &&
		       (!uid || !bt_trace_set_uid(trace, uid));
	if (uid && uuid_parse(uid, uuid))
		bt_trace_set_uuid(trace, uuid);
	return true;
}

/* ---- fields that refer to others -------------------------------------------------------- */

bool link_works(const bt_trace_class *trace, const struct field_link *link)
{
	return is_of_mip_0(trace) ? link->class != NULL : link->is_there;
}

static bt_field_location *location_of(bt_trace_class *trace, const struct field_link *link)
{
	/* The values of both are the same. */
	return bt_field_location_create(trace, (bt_field_location_scope)(int)link->scope,
					link->names, link->n);
}

bt_field_class *sequence_class_new(bt_trace_class *trace, bt_field_class *element,
				   const struct field_link *length)
{
	bt_field_location *at;
	bt_field_class *class;

	if (is_of_mip_0(trace))
		return bt_field_class_array_dynamic_create(trace, element,
							   length ? length->class : NULL);
	if (!length)
		return bt_field_class_array_dynamic_without_length_field_location_create(trace,
											 element);
	at = location_of(trace, length);
	class = at ? bt_field_class_array_dynamic_with_length_field_location_create(trace, element,
										    at)
		   : NULL;
	bt_field_location_put_ref(at);
	return class;
}

bt_field_class *variant_class_new(bt_trace_class *trace, const struct field_link *tag,
				  bool is_signed)
{
	bt_field_location *at;
	bt_field_class *class = NULL;

	if (is_of_mip_0(trace))
		return bt_field_class_variant_create(trace, tag->class);
	at = location_of(trace, tag);
	if (at && is_signed)
		class = bt_field_class_variant_with_selector_field_location_integer_signed_create(
			trace, at);
	else if (at)
		class = bt_field_class_variant_with_selector_field_location_integer_unsigned_create(
			trace, at);
	bt_field_location_put_ref(at);
	return class;
}

bool options_need_names(const bt_trace_class *trace)
{
	return is_of_mip_0(trace);
}

static bt_field_class *old_optional(bt_trace_class *trace, bt_field_class *content,
				    bt_field_class *tag, const bt_integer_range_set_signed *numbers,
				    const bt_integer_range_set_unsigned *naturals)
{
	if (numbers)
		return bt_field_class_option_with_selector_field_integer_signed_create(
			trace, content, tag, numbers);
	if (naturals)
		return bt_field_class_option_with_selector_field_integer_unsigned_create(
			trace, content, tag, naturals);
	return bt_field_class_option_with_selector_field_bool_create(trace, content, tag);
}

static bt_field_class *new_optional(bt_trace_class *trace, bt_field_class *content,
				    const bt_field_location *tag,
				    const bt_integer_range_set_signed *numbers,
				    const bt_integer_range_set_unsigned *naturals)
{
	if (numbers)
		return bt_field_class_option_with_selector_field_location_integer_signed_create(
			trace, content, tag, numbers);
	if (naturals)
		return bt_field_class_option_with_selector_field_location_integer_unsigned_create(
			trace, content, tag, naturals);
	return bt_field_class_option_with_selector_field_location_bool_create(trace, content, tag);
}

bt_field_class *optional_class_new(bt_trace_class *trace, bt_field_class *content,
				   const struct field_link *tag,
				   const bt_integer_range_set_signed *numbers,
				   const bt_integer_range_set_unsigned *naturals)
{
	bt_field_location *at;
	bt_field_class *class;

	if (is_of_mip_0(trace))
		return old_optional(trace, content, tag->class, numbers, naturals);
	at = location_of(trace, tag);
	class = at ? new_optional(trace, content, at, numbers, naturals) : NULL;
	bt_field_location_put_ref(at);
	return class;
}
