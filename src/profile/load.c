/* SPDX-License-Identifier: MIT */
/* load.c - a profile from JSON, which may hold anything: docs/profile-format.md. */
#include <errno.h>
#include <stdio.h>

#include <flightbox/error.h>

#include "profile/json-in.h"
#include "profile/runs.h"

/* ---- groups ----------------------------------------------------------------------------- */

/* The one of `n` names; those that are NULL are nobody's. */
static int find_name(struct json_in *in, const char *text, const char *(*name)(int), int n)
{
	for (int i = 0; i < n && text; i++)
		if (!g_strcmp0(text, name(i)))
			return i;
	json_in_fail(in, "unknown %s", text ? text : "");
	return 0;
}

static const char *kind_name(int kind)
{
	return fb_cause_kind_name(kind);
}

static const char *via_name(int via)
{
	return fb_via_name(via);
}

static void read_key(struct json_in *in, const json_t *object, struct run *run,
		     struct fb_profile_key *key)
{
	const json_t *cause = json_in_object(in, object, "cause");
	const char *kind, *via;
	size_t before = json_in_enter(in, "cause");

	kind = json_in_text(in, cause, "kind", false);
	via = json_in_text(in, cause, "via", true);
	key->kind = find_name(in, kind, kind_name, FB_CAUSE_KINDS);
	key->via = via ? find_name(in, via, via_name, FB_VIAS) : FB_VIA_NONE;
	key->name = run_text(run, json_in_text(in, cause, "name", true));
	key->signal = run_text(run, json_in_text(in, cause, "signal", true));
	json_in_leave(in, before);
	key->command = run_text(run, json_in_text(in, object, "command", false));
	key->thread = run_text(run, json_in_text(in, object, "thread", false));
	key->syscall = run_text(run, json_in_text(in, object, "syscall", true));
}

/* Pairs of a bucket's number and its count, in one array. */
static void read_buckets(struct json_in *in, const json_t *object, struct fb_profile_values *v)
{
	const json_t *array = json_in_array(in, object, "buckets");
	size_t n = json_array_size(array) / 2, before = json_in_enter(in, "buckets");
	struct fb_profile_bucket *buckets = g_new(struct fb_profile_bucket, n);
	int64_t sum = 0, next = 0;

	for (size_t i = 0; i < n && !in->error; i++) {
		buckets[i].bucket = json_in_int_at(in, array, 2 * i, next, FB_STATS_BUCKETS - 1);
		buckets[i].n = json_in_int_at(in, array, 2 * i + 1, 1, INT64_MAX);
		sum = add_capped(sum, buckets[i].n);
		next = buckets[i].bucket + 1;
	}
	if (json_array_size(array) % 2 || (uint64_t)sum != v->n)
		json_in_fail(in, "expected pairs of a bucket and a count, of %" G_GUINT64_FORMAT
			     " waits in all", v->n);
	v->buckets = buckets;
	v->n_buckets = n;
	json_in_leave(in, before);
}

/* [asleep, begin, tid] */
static void read_wait(struct json_in *in, const json_t *array, struct fb_profile_values *v)
{
	struct fb_profile_wait wait;

	if (json_array_size(array) != 3)
		json_in_fail(in, "expected three numbers: asleep, begin, tid");
	wait.asleep = json_in_int_at(in, array, 0, v->min, v->max);
	wait.begin = json_in_int_at(in, array, 1, FB_NS_NONE + 1, INT64_MAX);
	wait.tid = json_in_int_at(in, array, 2, -1, INT32_MAX);
	values_add_worst(v, &wait);
}

static void read_worst(struct json_in *in, const json_t *object, struct fb_profile_values *v)
{
	const json_t *array = json_in_array(in, object, "worst");
	size_t before = json_in_enter(in, "worst"), expected = MIN(v->n, FB_PROFILE_WORST);

	if (json_array_size(array) != expected)
		json_in_fail(in, "expected %zu waits", expected);
	for (size_t i = 0; i < expected && !in->error; i++) {
		size_t above = json_in_enter_element(in, i);

		read_wait(in, json_array_get(array, i), v);
		json_in_leave(in, above);
	}
	if (expected && !in->error && v->worst[0].asleep != v->max)
		json_in_fail(in, "expected the longest one, of %" G_GINT64_FORMAT " ns, too", v->max);
	json_in_leave(in, before);
}

/* Whether the sum of n durations from min to max may be that. */
static bool may_sum_up(const struct fb_profile_values *v)
{
	unsigned __int128 least = (unsigned __int128)v->n * v->min;
	unsigned __int128 most = (unsigned __int128)v->n * v->max;

	return (unsigned __int128)v->asleep >= MIN(least, INT64_MAX) &&
	       (unsigned __int128)v->asleep <= most;
}

static void check_values(struct json_in *in, const struct fb_profile_values *v)
{
	if (in->error)
		return;
	if (!may_sum_up(v))
		json_in_fail(in, "asleep is not the sum of n waits from min to max");
	else if (v->n && (v->buckets[0].bucket != fb_stats_bucket(v->min) ||
			  v->buckets[v->n_buckets - 1].bucket != fb_stats_bucket(v->max)))
		json_in_fail(in, "buckets do not reach from min to max");
}

