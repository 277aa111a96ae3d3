/* SPDX-License-Identifier: MIT */
/* cause-name.c - causes that count as one, in words. */
#include "analyses/shared/cause-name.h"

/* " in sys_write work wb_workfn": what a group knows of its wakers. */
static void add_waker(struct fb_report *report, const struct cause_key *key, GString *to)
{
	const char *symbol = fb_report_symbol(report, key->function);

	if (key->is_inline)
		g_string_append(to, " inline");
	if (key->syscall)
		g_string_append_printf(to, " in sys_%s", key->syscall);
	if (key->kind != FB_CAUSE_TASK || !key->function)
		return;
	if (symbol)
		g_string_append_printf(to, " work %s", symbol);
	else
		g_string_append_printf(to, " work 0x%" G_GINT64_MODIFIER "x", key->function);
}

void cause_key_name(struct fb_report *report, const struct cause_key *key, GString *to)
{
	const char *words = fb_via_words(key->via);
	const struct fb_blocking b = { .cause = {
		.kind = key->kind, .via = key->via, .name = key->name, .function = key->function,
		.id = key->id, .via_id = key->via_id,
	} };

	if (words) {
		g_string_append(to, words);
		return;
	}
	if (key->kind != FB_CAUSE_TASK) {
		fb_report_wakeup(report, &b, to);
	} else if (key->via == FB_VIA_SIGNAL) {
		const char *signal = fb_signal_name(key->via_id);

		g_string_append_printf(to, "SIGNAL%s%s by TASK", signal ? " " : "",
				       signal ? signal : "");
	} else {
		g_string_append(to, "TASK");
	}
	add_waker(report, key, to);
}

struct fb_cell get_key_name(struct fb_report *report, const void *key)
{
	GString *to = fb_report_scratch(report);

	cause_key_name(report, key, to);
	return FB_TEXT(to->str);
}
