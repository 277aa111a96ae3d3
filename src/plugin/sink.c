/* SPDX-License-Identifier: MIT */
/*
 * sink.c - the component sink.flightbox.blocking. The report begins with the first
 * event: until then it is not known what the recording has. It ends with the last
 * message, or where the graph stops before that.
 */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include <flightbox/error.h>
#include <flightbox/symbols.h>

#include "bt2/messages.h"
#include "run/reporting.h"
#include "run/selection.h"
#include "plugin/params.h"
#include "plugin/sink.h"

struct sink {
	struct query query;
	bt_message_iterator *iterator;
	struct messages *messages;
	struct reporting reporting;
	struct fb_run *run;	   /* between begin and end of the report */
	struct fb_outcome outcome; /* behind its end */
	struct fb_symbols *symbols;
	char *decimal_point;
	int fd; /* -1: not open, or not ours */
};

/* ---- begin and end of the report -------------------------------------------------------- */

/* The user's decimal sign, which a program that sets no locale does not ask for. */
static char *decimal_point(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK | LC_NUMERIC_MASK, "", (locale_t)0);
	char *point = g_strdup(locale ? nl_langinfo_l(RADIXCHAR, locale) : ".");

	if (locale)
		freelocale(locale);
	return point;
}

/* A kallsyms that is asked for must be good; one that lies near a trace is read when needed. */
static bool open_symbols(struct sink *s, GError **error)
{
	g_autofree char *found = NULL;

	for (guint i = 0; !s->query.kallsyms && !found && i < s->messages->traces->len; i++) {
		const struct message_trace *t = g_ptr_array_index(s->messages->traces, i);

		if (t->is_kernel && g_file_test(t->dir, G_FILE_TEST_IS_DIR))
			found = fb_symbols_locate(t->dir);
	}
	if (!s->query.kallsyms && !found)
		return true;
	s->symbols = fb_symbols_new(found ? found : s->query.kallsyms);
	return found || fb_symbols_check(s->symbols, true, error);
}

static bool open_output(struct sink *s, GError **error)
{
	if (!s->query.output)
		return true;
	s->fd = open(s->query.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (s->fd < 0)
		g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", s->query.output,
			    g_strerror(errno));
	return s->fd >= 0;
}

static void set_captures(const struct sink *s, struct fb_source_info *info)
{
	GPtrArray *paths = query_captures(&s->query);

	if (paths)
		g_ptr_array_add(paths, NULL);
	g_clear_pointer(&info->captures, g_ptr_array_unref);
	info->captures = paths;
}

static bool begin(struct sink *s, GError **error)
{
	struct fb_source *source = &s->messages->source;
	struct fb_run_options options;
	struct fb_report_options report = {
		.format = s->query.format,
		.time = s->query.time_form,
		.decimal_point = s->decimal_point,
	};
	struct fb_consumer consumer;

	if (!reporting_check(&source->info, messages_name(s->messages), error) ||
	    !query_times(&s->query, &source->info, error) ||
	    !open_symbols(s, error) || !open_output(s, error))
		return false;
	set_captures(s, &source->info);
	options = query_run_options(&s->query);
	report.fd = s->query.output ? s->fd : STDOUT_FILENO;
	/* babeltrace2's own reports have none unless they are told. */
	report.color = s->query.color && query_wants_color(&s->query, report.fd);
	report.symbols = s->symbols;
	s->reporting.report = fb_report_new(&report, &source->info);
	consumer = reporting_begin(&s->reporting);
	s->run = fb_run_new(source, &options, &consumer, 1);
	return true;
}

static bool close_output(struct sink *s, GError **error)
{
	int fd = s->fd;

	s->fd = -1;
	if (fd < 0 || close(fd) == 0)
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: %s", s->query.output, g_strerror(errno));
	return false;
}

static bool finish(struct sink *s, bool complete, GError **error)
{
	bool ok;

	messages_end(s->messages);
	fb_run_end(g_steal_pointer(&s->run), &s->outcome);
	reporting_end(&s->reporting, &s->outcome, &s->query.filter);
	ok = fb_report_finish(s->reporting.report, fb_kernel_counts(s->outcome.kernel), complete,
			      error);
	return close_output(s, ok ? error : NULL) && ok;
}

/* The command tells the same. */
static bool check_tasks(const struct sink *s, GError **error)
{
	g_autoptr(GPtrArray) missing =
		selection_missing(&s->query.filter, &s->outcome, s->query.style, false);
	g_autofree char *sentences = NULL;

	if (!missing->len)
		return true;
	g_ptr_array_add(missing, NULL);
	sentences = g_strjoinv("; ", (char **)missing->pdata);
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE, "%s", sentences);
	return false;
}

/* ---- messages --------------------------------------------------------------------------- */

static bool feed(struct sink *s, bt_message_array_const messages, uint64_t n, GError **error)
{
	struct fb_batch batch;

	if (!messages_take(s->messages, messages, n, &batch, error))
		return false;
	if (!batch.n)
		return true;
	if (!s->run && !begin(s, error))
		return false;
	fb_run_feed(s->run, &batch);
	if (!fb_report_failed(s->reporting.report))
		return true;
	finish(s, false, error);
	return false;
}

