/* SPDX-License-Identifier: MIT */
/* event-text.c - one event as one line of text. */
#include <arpa/inet.h>
#include <inttypes.h>

#include <flightbox/dump.h>

#include "base/out.h"

static bool is_bare(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && (!text[i] || !strchr("_./:@+-", text[i])))
			return false;
	return length > 0;
}

void fb_event_text_quote(GString *to, const char *text, size_t length)
{
	if (is_bare(text, length)) {
		g_string_append_len(to, text, length);
		return;
	}
	g_string_append_c(to, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c == '"' || c == '\\')
			g_string_append_printf(to, "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			g_string_append_c(to, c);
		else
			g_string_append_printf(to, "\\%03o", c);
	}
	g_string_append_c(to, '"');
}

static void add_number(GString *to, enum fb_field_type type, int64_t number)
{
	char digits[OUT_NUMBER];
	char *end;

	if (type == FB_FIELD_HEX)
		end = put_hex(digits, number);
	else if (type == FB_FIELD_UINT)
		end = put_uint(digits, number);
	else
		end = put_int(digits, number);
	g_string_append_len(to, digits, end - digits);
}

static void add_address(GString *to, const struct fb_value *value)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(value->address_bytes == 4 ? AF_INET : AF_INET6, value->address, text,
		  sizeof(text));
	g_string_append(to, text);
}

static void add_value(GString *to, const char *name, enum fb_field_type type,
		      const struct fb_value *value)
{
	g_string_append_c(to, ' ');
	g_string_append(to, name);
	g_string_append_c(to, '=');
	if (value->is_text)
		fb_event_text_quote(to, value->text, value->length);
	else if (value->address_bytes)
		add_address(to, value);
	else
		add_number(to, type, value->number);
}

/*
 * What the record itself holds of a field. False when that is nothing: a text
 * that was not recorded, no file descriptor, a system call recorded by name.
 */
static bool record_value(const struct fb_event *ev, const struct fb_field *field,
			 struct fb_value *value)
{
	if (!field->size)
		return false;
	*value = (struct fb_value){ .is_text = field->type == FB_FIELD_TEXT };
	if (value->is_text) {
		uint16_t offset = *(const uint16_t *)((const char *)ev + field->offset);

		if (offset == FB_NO_TEXT || !ev->ref)
			return false;
		value->text = fb_event_text_at(ev, offset, &value->length);
		return true;
	}
	value->number = fb_event_number(ev, field);
	return ev->kind != FB_EV_SYS_ENTER || value->number >= 0;
}

static void add_field(GString *to, struct fb_source *source, const struct fb_event *ev, int index)
{
	const struct fb_field *field = &fb_kinds[ev->kind].fields[index];
	struct fb_value decoded, value;
	/* Of a system call the record says more than the recording: a number has got its name. */
	bool ask = source && ev->kind != FB_EV_SYS_ENTER;
	bool recorded = ask && fb_source_field(source, ev, index, &decoded);

	if (ask && !recorded)
		return;
	if (record_value(ev, field, &value))
		add_value(to, field->name, field->type, &value);
	else if (recorded)
		add_value(to, field->name, field->type, &decoded);
}

static void add_contexts(GString *to, struct fb_source *source, const struct fb_event *ev)
{
	static const struct {
		uint64_t has;
		int extra;
		const char *name;
		enum fb_field_type type;
	} contexts[] = {
		{ FB_HAS_CONTEXT_TID, FB_EXTRA_CONTEXT_TID, "context_tid", FB_FIELD_INT },
		{ FB_HAS_CONTEXT_PID, FB_EXTRA_CONTEXT_PID, "context_pid", FB_FIELD_INT },
		{ FB_HAS_COMMON_FLAGS, FB_EXTRA_COMMON_FLAGS, "common_flags", FB_FIELD_HEX },
		{ FB_HAS_CONTEXT_VTID, FB_EXTRA_CONTEXT_VTID, "context_vtid", FB_FIELD_INT },
		{ FB_HAS_CONTEXT_VPID, FB_EXTRA_CONTEXT_VPID, "context_vpid", FB_FIELD_INT },
		{ FB_HAS_CONTEXT_PROCNAME, FB_EXTRA_CONTEXT_PROCNAME, "context_procname",
		  FB_FIELD_TEXT },
	};
	struct fb_value value;

	for (size_t i = 0; i < G_N_ELEMENTS(contexts); i++)
		if ((source->info.fields & contexts[i].has) &&
		    fb_source_field(source, ev, contexts[i].extra, &value))
			add_value(to, contexts[i].name, contexts[i].type, &value);
}

void fb_event_text(GString *to, struct fb_source *source, const struct fb_event *ev)
{
	const struct fb_field *fields = fb_kinds[ev->kind].fields;
	char name[128];

	add_number(to, FB_FIELD_INT, ev->time);
	g_string_append_c(to, ' ');
	add_number(to, FB_FIELD_UINT, ev->cpu);
	g_string_append_c(to, ' ');
	fb_event_name(ev, name, sizeof(name));
	fb_event_text_quote(to, name, strlen(name));
	if (ev->kind == FB_EV_LOST) {
		g_string_append_printf(to, " until=%" PRId64 " count=%" PRId64 " packets=%d",
				       ev->lost.until, ev->lost.count,
				       !!(ev->flags & FB_LOST_PACKETS));
		if (ev->flags & (FB_LOST_EARLIER | FB_LOST_LATER))
			g_string_append_printf(to, " edge=%s",
					       ev->flags & FB_LOST_LATER ? "end" : "begin");
		return;
	}
	for (int i = 0; i < FB_FIELDS_MAX && fields[i].name; i++)
		add_field(to, source, ev, i);
	if (source)
		add_contexts(to, source, ev);
}
