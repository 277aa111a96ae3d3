/* SPDX-License-Identifier: MIT */
/*
 * rewrite.c - makes a longer or a wider trace of a recorded one, for tests and measurements:
 *
 *	rewrite [--repeat N] [--cpus N] [--compact] [--ctf2] TRACE OUT
 *
 * and one with losses of one that has none:
 *
 *	rewrite [--packet-events N] TRACE OUT
 *	rewrite [--drop CPU:SEQ,… | --drop-random K | --discard-random K] [--seed S] TRACE OUT
 *
 *	--repeat    everything happens N times, one time after the other
 *	--cpus      everything happens on as many CPUs, by other tasks on those that are added
 *	--compact   event headers as of channels with few events: ids above 30, and times more
 *	            than 2^27 behind the event before, need the long form
 *	--ctf2      the metadata, of CTF 1.8, says the same in CTF 2; its packets stay
 *	--packet-events   packets are cut into such of N events, as a tracer with small buffers makes
 *	            them. Those that say that events were discarded stay whole
 *	--drop      packets are left out; the numbers of the others stay
 *	--discard-random   in K packets some events are left out, and counted as discarded
 *
 * Streams that lie in several files stay so: what is repeated goes behind the last one.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "choose.h"
#include "ctf/layout/header.h"
#include "ctf2-text.h"
#include "recode.h"
#include "ctf/read/trace.h"

/* Above all that a kernel gives out (2^22), and easy to take off again when reading. */
#define TID_STEP 10000000u
#define COPIES_MAX (INT32_MAX / TID_STEP)
/* Copies that were all at the same time would be like no real trace. A prime: no common beat. */
#define SKEW 1000003u
/* Repetitions are a multiple of that apart, so that the short clock values of headers, 27 or
 * 32 bits, stay as they are. */
#define PERIOD (UINT64_C(1) << 32)
/* Events may come that much after their packet's end: old tracers close packets early. */
#define SLACK (UINT64_C(1) << 30)

struct rewrite {
	const char *from, *to; /* directories */
	struct fb_source *source;
	struct reader *reader; /* the same */
	struct recoder *recoder;
	GHashTable *described; /* directories below `to` that have their metadata */
	uint64_t period;       /* clock */
	unsigned cpus, copies; /* CPUs as recorded; how often each is to be there */
	int repeat, wanted_cpus; /* as asked for; 0: as many as there are */
	gboolean compact, ctf2;
	int packet_events, drop_random, discard_random, seed; /* as asked for, or 0 */
	char *drop;                                           /* … or NULL */
	GRand *dice;
	GHashTable *dropped, *thinned; /* struct packet_ref *; NULL: none */
};

/* ---- the trace as it is ------------------------------------------------------------------ */

static const struct packet_ref *packet_at(const struct data_file *f, guint i)
{
	return &g_array_index(f->packets, struct packet_ref, i);
}

/* How far repetitions must be apart. */
static uint64_t period_of(const GPtrArray *files, unsigned copies)
{
	uint64_t begin = UINT64_MAX, end = 0, length;

	for (guint i = 0; i < files->len; i++) {
		const struct data_file *f = g_ptr_array_index(files, i);

		for (guint k = 0; k < f->packets->len; k++) {
			begin = MIN(begin, packet_at(f, k)->begin);
			end = MAX(end, MAX(packet_at(f, k)->begin, packet_at(f, k)->end));
		}
	}
	length = end - begin + copies * SKEW + SLACK;
	return (length + PERIOD - 1) & -PERIOD;
}

static unsigned cpus_of(const GPtrArray *files)
{
	unsigned cpus = 1;

	for (guint i = 0; i < files->len; i++) {
		const struct data_file *f = g_ptr_array_index(files, i);

		cpus = MAX(cpus, f->cpus);
	}
	return cpus;
}

/* Which packets to damage. */
static bool choose(struct rewrite *w, GError **error)
{
	const GPtrArray *streams = w->reader->streams;

	if (w->drop && !(w->dropped = choose_named(streams, w->drop, error)))
		return false;
	if (w->drop_random &&
	    !(w->dropped = choose_random(streams, w->drop_random, w->dice, error)))
		return false;
	return !w->discard_random ||
	       (w->thinned = choose_random(streams, w->discard_random, w->dice, error));
}

