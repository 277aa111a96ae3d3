/* SPDX-License-Identifier: MIT */
/*
 * population.c - makes another run of a recorded trace, in place: the same events at other
 * times, for tests that compare runs:
 *
 *	population [--seed N] [--pause TIME=LENGTH] [--move CPU:OLD=NEW,OLD=NEW,...]... TRACE
 *
 *	--move   what one CPU did at OLD happens at NEW, and what it did in between in proportion:
 *	         a burst of work comes later and the idle time behind it gets shorter
 *	--pause  at TIME nothing happens anywhere for so long
 *	--seed   time goes by a little faster or slower everywhere: each stretch of it by another
 *	         factor, and the run as a whole by one
 *
 * All in ns by the trace's clock, and in that order. Each maps times to times and never turns
 * two around, so no event overtakes another one of its CPU; nor of another CPU, but by --move.
 * Indexes, which would be wrong then, must not lie beside the streams.
 */
#include <errno.h>
#include <stdio.h>

#include "recode.h"
#include "ctf/read/trace.h"

#define STRETCH	      50000000u /* ns of one factor */
#define STRETCH_SHARE 0.06	/* by how much a factor is off, as a standard deviation; */
#define RUN_SHARE     0.03	/* … that of the run */

struct knot {
	uint64_t from, to;
};

struct population {
	char **moves_given;
	char *pause_given;
	gint64 seed;	   /* 0: no jitter */
	GArray *moves[64]; /* by CPU: struct knot, ascending in both; NULL: none */
	struct knot pause; /* from: when; to: how long */
	GArray *jitter;	   /* struct knot, one for each stretch */
};

/* ---- times ------------------------------------------------------------------------------- */

/* Between two knots in proportion; before the first and behind the last as far off as that is. */
static uint64_t along(const GArray *knots, uint64_t time)
{
	const struct knot *k = (const struct knot *)knots->data, *last = k + knots->len - 1;

	if (time <= k->from)
		return time - k->from + k->to;
	if (time >= last->from)
		return time - last->from + last->to;
	while (k[1].from <= time)
		k++;
	return k->to + (unsigned __int128)(time - k->from) * (k[1].to - k->to) / (k[1].from - k->from);
}

struct cpu_clock {
	const struct population *p;
	const GArray *moves; /* or NULL */
};

static uint64_t move(uint64_t time, const void *data)
{
	const struct cpu_clock *c = data;
	const struct population *p = c->p;

	if (c->moves)
		time = along(c->moves, time);
	if (p->pause_given && time > p->pause.from)
		time += p->pause.to;
	return p->jitter ? along(p->jitter, time) : time;
}

/* Steele, Lea and Flood's SplitMix64. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* About 1, off by `share`: the sum of twelve even numbers is near to a normal one. */
static double next_factor(uint64_t *state, double share)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += (next_random(state) >> 11) * 0x1p-53;
	return 1 + share * (sum - 6);
}

static void make_jitter(struct population *p, uint64_t begin, uint64_t end)
{
	uint64_t state = p->seed, time = begin;
	double run = next_factor(&state, RUN_SHARE);

	p->jitter = g_array_new(FALSE, FALSE, sizeof(struct knot));
	for (uint64_t at = begin; at < end + STRETCH; at += STRETCH) {
		struct knot knot = { at, time };

		g_array_append_val(p->jitter, knot);
		time += STRETCH * run * next_factor(&state, STRETCH_SHARE);
	}
}

/* ---- what is asked for -------------------------------------------------------------------- */

