/* SPDX-License-Identifier: MIT */
/*
 * csv.c - the first table of a report as comma-separated values: one line with the
 * columns' names, one line per row, written at once.
 */
#include <flightbox/times.h>

#include "report/writer.h"

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

/* For a row at most; texts that are no names make room for themselves. */
static size_t row_room(const struct fb_report *r)
{
	return r->columns * (MAX(FB_TIME_SIZE, NAME_ROOM) + strlen(",")) + strlen("\n");
}

/* Any value but text. */
static char *put_cell(const struct fb_report *r, char *to, const struct fb_cell *cell)
{
	switch (cell->type) {
	case FB_CELL_TIME:
		return to + fb_time_format(to, cell->number, r->options.time, fb_source_clock(r->info));
	case FB_CELL_INT:
	case FB_CELL_DURATION:
		return put_int(to, cell->number);
	case FB_CELL_BOOL:
		return stpcpy(to, cell->number ? "true" : "false");
	case FB_CELL_REAL:
	case FB_CELL_PERCENT:
		return cell_is_null(cell) ? to : put_real(to, cell->real);
	case FB_CELL_ADDRESS:
		return put_hex(to, cell->address);
	default:
		return to;
	}
}

static void csv_row(struct fb_report *r, const void *row)
{
	struct out *o = &r->out;
	size_t room = row_room(r);
	bool first = true;
	char *to;

	if (r->table != r->csv_table)
		return;
	to = out_room(o, room);
	for (size_t i = 0; i < r->columns; i++) {
		const struct fb_column *column = &r->table->columns[i];
		struct fb_cell cell;

		if (!is_written(column))
			continue;
		if (!first)
			*to++ = ',';
		first = false;
		cell = cell_of(r, column, row);
		if (cell.type == FB_CELL_WORDS)
			to = stpcpy(to, cell.text);
		else if (cell.type == FB_CELL_TEXT)
			to = put_text_cell(r, to, &cell, out_csv_text, room);
		else
			to = put_cell(r, to, &cell);
	}
	*to++ = '\n';
	o->at = to;
}

const struct writer csv_writer = {
	.name = "csv",
	.table = csv_table,
	.row = csv_row,
};
