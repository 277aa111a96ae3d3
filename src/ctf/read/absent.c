/* SPDX-License-Identifier: MIT */
/* absent.c - files, or ends of files, that a recording of LTTng's must have had. */
#include <string.h>

#include "ctf/read/absent.h"
#include "source/facts.h"
#include "ctf/read/stream.h"

/*
 * To stop is to end one buffer after the other: 4 ms apart at worst in recordings of two
 * CPUs in an emulated machine.
 */
#define STOP_MAX ((fb_ns)500000000)

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

/* CPU 0 is always there, and so is, in every channel, what is there in one. */
static void find_absent_cpus(const GPtrArray *streams, struct fb_source_info *info)
{
	g_autoptr(GHashTable) there = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) channels = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) cpus = g_hash_table_new(NULL, NULL);
	GHashTableIter channel;
	gpointer file;

	g_hash_table_add(cpus, GINT_TO_POINTER(0));
	for (guint i = 0; i < streams->len; i++) {
		const struct stream *s = g_ptr_array_index(streams, i);
		struct data_file *f = g_ptr_array_index(s->files, 0);

		if (f->instance >= FB_CPUS_MAX)
			continue;
		g_hash_table_add(there, key_of(f->sc->id, f->instance));
		g_hash_table_insert(channels, GSIZE_TO_POINTER(f->sc->id), f);
		g_hash_table_add(cpus, GINT_TO_POINTER(f->instance));
	}
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

static void find_cut(const struct stream *s, fb_ns until, struct fb_source_info *info)
{
	struct data_file *f = g_ptr_array_index(s->files, s->files->len - 1);
	const struct packet_ref *last =
		&g_array_index(f->packets, struct packet_ref, f->packets->len - 1);
	fb_ns end = scale_clock(last->end, f->sc->freq);

	/* That an unfinished packet goes on, or a broken file, was told. */
	if (!last->end || f->ends_in_gap || end >= until - STOP_MAX)
		return;
	info_problem(info,
		     "%s: byte %" G_GUINT64_FORMAT ": expected further packets, for the trace goes on for "
		     "%.1f s; found the end of the file", f->path, f->size, (until - end) / 1e9);
	f->ends_in_gap = true;
}

void find_absent(const GPtrArray *streams, fb_ns until, struct fb_source_info *info)
{
	if (g_strcmp0(info->tracer_name, "lttng-modules") != 0 || !streams->len)
		return;
	find_absent_cpus(streams, info);
	for (guint i = 0; i < streams->len; i++)
		find_cut(g_ptr_array_index(streams, i), until, info);
}
