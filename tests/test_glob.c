/* SPDX-License-Identifier: MIT */
/* test_glob.c - patterns for names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "base/glob.h"

static void assert_matches(bool matches, const char *glob, const char *text)
{
	/* Copies of the exact size: what reads past them is seen. */
	g_autofree char *a = g_strdup(glob), *b = g_strdup(text);

	if (glob_matches(a, b) != matches)
		fail_msg("'%s' %s '%s'", glob, matches ? "does not match" : "matches", text);
}

static void a_plain_text_matches_itself_alone(void **state)
{
	(void)state;
	assert_matches(true, "", "");
	assert_matches(true, "nc", "nc");
	assert_matches(false, "nc", "nc.openbsd");
	assert_matches(false, "nc.openbsd", "nc");
	assert_matches(false, "", "nc");
	assert_matches(true, "a\\,b", "a,b");
	assert_matches(false, "a\\,b", "a\\,b");
	assert_matches(true, "\\*", "\\anything");
}

static void a_star_is_any_text(void **state)
{
	(void)state;
	assert_matches(true, "*", "");
	assert_matches(true, "**", "nc");
	assert_matches(true, "nc*", "nc");
	assert_matches(true, "*bsd", "nc.openbsd");
	assert_matches(true, "*.*", "nc.openbsd");
	assert_matches(true, "a*ab", "aaab");
	assert_matches(true, "*ab*cd", "abcabccd");
	assert_matches(false, "a*ab", "aaabc");
	assert_matches(false, "*bsd", "nc.openbsd ");
	assert_matches(false, "*x*", "nc.openbsd");
}

static void a_question_mark_is_one_character(void **state)
{
	(void)state;
	assert_matches(true, "n?", "nc");
	assert_matches(true, "?", "\xc3\xa9");
	assert_matches(true, "?", "\xf0\x9f\x98\x80");
	assert_matches(true, "*?c", "\xc3\xa9" "c");
	assert_matches(false, "??", "\xc3\xa9");
	assert_matches(false, "*??", "\xc3\xa9");
	assert_matches(false, "?", "");
	assert_matches(false, "n?", "n");
}

/* A command's name is cut at 15 bytes, and may be anything in the first place. */
static void a_byte_of_no_character_is_one(void **state)
{
	(void)state;
	assert_matches(true, "*\xc3", "caf\xc3");
	assert_matches(true, "caf?", "caf\xc3");
	assert_matches(true, "?", "\xf0");
	assert_matches(true, "??", "\xf0\x9f");
	assert_matches(true, "*", "\xff\xfe\xf0");
	assert_matches(false, "caf??", "caf\xc3");
	assert_matches(false, "*x", "\xf0");
}

static void a_set_is_one_of_its_characters(void **state)
{
	(void)state;
	assert_matches(true, "[n]c", "nc");
	assert_matches(false, "[n]c", "mc");
	assert_matches(false, "[n]c", "[n]c");
	assert_matches(true, "worker-[0-3]*", "worker-29");
	assert_matches(false, "worker-[0-3]*", "worker-4");
	assert_matches(false, "worker-[0-3]", "worker-");
	assert_matches(true, "*[0-9a-f]", "x-e");
	assert_matches(false, "*[0-9a-f]", "x-g");
	assert_matches(true, "[!a-z]*", "Xorg");
	assert_matches(true, "[^a-z]*", "Xorg");
	assert_matches(false, "[!a-z]*", "xorg");
	assert_matches(true, "*[-x]", "a-");
	assert_matches(true, "*[x-]", "a-");
	assert_matches(false, "[z-a]", "m");
	assert_matches(true, "[[]x[]]", "[x]");
	assert_matches(true, "[]]", "]");
	assert_matches(false, "[!]]", "]");
	assert_matches(true, "[!!]", "?");
	assert_matches(false, "[!!]", "!");
	assert_matches(true, "caf[\xc3\xa8-\xc3\xaa]", "caf\xc3\xa9");
	assert_matches(false, "caf[a-z]", "caf\xc3\xa9");
	assert_matches(true, "caf[!a-z]", "caf\xc3\xa9");
	assert_matches(true, "caf[!a-z]", "caf\xc3");
	assert_matches(true, "[a]*[b]", "axxab");
}

static void a_set_without_end_is_a_bracket(void **state)
{
	(void)state;
	assert_matches(true, "[kworker", "[kworker");
	assert_matches(true, "[", "[");
	assert_matches(true, "[]", "[]");
	assert_matches(true, "[!]", "[!]");
	assert_matches(true, "*[x", "a[x");
	assert_matches(false, "[x", "x");
	assert_matches(true, "x]", "x]");
}

static void assert_lists(bool matches, const char *globs, const char *text)
{
	g_autofree char *a = g_strdup(globs), *b = g_strdup(text);

	if (glob_list_matches(a, b) != matches)
		fail_msg("'%s' %s '%s'", globs, matches ? "does not match" : "matches", text);
}

static void a_list_matches_what_any_of_it_does(void **state)
{
	(void)state;
	assert_lists(true, "nc,sshd", "nc");
	assert_lists(true, "nc,sshd", "sshd");
	assert_lists(true, "nc*,sshd", "nc.openbsd");
	assert_lists(false, "nc,sshd", "nc,sshd");
	assert_lists(false, "nc,sshd", "n");
	assert_lists(false, "nc,sshd", "ssh");
	assert_lists(true, "a,b,c?", "cx");
	assert_lists(true, "a\\,b", "a,b");
	assert_lists(false, "a\\,b", "a");
	assert_lists(true, "x,a\\,b,y", "a,b");
	/* What stands in one pattern ends no set of another. */
	assert_lists(true, "[a,b]", "[a");
	assert_lists(true, "", "");
	assert_lists(false, "", "nc");
	assert_lists(false, "nc,", "sshd");
}

/* Backtracking over every star would take 2^40 steps. */
static void many_stars_cost_no_more_than_their_text_times_the_pattern(void **state)
{
	g_autofree char *text = g_strnfill(20000, 'a');
	GString *glob = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 40; i++)
		g_string_append(glob, "a*");
	g_string_append(glob, "b");
	assert_false(glob_matches(glob->str, text));
	g_string_free(glob, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_text_matches_itself_alone),
		cmocka_unit_test(a_star_is_any_text),
		cmocka_unit_test(a_question_mark_is_one_character),
		cmocka_unit_test(a_byte_of_no_character_is_one),
		cmocka_unit_test(a_set_is_one_of_its_characters),
		cmocka_unit_test(a_set_without_end_is_a_bracket),
		cmocka_unit_test(a_list_matches_what_any_of_it_does),
		cmocka_unit_test(many_stars_cost_no_more_than_their_text_times_the_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