/* A number that older files do not have. */
static int64_t read_newer_int(struct json_in *in, const json_t *object, const char *key,
			      int64_t missing)
{
	return json_object_get(object, key) ? json_in_int(in, object, key, 0, INT64_MAX) : missing;
}

static void read_group(struct json_in *in, const json_t *object, struct run *run)
{
	struct run_group group = { 0 };
	struct fb_profile_values *v = &group.values;

	read_key(in, object, run, &group.key);
	v->n = json_in_int(in, object, "n", 0, INT64_MAX);
	v->uncertain = json_in_int(in, object, "uncertain", 0, INT64_MAX);
	v->uncertain_asleep = read_newer_int(in, object, "uncertain_asleep", 0);
	v->asleep = json_in_int(in, object, "asleep", 0, INT64_MAX);
	v->ready = json_in_int(in, object, "ready", 0, INT64_MAX);
	v->min = json_in_int(in, object, "min", 0, v->n ? INT64_MAX : 0);
	v->max = json_in_int(in, object, "max", v->min, v->n ? INT64_MAX : 0);
	read_buckets(in, object, v);
	read_worst(in, object, v);
	check_values(in, v);
	g_array_append_val(run->groups, group);
}

static void read_groups(struct json_in *in, const json_t *object, struct run *run)
{
	const json_t *array = json_in_array(in, object, "groups");
	size_t n = json_array_size(array), before = json_in_enter(in, "groups");

	for (size_t i = 0; i < n && !in->error; i++) {
		size_t above = json_in_enter_element(in, i);

		read_group(in, json_in_object_at(in, array, i), run);
		json_in_leave(in, above);
	}
	if (!in->error) {
		run_sort_groups(run);
		if (run->groups->len != n)
			json_in_fail(in, "two groups have the same command, thread, syscall and cause");
	}
	json_in_leave(in, before);
}

/* ---- runs ------------------------------------------------------------------------------- */

static GArray *read_ids(struct json_in *in, const json_t *object, const char *key)
{
	const json_t *array = json_in_array(in, object, key);
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	size_t before = json_in_enter(in, key);

	for (size_t i = 0; i < json_array_size(array) && !in->error; i++) {
		int32_t id = json_in_int_at(in, array, i, 0, INT32_MAX);

		g_array_append_val(ids, id);
	}
	json_in_leave(in, before);
	return ids;
}

static fb_ns read_time(struct json_in *in, const json_t *object, const char *key)
{
	if (json_is_null(json_object_get(object, key)))
		return FB_NS_NONE;
	return json_in_int(in, object, key, FB_NS_NONE + 1, INT64_MAX);
}

static void read_selection(struct json_in *in, const json_t *object, struct run *run)
{
	const json_t *selection = json_in_object(in, object, "selection");
	struct fb_profile_selection *s = &run->pub.selection;
	size_t before = json_in_enter(in, "selection");
	g_autoptr(GArray) pids = read_ids(in, selection, "pids");
	g_autoptr(GArray) tids = read_ids(in, selection, "tids");

	s->comm = run_text(run, json_in_text(in, selection, "comm", true));
	s->min_duration = json_in_int(in, selection, "min_duration", 0, INT64_MAX);
	s->all = json_in_bool(in, selection, "all");
	s->begin = read_time(in, selection, "begin");
	s->end = read_time(in, selection, "end");
	run_set_ids(run, (const int32_t *)pids->data, pids->len, (const int32_t *)tids->data,
		    tids->len);
	json_in_leave(in, before);
}

static void read_missing(struct json_in *in, const json_t *object, struct run *run)
{
	const json_t *array = json_in_array(in, object, "missing");
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	size_t before = json_in_enter(in, "missing");

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *name = json_string_value(json_array_get(array, i));

		if (!name)
			json_in_fail(in, "expected texts");
		g_ptr_array_add(names, (void *)(name ? name : ""));
	}
	run_set_missing(run, (const char *const *)names->pdata, names->len);
	json_in_leave(in, before);
}

static void read_counts(struct json_in *in, const json_t *object, struct fb_profile_run *run)
{
	const json_t *lost = json_in_object(in, object, "lost");
	const json_t *waits = json_in_object(in, object, "waits");
	size_t before = json_in_enter(in, "lost");

	run->lost_events = json_in_int(in, lost, "events", 0, INT64_MAX);
	run->lost_packets = json_in_int(in, lost, "packets", 0, INT64_MAX);
	json_in_leave(in, before);
	before = json_in_enter(in, "waits");
	for (int quality = 0; quality < FB_QUALITIES; quality++)
		run->waits[quality] =
			json_in_int(in, waits, fb_quality_name(quality), 0, INT64_MAX);
	json_in_leave(in, before);
}

