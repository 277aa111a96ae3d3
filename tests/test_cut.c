/* SPDX-License-Identifier: MIT */
/*
 * test_cut.c - recorded traces that were damaged: files cut short, bytes flipped.
 *
 * Whatever is left is read and goes through the whole model, without a crash (make DEV=1
 * check looks closer). Of a stream that was cut, exactly the events before the cut
 * are read, and one line says which file broke off at which byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

#include "trace_copy.h"

#define SEED 20261120

/* ---- reading it --------------------------------------------------------------------------- */

/* What is compared of an event. */
struct seen {
	fb_ns time;
	uint32_t cpu, kind;
};

struct reading {
	bool opened;
	GArray *events;      /* struct seen; NULL: not wanted */
	uint64_t n;
	char *problem;       /* the first */
	uint64_t problems;
};

static void touch_wait(const struct fb_blocking *b, void *data)
{
	uint64_t *sum = data;

	*sum += b->task->tid + (b->comm ? strlen(b->comm) : 0) +
		(b->syscall ? strlen(b->syscall) : 0) +
		(b->cause.task ? b->cause.task->generation : 0) +
		(b->cause.origin.task ? b->cause.origin.task->generation : 0);
	assert_true(b->begin == FB_NS_NONE || b->end == FB_NS_NONE || b->begin <= b->end);
}

static void read_events(struct fb_source *source, struct reading *r)
{
	struct fb_kernel_options options = { .all = true, .edges = true };
	uint64_t sum = 0;
	struct fb_kernel *k = fb_kernel_new(source, &options, touch_wait, &sum);
	fb_ns time = FB_NS_NONE;
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			const struct fb_event *ev = &batch.events[i];

			assert_true(ev->time >= time);
			time = ev->time;
			assert_true(ev->kind > FB_EV_NONE && ev->kind < FB_EV_KINDS);
			assert_true(ev->cpu < source->info.cpus);
			sum += touch_fields(source, ev);
			fb_kernel_event(k, ev);
			if (ev->kind == FB_EV_LOST)
				continue;
			r->n++;
			if (r->events)
				g_array_append_val(r->events,
						   ((struct seen){ ev->time, ev->cpu, ev->kind }));
		}
	fb_kernel_finish(k);
	fb_kernel_free(k);
}

static void read_copy(const char *dir, struct reading *r)
{
	struct fb_source_options options = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
					     .end = FB_NS_NONE };
	GError *error = NULL;
	struct fb_source *source = fb_source_native.open(&dir, 1, &options, &error);

	if (!source) {
		assert_non_null(error);
		assert_null(strchr(error->message, '\n'));
		g_clear_error(&error);
		return;
	}
	r->opened = true;
	read_events(source, r);
	r->problems = source->info.problem_count;
	assert_true((source->info.problems->len > 0) == (r->problems > 0));
	if (r->problems)
		r->problem = g_strdup(source->info.problems->pdata[0]);
	fb_source_close(source);
}

static void reading_clear(struct reading *r)
{
	if (r->events)
		g_array_unref(r->events);
	g_free(r->problem);
}

static struct reading read_with_events(const char *dir)
{
	struct reading r = { .events = g_array_new(FALSE, FALSE, sizeof(struct seen)) };

	read_copy(dir, &r);
	return r;
}

/* ---- cut streams -------------------------------------------------------------------------- */

/*
 * Streams are compared one by one: with the other files empty, the events are
 * those of this stream in its own order.
 */
static void empty_other_streams(const struct copy *copy, const struct file *but)
{
	for (guint i = 0; i < copy->files->len; i++) {
		const struct file *file = copy->files->pdata[i];

		if (file->is_stream && file != but)
			write_file(copy, file->name, "", 0);
	}
}

static uint64_t u64_at(const char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return GUINT64_FROM_LE(value);
}

/*
 * LTTng 2.13: the packet context, behind a header of 32 bytes, holds timestamp_begin,
 * timestamp_end, content_size and packet_size (bits).
 */
static gsize packet_size(const struct file *file, gsize at)
{
	return u64_at(file->content + at + 56) / 8;
}

static fb_ns packet_end(const struct file *file, gsize at)
{
	return u64_at(file->content + at + 40);
}

