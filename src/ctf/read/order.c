/* SPDX-License-Identifier: MIT */
/*
 * order.c - which files make one stream, and in what order.
 *
 * A tracer splits a stream over files when a size is reached, and over
 * directories when a session is rotated. Its sequence numbers run on, so that
 * only packets put in order again tell what was lost.
 */
#include "ctf/read/order.h"

static const struct packet_ref *first_packet(const struct data_file *f)
{
	return &g_array_index(f->packets, struct packet_ref, 0);
}

static const struct packet_ref *last_packet(const struct data_file *f)
{
	return &g_array_index(f->packets, struct packet_ref, f->packets->len - 1);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static size_t dir_length(const struct data_file *f)
{
	return strrchr(f->path, '/') - f->path;
}

static int compare_dirs(const struct data_file *a, const struct data_file *b)
{
	size_t la = dir_length(a), lb = dir_length(b);
	int order = strncmp(a->path, b->path, MIN(la, lb));

	return order ? order : compare_numbers(la, lb);
}

/* Equal for files of one stream instance. */
static int compare_instances(const struct data_file *a, const struct data_file *b)
{
	const struct tsdl_trace *ta = a->schema->tsdl, *tb = b->schema->tsdl;
	int order = ta->has_uuid - tb->has_uuid;

	if (!order)
		order = ta->has_uuid ? memcmp(ta->uuid, tb->uuid, sizeof(ta->uuid))
				     : compare_dirs(a, b);
	if (!order)
		order = compare_numbers(a->sc->id, b->sc->id);
	if (!order)
		order = a->has_instance - b->has_instance;
	if (!order)
		order = a->has_instance ? compare_numbers(a->instance, b->instance)
					: strverscmp(a->path, b->path);
	return order;
}

static int compare_files(const void *a_, const void *b_)
{
	const struct data_file *a = *(struct data_file *const *)a_;
	const struct data_file *b = *(struct data_file *const *)b_;
	int order = compare_instances(a, b);

	if (!order)
		order = compare_numbers(first_packet(a)->begin, first_packet(b)->begin);
	return order ? order : strverscmp(a->path, b->path);
}

static guint hash_packet(const void *packet)
{
	const struct packet_ref *p = packet;

	return p->begin ^ p->end << 7 ^ p->seq << 3 ^ p->content;
}

static gboolean is_same_packet(const void *a_, const void *b_)
{
	const struct packet_ref *a = a_, *b = b_;

	return a->begin == b->begin && a->end == b->end && a->seq == b->seq &&
	       a->content == b->content;
}

/* Leaves out the packets that are in `seen`, then adds the others. */
static void drop_seen(struct data_file *f, GHashTable *seen)
{
	guint n = 0;

	for (guint i = 0; i < f->packets->len; i++) {
		struct packet_ref *p = &g_array_index(f->packets, struct packet_ref, i);

		if (!p->begin || !g_hash_table_contains(seen, p))
			g_array_index(f->packets, struct packet_ref, n++) = *p;
	}
	g_array_set_size(f->packets, n);
	for (guint i = 0; i < n; i++)
		g_hash_table_add(seen, &g_array_index(f->packets, struct packet_ref, i));
}

/* Appends to the stream that ends before the file begins, or begins another. */
static void place_file(GPtrArray *streams, guint first, struct data_file *f)
{
	GPtrArray *files;

	for (guint i = first; i < streams->len; i++) {
		files = g_ptr_array_index(streams, i);
		if (last_packet(g_ptr_array_index(files, files->len - 1))->begin <=
		    first_packet(f)->begin) {
			g_ptr_array_add(files, f);
			return;
		}
	}
	files = g_ptr_array_new();
	g_ptr_array_add(files, f);
	g_ptr_array_add(streams, files);
}

/* Files `from` to `to` are of one stream instance. */
static void order_instance(GPtrArray *streams, GPtrArray *files, guint from, guint to)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(hash_packet, is_same_packet);
	guint first = streams->len;

	for (guint i = from; i < to; i++) {
		struct data_file *f = g_ptr_array_index(files, i);

		if (to - from > 1)
			drop_seen(f, seen);
		if (f->packets->len)
			place_file(streams, first, f);
	}
}

GPtrArray *order_files(GPtrArray *files)
{
	GPtrArray *streams = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	guint from = 0;

	g_ptr_array_sort(files, compare_files);
	for (guint i = 1; i <= files->len; i++) {
		if (i < files->len &&
		    !compare_instances(g_ptr_array_index(files, from), g_ptr_array_index(files, i)))
			continue;
		order_instance(streams, files, from, i);
		from = i;
	}
	return streams;
}
