/* SPDX-License-Identifier: MIT */
/*
 * test_shrink.c - files that shrink while they are read.
 *
 * They are read through mappings, behind whose new end nothing is left. Whatever the moment and
 * the number of threads: no signal, no event that was not recorded, all events before the new
 * end, and a line that says where the file ended.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "ctf/read/guard.h"
#include "ctf/read/trace.h"
#include "trace_copy.h"

#define CPUS 2

/* What is compared of an event. */
struct seen {
	fb_ns time;
	uint64_t kind; /* no padding */
};

struct reading {
	GArray *events[CPUS]; /* struct seen */
	fb_ns lost_from[CPUS]; /* begin of the last LOST, FB_NS_NONE: none */
	uint64_t counted;
	char *problem; /* the first, or NULL */
	uint64_t problems;
};

static void reading_clear(struct reading *r)
{
	for (unsigned i = 0; i < CPUS; i++)
		g_array_unref(r->events[i]);
	g_free(r->problem);
}

static struct fb_source *open_copy(const struct copy *copy, unsigned jobs, size_t window)
{
	const struct fb_source_options options = { .kinds = FB_KINDS_ALL, .count = true,
		.begin = FB_NS_NONE, .end = FB_NS_NONE, .jobs = jobs };
	const char *dir = copy->dir;
	struct fb_source *source = fb_source_native.open(&dir, 1, &options, NULL);

	assert_non_null(source);
	reader_of(source)->shared.windows.bytes = window;
	return source;
}

static void see(struct reading *r, const struct fb_event *ev)
{
	assert_true(ev->cpu < CPUS);
	if (ev->kind == FB_EV_LOST)
		r->lost_from[ev->cpu] = ev->time;
	else
		g_array_append_val(r->events[ev->cpu], ((struct seen){ ev->time, ev->kind }));
}

static void truncate_file(const struct copy *copy, const struct file *file, gsize size)
{
	g_autofree char *path = g_build_filename(copy->dir, file->name, NULL);

	assert_int_equal(truncate(path, size), 0);
}

/* Reads all; `file`, if any, shrinks to `size` behind the batch of that number. */
static struct reading read_all(const struct copy *copy, unsigned jobs, size_t window,
			       const struct file *file, gsize size, unsigned batch_number)
{
	struct fb_source *source = open_copy(copy, jobs, window);
	struct reading r = { .lost_from = { FB_NS_NONE, FB_NS_NONE } };
	struct fb_batch batch;
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPUS; i++)
		r.events[i] = g_array_new(FALSE, FALSE, sizeof(struct seen));
	for (unsigned n = 0; fb_source_next(source, &batch, NULL) && batch.n; n++) {
		if (file && n == batch_number)
			truncate_file(copy, file, size);
		for (size_t i = 0; i < batch.n; i++) {
			see(&r, &batch.events[i]);
			sum += touch_fields(source, &batch.events[i]);
		}
	}
	assert_true(sum > 0);
	for (guint i = 0; i < source->info.classes->len; i++)
		r.counted += g_array_index(source->info.classes, struct fb_class_count, i).count;
	assert_int_equal(r.counted, source->info.events);
	r.problems = source->info.problem_count;
	if (r.problems)
		r.problem = g_strdup(source->info.problems->pdata[0]);
	fb_source_close(source);
	return r;
}

static void assert_begins(const GArray *whole, const GArray *part)
{
	assert_true(part->len <= whole->len);
	if (part->len)
		assert_memory_equal(part->data, whole->data, part->len * sizeof(struct seen));
}

/* `cut`: what the file at its new size has, when it never had more. */
static void check(const struct reading *whole, const struct reading *cut,
		  const struct reading *got)
{
	for (unsigned i = 0; i < CPUS; i++) {
		assert_begins(whole->events[i], got->events[i]);
		assert_true(got->events[i]->len >= cut->events[i]->len);
	}
	if (got->counted == whole->counted)
		return;
	/* What is missing is said, and stands among the events. */
	assert_true(got->problems > 0);
	assert_non_null(strstr(got->problem, "more bytes, as when it was opened, found the end"));
	for (unsigned i = 0; i < CPUS; i++)
		assert_int_equal(got->events[i]->len < whole->events[i]->len,
				 got->lost_from[i] != FB_NS_NONE);
}

