/* SPDX-License-Identifier: MIT */
/*
 * csv.c - the first table of a report as comma-separated values: one line with the
 * columns' names, one line per row, written at once.
 */
#include <flightbox/times.h>

#include "report-priv.h"

/* "cause.task.tid" is cause_task_tid, a duration says its unit: asleep_ns. */
static void out_name(struct out *o, const struct fb_column *column)
{
	for (const char *from = column->key; *from; from++)
		out_char(o, *from == '.' ? '_' : *from);
	if (column->type == FB_CELL_DURATION)
		out_string(o, "_ns");
}

/* Lists have no place in a field. */
static bool is_written(const struct fb_column *column)
{
	return column->key && column->type != FB_CELL_LIST;
}

static void csv_table(struct fb_report *r, const char *title)
{
	const char *comma = "";

	(void)title;
	if (r->csv_table)
		return;
	r->csv_table = r->table;
	for (size_t i = 0; i < r->columns; i++) {
		if (!is_written(&r->table->columns[i]))
			continue;
		out_string(&r->out, comma);
		out_name(&r->out, &r->table->columns[i]);
		comma = ",";
	}
	out_char(&r->out, '\n');
}

static void out_time(struct fb_report *r, fb_ns time)
{
	char text[FB_TIME_SIZE];

	out_bytes(&r->out, text, fb_time_format(text, time, r->options.time, r->info));
}

static void out_cell(struct fb_report *r, const struct fb_cell *cell)
{
	struct out *o = &r->out;

	switch (cell->type) {
	case FB_CELL_TIME:
		out_time(r, cell->number);
		break;
	case FB_CELL_INT:
	case FB_CELL_DURATION:
		out_int(o, cell->number);
		break;
	case FB_CELL_TEXT:
		out_csv_text(o, cell->text);
		break;
	case FB_CELL_BOOL:
		out_string(o, cell->number ? "true" : "false");
		break;
	case FB_CELL_REAL:
	case FB_CELL_PERCENT:
		out_real(o, cell->real);
		break;
	case FB_CELL_ADDRESS:
		o->at = put_hex(out_room(o, OUT_NUMBER), cell->address);
		break;
	case FB_CELL_LIST:
	case FB_CELL_NULL:
		break;
	}
}

static void csv_row(struct fb_report *r, const struct fb_cell *cells)
{
	bool first = true;

	if (r->table != r->csv_table)
		return;
	for (size_t i = 0; i < r->columns; i++) {
		if (!is_written(&r->table->columns[i]))
			continue;
		if (!first)
			out_char(&r->out, ',');
		first = false;
		if (!cell_is_null(&cells[i]))
			out_cell(r, &cells[i]);
	}
	out_char(&r->out, '\n');
}

const struct writer csv_writer = {
	.name = "csv",
	.table = csv_table,
	.row = csv_row,
};
