/* SPDX-License-Identifier: MIT */
/*
 * test_damage.c - recorded traces damaged at random, again and again:
 *
 *	FB_DAMAGE=1000 build/tests/test_damage    # cases of each kind; FB_SEED=N: others
 *
 * Whatever is left goes through reader and model: no crash, no leak, none that takes long. And
 * what cannot be used is told: a file cut inside a packet, a magic, a trace's UUID, a stream's
 * id and a packet's sizes that cannot be. A byte of an event that makes another
 * value of it is no error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <flightbox/error.h>
#include <flightbox/kernel.h>
#include <flightbox/blocking.h>

#include "trace_copy.h"

#define LONG_US 10000000

static struct copy copy;
static GRand *dice;
static int cases;
static gint64 longest;

/* ---- reading ---------------------------------------------------------------------------- */

static void touch_wait(const struct fb_blocking *b, void *sum)
{
	*(uint64_t *)sum += b->task->tid;
}

static void read_events(struct fb_source *source)
{
	struct fb_kernel_options options = { .all = true, .edges = true };
	uint64_t sum = 0;
	struct fb_kernel *k = fb_kernel_new(source, &options, touch_wait, &sum);
	struct fb_batch batch;

	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			sum += touch_fields(source, &batch.events[i]);
			fb_kernel_event(k, &batch.events[i]);
		}
	fb_kernel_finish(k);
	fb_kernel_free(k);
}

/* Reads the copy as it is. Whether anything was told, as the exit status would. */
static bool read_damaged(void)
{
	const struct fb_source_options options = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
		.end = FB_NS_NONE, .jobs = g_rand_int_range(dice, 1, 3) };
	const char *dir = copy.dir;
	gint64 begin = g_get_monotonic_time();
	GError *error = NULL;
	struct fb_source *source = fb_source_native.open(&dir, 1, &options, &error);
	bool told = true;

	if (source) {
		read_events(source);
		told = source->info.problem_count || source->info.broken_packets;
		fb_source_close(source);
	} else {
		assert_non_null(error);
		assert_null(strchr(error->message, '\n'));
		g_clear_error(&error);
	}
	longest = MAX(longest, g_get_monotonic_time() - begin);
	assert_true(longest < LONG_US);
	return told;
}

/* ---- damage ----------------------------------------------------------------------------- */

static const struct file *pick(bool is_stream)
{
	const struct file *file;

	do
		file = copy.files->pdata[g_rand_int_range(dice, 0, copy.files->len)];
	while (file->is_stream != is_stream);
	return file;
}

/* Offset of packets in these traces' streams: as their own sizes say. */
static gsize packet_size(const struct file *file, gsize at)
{
	uint64_t bits;

	memcpy(&bits, file->content + at + 56, sizeof(bits));
	return GUINT64_FROM_LE(bits) / 8;
}

/* The packet that a byte belongs to. */
static gsize packet_of(const struct file *file, gsize at)
{
	gsize packet = 0;

	while (packet + packet_size(file, packet) <= at)
		packet += packet_size(file, packet);
	return packet;
}

static void mend(const struct file *file)
{
	write_file(&copy, file->name, file->content, file->size);
}

/* Changes one byte of a file and reads all. */
static bool is_flip_told(const struct file *file, gsize at)
{
	char was = file->content[at];
	bool told;

	file->content[at] ^= g_rand_int_range(dice, 1, 256);
	write_file(&copy, file->name, file->content, file->size);
	told = read_damaged();
	file->content[at] = was;
	mend(file);
	return told;
}

static void cut_files(void **state)
{
	(void)state;
	for (int i = 0; i < cases; i++) {
		const struct file *file = pick(g_rand_int_range(dice, 0, 8) > 0);
		gsize size = g_rand_int_range(dice, 0, file->size);
		bool told;

		write_file(&copy, file->name, file->content, size);
		told = read_damaged();
		mend(file);
		if (!told && file->is_stream && packet_of(file, size) != size)
			fail_msg("%s cut at %zu: not told", file->name, size);
	}
}

static void flipped_metadata(void **state)
{
	const struct file *file = pick(false);

	(void)state;
	for (int i = 0; i < cases; i++)
		is_flip_told(file, g_rand_int_range(dice, 0, file->size));
}

/* Header and context: what is there when it is another byte. */
static bool must_be_told(gsize at)
{
	return at < 24 /* magic, UUID, stream id */ || (at >= 48 && at < 64) /* sizes */;
}

static void flipped_packet_headers(void **state)
{
	int untold = 0;

	(void)state;
	for (int i = 0; i < cases; i++) {
		const struct file *file = pick(true);
		gsize packet = packet_of(file, g_rand_int_range(dice, 0, file->size));
		gsize at = g_rand_int_range(dice, 0, 84);

		/* Sizes may still be possible ones: a content that ends at another event. */
		if (is_flip_told(file, packet + at) || !must_be_told(at))
			continue;
		untold++;
		if (at < 24)
			fail_msg("%s byte %zu of the packet at %zu: not told", file->name, at, packet);
	}
	assert_true(untold <= cases / 20);
}

static void flipped_events(void **state)
{
	int told = 0;

	(void)state;
	for (int i = 0; i < cases; i++) {
		const struct file *file = pick(true);

		told += is_flip_told(file, g_rand_int_range(dice, 0, file->size));
	}
	/* Ids and lengths are a part of all that there is. */
	assert_true(told > 0);
}

/* ---- the cases -------------------------------------------------------------------------- */

static int set_up(void **state)
{
	const char *n = g_getenv("FB_DAMAGE"), *seed = g_getenv("FB_SEED");

	(void)state;
	cases = n ? atoi(n) : 50;
	dice = g_rand_new_with_seed(seed ? atoi(seed) : 20261120);
	copy = copy_make("lost-events-overwrite", "trace/kernel");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	printf("longest %.3f s\n", longest / 1e6);
	g_rand_free(dice);
	copy_clear(&copy);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_files),
		cmocka_unit_test(flipped_metadata),
		cmocka_unit_test(flipped_packet_headers),
		cmocka_unit_test(flipped_events),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
