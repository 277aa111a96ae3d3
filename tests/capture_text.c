/* SPDX-License-Identifier: MIT */
/* capture_text.c - text to captures, captures to text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <cmocka.h>

#include "capture_text.h"

/* ---- making ----------------------------------------------------------------------------- */

GByteArray *bytes_of_hex(const char *hex)
{
	GByteArray *bytes = g_byte_array_new();

	for (; *hex; hex++) {
		guint8 byte;

		if (*hex == ' ')
			continue;
		assert_true(g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]));
		byte = g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]);
		g_byte_array_append(bytes, &byte, 1);
		hex++;
	}
	return bytes;
}

static void append_number(GByteArray *to, int form, uint32_t number)
{
	uint32_t bytes = form & MADE_BIG_ENDIAN ? GUINT32_TO_BE(number) : GUINT32_TO_LE(number);

	g_byte_array_append(to, (const guint8 *)&bytes, sizeof(bytes));
}

GByteArray *make_pcap(int form, uint32_t link_type, const struct made_packet *packets)
{
	const uint32_t magic = form & MADE_NANOSECONDS ? 0xa1b23c4d : 0xa1b2c3d4;
	const uint32_t version = form & MADE_BIG_ENDIAN ? 2 << 16 | 4 : 4 << 16 | 2;
	const uint32_t words[] = { magic, version, 0, 0, 262144, link_type };
	GByteArray *file = g_byte_array_new();

	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
		append_number(file, form, words[i]);
	for (; packets->hex; packets++) {
		GByteArray *bytes = bytes_of_hex(packets->hex);

		append_number(file, form, packets->seconds);
		append_number(file, form, packets->fraction);
		append_number(file, form, bytes->len);
		append_number(file, form, bytes->len + packets->beyond);
		g_byte_array_append(file, bytes->data, bytes->len);
		g_byte_array_unref(bytes);
	}
	return file;
}

/* "4:1a2b3c4d" */
static void append_word(GByteArray *to, int form, const char *text)
{
	unsigned size = *text - '0';
	uint64_t number = g_ascii_strtoull(text + 2, NULL, 16);

	for (unsigned i = 0; i < size; i++) {
		guint8 byte = number >> 8 * (form & MADE_BIG_ENDIAN ? size - 1 - i : i);

		g_byte_array_append(to, &byte, 1);
	}
}

static void append_body(GByteArray *to, int form, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word; word++) {
		GByteArray *bytes;

		if (**word && (*word)[1] == ':') {
			append_word(to, form, *word);
			continue;
		}
		bytes = bytes_of_hex(*word);
		g_byte_array_append(to, bytes->data, bytes->len);
		g_byte_array_unref(bytes);
	}
}

GByteArray *make_pcapng(int form, const struct made_block *blocks)
{
	GByteArray *file = g_byte_array_new();

	for (; blocks->body; blocks++) {
		GByteArray *body = g_byte_array_new();

		append_body(body, form, blocks->body);
		append_number(file, form, blocks->type);
		append_number(file, form, body->len + 12);
		g_byte_array_append(file, body->data, body->len);
		append_number(file, form, body->len + 12);
		g_byte_array_unref(body);
	}
	return file;
}

/* ---- reading ---------------------------------------------------------------------------- */

