/* SPDX-License-Identifier: MIT */
/* test_join.c - packets of a trace found in captures, and what that tells of the clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_text.h"
#include "packets/join/join.h"

enum { RAW = 101 };

#define SECOND INT64_C(1000000000)
#define BEGIN  1700000000 /* of captures, in seconds */

/* ---- made captures and packets ----------------------------------------------------------- */

struct packet {
	fb_ns time; /* after BEGIN */
	uint16_t id;
	uint32_t seq, ack, payload;
	uint8_t flags;
};

/* From 10.0.0.1:1000 to 10.0.0.2:80. */
static char *packet_hex(const struct packet *p)
{
	return g_strdup_printf("4500 %04x %04x 4000 4006 0000 0a000001 0a000002 "
			       "03e8 0050 %08x %08x 50%02x ffff 0000 0000",
			       p->payload + 40, p->id, p->seq, p->ack, p->flags);
}

static struct packet_header packet_header(const struct packet *p)
{
	return (struct packet_header){ .saddr = { 10, 0, 0, 1 },
				       .daddr = { 10, 0, 0, 2 },
				       .address_bytes = 4,
				       .protocol = PROTOCOL_TCP,
				       .flags = p->flags,
				       .has_ports = true,
				       .has_seq = true,
				       .source_port = 1000,
				       .dest_port = 80,
				       .seq = p->seq,
				       .ack_seq = p->ack,
				       .id = p->id,
				       .payload = p->payload };
}

/* Adds a capture of `n` packets, whose file is gone behind it. */
static void add_capture(struct join *j, const struct packet *packets, unsigned n)
{
	g_autofree struct made_packet *made = g_new0(struct made_packet, n + 1);
	g_autofree char *path = NULL;
	GError *error = NULL;
	GByteArray *bytes;
	int fd;

	for (unsigned i = 0; i < n; i++)
		made[i] = (struct made_packet){ .seconds = BEGIN + packets[i].time / SECOND,
						.fraction = packets[i].time % SECOND,
						.hex = packet_hex(&packets[i]),
						.beyond = packets[i].payload };
	bytes = make_pcap(MADE_NANOSECONDS, RAW, made);
	fd = g_file_open_tmp("join-XXXXXX", &path, NULL);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes->data, bytes->len), bytes->len);
	close(fd);
	join_add(j, capture_open(path, &error));
	assert_null(error);
	unlink(path);
	g_byte_array_unref(bytes);
	for (unsigned i = 0; i < n; i++)
		g_free((char *)made[i].hex);
}

static struct join *join_one(const struct packet *packets, unsigned n)
{
	struct join *j = join_new();

	add_capture(j, packets, n);
	return j;
}

/* The trace receives the packet at that time. */
static struct joined received(struct join *j, struct packet p, fb_ns at)
{
	const struct packet_header h = packet_header(&p);

	return join_received(j, &h, BEGIN * SECOND + at);
}

/* "12", "12-14 (2)", or why there is none. */
static void assert_joined(struct joined found, const char *expected)
{
	static const char *const why[] = { [JOIN_ABSENT] = "absent", [JOIN_BEFORE] = "before",
					   [JOIN_AFTER] = "after", [JOIN_EMPTY] = "empty",
					   [JOIN_UNKEYED] = "unkeyed" };
	g_autofree char *text = NULL;

	if (!found.n)
		text = g_strdup(why[found.missing]);
	else if (found.n == 1)
		text = g_strdup_printf("%" G_GUINT64_FORMAT, found.first);
	else
		text = g_strdup_printf("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT " (%u)",
				       found.first, found.last, found.n);
	assert_string_equal(text, expected);
}

/* ---- packets ----------------------------------------------------------------------------- */

static void every_field_counts_but_the_time(void **state)
{
	static const struct packet p = { 5, 7, 100, 200, 10, PACKET_ACK },
				   ack = { 6, 8, 110, 200, 0, PACKET_ACK };
	const struct packet captured[] = { p, ack };
	struct packet others[6] = { p, p, p, p, p, ack };
	struct join *j = join_one(captured, 2);

	(void)state;
	others[0].id++;
	others[1].seq++;
	others[2].ack++;
	others[3].payload++;
	others[4].flags |= PACKET_FIN;
	others[5].ack++;
	for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
		assert_joined(received(j, others[i], 5), "absent");
	assert_joined(received(j, ack, -3600 * SECOND), "2");
	assert_joined(received(j, p, 3600 * SECOND), "1");
	join_free(j);
}

