/* SPDX-License-Identifier: MIT */
/* resolve.c - from what was counted of a run's waits to a profile of that run. */
#include <flightbox/recording.h>
#include <flightbox/symbols.h>

#include "profile/recorder.h"

/* ---- keys ------------------------------------------------------------------------------- */

static const char *pattern_of(struct run *run, const char *name)
{
	g_autofree char *pattern = name ? fb_profile_pattern(name) : NULL;

	return run_text(run, pattern);
}

static const char *command_of(struct run *run, const struct fb_kernel *kernel,
			      const struct recorder_key *key)
{
	const struct fb_task *main_thread = key->pid ? fb_kernel_find_task(kernel, key->pid) : NULL;
	const char *name = main_thread && main_thread->comm ? main_thread->comm : key->comm;
	g_autofree char *base = NULL;

	if (!key->exe)
		return name ? pattern_of(run, name) : run_text(run, "");
	base = g_path_get_basename(key->exe);
	return run_text(run, base);
}

/* Of the interrupts of a device, which are told apart by a number, any one may come. */
static const char *cause_name_of(struct run *run, struct fb_symbols *symbols,
				 const struct cause_key *key)
{
	if (key->kind == FB_CAUSE_TASK)
		return pattern_of(run, key->comm);
	if (key->kind == FB_CAUSE_IRQ)
		return pattern_of(run, key->name);
	if (!key->name && key->function && symbols)
		return run_text(run, fb_symbols_find(symbols, key->function));
	return run_text(run, key->name);
}

static const char *signal_of(struct run *run, const struct cause_key *key)
{
	const char *name = fb_signal_name(key->via_id);
	g_autofree char *number = NULL;

	if (key->via != FB_VIA_SIGNAL || key->via_id <= 0)
		return NULL;
	number = g_strdup_printf("%d", key->via_id);
	return run_text(run, name ? name : number);
}

/* ---- groups ----------------------------------------------------------------------------- */

static void add_row(GArray *buckets, const uint64_t *row, uint32_t first)
{
	for (uint32_t i = 0; i < RECORDER_ROW; i++)
		if (row[i]) {
			const struct fb_profile_bucket bucket = { first + i, row[i] };

			g_array_append_val(buckets, bucket);
		}
}

static void set_buckets(struct fb_profile_values *values, uint64_t *const *rows)
{
	GArray *buckets = g_array_new(FALSE, FALSE, sizeof(struct fb_profile_bucket));

	for (uint32_t i = 0; i < RECORDER_ROWS; i++)
		if (rows[i])
			add_row(buckets, rows[i], i * RECORDER_ROW);
	values->n_buckets = buckets->len;
	values->buckets = (struct fb_profile_bucket *)g_array_free(buckets, FALSE);
}

/* A time by the trace's clock, since the epoch. */
static fb_ns since_epoch(const struct fb_source_info *info, fb_ns time)
{
	return (fb_ns)((uint64_t)time + (uint64_t)info->clock_offset);
}

static void add_group(struct run *run, const struct fb_profile_recording *recording,
		      const struct recorder_group *from)
{
	const struct recorder_key *key = &from->key;
	const char *thread = pattern_of(run, key->comm);
	struct run_group group = {
		.key = {
			.command = command_of(run, recording->outcome->kernel, key),
			.thread = thread ? thread : run_text(run, ""),
			.syscall = run_text(run, key->syscall),
			.kind = key->cause.kind,
			.name = cause_name_of(run, recording->symbols, &key->cause),
			.via = key->cause.via,
			.signal = signal_of(run, &key->cause),
		},
		.values = from->values,
	};

	for (size_t i = 0; i < group.values.n_worst; i++)
		group.values.worst[i].begin =
			since_epoch(recording->info, group.values.worst[i].begin);
	set_buckets(&group.values, from->rows);
	g_array_append_val(run->groups, group);
}

