/* SPDX-License-Identifier: MIT */
/* test_symbols.c - names of kernel addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <lzma.h>
#include <zlib.h>

#include <flightbox/error.h>
#include <flightbox/symbols.h>

static const char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			       "0000000000001000 A cpu_debug_store\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81168830 t hrtimer_wakeup\n"
			       "ffffffff81168830 t hrtimer_alias\n"
			       "ffffffff81168860 T hrtimer_init\n"
			       "ffffffff82000000 D init_task\n"
			       "ffffffffc0a01000 t tcp_probe\t[tcp_probe]\n";

struct place {
	char *directory, *file;
};

static int make_place(void **state)
{
	struct place *p = g_new0(struct place, 1);

	p->directory = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	p->file = g_build_filename(p->directory, "kallsyms", NULL);
	*state = p;
	return p->directory ? 0 : -1;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	g_unlink(p->file);
	g_rmdir(p->directory);
	g_free(p->directory);
	g_free(p->file);
	g_free(p);
	return 0;
}

static struct fb_symbols *symbols_of(const struct place *p, const char *data, gssize size)
{
	assert_true(g_file_set_contents(p->file, data, size, NULL));
	return fb_symbols_new(p->file);
}

static void assert_usable(struct fb_symbols *s)
{
	GError *error = NULL;

	if (!fb_symbols_check(s, true, &error))
		fail_msg("%s", error->message);
	assert_string_equal(fb_symbols_find(s, 0xffffffff81168830), "hrtimer_wakeup");
	fb_symbols_free(s);
}

static void an_address_has_the_symbol_before_it(void **state)
{
	struct fb_symbols *s = symbols_of(*state, kallsyms, -1);

	assert_string_equal(fb_symbols_find(s, 0xffffffff81168830), "hrtimer_wakeup");
	assert_string_equal(fb_symbols_find(s, 0xffffffff81168842), "hrtimer_wakeup+0x12");
	assert_string_equal(fb_symbols_find(s, 0xffffffff81168860), "hrtimer_init");
	assert_string_equal(fb_symbols_find(s, 0xffffffffc0a01000), "tcp_probe");
	assert_ptr_equal(fb_symbols_find(s, 0xffffffffc0a01000),
			 fb_symbols_find(s, 0xffffffffc0a01000));
	fb_symbols_free(s);
}

static void addresses_outside_of_code_have_none(void **state)
{
	struct fb_symbols *s = symbols_of(*state, kallsyms, -1);

	assert_null(fb_symbols_find(s, 0x1000));
	assert_null(fb_symbols_find(s, 0xffffffff82000010));
	assert_null(fb_symbols_find(s, 0xffffffff81100000));
	assert_null(fb_symbols_find(s, 0xffffffffc0a11000));
	assert_null(fb_symbols_find(s, UINT64_MAX));
	fb_symbols_free(s);
}

static size_t pack_gzip(uint8_t *packed, size_t size)
{
	z_stream gzip = {
		.next_in = (Bytef *)kallsyms,
		.avail_in = strlen(kallsyms),
		.next_out = packed,
		.avail_out = size,
	};

	assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&gzip), Z_OK);
	return gzip.total_out;
}

static void gzip_is_unpacked(void **state)
{
	uint8_t packed[4096];
	size_t size = pack_gzip(packed, sizeof(packed));

	assert_usable(symbols_of(*state, (const char *)packed, size));
}

static size_t pack_xz(uint8_t *packed, size_t size)
{
	size_t used = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL,
						 (const uint8_t *)kallsyms, strlen(kallsyms), packed,
						 &used, size),
			 LZMA_OK);
	return used;
}

static void xz_is_unpacked(void **state)
{
	uint8_t packed[4096];
	size_t size = pack_xz(packed, sizeof(packed));

	assert_usable(symbols_of(*state, (const char *)packed, size));
}

static void assert_useless(struct fb_symbols *s, const struct place *p, const char *why)
{
	g_autofree char *message = g_strdup_printf("%s: %s", p->file, why);
	GError *error = NULL;

	assert_null(fb_symbols_find(s, 0xffffffff81168830));
	assert_false(fb_symbols_check(s, false, &error));
	assert_string_equal(error->message, message);
	g_error_free(error);
	fb_symbols_free(s);
}

static void what_cannot_be_used_is_told(void **state)
{
	struct place *p = *state;
	uint8_t xz[4096], gzip[4096];
	size_t xz_size = pack_xz(xz, sizeof(xz)), gzip_size = pack_gzip(gzip, sizeof(gzip));

	assert_useless(symbols_of(p, "0000000000000000 T _stext\n", -1), p,
		       "no addresses: it was saved by a user who may not see them "
		       "(kernel.kptr_restrict)");
	assert_useless(symbols_of(p, "ffffffff81000000 T _stext\nhello\n", -1), p,
		       "line 2: expected an address, a type and a symbol");
	assert_useless(symbols_of(p, "ffff\0 T x", 9), p, "not a text file");
	assert_useless(symbols_of(p, (const char *)xz, xz_size - 1), p, "the xz data ends early");
	assert_useless(symbols_of(p, (const char *)gzip, gzip_size - 1), p, "damaged gzip data");
	assert_useless(symbols_of(p, "\037\213xxxx", 6), p, "damaged gzip data");
	g_unlink(p->file);
	assert_useless(fb_symbols_new(p->file), p, "No such file or directory");
}

static void a_file_that_is_never_asked_for_is_never_read(void **state)
{
	struct fb_symbols *s = fb_symbols_new("/nonexistent/kallsyms");

	(void)state;
	assert_true(fb_symbols_check(s, false, NULL));
	fb_symbols_free(s);
}

static void a_copy_beside_the_trace_is_found(void **state)
{
	struct place *p = *state;
	g_autofree char *trace = g_build_filename(p->directory, "trace", NULL);
	g_autofree char *found = NULL;
	g_autofree char *found_above = NULL;

	g_mkdir(trace, 0700);
	assert_null(fb_symbols_locate(trace));
	g_file_set_contents(p->file, kallsyms, -1, NULL);
	found = fb_symbols_locate(p->directory);
	assert_string_equal(found, p->file);
	found_above = fb_symbols_locate(trace);
	assert_string_equal(found_above, p->file);
	g_rmdir(trace);
}

/* Beside the session's directory, which is above that of its snapshots. */
static void a_snapshot_belongs_to_its_session(void **state)
{
	static const struct {
		const char *name;
		bool is_snapshot;
	} cases[] = {
		{ "snapshot-1-20260101-120000-0", true }, { "s-20260101-120000-12", true },
		{ "s-2026010-120000-0", false }, { "s-20260101-12000-0", false },
		{ "s-20260101-120000-", false }, { "20260101-120000-0", false },
	};
	struct place *p = *state;
	g_autofree char *session = g_build_filename(p->directory, "session", NULL);

	g_file_set_contents(p->file, kallsyms, -1, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *snapshot = g_build_filename(session, cases[i].name, NULL);
		g_autofree char *kernel = g_build_filename(snapshot, "kernel", NULL);
		g_autofree char *found = NULL;

		assert_int_equal(g_mkdir_with_parents(kernel, 0700), 0);
		found = fb_symbols_locate(kernel);
		if ((found != NULL) != cases[i].is_snapshot)
			fail_msg("%s: %s", cases[i].name, found ? found : "none");
		g_rmdir(kernel);
		g_rmdir(snapshot);
	}
	g_rmdir(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
		TEST(an_address_has_the_symbol_before_it),
		TEST(addresses_outside_of_code_have_none),
		TEST(gzip_is_unpacked),
		TEST(xz_is_unpacked),
		TEST(what_cannot_be_used_is_told),
		TEST(a_file_that_is_never_asked_for_is_never_read),
		TEST(a_copy_beside_the_trace_is_found),
		TEST(a_snapshot_belongs_to_its_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
