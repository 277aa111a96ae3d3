/* SPDX-License-Identifier: MIT */
/* profile.c - a profile: runs in order, and the groups that are in any of them. */
#include <inttypes.h>

#include <flightbox/error.h>

#include "profile/runs.h"

struct profile {
	struct fb_profile pub;
	const struct fb_profile_run **runs; /* pub.runs, each the begin of a struct run */
	struct fb_profile_group *groups; /* pub.groups */
	struct fb_profile_share *shares; /* of all groups */
};

static struct run *run_of(const struct fb_profile *p, size_t i)
{
	return (struct run *)p->runs[i];
}

void fb_profile_free(struct fb_profile *pub)
{
	struct profile *p = (struct profile *)pub;

	if (!p)
		return;
	for (size_t i = 0; i < p->pub.n_runs; i++)
		run_unref(run_of(pub, i));
	g_free(p->runs);
	g_free(p->groups);
	g_free(p->shares);
	g_free(p);
}

/* ---- groups of all runs ----------------------------------------------------------------- */

/* One group of one run, on its way into the list of all. */
struct group_entry {
	const struct run_group *group;
	size_t run;
};

static int compare_entries(const void *a, const void *b)
{
	const struct group_entry *x = a, *y = b;
	int order = fb_profile_key_compare(&x->group->key, &y->group->key);

	return order ? order : x->run < y->run ? -1 : x->run > y->run;
}

static GArray *entries_of(const struct profile *p)
{
	GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct group_entry));

	for (size_t i = 0; i < p->pub.n_runs; i++) {
		const GArray *groups = run_of(&p->pub, i)->groups;

		for (guint n = 0; n < groups->len; n++) {
			const struct group_entry entry = {
				&g_array_index(groups, struct run_group, n), i,
			};

			g_array_append_val(entries, entry);
		}
	}
	g_array_sort(entries, compare_entries);
	return entries;
}

static void set_groups(struct profile *p)
{
	g_autoptr(GArray) entries = entries_of(p);
	struct fb_profile_group *group = NULL;

	p->groups = g_new(struct fb_profile_group, entries->len);
	p->shares = g_new(struct fb_profile_share, entries->len);
	for (guint i = 0; i < entries->len; i++) {
		const struct group_entry *entry = &g_array_index(entries, struct group_entry, i);

		if (!group || fb_profile_key_compare(&group->key, &entry->group->key)) {
			group = &p->groups[p->pub.n_groups++];
			*group = (struct fb_profile_group){ entry->group->key, &p->shares[i], 0 };
		}
		p->shares[i] = (struct fb_profile_share){ entry->run, &entry->group->values };
		group->n_shares++;
	}
	p->pub.groups = p->groups;
}

static int compare_to_key(const void *key, const void *group)
{
	return fb_profile_key_compare(key, &((const struct fb_profile_group *)group)->key);
}

const struct fb_profile_group *fb_profile_find(const struct fb_profile *p,
					       const struct fb_profile_key *key)
{
	return p->n_groups ? bsearch(key, p->groups, p->n_groups, sizeof(*p->groups),
				     compare_to_key) :
			     NULL;
}

static int compare_to_run(const void *run, const void *share)
{
	size_t x = *(const size_t *)run, y = ((const struct fb_profile_share *)share)->run;

	return x < y ? -1 : x > y;
}

const struct fb_profile_values *fb_profile_values(const struct fb_profile_group *group, size_t run)
{
	static const struct fb_profile_values none;
	const struct fb_profile_share *share = bsearch(&run, group->shares, group->n_shares,
						       sizeof(*group->shares), compare_to_run);

	return share ? share->values : &none;
}

/* ---- runs ------------------------------------------------------------------------------- */

static int compare_runs(const void *a, const void *b)
{
	const struct fb_profile_run *x = &((const struct named_run *)a)->run->pub;
	const struct fb_profile_run *y = &((const struct named_run *)b)->run->pub;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return strcmp(x->id, y->id);
}

static bool are_equal(const struct run *a, const struct run *b)
{
	struct out x, y;
	bool equal;

	if (a == b)
		return true;
	out_init(&x, OUT_MEMORY);
	out_init(&y, OUT_MEMORY);
	run_write(&x, a);
	run_write(&y, b);
	equal = x.at - x.buffer == y.at - y.buffer && !memcmp(x.buffer, y.buffer, x.at - x.buffer);
	out_clear(&x);
	out_clear(&y);
	return equal;
}

/* The options that must be the same, as one would give them. */
static char *selection_text(const struct fb_profile_selection *s)
{
	GString *text = g_string_new(NULL);

	if (s->comm)
		g_string_append_printf(text, " --comm '%s'", s->comm);
	if (s->min_duration)
		g_string_append_printf(text, " --min-duration %" PRId64 "ns", s->min_duration);
	if (s->all)
		g_string_append(text, " --all");
	if (!text->len)
		g_string_append(text, " none of --comm, --min-duration, --all");
	return g_string_free(text, FALSE);
}

static bool check_selections(const struct named_run *a, const struct named_run *b, GError **error)
{
	const struct fb_profile_selection *x = &a->run->pub.selection, *y = &b->run->pub.selection;
	g_autofree char *ours = NULL, *theirs = NULL;

	if (!g_strcmp0(x->comm, y->comm) && x->min_duration == y->min_duration && x->all == y->all)
		return true;
	ours = selection_text(x);
	theirs = selection_text(y);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "%s and %s cannot be taken together: the waits of one were chosen by%s, "
		    "those of the other by%s",
		    a->name, b->name, ours, theirs);
	return false;
}

static bool check_same(const struct named_run *a, const struct named_run *b, GError **error)
{
	if (are_equal(a->run, b->run))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
		    "%s and %s cannot be taken together: both have a run %s, but not the same",
		    a->name, b->name, a->run->pub.id);
	return false;
}

/* `known` has those that were added, by id: what is there already is left out. */
static bool add_run(struct profile *p, GHashTable *known, struct named_run *run, GError **error)
{
	const struct named_run *same = g_hash_table_lookup(known, run->run->pub.id);

	if (same)
		return check_same(same, run, error);
	g_hash_table_insert(known, (void *)run->run->pub.id, run);
	p->runs[p->pub.n_runs++] = &run_ref(run->run)->pub;
	return true;
}

struct fb_profile *profile_of_runs(GArray *list, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	struct named_run *runs = (struct named_run *)list->data;
	struct profile *p;

	for (guint i = 1; i < list->len; i++)
		if (!check_selections(&runs[0], &runs[i], error))
			return NULL;
	g_array_sort(list, compare_runs);
	p = g_new0(struct profile, 1);
	p->runs = g_new(const struct fb_profile_run *, list->len);
	p->pub.runs = p->runs;
	for (guint i = 0; i < list->len; i++)
		if (!add_run(p, known, &runs[i], error)) {
			fb_profile_free(&p->pub);
			return NULL;
		}
	set_groups(p);
	return &p->pub;
}

struct fb_profile *fb_profile_merge(const struct fb_profile *const *profiles,
				    const char *const *names, size_t n, GError **error)
{
	g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(struct named_run));

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < profiles[i]->n_runs; j++) {
			const struct named_run run = { run_of(profiles[i], j), names[i] };

			g_array_append_val(runs, run);
		}
	return profile_of_runs(runs, error);
}