/* The packet that the cut falls into; false when it is where one ends. */
static bool find_cut(const struct file *file, gsize cut, gsize *packet)
{
	*packet = 0;
	while (*packet < cut && *packet + packet_size(file, *packet) <= cut)
		*packet += packet_size(file, *packet);
	return *packet < cut;
}

/* When the last packet that lies wholly before `packet` ends: all until then must be there. */
static fb_ns whole_until(const struct file *file, gsize packet)
{
	fb_ns until = FB_NS_NONE;

	for (gsize at = 0; at < packet; at += packet_size(file, at))
		until = packet_end(file, at);
	return until;
}

static void assert_prefix(const struct file *file, gsize cut, const struct reading *whole,
			  const struct reading *got)
{
	gsize packet;
	bool inside = find_cut(file, cut, &packet);
	fb_ns until = whole_until(file, packet);
	g_autofree char *where = g_strdup_printf("%s: byte ", file->name);

	if (got->n > whole->n ||
	    (got->n && memcmp(got->events->data, whole->events->data,
			      got->n * sizeof(struct seen)) != 0))
		fail_msg("%s cut at %zu: %" G_GUINT64_FORMAT " events are no prefix of %"
			 G_GUINT64_FORMAT, file->name, cut, got->n, whole->n);
	if (got->n < whole->n && g_array_index(whole->events, struct seen, got->n).time < until)
		fail_msg("%s cut at %zu: only %" G_GUINT64_FORMAT " events", file->name, cut,
			 got->n);
	if (inside != (got->problems > 0))
		fail_msg("%s cut at %zu %s a packet: %s", file->name, cut,
			 inside ? "inside" : "behind", inside ? "no problem" : got->problem);
	if (inside && !strstr(got->problem, where))
		fail_msg("%s cut at %zu: '%s' does not say where", file->name, cut, got->problem);
}

/* Returns how many events were left. */
static uint64_t check_cut(const struct copy *copy, const struct file *file, gsize cut,
			  const struct reading *whole)
{
	struct reading got;
	uint64_t n;

	write_file(copy, file->name, file->content, cut);
	got = read_with_events(copy->dir);
	assert_true(got.opened);
	assert_prefix(file, cut, whole, &got);
	n = got.n;
	reading_clear(&got);
	return n;
}

static void check_stream(const struct copy *copy, const struct file *file, GRand *random, int cuts)
{
	struct reading whole;

	empty_other_streams(copy, file);
	write_file(copy, file->name, file->content, file->size);
	whole = read_with_events(copy->dir);
	assert_int_equal(whole.problems, 0);
	check_cut(copy, file, 0, &whole);
	check_cut(copy, file, packet_size(file, 0), &whole);
	for (int i = 0; i < cuts; i++)
		check_cut(copy, file, g_rand_int_range(random, 0, file->size), &whole);
	reading_clear(&whole);
}

static void cut_streams(const char *name, const char *trace, int cuts)
{
	struct copy copy = copy_make(name, trace);
	GRand *random = g_rand_new_with_seed(SEED);

	for (guint i = 0; i < copy.files->len; i++) {
		const struct file *file = copy.files->pdata[i];

		if (file->is_stream)
			check_stream(&copy, file, random, cuts);
	}
	g_rand_free(random);
	copy_clear(&copy);
}

static void a_cut_stream_is_read_up_to_the_cut(void **state)
{
	(void)state;
	cut_streams("waits-unix", "trace/kernel", 20);
}

static void a_cut_stream_of_many_packets_is_read_up_to_the_cut(void **state)
{
	(void)state;
	cut_streams("lost-events-overwrite", "trace/kernel", 40);
}

static void a_cut_stream_of_several_channels_is_read_up_to_the_cut(void **state)
{
	(void)state;
	cut_streams("variants-multichannel", "trace/kernel", 10);
}

/* Each event becomes readable at one byte more: none early, none late, one by one. */
static void each_byte_more_reads_at_most_one_event_more(void **state)
{
	struct copy copy = copy_make("lost-events-overwrite", "trace/kernel");
	const struct file *file = NULL;
	struct reading whole;
	uint64_t n, last, first;
	gsize cut;

	(void)state;
	for (guint i = 0; i < copy.files->len; i++)
		if (((const struct file *)copy.files->pdata[i])->is_stream)
			file = copy.files->pdata[i];
	assert_non_null(file);
	empty_other_streams(&copy, file);
	whole = read_with_events(copy.dir);
	cut = packet_size(file, 0);
	first = last = n = check_cut(&copy, file, cut, &whole);
	while (n < first + 8 && cut++ < file->size) {
		n = check_cut(&copy, file, cut, &whole);
		if (n < last || n > last + 1)
			fail_msg("%" G_GUINT64_FORMAT " events when cut at %zu, %" G_GUINT64_FORMAT
				 " a byte earlier", n, cut, last);
		last = n;
	}
	assert_int_equal(n, first + 8);
	/* Its first eight modelled events do not take a packet. */
	assert_true(cut < 2 * packet_size(file, 0));
	reading_clear(&whole);
	copy_clear(&copy);
}

