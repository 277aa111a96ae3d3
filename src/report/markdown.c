/* SPDX-License-Identifier: MIT */
/*
 * markdown.c - a report as a comment on a change: titles, tables and paragraphs of GitHub's
 * and GitLab's Markdown.
 *
 * Names come from a trace, and may try to be markup, or to call users by an @. What holds
 * more than plain words stands in a code span, where nothing means anything.
 */
#include <ctype.h>

#include "report/writer.h"

/* That no renderer takes for markup, wherever it stands in a cell. */
static bool is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr(" .,:()/%+-", text[i]))
			return false;
	return true;
}

/* The longest row of them in the text. */
static size_t backticks_in(const char *text, size_t n)
{
	size_t longest = 0, now = 0;

	for (size_t i = 0; i < n; i++) {
		now = text[i] == '`' ? now + 1 : 0;
		longest = MAX(longest, now);
	}
	return longest;
}

/* Between more backticks than are in it. In a table a bar ends the cell, even there. */
static void out_code(struct out *o, const char *text, size_t n)
{
	size_t ticks = backticks_in(text, n) + 1;

	for (size_t i = 0; i < ticks; i++)
		out_char(o, '`');
	if (ticks > 1)
		out_char(o, ' ');
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '|')
			out_char(o, '\\');
		out_char(o, text[i]);
	}
	if (ticks > 1)
		out_char(o, ' ');
	for (size_t i = 0; i < ticks; i++)
		out_char(o, '`');
}

/* Sentences of our own, but for the names in them. */
static void out_words(struct out *o, const char *words)
{
	struct out text;

	out_init(&text, OUT_MEMORY);
	out_plain_text(&text, words);
	for (const char *at = text.buffer; at < text.at; at++) {
		if (strchr("\\`*_[]<>|~&#!", *at))
			out_char(o, '\\');
		if (*at == '@')
			out_string(o, "`@`");
		else
			out_char(o, *at);
	}
	out_clear(&text);
}

static void markdown_begin(struct fb_report *r)
{
	if (!r->options.decimal_point || !*r->options.decimal_point)
		r->options.decimal_point = ".";
}

static bool is_shown(const struct fb_report *r, size_t column)
{
	return r->table->columns[column].heading != NULL;
}

static void out_gap(struct fb_report *r)
{
	if (r->is_below)
		out_char(&r->out, '\n');
	r->is_below = true;
}

static void markdown_table(struct fb_report *r, const char *title)
{
	struct out *o = &r->out;

	out_gap(r);
	if (title) {
		out_string(o, "### ");
		out_words(o, title);
		out_string(o, "\n\n");
	}
	for (size_t i = 0; i < r->columns; i++)
		if (is_shown(r, i)) {
			out_string(o, "| ");
			out_string(o, r->table->columns[i].heading);
			out_char(o, ' ');
		}
	out_string(o, "|\n");
	for (size_t i = 0; i < r->columns; i++)
		if (is_shown(r, i))
			out_string(o, text_is_left(r->table->columns[i].type) ? "|:---" : "|---:");
	out_string(o, "|\n");
}

static void markdown_row(struct fb_report *r, const void *row)
{
	struct out *o = &r->out, text;

	out_init(&text, OUT_MEMORY);
	for (size_t i = 0; i < r->columns; i++) {
		struct fb_cell cell;
		size_t n;

		if (!is_shown(r, i))
			continue;
		cell = cell_of(r, &r->table->columns[i], row);
		text.at = text.buffer;
		text_cell(r, &text, &cell);
		n = text.at - text.buffer;
		out_string(o, "| ");
		if (is_plain(text.buffer, n))
			out_bytes(o, text.buffer, n);
		else
			out_code(o, text.buffer, n);
		out_char(o, ' ');
	}
	out_string(o, "|\n");
	out_clear(&text);
}

static void markdown_note(struct fb_report *r, const char *note)
{
	out_gap(r);
	out_words(&r->out, note);
	out_char(&r->out, '\n');
}

const struct writer markdown_writer = {
	.name = "markdown",
	.for_people = true,
	.is_comment = true,
	.begin = markdown_begin,
	.table = markdown_table,
	.row = markdown_row,
	.note = markdown_note,
};
