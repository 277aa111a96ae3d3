/* SPDX-License-Identifier: MIT */
/* nearest.c - names by how little has to be changed to come to another. */
#include <stdbool.h>
#include <string.h>

#include "base/nearest.h"

struct near_name {
	const char *text;
	size_t distance; /* from what is wanted */
};

/* How many bytes to put in, take out or change (Levenshtein), whatever their case. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(b);
	g_autofree size_t *row = g_new(size_t, n + 1);

	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (; *a; a++) {
		size_t diagonal = row[0]++;

		for (size_t k = 1; k <= n; k++) {
			bool same = g_ascii_tolower(*a) == g_ascii_tolower(b[k - 1]);
			size_t changed = diagonal + !same;

			diagonal = row[k];
			row[k] = MIN(changed, MIN(row[k - 1], row[k]) + 1);
		}
	}
	return row[n];
}

static int compare_names(const void *a, const void *b)
{
	const struct near_name *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return strcmp(x->text, y->text);
}

char *nearest_names(GHashTable *seen, const char *glob)
{
	g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(struct near_name));
	g_autofree char *wanted = g_strdup(glob);
	GString *to = g_string_new(NULL);
	GHashTableIter iter;
	void *text;
	char *end = wanted;

	for (const char *at = glob; *at; at++)
		if (!strchr("*?[]\\", *at))
			*end++ = *at;
	*end = '\0';
	g_hash_table_iter_init(&iter, seen);
	while (g_hash_table_iter_next(&iter, &text, NULL)) {
		const struct near_name name = { text, distance(wanted, text) };

		g_array_append_val(sorted, name);
	}
	g_array_sort(sorted, compare_names);
	for (guint i = 0; i < sorted->len && i < NEAREST; i++)
		g_string_append_printf(to, "%s%s", i ? ", " : "; nearest: ",
				       g_array_index(sorted, struct near_name, i).text);
	return g_string_free(to, FALSE);
}