/* ---- other damage ------------------------------------------------------------------------- */

static const struct file *pick(const struct copy *copy, bool is_stream, GRand *random)
{
	const struct file *file;

	do
		file = copy->files->pdata[g_rand_int_range(random, 0, copy->files->len)];
	while (file->is_stream != is_stream);
	return file;
}

/* Flips up to four bytes of the file below `limit`, reads all, and mends it. */
static void flip(const struct copy *copy, const struct file *file, gsize limit, GRand *random,
		 struct reading *r)
{
	g_autofree char *damaged = g_memdup2(file->content, file->size);
	int n = g_rand_int_range(random, 1, 5);

	while (n--)
		damaged[g_rand_int_range(random, 0, limit)] ^= g_rand_int_range(random, 1, 256);
	write_file(copy, file->name, damaged, file->size);
	read_copy(copy->dir, r);
	write_file(copy, file->name, file->content, file->size);
}

static void flip_often(const char *name, const char *trace, bool stream, gsize limit, int times)
{
	struct copy copy = copy_make(name, trace);
	GRand *random = g_rand_new_with_seed(SEED);
	int opened = 0;

	for (int i = 0; i < times; i++) {
		const struct file *file = pick(&copy, stream, random);
		struct reading r = { 0 };

		flip(&copy, file, MIN(limit, file->size), random, &r);
		opened += r.opened;
		reading_clear(&r);
	}
	assert_true(opened > times / 10);
	g_rand_free(random);
	copy_clear(&copy);
}

static void flipped_bytes_of_the_metadata_do_no_harm(void **state)
{
	(void)state;
	flip_often("lost-events-overwrite", "trace/kernel", false, G_MAXSIZE, 150);
}

static void flipped_bytes_of_packet_headers_do_no_harm(void **state)
{
	(void)state;
	flip_often("lost-events-overwrite", "trace/kernel", true, 100, 100);
}

static void flipped_bytes_of_events_do_no_harm(void **state)
{
	(void)state;
	flip_often("variants-multichannel", "trace/kernel", true, G_MAXSIZE, 100);
	flip_often("snapshot-snapshot", "trace/first-20261120-122721-0/kernel", true, G_MAXSIZE,
		   60);
}

/* The first packet has all that comes before the events. */
static void cut_metadata_is_read_up_to_its_last_whole_block(void **state)
{
	const gsize first_packet = 4096;
	struct copy copy = copy_make("lost-events-overwrite", "trace/kernel");
	GRand *random = g_rand_new_with_seed(SEED);
	const struct file *metadata = pick(&copy, false, random);

	(void)state;
	for (int i = 0; i < 100; i++) {
		gsize size = g_rand_int_range(random, 0, metadata->size);
		struct reading r = { 0 };

		write_file(&copy, metadata->name, metadata->content, size);
		read_copy(copy.dir, &r);
		assert_int_equal(r.opened, size >= first_packet);
		if (r.opened)
			assert_non_null(strstr(r.problem, "/metadata: ends within a packet: "));
		reading_clear(&r);
	}
	g_rand_free(random);
	copy_clear(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_stream_is_read_up_to_the_cut),
		cmocka_unit_test(a_cut_stream_of_many_packets_is_read_up_to_the_cut),
		cmocka_unit_test(a_cut_stream_of_several_channels_is_read_up_to_the_cut),
		cmocka_unit_test(each_byte_more_reads_at_most_one_event_more),
		cmocka_unit_test(flipped_bytes_of_the_metadata_do_no_harm),
		cmocka_unit_test(flipped_bytes_of_packet_headers_do_no_harm),
		cmocka_unit_test(flipped_bytes_of_events_do_no_harm),
		cmocka_unit_test(cut_metadata_is_read_up_to_its_last_whole_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
