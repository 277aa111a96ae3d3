/* SPDX-License-Identifier: MIT */
/* made_profile.c - profiles of waits that never were. */
#include "made_profile.h"

#include <flightbox/stats.h>

#define SECOND INT64_C(1000000000)

static void *room(struct made_profile *p, size_t size)
{
	void *memory = g_malloc0(size);

	g_ptr_array_add(p->memory, memory);
	return memory;
}

static void fill_values(struct made_profile *p, struct fb_profile_values *v,
			const struct made_group *g, unsigned run)
{
	struct fb_profile_bucket *bucket = room(p, sizeof(*bucket));
	fb_ns each = g->ms[run] * 1e6;

	v->uncertain = run ? 0 : g->uncertain;
	v->n = g->n[run];
	if (!v->n)
		return;
	v->asleep = v->n * each;
	v->min = v->max = each;
	*bucket = (struct fb_profile_bucket){ fb_stats_bucket(each), v->n };
	v->buckets = bucket;
	v->n_buckets = 1;
	v->n_worst = MIN(v->n, FB_PROFILE_WORST);
	for (size_t i = 0; i < v->n_worst; i++)
		v->worst[i] = (struct fb_profile_wait){ each, p->run[run].begin + i * each, 7 };
}

static void fill_group(struct made_profile *p, struct fb_profile_group *to,
		       const struct made_group *from)
{
	struct fb_profile_values *values = room(p, p->pub.n_runs * sizeof(*values));
	struct fb_profile_share *shares = room(p, p->pub.n_runs * sizeof(*shares));

	to->key = (struct fb_profile_key){ .command = from->command, .thread = from->command,
					   .syscall = "read", .kind = FB_CAUSE_SOFTIRQ,
					   .name = "NET_RX" };
	for (unsigned run = 0; run < p->pub.n_runs; run++) {
		fill_values(p, &values[run], from, run);
		shares[run] = (struct fb_profile_share){ run, &values[run] };
	}
	to->shares = shares;
	to->n_shares = p->pub.n_runs;
}

struct made_profile *made_profile_new(unsigned runs, unsigned first,
				      const struct made_group *groups)
{
	static const char *const missing[] = { NULL };
	struct made_profile *p = g_new0(struct made_profile, 1);
	struct fb_profile_group *to;

	p->memory = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; i < runs; i++) {
		fb_ns begin = (first + i) * 60 * SECOND;
		char *id = room(p, 17);

		g_snprintf(id, 17, "%016x", first + i);
		p->run[i] = (struct fb_profile_run){
			.id = id, .host = "builder", .kernel = "6.1.0", .tracer = "lttng-modules",
			.tracer_version = "2.13.9", .begin = begin, .end = begin + 10 * SECOND,
			.cpus = 2, .missing = missing, .complete = true, .tasks = 5,
		};
		p->runs[i] = &p->run[i];
	}
	while (groups[p->pub.n_groups].command)
		p->pub.n_groups++;
	to = room(p, p->pub.n_groups * sizeof(*to));
	p->pub.runs = p->runs;
	p->pub.n_runs = runs;
	p->pub.groups = to;
	for (size_t i = 0; i < p->pub.n_groups; i++)
		fill_group(p, &to[i], &groups[i]);
	return p;
}

void made_profile_free(struct made_profile *p)
{
	g_ptr_array_unref(p->memory);
	g_free(p);
}
