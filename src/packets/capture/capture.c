/* SPDX-License-Identifier: MIT */
/* capture.c - a capture file of either kind -> its packets, numbered and counted. */
#include <flightbox/error.h>

#include "packets/capture/dissect.h"
#include "packets/capture/formats.h"

struct capture {
	char *path;
	struct tape *tape;
	struct pcap_file *pcap;
	fb_ns last; /* the latest packet's time */
	struct capture_counts counts;
};

static bool open_format(struct capture *c, GError **error)
{
	if (!tape_has(c->tape, 4)) {
		if (c->tape->error)
			g_propagate_error(error, g_error_copy(c->tape->error));
		else
			g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
				    "%s: byte %td: expected a capture, found the end", c->path,
				    c->tape->end - c->tape->at);
		return false;
	}
	if (!pcap_file_is(c->tape->at)) {
		const uint8_t *at = c->tape->at;

		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte 0: expected a capture, found %02x%02x%02x%02x", c->path,
			    at[0], at[1], at[2], at[3]);
		return false;
	}
	c->pcap = pcap_file_open(c->tape, c->path, error);
	return c->pcap;
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
	result = pcap_file_next(c->pcap, &record, error);
	c->counts.is_damaged = result < 0;
	if (result != 1)
		return result;
	dissect(&record, packet);
	packet->number = ++c->counts.packets;
	count(c, &record, packet);
	return 1;
}

const char *capture_interface_name(const struct capture *c, unsigned interface)
{
	(void)c;
	(void)interface;
	return NULL;
}

const char *capture_path(const struct capture *c)
{
	return c->path;
}

const struct capture_counts *capture_counts(const struct capture *c)
{
	return &c->counts;
}
