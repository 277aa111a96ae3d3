/* SPDX-License-Identifier: MIT */
/* stream-fault.c - what is wrong with an event that cannot be decoded, in words. */
#include "ctf/read/stream-walk.h"

static const char *cursor_fault_text(const struct cursor *c)
{
	switch (c->fault) {
	case CURSOR_STRING:
		return "a string that ends";
	case CURSOR_SEQUENCE:
		return "a sequence that fits";
	case CURSOR_TAG:
		return "a tag that selects an option";
	case CURSOR_LEB128:
		return "an integer of at most 64 bits";
	default:
		return "all of its bytes";
	}
}

static void describe_found(const struct cursor *c, GString *text)
{
	if (c->fault == CURSOR_TAG)
		g_string_append_printf(text, "the value %" G_GINT64_FORMAT, (int64_t)c->value);
	else if (c->fault == CURSOR_SEQUENCE)
		g_string_append_printf(text, "a length of %" U64, c->value);
	else if (c->fault == CURSOR_LEB128)
		g_string_append(text, "more");
	else
		g_string_append(text, "the end of the packet's content");
}

static void describe_body(const struct decoder *d, GString *text)
{
	g_string_append_printf(text, "expected %s in event %s, found ",
			       cursor_fault_text(&d->m.c),
			       layouts_get(d->layouts, d->class)->name);
	describe_found(&d->m.c, text);
}

/* Where one ends early or not at all, what it lacks is the rest. */
static void describe_header(const struct decoder *d, GString *text)
{
	bool is_odd = d->m.c.fault == CURSOR_TAG || d->m.c.fault == CURSOR_LEB128;

	if (!is_odd || d->sc->header_kind != HEADER_ANY) {
		g_string_append(text,
				"expected an event header, found the end of the packet's content");
		return;
	}
	g_string_append_printf(text, "expected %s in an event header, found ",
			       cursor_fault_text(&d->m.c));
	describe_found(&d->m.c, text);
}

static void describe_fault(const struct decoder *d, GString *text)
{
	switch (d->fault) {
	case DECODE_HEADER:
		describe_header(d, text);
		break;
	case DECODE_ID:
		g_string_append_printf(text,
				       "expected the id of an event of stream %" U64
				       ", found %" U64,
				       d->sc->id, d->value);
		break;
	case DECODE_TIME:
		g_string_append_printf(text, "expected a time within the packet, found %" U64,
				       d->value);
		break;
	case DECODE_EMPTY:
		g_string_append(text, "expected an event, found one of no bytes");
		break;
	default:
		describe_body(d, text);
	}
}

void stream_report_fault(struct stream *s)
{
	const struct packet_ref *ref = current_packet(s);
	const struct data_file *f = current_file(s);
	const struct decoder *d = &s->d;
	bool is_cut = ref->size * 8 < ref->content || ref->is_open || s->is_short;
	uint64_t pos = d->fault == DECODE_BODY ? d->m.c.pos : d->pos;
	g_autoptr(GString) text = g_string_new(NULL);

	/* That the file ends early was said when it was opened, or read. */
	if (is_cut && (d->fault == DECODE_HEADER || d->fault == DECODE_BODY))
		return;
	describe_fault(d, text);
	info_problem(&s->chunk->info, "%s: byte %" U64 ": %s", f->path,
		     ref->offset + s->base_offset + pos / 8, text->str);
	s->chunk->info.broken_packets++;
}