static void add_groups(struct run *run, const struct fb_profile_recorder *r,
		       const struct fb_profile_recording *recording)
{
	for (size_t i = 0; i < groups_n(r->groups); i++)
		add_group(run, recording, groups_nth(r->groups, i));
	run_sort_groups(run);
}

/* ---- what is known of the run ----------------------------------------------------------- */

static void set_origin(struct run *run, const struct fb_source_info *info)
{
	g_autofree char *version = g_strdup_printf("%d.%d.%d", info->tracer_major,
						   info->tracer_minor, info->tracer_patch);

	run->pub.host = run_text(run, info->hostname);
	run->pub.kernel = run_text(run, info->kernel_release);
	run->pub.tracer = run_text(run, info->tracer_name);
	run->pub.tracer_version = info->tracer_major ? run_text(run, version) : NULL;
	run->pub.session = run_text(run, info->trace_name);
	run->pub.created = run_text(run, info->created);
	run->pub.boot = run_text(run, info->clock_uuid);
	run->pub.cpus = info->cpus;
}

static void set_missing(struct run *run, const struct fb_source_info *info)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (const struct fb_need *need = fb_needs; need->question; need++)
		if (fb_need_is_missed(need, info, 0))
			g_ptr_array_add(names, (void *)need->name);
	run_set_missing(run, (const char *const *)names->pdata, names->len);
}

static void set_losses(struct run *run, const struct fb_profile_recording *recording)
{
	const struct fb_part *part = &recording->outcome->part;
	const GArray *losses = fb_part_is_all(part) ? recording->info->losses : part->losses;

	for (guint i = 0; losses && i < losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(losses, struct fb_cpu_loss, i);

		run->pub.lost_events =
			add_capped(run->pub.lost_events, MIN(loss->events, INT64_MAX));
		run->pub.lost_packets =
			add_capped(run->pub.lost_packets, MIN(loss->packets, INT64_MAX));
	}
}

/* What lies both in the trace and between --begin and --end. */
static void set_span(struct run *run, const struct fb_source_info *info, const struct fb_filter *f)
{
	fb_ns begin = info->begin, end = info->end;

	if (begin == FB_NS_NONE)
		return;
	if (f->has_begin)
		begin = CLAMP(f->begin, begin, end);
	if (f->has_end)
		end = CLAMP(f->end, begin, end);
	run->pub.begin = since_epoch(info, begin);
	run->pub.end = since_epoch(info, end);
}

static void set_selection(struct run *run, const struct fb_source_info *info,
			  const struct fb_run_options *options)
{
	const struct fb_filter *f = &options->filter;
	struct fb_profile_selection *s = &run->pub.selection;

	s->comm = run_text(run, f->comm);
	s->min_duration = MAX(f->min_duration, 0);
	s->all = options->kernel.all;
	if (f->has_begin)
		s->begin = since_epoch(info, f->begin);
	if (f->has_end)
		s->end = since_epoch(info, f->end);
	run_set_ids(run, f->pids, f->n_pids, f->tids, f->n_tids);
}

struct fb_profile *fb_profile_recorder_end(struct fb_profile_recorder *r,
					   const struct fb_profile_recording *recording)
{
	const struct fb_source_info *info = recording->info;
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct named_run));
	struct named_run only = { run_new(), NULL };
	struct run *run = only.run;
	struct fb_profile *profile;

	set_origin(run, info);
	set_missing(run, info);
	set_losses(run, recording);
	set_span(run, info, &recording->options->filter);
	set_selection(run, info, recording->options);
	run->pub.complete = recording->complete && !info->broken_packets && !info->problem_count;
	if (recording->outcome->kernel)
		run->pub.tasks = fb_filter_tasks(&recording->options->filter,
						 recording->outcome->kernel);
	memcpy(run->pub.waits, r->waits, sizeof(r->waits));
	add_groups(run, r, recording);
	run_set_id(run);
	g_array_append_val(list, only);
	profile = profile_of_runs(list, NULL);
	run_unref(run);
	recorder_clear(r);
	return profile;
}
