/* SPDX-License-Identifier: MIT */
/* packet-row.c - the cells of a packet, and its line. */
#include "analyses/shared/packet-row.h"

#include <arpa/inet.h>

static const struct fb_table others_table = {
	.columns = { PACKET_KEY_COLUMNS("", 0) },
};

void packet_row_fill(struct packet_row *row, const struct fb_packet *packet,
		     const struct fb_blocking *b)
{
	*row = (struct packet_row){ .is_some = packet != NULL };
	if (!packet) {
		row->others.table = &others_table;
		return;
	}
	row->packet = *packet;
	if (!fb_packet_parts(packet, b, row->parts))
		for (unsigned i = 0; i < FB_PARTS; i++)
			row->parts[i] = FB_NS_NONE;
	row->others = (struct fb_list){ &others_table, packet->others, packet->n_others,
					sizeof(packet->others[0]) };
}

/* ---- texts ------------------------------------------------------------------------------- */

enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };

/* "10.0.0.1:80", "[::1]:80"; NULL: no addresses were recorded. */
static const char *end_text(struct fb_report *r, const struct fb_packet_key *key,
			    const uint8_t *address, uint16_t port)
{
	GString *to = fb_report_scratch(r);
	char text[INET6_ADDRSTRLEN];

	if (!key->address_bytes)
		return NULL;
	inet_ntop(key->address_bytes == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	g_string_append_printf(to, key->address_bytes == 4 ? "%s" : "[%s]", text);
	if (key->has_ports)
		g_string_append_printf(to, ":%u", port);
	return to->str;
}

/* As tcpdump writes them. */
static void add_flags(const struct fb_packet_key *key, GString *to)
{
	static const char letters[] = "FSRP.UEW";

	for (unsigned i = 0; i < 8; i++)
		if (key->flags >> i & 1)
			g_string_append_c(to, letters[i]);
}

static const char *protocol_name(unsigned protocol)
{
	switch (protocol) {
	case TCP:
		return "tcp";
	case UDP:
		return "udp";
	case ICMP:
		return "icmp";
	case ICMPV6:
		return "icmp6";
	default:
		return NULL;
	}
}

static const char *unnumbered_words(enum fb_packet_unnumbered why)
{
	static const char *const words[FB_PACKET_UNNUMBEREDS] = {
		[FB_PACKET_NOT_CAPTURED] = " (not captured)",
		[FB_PACKET_CAPTURED_LATER] = " (before the capture)",
		[FB_PACKET_CAPTURE_OVER] = " (after the capture)",
		[FB_PACKET_CAPTURE_EMPTY] = " (nothing captured)",
	};

	return words[why] ? words[why] : "";
}

void packet_numbers(const struct fb_packet_key *key, GString *to)
{
	const char *protocol = protocol_name(key->protocol);

	if (!key->has_seq) {
		g_string_append_printf(to, "%s length %u", protocol ? protocol : "ip", key->len);
		return;
	}
	g_string_append_c(to, '[');
	add_flags(key, to);
	g_string_append_printf(to, "] %u", key->relative_seq);
	if (key->len)
		g_string_append_printf(to, ":%u", key->relative_seq + key->len);
	if (key->flags & FB_PACKET_ACK)
		g_string_append_printf(to, " ack %u", key->relative_ack);
}

static void add_headers(const struct fb_packet_key *key, GString *to)
{
	if (!key->address_bytes) {
		g_string_append(to, "headers not recorded");
		return;
	}
	if (key->has_ports)
		g_string_append_printf(to, "%u>%u ", key->src_port, key->dst_port);
	packet_numbers(key, to);
}

static void add_key(const struct fb_packet_key *key, GString *to)
{
	if (key->file)
		g_string_append_printf(to, "#%" G_GUINT64_FORMAT " ", key->number);
	add_headers(key, to);
	g_string_append(to, unnumbered_words(key->unnumbered));
}

/* Unless that was over when the wait began. */
static void add_cause(const struct fb_packet *packet, const struct fb_blocking *b, GString *to)
{
	enum fb_packet_part part = fb_packet_cause_part(packet->cause);
	const char *words = fb_packet_cause_words(packet->cause);
	fb_ns parts[FB_PARTS];

	if (!words || (part < FB_PARTS && (!fb_packet_parts(packet, b, parts) || !parts[part])))
		return;
	g_string_append_printf(to, ", %s%s", words, packet->cause_inferred ? " (inferred)" : "");
}

void packet_line(const struct fb_packet *packet, const struct fb_blocking *b, GString *to)
{
	static const char *const why_none[FB_PACKET_NONES] = {
		[FB_PACKET_NONE_CALL] = "",
		[FB_PACKET_NONE_SEEN] = "? (none was received)",
		[FB_PACKET_NONE_OF_SOCKET] = "? (none of its socket)",
		[FB_PACKET_NONE_CAN] = "? (none that ends it)",
		[FB_PACKET_NONE_FORGOTTEN] = "? (forgotten)",
	};

	if (packet->match == FB_PACKET_NONE) {
		g_string_append(to, why_none[packet->none]);
		return;
	}
	add_key(&packet->key, to);
	for (unsigned i = 0; i < packet->n_others; i++) {
		g_string_append(to, " or ");
		add_key(&packet->others[i], to);
	}
	if (packet->match == FB_PACKET_INFERRED || packet->match == FB_PACKET_GUESSED)
		g_string_append_printf(to, " (%s)", fb_packet_match_name(packet->match));
	add_cause(packet, b, to);
}

/* ---- cells ------------------------------------------------------------------------------- */

struct fb_cell get_packet_protocol(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;
	const char *name = protocol_name(k->protocol);
	GString *to;

	if (name || !k->address_bytes)
		return FB_NAME(name);
	to = fb_report_scratch(r);
	g_string_append_printf(to, "%u", k->protocol);
	return FB_TEXT(to->str);
}

struct fb_cell get_packet_src(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	return FB_TEXT(end_text(r, k, k->src, k->src_port));
}

struct fb_cell get_packet_dst(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	return FB_TEXT(end_text(r, k, k->dst, k->dst_port));
}

/* A number that only TCP's header has. */
static struct fb_cell of_tcp(const struct fb_packet_key *key, int64_t number)
{
	return key->has_seq ? FB_INT(number) : FB_NULL;
}

static struct fb_cell of_ack(const struct fb_packet_key *key, int64_t number)
{
	return key->flags & FB_PACKET_ACK ? of_tcp(key, number) : FB_NULL;
}

struct fb_cell get_packet_seq(struct fb_report *r, const void *key)
{
	(void)r;
	return of_tcp(key, ((const struct fb_packet_key *)key)->relative_seq);
}

struct fb_cell get_packet_ack(struct fb_report *r, const void *key)
{
	(void)r;
	return of_ack(key, ((const struct fb_packet_key *)key)->relative_ack);
}

struct fb_cell get_packet_raw_seq(struct fb_report *r, const void *key)
{
	(void)r;
	return of_tcp(key, ((const struct fb_packet_key *)key)->seq);
}

struct fb_cell get_packet_raw_ack(struct fb_report *r, const void *key)
{
	(void)r;
	return of_ack(key, ((const struct fb_packet_key *)key)->ack);
}

struct fb_cell get_packet_window(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	(void)r;
	return k->has_window ? of_tcp(k, k->window) : FB_NULL;
}

struct fb_cell get_packet_flags(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;
	GString *to;

	if (!k->has_seq)
		return FB_NULL;
	to = fb_report_scratch(r);
	add_flags(k, to);
	return FB_TEXT(to->str);
}

struct fb_cell get_packet_len(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	(void)r;
	return k->address_bytes ? FB_INT(k->len) : FB_NULL;
}

struct fb_cell get_packet_number(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	(void)r;
	return k->file ? FB_INT(k->number) : FB_NULL;
}

/* By the capture's own clock, which is not the trace's. */
struct fb_cell get_packet_captured(struct fb_report *r, const void *key)
{
	const struct fb_packet_key *k = key;

	(void)r;
	return k->file ? FB_INT(k->captured) : FB_NULL;
}

struct fb_cell get_packet_unnumbered(struct fb_report *r, const void *key)
{
	(void)r;
	return FB_NAME(fb_packet_unnumbered_name(((const struct fb_packet_key *)key)->unnumbered));
}

struct fb_cell get_packet_match(struct fb_report *r, const void *row)
{
	const struct packet_row *p = row;

	(void)r;
	return p->is_some ? FB_NAME(fb_packet_match_name(p->packet.match)) : FB_NULL;
}

struct fb_cell get_packet_missing(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(fb_packet_none_name(((const struct packet_row *)row)->packet.none));
}

struct fb_cell get_packet_outside(struct fb_report *r, const void *row)
{
	const struct packet_row *p = row;

	(void)r;
	return p->packet.match == FB_PACKET_NONE ? FB_NULL : FB_BOOL(p->packet.is_outside);
}

struct fb_cell get_packet_cause(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(fb_packet_cause_name(((const struct packet_row *)row)->packet.cause));
}

struct fb_cell get_packet_cause_inferred(struct fb_report *r, const void *row)
{
	const struct packet_row *p = row;

	(void)r;
	return p->packet.cause ? FB_BOOL(p->packet.cause_inferred) : FB_NULL;
}

struct fb_cell get_packet_unacknowledged(struct fb_report *r, const void *row)
{
	const struct packet_row *p = row;

	(void)r;
	return p->packet.unacknowledged ? FB_INT(p->packet.unacknowledged) : FB_NULL;
}