static bool open_trace(struct rewrite *w, GError **error)
{
	struct fb_source_options options = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
					     .end = FB_NS_NONE };

	w->source = fb_source_native.open(&w->from, 1, &options, error);
	if (!w->source)
		return false;
	w->reader = reader_of(w->source);
	if (w->source->info.problems->len)
		return refuse(error, "%s", (char *)g_ptr_array_index(w->source->info.problems, 0));
	w->recoder = recoder_new(w->reader->schemas, w->reader->layouts, error);
	if (!w->recoder)
		return false;
	w->cpus = cpus_of(w->reader->files);
	w->copies = w->wanted_cpus ? w->wanted_cpus / w->cpus : 1;
	if (w->wanted_cpus % w->cpus || w->copies > COPIES_MAX)
		return refuse(error, "%s: has %u CPUs: %d are no multiple up to %u", w->from,
			      w->cpus, w->wanted_cpus, COPIES_MAX * w->cpus);
	w->period = period_of(w->reader->files, w->copies);
	return choose(w, error);
}

/* ---- metadata ---------------------------------------------------------------------------- */

static bool is_all_compact(const struct tsdl_trace *t)
{
	for (guint i = 0; i < t->streams->len; i++) {
		const struct tsdl_stream *stream = g_ptr_array_index(t->streams, i);

		if (header_recognise(stream->event_header) != HEADER_COMPACT)
			return false;
	}
	return true;
}

/* LTTng declares both kinds of headers in each trace. */
static bool make_compact(GString *text, const char *file, GError **error)
{
	struct tsdl_trace *t;
	bool done;

	g_string_replace(text, "event.header := struct event_header_large;",
			 "event.header := struct event_header_compact;", 0);
	t = tsdl_parse(text->str, text->len, file, error);
	if (!t)
		return false;
	done = is_all_compact(t);
	tsdl_free(t);
	return done || refuse(error, "%s: declares no compact event header as LTTng does", file);
}

/* The same in CTF 2. */
static bool make_ctf2(GString *text, const char *file, GError **error)
{
	g_autofree char *made = NULL;
	struct tsdl_trace *t;

	if (*text->str == 0x1e)
		return refuse(error, "%s: is CTF 2 already", file);
	t = tsdl_parse(text->str, text->len, file, error);
	if (!t)
		return false;
	made = ctf2_text(t, error);
	g_string_assign(text, made ? made : "");
	tsdl_free(t);
	return made != NULL;
}

/* Plain text is valid metadata, too; CTF 2's begins with a record separator. */
static bool write_metadata(struct rewrite *w, const char *dir, const struct schema *s,
			   GError **error)
{
	g_autofree char *path = g_build_filename(dir, "metadata", NULL);
	g_autoptr(GString) text = g_string_new_len(s->text, s->length);

	if (!g_hash_table_add(w->described, g_strdup(dir)))
		return true;
	if (*text->str != 0x1e && !g_str_has_prefix(text->str, "/* CTF 1.8 */"))
		g_string_prepend(text, "/* CTF 1.8 */\n");
	if ((w->compact && !make_compact(text, s->file, error)) ||
	    (w->ctf2 && !make_ctf2(text, s->file, error)))
		return false;
	return g_file_set_contents(path, text->str, text->len, error);
}

/* ---- streams ------------------------------------------------------------------------------ */