static bool read_pair(const char **at, struct knot *knot)
{
	char *end;

	knot->from = g_ascii_strtoull(*at, &end, 10);
	if (end == *at || *end != '=')
		return false;
	*at = end + 1;
	knot->to = g_ascii_strtoull(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

static bool read_knots(const char *at, GArray *knots)
{
	struct knot knot, before = { 0 };

	do {
		if (!read_pair(&at, &knot) || knot.from <= before.from || knot.to < before.to)
			return false;
		before = knot;
		g_array_append_val(knots, knot);
	} while (*at++ == ',');
	return !at[-1];
}

static bool read_move(struct population *p, const char *text)
{
	char *colon;
	uint64_t cpu = g_ascii_strtoull(text, &colon, 10);

	if (*colon != ':' || cpu >= G_N_ELEMENTS(p->moves) || p->moves[cpu])
		return false;
	p->moves[cpu] = g_array_new(FALSE, FALSE, sizeof(struct knot));
	return read_knots(colon + 1, p->moves[cpu]);
}

static bool read_times(struct population *p, GError **error)
{
	const char *pause = p->pause_given;

	for (char **text = p->moves_given; text && *text; text++)
		if (!read_move(p, *text))
			return refuse(error, "--move %s: expected CPU:OLD=NEW,…, ascending", *text);
	if (pause && (!read_pair(&pause, &p->pause) || *pause))
		return refuse(error, "--pause %s: expected TIME=LENGTH", p->pause_given);
	return true;
}

static bool parse(struct population *p, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "seed", 0, 0, G_OPTION_ARG_INT64, &p->seed, "Which run", "N" },
		{ "pause", 0, 0, G_OPTION_ARG_STRING, &p->pause_given, "When nothing happens",
		  "TIME=LENGTH" },
		{ "move", 0, 0, G_OPTION_ARG_STRING_ARRAY, &p->moves_given,
		  "When a CPU does what it did", "CPU:OLD=NEW,..." },
		{ 0 }
	};
	g_autoptr(GOptionContext) context = g_option_context_new("TRACE");

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error) || !read_times(p, error))
		return false;
	return *argc == 2 || refuse(error, "usage: population [OPTION...] TRACE");
}

/* ---- the trace ---------------------------------------------------------------------------- */

static void find_span(const struct reader *reader, uint64_t *begin, uint64_t *end)
{
	*begin = UINT64_MAX;
	*end = 0;
	for (guint i = 0; i < reader->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(reader->files, i);

		for (guint k = 0; k < f->packets->len; k++) {
			const struct packet_ref *ref =
				&g_array_index(f->packets, struct packet_ref, k);

			*begin = MIN(*begin, ref->begin);
			*end = MAX(*end, MAX(ref->begin, ref->end));
		}
	}
}

/* Appends what becomes of a file's packets. */
static bool rewrite(const struct population *p, struct recoder *r, const struct data_file *f,
		    GByteArray *to, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(f->path, FALSE, error);

	for (guint i = 0; file && i < f->packets->len; i++) {
		const struct packet_ref *ref = &g_array_index(f->packets, struct packet_ref, i);
		const struct cpu_clock clock = {
			.p = p,
			.moves = f->instance < G_N_ELEMENTS(p->moves) ? p->moves[f->instance] : NULL,
		};
		const struct edit edit = { .move = move, .move_data = &clock };

		if (!recode(r, f, ref,
			    (const uint8_t *)g_mapped_file_get_contents(file) + ref->offset, &edit,
			    error))
			return false;
		g_byte_array_append(to, r->to, r->size);
	}
	return file != NULL;
}

static bool rewrite_all(struct population *p, struct reader *reader, GError **error)
{
	struct recoder *r = recoder_new(reader->schemas, reader->layouts, error);
	bool done = r != NULL;
	uint64_t begin, end;

	find_span(reader, &begin, &end);
	if (p->seed)
		make_jitter(p, begin, end + (p->pause_given ? p->pause.to : 0));
	for (guint i = 0; done && i < reader->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(reader->files, i);
		g_autoptr(GByteArray) to = g_byte_array_new();

		done = rewrite(p, r, f, to, error) &&
		       g_file_set_contents(f->path, (const char *)to->data, to->len, error);
	}
	recoder_free(r);
	return done;
}

static bool change(struct population *p, const char *dir, GError **error)
{
	const struct fb_source_options options = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
						   .end = FB_NS_NONE };
	struct fb_source *source = fb_source_native.open(&dir, 1, &options, error);
	bool done = source && rewrite_all(p, reader_of(source), error);

	fb_source_close(source);
	return done;
}

int main(int argc, char **argv)
{
	struct population p = { 0 };
	g_autoptr(GError) error = NULL;
	bool done = parse(&p, &argc, &argv, &error) && change(&p, argv[1], &error);

	if (!done)
		fprintf(stderr, "population: %s\n", error->message);
	for (size_t i = 0; i < G_N_ELEMENTS(p.moves); i++)
		if (p.moves[i])
			g_array_unref(p.moves[i]);
	if (p.jitter)
		g_array_unref(p.jitter);
	g_strfreev(p.moves_given);
	g_free(p.pause_given);
	return done ? 0 : 1;
}
