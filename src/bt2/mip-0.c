/* SPDX-License-Identifier: MIT */
/* mip-0.c - mip.h as babeltrace2 2.0 has it. */
#include "bt2/mip.h"
#include "bt2/uuid.h"

uint64_t mip_greatest(void)
{
	return 0;
}

char *clock_uid(const bt_clock_class *clock)
{
	bt_uuid uuid = bt_clock_class_get_uuid(clock);

	return uuid ? uuid_text(uuid) : NULL;
}

bool clock_set_uid(bt_clock_class *clock, const char *uid)
{
	uint8_t uuid[16];

	if (uuid_parse(uid, uuid))
		bt_clock_class_set_uuid(clock, uuid);
	return true;
}

bool clock_copy(bt_clock_class *to, const bt_clock_class *from)
{
	bt_clock_class_set_precision(to, bt_clock_class_get_precision(from));
	bt_clock_class_set_origin_is_unix_epoch(to, bt_clock_class_origin_is_unix_epoch(from));
	if (bt_clock_class_get_uuid(from))
		bt_clock_class_set_uuid(to, bt_clock_class_get_uuid(from));
	return true;
}

bool trace_identify(bt_trace *trace, const char *namespace, const char *uid)
{
	uint8_t uuid[16];

	(void)namespace;
	if (uid && uuid_parse(uid, uuid))
		bt_trace_set_uuid(trace, uuid);
	return true;
}

bool link_works(const bt_trace_class *trace, const struct field_link *link)
{
	(void)trace;
	return link->class != NULL;
}

bt_field_class *sequence_class_new(bt_trace_class *trace, bt_field_class *element,
				   const struct field_link *length)
{
	return bt_field_class_array_dynamic_create(trace, element, length ? length->class : NULL);
}

bt_field_class *variant_class_new(bt_trace_class *trace, const struct field_link *tag,
				  bool is_signed)
{
	(void)is_signed;
	return bt_field_class_variant_create(trace, tag->class);
}

bool options_need_names(const bt_trace_class *trace)
{
	(void)trace;
	return true;
}

bt_field_class *optional_class_new(bt_trace_class *trace, bt_field_class *content,
				   const struct field_link *tag,
				   const bt_integer_range_set_signed *numbers,
				   const bt_integer_range_set_unsigned *naturals)
{
	if (numbers)
		return bt_field_class_option_with_selector_field_integer_signed_create(
			trace, content, tag->class, numbers);
	if (naturals)
		return bt_field_class_option_with_selector_field_integer_unsigned_create(
			trace, content, tag->class, naturals);
	return bt_field_class_option_with_selector_field_bool_create(trace, content, tag->class);
}