static FILE *create_file(struct rewrite *w, const struct data_file *f, unsigned copy,
			 GError **error)
{
	const char *below = f->path + strlen(w->from);
	g_autofree char *in = g_path_get_dirname(below), *dir = g_build_filename(w->to, in, NULL);
	g_autofree char *name = g_path_get_basename(below);
	g_autofree char *copied = g_strdup_printf("copy-%u-%s", copy, name);
	g_autofree char *path = g_build_filename(dir, copy ? copied : name, NULL);
	FILE *file = NULL;

	if (g_mkdir_with_parents(dir, 0777) || !(file = fopen(path, "wbx"))) {
		refuse(error, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	if (!write_metadata(w, dir, f->schema, error)) {
		fclose(file);
		return NULL;
	}
	return file;
}

static bool close_file(FILE *file, const char *to, GError **error)
{
	return !fclose(file) || refuse(error, "%s: %s", to, g_strerror(errno));
}

/* A stream's counters at its first packet and its last one. */
struct counters {
	bool is_known;
	uint64_t first_seq, last_seq, first_discarded, last_discarded;
};

static void count(struct counters *c, const struct ctf_packet *p)
{
	if (!c->is_known) {
		c->first_seq = p->values[PACKET_SEQ];
		c->first_discarded = p->values[PACKET_DISCARDED];
	}
	c->is_known = true;
	c->last_seq = p->values[PACKET_SEQ];
	c->last_discarded = p->values[PACKET_DISCARDED];
}

/* What the `nth` repetition of a stream is to differ in. The first, 0, is itself. */
static struct edit edit_for(const struct rewrite *w, const struct counters *c, unsigned copy,
			    unsigned nth)
{
	struct edit e = {
		.time = copy * SKEW + nth * w->period,
		.cpu = copy * w->cpus,
		.tid = copy * TID_STEP,
		.is_compact = w->compact,
	};

	if (!nth)
		return e;
	e.seq = nth * (c->last_seq - c->first_seq + 1);
	/* The count begins at 0 with the first packet of all; what a later one has, nobody lost. */
	e.discarded = nth * (c->last_discarded - (c->first_seq ? c->first_discarded : 0));
	return e;
}

/* What is to become of a packet in particular. */
static void edit_packet(const struct rewrite *w, const struct counters *before,
			const struct packet_ref *ref, struct edit *edit)
{
	bool discards = ref->discarded != (before->is_known ? before->last_discarded : 0);

	edit->events = discards ? 0 : w->packet_events;
	edit->dice = w->thinned && g_hash_table_contains(w->thinned, ref) ? w->dice : NULL;
	edit->chance = edit->dice ? g_rand_double_range(w->dice, 0.02, 0.9) : 0;
}

static bool is_dropped(const struct rewrite *w, const struct packet_ref *ref)
{
	return w->dropped && g_hash_table_contains(w->dropped, ref);
}

/* Moves the counters of `edit` on by the packets and losses that were made. */
static bool write_packets(struct rewrite *w, const struct data_file *f, struct edit *edit,
			  struct counters *counters, FILE *to, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(f->path, FALSE, error);
	struct recoder *r = w->recoder;

	for (guint i = 0; file && i < f->packets->len; i++) {
		const struct packet_ref *ref = packet_at(f, i);
		const uint8_t *bytes =
			(const uint8_t *)g_mapped_file_get_contents(file) + ref->offset;

		edit_packet(w, counters, ref, edit);
		if (!recode(r, f, ref, bytes, edit, error))
			return false;
		count(counters, &r->packet);
		edit->seq += r->pieces - 1;
		edit->discarded += r->left_out;
		if (!is_dropped(w, ref) && fwrite(r->to, r->size, 1, to) != 1)
			return refuse(error, "%s: %s", w->to, g_strerror(errno));
	}
	return file != NULL;
}

/* Repetitions go behind the last file, written by its metadata. */
static bool is_of_one_schema(const GPtrArray *files, GError **error)
{
	const struct data_file *first = g_ptr_array_index(files, 0);

	for (guint i = 1; i < files->len; i++) {
		const struct data_file *f = g_ptr_array_index(files, i);

		if (f->schema != first->schema)
			return refuse(error, "%s: has other metadata than %s", f->path,
				      first->path);
	}
	return true;
}

static bool repeat_stream(struct rewrite *w, const GPtrArray *files, unsigned copy,
			  const struct counters *counters, FILE *to, GError **error)
{
	for (int nth = 1; nth < w->repeat; nth++) {
		struct edit edit = edit_for(w, counters, copy, nth);
		struct counters ignored = { 0 };

		for (guint i = 0; i < files->len; i++)
			if (!write_packets(w, g_ptr_array_index(files, i), &edit, &ignored, to,
					   error))
				return false;
	}
	return true;
}

static bool write_stream(struct rewrite *w, const GPtrArray *files, unsigned copy, GError **error)
{
	struct counters counters = { 0 };
	struct edit edit = edit_for(w, &counters, copy, 0);

	if (w->repeat > 1 && !is_of_one_schema(files, error))
		return false;
	for (guint i = 0; i < files->len; i++) {
		const struct data_file *f = g_ptr_array_index(files, i);
		FILE *to = create_file(w, f, copy, error);

		if (!to)
			return false;
		if (!write_packets(w, f, &edit, &counters, to, error) ||
		    (i + 1 == files->len &&
		     !repeat_stream(w, files, copy, &counters, to, error))) {
			fclose(to);
			return false;
		}
		if (!close_file(to, w->to, error))
			return false;
	}
	return true;
}

static bool write_trace(struct rewrite *w, GError **error)
{
	if (mkdir(w->to, 0777))
		return refuse(error, "%s: %s", w->to, g_strerror(errno));
	for (unsigned copy = 0; copy < w->copies; copy++)
		for (guint i = 0; i < w->reader->streams->len; i++) {
			const struct stream *s = g_ptr_array_index(w->reader->streams, i);

			if (!write_stream(w, s->files, copy, error))
				return false;
		}
	return true;
}

/* ---- the command --------------------------------------------------------------------------- */

/* Repetitions and copies are of what was recorded, and one damage at a time keeps them apart. */
static bool fit_together(const struct rewrite *w)
{
	int damages = !!w->packet_events + !!w->drop + !!w->drop_random + !!w->discard_random;

	return damages <= 1 && (!damages || (w->repeat == 1 && !w->wanted_cpus)) &&
	       w->packet_events >= 0 && w->drop_random >= 0 && w->discard_random >= 0;
}

static bool parse(struct rewrite *w, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "repeat", 0, 0, G_OPTION_ARG_INT, &w->repeat, "How often everything happens",
		  "N" },
		{ "cpus", 0, 0, G_OPTION_ARG_INT, &w->wanted_cpus, "On how many CPUs", "N" },
		{ "compact", 0, 0, G_OPTION_ARG_NONE, &w->compact, "With compact event headers",
		  NULL },
		{ "ctf2", 0, 0, G_OPTION_ARG_NONE, &w->ctf2, "With metadata of CTF 2", NULL },
		{ "packet-events", 0, 0, G_OPTION_ARG_INT, &w->packet_events,
		  "In packets of so many events", "N" },
		{ "drop", 0, 0, G_OPTION_ARG_STRING, &w->drop, "Without these packets", "CPU:SEQ,…" },
		{ "drop-random", 0, 0, G_OPTION_ARG_INT, &w->drop_random, "Without so many packets",
		  "K" },
		{ "discard-random", 0, 0, G_OPTION_ARG_INT, &w->discard_random,
		  "Without some events of so many packets", "K" },
		{ "seed", 0, 0, G_OPTION_ARG_INT, &w->seed, "What decides which", "S" },
		{ 0 }
	};
	g_autoptr(GOptionContext) context = g_option_context_new("TRACE OUT");

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return false;
	if (*argc != 3 || w->repeat < 1 || w->wanted_cpus < 0 || !fit_together(w))
		return refuse(error,
			      "usage: rewrite [--repeat N] [--cpus N] [--compact] [--ctf2] TRACE OUT, or "
			      "with one of --packet-events, --drop, --drop-random, --discard-random");
	return true;
}

int main(int argc, char **argv)
{
	struct rewrite w = { .repeat = 1 };
	g_autoptr(GError) error = NULL;
	g_autofree char *from = NULL;
	bool is_asked = parse(&w, &argc, &argv, &error), done = false;

	if (is_asked) {
		/* Without a slash at its end: paths of files go on with one. */
		from = g_canonicalize_filename(argv[1], NULL);
		w.from = from;
		w.to = argv[2];
		w.described = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		w.dice = g_rand_new_with_seed(w.seed);
		done = open_trace(&w, &error) && write_trace(&w, &error);
		g_hash_table_unref(w.described);
		g_rand_free(w.dice);
	}
	if (!done)
		fprintf(stderr, "rewrite: %s\n", error->message);
	g_clear_pointer(&w.dropped, g_hash_table_unref);
	g_clear_pointer(&w.thinned, g_hash_table_unref);
	g_free(w.drop);
	recoder_free(w.recoder);
	fb_source_close(w.source);
	return done ? 0 : is_asked ? 1 : 2;
}
