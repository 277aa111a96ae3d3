/* SPDX-License-Identifier: MIT */
/* worst.c - the longest waits of a group, and in which run each is. */
#include "compare/tables.h"

/* Longer ones first, then earlier ones. */
static bool is_before(const struct fb_profile_wait *a, const struct fb_profile_wait *b)
{
	if (a->asleep != b->asleep)
		return a->asleep > b->asleep;
	return a->begin != b->begin ? a->begin < b->begin : a->tid < b->tid;
}

static size_t insert(struct worst *worst, size_t n, const struct worst *one)
{
	size_t at = n;

	while (at > 0 && is_before(&one->wait, &worst[at - 1].wait))
		at--;
	if (at == FB_PROFILE_WORST)
		return n;
	n = MIN(n + 1, FB_PROFILE_WORST);
	memmove(&worst[at + 1], &worst[at], (n - at - 1) * sizeof(*worst));
	worst[at] = *one;
	return n;
}

size_t find_worst(const struct fb_profile *p, const struct fb_profile_group *group,
		  struct worst worst[FB_PROFILE_WORST])
{
	size_t n = 0;

	for (size_t i = 0; group && i < group->n_shares; i++) {
		const struct fb_profile_values *values = group->shares[i].values;

		for (size_t k = 0; k < values->n_worst; k++) {
			const struct worst one = { values->worst[k], p->runs[group->shares[i].run] };

			n = insert(worst, n, &one);
		}
	}
	return n;
}
