/* SPDX-License-Identifier: MIT */
/* test_cache.c - a table of fixed size forgets what was used longest ago, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packets/cache.h"

struct slot {
	struct cache_head head;
	int key, value;
};

static bool slot_equal(const void *slot, const void *key)
{
	return ((const struct slot *)slot)->key == *(const int *)key;
}

/* All keys have one hash: they share the few slots of one place. */
static struct slot *get(struct cache *c, int key)
{
	bool is_new;
	struct slot *slot = cache_get(c, 8, &key, &is_new);

	slot->key = key;
	return slot;
}

static struct slot *find(struct cache *c, int key)
{
	return cache_find(c, 8, &key);
}

static void what_was_put_in_is_found(void **state)
{
	struct cache c;

	(void)state;
	cache_init(&c, sizeof(struct slot), 64, slot_equal);
	get(&c, 1)->value = 10;
	get(&c, 2)->value = 20;
	assert_int_equal(find(&c, 1)->value, 10);
	assert_int_equal(get(&c, 2)->value, 20);
	assert_null(find(&c, 3));
	cache_clear(&c);
}

static void what_was_used_longest_ago_makes_room(void **state)
{
	struct cache c;

	(void)state;
	cache_init(&c, sizeof(struct slot), 64, slot_equal);
	for (int key = 1; key <= 4; key++)
		get(&c, key)->value = key;
	assert_non_null(find(&c, 1));
	assert_int_equal(c.evicted, 0);
	assert_int_equal(get(&c, 5)->value, 0);
	assert_int_equal(c.evicted, 1);
	assert_null(find(&c, 2));
	assert_non_null(find(&c, 1));
	assert_non_null(find(&c, 3));
	cache_clear(&c);
}

static void a_reference_to_a_slot_ends_with_it(void **state)
{
	struct cache_ref first, fifth;
	struct cache c;

	(void)state;
	cache_init(&c, sizeof(struct slot), 64, slot_equal);
	first = cache_ref(get(&c, 1));
	assert_ptr_equal(cache_deref(first), find(&c, 1));
	for (int key = 2; key <= 4; key++)
		get(&c, key);
	fifth = cache_ref(get(&c, 5));
	assert_ptr_equal(fifth.slot, first.slot);
	assert_null(cache_deref(first));
	assert_non_null(cache_deref(fifth));
	assert_null(cache_deref((struct cache_ref){ 0 }));
	cache_clear(&c);
}

static void only_slots_in_use_are_counted_through(void **state)
{
	struct cache c;
	int n = 0;

	(void)state;
	cache_init(&c, sizeof(struct slot), 64, slot_equal);
	for (int key = 0; key < 3; key++)
		get(&c, key);
	for (size_t i = 0; i < c.n; i++)
		n += cache_nth(&c, i) != NULL;
	assert_int_equal(n, 3);
	cache_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_is_found),
		cmocka_unit_test(what_was_used_longest_ago_makes_room),
		cmocka_unit_test(a_reference_to_a_slot_ends_with_it),
		cmocka_unit_test(only_slots_in_use_are_counted_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
