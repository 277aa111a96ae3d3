/* SPDX-License-Identifier: MIT */
/* captures.c - opens them, and tells what is wrong with them. */
#include "packets/captures.h"

#include "source/facts.h"

struct captures {
	struct fb_source *source;
	struct join *join;
	bool has_keys; /* the trace tells of headers */
	bool has_ended;
};

static void add(struct captures *c, const char *path)
{
	GError *error = NULL;
	struct capture *capture = capture_open(path, &error);

	if (capture) {
		join_add(c->join, capture);
		return;
	}
	info_problem(&c->source->info, "%s", error->message);
	g_error_free(error);
}

struct captures *captures_new(struct fb_source *source)
{
	const GPtrArray *paths = source->info.captures;
	struct captures *c;

	if (!paths || !paths->pdata[0])
		return NULL;
	c = g_new0(struct captures, 1);
	c->source = source;
	c->join = join_new();
	for (guint i = 0; paths->pdata[i]; i++)
		add(c, paths->pdata[i]);
	if (join_captures(c->join))
		return c;
	captures_free(c);
	return NULL;
}

void captures_free(struct captures *c)
{
	if (!c)
		return;
	join_free(c->join);
	g_free(c);
}

static fb_ns since_epoch(const struct captures *c, const struct fb_event *ev)
{
	return ev->time + c->source->info.clock_offset;
}

struct joined captures_received(struct captures *c, const struct fb_event *ev,
				const struct packet_header *header)
{
	c->has_keys |= header->address_bytes > 0;
	return join_received(c->join, header, since_epoch(c, ev));
}

struct joined captures_sent(struct captures *c, const struct fb_event *ev,
			    const struct packet_header *header)
{
	c->has_keys |= header->address_bytes > 0;
	return join_sent(c->join, header, since_epoch(c, ev));
}

/* ---- what was found ---------------------------------------------------------------------- */

void captures_tell(const struct captures *c, const struct joined *found, struct fb_packet_key *to)
{
	static const enum fb_packet_unnumbered why[] = {
		[JOIN_ABSENT] = FB_PACKET_NOT_CAPTURED, [JOIN_BEFORE] = FB_PACKET_CAPTURED_LATER,
		[JOIN_AFTER] = FB_PACKET_CAPTURE_OVER,	[JOIN_EMPTY] = FB_PACKET_CAPTURE_EMPTY,
		[JOIN_UNKEYED] = FB_PACKET_UNKEYED,
	};

	to->captured = FB_NS_NONE;
	if (!found->n) {
		to->unnumbered = c ? why[found->missing] : FB_PACKET_NUMBERED;
		return;
	}
	to->file = found->path;
	to->number = found->first;
	to->last_number = found->last;
	to->captured = found->captured;
	to->has_tsval = found->has_tsval;
	to->tsval = found->tsval;
}

/* Of IP: others no trace tells of. */
static uint64_t packets_of(const struct capture *capture)
{
	const struct capture_counts *counts = capture_counts(capture);

	return counts->packets - counts->not_ip - counts->foreign;
}

static struct fb_capture_clock clock_told(const struct captures *c, const struct clock_line *line)
{
	fb_ns epoch = c->source->info.clock_offset;

	return (struct fb_capture_clock){ .begin = line->begin - epoch,
					  .end = line->end - epoch,
					  .packets = line->pairs,
					  .offset = line->offset,
					  .spread = line->spread,
					  .drift_ppm = line->drift / 1000,
					  .is_exact = line->is_exact };
}

bool captures_nth(const struct captures *c, unsigned i, struct fb_capture *to)
{
	struct join_state state;
	unsigned lines;

	if (!c || i >= join_captures(c->join))
		return false;
	state = join_state(c->join, i);
	lines = clock_lines(state.clock);
	*to = (struct fb_capture){ .path = capture_path(state.capture),
				   .packets = packets_of(state.capture),
				   .matched = state.matched,
				   .is_by_sent = state.is_by_sent };
	for (unsigned n = 0; n < MIN(lines, FB_CAPTURE_CLOCKS); n++) {
		const struct clock_line line = clock_line(state.clock, n);

		to->clocks[to->n_clocks++] = clock_told(c, &line);
	}
	return true;
}

static void note_problems(struct captures *c, const struct join_state *state)
{
	uint64_t packets = packets_of(state->capture);

	if (state->error)
		info_problem(&c->source->info, "%s", state->error->message);
	if (packets && !state->matched && c->has_keys)
		info_problem(&c->source->info,
			     "%s: none of %" G_GUINT64_FORMAT " packets is one of the trace's",
			     capture_path(state->capture), packets);
}

void captures_end(struct captures *c)
{
	if (!c || c->has_ended)
		return;
	c->has_ended = true;
	for (unsigned i = 0; i < join_captures(c->join); i++) {
		const struct join_state state = join_state(c->join, i);

		note_problems(c, &state);
	}
}
