/* SPDX-License-Identifier: MIT */
/*
 * html.c - a scene as a page that needs nothing but itself: what src/report/page/page.js draws, as columns
 * of numbers and a list of texts.
 *
 * The only script that a browser runs in it is ours, by its hash, and it loads nothing.
 */
#include <flightbox/scene.h>
#include <flightbox/source.h>

#include "report/markup.h"
#include "report/page.h"
#include "report/writer.h"

bool fb_report_has_pages(void)
{
	return *page_script;
}

/* ---- data ------------------------------------------------------------------------------- */

/* The number of each text, from 1; 0 is none. */
struct texts {
	GHashTable *numbers; /* by pointer: a scene has each text once */
	GPtrArray *list;
};

static int64_t number_of(struct texts *t, const char *text)
{
	void *number = text ? g_hash_table_lookup(t->numbers, text) : NULL;

	if (!text || number)
		return GPOINTER_TO_INT(number);
	g_ptr_array_add(t->list, (void *)text);
	g_hash_table_insert(t->numbers, (void *)text, GINT_TO_POINTER(t->list->len));
	return t->list->len;
}

/* A JSON string that ends no script; what a person could not see, or would be misled by, as \xNN. */
static void out_data_text(struct out *o, const char *text)
{
	struct out plain, json;

	if (!text) {
		out_string(o, "null");
		return;
	}
	out_init(&plain, OUT_MEMORY);
	out_init(&json, OUT_MEMORY);
	out_plain_text(&plain, text);
	out_char(&plain, '\0');
	out_json_text(&json, plain.buffer);
	for (const char *c = json.buffer; c < json.at; c++) {
		if (*c == '<')
			out_string(o, "\\u003c");
		else
			out_char(o, *c);
	}
	out_clear(&plain);
	out_clear(&json);
}

static void out_key(struct out *o, const char *key)
{
	out_char(o, '"');
	out_string(o, key);
	out_string(o, "\":");
}

static void out_lane_id(struct out *o, uint32_t lane)
{
	out_int(o, lane == FB_SCENE_NO_LANE ? -1 : (int64_t)lane);
}

/* "key":[…] of what `value` says of each piece. */
#define OUT_COLUMN(o, key, type, array, value)                                                     \
	do {                                                                                       \
		out_char(o, ',');                                                                  \
		out_key(o, key);                                                                   \
		out_char(o, '[');                                                                  \
		for (guint i = 0; i < (array)->len; i++) {                                         \
			const struct type *p = &g_array_index(array, struct type, i);              \
                                                                                                   \
			if (i)                                                                     \
				out_char(o, ',');                                                  \
			out_int(o, value);                                                         \
		}                                                                                  \
		out_char(o, ']');                                                                  \
	} while (0)

/* Those few that stand for several. */
static void out_merged(struct out *o, const GArray *pieces)
{
	bool is_first = true;

	out_string(o, ",\"merged\":{");
	for (guint i = 0; i < pieces->len; i++) {
		uint32_t merged = g_array_index(pieces, struct fb_scene_piece, i).merged;

		if (!merged)
			continue;
		out_markup(o, "%s\"%u\":%u", is_first ? "" : ",", i, merged);
		is_first = false;
	}
	out_char(o, '}');
}

static void out_lane(struct out *o, const struct fb_scene *scene, const struct fb_scene_lane *lane,
		     struct texts *t)
{
	const GArray *pieces = lane->pieces;
	fb_ns at = scene->begin;

	out_string(o, "{\"name\":");
	out_data_text(o, lane->name);
	out_string(o, ",\"comm\":");
	out_data_text(o, lane->comm);
	out_markup(o, ",\"tid\":%d,\"pid\":%d", lane->tid, lane->pid);
	OUT_COLUMN(o, "gap", fb_scene_piece, pieces, p->begin - (i ? (p - 1)->end : at));
	OUT_COLUMN(o, "length", fb_scene_piece, pieces, p->end - p->begin);
	OUT_COLUMN(o, "kind", fb_scene_piece, pieces, p->kind);
	OUT_COLUMN(o, "syscall", fb_scene_piece, pieces, number_of(t, p->syscall));
	OUT_COLUMN(o, "cause", fb_scene_piece, pieces, number_of(t, p->cause));
	out_merged(o, pieces);
	out_char(o, '}');
}

