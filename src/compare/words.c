/* SPDX-License-Identifier: MIT */
/* words.c - the outcome of a comparison in sentences. */
#include <math.h>

#include "compare/grounds.h"
#include "compare/tables.h"

void say_number(GString *to, enum words words, const char *format, double x)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (words == WORDS_FOR_PROGRAMS)
		g_string_append(to, g_ascii_formatd(text, sizeof(text), format, x));
	else
		g_string_append_printf(to, format, x);
}

static void put(GString *to, enum words words, const char *before, const char *format, double x)
{
	g_string_append(to, before);
	say_number(to, words, format, x);
}

static void put_count(GString *to, const char *before, size_t n, const char *one, const char *many)
{
	g_string_append_printf(to, "%s%zu %s", before, n, n == 1 ? one : many);
}

void say_outcome(const struct comparison *c, GString *to)
{
	put_count(to, "", c->side[BASE]->n_runs, "base run, ", "base runs, ");
	put_count(to, "", c->side[NEW]->n_runs, "new run: ", "new runs: ");
	if (c->lacks->len) {
		g_autofree char *lacks = say_lacks(c->lacks);

		g_string_append_printf(to, "nothing can be told. %s", lacks);
		return;
	}
	if (c->of[VERDICT_HUNG])
		put_count(to, "", c->of[VERDICT_HUNG], "group of waits hung, ",
			  "groups of waits hung, ");
	if (!c->decides) {
		put_count(to, c->of[VERDICT_HUNG] ? "too few to tell more. At least " :
						       "too few to tell. At least ", c->needed, "run", "runs");
		put_count(to, " on each side are needed for ", MAX(c->tests, 1), "test", "tests");
		g_string_append(to, " at --alpha ");
		put(to, WORDS_FOR_PROGRAMS, "", "%g", c->options.alpha);
		return;
	}
	put_count(to, "", c->of[VERDICT_WORSE], "group of waits got worse, ",
		  "groups of waits got worse, ");
	g_string_append_printf(to, "%zu better, %zu stayed the same", c->of[VERDICT_BETTER],
			       c->of[VERDICT_SAME]);
	if (c->of[VERDICT_MOVED])
		g_string_append_printf(to, ", %zu moved to another system call or cause",
				       c->of[VERDICT_MOVED]);
	if (c->left_out) {
		put_count(to, ", ", c->of[VERDICT_UNKNOWN], "is", "are");
		put_count(to, " not known: of ", c->tests + c->left_out, "test", "tests");
		g_string_append_printf(to, " only the %zu of what differs most could be made, all take %u runs on each "
				       "side", c->tests, c->needed);
		g_string_append(to, " at --alpha ");
		put(to, WORDS_FOR_PROGRAMS, "", "%g", c->options.alpha);
	}
	if (c->uncounted)
		g_string_append_printf(to, ", of %zu fewer than half of the waits count", c->uncounted);
}

void say_task(const struct fb_profile_key *key, GString *to)
{
	g_string_append(to, *key->command ? key->command : "unknown");
	if (*key->thread && strcmp(key->thread, key->command))
		g_string_append_printf(to, " (%s)", key->thread);
}

void say_syscall(const struct compared *g, GString *to)
{
	if (g->was && strcmp(g->was->syscall, g->key->syscall))
		g_string_append_printf(to, "sys_%s -> ", g->was->syscall);
	g_string_append_printf(to, "sys_%s", g->key->syscall);
}

void say_cause(const struct compared *g, GString *to)
{
	if (g->was && g_strcmp0(g->was->name, g->key->name)) {
		fb_profile_cause(g->was, to);
		g_string_append(to, " -> ");
	}
	fb_profile_cause(g->key, to);
}

void say_group(const struct compared *g, GString *to)
{
	say_task(g->key, to);
	if (g->key->syscall) {
		g_string_append(to, " in ");
		say_syscall(g, to);
	}
	g_string_append(to, ", woken by ");
	say_cause(g, to);
}

void say_worst(const struct fb_profile_wait *wait, GString *to)
{
	g_string_append_printf(to, "tid %d at %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " ns", wait->tid,
			       wait->begin, wait->asleep);
}

static void say_hang(const struct comparison *c, const struct compared *g, enum words words,
		     GString *to)
{
	g_string_append_printf(to, "in %u of %zu new runs", g->hung_runs[NEW], c->side[NEW]->n_runs);
	put(to, words, " for up to ", "%.3f", g->longest[NEW] / 1e6);
	if (g->hung_runs[BASE])
		g_string_append_printf(to, " ms, in %u of %zu base runs and in no other",
				       g->hung_runs[BASE], c->side[BASE]->n_runs);
	else
		g_string_append(to, " ms, in no base run");
	put(to, words, " for more than ", "%.3f", g->longest[BASE] / 1e6);
	put(to, words, " ms, p = ", "%.2g", c->hung.adjusted);
}

void say_reason(const struct comparison *c, const struct compared *g, enum words words, GString *to)
{
	const struct change *change = &g->by[g->reason];
	const char *unit = c->options.per_second && g->reason == MEASURE_TOTAL ? "ms/s" : "ms";

	if (g->verdict == VERDICT_HUNG) {
		say_hang(c, g, words, to);
		return;
	}
	g_string_append_printf(to, "%s ", g->reason == MEASURE_TOTAL ? "time asleep" :
								       measure_name(g->reason));
	put(to, words, "", "%.3f", change->median[BASE] / 1e6);
	put(to, words, " -> ", "%.3f", change->median[NEW] / 1e6);
	g_string_append_printf(to, " %s (", unit);
	if (isfinite(change->effect)) {
		put(to, words, "", "%+.1f", 100 * change->effect);
		g_string_append(to, " %, ");
	}
	put(to, words, "", "%+.3f", change->shift.low / 1e6);
	put(to, words, " to ", "%+.3f", change->shift.high / 1e6);
	g_string_append_printf(to, " %s at ", unit);
	put(to, words, "", "%.1f", 100 * change->shift.level);
	put(to, words, " %), p = ", "%.2g", change->adjusted);
	put_count(to, " among ", c->tests, "test", "tests");
}
