/* SPDX-License-Identifier: MIT */
/* trace.c - our own reader of CTF traces as a source of events. */
#include <flightbox/error.h>
#include <flightbox/source.h>

#include "ctf/read/absent.h"
#include "ctf/read/find.h"
#include "ctf/read/index.h"
#include "ctf/read/order.h"
#include "ctf/read/stranger.h"
#include "ctf/read/trace.h"

#define STREAMS_MAX 4096u /* each takes memory and an open file */
#define PEEK_BYTES  4096u /* where a stream's first event is looked for */

/* ---- finding the traces ----------------------------------------------------------------- */

/* The chunks of a rotated session repeat their metadata. */
static bool is_repeated(const struct schema *a, const struct schema *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static struct schema *find_schema(struct reader *r, const struct schema *s)
{
	for (guint i = 0; i < r->schemas->len; i++)
		if (is_repeated(g_ptr_array_index(r->schemas, i), s))
			return g_ptr_array_index(r->schemas, i);
	return NULL;
}

static struct birthplace birthplace_of(const struct schema *s)
{
	const struct tsdl_clock *clock = schema_clock(s);
	const struct facts facts = schema_facts(s);

	return (struct birthplace){ s->dir, facts_host(&facts), clock ? clock->uuid : NULL };
}

static bool is_same_host(const struct schema *a, const struct schema *b, GError **error)
{
	const struct birthplace pa = birthplace_of(a), pb = birthplace_of(b);

	return birthplace_check(&pa, &pb, error);
}

static bool add_files(struct reader *r, const char *dir, const char *root, const struct schema *s,
		      GError **error)
{
	g_autoptr(GPtrArray) names = find_names(dir, error);

	for (guint i = 0; names && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		g_autoptr(GError) why = NULL;
		struct data_file *f;

		if (*name == '.' || !strcmp(name, "metadata"))
			continue;
		if (!find_is_file(path, root, &why)) {
			if (why)
				info_problem(&r->source.info, "%s", why->message);
			continue;
		}
		f = data_file_new(path, s, &r->source.info);
		if (!f)
			continue;
		index_check_length(f, dir, name, &r->source.info);
		g_ptr_array_add(r->files, f);
	}
	index_check_files(dir, &r->source.info);
	return names != NULL;
}

/* What was found below one path. */
struct trace_finding {
	const char *root;   /* of find_root() */
	unsigned kernel, other;
	char *domain;	    /* of the first other trace, or NULL */
	GError *unreadable; /* why the first one that was not could not be read */
};

/* Reads and compiles metadata. NULL with `why`, or without it for no kernel's trace. */
static struct schema *make_schema(struct reader *r, const char *dir, uint64_t kinds,
				  struct trace_finding *found, GError **why)
{
	struct schema *s = schema_load(dir, why), *known;

	if (!s)
		return NULL;
	if (!schema_is_kernel(s)) {
		if (!found->other++)
			found->domain = g_strdup(tsdl_env_text(s->tsdl, "domain"));
		schema_free(s);
		return NULL;
	}
	known = find_schema(r, s);
	if (!known && schema_compile(s, r->layouts, kinds, why)) {
		if (s->truncated)
			info_problem(&r->source.info,
				     "%s: ends within a packet: what it declares behind that is "
				     "missing",
				     s->file);
		g_ptr_array_add(r->schemas, s);
		return s;
	}
	schema_free(s);
	return known;
}

static bool add_trace(struct reader *r, const char *dir, uint64_t kinds,
		      struct trace_finding *found, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct schema *s = make_schema(r, dir, kinds, found, &why);

	if (why) {
		info_problem(&r->source.info, "%s", why->message);
		if (!found->unreadable)
			found->unreadable = g_steal_pointer(&why);
	}
	if (!s)
		return true;
	found->kernel++;
	return is_same_host(g_ptr_array_index(r->schemas, 0), s, error) &&
	       add_files(r, dir, found->root, s, error);
}

static bool explain_nothing(const char *path, const struct trace_finding *found, GError **error)
{
	if (found->unreadable)
		g_propagate_error(error, g_error_copy(found->unreadable));
	else if (found->other)
		facts_refuse(error, path, found->domain);
	else if (!stranger_refuse(path, error))
		g_set_error(
			error, FB_ERROR, FB_ERROR_NOT_FOUND,
			"%s: no kernel trace here or below: no directory with a file 'metadata'",
			path);
	return false;
}

static bool add_path(struct reader *r, const char *path, GHashTable *visited, uint64_t kinds,
		     GError **error)
{
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *root = find_root(path);
	struct trace_finding found = { .root = root };
	guint visited_before = g_hash_table_size(visited);
	g_autoptr(GError) below = NULL;
	bool ok = find_traces(path, visited, dirs, &r->source.info, &below, error);

	for (guint i = 0; ok && i < dirs->len; i++)
		ok = add_trace(r, g_ptr_array_index(dirs, i), kinds, &found, error);
	if (!found.unreadable)
		found.unreadable = g_steal_pointer(&below);
	/* A path given twice adds nothing the second time. */
	if (ok && !found.kernel &&
	    (dirs->len || g_hash_table_size(visited) > visited_before || !r->schemas->len))
		ok = explain_nothing(path, &found, error);
	g_clear_error(&found.unreadable);
	g_free(found.domain);
	return ok;
}

/* ---- the source ------------------------------------------------------------------------ */

static void native_close(struct fb_source *source)
{
	struct reader *r = reader_of(source);

	pipeline_free(r->pipeline);
	g_ptr_array_unref(r->streams);
	windows_clear(&r->shared.windows);
	g_ptr_array_unref(r->files);
	g_ptr_array_unref(r->schemas);
	layouts_free(r->layouts);
	info_clear(&source->info);
	g_free(r);
}

static struct reader *reader_new(const struct fb_source_options *options)
{
	struct reader *r = g_new0(struct reader, 1);

	r->source.ops = &fb_source_native;
	r->options = *options;
	info_init(&r->source.info);
	r->schemas = g_ptr_array_new_with_free_func((GDestroyNotify)schema_free);
	r->files = g_ptr_array_new_with_free_func((GDestroyNotify)data_file_free);
	r->streams = g_ptr_array_new_with_free_func((GDestroyNotify)stream_free);
	r->layouts = layouts_new();
	r->latest = FB_NS_NONE;
	windows_init(&r->shared.windows);
	return r;
}

/* The CPUs, and the span of the packets, which may begin long before the first event. */
static void describe_packets(struct reader *r)
{
	struct fb_source_info *info = &r->source.info;
	fb_ns first = FB_NS_NONE, last = FB_NS_NONE;

	for (guint i = 0; i < r->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(r->files, i);

		info->cpus = MAX(info->cpus, (int)f->cpus);
		for (guint k = 0; k < f->packets->len; k++) {
			const struct packet_ref *p =
				&g_array_index(f->packets, struct packet_ref, k);
			fb_ns begin = scale_clock(p->begin, f->sc->freq);

			r->bytes += p->size;
			if (!p->begin || (p->end && p->begin > p->end))
				continue;
			first = first == FB_NS_NONE ? begin : MIN(first, begin);
			last = MAX(last, MAX(begin, scale_clock(p->end, f->sc->freq)));
		}
	}
	r->shared.first = first;
	r->shared.last = last;
}

static fb_ns first_begin(const struct stream *s)
{
	const struct data_file *f = g_ptr_array_index(s->files, 0);

	return scale_clock(g_array_index(f->packets, struct packet_ref, 0).begin, f->sc->freq);
}

/* The trace's begin: its first event. */
static void describe_begin(struct reader *r)
{
	struct streams peek = { .layouts = r->layouts, .begin = FB_NS_NONE, .end = FB_NS_NONE,
				.first = FB_NS_NONE, .last = FB_NS_NONE };
	struct fb_source_info *info = &r->source.info;

	windows_init(&peek.windows);
	peek.windows.bytes = PEEK_BYTES;
	for (guint i = 0; i < r->streams->len; i++) {
		const struct stream *s = g_ptr_array_index(r->streams, i);
		struct stream *copy;
		fb_ns time;

		if (info->begin != FB_NS_NONE && first_begin(s) >= info->begin)
			continue;
		copy = stream_new(&peek, s->files, i);
		time = stream_first_time(copy, info);
		if (time != FB_NS_NONE)
			info_span(info, time, time);
		stream_free(copy);
	}
	windows_clear(&peek.windows);
}

static bool is_same_instance(const struct data_file *a, const struct data_file *b)
{
	return a->sc->id == b->sc->id && a->instance == b->instance;
}

/*
 * CPUs whose record begins late: its first packet is not the first that there was. A CPU
 * that merely idled has the first one, however late that begins.
 */
static void describe_late(struct reader *r)
{
	struct fb_source_info *info = &r->source.info;
	const struct data_file *previous = NULL;

	for (guint i = 0; i < r->streams->len; i++) {
		const struct stream *s = g_ptr_array_index(r->streams, i);
		const struct data_file *f = g_ptr_array_index(s->files, 0);
		const struct packet_ref *p = &g_array_index(f->packets, struct packet_ref, 0);
		fb_ns begin = scale_clock(p->begin, f->sc->freq);

		/* Of streams that make up one, the first begins first. */
		if (p->seq && begin > r->shared.first && !(previous && is_same_instance(previous, f)))
			info_late(info, f->instance, begin);
		previous = f;
	}
	r->shared.tells_ends = info->late->len > 0;
}

static uint64_t instance_of(const GPtrArray *stream)
{
	return ((struct data_file *)g_ptr_array_index(stream, 0))->instance;
}

/* Whether each CPU has one stream: only then does a stream know what happens next to what. */
static bool has_one_stream_per_cpu(const GPtrArray *streams)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < streams->len; i++)
		if (!g_hash_table_add(seen, GSIZE_TO_POINTER(
						    instance_of(g_ptr_array_index(streams, i)))))
			return false;
	return true;
}

