/* SPDX-License-Identifier: MIT */
/*
 * dot.c - a graph for graphviz: nodes, those of one group in one box, and edges.
 *
 * All else is left out. The labels are texts of the trace, so whatever is no
 * plain UTF-8 text in them is escaped.
 */
#include "report/writer.h"

/* \xNN, as a label shows it. */
static void out_escaped(struct out *o, unsigned char c)
{
	char *to = out_room(o, 1 + ESCAPED_BYTE);

	*to++ = '\\';
	o->at = put_escaped_byte(to, c);
}

/* "\\" becomes a backslash, "\n" a line of its own; no other escape is let through. */
static void out_label(struct out *o, const char *text)
{
	out_char(o, '"');
	while (*text) {
		int length = printable_length(text);

		if (*text == '\n')
			out_string(o, "\\n");
		else if (!length)
			out_escaped(o, *text);
		else if (*text == '"' || *text == '\\')
			out_bytes(o, (const char[]){ '\\', *text }, 2);
		else
			out_bytes(o, text, length);
		text += MAX(length, 1);
	}
	out_char(o, '"');
}

static void dot_begin(struct fb_report *r)
{
	out_string(&r->out, "digraph flightbox {\n\trankdir=LR;\n\tnode [shape=box];\n");
}

static void out_node(struct out *o, const struct fb_graph_node *node)
{
	out_string(o, "\tsubgraph ");
	out_char(o, '"');
	out_string(o, "cluster_");
	out_int(o, node->group);
	out_string(o, "\" { label=");
	out_label(o, node->title);
	out_string(o, "; n");
	out_int(o, node->id);
	out_string(o, " [label=");
	out_label(o, node->label);
	out_string(o, "]; }\n");
}

static void out_edge(struct out *o, const struct fb_graph_edge *edge)
{
	out_string(o, "\tn");
	out_int(o, edge->from);
	out_string(o, " -> n");
	out_int(o, edge->to);
	if (edge->label) {
		out_string(o, " [label=");
		out_label(o, edge->label);
		out_char(o, ']');
	}
	out_string(o, ";\n");
}

static void dot_row(struct fb_report *r, const void *row)
{
	if (r->table == &fb_graph_nodes)
		out_node(&r->out, row);
	else if (r->table == &fb_graph_edges)
		out_edge(&r->out, row);
}

static void dot_end(struct fb_report *r, const struct report_end *end)
{
	(void)end;
	out_string(&r->out, "}\n");
}

/* No other format has them, so they have no columns. */
const struct fb_table fb_graph_nodes = { .type = "node" };
const struct fb_table fb_graph_edges = { .type = "edge" };

const struct writer dot_writer = {
	.name = "dot",
	.draws = DRAWS_GRAPH,
	.begin = dot_begin,
	.row = dot_row,
	.end = dot_end,
};
