/* SPDX-License-Identifier: MIT */
/*
 * svg.c - a scene as a figure.
 *
 *	             0            100 ms         200 ms
 *	client [7]   ■■■■────────────────────■■■■
 *	                ╲ SYN         SYN+ACK ╱
 *	server [8]   ──────■■■■──────────■■■■
 *	■ runs in user mode  ─ waits for a packet …
 *
 * Of a scene that is made for it nothing is below a pixel; see fb_scene_simplify().
 */
#include <flightbox/scene.h>

#include "report/markup.h"
#include "report/writer.h"

enum {
	WIDTH = 1000,     /* of all, */
	MARGIN = 12,
	AXIS = 34,        /* … the title and the times */
	LANE = 44,        /* from one lane to the next */
	BAR = 16,         /* who runs; who waits is half as high */
	LEGEND_LINE = 18,
	LETTER = 7,       /* at most so wide, of names */
	SMALL = 6,        /* … and of labels */
	NAME_LETTERS = 30,
};

struct figure {
	struct out *o;
	const struct fb_scene *scene;
	double left, right; /* of lanes */
};

static double x_of(const struct figure *f, fb_ns time)
{
	double share = (double)(CLAMP(time, f->scene->begin, f->scene->end) - f->scene->begin) /
		       (double)(f->scene->end - f->scene->begin);

	return f->left + share * (f->right - f->left);
}

/* The middle of a lane's bar. */
static double y_of(uint32_t lane)
{
	return MARGIN + AXIS + LANE / 2.0 + (double)lane * LANE;
}

/* 12.3: one decimal, by hand, for a point in every locale. */
static void out_tenths(struct out *o, double x)
{
	int64_t tenths = (int64_t)(x * 10 + (x < 0 ? -0.5 : 0.5));

	out_int(o, tenths / 10);
	if (tenths % 10)
		out_markup(o, ".%d", (int)ABS(tenths % 10));
}

static void out_attribute(struct out *o, const char *name, double x)
{
	out_markup(o, " %s=\"", name);
	out_tenths(o, x);
	out_char(o, '"');
}

static void out_text_at(struct out *o, const char *class, double x, double y, const char *text)
{
	out_markup(o, "<text class=\"%s\"", class);
	out_attribute(o, "x", x);
	out_attribute(o, "y", y);
	out_char(o, '>');
	out_markup_text(o, text);
	out_string(o, "</text>\n");
}

static bool is_running(enum fb_scene_kind kind)
{
	return kind <= FB_SCENE_INTERRUPT;
}

/* "sys_poll, 201.761 ms, waits for a packet: SOFTIRQ NET_RX". */
static void piece_words(const struct fb_scene_piece *piece, GString *to)
{
	fb_ns us = (piece->end - piece->begin) / 1000;

	g_string_truncate(to, 0);
	if (piece->syscall)
		g_string_append_printf(to, "sys_%s, ", piece->syscall);
	g_string_append_printf(to, "%" G_GINT64_FORMAT ".%03d ms, %s", us / 1000, (int)(us % 1000),
			       fb_scene_kind_words(piece->kind));
	if (piece->cause)
		g_string_append_printf(to, ": %s", piece->cause);
	if (piece->merged)
		g_string_append_printf(to, ", and %u more", piece->merged - 1);
}

static void out_piece(const struct figure *f, const struct fb_scene_piece *piece, double y,
		      GString *words)
{
	double from = x_of(f, piece->begin), to = x_of(f, piece->end);
	double height = is_running(piece->kind) ? BAR : BAR / 2.0;

	if (piece->end <= f->scene->begin || piece->begin >= f->scene->end)
		return;
	out_markup(f->o, "<rect class=\"k%d\"", piece->kind);
	out_attribute(f->o, "x", from);
	out_attribute(f->o, "y", y - height / 2);
	out_attribute(f->o, "width", MAX(to - from, 0.7));
	out_attribute(f->o, "height", height);
	out_string(f->o, "><title>");
	piece_words(piece, words);
	out_markup_text(f->o, words->str);
	out_string(f->o, "</title></rect>\n");
	if (is_running(piece->kind) || !piece->syscall || piece->merged)
		return;
	g_string_printf(words, "sys_%s", piece->syscall);
	if ((double)words->len * SMALL < to - from)
		out_text_at(f->o, "call", (from + to) / 2, y + BAR / 2.0 + 9, words->str);
}

