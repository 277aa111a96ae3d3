/* SPDX-License-Identifier: MIT */
/* clock.c - pairs to lines, each of which takes the same few KiB however many pairs it is of. */
#include "packets/join/clock.h"

#include <stdlib.h>

#define LINES 64 /* that are told apart: a clock that is set more often is of no use */
#define BENT  50000 /* ns: a drift that moves the line by less from end to end is none */

void clock_init(struct clock *c)
{
	*c = (struct clock){ .lines = g_array_new(FALSE, FALSE, sizeof(struct clock_samples)) };
}

void clock_clear(struct clock *c)
{
	g_clear_pointer(&c->lines, g_array_unref);
}

/* ---- adding pairs ------------------------------------------------------------------------ */

/* Every second one makes room. */
static void thin(struct clock_samples *s)
{
	s->n /= 2;
	for (unsigned i = 0; i < s->n; i++)
		s->kept[i] = s->kept[2 * i];
	s->every *= 2;
}

static void sample(struct clock *c, const struct clock_pair *pair)
{
	struct clock_samples *s = &g_array_index(c->lines, struct clock_samples, c->lines->len - 1);

	if (s->n == CLOCK_SAMPLES)
		thin(s);
	if (s->pairs % s->every == 0)
		s->kept[s->n++] = *pair;
	s->pairs++;
	s->end = MAX(s->end, pair->time);
}

static void keep(struct clock *c, const struct clock_pair *pair)
{
	sample(c, pair);
	c->recent[c->n_recent++ % CLOCK_PAIRS] = *pair;
}

static void begin_line(struct clock *c)
{
	const struct clock_samples none = { .every = 1, .end = FB_NS_NONE };

	if (c->lines->len < LINES)
		g_array_append_val(c->lines, none);
	c->n_recent = 0;
}

/* What is far from the line belongs to it all the same, or to one that it begins. */
static void keep_astray(struct clock *c, bool begins)
{
	if (begins)
		begin_line(c);
	for (unsigned i = 0; i < c->n_astray; i++)
		if (begins)
			keep(c, &c->astray[i]);
		else
			sample(c, &c->astray[i]);
	c->n_astray = 0;
}

static int compare_ns(const void *a, const void *b)
{
	fb_ns x = *(const fb_ns *)a, y = *(const fb_ns *)b;

	return (x > y) - (x < y);
}

static fb_ns middle(const struct clock_pair *pairs, unsigned n)
{
	fb_ns sorted[CLOCK_PAIRS];

	for (unsigned i = 0; i < n; i++)
		sorted[i] = pairs[i].difference;
	qsort(sorted, n, sizeof(*sorted), compare_ns);
	return sorted[n / 2];
}

static bool is_near(fb_ns a, fb_ns b)
{
	return (a > b ? (uint64_t)a - b : (uint64_t)b - a) < CLOCK_STEP;
}

fb_ns clock_difference(const struct clock *c)
{
	return c->n_recent ? middle(c->recent, MIN(c->n_recent, CLOCK_PAIRS)) : 0;
}

/* So many of them agree with each other, and not with the line, that it is another one. */
static bool is_step(const struct clock *c)
{
	fb_ns at = middle(c->astray, c->n_astray);

	for (unsigned i = 0; i < c->n_astray; i++)
		if (!is_near(c->astray[i].difference, at))
			return false;
	return true;
}

void clock_add(struct clock *c, fb_ns time, fb_ns difference)
{
	const struct clock_pair pair = { time, difference };

	if (!c->lines->len)
		begin_line(c);
	if (c->n_recent && !is_near(difference, clock_difference(c))) {
		c->astray[c->n_astray++] = pair;
		if (c->n_astray == CLOCK_PAIRS)
			keep_astray(c, is_step(c));
		return;
	}
	keep_astray(c, false);
	keep(c, &pair);
}

/* ---- lines ------------------------------------------------------------------------------- */

static int compare_slopes(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Differences a nanosecond: the middle of the slopes between any two pairs that are far enough
 * apart, which single late ones do not move.
 */
static double slope(const struct clock_pair *pairs, unsigned n)
{
	fb_ns span = pairs[n - 1].time - pairs[0].time;
	g_autofree double *slopes = g_new(double, (size_t)n * n / 2 + 1);
	size_t n_slopes = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++) {
			fb_ns apart = pairs[j].time - pairs[i].time;

			if (apart > span / 4)
				slopes[n_slopes++] = ((double)pairs[j].difference -
						      (double)pairs[i].difference) / apart;
		}
	if (!n_slopes)
		return 0;
	qsort(slopes, n_slopes, sizeof(*slopes), compare_slopes);
	return slopes[n_slopes / 2];
}

static void take_quantiles(struct clock_line *line, const struct clock_samples *s)
{
	fb_ns sorted[CLOCK_SAMPLES], tenth, half, last_tenth;

	for (unsigned i = 0; i < s->n; i++)
		sorted[i] = s->kept[i].difference -
			    (fb_ns)(line->drift * 1e-9 * (double)(s->kept[i].time - line->begin));
	qsort(sorted, s->n, sizeof(*sorted), compare_ns);
	tenth = sorted[s->n / 10];
	half = sorted[s->n / 2];
	last_tenth = sorted[s->n * 9 / 10];
	line->spread = last_tenth - tenth;
	line->offset = half - tenth <= last_tenth - half ? tenth : last_tenth;
}

unsigned clock_lines(const struct clock *c)
{
	return c->lines->len;
}

struct clock_line clock_line(const struct clock *c, unsigned i)
{
	const struct clock_samples *s = &g_array_index(c->lines, struct clock_samples, i);
	struct clock_line line = { .begin = s->kept[0].time, .end = s->end, .pairs = s->pairs };
	double drift;

	if (s->n >= CLOCK_PAIRS) {
		drift = slope(s->kept, s->n) * 1e9;
		if (ABS(drift) * 1e-9 * (double)(line.end - line.begin) > BENT)
			line.drift = drift;
	}
	take_quantiles(&line, s);
	line.is_exact = line.pairs >= CLOCK_PAIRS && line.spread < CLOCK_EXACT;
	return line;
}
