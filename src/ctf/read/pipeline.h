/* SPDX-License-Identifier: MIT */
/*
 * pipeline.h - from streams to batches of events in time order, by one thread or several.
 *
 *	stream 0 ─ chunks ─┐
 *	stream 1 ─ chunks ─┼─ merge ─ batches ─ the caller
 *	stream 2 ─ chunks ─┘
 *
 * Each thread, the caller's too, takes whatever there is to do: decode the next
 * chunk of a stream, or merge the next batch. What comes out does not depend on who did what.
 */
#ifndef CTF_READ_PIPELINE_H
#define CTF_READ_PIPELINE_H

#include <flightbox/source.h>

#include "ctf/read/stream.h"

struct pipeline;

/* `streams` (struct stream *) and what they share must outlive it. `jobs`: threads, at least 1. */
struct pipeline *pipeline_new(GPtrArray *streams, struct streams *all, unsigned jobs);
void pipeline_free(struct pipeline *p);

/*
 * The next events, lent until the next call; none at the end. What was met on the way is
 * added to `info`, and to `bytes` those of the packets begun.
 */
void pipeline_next(struct pipeline *p, struct fb_batch *batch, struct fb_source_info *info,
		   uint64_t *bytes);

#endif
