/* SPDX-License-Identifier: MIT */
/*
 * source.c - a perf.data as a source:
 *
 *	file ──► scan: records ──► runs: by time ──► class: fields ──► fb_batch
 */
#include <flightbox/error.h>

#include "perf/bytes.h"
#include "perf/class.h"
#include "perf/environment.h"
#include "perf/gaps.h"
#include "perf/pipe.h"
#include "perf/runs.h"
#include "perf/scan.h"
#include "source/facts.h"

#define EVENTS_MAX	 1024	     /* in a batch */
#define BYTES_MAX	 (1 << 20)   /* … and of what its events are kept in */
#define TRACING_DATA_MAX (256 << 20)
#define TYPES		 65536	     /* of tracepoints: common_type has 16 bits */
#define TYPE_TRACEPOINT	 2

struct perf {
	struct fb_source source; /* the first member: the source is the reader */
	struct fb_source_options options;
	char *path;
	struct perf_file file;
	struct attrs attrs;
	struct environment env;
	struct scan scan;
	struct runs runs;
	GPtrArray *classes;   /* struct perf_class * */
	GArray *counts;	      /* uint64_t, by class */
	uint16_t *by_type;    /* a tracepoint's number -> its class + 1 */
	struct syscall_numbers calls;
	struct gaps gaps;
	struct fb_event *events;
	size_t n;
	uint8_t *bytes; /* struct kept, of the batch */
	size_t n_bytes;
	fb_ns last;
	bool has_ended;
};

static const struct perf_class *class_at(const struct perf *p, guint i)
{
	return g_ptr_array_index(p->classes, i);
}

/* ---- what is recorded ------------------------------------------------------------------- */

static void add_class(struct perf *p, const struct formats *formats, uint64_t type)
{
	const struct tep_event *event = type < TYPES ? tep_find_event(formats->tep, type) : NULL;
	const uint64_t none = 0;

	if (type < TYPES && p->by_type[type])
		return;
	if (!event || p->classes->len >= UINT16_MAX) {
		info_problem(&p->source.info, "%s: no format that can be read for tracepoint %"
			     G_GUINT64_FORMAT ": its events are left out", p->path, type);
		return;
	}
	g_ptr_array_add(p->classes, perf_class_new(event, p->classes->len));
	g_array_append_val(p->counts, none);
	p->by_type[type] = p->classes->len;
}

static bool read_formats(struct perf *p, GError **error)
{
	const struct section *s = &p->file.features[FEATURE_TRACING_DATA];
	g_autofree uint8_t *bytes = NULL;
	struct formats formats = { 0 };
	size_t bad;

	if (!s->size) {
		g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
			    "%s: no tracepoints were recorded, and what samples of perf tell is not what "
			    "tasks wait for; record as docs/events.md says",
			    p->path);
		return false;
	}
	bytes = perf_file_section(&p->file, s, TRACING_DATA_MAX, "formats of events", error);
	if (!bytes)
		return false;
	if (!formats_read(&formats, bytes, s->size, &bad)) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte %" G_GUINT64_FORMAT ": formats of events that are damaged",
			    p->path, s->offset + bad);
		formats_clear(&formats);
		return false;
	}
	for (guint i = 0; i < p->attrs.all->len; i++) {
		const struct attr *a = &g_array_index(p->attrs.all, struct attr, i);

		if (a->type == TYPE_TRACEPOINT)
			add_class(p, &formats, a->config);
	}
	formats_clear(&formats);
	return true;
}

static struct class_facts *state_classes(const struct perf *p)
{
	struct class_facts *classes = g_new0(struct class_facts, p->classes->len + 1);

	for (guint i = 0; i < p->classes->len; i++)
		classes[i] = (struct class_facts){ class_at(p, i)->name, &class_at(p, i)->bound };
	return classes;
}

static void state(struct perf *p)
{
	g_autofree struct class_facts *classes = state_classes(p);
	struct clock_facts clock;
	struct facts facts = environment_facts(&p->env, p->file.big_endian, &clock);

	facts.classes = classes;
	facts.n_classes = p->classes->len;
	info_state(&p->source.info, &facts);
	p->source.info.cpus = MIN(p->env.cpus, FB_CPUS_MAX);
	calls_init(&p->calls, p->source.info.abi, false);
}

/* ---- the first pass --------------------------------------------------------------------- */

#define LOST_SIZE	  24 /* header, id:64, lost:64 */
#define LOST_SAMPLES_SIZE 16 /* header, lost:64 */
#define MISC_LOST_BPF	  (1 << 15) /* not lost: a filter left them out */

/* Of one event of one CPU: what perf itself writes says no CPU but by the event's id. */
static void find_lost_samples(struct perf *p, const struct record *r)
{
	const bool be = p->file.big_endian;
	const int cpu = attrs_cpu_of_id(&p->attrs, r);

	if (cpu >= 0 && r->size >= LOST_SAMPLES_SIZE && !(get16(r->at + 4, be) & MISC_LOST_BPF))
		gaps_lost_in_all(&p->gaps, cpu, get64(r->at + 8, be));
}

