/* SPDX-License-Identifier: MIT */
/*
 * wakeup-texts.c - the words for what ended a wait cost more than all else that is
 * done with it, and most waits end as others did.
 */
#include "analyses/shared/wakeup-texts.h"
#include "base/groups.h"
#include "kernel/cause-key.h"

/* All that fb_report_wakeup() looks at. */
struct wakeup_key {
	struct cause_key cause;
	uint8_t quality;
	uint8_t missing; /* times that are not known, as bits */
	uint8_t nothing[6];
};

struct wakeup_words {
	struct wakeup_key key;
	const char *text; /* NULL: not put together yet */
};

struct wakeup_texts {
	struct fb_report *report;
	struct groups *words; /* struct wakeup_words */
	GHashTable *texts;    /* a set: most words are the same for several keys */
	GString *scratch;
};

struct wakeup_texts *wakeup_texts_new(struct fb_report *report)
{
	struct wakeup_texts *w = g_new0(struct wakeup_texts, 1);

	w->report = report;
	w->words = groups_new(sizeof(struct wakeup_words), sizeof(struct wakeup_key), NULL);
	w->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	w->scratch = g_string_new(NULL);
	return w;
}

void wakeup_texts_free(struct wakeup_texts *w)
{
	if (!w)
		return;
	groups_free(w->words);
	g_hash_table_destroy(w->texts);
	g_string_free(w->scratch, TRUE);
	g_free(w);
}

static struct wakeup_key key_of(const struct fb_blocking *b)
{
	return (struct wakeup_key){
		.cause = cause_key_of(&b->cause),
		.quality = b->quality,
		.missing = (b->begin == FB_NS_NONE) | (b->wake == FB_NS_NONE) << 1 |
			   (b->end == FB_NS_NONE) << 2,
	};
}

static const char *text_of(struct wakeup_texts *w, const struct fb_blocking *b)
{
	char *text;

	g_string_truncate(w->scratch, 0);
	fb_report_wakeup(w->report, b, w->scratch);
	text = g_hash_table_lookup(w->texts, w->scratch->str);
	if (!text) {
		text = g_strdup(w->scratch->str);
		g_hash_table_add(w->texts, text);
	}
	return text;
}

const char *wakeup_texts_get(struct wakeup_texts *w, const struct fb_blocking *b)
{
	const struct wakeup_key key = key_of(b);
	struct wakeup_words *words = groups_get(w->words, &key, sizeof(key));

	if (!words->text)
		words->text = text_of(w, b);
	return words->text;
}
