/* SPDX-License-Identifier: MIT */
/* key.c - what tells groups apart, and how that is called. */
#include "profile/runs.h"

/* NULL before all texts. */
static int compare_texts(const char *a, const char *b)
{
	return a == b ? 0 : g_strcmp0(a, b);
}

int fb_profile_key_compare(const struct fb_profile_key *a, const struct fb_profile_key *b)
{
	int order = compare_texts(a->command, b->command);

	if (!order)
		order = compare_texts(a->thread, b->thread);
	if (!order)
		order = compare_texts(a->syscall, b->syscall);
	if (!order)
		order = (int)a->kind - (int)b->kind;
	if (!order)
		order = compare_texts(a->name, b->name);
	if (!order)
		order = (int)a->via - (int)b->via;
	if (!order)
		order = compare_texts(a->signal, b->signal);
	return order;
}

char *fb_profile_pattern(const char *name)
{
	GString *pattern = g_string_new(NULL);

	/* Which of them gets a work item is chance. */
	if (g_str_has_prefix(name, "kworker/"))
		return g_string_free(g_string_assign(pattern, "kworker/*"), FALSE);
	for (; *name; name++)
		if (!g_ascii_isdigit(*name))
			g_string_append_c(pattern, *name);
		else if (!g_ascii_isdigit(name[1]))
			g_string_append_c(pattern, '*');
	return g_string_free(pattern, FALSE);
}

static void add_name(GString *to, const char *word, const char *name)
{
	g_string_append(to, word);
	if (name)
		g_string_append_printf(to, " %s", name);
}

static void add_context(const struct fb_profile_key *key, GString *to)
{
	static const char *const words[FB_CAUSE_KINDS] = {
		[FB_CAUSE_UNKNOWN] = "?",
		[FB_CAUSE_SOFTIRQ] = "SOFTIRQ",
		[FB_CAUSE_HRTIMER] = "TIMER",
		[FB_CAUSE_TIMER] = "TIMER",
		[FB_CAUSE_IRQ] = "IRQ",
		[FB_CAUSE_IPI] = "IPI",
		[FB_CAUSE_TASK] = "TASK",
		[FB_CAUSE_UNTRACED] = "UNTRACED INTERRUPT",
	};

	add_name(to, words[key->kind], key->name);
}

void fb_profile_cause(const struct fb_profile_key *key, GString *to)
{
	const char *words = fb_via_words(key->via);

	if (words) {
		add_name(to, words, key->name);
		return;
	}
	if (key->via == FB_VIA_SIGNAL) {
		add_name(to, "SIGNAL", key->signal);
		if (key->kind == FB_CAUSE_UNKNOWN)
			return;
		g_string_append(to, " by ");
	}
	add_context(key, to);
}
