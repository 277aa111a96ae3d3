/* SPDX-License-Identifier: MIT */
/*
 * service-path.c - the path through a servant: whoever asked, the wait in the queue, the service.
 *
 *	 asker's level  │ queued  │ the servant's level
 *	begin         asked    service
 */
#include "history/walk.h"

static void push_queued(struct path *p, const struct fb_segment *like, fb_ns begin, fb_ns end)
{
	struct fb_segment queued = *like;

	if (begin >= end)
		return;
	queued.begin = begin;
	queued.end = end;
	queued.state = FB_STATE_QUEUED;
	g_array_append_val(p->pieces, queued);
}

void path_open_service(struct path *p, const struct level *like, record_number from,
		       const struct service *service)
{
	struct level level = *like;
	guint pieces = like->pieces;
	struct fb_segment asking = {
		.task = like->task, .begin = like->begin, .depth = like->depth };

	level.begin = CLAMP(service->begin, like->begin, like->end);
	asking.end = CLAMP(service->asked, like->begin, level.begin);
	if (level.begin < level.end) {
		path_open_level(p, &level, from, REC_RUNNING, NULL);
		if (p->at > like->begin)
			return; /* it was too much to look at */
		pieces = p->pieces->len;
	}
	push_queued(p, &asking, asking.end, level.begin);
	if (asking.begin == asking.end) {
		path_add_pieces(p, pieces);
	} else if (service->by) {
		path_follow(p, &asking, service->by, pieces, true);
	} else {
		path_add_unknown(p, &asking, asking.end, FB_UNKNOWN_CAUSE);
		path_add_pieces(p, pieces);
	}
}
