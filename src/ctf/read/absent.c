/* SPDX-License-Identifier: MIT */
/* absent.c - files, or ends of files, that a recording of LTTng's must have had. */
#include <stdlib.h>
#include <string.h>

#include "ctf/read/absent.h"
#include "source/facts.h"
#include "ctf/read/stream.h"

/*
 * To stop is to end one buffer after the other: 4 ms apart at worst in recordings of two
 * CPUs in an emulated machine.
 */
#define STOP_MAX ((fb_ns)500000000)
/*
 * … and no more than that, for each stream and in all, where the last packet is as full as most: the
 * tracer then did not end it for having stopped, and would have ended another one.
 */
#define STOP_EACH ((fb_ns)5000000)
#define STOP_BASE ((fb_ns)20000000)

/* ---- files ------------------------------------------------------------------------------ */

/* Whether a name is CHANNEL_CPU, or CHANNEL_CPU_N, as of files that are limited in size. */
static bool is_of_cpu(const char *name, const char *channel, uint64_t cpu)
{
	g_autofree char *begin = g_strdup_printf("%s_%" G_GUINT64_FORMAT, channel, cpu);
	size_t length = strlen(begin);

	return g_str_has_prefix(name, begin) && (!name[length] || name[length] == '_');
}

/* The name without what is_of_cpu() allows behind it; NULL when it is named otherwise. */
static char *channel_of(const struct data_file *f)
{
	g_autofree char *name = g_path_get_basename(f->path);
	char *end = name + strlen(name);

	while ((end = g_strrstr_len(name, end - name, "_"))) {
		char *channel = g_strndup(name, end - name);

		if (is_of_cpu(name, channel, f->instance))
			return channel;
		g_free(channel);
	}
	return NULL;
}

/* Whether the file's channel has one for that CPU, be it empty. */
static bool has_file_of(const struct data_file *f, uint64_t cpu)
{
	g_autofree char *channel = channel_of(f), *path = g_path_get_dirname(f->path);
	g_autoptr(GDir) dir = channel ? g_dir_open(path, 0, NULL) : NULL;
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (is_of_cpu(name, channel, cpu))
			return true;
	return !dir;
}

/* ---- CPUs ------------------------------------------------------------------------------- */

/* One key for a channel's stream of a CPU; CPU numbers have 16 bits. */
static gpointer key_of(uint64_t channel, uint64_t cpu)
{
	return GSIZE_TO_POINTER(channel << 16 | (cpu & UINT16_MAX));
}

static void note_absent(struct data_file *f, int cpu, struct fb_source_info *info)
{
	if (has_file_of(f, cpu))
		return;
	info_problem(info, "%s: expected a file of its channel for CPU %d, too, found none", f->path,
		     cpu);
	info_absent(info, cpu);
}

/*
 * CPUs are numbered without holes. Where more numbers are missing than are there they are none of
 * CPUs, or somebody made them up.
 */
static void fill_holes(GHashTable *cpus, int highest)
{
	if (2 * g_hash_table_size(cpus) < (guint)highest + 1)
		return;
	for (int cpu = 0; cpu < highest; cpu++)
		g_hash_table_add(cpus, GINT_TO_POINTER(cpu));
}

/* CPU 0 is always there, and so is, in every channel, what is there in one, and those below. */
static void find_absent_cpus(const GPtrArray *streams, struct fb_source_info *info)
{
	g_autoptr(GHashTable) there = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) channels = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) cpus = g_hash_table_new(NULL, NULL);
	GHashTableIter channel;
	gpointer file;
	int highest = 0;

	g_hash_table_add(cpus, GINT_TO_POINTER(0));
	for (guint i = 0; i < streams->len; i++) {
		const struct stream *s = g_ptr_array_index(streams, i);
		struct data_file *f = g_ptr_array_index(s->files, 0);

		if (f->instance >= FB_CPUS_MAX)
			continue;
		g_hash_table_add(there, key_of(f->sc->id, f->instance));
		g_hash_table_insert(channels, GSIZE_TO_POINTER(f->sc->id), f);
		g_hash_table_add(cpus, GINT_TO_POINTER(f->instance));
		highest = MAX(highest, (int)f->instance);
	}
	fill_holes(cpus, highest);
	g_hash_table_iter_init(&channel, channels);
	while (g_hash_table_iter_next(&channel, NULL, &file)) {
		struct data_file *f = file;
		GHashTableIter iter;
		gpointer cpu;

		g_hash_table_iter_init(&iter, cpus);
		while (g_hash_table_iter_next(&iter, &cpu, NULL))
			if (!g_hash_table_contains(there, key_of(f->sc->id, GPOINTER_TO_INT(cpu))))
				note_absent(f, GPOINTER_TO_INT(cpu), info);
	}
}

/* ---- ends ------------------------------------------------------------------------------- */

static gint compare_contents(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Bits that a packet of the file holds, mostly. Its packets are several. */
static uint64_t usual_content(const struct data_file *f)
{
	g_autofree uint64_t *contents = g_new(uint64_t, f->packets->len);

	for (guint i = 0; i < f->packets->len; i++)
		contents[i] = g_array_index(f->packets, struct packet_ref, i).content;
	qsort(contents, f->packets->len, sizeof(*contents), compare_contents);
	return contents[f->packets->len / 2];
}

#define PACKETS_TO_COMPARE 3

/* How long streams may go on behind the end of one. */
static fb_ns longest_stop(const struct data_file *f, const struct packet_ref *last, guint streams)
{
	if (f->packets->len < PACKETS_TO_COMPARE || last->content < usual_content(f) / 4 * 3)
		return STOP_MAX;
	return MIN(STOP_MAX, STOP_BASE + STOP_EACH * streams);
}

static void find_cut(const struct stream *s, guint streams, fb_ns until,
		     struct fb_source_info *info)
{
	struct data_file *f = g_ptr_array_index(s->files, s->files->len - 1);
	const struct packet_ref *last =
		&g_array_index(f->packets, struct packet_ref, f->packets->len - 1);
	fb_ns end = scale_clock(last->end, f->sc->freq);

	/* That an unfinished packet goes on, or a broken file, was told. */
	if (!last->end || f->ends_in_gap || end >= until - STOP_BASE ||
	    end >= until - longest_stop(f, last, streams))
		return;
	info_problem(info,
		     "%s: byte %" G_GUINT64_FORMAT ": expected further packets, for the trace goes on for "
		     "%.1f ms; found the end of the file", f->path, f->size, (until - end) / 1e6);
	f->ends_in_gap = true;
}

void find_absent(const GPtrArray *streams, fb_ns until, struct fb_source_info *info)
{
	if (g_strcmp0(info->tracer_name, "lttng-modules") != 0 || !streams->len)
		return;
	find_absent_cpus(streams, info);
	for (guint i = 0; i < streams->len; i++)
		find_cut(g_ptr_array_index(streams, i), streams->len, until, info);
}