/* Whether events say themselves on which CPU they were. */
static bool has_cpus_in_events(const struct layouts *layouts)
{
	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = g_ptr_array_index(layouts->all, i);

		if (l->bound.fields[BOUND_CPU] >= 0)
			return true;
	}
	return false;
}

static void make_streams(struct reader *r)
{
	g_autoptr(GPtrArray) streams = order_files(r->files);

	r->shared.layouts = r->layouts;
	r->shared.begin = r->options.begin;
	r->shared.end = r->options.end;
	r->shared.count = r->options.count;
	r->has_cpus_in_events = has_cpus_in_events(r->layouts);
	r->shared.condenses = r->options.condenses && !r->has_cpus_in_events &&
			      has_one_stream_per_cpu(streams);
	for (guint i = 0; i < streams->len; i++)
		g_ptr_array_add(r->streams,
				stream_new(&r->shared, g_ptr_array_index(streams, i), i));
}

static struct fb_source *native_open(const char *const *paths, size_t n,
				     const struct fb_source_options *options, GError **error)
{
	g_autoptr(GHashTable) visited = find_visited_new();
	struct reader *r = reader_new(options);

	for (size_t i = 0; i < n; i++)
		if (!add_path(r, paths[i], visited, options->kinds, error)) {
			native_close(&r->source);
			return NULL;
		}
	if (r->schemas->len)
		info_describe(&r->source.info, g_ptr_array_index(r->schemas, 0), r->layouts);
	layouts_finish(r->layouts, r->source.info.abi);
	make_streams(r);
	if (r->streams->len > STREAMS_MAX) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: expected up to %u streams, one for each CPU and channel, found %u",
			    paths[0], STREAMS_MAX, r->streams->len);
		native_close(&r->source);
		return NULL;
	}
	describe_packets(r);
	describe_late(r);
	find_absent(r->streams, r->shared.last, &r->source.info);
	describe_begin(r);
	r->problems_at_open = r->source.info.problem_count;
	r->broken_at_open = r->source.info.broken_packets;
	return &r->source;
}

