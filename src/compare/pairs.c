/* SPDX-License-Identifier: MIT */
/* pairs.c - which group of the new side is which of the base. */
#include "compare/pairs.h"

#include <flightbox/event.h>

#include "compare/grounds.h"

static uint64_t uncertain_of(const struct fb_profile_group *group)
{
	uint64_t uncertain = 0;

	for (size_t i = 0; group && i < group->n_shares; i++)
		uncertain += group->shares[i].values->uncertain;
	return uncertain;
}

static void add_group(struct comparison *c, const struct fb_profile_group *base,
		      const struct fb_profile_group *new)
{
	struct compared g = {
		.key = base ? &base->key : &new->key,
		.group = { base, new },
		.uncertain = { uncertain_of(base), uncertain_of(new) },
		.counts = group_counts(base) && group_counts(new),
	};

	g_array_append_val(c->groups, g);
	c->uncounted += !g.counts;
}

/* Both sides have their groups in the same order. */
static void join_groups(struct comparison *c)
{
	const struct fb_profile *base = c->side[BASE], *new = c->side[NEW];
	size_t i = 0, k = 0;

	while (i < base->n_groups || k < new->n_groups) {
		int order = i == base->n_groups ? 1 :
			    k == new->n_groups	? -1 :
						  fb_profile_key_compare(&base->groups[i].key,
									 &new->groups[k].key);

		add_group(c, order <= 0 ? &base->groups[i] : NULL,
			  order >= 0 ? &new->groups[k] : NULL);
		i += order <= 0;
		k += order >= 0;
	}
}

static bool is_like(const char *a, const char *b)
{
	return a && b ? fb_syscall_does_as(fb_syscall_get(a), fb_syscall_get(b)) : a == b;
}

/*
 * Whether both are of the same threads and causes, in calls that do the same. A program that
 * wakes others may have another name now.
 */
static bool is_moved(const struct fb_profile_key *from, const struct fb_profile_key *to)
{
	struct fb_profile_key there = *from;

	there.syscall = to->syscall;
	if (from->kind == FB_CAUSE_TASK)
		there.name = to->name;
	return !fb_profile_key_compare(&there, to) && is_like(from->syscall, to->syscall);
}

/* The one group without that side that the other may have moved to or from; NULL: none, or several. */
static struct compared *find_other(struct comparison *c, const struct compared *g, enum side without)
{
	struct compared *found = NULL;

	for (guint i = 0; i < c->groups->len; i++) {
		struct compared *other = &g_array_index(c->groups, struct compared, i);

		if (other->group[without] || !is_moved(g->key, other->key))
			continue;
		if (found)
			return NULL;
		found = other;
	}
	return found;
}

/* A group of the base alone and one of the new side alone may be one. */
static void join_moved(struct comparison *c)
{
	guint i = 0;

	while (i < c->groups->len) {
		struct compared *from = &g_array_index(c->groups, struct compared, i), *to = NULL;

		if (!from->group[NEW])
			to = find_other(c, from, BASE);
		if (!to || find_other(c, to, NEW) != from) {
			i++;
			continue;
		}
		to->was = from->key;
		to->group[BASE] = from->group[BASE];
		to->uncertain[BASE] = from->uncertain[BASE];
		c->uncounted -= !to->counts;
		c->uncounted -= !from->counts;
		to->counts &= from->counts;
		c->uncounted += !to->counts;
		g_array_remove_index(c->groups, i);
	}
}

void pair_groups(struct comparison *c)
{
	join_groups(c);
	join_moved(c);
}