static void out_lane(const struct figure *f, uint32_t number, GString *words)
{
	const struct fb_scene_lane *lane = fb_scene_lane(f->scene, number);
	g_autofree char *name = g_utf8_make_valid(lane->name, -1);
	glong letters = g_utf8_strlen(name, -1);
	double y = y_of(number);

	if (letters > NAME_LETTERS) {
		g_autofree char *head = g_utf8_substring(name, 0, NAME_LETTERS / 2);
		g_autofree char *tail =
			g_utf8_substring(name, letters - NAME_LETTERS / 2 + 1, letters);

		g_free(name);
		name = g_strconcat(head, "…", tail, NULL);
	}
	out_text_at(f->o, "name", MARGIN, y + 4, name);
	out_string(f->o, "<line class=\"lane\"");
	out_attribute(f->o, "x1", f->left);
	out_attribute(f->o, "x2", f->right);
	out_attribute(f->o, "y1", y);
	out_attribute(f->o, "y2", y);
	out_string(f->o, "/>\n");
	for (guint i = 0; i < lane->pieces->len; i++)
		out_piece(f, &g_array_index(lane->pieces, struct fb_scene_piece, i), y, words);
}

static void out_axis(const struct figure *f, GString *words)
{
	fb_ns step = fb_scene_step(f->scene, 10);
	double bottom = y_of(f->scene->lanes->len) - LANE / 2.0;

	for (fb_ns at = 0; at <= f->scene->end - f->scene->begin; at += step) {
		double x = x_of(f, f->scene->begin + at);

		out_string(f->o, "<line class=\"tick\"");
		out_attribute(f->o, "x1", x);
		out_attribute(f->o, "x2", x);
		out_attribute(f->o, "y1", MARGIN + AXIS - 4);
		out_attribute(f->o, "y2", bottom);
		out_string(f->o, "/>\n");
		if (x + 3 * LETTER > WIDTH - MARGIN)
			continue;
		fb_scene_step_words(at, words);
		out_text_at(f->o, "time", x, MARGIN + AXIS - 8, words->str);
	}
}

static void out_arrow(const struct figure *f, const struct fb_scene_arrow *arrow, GString *words)
{
	double x1 = x_of(f, arrow->begin), x2 = x_of(f, arrow->end);
	double y2 = y_of(arrow->to), y1 = y2 - LANE * 0.45;
	double side;

	if (arrow->end < f->scene->begin || arrow->begin > f->scene->end)
		return;
	if (arrow->from != FB_SCENE_NO_LANE)
		y1 = y_of(arrow->from);
	side = y1 < y2 ? 1 : -1;
	if (arrow->from != FB_SCENE_NO_LANE)
		y1 += side * BAR / 2;
	y2 -= side * (BAR / 2.0 + 1);
	out_markup(f->o, "<line class=\"arrow %s\" marker-end=\"url(#head)\"",
		   fb_scene_arrow_name(arrow->kind));
	out_attribute(f->o, "x1", x1);
	out_attribute(f->o, "y1", y1);
	out_attribute(f->o, "x2", x2);
	out_attribute(f->o, "y2", y2);
	g_string_assign(words, arrow->label ? arrow->label : fb_scene_arrow_name(arrow->kind));
	out_string(f->o, "><title>");
	out_markup_text(f->o, words->str);
	out_string(f->o, "</title></line>\n");
}

/* Where labels of arrows stand already: the right end of the last one, by the upper lane. */
static void out_arrow_label(const struct figure *f, const struct fb_scene_arrow *arrow, double *ends)
{
	uint32_t upper = MIN(arrow->from, arrow->to);
	double x = (x_of(f, arrow->begin) + x_of(f, arrow->end)) / 2 + 3;
	double width;

	if (!arrow->label || arrow->end < f->scene->begin || arrow->begin > f->scene->end)
		return;
	width = (double)g_utf8_strlen(arrow->label, -1) * SMALL;
	if (x < ends[upper] || x + width > WIDTH)
		return;
	ends[upper] = x + width + SMALL;
	if (arrow->from == FB_SCENE_NO_LANE)
		out_text_at(f->o, "label", x, y_of(arrow->to) - LANE * 0.33, arrow->label);
	else
		out_text_at(f->o, "label", x, (y_of(arrow->from) + y_of(arrow->to)) / 2 + 4,
			    arrow->label);
}

static void out_arrows(const struct figure *f, GString *words)
{
	const GArray *arrows = f->scene->arrows;
	g_autofree double *ends = g_new0(double, f->scene->lanes->len + 1);

	for (guint i = 0; i < arrows->len; i++)
		out_arrow(f, &g_array_index(arrows, struct fb_scene_arrow, i), words);
	for (guint i = 0; i < arrows->len; i++)
		out_arrow_label(f, &g_array_index(arrows, struct fb_scene_arrow, i), ends);
}

