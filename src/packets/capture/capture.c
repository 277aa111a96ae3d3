/* SPDX-License-Identifier: MIT */
/* capture.c - a capture file of either kind -> its packets, numbered and counted. */
#include <flightbox/error.h>

#include "packets/capture/dissect.h"
#include "packets/capture/formats.h"

#define MAGIC 4 /* bytes by which kinds of files differ */

struct capture {
	char *path;
	struct tape *tape;
	struct pcap_file *pcap; /* it is of one kind or of the other */
	struct pcapng_file *pcapng;
	fb_ns last; /* the latest packet's time */
	struct capture_counts counts;
};

static bool refuse(const struct capture *c, GError **error)
{
	const struct tape *t = c->tape;

	if (t->error)
		g_propagate_error(error, g_error_copy(t->error));
	else if (t->end - t->at < MAGIC)
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte %td: expected a capture, found the end", c->path,
			    t->end - t->at);
	else
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte 0: expected a capture, found %02x%02x%02x%02x", c->path,
			    t->at[0], t->at[1], t->at[2], t->at[3]);
	return false;
}

static bool open_format(struct capture *c, GError **error)
{
	if (!tape_has(c->tape, MAGIC))
		return refuse(c, error);
	if (pcapng_file_is(c->tape->at))
		c->pcapng = pcapng_file_open(c->tape, c->path);
	else if (pcap_file_is(c->tape->at))
		c->pcap = pcap_file_open(c->tape, c->path, error);
	else
		return refuse(c, error);
	return c->pcap || c->pcapng;
}

struct capture *capture_open(const char *path, GError **error)
{
	struct tape *tape = tape_open(path, error);
	struct capture *c;

	if (!tape)
		return NULL;
	c = g_new0(struct capture, 1);
	c->path = g_strdup(path);
	c->tape = tape;
	c->last = FB_NS_NONE;
	if (open_format(c, error))
		return c;
	capture_close(c);
	return NULL;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	pcap_file_close(c->pcap);
	pcapng_file_close(c->pcapng);
	tape_close(c->tape);
	g_free(c->path);
	g_free(c);
}

static void dissect(const struct record *r, struct captured *p)
{
	struct span s = { .at = r->bytes, .captured = r->captured, .length = r->length };
	enum link_carries carries;

	*p = (struct captured){ .time = r->time,
				.length = r->length,
				.interface = r->interface,
				.direction = r->direction,
				.window_scale = CAPTURED_NO_SCALE };
	carries = link_dissect(r->link_type, &s, p);
	if (carries != LINK_OTHER)
		ip_dissect(carries, s, p);
}

static void count(struct capture *c, const struct record *r, const struct captured *p)
{
	struct capture_counts *counts = &c->counts;

	if (!link_is_known(r->link_type)) {
		counts->foreign++;
		counts->foreign_type = r->link_type;
	} else if (!p->header.address_bytes && !p->is_cut) {
		counts->not_ip++;
	}
	counts->cut += p->is_cut;
	if (p->time == FB_NS_NONE) {
		counts->untimed++;
		return;
	}
	counts->backwards += p->time < c->last;
	c->last = p->time;
}

int capture_next(struct capture *c, struct captured *packet, GError **error)
{
	struct record record;
	int result;

	if (c->counts.is_damaged)
		return 0;
	result = c->pcapng ? pcapng_file_next(c->pcapng, &record, error)
			   : pcap_file_next(c->pcap, &record, error);
	c->counts.is_damaged = result < 0;
	c->counts.dropped = c->pcapng ? pcapng_file_dropped(c->pcapng) : 0;
	if (result != 1)
		return result;
	dissect(&record, packet);
	packet->number = ++c->counts.packets;
	count(c, &record, packet);
	return 1;
}

const char *capture_interface_name(const struct capture *c, unsigned interface)
{
	return c->pcapng ? pcapng_file_interface_name(c->pcapng, interface) : NULL;
}

const char *capture_path(const struct capture *c)
{
	return c->path;
}

const struct capture_counts *capture_counts(const struct capture *c)
{
	return &c->counts;
}