static void addresses_and_ports_count_too(void **state)
{
	static const struct packet p = { 5, 7, 100, 200, 10, PACKET_ACK };
	struct join *j = join_one(&p, 1);
	struct packet_header h[4];

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(h); i++)
		h[i] = packet_header(&p);
	h[0].saddr[3]++;
	h[1].daddr[0]++;
	h[2].source_port++;
	h[3].dest_port = 1000;
	for (unsigned i = 0; i < G_N_ELEMENTS(h); i++)
		assert_joined(join_received(j, &h[i], BEGIN * SECOND + 5), "absent");
	h[0].address_bytes = 0;
	assert_joined(join_received(j, &h[0], BEGIN * SECOND + 5), "unkeyed");
	join_free(j);
}

/* Numbered 0, as IP packets are that are not to be cut. */
static void equal_ones_are_told_apart_by_their_times(void **state)
{
	static const struct packet p = { 0, 0, 100, 200, 0, PACKET_ACK };
	struct packet captured[3] = { p, p, p };
	struct join *j;

	(void)state;
	captured[1].time = SECOND;
	captured[2].time = 2 * SECOND;
	j = join_one(captured, 3);
	assert_joined(received(j, p, SECOND - 9), "2");
	assert_joined(received(j, p, SECOND + 9), "3");
	assert_joined(received(j, p, SECOND + 9), "1");
	assert_joined(received(j, p, SECOND + 9), "absent");
	join_free(j);
}

static void what_a_card_cuts_is_several_packets(void **state)
{
	static const struct packet captured[] = {
		{ 1, 7, 100, 200, 1000, PACKET_ACK },  { 2, 90, 5, 6, 0, PACKET_ACK },
		{ 3, 8, 1100, 200, 1000, PACKET_ACK }, { 4, 9, 2100, 200, 500, PACKET_ACK | PACKET_PSH },
		{ 5, 9, 2600, 200, 10, PACKET_ACK },
	};
	const struct packet queued = { 0, 7, 100, 200, 2500, PACKET_ACK | PACKET_PSH };
	const struct packet_header h = packet_header(&queued);
	struct join *j = join_one(captured, 5);

	(void)state;
	assert_joined(join_sent(j, &h, BEGIN * SECOND), "1-4 (3)");
	assert_joined(join_sent(j, &h, BEGIN * SECOND), "absent");
	assert_joined(received(j, captured[4], 4), "5");
	assert_int_equal(join_state(j, 0).matched, 4);
	join_free(j);
	/* One of them is missing. */
	j = join_one(captured, 3);
	assert_joined(join_sent(j, &h, BEGIN * SECOND + 1), "absent");
	join_free(j);
}

static void data_sent_again_in_other_pieces_is_not_the_first_sending(void **state)
{
	static const struct packet captured[] = {
		{ 1, 7, 100, 200, 1000, PACKET_ACK },
		{ 2, 8, 1100, 200, 1000, PACKET_ACK },
		{ 300, 5000, 100, 200, 1000, PACKET_ACK },
	};
	const struct packet queued = { 0, 7, 100, 200, 2000, PACKET_ACK },
			    again = { 299, 5000, 100, 200, 1000, PACKET_ACK };
	const struct packet_header h = packet_header(&queued), h_again = packet_header(&again);
	struct join *j = join_one(captured, 3);

	(void)state;
	assert_joined(join_sent(j, &h_again, BEGIN * SECOND + 299), "3");
	assert_joined(join_sent(j, &h, BEGIN * SECOND), "1-2 (2)");
	join_free(j);
}

/* The queueing discipline dropped it: only what is sent again, a little later, is captured. */
static void what_is_cut_later_with_other_numbers_is_another(void **state)
{
	static const struct packet captured[] = { { 1, 6, 99, 200, 0, PACKET_ACK },
						  { 30, 20, 100, 200, 1000, PACKET_ACK },
						  { 31, 21, 1100, 200, 1000, PACKET_ACK } };
	const struct packet lost = { 2, 7, 100, 200, 2000, PACKET_ACK },
			    again = { 29, 20, 100, 200, 2000, PACKET_ACK };
	const struct packet_header h = packet_header(&lost), h_again = packet_header(&again);
	struct join *j = join_one(captured, 3);

	(void)state;
	assert_joined(join_sent(j, &h, BEGIN * SECOND + 2), "absent");
	assert_joined(join_sent(j, &h_again, BEGIN * SECOND + 29), "2-3 (2)");
	join_free(j);
}

