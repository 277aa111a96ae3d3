/* SPDX-License-Identifier: MIT */
/*
 * jsonl.c - a report as JSON Lines: one object per row, written at once.
 *
 * All that stands between two values of a row is the same in every row, so it is
 * put together once per table. For the columns a, b.c, b.d and e:
 *
 *	{"type":"t"  ,"a":  1  ,"b":{"c":  2  ,"d":  3  }  ,"e":  4  }
 *	             ^^^^^     ^^^^^^^^^^     ^^^^^     ^  ^^^^^
 *	             open[a]   open[b.c]     open[b.d] close[b.d]
 *
 * and null[b.c] is `,"b":null`, after which writing goes on at column e.
 */
#include <glib.h>

#include "report/writer.h"

/* Short texts are copied as a block of this size, whatever their length. */
#define BLOCK 32

struct text {
	char *bytes; /* at least BLOCK of them readable */
	size_t length;
};

struct json_column {
	struct text open;
	struct text null;     /* stands for the object that begins here; length 0 when none does */
	const struct fb_column *of;
	uint8_t next;         /* the column after that object */
	uint8_t close;        /* braces after the value */
};

struct json_table {
	struct text begin;    /* {"type":"blocking" */
	size_t n;             /* columns that have a key */
	size_t room;          /* for a row at most; lists, and texts that are no names, make their own */
	struct json_column columns[FB_COLUMNS_MAX];
};

static struct text text_new(GString *from)
{
	struct text text = { .length = from->len };

	text.bytes = g_malloc0(MAX(from->len + 1, BLOCK));
	memcpy(text.bytes, from->str, from->len);
	g_string_free(from, TRUE);
	return text;
}

static void json_table_free(void *data)
{
	struct json_table *table = data;

	g_free(table->begin.bytes);
	for (size_t i = 0; i < table->n; i++) {
		g_free(table->columns[i].open.bytes);
		g_free(table->columns[i].null.bytes);
	}
	g_free(table);
}

/* ---- preparing a table ------------------------------------------------------------------ */

/* Length of the part that two keys have in common, up to and with its last dot. */
static size_t common_objects(const char *a, const char *b)
{
	size_t common = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.')
			common = i + 1;
	return common;
}

static int count_dots(const char *text, const char *end)
{
	int n = 0;

	for (; text < end; text++)
		n += *text == '.';
	return n;
}

/* `,"cause":{"kind":` for cause.kind after a key that shares the first `common` bytes. */
static struct text open_text(const char *key, size_t common)
{
	GString *to = g_string_new(",");
	const char *from = key + common, *dot;

	for (; (dot = strchr(from, '.')); from = dot + 1)
		g_string_append_printf(to, "\"%.*s\":{", (int)(dot - from), from);
	g_string_append_printf(to, "\"%s\":", from);
	return text_new(to);
}

/*
 * How the innermost object that begins with column `i` reads when it is null,
 * and where it ends. The outer ones that end with it are closed.
 */
static void prepare_null(struct json_column *columns, const char *const *keys, size_t n, size_t i,
			 size_t common)
{
	const char *last_dot = strrchr(keys[i], '.');
	size_t object = last_dot ? last_dot + 1 - keys[i] : 0;
	const char *name, *from = keys[i] + common;
	size_t next = i + 1, shared;
	GString *to;

	if (object <= common)
		return;
	while (next < n && !strncmp(keys[next], keys[i], object))
		next++;
	shared = next < n ? common_objects(keys[i], keys[next]) : 0;
	to = g_string_new(",");
	for (name = strchr(from, '.'); name < last_dot; from = name + 1, name = strchr(from, '.'))
		g_string_append_printf(to, "\"%.*s\":{", (int)(name - from), from);
	g_string_append_printf(to, "\"%.*s\":null", (int)(last_dot - from), from);
	for (int braces = count_dots(keys[i] + shared, last_dot); braces > 0; braces--)
		g_string_append_c(to, '}');
	columns[i].null = text_new(to);
	columns[i].next = next;
}

/* Of the first key of an object that has no type before it. */
static void without_comma(struct text *text)
{
	if (text->length)
		memmove(text->bytes, text->bytes + 1, text->length--);
}

static struct json_table *json_table_new(const struct fb_table *table, size_t columns)
{
	struct json_table *json = g_new0(struct json_table, 1);
	const char *keys[FB_COLUMNS_MAX];
	GString *begin = g_string_new(NULL);
	size_t n = 0;

	if (table->type)
		g_string_printf(begin, "{\"type\":\"%s\"", table->type);
	else
		g_string_assign(begin, "{");
	json->begin = text_new(begin);
	for (size_t i = 0; i < columns; i++)
		if (table->columns[i].key) {
			json->columns[n].of = &table->columns[i];
			keys[n++] = table->columns[i].key;
		}
	for (size_t i = 0; i < n; i++) {
		size_t before = i ? common_objects(keys[i], keys[i - 1]) : 0;
		size_t after = i + 1 < n ? common_objects(keys[i], keys[i + 1]) : 0;

		json->columns[i].open = open_text(keys[i], before);
		json->columns[i].close = count_dots(keys[i] + after, keys[i] + strlen(keys[i]));
		prepare_null(json->columns, keys, n, i, before);
		json->room += MAX(json->columns[i].open.length, json->columns[i].null.length) +
			      MAX(REAL_ROOM, NAME_ROOM) + json->columns[i].close;
	}
	json->room += json->begin.length + BLOCK + strlen("}");
	json->n = n;
	if (!table->type && n) {
		without_comma(&json->columns[0].open);
		without_comma(&json->columns[0].null);
	}
	return json;
}