/* What a record tells before its turn comes, in the order of the file: a CPU's is by time in it. */
static void find_record(struct perf *p, const struct record *r, uint64_t offset)
{
	const int cpu = record_cpu(&p->attrs, r);
	fb_ns time = FB_NS_NONE;

	if (r->type == RECORD_SAMPLE)
		time = record_time(&p->attrs, r);
	if (cpu >= 0 && time != FB_NS_NONE)
		gaps_sample(&p->gaps, cpu, time);
	else if (cpu >= 0 && r->type == RECORD_LOST && r->size >= LOST_SIZE)
		gaps_lost(&p->gaps, cpu, get64(r->at + 16, p->file.big_endian));
	else if (r->type == RECORD_LOST_SAMPLES)
		find_lost_samples(p, r);
	runs_add(&p->runs, r, offset, time);
}

/* To the end of the round. False: nothing is left. */
static bool scan_round(struct perf *p)
{
	struct record record;
	uint64_t offset;
	char *problem = NULL;

	while (scan_next(&p->scan, &record, &offset, &problem)) {
		if (record.type == RECORD_FINISHED_ROUND) {
			runs_round(&p->runs);
			return true;
		}
		if (record.type == RECORD_ID_INDEX)
			attrs_add_cpus(&p->attrs, &record);
		if (record.type >= RECORD_USER)
			runs_break(&p->runs);
		else
			find_record(p, &record, offset);
	}
	if (problem) {
		info_problem(&p->source.info, "%s", problem);
		p->source.info.broken_packets++;
		g_free(problem);
	}
	runs_end(&p->runs);
	gaps_finish(&p->gaps, p->runs.latest);
	return false;
}

/* Until the first event is known. */
static void find_begin(struct perf *p)
{
	while (runs_peek(&p->runs) == FB_NS_NONE && !p->runs.has_all)
		scan_round(p);
	if (runs_peek(&p->runs) != FB_NS_NONE)
		info_span(&p->source.info, runs_peek(&p->runs), runs_peek(&p->runs));
}

/* ---- the second ------------------------------------------------------------------------- */

/* Times never go back within a source. */
static fb_ns take_time(struct perf *p, fb_ns time)
{
	p->source.info.clock_steps += time < p->last;
	p->last = MAX(time, p->last);
	return p->last;
}

/* The sample's class; NULL: it is no tracepoint's that is known. */
static const struct perf_class *class_of(const struct perf *p, const struct sample *s,
					 unsigned *number)
{
	unsigned class;

	if (!s->raw || s->raw_size < 2)
		return NULL;
	class = p->by_type[get16(s->raw, p->file.big_endian)];
	if (!class)
		return NULL;
	*number = class - 1;
	return class_at(p, class - 1);
}

static void take_sample(struct perf *p, const struct sample *s)
{
	struct fb_source_info *info = &p->source.info;
	struct fb_event *ev = &p->events[p->n];
	unsigned number;
	const struct perf_class *c = class_of(p, s, &number);
	fb_ns time;

	if (!c || s->cpu < 0 || s->cpu >= FB_CPUS_MAX)
		return;
	time = take_time(p, s->time);
	info->events++;
	g_array_index(p->counts, uint64_t, number)++;
	info_span(info, time, time);
	gaps_event(&p->gaps, s->cpu, time);
	info->cpus = MAX(info->cpus, (int)s->cpu + 1);
	if (!c->bound.template.kind || !(p->options.kinds & FB_KIND_BIT(c->bound.template.kind)))
		return;
	*ev = c->bound.template;
	ev->time = time;
	ev->cpu = s->cpu;
	p->n_bytes += perf_class_fill(c, s, p->file.big_endian, &p->calls, ev, p->bytes + p->n_bytes);
	p->n_bytes = (p->n_bytes + 7) & ~(size_t)7;
	p->n++;
}

static void leave_out(struct perf *p, const struct record *r)
{
	uint64_t offset = runs_offset(&p->runs);

	if (offset == SCAN_NOWHERE)
		info_problem(&p->source.info, "%s: a compressed sample of %u bytes is not as its event says: it "
			     "is left out", p->path, r->size);
	else
		info_problem(&p->source.info, "%s: byte %" G_GUINT64_FORMAT ": a sample of %u bytes is not as "
			     "its event says: it is left out", p->path, offset, r->size);
	p->source.info.broken_packets++;
}

static void lose_rest(struct perf *p)
{
	info_problem(&p->source.info, "%s: changed while it was read", p->path);
	p->source.info.broken_packets++;
}

/* One record, of those that are in order by now. */
static void take_record(struct perf *p)
{
	struct record record;
	struct sample sample;

	if (!runs_read(&p->runs, &record))
		lose_rest(p);
	else if (record_read(&p->attrs, &record, &sample))
		take_sample(p, &sample);
	else
		leave_out(p, &record);
	if (!runs_advance(&p->runs))
		lose_rest(p);
}

