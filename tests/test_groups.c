/* SPDX-License-Identifier: MIT */
/* test_groups.c - items by key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/groups.h"

struct key {
	const char *name;
	int32_t a, b;
};

struct item {
	struct key key;
	uint64_t n;
	uint64_t *cleared;
};

static struct item *get(struct groups *g, const char *name, int32_t a, int32_t b)
{
	const struct key key = { name, a, b };

	return groups_get(g, &key, sizeof(key));
}

static void one_item_for_a_key(void **state)
{
	static const char name[] = "x", other[] = "x";
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), NULL);
	struct item *first = get(g, name, 1, 2);

	(void)state;
	assert_true(first->key.name == name && first->key.a == 1 && first->key.b == 2);
	assert_true(first->n == 0 && !first->cleared);
	assert_ptr_equal(get(g, name, 1, 2), first);
	assert_ptr_not_equal(get(g, name, 2, 1), first);
	assert_ptr_not_equal(get(g, name, 1, 3), first);
	assert_ptr_not_equal(get(g, other, 1, 2), first);
	assert_ptr_not_equal(get(g, NULL, 0, 0), first);
	assert_int_equal(groups_n(g), 5);
	groups_free(g);
	groups_free(NULL);
}

static void what_is_only_looked_for_is_not_made(void **state)
{
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), NULL);
	const struct key key = { NULL, 5, 6 };
	const struct item *item;

	(void)state;
	assert_null(groups_find(g, &key));
	assert_int_equal(groups_n(g), 0);
	item = get(g, NULL, 5, 6);
	assert_ptr_equal(groups_find(g, &key), item);
	groups_free(g);
}

/* Far more than there are slots at first, and keys that differ in high bits alone. */
static void items_stay_while_the_table_grows(void **state)
{
	enum { N = 5000 };
	static struct item *made[2 * N];
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), NULL);

	(void)state;
	for (uintptr_t i = 0; i < N; i++) {
		made[2 * i] = get(g, NULL, i, 0);
		made[2 * i + 1] = get(g, (const char *)(i << 40), -1, 0);
	}
	assert_int_equal(groups_n(g), 2 * N);
	for (uintptr_t i = 0; i < N; i++) {
		assert_ptr_equal(get(g, NULL, i, 0), made[2 * i]);
		assert_ptr_equal(get(g, (const char *)(i << 40), -1, 0), made[2 * i + 1]);
	}
	assert_int_equal(groups_n(g), 2 * N);
	for (int i = 0; i < 2 * N; i++)
		assert_ptr_equal(groups_nth(g, i), made[i]);
	groups_free(g);
}

static int compare_a(const void *a, const void *b)
{
	return ((const struct item *)a)->key.a - ((const struct item *)b)->key.a;
}

static void equal_ones_are_sorted_as_they_were_met(void **state)
{
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), NULL);
	g_autoptr(GPtrArray) sorted = NULL;

	(void)state;
	for (int i = 0; i < 300; i++)
		get(g, NULL, i % 3, i);
	sorted = groups_sorted(g, compare_a);
	assert_int_equal(sorted->len, 300);
	for (int i = 0; i < 300; i++) {
		const struct item *item = g_ptr_array_index(sorted, i);

		assert_int_equal(item->key.a, i / 100);
		assert_int_equal(item->key.b, i / 100 + 3 * (i % 100));
	}
	groups_free(g);
}

static void the_first_few_are_those_of_all_sorted(void **state)
{
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), NULL);
	g_autoptr(GPtrArray) sorted = NULL;

	(void)state;
	for (int i = 0; i < 300; i++)
		get(g, NULL, i * 7 % 31, i);
	sorted = groups_sorted(g, compare_a);
	for (guint max = 0; max <= 301; max += max < 12 ? 1 : 17) {
		g_autoptr(GPtrArray) first = g_ptr_array_new();

		for (size_t i = 0; i < groups_n(g); i++)
			groups_keep_first(first, groups_nth(g, i), compare_a, max);
		assert_int_equal(first->len, MIN(max, 300));
		for (guint i = 0; i < first->len; i++)
			assert_ptr_equal(first->pdata[i], sorted->pdata[i]);
	}
	groups_free(g);
}

static void count_clear(void *data)
{
	struct item *item = data;

	++*item->cleared;
}

static void what_items_own_is_cleared_once(void **state)
{
	struct groups *g = groups_new(sizeof(struct item), sizeof(struct key), count_clear);
	uint64_t cleared = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		get(g, NULL, i, 0)->cleared = &cleared;
	groups_clear(g);
	assert_int_equal(cleared, 1000);
	assert_int_equal(groups_n(g), 0);
	assert_int_equal(get(g, NULL, 3, 0)->n, 0);
	get(g, NULL, 3, 0)->cleared = &cleared;
	groups_free(g);
	assert_int_equal(cleared, 1001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_item_for_a_key),
		cmocka_unit_test(what_is_only_looked_for_is_not_made),
		cmocka_unit_test(items_stay_while_the_table_grows),
		cmocka_unit_test(equal_ones_are_sorted_as_they_were_met),
		cmocka_unit_test(the_first_few_are_those_of_all_sorted),
		cmocka_unit_test(what_items_own_is_cleared_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
