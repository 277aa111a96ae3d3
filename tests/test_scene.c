/* SPDX-License-Identifier: MIT */
/* test_scene.c - scenes put together, and made coarser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <flightbox/scene.h>

static void add(struct fb_scene_lane *lane, fb_ns begin, fb_ns end, enum fb_scene_kind kind,
		const char *cause)
{
	const struct fb_scene_piece piece = { .begin = begin, .end = end, .kind = kind, .cause = cause };

	fb_scene_add_piece(lane, &piece);
}

/* "0-10 user, 10-12 call x3" */
static char *as_text(const struct fb_scene_lane *lane)
{
	GString *to = g_string_new(NULL);

	for (guint i = 0; i < lane->pieces->len; i++) {
		const struct fb_scene_piece *p = &g_array_index(lane->pieces, struct fb_scene_piece, i);

		g_string_append_printf(to, "%s%d-%d %s", to->len ? ", " : "", (int)p->begin,
				       (int)p->end, fb_scene_kind_name(p->kind));
		if (p->merged)
			g_string_append_printf(to, " x%u", p->merged);
	}
	return g_string_free(to, FALSE);
}

static void what_goes_on_is_one_piece(void **state)
{
	struct fb_scene scene;
	struct fb_scene_lane *lane;
	g_autofree char *text = NULL;

	(void)state;
	fb_scene_init(&scene, 0, 100);
	lane = fb_scene_add_lane(&scene, 1, 1, "a [1]", "a");
	add(lane, 0, 5, FB_SCENE_USER, NULL);
	add(lane, 5, 10, FB_SCENE_USER, NULL);
	add(lane, 10, 20, FB_SCENE_TIMER, "one");
	add(lane, 20, 30, FB_SCENE_TIMER, "another");
	add(lane, 40, 50, FB_SCENE_USER, NULL);
	add(lane, 51, 60, FB_SCENE_USER, NULL);
	text = as_text(lane);
	assert_string_equal(text, "0-10 user, 10-20 timer, 20-30 timer, 40-50 user, 51-60 user");
	fb_scene_clear(&scene);
}

static void short_pieces_merge_into_what_most_of_them_is(void **state)
{
	struct fb_scene scene;
	struct fb_scene_lane *lane;
	g_autofree char *text = NULL;

	(void)state;
	fb_scene_init(&scene, 0, 1000);
	lane = fb_scene_add_lane(&scene, 1, 1, "a [1]", "a");
	add(lane, 0, 100, FB_SCENE_USER, NULL);
	add(lane, 100, 101, FB_SCENE_CALL, NULL);
	add(lane, 101, 104, FB_SCENE_PACKET, "x");
	add(lane, 104, 106, FB_SCENE_CALL, NULL);
	add(lane, 106, 110, FB_SCENE_CALL, NULL); /* continues the one before: 6 in all */
	add(lane, 110, 200, FB_SCENE_TIMER, "y");
	add(lane, 200, 201, FB_SCENE_READY, NULL);
	add(lane, 201, 300, FB_SCENE_USER, NULL);
	add(lane, 400, 401, FB_SCENE_USER, NULL);
	add(lane, 403, 404, FB_SCENE_CALL, NULL); /* not next to it: none merges over a gap */
	fb_scene_simplify(&scene, 20);
	text = as_text(lane);
	assert_string_equal(text, "0-100 user, 100-110 call x3, 110-200 timer, 200-201 ready, "
				  "201-300 user, 400-401 user, 403-404 call");
	fb_scene_clear(&scene);
}

static void a_lane_is_bounded_by_what_is_asked_for(void **state)
{
	struct fb_scene scene;
	struct fb_scene_lane *lane;
	fb_ns sum = 0;

	(void)state;
	fb_scene_init(&scene, 0, 100000);
	lane = fb_scene_add_lane(&scene, 1, 1, "a [1]", "a");
	for (fb_ns i = 0; i < 100000; i++)
		add(lane, i, i + 1, i % 3 ? FB_SCENE_USER : FB_SCENE_PACKET, NULL);
	fb_scene_simplify(&scene, 1000);
	assert_in_range(lane->pieces->len, 100, 201);
	for (guint i = 0; i < lane->pieces->len; i++) {
		const struct fb_scene_piece *p = &g_array_index(lane->pieces, struct fb_scene_piece, i);

		assert_int_equal(p->begin, sum);
		assert_int_equal(p->kind, FB_SCENE_USER);
		sum = p->end;
	}
	assert_int_equal(sum, 100000);
	fb_scene_clear(&scene);
}