static void out_marks(const struct figure *f)
{
	double bottom = y_of(f->scene->lanes->len) - LANE / 2.0;

	for (guint i = 0; i < f->scene->marks->len; i++) {
		const struct fb_scene_mark *mark =
			&g_array_index(f->scene->marks, struct fb_scene_mark, i);
		double from = x_of(f, mark->begin);

		out_string(f->o, "<rect class=\"mark\"");
		out_attribute(f->o, "x", from);
		out_attribute(f->o, "y", MARGIN + AXIS);
		out_attribute(f->o, "width", MAX(x_of(f, mark->end) - from, 1));
		out_attribute(f->o, "height", bottom - MARGIN - AXIS);
		out_string(f->o, "><title>");
		out_markup_text(f->o, mark->label);
		out_string(f->o, "</title></rect>\n");
	}
}

/* Lines of kinds below the lanes, as many as fit side by side. Returns how many; `f` NULL: none is drawn. */
static int out_legend(const struct figure *f, const bool met[FB_SCENE_KINDS], double top)
{
	double x = MARGIN;
	int line = 1;

	for (int kind = 0; kind < FB_SCENE_KINDS; kind++) {
		const char *words = fb_scene_kind_words(kind);
		double width = (double)strlen(words) * SMALL + 30, y;

		if (!met[kind])
			continue;
		if (x + width > WIDTH - MARGIN) {
			x = MARGIN;
			line++;
		}
		y = top + line * LEGEND_LINE;
		if (f) {
			double height = is_running(kind) ? 12 : 6;

			out_markup(f->o, "<rect class=\"k%d\"", kind);
			out_attribute(f->o, "x", x);
			out_attribute(f->o, "y", y - 4 - height / 2);
			out_string(f->o, " width=\"12\"");
			out_attribute(f->o, "height", height);
			out_string(f->o, "/>\n");
			out_text_at(f->o, "legend", x + 17, y, words);
		}
		x += width;
	}
	return line;
}

static void out_style(struct out *o)
{
	out_string(o, "<style>\n"
		      "text{font:12px system-ui,sans-serif;fill:#222}.title{font-weight:600}\n"
		      ".call,.label,.time,.legend{font-size:10px}.call,.time{text-anchor:middle}\n"
		      ".call,.time{fill:#555}.label{paint-order:stroke;stroke:#fff;stroke-width:3px}\n"
		      ".page{fill:#fff}.lane{stroke:#ddd}.tick{stroke:#eee}.mark{fill:#8884}\n"
		      ".arrow{stroke:#777;stroke-width:.8}.sends{stroke:#0072b2}.head{fill:#555}\n");
	out_scene_colors(o);
	out_string(o, "\n@media (prefers-color-scheme:dark){text{fill:#ddd}.call,.time{fill:#aaa}\n"
		      ".page{fill:#16181c}.lane{stroke:#333}.tick{stroke:#26282c}\n"
		      ".label{stroke:#16181c}.arrow{stroke:#999}.sends{stroke:#3fa0e0}.head{fill:#aaa}}\n"
		      "</style>\n");
}

static double names_width(const struct fb_scene *scene)
{
	glong longest = 0;

	for (guint i = 0; i < scene->lanes->len; i++)
		longest = MAX(longest, (glong)strlen(fb_scene_lane(scene, i)->name));
	return (double)MIN(longest, NAME_LETTERS) * LETTER;
}

static void out_figure(struct out *o, const struct fb_scene *scene)
{
	struct figure f = { o, scene, MARGIN + names_width(scene) + MARGIN, WIDTH - MARGIN };
	g_autoptr(GString) words = g_string_new(NULL);
	double bottom = y_of(scene->lanes->len) - LANE / 2.0;
	bool met[FB_SCENE_KINDS] = { false };
	int lines;

	fb_scene_kinds(scene, met);
	lines = out_legend(NULL, met, bottom);
	out_string(o, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
	out_markup(o, " width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>", WIDTH,
		   (int)bottom + lines * LEGEND_LINE + MARGIN, WIDTH,
		   (int)bottom + lines * LEGEND_LINE + MARGIN);
	out_markup_text(o, scene->title);
	out_string(o, "</title>\n");
	out_style(o);
	out_string(o, "<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"6\" "
		      "markerHeight=\"6\" orient=\"auto\"><path class=\"head\" d=\"M0 0L6 3L0 6z\"/>"
		      "</marker></defs>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n");
	out_text_at(o, "title", MARGIN, MARGIN + 4, scene->title);
	if (scene->lanes->len && scene->begin < scene->end) {
		out_axis(&f, words);
		out_marks(&f);
		for (uint32_t i = 0; i < scene->lanes->len; i++)
			out_lane(&f, i, words);
		out_arrows(&f, words);
	}
	out_legend(&f, met, bottom);
	out_string(o, "</svg>\n");
}

static void svg_row(struct fb_report *r, const void *row)
{
	if (r->table == &fb_scene_table)
		out_figure(&r->out, row);
}

/* No format but those that draw it has it, so it has no columns. */
const struct fb_table fb_scene_table = { .type = "scene" };

const struct writer svg_writer = {
	.name = "svg",
	.draws = DRAWS_SCENE,
	.row = svg_row,
};
