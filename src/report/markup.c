/* SPDX-License-Identifier: MIT */
/* markup.c - what a name of the trace looks like in a document, and which colours mean what. */
#include "report/markup.h"

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void out_markup_text(struct out *o, const char *text)
{
	while (*text) {
		int length = printable_length(text);
		const char *as = entity(*text);

		if (as)
			out_string(o, as);
		else if (length)
			out_bytes(o, text, length);
		else
			o->at = put_escaped_byte(out_room(o, ESCAPED_BYTE), *text);
		text += MAX(length, 1);
	}
}

/* Thousandths are exact enough for a picture, and no locale writes them otherwise. */
void out_markup(struct out *o, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	out_string(o, text);
}

/* After Okabe and Ito, and Tol. */
static const struct {
	const char *light, *dark;
} colors[FB_SCENE_KINDS] = {
	[FB_SCENE_USER] = { "#117733", "#33bb66" },
	[FB_SCENE_CALL] = { "#44aa99", "#55ccbb" },
	[FB_SCENE_INTERRUPT] = { "#f0e442", "#f0e442" },
	[FB_SCENE_READY] = { "#e69f00", "#ffb520" },
	[FB_SCENE_PACKET] = { "#0072b2", "#3fa0e0" },
	[FB_SCENE_DISK] = { "#d55e00", "#ff7a1a" },
	[FB_SCENE_TIMER] = { "#999999", "#8c8c8c" },
	[FB_SCENE_TASK] = { "#cc79a7", "#e493c1" },
	[FB_SCENE_SIGNAL] = { "#882255", "#c4568f" },
	[FB_SCENE_CHILD] = { "#56b4e9", "#88ccee" },
	[FB_SCENE_WAIT] = { "#c8c8c8", "#606060" },
	[FB_SCENE_UNKNOWN] = { "#e8e0d0", "#3c3830" },
};

void out_scene_colors(struct out *o)
{
	for (int kind = 0; kind < FB_SCENE_KINDS; kind++)
		out_markup(o, ".k%d{fill:%s}", kind, colors[kind].light);
	out_string(o, "@media (prefers-color-scheme:dark){");
	for (int kind = 0; kind < FB_SCENE_KINDS; kind++)
		out_markup(o, ".k%d{fill:%s}", kind, colors[kind].dark);
	out_char(o, '}');
}