/* By their ends, as fb_scene_simplify() leaves them. */
static void out_arrows(struct out *o, const struct fb_scene *scene, struct texts *t)
{
	const GArray *arrows = scene->arrows;

	out_string(o, ",\"arrows\":{\"kind\":[");
	for (guint i = 0; i < arrows->len; i++)
		out_markup(o, "%s\"%s\"", i ? "," : "",
			   fb_scene_arrow_name(g_array_index(arrows, struct fb_scene_arrow, i).kind));
	out_char(o, ']');
	OUT_COLUMN(o, "from", fb_scene_arrow, arrows,
		   p->from == FB_SCENE_NO_LANE ? -1 : (int64_t)p->from);
	OUT_COLUMN(o, "to", fb_scene_arrow, arrows, p->to);
	OUT_COLUMN(o, "gap", fb_scene_arrow, arrows, p->end - (i ? (p - 1)->end : scene->begin));
	OUT_COLUMN(o, "length", fb_scene_arrow, arrows, p->end - p->begin);
	OUT_COLUMN(o, "label", fb_scene_arrow, arrows, number_of(t, p->label));
	out_char(o, '}');
}

static void out_span(struct out *o, const struct fb_scene *scene, fb_ns begin, fb_ns end)
{
	out_string(o, "\"begin\":");
	out_int(o, begin - scene->begin);
	out_string(o, ",\"end\":");
	out_int(o, end - scene->begin);
}

static void out_stories(struct out *o, const struct fb_scene *scene)
{
	out_string(o, ",\"stories\":[");
	for (guint i = 0; i < scene->stories->len; i++) {
		const struct fb_scene_story *story =
			&g_array_index(scene->stories, struct fb_scene_story, i);

		out_markup(o, "%s{\"lane\":%u,", i ? "," : "", story->lane);
		out_span(o, scene, story->begin, story->end);
		out_string(o, ",\"root\":");
		out_data_text(o, story->root);
		out_string(o, ",\"links\":[");
		for (guint k = 0; k < story->links->len; k++) {
			const struct fb_scene_link *link =
				&g_array_index(story->links, struct fb_scene_link, k);

			out_string(o, k ? ",{\"lane\":" : "{\"lane\":");
			out_lane_id(o, link->lane);
			out_markup(o, ",\"depth\":%u,\"leaf\":%s,", link->depth,
				   link->is_leaf ? "true" : "false");
			out_span(o, scene, link->begin, link->end);
			out_string(o, ",\"words\":");
			out_data_text(o, link->words);
			out_char(o, '}');
		}
		out_string(o, "]}");
	}
	out_char(o, ']');
}

static void out_marks(struct out *o, const struct fb_scene *scene)
{
	out_string(o, ",\"marks\":[");
	for (guint i = 0; i < scene->marks->len; i++) {
		const struct fb_scene_mark *mark = &g_array_index(scene->marks, struct fb_scene_mark, i);

		out_string(o, i ? ",{" : "{");
		out_span(o, scene, mark->begin, mark->end);
		out_string(o, ",\"label\":");
		out_data_text(o, mark->label);
		out_char(o, '}');
	}
	out_char(o, ']');
}

static void out_kinds(struct out *o)
{
	out_string(o, ",\"kinds\":[");
	for (int kind = 0; kind < FB_SCENE_KINDS; kind++)
		out_markup(o, "%s{\"name\":\"%s\",\"words\":\"%s\"}", kind ? "," : "",
			   fb_scene_kind_name(kind), fb_scene_kind_words(kind));
	out_char(o, ']');
}

static void out_data(struct fb_report *r, const struct fb_scene *scene)
{
	struct out *o = &r->out;
	struct fb_clock clock = fb_source_clock(r->info);
	struct texts t = { g_hash_table_new(NULL, NULL), g_ptr_array_new() };

	out_string(o, "<script type=\"application/json\" id=\"data\">{");
	/* More digits than numbers of JavaScript have. */
	out_markup(o, "\"begin\":\"%" G_GINT64_FORMAT "\",\"clock\":", scene->begin);
	if (clock.offset)
		out_markup(o, "\"%" G_GINT64_FORMAT "\"", clock.offset);
	else
		out_string(o, "null");
	out_string(o, ",\"span\":");
	out_int(o, scene->end - scene->begin);
	out_kinds(o);
	out_string(o, ",\n\"lanes\":[");
	for (guint i = 0; i < scene->lanes->len; i++) {
		if (i)
			out_string(o, ",\n");
		out_lane(o, scene, fb_scene_lane(scene, i), &t);
	}
	out_char(o, ']');
	out_arrows(o, scene, &t);
	out_marks(o, scene);
	out_stories(o, scene);
	out_string(o, ",\n\"texts\":[");
	for (guint i = 0; i < t.list->len; i++) {
		if (i)
			out_char(o, ',');
		out_data_text(o, g_ptr_array_index(t.list, i));
	}
	out_string(o, "]}</script>\n");
	g_hash_table_destroy(t.numbers);
	g_ptr_array_free(t.list, TRUE);
}

