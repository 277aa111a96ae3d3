/* SPDX-License-Identifier: MIT */
/* grounds.c - what runs lack to be anything that a verdict can be based on. */
#include <inttypes.h>

#include "compare/grounds.h"

enum lack { LACK_NONE, LACK_TASKS, LACK_CHOSEN, LACK_WAITS, LACK_WHOLE_WAITS, LACK_COUNTED, LACKS };

bool values_count(const struct fb_profile_values *v)
{
	return v->n >= v->uncertain && v->asleep >= v->uncertain_asleep;
}

/* What counts and what does not; of the rest nothing. */
static void add(struct fb_profile_values *sum, const struct fb_profile_values *v)
{
	sum->n += v->n;
	sum->uncertain += v->uncertain;
	sum->asleep += MIN(v->asleep, INT64_MAX - sum->asleep);
	sum->uncertain_asleep += MIN(v->uncertain_asleep, INT64_MAX - sum->uncertain_asleep);
}

static struct fb_profile_values sum_of(const struct fb_profile_group *group)
{
	struct fb_profile_values sum = { 0 };

	for (size_t i = 0; group && i < group->n_shares; i++)
		add(&sum, group->shares[i].values);
	return sum;
}

bool group_counts(const struct fb_profile_group *group)
{
	const struct fb_profile_values sum = sum_of(group);

	return values_count(&sum);
}

/* ---- runs ------------------------------------------------------------------------------- */

/* Of each run all groups together. Free with g_free(). */
static struct fb_profile_values *values_of_runs(const struct fb_profile *p)
{
	struct fb_profile_values *all = g_new0(struct fb_profile_values, p->n_runs);

	for (size_t i = 0; i < p->n_groups; i++)
		for (size_t k = 0; k < p->groups[i].n_shares; k++)
			add(&all[p->groups[i].shares[k].run], p->groups[i].shares[k].values);
	return all;
}

static bool chooses_tasks(const struct fb_profile_selection *s)
{
	return s->comm || s->n_pids || s->n_tids;
}

/* Where only long waits are wanted there need not be any, of tasks that are there. */
static enum lack lack_of(const struct fb_profile_run *run, const struct fb_profile_values *v)
{
	if (run->tasks == 0)
		return chooses_tasks(&run->selection) ? LACK_CHOSEN : LACK_TASKS;
	if (!values_count(v))
		return LACK_COUNTED;
	if (v->n || (run->selection.min_duration > 0 && run->tasks > 0))
		return LACK_NONE;
	return run->waits[FB_QUALITY_EDGE] ? LACK_WHOLE_WAITS : LACK_WAITS;
}

/* All runs of a side that lack the same. */
struct tally {
	unsigned runs;
	bool lost; /* any of them says that events were lost */
	uint64_t edges;
	struct fb_profile_values values;
};

static void tally_add(struct tally *t, const struct fb_profile_run *run,
		      const struct fb_profile_values *v)
{
	t->runs++;
	t->lost |= run->lost_events || run->lost_packets;
	t->edges += run->waits[FB_QUALITY_EDGE];
	add(&t->values, v);
}

/* ---- words ------------------------------------------------------------------------------ */

/* "--comm a --pid 5": what chose the tasks. */
static void say_choice(const struct fb_profile_selection *s, GString *to)
{
	if (s->comm)
		g_string_append_printf(to, " --comm '%s'", s->comm);
	for (size_t i = 0; i < s->n_pids; i++)
		g_string_append_printf(to, "%s%d", i ? "," : " --pid ", s->pids[i]);
	for (size_t i = 0; i < s->n_tids; i++)
		g_string_append_printf(to, "%s%d", i ? "," : " --tid ", s->tids[i]);
}

static void say_uncounted(const struct tally *t, GString *to)
{
	const struct fb_profile_values *v = &t->values;
	double asleep = (double)v->asleep + v->uncertain_asleep;

	g_string_append_printf(to, ": %" PRIu64 " of %" PRIu64 " waits count", v->n,
			       v->n + v->uncertain);
	if (asleep > 0)
		g_string_append_printf(to, " (%.0f %% of the time asleep)", 100 * v->asleep / asleep);
	g_string_append(to, t->lost ? "; events were lost: record again with larger buffers or fewer "
				      "events" :
				      "; what the others were is not certain: flightbox info "
				      "TRACE tells what the recording lacks");
}

static char *say_lack(enum lack lack, const struct tally *t, const struct fb_profile *p,
		      const char *side)
{
	GString *to = g_string_new(NULL);

	g_string_printf(to, "%u of %zu %srun%s", t->runs, p->n_runs, side, p->n_runs == 1 ? "" : "s");
	switch (lack) {
	case LACK_TASKS:
		g_string_append(to, t->runs == 1 ? " is" : " are");
		g_string_append(to, " empty: there is no task in it; record while the program runs");
		break;
	case LACK_CHOSEN:
		g_string_append(to, t->runs == 1 ? " has" : " have");
		g_string_append(to, " no task that was chosen by");
		say_choice(&p->runs[0]->selection, to);
		g_string_append(to, "; choose one that is there");
		break;
	case LACK_WAITS:
		g_string_append(to, t->runs == 1 ? " has" : " have");
		g_string_append(to, " no wait at all of the chosen tasks; record longer, or choose others");
		break;
	case LACK_WHOLE_WAITS:
		g_string_append(to, t->runs == 1 ? " has" : " have");
		g_string_append_printf(to, " no whole wait, but %" PRIu64 " that began before or ended "
				       "after it; record longer", t->edges);
		break;
	default:
		say_uncounted(t, to);
	}
	return g_string_free(to, FALSE);
}

void find_lacks(const struct fb_profile *p, const char *side, bool told, GPtrArray *to)
{
	g_autofree struct fb_profile_values *values = values_of_runs(p);
	struct tally tallies[LACKS] = { 0 };

	for (size_t i = 0; i < p->n_runs; i++)
		tally_add(&tallies[lack_of(p->runs[i], &values[i])], p->runs[i], &values[i]);
	for (enum lack lack = LACK_NONE + 1; lack < LACKS; lack++)
		if (tallies[lack].runs && !(lack == LACK_CHOSEN && told))
			g_ptr_array_add(to, say_lack(lack, &tallies[lack], p, side));
}

void find_uncounted(const struct fb_profile *p, const char *side, GPtrArray *to)
{
	uint64_t waits = 0;
	size_t groups = 0;

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct fb_profile_values sum = sum_of(&p->groups[i]);

		groups += sum.uncertain > 0;
		waits += sum.uncertain;
	}
	if (groups)
		g_ptr_array_add(to, g_strdup_printf("--strict: %" PRIu64 " wait%s in %zu group%s of the "
						    "%sruns %s not count",
						    waits, waits == 1 ? "" : "s", groups,
						    groups == 1 ? "" : "s", side,
						    waits == 1 ? "does" : "do"));
}

char *say_lacks(const GPtrArray *lacks)
{
	if (!lacks->len)
		return NULL;
	if (lacks->len == 1)
		return g_strdup(lacks->pdata[0]);
	return g_strdup_printf("%s; and %u more reason%s", (const char *)lacks->pdata[0], lacks->len - 1,
			       lacks->len == 2 ? "" : "s");
}