static void why_there_is_none_is_told_by_the_capture_s_times(void **state)
{
	static const struct packet captured[] = { { 5 * SECOND, 1, 100, 200, 0, PACKET_ACK },
						  { 6 * SECOND, 2, 101, 200, 0, PACKET_ACK } },
				   other = { 0, 3, 500, 200, 0, PACKET_ACK };
	struct join *j = join_one(captured, 2);

	(void)state;
	assert_joined(received(j, other, 4 * SECOND), "before");
	assert_joined(received(j, other, 5 * SECOND + 1), "absent");
	assert_joined(received(j, other, 6 * SECOND + 1), "after");
	/* By the capture's clock, which is a second late. */
	assert_joined(received(j, captured[0], 6 * SECOND), "1");
	assert_joined(received(j, other, 7 * SECOND - 1), "absent");
	assert_joined(received(j, other, 7 * SECOND + 1), "after");
	join_free(j);
	j = join_one(NULL, 0);
	assert_joined(received(j, other, 0), "empty");
	join_free(j);
}

static void assert_in(const struct join *j, unsigned capture, struct joined found)
{
	assert_joined(found, "1");
	assert_ptr_equal(found.path, capture_path(join_state(j, capture).capture));
}

static void of_several_captures_the_one_that_has_it_is_named(void **state)
{
	static const struct packet first[] = { { 1, 1, 100, 200, 0, PACKET_ACK } },
				   second[] = { { 2, 9, 900, 200, 0, PACKET_ACK },
						{ 3, 1, 100, 200, 0, PACKET_ACK } };
	struct join *j = join_new();

	(void)state;
	add_capture(j, first, 1);
	add_capture(j, second, 2);
	assert_in(j, 1, received(j, second[0], 2));
	assert_in(j, 0, received(j, first[0], 2));
	assert_int_equal(join_state(j, 0).matched, 1);
	assert_int_equal(join_state(j, 1).matched, 2);
	join_free(j);
}

/* A hundred seconds of them, more than are held at once. */
static void a_long_capture_is_read_beside_the_trace(void **state)
{
	enum { N = 3 * FRAMES_FEW };
	struct packet *packets = g_new0(struct packet, N);
	struct join *j;

	(void)state;
	for (unsigned i = 0; i < N; i++)
		packets[i] = (struct packet){ i * (100 * SECOND / N), i, i, 1, 0, PACKET_ACK };
	j = join_one(packets, N);
	for (unsigned i = 0; i < N; i += 2) {
		struct joined found = received(j, packets[i], packets[i].time - 5000);

		assert_int_equal(found.n, 1);
		assert_int_equal(found.first, i + 1);
	}
	/* Let go: the trace is past it. */
	assert_joined(received(j, packets[1], packets[N - 2].time), "absent");
	assert_int_equal(join_state(j, 0).matched, N / 2);
	join_free(j);
	g_free(packets);
}

/* ---- clocks ------------------------------------------------------------------------------ */

static struct clock clock_of(const fb_ns *differences, unsigned n, fb_ns apart)
{
	struct clock c;

	clock_init(&c);
	for (unsigned i = 0; i < n; i++)
		clock_add(&c, i * apart, differences[i]);
	return c;
}

static void a_clock_is_where_most_pairs_crowd(void **state)
{
	static const fb_ns late[] = { 6100, 6000, 6300, 9000, 6200, 90000, 7000, 6400, 8000, 6500 },
			   early[] = { -1100, -1000, -1300, -9000, -1200, -90000, -2000, -1400, -3000,
				       -1500 };
	struct clock c = clock_of(late, 10, SECOND);
	struct clock_line line = clock_line(&c, 0);

	(void)state;
	assert_int_equal(clock_lines(&c), 1);
	assert_int_equal(line.offset, 6100);
	assert_int_equal(line.spread, 90000 - 6100);
	assert_int_equal(line.pairs, 10);
	assert_true(line.is_exact);
	assert_true(line.drift == 0);
	clock_clear(&c);

	c = clock_of(early, 10, SECOND);
	line = clock_line(&c, 0);
	assert_int_equal(line.offset, -1000);
	clock_clear(&c);
}

static void few_pairs_or_scattered_ones_are_not_exact(void **state)
{
	fb_ns differences[8] = { 0 };
	struct clock c = clock_of(differences, 7, SECOND);

	(void)state;
	assert_false(clock_line(&c, 0).is_exact);
	clock_clear(&c);
	c = clock_of(differences, 8, SECOND);
	assert_true(clock_line(&c, 0).is_exact);
	clock_clear(&c);
	for (unsigned i = 0; i < 8; i++)
		differences[i] = i * 5 % 8 * 20000;
	c = clock_of(differences, 8, 1000);
	assert_false(clock_line(&c, 0).is_exact);
	clock_clear(&c);
}

