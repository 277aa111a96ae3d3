/* SPDX-License-Identifier: MIT */
/*
 * writer.h - a report in the making, and what a writer is: one row of the
 * table in report.c.
 */
#ifndef REPORT_WRITER_H
#define REPORT_WRITER_H

#include <math.h>

#include <flightbox/report.h>

#include "report/names.h"

struct text_table;
struct json_table;

/* What a report ends with. */
struct report_end {
	const struct fb_kernel_counts *counts; /* NULL: there was no model */
	bool complete;                         /* the source was read to its end */
};

/* All callbacks but `row` may be NULL. */
struct writer {
	const char *name;
	bool for_people;
	enum { DRAWS_NOTHING, DRAWS_GRAPH, DRAWS_SCENE } draws; /* what its rows are of: no others are written */
	bool is_comment; /* for those who look at a change, not at a trace */
	void (*begin)(struct fb_report *r);
	void (*table)(struct fb_report *r, const char *title); /* r->table is the new one */
	void (*end_table)(struct fb_report *r);
	void (*row)(struct fb_report *r, const void *row);
	void (*note)(struct fb_report *r, const char *note);
	void (*end)(struct fb_report *r, const struct report_end *end);
	void (*clear)(struct fb_report *r);
};

struct fb_report {
	const struct writer *writer;
	const struct fb_source_info *info;
	struct fb_report_options options;
	struct out out;
	const struct fb_table *table;          /* the current one, NULL between tables */
	size_t columns;                        /* how many it has */
	uint64_t rows;                         /* of all tables */
	uint64_t waits[FB_QUALITIES];          /* that stand in the report, by quality */
	fb_ns asleep[FB_QUALITIES];            /* their time asleep, where it is known */
	uint64_t unknown_causes;               /* among them */
	uint64_t bystanders;                   /* waits of who was not asked for */
	uint64_t left_out;                     /* cut off by the begin or end of what was read */
	uint64_t unmeasured;                   /* in no sum: their time asleep is not known */
	const struct fb_part *part;            /* that was read; NULL: all of the trace */
	union {
		struct text_table *text;       /* rows held back until their width is known */
		struct json_table *json;       /* prepared keys of the current table */
	};
	struct names names;                    /* as the writer escapes them */
	GString *scratch;                      /* the text of the cell at hand */
	GHashTable *json_tables;               /* struct fb_table -> struct json_table */
	const struct fb_table *csv_table;      /* the one that is written; NULL before the first */
	bool is_below;                         /* markdown: something is written already */
};

/* How many columns a table has. */
static inline size_t table_columns(const struct fb_table *table)
{
	size_t n = 0;

	while (n < FB_COLUMNS_MAX && (table->columns[n].key || table->columns[n].heading))
		n++;
	return n;
}

extern const struct writer text_writer, jsonl_writer, csv_writer, dot_writer, markdown_writer,
	svg_writer, html_writer;

/* Reals that are not finite count as null: JSON and spreadsheets know no NaN. */
static inline bool cell_is_null(const struct fb_cell *cell)
{
	bool is_real = cell->type == FB_CELL_REAL || cell->type == FB_CELL_PERCENT;

	return cell->type == FB_CELL_NULL || (is_real && !isfinite(cell->real));
}

/* A cell of another type, where that may stand for the column's. */
static inline bool may_stand_for(enum fb_cell_type cell, enum fb_cell_type column)
{
	return cell == FB_CELL_NULL || (cell == FB_CELL_AT_LEAST && column == FB_CELL_DURATION) ||
	       (cell == FB_CELL_INT && column == FB_CELL_REAL);
}

/* fb_report_cell() */
static inline struct fb_cell cell_of(struct fb_report *r, const struct fb_column *column,
				     const void *row)
{
	struct fb_cell cell = column->get(r, (const char *)row + column->at);

	g_assert(cell.type == column->type || may_stand_for(cell.type, column->type));
	return cell;
}

/*
 * Writes a text to `to`, the end of what was written. Returns where it stopped, where there is
 * `room` again. A name takes NAME_ROOM of that at most.
 */
char *put_new_text(struct fb_report *r, char *to, const struct fb_cell *cell,
		   void (*escape)(struct out *, const char *), size_t room);

static inline char *put_text_cell(struct fb_report *r, char *to, const struct fb_cell *cell,
				  void (*escape)(struct out *, const char *), size_t room)
{
	char *end = cell->is_name ? put_name(&r->names, to, cell->text) : NULL;

	return end ? end : put_new_text(r, to, cell, escape, room);
}

/* The jsonl lines before and after the rows. */
void json_trace_line(struct fb_report *r);
void json_end_line(struct fb_report *r, const struct report_end *end);

/* The text lines above the first table and below the last. */
void text_header(struct fb_report *r);
void text_footer(struct fb_report *r, const struct report_end *end);

/* What was lost of what the report is on; NULL when nothing was read. */
static inline const GArray *losses_of(const struct fb_report *r)
{
	return r->part ? r->part->losses : r->info->losses;
}

/* A cell as text has it, and whether it stands at the left of its column. */
void text_cell(struct fb_report *r, struct out *o, const struct fb_cell *cell);
bool text_is_left(enum fb_cell_type type);

static inline bool fb_report_is_on_all(const struct fb_report *r)
{
	return !r->part || fb_part_is_all(r->part);
}

/* The first end of a CPU's record, where that is of account and in what was read; else FB_NS_NONE. */
static inline fb_ns whole_until(const struct fb_report *r)
{
	fb_ns until = r->info->whole_until;

	/* The last packet may have ended behind its last event. */
	if (until != FB_NS_NONE && r->info->end != FB_NS_NONE)
		until = MIN(until, r->info->end);
	return r->part && r->part->end != FB_NS_NONE && until > r->part->end ? FB_NS_NONE : until;
}

/* A line on its own, below whatever is there. */
void text_line(struct fb_report *r, const char *line);

#endif
