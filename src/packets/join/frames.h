/* SPDX-License-Identifier: MIT */
/*
 * frames.h - packets of one capture, held while one of a trace may still be the same:
 *
 *	|-- let go --|----- held -----|-- not read yet --|
 *	          now - 1 s        now + 1 s
 *
 * As long as they are few they are held whenever they were: by what equals the clock is found.
 */
#ifndef JOIN_FRAMES_H
#define JOIN_FRAMES_H

#include "packets/capture/capture.h"

#define FRAMES_FEW  65536	  /* that are held without regard to times */
#define FRAMES_MOST (1 << 21)	  /* and none of them beyond that */
#define FRAMES_AROUND 1000000000 /* ns before and after now in which they are held */

struct frame {
	uint64_t place;	 /* hash of its ends and of where it stands between them */
	uint64_t number; /* in its file */
	fb_ns time;	 /* by the capture's clock */
	uint32_t seq, ack_seq, payload;
	uint32_t next; /* of those with such a place */
	uint16_t id;
	uint8_t flags;
	bool is_taken : 1; /* it was found to be one of the trace's */
	bool has_tsval : 1;
	uint32_t tsval; /* TCP's timestamp */
};

struct frames;

/* Takes the capture. */
struct frames *frames_new(struct capture *capture);
void frames_free(struct frames *f);

/* It is `now` by the capture's clock: reads on, and lets go what is past. */
void frames_advance(struct frames *f, fb_ns now);

/* The one equal to `header` in every field, of several the nearest in time; NULL: there is none. */
struct frame *frames_find(struct frames *f, const struct packet_header *header, fb_ns near);

#define FRAMES_PIECES 512

/*
 * Cards cut what is sent at once: the frames into which they cut that packet, in the order of their
 * data. Returns how many, all of them, two at least; 0: it was not cut, or some are not there.
 */
unsigned frames_find_pieces(struct frames *f, const struct packet_header *header, fb_ns near,
			    struct frame *pieces[FRAMES_PIECES]);

/* It is somebody's, and is not found again. */
void frames_take(struct frames *f, struct frame *frame);

const struct capture *frames_capture(const struct frames *f);
/* What could not be read: NULL, all could. */
const GError *frames_error(const struct frames *f);

/* The times of the first and the last that were read; FB_NS_NONE: none was. `is_over`: there are no more. */
struct frames_span {
	fb_ns first, last;
	bool is_over;
};

struct frames_span frames_span(const struct frames *f);

#endif
