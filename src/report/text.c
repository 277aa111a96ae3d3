/* SPDX-License-Identifier: MIT */
/*
 * text.c - a report for people: titles, aligned columns, lines of their own.
 *
 * A table's rows are held back until its columns' widths are known. Past
 * HELD_ROWS the widths stand, and later rows go out at once, so that a long
 * table needs no more memory than a short one.
 */
#include <glib.h>

#include <flightbox/times.h>

#include "report-priv.h"

#define HELD_ROWS      10000
#define TIME_WIDTH     15 /* 11 days in ns: columns of several tables stand below each other */
#define COLUMN_GAP     "  "

struct text_table {
	char *title;
	struct out cells;              /* the rows held back: each shown cell, with its NUL */
	size_t rows;                   /* how many */
	int width[FB_COLUMNS_MAX];
	bool headed;                   /* title and headings are out */
	enum { AT_TOP, BELOW_TABLE, BELOW_LINE } place;
};

/* ---- cells to text ---------------------------------------------------------------------- */

/* A number of `parts` of the last of `decimals`: 1234 and 3 are 1.234. */
static void out_fixed(struct out *o, int64_t parts, int decimals, const char *point)
{
	static const unsigned int units[] = { 1, 10, 100, 1000 };
	uint64_t size = parts < 0 ? -(uint64_t)parts : (uint64_t)parts;
	unsigned int unit = units[decimals];
	char *to = out_room(o, OUT_NUMBER);
	char digits[10];

	if (parts < 0)
		*to++ = '-';
	o->at = put_uint(to, size / unit);
	out_string(o, point);
	put_nine(digits, size % unit);
	out_bytes(o, digits + 9 - decimals, decimals);
}

/* Half a part is rounded away from zero. */
static void out_rounded(struct out *o, double parts, int decimals, const char *point)
{
	out_fixed(o, parts + (parts < 0 ? -0.5 : 0.5), decimals, point);
}

static void out_cell(struct fb_report *r, struct out *o, const struct fb_cell *cell)
{
	const char *point = r->options.decimal_point;
	char time[FB_TIME_SIZE];

	switch (cell_is_null(cell) ? FB_CELL_NULL : cell->type) {
	case FB_CELL_LIST:
	case FB_CELL_NULL:
		out_char(o, '-');
		break;
	case FB_CELL_INT:
		out_int(o, cell->number);
		break;
	case FB_CELL_BOOL:
		out_string(o, cell->number ? "yes" : "no");
		break;
	case FB_CELL_TEXT:
		out_plain_text(o, cell->text);
		break;
	case FB_CELL_TIME:
		out_bytes(o, time, fb_time_format(time, cell->number, r->options.time, r->info));
		break;
	case FB_CELL_DURATION:
		/* Milliseconds with three decimals, the last one rounded. */
		out_fixed(o, cell->number / 1000 + (cell->number % 1000 >= 500), 3, point);
		break;
	case FB_CELL_REAL:
		out_rounded(o, cell->real * 1000, 3, point);
		break;
	case FB_CELL_PERCENT:
		out_rounded(o, cell->real * 10, 1, point);
		break;
	case FB_CELL_ADDRESS:
		o->at = put_hex(out_room(o, OUT_NUMBER), cell->address);
		break;
	}
}

/* Characters of valid UTF-8, taking each for one column wide. */
static int text_width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* ---- lines ------------------------------------------------------------------------------ */

static void out_blanks(struct out *o, int n)
{
	for (; n > 0; n--)
		out_char(o, ' ');
}

static bool is_left(enum fb_cell_type type)
{
	return type == FB_CELL_TEXT || type == FB_CELL_TIME || type == FB_CELL_BOOL;
}

static bool is_last(const struct fb_report *r, size_t column)
{
	for (size_t i = column + 1; i < r->columns; i++)
		if (r->table->columns[i].heading)
			return false;
	return true;
}

/* One cell in its column; nothing trails the last one. */
static void out_aligned(struct fb_report *r, size_t column, const char *text)
{
	struct out *o = &r->out;
	int blanks = r->text->width[column] - text_width(text);
	bool left = is_left(r->table->columns[column].type);

	if (!left)
		out_blanks(o, blanks);
	out_string(o, text);
	if (is_last(r, column))
		return;
	if (left)
		out_blanks(o, blanks);
	out_string(o, COLUMN_GAP);
}