static void read_id(struct json_in *in, const json_t *object, struct run *run)
{
	const char *id = json_in_text(in, object, "id", false);

	if (id && (strlen(id) != PROFILE_ID_SIZE || strspn(id, "0123456789abcdef") != PROFILE_ID_SIZE))
		json_in_fail(in, "id: expected %d digits from 0 to f", PROFILE_ID_SIZE);
	run->pub.id = run_text(run, id);
}

static void read_origin(struct json_in *in, const json_t *object, struct run *run)
{
	struct fb_profile_run *pub = &run->pub;

	pub->host = run_text(run, json_in_text(in, object, "host", true));
	pub->kernel = run_text(run, json_in_text(in, object, "kernel", true));
	pub->tracer = run_text(run, json_in_text(in, object, "tracer", true));
	pub->tracer_version = run_text(run, json_in_text(in, object, "tracer_version", true));
	pub->session = run_text(run, json_in_text(in, object, "session", true));
	pub->created = run_text(run, json_in_text(in, object, "created", true));
	pub->boot = run_text(run, json_in_text(in, object, "boot", true));
	pub->begin = json_in_int(in, object, "begin", FB_NS_NONE + 1, INT64_MAX);
	/* What lies between them is a number, too. */
	pub->end = json_in_int(in, object, "end", pub->begin, add_capped(MIN(pub->begin, 0), INT64_MAX));
	pub->cpus = json_in_int(in, object, "cpus", 0, INT32_MAX);
	pub->complete = json_in_bool(in, object, "complete");
}

static struct run *read_run(struct json_in *in, const json_t *object)
{
	struct run *run = run_new();

	read_id(in, object, run);
	read_origin(in, object, run);
	read_missing(in, object, run);
	run->pub.tasks = read_newer_int(in, object, "tasks", -1);
	read_counts(in, object, &run->pub);
	read_selection(in, object, run);
	read_groups(in, object, run);
	return run;
}

/* ---- profiles --------------------------------------------------------------------------- */

/* A newer one is told apart from what is none at all, whatever else it may hold. */
static void check_format(struct json_in *in, const json_t *root)
{
	const char *type = json_string_value(json_object_get(root, "type"));
	int64_t format;

	if (g_strcmp0(type, "profile")) {
		json_in_fail(in, "expected a profile, as flightbox profile and --save write them");
		return;
	}
	format = json_in_int(in, root, "format", 1, INT64_MAX);
	if (format > PROFILE_FORMAT)
		json_in_fail(in, "profile of format %" G_GINT64_FORMAT " by a newer flightbox: "
			     "this one reads up to format %d", format, PROFILE_FORMAT);
}

static struct fb_profile *read_profile(struct json_in *in, const json_t *root)
{
	g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(struct named_run));
	struct fb_profile *profile = NULL;
	const json_t *array;

	check_format(in, root);
	array = json_in_array(in, root, "runs");
	if (!json_array_size(array))
		json_in_fail(in, "runs: expected at least one");
	for (size_t i = 0; i < json_array_size(array) && !in->error; i++) {
		size_t before = json_in_enter(in, "runs");
		struct named_run run = { .name = in->file };

		json_in_enter_element(in, i);
		run.run = read_run(in, json_in_object_at(in, array, i));
		g_array_append_val(runs, run);
		json_in_leave(in, before);
	}
	if (!in->error)
		profile = profile_of_runs(runs, &in->error);
	for (guint i = 0; i < runs->len; i++)
		run_unref(g_array_index(runs, struct named_run, i).run);
	return profile;
}

#define BYTES_MAX (128u << 20) /* of thousands of runs: some files never end */

struct limited_file {
	FILE *file;
	size_t left;
};

static size_t read_some(void *to, size_t n, void *data)
{
	struct limited_file *f = data;

	n = fread(to, 1, MIN(n, f->left), f->file);
	f->left -= n;
	return n;
}

static json_t *parse(FILE *file, const char *name, GError **error)
{
	struct limited_file limited = { file, BYTES_MAX };
	json_error_t why;
	json_t *root = json_load_callback(read_some, &limited, JSON_REJECT_DUPLICATES, &why);
	int number = errno;

	if (!limited.left)
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: more than %u MiB", name,
			    BYTES_MAX >> 20);
	else if (ferror(file))
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", name, g_strerror(number));
	else if (!root)
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: line %d, column %d: %s", name,
			    why.line, why.column, why.text);
	else
		return root;
	json_decref(root);
	return NULL;
}

static json_t *parse_file(const char *path, GError **error)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	json_t *root;

	if (!file) {
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	root = parse(file, is_stdin ? "standard input" : path, error);
	if (!is_stdin)
		fclose(file);
	return root;
}

struct fb_profile *fb_profile_load(const char *path, GError **error)
{
	struct json_in in = { .file = strcmp(path, "-") ? path : "standard input" };
	json_t *root = parse_file(path, error);
	struct fb_profile *profile;

	if (!root)
		return NULL;
	in.where = g_string_new(NULL);
	profile = read_profile(&in, root);
	g_string_free(in.where, TRUE);
	json_decref(root);
	if (in.error)
		g_propagate_error(error, in.error);
	return profile;
}
