/* SPDX-License-Identifier: MIT */
/*
 * filter-iterator.c - messages through the model, its waits through the report into
 * messages. The rows are those of the jsonl report, because the same analysis fills them.
 */
#include <flightbox/analysis.h>
#include <flightbox/error.h>
#include <flightbox/symbols.h>

#include "plugin/filter-component.h"
#include "bt2/messages.h"
#include "plugin/rows.h"

struct filter_iterator {
	bt_self_message_iterator *self;
	struct filter *filter;
	bt_message_iterator *upstream;
	struct messages *messages;
	bool has_ended, is_closing;
	GError *error;
	/* Once the recording is known. */
	const struct fb_analysis *analysis;
	void *analysis_self;
	struct fb_symbols *symbols;
	struct fb_report *report;
	struct fb_run *run;
	struct rows *rows;
	fb_ns time; /* of the wait at hand */
};

/* The messages are read as events, and nobody reads them but the model. */
static const struct fb_source_ops messages_ops = {
	.name = "babeltrace",
	.field = messages_field,
};

/* ---- rows ------------------------------------------------------------------------------- */

static const struct message_trace *kernel_trace(const struct filter_iterator *it)
{
	for (guint i = 0; i < it->messages->traces->len; i++) {
		const struct message_trace *t = g_ptr_array_index(it->messages->traces, i);

		if (t->is_kernel)
			return t;
	}
	return NULL;
}

static void on_row(struct fb_report *r, const struct fb_table *table, const void *row,
		   void *data)
{
	struct filter_iterator *it = data;
	const struct message_trace *t = kernel_trace(it);

	if (it->error)
		return;
	if (!row)
		it->rows = rows_new(it->self, table, t->trace, t->clock, &it->messages->source.info,
				    &it->error);
	else
		rows_add(it->rows, r, row, it->time, &it->error);
}

static void on_blocking(void *self, const struct fb_blocking *b)
{
	struct filter_iterator *it = self;

	if (it->is_closing || (b->quality == FB_QUALITY_EDGE && !it->filter->query.edges))
		return;
	/* What the trace's end cuts off ends with it. */
	it->time = b->end != FB_NS_NONE ? b->end : it->messages->source.info.end;
	it->analysis->blocking(it->analysis_self, b);
}

/* ---- the run ---------------------------------------------------------------------------- */

/* The file that was given, or the one that lies with the trace. */
static struct fb_symbols *open_symbols(const struct filter_iterator *it)
{
	g_autofree char *found = NULL;

	if (it->filter->query.kallsyms)
		return fb_symbols_new(it->filter->query.kallsyms);
	found = fb_symbols_locate(kernel_trace(it)->dir);
	return found ? fb_symbols_new(found) : NULL;
}

/* Every wait comes here, and goes to the analysis once the row that it makes of it has its time. */
static struct fb_consumer consumer_of(struct filter_iterator *it)
{
	return (struct fb_consumer){ .self = it, .blocking = on_blocking, .edges = true };
}

static bool start_run(struct filter_iterator *it)
{
	const struct fb_consumer consumer = consumer_of(it);
	struct query *q = &it->filter->query;
	struct fb_run_options options;
	struct fb_report_options report = { .fd = -1, .on_row = on_row, .row_data = it };

	if (it->run)
		return true;
	if (!messages_describe(it->messages, &it->error) ||
	    !query_times(q, &it->messages->source.info, &it->error))
		return false;
	it->symbols = open_symbols(it);
	if (q->kallsyms && !fb_symbols_check(it->symbols, true, &it->error))
		return false;
	report.symbols = it->symbols;
	it->analysis = fb_analysis_find("blocking");
	it->analysis_self = fb_analysis_new(it->analysis);
	it->report = fb_report_new(&report, &it->messages->source.info);
	fb_analysis_begin(it->analysis, it->analysis_self, it->report);
	options = query_run_options(q);
	it->run = fb_run_new(&it->messages->source, &options, &consumer, 1);
	return !it->error;
}

static bool feed(struct filter_iterator *it, bt_message_array_const messages, uint64_t n)
{
	struct fb_batch batch;

	if (!messages_take(it->messages, messages, n, &batch, &it->error))
		return false;
	if (!batch.n)
		return true;
	if (start_run(it))
		fb_run_feed(it->run, &batch);
	return !it->error;
}