static void a_clock_that_is_set_makes_another_line(void **state)
{
	fb_ns differences[40];
	struct clock c;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		differences[i] = 5000 + i % 3 * 100 + (i < 20 ? 0 : SECOND);
	c = clock_of(differences, 40, 1000000);
	assert_int_equal(clock_lines(&c), 2);
	assert_int_equal(clock_line(&c, 0).offset, 5000);
	assert_int_equal(clock_line(&c, 0).pairs, 20);
	assert_int_equal(clock_line(&c, 0).end, 19 * 1000000);
	assert_int_equal(clock_line(&c, 1).offset, SECOND + 5000);
	assert_int_equal(clock_line(&c, 1).begin, 20 * 1000000);
	assert_int_equal(clock_line(&c, 1).pairs, 20);
	clock_clear(&c);
}

static void a_few_late_packets_are_no_step(void **state)
{
	fb_ns differences[40];
	struct clock c;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		differences[i] = i >= 10 && i < 17 ? 4000000 : 5000;
	c = clock_of(differences, 40, 1000000);
	assert_int_equal(clock_lines(&c), 1);
	assert_int_equal(clock_line(&c, 0).pairs, 40);
	assert_int_equal(clock_difference(&c), 5000);
	clock_clear(&c);
}

static void a_drift_is_told_when_it_moves_the_line(void **state)
{
	fb_ns differences[1000];
	struct clock c;
	struct clock_line line;

	(void)state;
	/* 20 ppm over 100 s, with one late packet in ten. */
	for (unsigned i = 0; i < 1000; i++)
		differences[i] = 6000 + i * 2000 + (i % 10 == 3 ? 60000 : 0);
	c = clock_of(differences, 1000, SECOND / 10);
	line = clock_line(&c, 0);
	assert_int_equal(clock_lines(&c), 1);
	assert_int_equal(line.pairs, 1000);
	assert_true(line.drift > 19900 && line.drift < 20100);
	assert_true(line.offset > 5000 && line.offset < 7000);
	assert_true(line.is_exact);
	clock_clear(&c);

	/* The same within 2 s is within what single packets differ by. */
	c = clock_of(differences, 20, SECOND / 10);
	assert_true(clock_line(&c, 0).drift == 0);
	clock_clear(&c);
}

static void received_packets_set_the_clock_and_sent_ones_where_there_are_no_others(void **state)
{
	static const struct packet captured[] = { { 150000, 1, 100, 200, 0, PACKET_ACK },
						  { 300000, 2, 101, 200, 0, PACKET_ACK } };
	const struct packet_header h = packet_header(&captured[0]);
	struct join *j = join_one(captured, 2);

	(void)state;
	join_sent(j, &h, BEGIN * SECOND + 50000);
	assert_true(join_state(j, 0).is_by_sent);
	assert_int_equal(clock_line(join_state(j, 0).clock, 0).offset, 100000);
	received(j, captured[1], 293000);
	assert_false(join_state(j, 0).is_by_sent);
	assert_int_equal(clock_line(join_state(j, 0).clock, 0).offset, 7000);
	join_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_counts_but_the_time),
		cmocka_unit_test(addresses_and_ports_count_too),
		cmocka_unit_test(equal_ones_are_told_apart_by_their_times),
		cmocka_unit_test(what_a_card_cuts_is_several_packets),
		cmocka_unit_test(data_sent_again_in_other_pieces_is_not_the_first_sending),
		cmocka_unit_test(what_is_cut_later_with_other_numbers_is_another),
		cmocka_unit_test(why_there_is_none_is_told_by_the_capture_s_times),
		cmocka_unit_test(of_several_captures_the_one_that_has_it_is_named),
		cmocka_unit_test(a_long_capture_is_read_beside_the_trace),
		cmocka_unit_test(a_clock_is_where_most_pairs_crowd),
		cmocka_unit_test(few_pairs_or_scattered_ones_are_not_exact),
		cmocka_unit_test(a_clock_that_is_set_makes_another_line),
		cmocka_unit_test(a_few_late_packets_are_no_step),
		cmocka_unit_test(a_drift_is_told_when_it_moves_the_line),
		cmocka_unit_test(received_packets_set_the_clock_and_sent_ones_where_there_are_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