/* ---- the page --------------------------------------------------------------------------- */

/* As a policy wants it: of the bytes between the tags. */
static char *hash_of(const char *text)
{
	guint8 digest[32];
	gsize size = sizeof(digest);
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);

	g_checksum_update(sum, (const guchar *)text, -1);
	g_checksum_get_digest(sum, digest, &size);
	g_checksum_free(sum);
	return g_base64_encode(digest, size);
}

static char *style_text(void)
{
	struct out o;
	char *text;

	out_init(&o, OUT_MEMORY);
	out_string(&o, page_style);
	out_scene_colors(&o);
	text = g_strndup(o.buffer, o.at - o.buffer);
	out_clear(&o);
	return text;
}

static void out_head(struct out *o, const struct fb_scene *scene)
{
	g_autofree char *style = style_text();
	g_autofree char *style_hash = hash_of(style), *script_hash = hash_of(page_script);

	out_string(o, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
	out_markup(o, "script-src 'sha256-%s'; style-src 'sha256-%s'\">\n", script_hash, style_hash);
	out_string(o, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	out_markup_text(o, scene->title);
	out_string(o, "</title>\n<style>");
	out_string(o, style);
	out_string(o, "</style></head>\n");
}

static void out_body(struct fb_report *r, const struct fb_scene *scene)
{
	struct out *o = &r->out;

	out_string(o, "<body>\n<header><h1>");
	if (r->info->hostname) {
		out_markup_text(o, r->info->hostname);
		out_string(o, ": ");
	}
	out_markup_text(o, scene->title);
	out_string(o,
		"</h1>\n"
		"<label>Search <input id=\"search\" type=\"search\" placeholder=\"task, call, cause\"></label>\n"
		"<label>Time <select id=\"time\"><option value=\"local\">local</option>"
		"<option value=\"relative\">relative</option><option value=\"monotonic\">trace clock</option>"
		"</select></label>\n"
		"<button id=\"all\" type=\"button\">Whole</button>\n"
		"<button id=\"astable\" type=\"button\" aria-expanded=\"false\">Table</button></header>\n"
		"<div id=\"kinds\" role=\"group\" aria-label=\"What is shown\"></div>\n"
		"<canvas id=\"over\" role=\"img\" aria-label=\"All of it, and which part is shown below\"></canvas>\n"
		"<main id=\"lanes\" tabindex=\"0\" aria-label=\"A lane for each task; the table has the same\">"
		"<div id=\"pane\"><canvas id=\"picture\" role=\"img\" aria-label=\"What the tasks did; the table has the same\">"
		"</canvas></div><div id=\"space\"></div></main>\n"
		"<section id=\"table\" hidden tabindex=\"0\" aria-label=\"Waits\"><p id=\"count\"></p><table><thead>"
		"<tr id=\"heads\"></tr></thead><tbody id=\"rows\"></tbody></table></section>\n"
		"<footer><section id=\"panel\" hidden aria-live=\"polite\" tabindex=\"0\" aria-label=\"What is chosen\"></section>"
		"<p id=\"hint\">Wheel or + and - to zoom, drag or arrow keys to move, / to search, t for the table, "
		"a click for why.</p></footer>\n");
}

static void html_row(struct fb_report *r, const void *row)
{
	if (r->table != &fb_scene_table)
		return;
	out_head(&r->out, row);
	out_body(r, row);
	out_data(r, row);
}

static void out_paragraph(struct out *o, const char *text)
{
	out_string(o, "<p>");
	out_markup_text(o, text);
	out_string(o, "</p>\n");
}

static void html_note(struct fb_report *r, const char *note)
{
	if (r->rows)
		out_paragraph(&r->out, note);
}

static void html_end(struct fb_report *r, const struct report_end *end)
{
	const GArray *losses = losses_of(r);

	for (guint i = 0; losses && i < losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(losses, struct fb_cpu_loss, i);
		g_autofree char *words = g_strdup_printf(
			"CPU %d lost %" G_GUINT64_FORMAT " events and %" G_GUINT64_FORMAT
			" packets: what is not known is shown so.",
			loss->cpu, loss->events, loss->packets);

		out_paragraph(&r->out, words);
	}
	if (!end->complete)
		out_paragraph(&r->out, "The trace could not be read to its end.");
	out_string(&r->out, "<script>");
	out_string(&r->out, page_script);
	out_string(&r->out, "</script></body></html>\n");
}

const struct writer html_writer = {
	.name = "html",
	.draws = DRAWS_SCENE,
	.row = html_row,
	.note = html_note,
	.end = html_end,
};
