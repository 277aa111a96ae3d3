/* SPDX-License-Identifier: MIT */
/* warnings.c - what makes both sides less alike than they should be, in words. */
#include "compare/compare.h"

static void warn(struct comparison *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void warn(struct comparison *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(c->warnings, g_strdup_vprintf(format, args));
	va_end(args);
}

/* ---- what runs say of themselves ----------------------------------------------------------- */

static char *host_of(const struct fb_profile_run *run)
{
	return g_strdup(run->host);
}

static char *kernel_of(const struct fb_profile_run *run)
{
	return g_strdup(run->kernel);
}

static char *tracer_of(const struct fb_profile_run *run)
{
	return run->tracer ? g_strdup_printf("%s %s", run->tracer,
					     run->tracer_version ? run->tracer_version : "") :
			     NULL;
}

static char *cpus_of(const struct fb_profile_run *run)
{
	return g_strdup_printf("%d", run->cpus);
}

static char *missing_of(const struct fb_profile_run *run)
{
	char *names = g_strjoinv(", ", (char **)run->missing);

	if (*names)
		return names;
	g_free(names);
	return g_strdup("none");
}

static const struct {
	const char *what;
	char *(*get)(const struct fb_profile_run *run); /* NULL: not known */
} facts[] = {
	{ "hosts", host_of },
	{ "kernels", kernel_of },
	{ "tracers", tracer_of },
	{ "numbers of CPUs", cpus_of },
	{ "events that were not recorded", missing_of },
};

/* All that the runs of a side say, each once: "a, b". */
static char *say_all(const struct fb_profile *p, char *(*get)(const struct fb_profile_run *run))
{
	g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
	GString *all = g_string_new(NULL);

	for (size_t i = 0; i < p->n_runs; i++) {
		char *text = get(p->runs[i]);

		if (!text)
			text = g_strdup("unknown");
		if (g_ptr_array_find_with_equal_func(seen, text, g_str_equal, NULL)) {
			g_free(text);
			continue;
		}
		g_ptr_array_add(seen, text);
		g_string_append_printf(all, "%s%s", all->len ? " and " : "", text);
	}
	return g_string_free(all, FALSE);
}

static void warn_of_facts(struct comparison *c)
{
	for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
		g_autofree char *base = say_all(c->side[BASE], facts[i].get);
		g_autofree char *new = say_all(c->side[NEW], facts[i].get);

		if (strcmp(base, new))
			warn(c, "the %s differ: %s in the base, %s in the new runs", facts[i].what,
			     base, new);
	}
}

/* ---- lengths ------------------------------------------------------------------------------ */

static double median_length(const struct fb_profile *p)
{
	g_autofree double *lengths = g_new(double, p->n_runs);

	for (size_t i = 0; i < p->n_runs; i++)
		lengths[i] = fb_profile_run_length(p->runs[i]);
	return sample_median((struct sample){ lengths, p->n_runs });
}

static void warn_of_lengths(struct comparison *c)
{
	double base = median_length(c->side[BASE]), new = median_length(c->side[NEW]);
	char texts[2][G_ASCII_DTOSTR_BUF_SIZE];

	/* By that much the waits of whoever waits all the time grow by themselves. */
	if (MAX(base, new) <= (1 + c->options.min_effect) * MIN(base, new))
		return;
	warn(c, "runs last %s s in the base, %s s in the new runs%s",
	     g_ascii_formatd(texts[0], sizeof(texts[0]), "%.3f", base / 1e9),
	     g_ascii_formatd(texts[1], sizeof(texts[1]), "%.3f", new / 1e9),
	     c->options.per_second ? "" : "; what waits all the time, as daemons do, differs as much "
					   "(--per=second, --comm)");
}

/* ---- losses, and runs that are not what they should be -------------------------------------- */

static void warn_of_losses(struct comparison *c, enum side side, const char *name)
{
	const struct fb_profile *p = c->side[side];
	uint64_t events = 0, packets = 0, waits = 0;
	unsigned runs = 0, incomplete = 0;

	for (size_t i = 0; i < p->n_runs; i++) {
		const struct fb_profile_run *run = p->runs[i];

		runs += run->lost_events || run->lost_packets;
		incomplete += !run->complete;
		events += run->lost_events;
		packets += run->lost_packets;
		waits += run->waits[FB_QUALITY_LOST];
	}
	if (runs)
		warn(c, "%u %s run%s lost %" G_GUINT64_FORMAT " events and %" G_GUINT64_FORMAT
			" packets; %" G_GUINT64_FORMAT " waits that this touched are left out",
		     runs, name, runs == 1 ? "" : "s", events, packets, waits);
	if (incomplete)
		warn(c, "%u %s run%s could not be read to the end", incomplete, name,
		     incomplete == 1 ? "" : "s");
}

static void warn_of_same_runs(struct comparison *c)
{
	unsigned same = 0;

	for (size_t i = 0; i < c->side[BASE]->n_runs; i++)
		for (size_t k = 0; k < c->side[NEW]->n_runs; k++)
			same += !strcmp(c->side[BASE]->runs[i]->id, c->side[NEW]->runs[k]->id);
	if (same)
		warn(c, "%u run%s on both sides", same, same == 1 ? " is" : "s are");
}

void find_warnings(struct comparison *c)
{
	warn_of_same_runs(c);
	warn_of_facts(c);
	warn_of_lengths(c);
	warn_of_losses(c, BASE, "base");
	warn_of_losses(c, NEW, "new");
}