static void shrink_at(const struct copy *copy, const struct reading *whole,
		      const struct file *file, gsize size, unsigned batch, unsigned *missing)
{
	static const size_t windows[] = { 64 << 10, 0 };
	struct reading cut;

	truncate_file(copy, file, size);
	cut = read_all(copy, 1, 0, NULL, 0, 0);
	for (unsigned i = 0; i < 4; i++) {
		struct reading got;

		write_file(copy, file->name, file->content, file->size);
		got = read_all(copy, 1 + i % 2, windows[i / 2], file, size, batch);
		check(whole, &cut, &got);
		*missing += got.counted < whole->counted;
		reading_clear(&got);
	}
	write_file(copy, file->name, file->content, file->size);
	reading_clear(&cut);
}

static void a_file_may_shrink_while_it_is_read(void **state)
{
	struct copy copy = copy_make("waits-flock", "trace/kernel");
	struct reading whole = read_all(&copy, 1, 0, NULL, 0, 0);
	GRand *random = g_rand_new_with_seed(20261120);
	unsigned missing = 0;

	(void)state;
	for (guint i = 0; i < copy.files->len; i++) {
		const struct file *file = copy.files->pdata[i];

		if (!file->is_stream)
			continue;
		shrink_at(&copy, &whole, file, 0, 0, &missing);
		shrink_at(&copy, &whole, file, 4096, 1, &missing);
		shrink_at(&copy, &whole, file, file->size - 1, 0, &missing);
		for (unsigned k = 0; k < 10; k++)
			shrink_at(&copy, &whole, file, g_rand_int_range(random, 0, file->size),
				  g_rand_int_range(random, 0, 4), &missing);
	}
	/* In most cases the reader had not been there before. */
	assert_true(missing > 40);
	g_rand_free(random);
	reading_clear(&whole);
	copy_clear(&copy);
}

/* ---- the signal ------------------------------------------------------------------------- */

static volatile sig_atomic_t caught;
static sigjmp_buf out_of_it;

static void on_bus_error(int number)
{
	(void)number;
	caught++;
	siglongjmp(out_of_it, 1);
}

/* A page behind the end of a file. */
static volatile char *bad_page(void)
{
	FILE *file = tmpfile();
	volatile char *page;

	assert_non_null(file);
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	assert_true(page != MAP_FAILED);
	fclose(file);
	return page;
}

static bool reads_without_signal(volatile char *page)
{
	if (sigsetjmp(out_of_it, 1))
		return false;
	return *page == 0;
}

static void other_faults_go_to_who_had_them_before(void **state)
{
	const struct sigaction mine = { .sa_handler = on_bus_error };
	volatile char *page = bad_page(), *guarded = bad_page();
	struct sigaction before, after;
	struct guard *g;

	(void)state;
	sigaction(SIGBUS, &mine, &before);
	guard_on();
	guard_on();
	g = guard_add((void *)guarded, 4096);
	assert_false(guard_was_hit(g));
	assert_true(reads_without_signal(guarded));
	assert_true(guard_was_hit(g));
	assert_int_equal(caught, 0);
	assert_false(reads_without_signal(page));
	assert_int_equal(caught, 1);
	guard_off();
	guard_remove(g);
	/* Nothing is guarded any more, and the handler still passes on what is not its. */
	assert_false(reads_without_signal(page));
	assert_int_equal(caught, 2);
	guard_off();
	sigaction(SIGBUS, &before, &after);
	assert_ptr_equal(after.sa_handler, on_bus_error);
	munmap((void *)page, 4096);
	munmap((void *)guarded, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_may_shrink_while_it_is_read),
		cmocka_unit_test(other_faults_go_to_who_had_them_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