static bool end(struct sink *s, GError **error)
{
	if (!s->run && (!messages_describe(s->messages, error) || !begin(s, error)))
		return false;
	return finish(s, true, error) && check_tasks(s, error);
}

static bt_self_component *component_of(bt_self_component_sink *self)
{
	return bt_self_component_sink_as_self_component(self);
}

static bt_component_class_sink_consume_method_status fail(bt_self_component_sink *self,
							  GError *error)
{
	bt_self_component *component = component_of(self);

	BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_COMPONENT(component, "flightbox: %s",
							    error->message);
	g_error_free(error);
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
}

static bt_component_class_sink_consume_method_status at_end(bt_self_component_sink *self)
{
	GError *error = NULL;

	return end(bt_self_component_get_data(component_of(self)), &error)
		       ? BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_END
		       : fail(self, error);
}

bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *self)
{
	struct sink *s = bt_self_component_get_data(component_of(self));
	bt_message_array_const messages;
	GError *error = NULL;
	uint64_t n;

	switch (bt_message_iterator_next(s->iterator, &messages, &n)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		if (!feed(s, messages, n, &error))
			return fail(self, error);
		/* What comes behind --end and its lead is not wanted. */
		return s->run && fb_run_is_past(s->run)
			       ? at_end(self)
			       : BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		return at_end(self);
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
		if (s->run)
			fb_report_flush(s->reporting.report);
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_AGAIN;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_MEMORY_ERROR:
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_MEMORY_ERROR;
	default:
		break;
	}
	/* What was read until then is reported; what failed, its component has said. */
	if (s->run && !finish(s, false, &error))
		return fail(self, error);
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
}

/* ---- the component ---------------------------------------------------------------------- */

static void sink_free(struct sink *s)
{
	/* The graph was stopped early. */
	if (s->run)
		finish(s, false, NULL);
	fb_analysis_free(s->reporting.analysis, s->reporting.self);
	fb_report_free(s->reporting.report);
	fb_outcome_clear(&s->outcome);
	fb_symbols_free(s->symbols);
	close_output(s, NULL);
	messages_free(s->messages);
	bt_message_iterator_put_ref(s->iterator);
	query_clear(&s->query);
	g_free(s->decimal_point);
	g_free(s);
}

static double no_progress(struct fb_source *source)
{
	(void)source;
	return -1;
}

/* Driven from outside: it is fed, not read. */
static const struct fb_source_ops fed = {
	.name = "babeltrace",
	.field = messages_field,
	.progress = no_progress,
};

static bool prints_epoch(const struct query *q)
{
	return !g_strcmp0(q->format, "jsonl") || q->time_form == FB_TIME_EPOCH ||
	       q->time_form == FB_TIME_UTC || q->time_form == FB_TIME_LOCAL;
}

static struct sink *sink_new(const bt_value *params, GError **error)
{
	struct sink *s = g_new0(struct sink, 1);
	struct fb_consumer consumer;

	s->fd = -1;
	s->decimal_point = decimal_point();
	s->reporting.analysis = fb_analysis_find("blocking");
	s->reporting.self = fb_analysis_new(s->reporting.analysis);
	query_init(&s->query, query_parts(s->reporting.analysis) & ~ASK_SAVE,
		   s->reporting.analysis->options, s->reporting.self, &query_style_parameter);
	if (!params_read(&s->query, params, error)) {
		sink_free(s);
		return NULL;
	}
	s->reporting.edges = s->query.edges;
	consumer = fb_analysis_consumer(s->reporting.analysis, s->reporting.self);
	s->messages = messages_new(&fed, fb_run_wants(&consumer, 1).kinds, false);
	s->messages->needs_epoch = prints_epoch(&s->query);
	return s;
}

bt_component_class_initialize_method_status sink_init(bt_self_component_sink *self,
						      bt_self_component_sink_configuration *config,
						      const bt_value *params, void *data)
{
	g_autoptr(GError) error = NULL;
	struct sink *s = sink_new(params, &error);

	(void)config;
	(void)data;
	if (s && bt_self_component_sink_add_input_port(self, "in", NULL, NULL)) {
		g_set_error(&error, FB_ERROR, FB_ERROR_IO, "no port could be added");
		sink_free(s);
	}
	if (error) {
		bt_self_component *component = component_of(self);

		BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_COMPONENT(component, "flightbox: %s",
								    error->message);
		return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	bt_self_component_set_data(component_of(self), s);
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

void sink_finalize(bt_self_component_sink *self)
{
	sink_free(bt_self_component_get_data(component_of(self)));
}

bt_component_class_sink_graph_is_configured_method_status sink_graph_is_configured(
	bt_self_component_sink *self)
{
	struct sink *s = bt_self_component_get_data(component_of(self));
	bt_self_component_port_input *port =
		bt_self_component_sink_borrow_input_port_by_index(self, 0);

	/* The values of both are the same. */
	return (bt_component_class_sink_graph_is_configured_method_status)(int)
		bt_message_iterator_create_from_sink_component(self, port, &s->iterator);
}
