/* SPDX-License-Identifier: MIT */
/* save.c - a profile as JSON, the same bytes for the same runs: docs/profile-format.md. */
#include "base/json-pairs.h"
#include "profile/runs.h"
#include "profile/whole-file.h"

static void out_time(struct out *o, const char *key, fb_ns time)
{
	if (time == FB_NS_NONE)
		out_pair_text(o, key, NULL);
	else
		out_pair_int(o, key, time);
}

/* ,1 but for the first of an array. */
static void out_element(struct out *o, int64_t n)
{
	if (o->at[-1] != '[')
		out_char(o, ',');
	out_int(o, n);
}

/* ---- groups ----------------------------------------------------------------------------- */

static void out_buckets(struct out *o, const struct fb_profile_values *v)
{
	out_key(o, "buckets");
	out_char(o, '[');
	for (size_t i = 0; i < v->n_buckets; i++) {
		out_element(o, v->buckets[i].bucket);
		out_element(o, v->buckets[i].n);
	}
	out_char(o, ']');
}

static void out_worst(struct out *o, const struct fb_profile_values *v)
{
	out_key(o, "worst");
	out_char(o, '[');
	for (size_t i = 0; i < v->n_worst; i++) {
		out_string(o, i ? ",[" : "[");
		out_element(o, v->worst[i].asleep);
		out_element(o, v->worst[i].begin);
		out_element(o, v->worst[i].tid);
		out_char(o, ']');
	}
	out_char(o, ']');
}

static void out_group_key(struct out *o, const struct fb_profile_key *key)
{
	out_pair_text(o, "command", key->command);
	out_pair_text(o, "thread", key->thread);
	out_pair_text(o, "syscall", key->syscall);
	out_key(o, "cause");
	out_char(o, '{');
	out_pair_text(o, "kind", fb_cause_kind_name(key->kind));
	out_pair_text(o, "name", key->name);
	out_pair_text(o, "via", fb_via_name(key->via));
	out_pair_text(o, "signal", key->signal);
	out_char(o, '}');
}

static void out_group(struct out *o, const struct run_group *group)
{
	const struct fb_profile_values *v = &group->values;

	out_char(o, '{');
	out_group_key(o, &group->key);
	out_pair_int(o, "n", v->n);
	out_pair_int(o, "uncertain", v->uncertain);
	out_pair_int(o, "uncertain_asleep", v->uncertain_asleep);
	out_pair_int(o, "asleep", v->asleep);
	out_pair_int(o, "ready", v->ready);
	out_pair_int(o, "min", v->min);
	out_pair_int(o, "max", v->max);
	out_buckets(o, v);
	out_worst(o, v);
	out_char(o, '}');
}

/* ---- runs ------------------------------------------------------------------------------- */

static void out_ids(struct out *o, const char *key, const int32_t *ids, size_t n)
{
	out_key(o, key);
	out_char(o, '[');
	for (size_t i = 0; i < n; i++)
		out_element(o, ids[i]);
	out_char(o, ']');
}

static void out_selection(struct out *o, const struct fb_profile_selection *s)
{
	out_key(o, "selection");
	out_char(o, '{');
	out_pair_text(o, "comm", s->comm);
	out_pair_int(o, "min_duration", s->min_duration);
	out_pair_bool(o, "all", s->all);
	out_ids(o, "pids", s->pids, s->n_pids);
	out_ids(o, "tids", s->tids, s->n_tids);
	out_time(o, "begin", s->begin);
	out_time(o, "end", s->end);
	out_char(o, '}');
}

static void out_missing(struct out *o, const char *const *missing)
{
	out_key(o, "missing");
	out_char(o, '[');
	for (size_t i = 0; missing[i]; i++) {
		if (i)
			out_char(o, ',');
		out_json_text(o, missing[i]);
	}
	out_char(o, ']');
}

static void out_counts(struct out *o, const struct fb_profile_run *run)
{
	out_key(o, "lost");
	out_char(o, '{');
	out_pair_int(o, "events", run->lost_events);
	out_pair_int(o, "packets", run->lost_packets);
	out_char(o, '}');
	out_key(o, "waits");
	out_char(o, '{');
	for (int quality = 0; quality < FB_QUALITIES; quality++)
		out_pair_int(o, fb_quality_name(quality), run->waits[quality]);
	out_char(o, '}');
}

static void out_origin(struct out *o, const struct fb_profile_run *run)
{
	out_pair_text(o, "host", run->host);
	out_pair_text(o, "kernel", run->kernel);
	out_pair_text(o, "tracer", run->tracer);
	out_pair_text(o, "tracer_version", run->tracer_version);
	out_pair_text(o, "session", run->session);
	out_pair_text(o, "created", run->created);
	out_pair_text(o, "boot", run->boot);
	out_pair_int(o, "begin", run->begin);
	out_pair_int(o, "end", run->end);
	out_pair_int(o, "cpus", run->cpus);
	out_missing(o, run->missing);
	out_pair_bool(o, "complete", run->complete);
}

void run_write(struct out *o, const struct run *run)
{
	out_origin(o, &run->pub);
	if (run->pub.tasks >= 0)
		out_pair_int(o, "tasks", run->pub.tasks);
	out_counts(o, &run->pub);
	out_selection(o, &run->pub.selection);
	out_key(o, "groups");
	out_char(o, '[');
	for (guint i = 0; i < run->groups->len; i++) {
		out_string(o, i ? ",\n" : "\n");
		out_group(o, &g_array_index(run->groups, struct run_group, i));
	}
	out_string(o, "\n]");
}

void run_set_id(struct run *run)
{
	g_autofree char *digest = NULL;
	struct out o;

	out_init(&o, OUT_MEMORY);
	run_write(&o, run);
	digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)o.buffer,
					     o.at - o.buffer);
	out_clear(&o);
	digest[PROFILE_ID_SIZE] = '\0';
	run->pub.id = run_text(run, digest);
}

/* ---- profiles --------------------------------------------------------------------------- */

void profile_write(struct out *o, const struct fb_profile *p)
{
	out_char(o, '{');
	out_pair_text(o, "type", "profile");
	out_pair_int(o, "format", PROFILE_FORMAT);
	out_key(o, "runs");
	out_char(o, '[');
	for (size_t i = 0; i < p->n_runs; i++) {
		out_string(o, i ? ",\n{" : "\n{");
		out_pair_text(o, "id", p->runs[i]->id);
		run_write(o, (const struct run *)p->runs[i]);
		out_char(o, '}');
	}
	out_string(o, "\n]}\n");
}

bool fb_profile_save(const struct fb_profile *p, const char *path, GError **error)
{
	struct out o;
	bool ok;

	out_init(&o, OUT_MEMORY);
	profile_write(&o, p);
	ok = whole_file_write(path, o.buffer, o.at - o.buffer, error);
	out_clear(&o);
	return ok;
}