static void end_run(struct filter_iterator *it)
{
	struct fb_outcome outcome;

	fb_run_end(g_steal_pointer(&it->run), &outcome);
	fb_outcome_clear(&outcome);
}

static bool finish(struct filter_iterator *it)
{
	it->has_ended = true;
	if (!start_run(it))
		return false;
	messages_end(it->messages);
	end_run(it);
	return !it->error && rows_end(it->rows, &it->error);
}

/* ---- the iterator ----------------------------------------------------------------------- */

static void iterator_free(struct filter_iterator *it)
{
	it->is_closing = true;
	if (it->run)
		end_run(it);
	if (it->analysis)
		fb_analysis_free(it->analysis, it->analysis_self);
	fb_report_free(it->report);
	fb_symbols_free(it->symbols);
	rows_free(it->rows);
	messages_free(it->messages);
	bt_message_iterator_put_ref(it->upstream);
	g_clear_error(&it->error);
	g_free(it);
}

bt_message_iterator_class_initialize_method_status filter_iterator_init(
	bt_self_message_iterator *self, bt_self_message_iterator_configuration *config,
	bt_self_component_port_output *port)
{
	struct filter *filter =
		bt_self_component_get_data(bt_self_message_iterator_borrow_component(self));
	bt_self_component_port_input *in =
		bt_self_component_filter_borrow_input_port_by_name(filter->self, "in");
	struct filter_iterator *it = g_new0(struct filter_iterator, 1);
	const struct fb_consumer consumer = consumer_of(it);

	(void)config;
	(void)port;
	it->self = self;
	it->filter = filter;
	if (bt_message_iterator_create_from_message_iterator(self, in, &it->upstream)) {
		BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_MESSAGE_ITERATOR(
			self,
			"flightbox: cannot read what the filter's input port is connected to");
		g_free(it);
		return BT_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	it->messages = messages_new(&messages_ops, fb_run_wants(&consumer, 1).kinds, false);
	bt_self_message_iterator_set_data(self, it);
	return BT_MESSAGE_ITERATOR_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

void filter_iterator_finalize(bt_self_message_iterator *self)
{
	iterator_free(bt_self_message_iterator_get_data(self));
}

static uint64_t take(struct filter_iterator *it, bt_message_array_const messages, uint64_t capacity)
{
	uint64_t n = 0;

	while (it->rows && n < capacity && !g_queue_is_empty(&it->rows->messages))
		messages[n++] = g_queue_pop_head(&it->rows->messages);
	return n;
}

/* One step upstream. OK: go on; there may be messages now, or not yet. */
static bt_message_iterator_class_next_method_status step(struct filter_iterator *it)
{
	bt_message_array_const messages;
	uint64_t n;
	bool ok = true;

	if (it->has_ended)
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_END;
	switch (bt_message_iterator_next(it->upstream, &messages, &n)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		ok = feed(it, messages, n);
		/* What comes behind --end and its lead is not wanted. */
		if (ok && it->run && fb_run_is_past(it->run))
			ok = finish(it);
		break;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		ok = finish(it);
		break;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_AGAIN;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_MEMORY_ERROR:
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_MEMORY_ERROR;
	default:
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_ERROR;
	}
	if (ok)
		return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK;
	BT_CURRENT_THREAD_ERROR_APPEND_CAUSE_FROM_MESSAGE_ITERATOR(it->self, "flightbox: %s",
								   it->error->message);
	return BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_ERROR;
}

bt_message_iterator_class_next_method_status filter_iterator_next(bt_self_message_iterator *self,
								  bt_message_array_const messages,
								  uint64_t capacity,
								  uint64_t *count)
{
	struct filter_iterator *it = bt_self_message_iterator_get_data(self);
	bt_message_iterator_class_next_method_status status =
		BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK;

	while (!(*count = take(it, messages, capacity)) &&
	       status == BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK)
		status = step(it);
	return *count ? BT_MESSAGE_ITERATOR_CLASS_NEXT_METHOD_STATUS_OK : status;
}
