/* SPDX-License-Identifier: MIT */
/* sink-params.c - babeltrace2's values -> the options of a report. */
#include <inttypes.h>

#include <flightbox/error.h>
#include <flightbox/times.h>

#include "plugin/sink-params.h"

enum param_type {
	PARAM_TEXT,
	PARAM_BOOL,
	PARAM_NUMBERS,
};

#define TEXT(name, member)                                                                         \
	{                                                                                          \
		name, PARAM_TEXT, offsetof(struct sink_params, member)                             \
	}

static const struct {
	const char *name;
	enum param_type type;
	size_t offset; /* in struct sink_params */
} known[] = {
	TEXT("format", format),
	TEXT("time", time),
	TEXT("comm", comm),
	TEXT("begin", begin),
	TEXT("end", end),
	TEXT("lead", lead_given),
	TEXT("min-duration", min_duration),
	TEXT("kallsyms", kallsyms),
	TEXT("color", color),
	TEXT("output", output),
	{ "pid", PARAM_NUMBERS, offsetof(struct sink_params, pids) },
	{ "tid", PARAM_NUMBERS, offsetof(struct sink_params, tids) },
	{ "all", PARAM_BOOL, offsetof(struct sink_params, all) },
	{ "include-edges", PARAM_BOOL, offsetof(struct sink_params, edges) },
};

struct reading {
	struct sink_params *params;
	const struct fb_analysis *analysis;
	void *self;
	GError *error;
};

static bool wrong(GError **error, const char *name, const char *expected)
{
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "parameter '%s': expected %s", name, expected);
	return false;
}

/* ---- one value -------------------------------------------------------------------------- */

static bool read_bool(const bt_value *value, const char *name, bool *to, GError **error)
{
	if (!bt_value_is_bool(value))
		return wrong(error, name, "yes or no");
	*to = bt_value_bool_get(value);
	return true;
}

static bool read_text(const bt_value *value, const char *name, char **to, GError **error)
{
	if (!bt_value_is_string(value))
		return wrong(error, name, "a text");
	g_free(*to);
	*to = g_strdup(bt_value_string_get(value));
	return true;
}

static const char numbers_expected[] =
	"numbers that are not negative: 504, [502, 504] or \"502,504\"";

static bool add_number(GArray *to, uint64_t number)
{
	int32_t id = number;

	if (number <= INT32_MAX)
		g_array_append_val(to, id);
	return number <= INT32_MAX;
}

static bool add_text(GArray *to, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);
	bool ok = *parts != NULL;

	for (char **part = parts; ok && *part; part++) {
		guint64 number;

		ok = g_ascii_string_to_unsigned(*part, 10, 0, INT32_MAX, &number, NULL) &&
		     add_number(to, number);
	}
	return ok;
}

static bool read_numbers(const bt_value *value, const char *name, GArray *to, GError **error)
{
	bool ok = false;

	if (bt_value_is_signed_integer(value)) {
		ok = add_number(to, bt_value_integer_signed_get(value));
	} else if (bt_value_is_unsigned_integer(value)) {
		ok = add_number(to, bt_value_integer_unsigned_get(value));
	} else if (bt_value_is_string(value)) {
		ok = add_text(to, bt_value_string_get(value));
	} else if (bt_value_is_array(value)) {
		uint64_t n = bt_value_array_get_length(value);

		for (uint64_t i = 0; i < n; i++)
			if (!read_numbers(bt_value_array_borrow_element_by_index_const(value, i),
					  name, to, error))
				return false;
		return true;
	}
	return ok || wrong(error, name, numbers_expected);
}

/* The text of a number stands for the number, as on the command line. */
static bool read_option_text(const bt_value *value, const struct fb_option *o, char **to,
			     GError **error)
{
	if (o->type != FB_OPTION_INT || bt_value_is_string(value))
		return read_text(value, o->name, to, error);
	if (bt_value_is_signed_integer(value))
		*to = g_strdup_printf("%" PRId64, bt_value_integer_signed_get(value));
	else if (bt_value_is_unsigned_integer(value))
		*to = g_strdup_printf("%" PRIu64, bt_value_integer_unsigned_get(value));
	return *to || wrong(error, o->name, "a number");
}

/* One of the analysis' own. */
static bool read_option(const struct reading *r, const struct fb_option *o, const bt_value *value,
			GError **error)
{
	g_autofree char *text = NULL;
	bool given;

	if (o->type == FB_OPTION_BOOL) {
		if (!read_bool(value, o->name, &given, error))
			return false;
		return !given || fb_option_set(o, r->self, NULL, error);
	}
	if (!read_option_text(value, o, &text, error))
		return false;
	if (o->type == FB_OPTION_TIME) {
		g_hash_table_insert(r->params->times, (void *)o, g_steal_pointer(&text));
		return true;
	}
	if (!fb_option_set(o, r->self, text, error)) {
		g_prefix_error(error, "parameter '%s': ", o->name);
		return false;
	}
	return true;
}

/* ---- by name ---------------------------------------------------------------------------- */

