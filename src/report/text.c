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

#include "report/writer.h"

#define HELD_ROWS      10000
#define TIME_WIDTH     15u /* 11 days in ns: columns of several tables stand below each other */
#define COLUMN_GAP     "  "

struct text_table {
	char *title;
	struct out cells;              /* the rows held back: each shown cell behind its size */
	size_t rows;                   /* how many */
	uint32_t width[FB_COLUMNS_MAX];
	size_t last;                   /* column that is shown */
	bool headed;                   /* title and headings are out */
	enum { AT_TOP, BELOW_TABLE, BELOW_LINE } place;
};

/* Of a cell held back, which follows. */
struct size {
	uint32_t bytes;
	uint32_t width; /* on the screen */
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

void text_cell(struct fb_report *r, struct out *o, const struct fb_cell *cell)
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
	case FB_CELL_WORDS:
		out_plain_text(o, cell->text);
		break;
	case FB_CELL_TIME:
		out_bytes(o, time, fb_time_format(time, cell->number, r->options.time, fb_source_clock(r->info)));
		break;
	case FB_CELL_AT_LEAST:
		out_char(o, '>');
		/* fall through */
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
static struct size size_of(const char *text, size_t bytes)
{
	struct size size = { .bytes = bytes };

	for (size_t i = 0; i < bytes; i++)
		size.width += (text[i] & 0xc0) != 0x80;
	return size;
}

/* ---- lines ------------------------------------------------------------------------------ */

bool text_is_left(enum fb_cell_type type)
{
	return type == FB_CELL_TEXT || type == FB_CELL_WORDS || type == FB_CELL_TIME || type == FB_CELL_BOOL;
}

static char *put_blanks(char *to, size_t n)
{
	memset(to, ' ', n);
	return to + n;
}

/* One cell in its column; nothing trails the last one. */
static void out_aligned(struct fb_report *r, size_t column, const char *text, struct size size)
{
	size_t width = r->text->width[column];
	size_t blanks = width > size.width ? width - size.width : 0;
	char *to = out_room(&r->out, size.bytes + blanks + strlen(COLUMN_GAP));
	bool left = text_is_left(r->table->columns[column].type);

	if (!left)
		to = put_blanks(to, blanks);
	to = mempcpy(to, text, size.bytes);
	if (column < r->text->last) {
		if (left)
			to = put_blanks(to, blanks);
		to = mempcpy(to, COLUMN_GAP, strlen(COLUMN_GAP));
	}
	r->out.at = to;
}

static void out_styled(struct fb_report *r, const char *style, const char *text)
{
	if (r->options.color)
		out_string(&r->out, style);
	out_plain_text(&r->out, text);
	if (r->options.color)
		out_string(&r->out, "\033[0m");
}

static void out_heading(struct fb_report *r, size_t column, const char *heading)
{
	out_aligned(r, column, heading, size_of(heading, strlen(heading)));
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
			out_heading(r, i, r->table->columns[i].heading);
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
	const char *at = t->cells.buffer;

	out_head(r);
	while (at < t->cells.at) {
		for (size_t i = 0; i <= t->last; i++) {
			struct size size;

			if (!r->table->columns[i].heading)
				continue;
			memcpy(&size, at, sizeof(size));
			at += sizeof(size);
			out_aligned(r, i, at, size);
			at += size.bytes;
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
	if (!r->options.plain && !r->options.bare)
		text_header(r);
}

static void text_table(struct fb_report *r, const char *title)
{
	struct text_table *t = r->text;

	t->title = g_strdup(title);
	t->rows = 0;
	t->headed = false;
	t->last = 0;
	for (size_t i = 0; i < r->columns; i++) {
		const struct fb_column *column = &r->table->columns[i];

		t->width[i] = 0;
		if (!column->heading)
			continue;
		t->last = i;
		t->width[i] = size_of(column->heading, strlen(column->heading)).width;
		if (column->type == FB_CELL_TIME)
			t->width[i] = MAX(t->width[i], TIME_WIDTH);
	}
}

/* Adds a cell to those held back, its size before it. */
static uint32_t hold_cell(struct fb_report *r, const struct fb_cell *cell)
{
	struct out *cells = &r->text->cells;
	size_t start;
	struct size size;

	out_room(cells, sizeof(size));
	cells->at += sizeof(size);
	start = cells->at - cells->buffer;
	text_cell(r, cells, cell);
	size = size_of(cells->buffer + start, cells->at - cells->buffer - start);
	memcpy(cells->buffer + start - sizeof(size), &size, sizeof(size));
	return size.width;
}

static void text_row(struct fb_report *r, const void *row)
{
	struct text_table *t = r->text;

	for (size_t i = 0; i < r->columns; i++) {
		const struct fb_column *column = &r->table->columns[i];
		struct fb_cell cell;
		uint32_t width;

		if (!column->heading)
			continue;
		cell = cell_of(r, column, row);
		width = hold_cell(r, &cell);
		if (t->rows < HELD_ROWS)
			t->width[i] = MAX(t->width[i], width);
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