static void add_arrow(struct fb_scene *scene, uint32_t from, uint32_t to, fb_ns end)
{
	const struct fb_scene_arrow arrow = { .from = from, .to = to, .begin = end, .end = end };

	g_array_append_val(scene->arrows, arrow);
}

static void of_arrows_at_one_place_one_is_left(void **state)
{
	struct fb_scene scene;

	(void)state;
	fb_scene_init(&scene, 0, 1000);
	add_arrow(&scene, 0, 1, 115);
	add_arrow(&scene, 0, 1, 100);
	add_arrow(&scene, 1, 0, 101);
	add_arrow(&scene, FB_SCENE_NO_LANE, 1, 102);
	add_arrow(&scene, 0, 1, 120);
	fb_scene_simplify(&scene, 20);
	assert_int_equal(scene.arrows->len, 4); /* all but that of 115 */
	assert_int_equal(g_array_index(scene.arrows, struct fb_scene_arrow, 0).end, 100);
	assert_int_equal(g_array_index(scene.arrows, struct fb_scene_arrow, 3).end, 120);
	fb_scene_clear(&scene);
}

static void most_of_a_time_is_told(void **state)
{
	struct fb_scene scene;
	struct fb_scene_lane *lane;
	enum fb_scene_kind kind;

	(void)state;
	fb_scene_init(&scene, 0, 100);
	lane = fb_scene_add_lane(&scene, 1, 1, "a [1]", "a");
	add(lane, 10, 20, FB_SCENE_USER, NULL);
	add(lane, 20, 26, FB_SCENE_DISK, NULL);
	add(lane, 26, 40, FB_SCENE_USER, NULL);
	assert_false(fb_scene_most(lane, 0, 10, &kind));
	assert_false(fb_scene_most(lane, 40, 100, &kind));
	assert_true(fb_scene_most(lane, 0, 11, &kind));
	assert_int_equal(kind, FB_SCENE_USER);
	assert_true(fb_scene_most(lane, 18, 28, &kind)); /* 2 + 2 of user mode, 6 of the disk */
	assert_int_equal(kind, FB_SCENE_DISK);
	assert_true(fb_scene_most(lane, 13, 28, &kind)); /* 7 + 2 */
	assert_int_equal(kind, FB_SCENE_USER);
	fb_scene_clear(&scene);
}

static void steps_are_round(void **state)
{
	static const struct {
		fb_ns span;
		int most;
		fb_ns step;
		const char *words; /* of three of them */
	} cases[] = {
		{ 646400000, 10, 100000000, "300 ms" }, { 1000, 10, 100, "300 ns" },
		{ 999, 10, 100, "300 ns" }, { 1100, 10, 200, "600 ns" }, { 7000000000, 8, 1000000000, "3 s" },
		{ 45000000, 10, 5000000, "15 ms" }, { 1, 10, 1, "3 ns" }, { 60000000000, 5, 20000000000, "60 s" },
		{ 5000000, 10, 500000, "1500 us" },
	};
	g_autoptr(GString) words = g_string_new("before");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct fb_scene scene = { .begin = 42, .end = 42 + cases[i].span };

		assert_int_equal(fb_scene_step(&scene, cases[i].most), cases[i].step);
		fb_scene_step_words(3 * cases[i].step, words);
		assert_string_equal(words->str, cases[i].words);
	}
	fb_scene_step_words(0, words);
	assert_string_equal(words->str, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_on_is_one_piece),
		cmocka_unit_test(short_pieces_merge_into_what_most_of_them_is),
		cmocka_unit_test(a_lane_is_bounded_by_what_is_asked_for),
		cmocka_unit_test(of_arrows_at_one_place_one_is_left),
		cmocka_unit_test(most_of_a_time_is_told),
		cmocka_unit_test(steps_are_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