/* What was lost up to this time, of an event; FB_NS_NONE: all. False: there is no more. */
static bool take_loss(struct perf *p, fb_ns time)
{
	struct fb_event *ev = &p->events[p->n];
	struct fb_source_info *info = &p->source.info;

	/* Where no event is, none can be told to be lost. */
	if (info->begin == FB_NS_NONE ||
	    !gaps_next(&p->gaps, info, time, MAX(p->last, info->begin), ev))
		return false;
	p->last = ev->time;
	info_span(info, ev->time, ev->time);
	info->cpus = MAX(info->cpus, ev->cpu + 1);
	p->n++;
	return true;
}

static bool has_room(const struct perf *p)
{
	return p->n < EVENTS_MAX && p->n_bytes + KEPT_MAX <= BYTES_MAX;
}

static void end(struct perf *p)
{
	g_autofree struct class_facts *classes = state_classes(p);

	if (p->has_ended)
		return;
	p->has_ended = true;
	if (p->options.count)
		info_set_counts(&p->source.info, classes, p->classes->len,
				(const uint64_t *)p->counts->data);
}

static bool perf_next(struct fb_source *source, struct fb_batch *batch, GError **error)
{
	struct perf *p = (struct perf *)source;

	(void)error;
	p->n = p->n_bytes = 0;
	while (has_room(p)) {
		fb_ns time = runs_peek(&p->runs);

		if (time == FB_NS_NONE && !p->runs.has_all)
			scan_round(p);
		else if (take_loss(p, time))
			continue;
		else if (time != FB_NS_NONE)
			take_record(p);
		else
			break;
	}
	if (!p->n)
		end(p);
	*batch = (struct fb_batch){ p->events, p->n };
	return true;
}

/* ---- the source ------------------------------------------------------------------------- */

static bool perf_field(struct fb_source *source, const struct fb_event *ev, int field,
		       struct fb_value *value)
{
	const struct perf *p = (const struct perf *)source;

	if (ev->kind == FB_EV_LOST || !ev->ref || ev->class >= p->classes->len)
		return false;
	return perf_class_field(class_at(p, ev->class), p->file.big_endian, ev, field, value);
}

static double perf_progress(struct fb_source *source)
{
	const struct perf *p = (const struct perf *)source;

	if (p->has_ended || !p->file.data.size)
		return 1;
	return (double)(p->scan.offset - p->file.data.offset) / p->file.data.size;
}

static void perf_close(struct fb_source *source)
{
	struct perf *p = (struct perf *)source;

	info_clear(&source->info);
	runs_clear(&p->runs);
	scan_clear(&p->scan);
	environment_clear(&p->env);
	attrs_clear(&p->attrs);
	perf_file_close(&p->file);
	g_ptr_array_unref(p->classes);
	g_array_unref(p->counts);
	g_free(p->by_type);
	gaps_clear(&p->gaps);
	g_free(p->events);
	g_free(p->bytes);
	g_free(p->path);
	g_free(p);
}

static struct perf *perf_new(const char *path, const struct fb_source_options *options)
{
	struct perf *p = g_new0(struct perf, 1);

	p->source.ops = &fb_source_perf;
	p->options = *options;
	p->path = g_strdup(path);
	p->file.fd = -1;
	info_init(&p->source.info);
	attrs_init(&p->attrs);
	p->classes = g_ptr_array_new_with_free_func(perf_class_free);
	p->counts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	p->by_type = g_new0(uint16_t, TYPES);
	gaps_init(&p->gaps);
	p->events = g_new(struct fb_event, EVENTS_MAX);
	p->bytes = g_malloc(BYTES_MAX);
	p->last = INT64_MIN;
	return p;
}

static bool read_head(struct perf *p, GError **error)
{
	if (!perf_file_open(&p->file, p->path, error))
		return false;
	p->attrs.big_endian = p->file.big_endian;
	if (!(p->file.attr_size ? perf_file_attrs : pipe_read)(&p->file, &p->attrs, error) ||
	    !read_formats(p, error))
		return false;
	environment_read(&p->env, &p->file, &p->source.info);
	state(p);
	scan_init(&p->scan, &p->file);
	runs_init(&p->runs, &p->file, &p->attrs);
	find_begin(p);
	return true;
}

static struct fb_source *perf_open(const char *const *paths, size_t n,
				   const struct fb_source_options *options, GError **error)
{
	struct perf *p;

	if (n != 1) {
		g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
			    "%s: recordings of perf are read one at a time", paths[0]);
		return NULL;
	}
	p = perf_new(paths[0], options);
	if (read_head(p, error))
		return &p->source;
	perf_close(&p->source);
	return NULL;
}

static int perf_probe(const char *path)
{
	return perf_file_probe(path) ? 100 : 0;
}

const struct fb_source_ops fb_source_perf = {
	.name = "perf",
	.probe = perf_probe,
	.open = perf_open,
	.next = perf_next,
	.field = perf_field,
	.progress = perf_progress,
	.close = perf_close,
};
