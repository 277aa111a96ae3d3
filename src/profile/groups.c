/* SPDX-License-Identifier: MIT */
/* groups.c - one run with its groups. */
#include "profile/runs.h"

struct run *run_new(void)
{
	struct run *run = g_new0(struct run, 1);

	run->texts = g_string_chunk_new(1024);
	run->groups = g_array_new(FALSE, FALSE, sizeof(struct run_group));
	run->pub.tasks = -1;
	run->pub.selection.begin = run->pub.selection.end = FB_NS_NONE;
	run_set_missing(run, NULL, 0);
	g_atomic_ref_count_init(&run->refs);
	return run;
}

struct run *run_ref(struct run *run)
{
	g_atomic_ref_count_inc(&run->refs);
	return run;
}

void run_unref(struct run *run)
{
	if (!run || !g_atomic_ref_count_dec(&run->refs))
		return;
	for (guint i = 0; i < run->groups->len; i++)
		fb_profile_values_clear(&g_array_index(run->groups, struct run_group, i).values);
	g_array_unref(run->groups);
	g_string_chunk_free(run->texts);
	g_free(run->missing);
	g_free(run->ids);
	g_free(run);
}

const char *run_text(struct run *run, const char *text)
{
	g_autofree char *valid = NULL;

	if (!text)
		return NULL;
	if (!g_utf8_validate(text, -1, NULL))
		text = valid = g_utf8_make_valid(text, -1);
	return g_string_chunk_insert_const(run->texts, text);
}

static int compare_ids(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_ids(int32_t *ids, size_t n)
{
	if (n)
		qsort(ids, n, sizeof(*ids), compare_ids);
}

void run_set_ids(struct run *run, const int32_t *pids, size_t n, const int32_t *tids, size_t m)
{
	struct fb_profile_selection *s = &run->pub.selection;
	int32_t *ids = g_new(int32_t, n + m);

	for (size_t i = 0; i < n + m; i++)
		ids[i] = i < n ? pids[i] : tids[i - n];
	sort_ids(ids, n);
	sort_ids(ids + n, m);
	s->pids = ids;
	s->n_pids = n;
	s->tids = ids + n;
	s->n_tids = m;
	g_free(run->ids);
	run->ids = ids;
}

void run_set_missing(struct run *run, const char *const *names, size_t n)
{
	g_free(run->missing);
	run->missing = g_new0(const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		run->missing[i] = run_text(run, names[i]);
	run->pub.missing = run->missing;
}

static int compare_groups(const void *a, const void *b)
{
	const struct run_group *x = a, *y = b;

	return fb_profile_key_compare(&x->key, &y->key);
}

void run_sort_groups(struct run *run)
{
	struct run_group *groups = (struct run_group *)run->groups->data;
	guint n = 0;

	g_array_sort(run->groups, compare_groups);
	for (guint i = 0; i < run->groups->len; i++)
		if (n && !fb_profile_key_compare(&groups[n - 1].key, &groups[i].key)) {
			values_add(&groups[n - 1].values, &groups[i].values);
			fb_profile_values_clear(&groups[i].values);
		} else {
			groups[n++] = groups[i];
		}
	g_array_set_size(run->groups, n);
}
