/* SPDX-License-Identifier: MIT */
/* blame_text.c - adds up what the rows of two reports say. */
#include "blame_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "scenario.h"

static int64_t number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? g_ascii_strtoll(at + strlen(key), NULL, 10) : 0;
}

/* What the waits say themselves, and what is given away in rows. */
static void assert_all_is_given_away(const char *events)
{
	char *const none[] = { NULL };
	const struct fb_filter all = { 0 };
	g_autofree char *waits = scenario_report(events, "blocking", "jsonl", none, &all);
	g_autofree char *blames = scenario_report(events, "bottleneck", "jsonl", none, &all);
	g_auto(GStrv) wait_lines = g_strsplit(waits, "\n", -1);
	g_auto(GStrv) blame_lines = g_strsplit(blames, "\n", -1);
	int64_t asleep = 0, given = 0;

	for (char **line = wait_lines; *line; line++)
		if (!strstr(*line, "\"quality\":\"edge\""))
			asleep += number_after(*line, "\"asleep\":");
	for (char **line = blame_lines; *line; line++)
		if (g_str_has_prefix(*line, "{\"type\":\"blame\","))
			given += number_after(*line, "\"sum\":");
	assert_int_equal(given, asleep);
	assert_int_equal(number_after(blames, "\"asleep\":"), asleep);
}

void assert_all_is_given_away_wherever_cut(const char *events)
{
	for (const char *line = strchr(events, '\n'); line; line = strchr(line + 1, '\n')) {
		g_autofree char *part = g_strndup(events, line + 1 - events);

		assert_all_is_given_away(part);
	}
}
