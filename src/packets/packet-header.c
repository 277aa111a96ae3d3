/* SPDX-License-Identifier: MIT */
/* packet-header.c - reads the fields of network headers, where the recording has them. */
#include "packets/packet-header.h"

#include "packets/cache.h"

static int field_index(const char *name)
{
	const struct fb_field *fields = fb_kinds[FB_EV_NET_QUEUE].fields;

	for (int i = 0; i < FB_FIELDS_MAX && fields[i].name; i++)
		if (!strcmp(fields[i].name, name))
			return i;
	g_assert_not_reached();
}

void header_fields_init(struct header_fields *f)
{
	*f = (struct header_fields){
		.saddr = field_index("saddr"),
		.daddr = field_index("daddr"),
		.protocol = field_index("protocol"),
		.ihl = field_index("ihl"),
		.tot_len = field_index("tot_len"),
		.payload_len = field_index("payload_len"),
		.id = field_index("id"),
		.source_port = field_index("source_port"),
		.dest_port = field_index("dest_port"),
		.seq = field_index("seq"),
		.ack_seq = field_index("ack_seq"),
		.data_offset = field_index("data_offset"),
		.flags = field_index("flags"),
		.window = field_index("window_size"),
	};
}

struct reading {
	struct fb_source *source;
	const struct fb_event *ev;
};

static bool read_number(const struct reading *r, int field, uint32_t *number)
{
	struct fb_value value;

	*number = 0;
	if (!fb_source_field(r->source, r->ev, field, &value) || value.is_text)
		return false;
	*number = value.number;
	return true;
}

/* The address's length; 0 when it is not there. */
static unsigned read_address(const struct reading *r, int field, uint8_t to[16])
{
	struct fb_value value;

	if (!fb_source_field(r->source, r->ev, field, &value))
		return 0;
	memcpy(to, value.address, value.address_bytes);
	return value.address_bytes;
}

/* Bytes behind IP's header. IPv6 counts them itself, extensions included. */
static uint32_t read_length(const struct reading *r, const struct header_fields *f)
{
	uint32_t length, words;

	if (read_number(r, f->payload_len, &length))
		return length;
	read_number(r, f->tot_len, &length);
	read_number(r, f->ihl, &words);
	return length > words * 4 ? length - words * 4 : 0;
}

static void read_transport(const struct reading *r, const struct header_fields *f,
			   struct packet_header *h)
{
	uint32_t source, dest, flags, words, window;

	h->has_ports = read_number(r, f->source_port, &source);
	h->has_ports &= read_number(r, f->dest_port, &dest);
	h->source_port = source;
	h->dest_port = dest;
	if (h->protocol != PROTOCOL_TCP || !h->has_ports || !read_number(r, f->seq, &h->seq))
		return;
	h->has_seq = true;
	read_number(r, f->ack_seq, &h->ack_seq);
	read_number(r, f->flags, &flags);
	read_number(r, f->data_offset, &words);
	h->has_window = read_number(r, f->window, &window);
	h->window = window;
	h->flags = flags;
	h->payload = h->payload > words * 4 ? h->payload - words * 4 : 0;
}

void header_read(struct fb_source *source, const struct header_fields *f, const struct fb_event *ev,
		 struct packet_header *h)
{
	const struct reading r = { source, ev };
	uint32_t protocol;
	unsigned bytes;

	*h = (struct packet_header){ 0 };
	bytes = read_address(&r, f->saddr, h->saddr);
	if (!bytes || read_address(&r, f->daddr, h->daddr) != bytes)
		return;
	h->address_bytes = bytes;
	read_number(&r, f->protocol, &protocol);
	h->protocol = protocol;
	read_number(&r, f->id, &h->id);
	h->payload = read_length(&r, f);
	read_transport(&r, f, h);
}

struct ends ends_of(const struct packet_header *h)
{
	struct ends ends = { .address_bytes = h->address_bytes,
			     .protocol = h->protocol,
			     .source_port = h->source_port,
			     .dest_port = h->dest_port };

	memcpy(ends.saddr, h->saddr, sizeof(ends.saddr));
	memcpy(ends.daddr, h->daddr, sizeof(ends.daddr));
	return ends;
}

struct ends ends_reversed(const struct ends *ends)
{
	struct ends reversed = *ends;

	memcpy(reversed.saddr, ends->daddr, sizeof(ends->daddr));
	memcpy(reversed.daddr, ends->saddr, sizeof(ends->saddr));
	reversed.source_port = ends->dest_port;
	reversed.dest_port = ends->source_port;
	return reversed;
}

uint64_t ends_hash(const struct ends *ends)
{
	uint64_t words[sizeof(*ends) / 8], hash = 0;

	_Static_assert(sizeof(*ends) % 8 == 0, "hashed by words, without padding");
	memcpy(words, ends, sizeof(words));
	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		hash = hash_add(hash, words[i]);
	return hash | 1;
}