/* ---- writing ---------------------------------------------------------------------------- */

static inline char *put_text(char *to, const struct text *text)
{
	memcpy(to, text->bytes, BLOCK);
	if (G_UNLIKELY(text->length > BLOCK))
		memcpy(to + BLOCK, text->bytes + BLOCK, text->length - BLOCK);
	return to + text->length;
}

static inline char *put_word(char *to, const char *word, size_t length)
{
	memcpy(to, word, length);
	return to + length;
}

/* Any value but texts and lists, and null for those that have none. */
static char *put_cell(char *to, const struct fb_cell *cell, fb_ns clock_offset)
{
	switch (cell->type) {
	case FB_CELL_TIME:
		return put_int(to, (int64_t)((uint64_t)cell->number + (uint64_t)clock_offset));
	case FB_CELL_INT:
	case FB_CELL_DURATION:
		return put_int(to, cell->number);
	case FB_CELL_BOOL:
		return cell->number ? put_word(to, "true", 4) : put_word(to, "false", 5);
	case FB_CELL_REAL:
	case FB_CELL_PERCENT:
		return cell_is_null(cell) ? put_word(to, "null", 4) : put_real(to, cell->real);
	case FB_CELL_ADDRESS:
		*to = '"';
		to = put_hex(to + 1, cell->address);
		return put_word(to, "\"", 1);
	default:
		return put_word(to, "null", 4);
	}
}

static void out_row(struct fb_report *r, const struct json_table *table, const void *row);

static struct json_table *prepared(struct fb_report *r, const struct fb_table *table);

static void out_list(struct fb_report *r, const struct fb_list *list)
{
	const struct json_table *table = prepared(r, list->table);

	out_char(&r->out, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			out_char(&r->out, ',');
		out_row(r, table, (const char *)list->rows + i * list->size);
	}
	out_char(&r->out, ']');
}

/* As put_text_cell(). */
static char *put_list(struct fb_report *r, char *to, const struct fb_list *list, size_t room)
{
	r->out.at = to;
	out_list(r, list);
	return out_room(&r->out, room);
}

/* As put_text_cell(). */
static char *put_words(struct fb_report *r, char *to, const char *words, size_t room)
{
	struct out *o = &r->out;

	if (!*words)
		return put_word(to, "[]", 2);
	o->at = to;
	out_string(o, "[\"");
	for (; *words; words++)
		if (*words == ' ')
			out_string(o, "\",\"");
		else
			out_char(o, *words);
	out_string(o, "\"]");
	return out_room(o, room);
}

static void out_row(struct fb_report *r, const struct json_table *table, const void *row)
{
	const struct json_column *column = table->columns, *end = column + table->n;
	char *to = put_text(out_room(&r->out, table->room), &table->begin);

	while (column < end) {
		const struct fb_cell cell = cell_of(r, column->of, row);

		if (column->null.length && cell_is_null(&cell)) {
			to = put_text(to, &column->null);
			column = &table->columns[column->next];
			continue;
		}
		to = put_text(to, &column->open);
		if (cell.type == FB_CELL_TEXT)
			to = put_text_cell(r, to, &cell, out_json_text, table->room);
		else if (cell.type == FB_CELL_WORDS)
			to = put_words(r, to, cell.text, table->room);
		else if (cell.type == FB_CELL_LIST)
			to = put_list(r, to, cell.list, table->room);
		else
			to = put_cell(to, &cell, r->info->clock_offset);
		for (int n = column->close; n > 0; n--)
			*to++ = '}';
		column++;
	}
	r->out.at = put_word(to, "}", 1);
}

static void jsonl_row(struct fb_report *r, const void *row)
{
	out_row(r, r->json, row);
	out_char(&r->out, '\n');
}

static void jsonl_begin(struct fb_report *r)
{
	r->json_tables = g_hash_table_new_full(NULL, NULL, NULL, json_table_free);
	if (!r->options.bare)
		json_trace_line(r);
}

static struct json_table *prepared(struct fb_report *r, const struct fb_table *table)
{
	struct json_table *json = g_hash_table_lookup(r->json_tables, table);

	if (!json) {
		json = json_table_new(table, table_columns(table));
		g_hash_table_insert(r->json_tables, (void *)table, json);
	}
	return json;
}

static void jsonl_table(struct fb_report *r, const char *title)
{
	(void)title;
	r->json = prepared(r, r->table);
}

static void jsonl_clear(struct fb_report *r)
{
	g_hash_table_destroy(r->json_tables);
}

const struct writer jsonl_writer = {
	.name = "jsonl",
	.begin = jsonl_begin,
	.table = jsonl_table,
	.row = jsonl_row,
	.end = json_end_line,
	.clear = jsonl_clear,
};