static bool unknown(const struct fb_analysis *analysis, const char *name, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", known[i].name);
	for (const struct fb_option *o = analysis->options; o && o->name; o++)
		g_string_append_printf(names, ", %s", o->name);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "parameter '%s': there is none of that name; there are %s", name, names->str);
	return false;
}

static bool read_param(const struct reading *r, const char *name, const bt_value *value,
		       GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		char *to = (char *)r->params + known[i].offset;

		if (strcmp(name, known[i].name) != 0)
			continue;
		if (known[i].type == PARAM_TEXT)
			return read_text(value, name, (char **)to, error);
		if (known[i].type == PARAM_BOOL)
			return read_bool(value, name, (bool *)to, error);
		return read_numbers(value, name, *(GArray **)to, error);
	}
	for (const struct fb_option *o = r->analysis->options; o && o->name; o++)
		if (!strcmp(name, o->name))
			return read_option(r, o, value, error);
	return unknown(r->analysis, name, error);
}

static bt_value_map_foreach_entry_const_func_status on_param(const char *name,
							     const bt_value *value, void *data)
{
	struct reading *r = data;

	return read_param(r, name, value, &r->error)
		       ? BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_OK
		       : BT_VALUE_MAP_FOREACH_ENTRY_CONST_FUNC_STATUS_INTERRUPT;
}

/* ---- all of them ------------------------------------------------------------------------ */

static bool read_duration(const char *name, const char *text, fb_ns *duration, GError **error)
{
	if (!text || fb_duration_parse(text, duration, error))
		return true;
	g_prefix_error(error, "parameter '%s': ", name);
	return false;
}

static bool check_texts(struct sink_params *p, GError **error)
{
	static const char *const colors[] = { "always", "never", NULL };
	struct fb_filter *f = &p->filter;

	if (p->format && !fb_report_has_format(p->format, false))
		return wrong(error, "format", "text, jsonl or csv");
	if (p->time && !fb_time_form_find(p->time, &p->time_form))
		return wrong(error, "time", "monotonic, epoch, utc, local or relative");
	if (p->color && !g_strv_contains(colors, p->color))
		return wrong(error, "color", "always or never");
	p->lead = FB_LEAD_DEFAULT;
	return read_duration("min-duration", p->min_duration, &f->min_duration, error) &&
	       read_duration("lead", p->lead_given, &p->lead, error);
}

bool sink_params_read(struct sink_params *p, const bt_value *params,
		      const struct fb_analysis *analysis, void *self, GError **error)
{
	struct reading reading = { .params = p, .analysis = analysis, .self = self };
	struct fb_filter *f = &p->filter;

	p->pids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	p->tids = g_array_new(FALSE, FALSE, sizeof(int32_t));
	p->times = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (bt_value_map_foreach_entry_const(params, on_param, &reading) !=
	    BT_VALUE_MAP_FOREACH_ENTRY_CONST_STATUS_OK) {
		if (!reading.error)
			g_set_error(&reading.error, FB_ERROR, FB_ERROR_IO, "out of memory");
		g_propagate_error(error, reading.error);
		return false;
	}
	if (!check_texts(p, error))
		return false;
	f->comm = p->comm;
	f->pids = (const int32_t *)p->pids->data;
	f->n_pids = p->pids->len;
	f->tids = (const int32_t *)p->tids->data;
	f->n_tids = p->tids->len;
	return true;
}

static bool read_time(const struct sink_params *p, const char *name, const char *text,
		      const struct fb_source_info *info, bool *has, fb_ns *time, GError **error)
{
	if (!text)
		return true;
	*has = fb_time_parse(text, p->time_form, fb_source_clock(info), time, error);
	if (!*has)
		g_prefix_error(error, "parameter '%s': ", name);
	return *has;
}

static bool read_option_times(const struct sink_params *p, void *self,
			      const struct fb_source_info *info, GError **error)
{
	GHashTableIter iter;
	void *option, *text;

	g_hash_table_iter_init(&iter, p->times);
	while (g_hash_table_iter_next(&iter, &option, &text)) {
		const struct fb_option *o = option;

		if (!fb_option_set_time(o, self, text, p->time_form, info, error)) {
			g_prefix_error(error, "parameter '%s': ", o->name);
			return false;
		}
	}
	return true;
}

bool sink_params_times(struct sink_params *p, void *self, const struct fb_source_info *info,
		       GError **error)
{
	struct fb_filter *f = &p->filter;

	if (!read_time(p, "begin", p->begin, info, &f->has_begin, &f->begin, error) ||
	    !read_time(p, "end", p->end, info, &f->has_end, &f->end, error))
		return false;
	if (f->has_begin && f->has_end && f->begin > f->end)
		return wrong(error, "begin", "a time before 'end'");
	return read_option_times(p, self, info, error);
}

void sink_params_clear(struct sink_params *p)
{
	g_free(p->format);
	g_free(p->time);
	g_free(p->comm);
	g_free(p->begin);
	g_free(p->end);
	g_free(p->min_duration);
	g_free(p->lead_given);
	g_free(p->kallsyms);
	g_free(p->color);
	g_free(p->output);
	g_clear_pointer(&p->pids, g_array_unref);
	g_clear_pointer(&p->tids, g_array_unref);
	g_clear_pointer(&p->times, g_hash_table_destroy);
}
