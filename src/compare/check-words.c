/* SPDX-License-Identifier: MIT */
/* check-words.c - what became of budgets, in sentences. */
#include "base/nearest.h"
#include "compare/check.h"
#include "compare/grounds.h"

void say_amount(const struct budget *b, double amount, enum words words, GString *to)
{
	static const struct {
		double scale;
		const char *format, *unit;
	} units[] = {
		[BUDGET_NUMBER] = { 1, "%g", "" },
		[BUDGET_PER_SECOND] = { 1, "%.3g", "/s" },
		[BUDGET_NS] = { 1e-6, "%.3f", " ms" },
		[BUDGET_SHARE] = { 100, "%.3g", "% of time" },
	};

	say_number(to, words, units[b->unit].format, amount * units[b->unit].scale);
	g_string_append(to, units[b->unit].unit);
}

void say_check(const struct check *c, enum words words, GString *to)
{
	const struct budget *b = c->budget;

	if (c->outcome == CHECK_UNSEEN) {
		g_string_append(to, "no wait of such a task counts");
		if (c->runs > 1)
			g_string_append_printf(to, " in %zu of %zu runs", c->unseen, c->runs);
		return;
	}
	if (c->outcome == CHECK_UNRECORDED) {
		g_string_append_printf(to, "such waits look like others without %s", c->unrecorded);
		return;
	}
	if (!c->run) {
		g_string_append(to, c->outcome == CHECK_UNCOUNTED ? "no such wait counts" :
								    "there is no such wait");
		return;
	}
	say_amount(b, c->found, words, to);
	g_string_append_printf(to, " is %s%s ", c->outcome == CHECK_BROKEN ? "not " : "",
			       b->or_equal ? "<=" : "<");
	say_amount(b, b->limit, words, to);
	g_string_append_printf(to, ", of %" G_GUINT64_FORMAT " wait%s", c->waits,
			       c->waits == 1 ? "" : "s");
	if (c->outcome == CHECK_UNCOUNTED)
		g_string_append(to, " that count; too many do not");
}

void say_name(const struct budget *b, GString *to)
{
	g_string_append_printf(to, "%s%s%s", b->section, *b->section ? " " : "", b->text);
}

/* "; nearest: proxy, bash": the processes that there are. */
static char *nearest_commands(const struct checks *c, const struct budget *b)
{
	g_autoptr(GHashTable) commands = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; b->process && i < c->profile->n_groups; i++)
		if (*c->profile->groups[i].key.command)
			g_hash_table_add(commands, (char *)c->profile->groups[i].key.command);
	return nearest_names(commands, b->process ? b->process : "");
}

void say_open(const struct checks *c, GString *to)
{
	g_autofree char *lacks = say_lacks(c->lacks), *nearest = NULL;
	const struct check *first = NULL;
	guint n = 0;

	if (lacks) {
		g_string_append_printf(to, "nothing can be told. %s", lacks);
		return;
	}
	for (guint i = 0; i < c->all->len; i++)
		if (check_is_open(check_at(c, i)) && n++ == 0)
			first = check_at(c, i);
	g_string_append_printf(to, "%s:%u: ", c->file, first->budget->line);
	say_name(first->budget, to);
	g_string_append(to, ": cannot be told: ");
	say_check(first, WORDS_FOR_PROGRAMS, to);
	if (first->outcome == CHECK_UNSEEN) {
		nearest = nearest_commands(c, first->budget);
		g_string_append(to, nearest);
	} else if (first->outcome == CHECK_UNRECORDED) {
		g_string_append(to, "; flightbox info TRACE says how to record it");
	} else {
		g_string_append(to, "; record again with larger buffers or fewer events");
	}
	if (n > 1)
		g_string_append_printf(to, "; and %u more budget%s", n - 1, n == 2 ? "" : "s");
}
