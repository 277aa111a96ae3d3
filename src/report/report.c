/* SPDX-License-Identifier: MIT */
/* report.c - tables of typed cells on their way from an analysis to a writer. */
#include <flightbox/error.h>
#include <flightbox/report.h>
#include <flightbox/symbols.h>

#include "report/writer.h"

static void hand_out_table(struct fb_report *r, const char *title)
{
	(void)title;
	r->options.on_row(r, r->table, NULL, r->options.row_data);
}

static void hand_out_row(struct fb_report *r, const void *row)
{
	r->options.on_row(r, r->table, row, r->options.row_data);
}

/* For callers that want the rows themselves. */
static const struct writer rows_writer = {
	.name = "rows",
	.table = hand_out_table,
	.row = hand_out_row,
};

static const struct writer *const writers[] = { &text_writer, &jsonl_writer, &csv_writer,
					       &dot_writer, &markdown_writer, &svg_writer, &html_writer };

static const struct writer *find_writer(const char *format)
{
	for (size_t i = 0; i < G_N_ELEMENTS(writers); i++)
		if (!strcmp(format, writers[i]->name))
			return writers[i];
	return NULL;
}

bool fb_report_is_graph(const struct fb_report *r)
{
	return r->writer->draws == DRAWS_GRAPH;
}

bool fb_report_is_scene(const struct fb_report *r)
{
	return r->writer->draws == DRAWS_SCENE;
}

bool fb_report_is_page(const struct fb_report *r)
{
	return r->writer == &html_writer;
}

struct fb_report *fb_report_new(const struct fb_report_options *options,
				const struct fb_source_info *info)
{
	struct fb_report *r = g_new0(struct fb_report, 1);

	r->options = *options;
	r->info = info;
	r->writer = options->on_row ? &rows_writer
				    : find_writer(options->format ? options->format : "text");
	g_assert(r->writer);
	out_init(&r->out, options->fd);
	r->scratch = g_string_new(NULL);
	if (r->writer->begin)
		r->writer->begin(r);
	return r;
}

void fb_report_free(struct fb_report *r)
{
	if (!r)
		return;
	if (r->writer->clear)
		r->writer->clear(r);
	out_clear(&r->out);
	g_string_free(r->scratch, TRUE);
	g_free(r);
}

static void end_table(struct fb_report *r)
{
	if (r->table && r->writer->end_table)
		r->writer->end_table(r);
	r->table = NULL;
}

void fb_report_table(struct fb_report *r, const struct fb_table *table, const char *title)
{
	end_table(r);
	r->table = table;
	r->columns = table_columns(table);
	if (r->writer->table)
		r->writer->table(r, title);
}

void fb_report_row(struct fb_report *r, const void *row)
{
	g_assert(r->table && row);
	r->rows++;
	r->writer->row(r, row);
}

struct fb_cell fb_report_cell(struct fb_report *r, const struct fb_column *column, const void *row)
{
	return cell_of(r, column, row);
}

GString *fb_report_scratch(struct fb_report *r)
{
	return g_string_truncate(r->scratch, 0);
}

void fb_report_note(struct fb_report *r, const char *format, ...)
{
	g_autofree char *note = NULL;
	va_list args;

	if (!r->writer->note)
		return;
	va_start(args, format);
	note = g_strdup_vprintf(format, args);
	va_end(args);
	r->writer->note(r, note);
}

void fb_report_wait(struct fb_report *r, const struct fb_blocking *b)
{
	r->waits[b->quality]++;
	if (b->begin != FB_NS_NONE && b->wake != FB_NS_NONE)
		r->asleep[b->quality] += b->wake - b->begin;
	if (b->cause.kind == FB_CAUSE_UNKNOWN && b->quality != FB_QUALITY_EDGE &&
	    b->end != FB_NS_NONE)
		r->unknown_causes++;
}

void fb_report_left_out(struct fb_report *r, const struct fb_blocking *b)
{
	(void)b;
	r->left_out++;
}

void fb_report_bystander(struct fb_report *r, const struct fb_blocking *b)
{
	(void)b;
	r->bystanders++;
}

void fb_report_unmeasured(struct fb_report *r, uint64_t n)
{
	r->unmeasured += n;
}

char *put_new_text(struct fb_report *r, char *to, const struct fb_cell *cell,
		   void (*escape)(struct out *, const char *), size_t room)
{
	r->out.at = to;
	if (cell->is_name)
		names_learn(&r->names, &r->out, cell->text, escape);
	else
		escape(&r->out, cell->text);
	return out_room(&r->out, room);
}

const struct fb_source_info *fb_report_info(const struct fb_report *r)
{
	return r->info;
}

void fb_report_part(struct fb_report *r, const struct fb_part *part)
{
	r->part = fb_part_is_all(part) ? NULL : part;
}

bool fb_report_for_people(const struct fb_report *r)
{
	return r->writer->for_people;
}

const char *fb_report_symbol(struct fb_report *r, uint64_t address)
{
	if (!address || !r->options.symbols)
		return NULL;
	return fb_symbols_find(r->options.symbols, address);
}

uint64_t fb_report_rows(const struct fb_report *r)
{
	return r->rows;
}

void fb_report_flush(struct fb_report *r)
{
	out_flush(&r->out);
}

void fb_report_save(struct fb_report *r)
{
	out_save(&r->out);
}

bool fb_report_failed(const struct fb_report *r)
{
	return r->out.failed != 0;
}

bool fb_report_finish(struct fb_report *r, const struct fb_kernel_counts *counts, bool complete,
		      GError **error)
{
	const struct report_end end = { .counts = counts, .complete = complete };

	end_table(r);
	if (r->writer->end && !r->options.bare)
		r->writer->end(r, &end);
	out_flush(&r->out);
	if (!r->out.failed)
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "cannot write the report: %s",
		    g_strerror(r->out.failed));
	return false;
}