static void append_end(GString *to, const struct packet_header *h, const uint8_t *address,
		       uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(h->address_bytes == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
	g_string_append(to, text);
	if (h->has_ports)
		g_string_append_printf(to, "%c%u", h->address_bytes == 4 ? ':' : '.', port);
}

static void append_ends(GString *to, const struct packet_header *h)
{
	static const char *const names[] = { [PROTOCOL_ICMP] = "ICMP",
					     [PROTOCOL_TCP] = "TCP",
					     [PROTOCOL_UDP] = "UDP",
					     [PROTOCOL_ICMPV6] = "ICMPv6" };

	append_end(to, h, h->saddr, h->source_port);
	g_string_append(to, " > ");
	append_end(to, h, h->daddr, h->dest_port);
	if (h->protocol < G_N_ELEMENTS(names) && names[h->protocol])
		g_string_append_printf(to, " %s", names[h->protocol]);
	else
		g_string_append_printf(to, " protocol %u", h->protocol);
}

static void append_tcp(GString *to, const struct captured *p)
{
	static const char letters[] = "FSRP.UEW";
	const struct packet_header *h = &p->header;

	g_string_append(to, " [");
	for (int i = 0; letters[i]; i++)
		if (h->flags >> i & 1)
			g_string_append_c(to, letters[i]);
	g_string_append_printf(to, "] seq %u ack %u win %u", h->seq, h->ack_seq, h->window);
	if (p->has_timestamps)
		g_string_append_printf(to, " ts %u/%u", p->tsval, p->tsecr);
	if (p->mss)
		g_string_append_printf(to, " mss %u", p->mss);
	if (p->window_scale != CAPTURED_NO_SCALE)
		g_string_append_printf(to, " scale %u", p->window_scale);
	for (unsigned i = 0; i < p->n_sacks; i++)
		g_string_append_printf(to, " sack %u-%u", p->sacks[i].begin, p->sacks[i].end);
}

static void append_about(GString *to, const struct captured *p)
{
	g_string_append_printf(to, " icmp %u/%u", p->icmp_type, p->icmp_code);
	if (!p->has_about)
		return;
	g_string_append(to, " about ");
	append_ends(to, &p->about);
	if (p->about.has_seq)
		g_string_append_printf(to, " seq %u", p->about.seq);
	g_string_append_printf(to, ", %u", p->about.payload);
}

static void append_time(GString *to, fb_ns time)
{
	if (time == FB_NS_NONE)
		g_string_append(to, " -");
	else
		g_string_append_printf(to, " %s%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT,
				       time < 0 ? "-" : "", ABS(time / 1000000000),
				       ABS(time % 1000000000));
}

void append_captured(GString *to, const struct capture *c, const struct captured *p)
{
	static const char *const directions[] = { "", " in", " out" };
	const char *interface = capture_interface_name(c, p->interface);
	const struct packet_header *h = &p->header;

	g_string_append_printf(to, "%" G_GUINT64_FORMAT, p->number);
	append_time(to, p->time);
	if (interface)
		g_string_append_printf(to, " %s", interface);
	if (p->ifindex)
		g_string_append_printf(to, " ifindex %u", p->ifindex);
	g_string_append_printf(to, "%s ", directions[p->direction]);
	if (h->address_bytes)
		append_ends(to, h);
	else
		g_string_append(to, "other");
	if (h->has_seq)
		append_tcp(to, p);
	g_string_append_printf(to, " id %u, %u of %u", h->id, h->payload, p->length);
	g_string_append(to, p->is_cut ? " cut" : "");
	g_string_append(to, p->is_fragment ? " fragment" : "");
	if (h->protocol == PROTOCOL_ICMP || h->protocol == PROTOCOL_ICMPV6)
		append_about(to, p);
	g_string_append_c(to, '\n');
}

static void append_capture(GString *to, const char *path)
{
	GError *error = NULL;
	struct capture *c = capture_open(path, &error);
	struct captured p;

	while (c && capture_next(c, &p, &error) == 1)
		append_captured(to, c, &p);
	/* The path is another one each time. */
	if (error) {
		assert_true(g_str_has_prefix(error->message, path));
		g_string_append_printf(to, "FILE%s\n", error->message + strlen(path));
	}
	g_clear_error(&error);
	capture_close(c);
}

char *capture_text(GByteArray *bytes)
{
	GString *text = g_string_new(NULL);
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("capture-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
	close(fd);
	g_byte_array_unref(bytes);
	append_capture(text, path);
	unlink(path);
	return g_string_free(text, FALSE);
}

void assert_capture(GByteArray *bytes, const char *expected)
{
	g_autofree char *text = capture_text(bytes);

	assert_string_equal(text, expected);
}
