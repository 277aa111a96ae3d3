/* SPDX-License-Identifier: MIT */
/* join.c - packets of the trace, one by one, to those of each capture. */
#include "packets/join/join.h"

struct side {
	struct frames *frames;
	struct clock received, sent;
	uint64_t matched;
};

struct join {
	GArray *sides; /* struct side */
};

struct join *join_new(void)
{
	struct join *j = g_new0(struct join, 1);

	j->sides = g_array_new(FALSE, FALSE, sizeof(struct side));
	return j;
}

static struct side *side_at(const struct join *j, unsigned i)
{
	return &g_array_index(j->sides, struct side, i);
}

void join_free(struct join *j)
{
	if (!j)
		return;
	for (unsigned i = 0; i < j->sides->len; i++) {
		frames_free(side_at(j, i)->frames);
		clock_clear(&side_at(j, i)->received);
		clock_clear(&side_at(j, i)->sent);
	}
	g_array_free(j->sides, TRUE);
	g_free(j);
}

void join_add(struct join *j, struct capture *capture)
{
	struct side side = { .frames = frames_new(capture) };

	clock_init(&side.received);
	clock_init(&side.sent);
	g_array_append_val(j->sides, side);
}

static const struct clock *clock_of(const struct side *side)
{
	return clock_lines(&side->received) ? &side->received : &side->sent;
}

/* ---- one packet -------------------------------------------------------------------------- */

static bool has_key(const struct packet_header *h)
{
	return h->address_bytes && (h->has_seq || h->protocol != PROTOCOL_TCP);
}

static struct joined missing(enum join_missing why)
{
	return (struct joined){ .missing = why };
}

static void take(struct side *side, struct frame *frame, struct joined *to)
{
	if (!to->n)
		to->captured = frame->time;
	to->first = to->n ? MIN(to->first, frame->number) : frame->number;
	to->last = MAX(to->last, frame->number);
	to->n++;
	to->has_tsval = frame->has_tsval;
	to->tsval = frame->tsval;
	side->matched++;
	frames_take(side->frames, frame);
}

static void take_pieces(struct side *side, const struct packet_header *h, fb_ns near,
			struct joined *to)
{
	struct frame *pieces[FRAMES_PIECES];
	unsigned n = frames_find_pieces(side->frames, h, near, pieces);

	for (unsigned i = 0; i < n; i++)
		take(side, pieces[i], to);
}

static struct joined find(struct side *side, struct clock *clock, const struct packet_header *h,
			  fb_ns time)
{
	fb_ns near = time + clock_difference(clock_of(side));
	struct joined found = { 0 };
	struct frame *frame;

	frames_advance(side->frames, near);
	frame = frames_find(side->frames, h, near);
	if (frame)
		take(side, frame, &found);
	else
		take_pieces(side, h, near, &found);
	if (found.n)
		clock_add(clock, time, found.captured - time);
	return found;
}

static enum join_missing why_not(const struct side *side, fb_ns time)
{
	struct frames_span span = frames_span(side->frames);
	fb_ns now = time + clock_difference(clock_of(side));

	if (span.first == FB_NS_NONE)
		return JOIN_EMPTY;
	/* Behind a packet that is in it is behind its begin, whatever its clock was set to since. */
	if (now < span.first && !side->matched)
		return JOIN_BEFORE;
	return span.is_over && now > span.last ? JOIN_AFTER : JOIN_ABSENT;
}

/* Of several captures the one that has most to say of that time. */
static enum join_missing why_in_none(const struct join *j, fb_ns time)
{
	static const unsigned tells[] = { [JOIN_ABSENT] = 3, [JOIN_BEFORE] = 2, [JOIN_AFTER] = 2,
					  [JOIN_EMPTY] = 1 };
	enum join_missing why = JOIN_EMPTY;

	for (unsigned i = 0; i < j->sides->len; i++) {
		enum join_missing other = why_not(side_at(j, i), time);

		if (tells[other] > tells[why])
			why = other;
	}
	return why;
}

/* All captures are asked, for the sake of their clocks; the first one that has it is named. */
static struct joined join_packet(struct join *j, const struct packet_header *h, fb_ns time,
				 bool is_sent)
{
	struct joined named = { 0 };

	if (!has_key(h))
		return missing(JOIN_UNKEYED);
	for (unsigned i = 0; i < j->sides->len; i++) {
		struct side *side = side_at(j, i);
		struct joined found = find(side, is_sent ? &side->sent : &side->received, h, time);

		found.path = capture_path(frames_capture(side_at(j, i)->frames));
		if (found.n && !named.n)
			named = found;
	}
	return named.n ? named : missing(why_in_none(j, time));
}

struct joined join_received(struct join *j, const struct packet_header *header, fb_ns time)
{
	return join_packet(j, header, time, false);
}

struct joined join_sent(struct join *j, const struct packet_header *header, fb_ns time)
{
	return join_packet(j, header, time, true);
}

/* ---- what was found ---------------------------------------------------------------------- */

unsigned join_captures(const struct join *j)
{
	return j->sides->len;
}

struct join_state join_state(const struct join *j, unsigned i)
{
	const struct side *side = side_at(j, i);

	return (struct join_state){
		.capture = frames_capture(side->frames),
		.error = frames_error(side->frames),
		.matched = side->matched,
		.clock = clock_of(side),
		.is_by_sent = !clock_lines(&side->received),
	};
}