static void count_classes(struct reader *r)
{
	g_autofree uint64_t *counts = g_new0(uint64_t, MAX(r->layouts->all->len, 1));

	for (guint i = 0; i < r->streams->len; i++) {
		const struct stream *s = g_ptr_array_index(r->streams, i);

		for (guint k = 0; k < r->layouts->all->len; k++)
			counts[k] += s->d.counts[k];
	}
	info_count(&r->source.info, r->layouts, counts);
}

/* Begins again, with the packets that reach the part that is wanted. What came before counts no more. */
static void restart(struct reader *r)
{
	struct fb_source_info *info = &r->source.info;

	pipeline_free(r->pipeline);
	r->pipeline = NULL;
	g_ptr_array_set_size(r->streams, 0);
	make_streams(r);
	g_array_set_size(info->losses, 0);
	g_ptr_array_set_size(info->problems, MIN(info->problems->len, r->problems_at_open));
	info->problem_count = r->problems_at_open;
	info->broken_packets = r->broken_at_open;
	info->events = info->clock_steps = 0;
	info->whole_until = FB_NS_NONE;
	r->done = 0;
	r->is_to_restart = false;
}

static void native_skip(struct fb_source *source, fb_ns until)
{
	struct reader *r = reader_of(source);

	/* Nothing that is wanted may come twice. */
	if (r->latest >= until)
		return;
	/* The last batch is still in use. */
	r->options.begin = until;
	r->is_to_restart = true;
}

static void note_cpus(struct fb_source_info *info, const struct fb_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->events[i].cpu < FB_CPUS_MAX)
			info->cpus = MAX(info->cpus, batch->events[i].cpu + 1);
}

static bool native_next(struct fb_source *source, struct fb_batch *batch, GError **error)
{
	struct reader *r = reader_of(source);

	(void)error;
	r->asked.ref = NULL;
	if (r->is_to_restart)
		restart(r);
	if (!r->pipeline)
		r->pipeline = pipeline_new(r->streams, &r->shared, MAX(r->options.jobs, 1));
	memset(r->windows, 0, sizeof(r->windows));
	pipeline_next(r->pipeline, batch, &source->info, &r->done);
	if (r->has_cpus_in_events)
		note_cpus(&source->info, batch);
	if (batch->n)
		r->latest = batch->events[batch->n - 1].time;
	if (!batch->n && !r->has_ended) {
		r->has_ended = true;
		if (r->shared.count)
			count_classes(r);
	}
	return true;
}

static double native_progress(struct fb_source *source)
{
	struct reader *r = reader_of(source);

	if (r->has_ended)
		return 1;
	return r->bytes ? MIN(1, (double)r->done / r->bytes) : -1;
}

static int native_probe(const char *path)
{
	g_autoptr(GHashTable) visited = find_visited_new();
	g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);

	return find_traces(path, visited, dirs, NULL, NULL, NULL) && dirs->len ? 100 : 0;
}

const struct fb_source_ops fb_source_native = {
	.name = "native",
	.probe = native_probe,
	.open = native_open,
	.next = native_next,
	.field = reader_field,
	.skip = native_skip,
	.progress = native_progress,
	.close = native_close,
};