static void out_styled(struct fb_report *r, const char *style, const char *text)
{
	if (r->options.color)
		out_string(&r->out, style);
	out_plain_text(&r->out, text);
	if (r->options.color)
		out_string(&r->out, "\033[0m");
}

static void out_headings(struct fb_report *r)
{
	bool any = false;

	for (size_t i = 0; i < r->columns; i++)
		any |= r->table->columns[i].heading && *r->table->columns[i].heading;
	if (!any)
		return;
	if (r->options.color)
		out_string(&r->out, "\033[2m");
	for (size_t i = 0; i < r->columns; i++)
		if (r->table->columns[i].heading)
			out_aligned(r, i, r->table->columns[i].heading);
	if (r->options.color)
		out_string(&r->out, "\033[0m");
	out_char(&r->out, '\n');
}

static void out_head(struct fb_report *r)
{
	struct text_table *t = r->text;

	if (t->headed)
		return;
	t->headed = true;
	if (t->place != AT_TOP)
		out_char(&r->out, '\n');
	t->place = BELOW_TABLE;
	if (t->title) {
		out_styled(r, "\033[1m", t->title);
		out_char(&r->out, '\n');
	}
	out_headings(r);
}

/* Writes the rows held back. */
static void release_rows(struct fb_report *r)
{
	struct text_table *t = r->text;
	const char *cell = t->cells.buffer;

	out_head(r);
	while (cell < t->cells.at) {
		for (size_t i = 0; i < r->columns; i++) {
			if (!r->table->columns[i].heading)
				continue;
			out_aligned(r, i, cell);
			cell += strlen(cell) + 1;
		}
		out_char(&r->out, '\n');
	}
	t->cells.at = t->cells.buffer;
}

static void end_table(struct fb_report *r)
{
	release_rows(r);
	g_clear_pointer(&r->text->title, g_free);
	r->table = NULL;
}

void text_line(struct fb_report *r, const char *line)
{
	if (r->table)
		end_table(r);
	if (r->text->place == BELOW_TABLE)
		out_char(&r->out, '\n');
	r->text->place = BELOW_LINE;
	out_plain_text(&r->out, line);
	out_char(&r->out, '\n');
}

/* ---- the writer ------------------------------------------------------------------------- */

static void text_begin(struct fb_report *r)
{
	if (!r->options.decimal_point || !*r->options.decimal_point)
		r->options.decimal_point = ".";
	r->text = g_new0(struct text_table, 1);
	out_init(&r->text->cells, OUT_MEMORY);
	if (!r->options.plain)
		text_header(r);
}

static void text_table(struct fb_report *r, const char *title)
{
	struct text_table *t = r->text;

	t->title = g_strdup(title);
	t->rows = 0;
	t->headed = false;
	for (size_t i = 0; i < r->columns; i++) {
		const struct fb_column *column = &r->table->columns[i];

		t->width[i] = column->heading ? text_width(column->heading) : 0;
		if (column->type == FB_CELL_TIME)
			t->width[i] = MAX(t->width[i], TIME_WIDTH);
	}
}

static void text_row(struct fb_report *r, const struct fb_cell *cells)
{
	struct text_table *t = r->text;

	for (size_t i = 0; i < r->columns; i++) {
		size_t start = t->cells.at - t->cells.buffer;

		if (!r->table->columns[i].heading)
			continue;
		out_cell(r, &t->cells, &cells[i]);
		out_char(&t->cells, '\0');
		if (t->rows < HELD_ROWS)
			t->width[i] = MAX(t->width[i], text_width(t->cells.buffer + start));
	}
	if (++t->rows >= HELD_ROWS)
		release_rows(r);
}

static void text_end(struct fb_report *r, const struct report_end *end)
{
	text_footer(r, end);
}

static void text_clear(struct fb_report *r)
{
	g_free(r->text->title);
	out_clear(&r->text->cells);
	g_free(r->text);
}

const struct writer text_writer = {
	.name = "text",
	.for_people = true,
	.begin = text_begin,
	.table = text_table,
	.end_table = end_table,
	.row = text_row,
	.note = text_line,
	.end = text_end,
	.clear = text_clear,
};
