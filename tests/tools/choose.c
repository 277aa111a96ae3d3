/* SPDX-License-Identifier: MIT */
/* choose.c - see choose.h. */
#include "choose.h"

#include "recode.h"
#include "ctf/read/stream.h"

static struct packet_ref *packet_at(const struct data_file *f, guint i)
{
	return &g_array_index(f->packets, struct packet_ref, i);
}

/* All packets of a stream, in order. */
static GPtrArray *packets_of(const struct stream *s)
{
	GPtrArray *packets = g_ptr_array_new();

	for (guint i = 0; i < s->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(s->files, i);

		for (guint k = 0; k < f->packets->len; k++)
			g_ptr_array_add(packets, packet_at(f, k));
	}
	return packets;
}

GHashTable *choose_random(const GPtrArray *streams, int n, GRand *dice, GError **error)
{
	g_autoptr(GPtrArray) candidates = g_ptr_array_new();
	GHashTable *chosen;

	for (guint i = 0; i < streams->len; i++) {
		g_autoptr(GPtrArray) packets = packets_of(g_ptr_array_index(streams, i));

		for (guint k = 1; k + 1 < packets->len; k++)
			g_ptr_array_add(candidates, packets->pdata[k]);
	}
	if ((guint)n > candidates->len) {
		refuse(error, "has %u packets between the first and the last of their streams: "
		       "%d cannot be chosen", candidates->len, n);
		return NULL;
	}
	chosen = g_hash_table_new(NULL, NULL);
	while (n--) {
		guint i = g_rand_int_range(dice, 0, candidates->len);

		g_hash_table_add(chosen, g_ptr_array_remove_index_fast(candidates, i));
	}
	return chosen;
}

/* Adds those of one CPU and number; false when there are none: a trace has one for each channel. */
static bool add_named(GHashTable *chosen, const GPtrArray *streams, guint64 cpu, guint64 seq)
{
	bool found = false;

	for (guint i = 0; i < streams->len; i++) {
		const struct stream *s = g_ptr_array_index(streams, i);
		const struct data_file *f = g_ptr_array_index(s->files, 0);
		g_autoptr(GPtrArray) packets = packets_of(s);

		for (guint k = 0; f->instance == cpu && k < packets->len; k++) {
			struct packet_ref *ref = packets->pdata[k];

			if (ref->seq == seq)
				found = g_hash_table_add(chosen, ref);
		}
	}
	return found;
}

GHashTable *choose_named(const GPtrArray *streams, const char *names, GError **error)
{
	g_autoptr(GHashTable) chosen = g_hash_table_new(NULL, NULL);
	g_auto(GStrv) all = g_strsplit(names, ",", -1);

	for (char **name = all; *name; name++) {
		char *colon, *end;
		guint64 cpu = g_ascii_strtoull(*name, &colon, 10), seq;

		if (*colon != ':') {
			refuse(error, "%s: expected CPU:SEQ", *name);
			return NULL;
		}
		seq = g_ascii_strtoull(colon + 1, &end, 10);
		if (*end || end == colon + 1 || !add_named(chosen, streams, cpu, seq)) {
			refuse(error, "%s: there is no such packet", *name);
			return NULL;
		}
	}
	return g_steal_pointer(&chosen);
}
