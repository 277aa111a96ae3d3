/* SPDX-License-Identifier: MIT */
/*
 * recode.h - writes packets anew: the same events at other times, of other tasks on other
 * CPUs and, if so wished, behind another kind of header, in smaller packets, or not all of them.
 */
#ifndef TOOLS_RECODE_H
#define TOOLS_RECODE_H

#include "ctf/read/packet.h"

/* What becomes different. */
struct edit {
	uint64_t time;		 /* added to clock values */
	/* What becomes of a clock value before that; never less for a later one. NULL: nothing. */
	uint64_t (*move)(uint64_t clock, const void *data);
	const void *move_data;
	uint64_t seq, discarded; /* added to the packets' counters */
	uint32_t cpu;		 /* added to CPU numbers */
	uint32_t tid;		 /* added to tids and pids above 0, in events that fb_kinds has */
	bool is_compact;	 /* event headers become id:5 time:27, or id:5 = 31 id:32 time:64 */
	uint64_t events;	 /* of a packet at most: it is cut into several; 0: as many as there are */
	GRand *dice;		 /* NULL: all events stay; else each is left out */
	double chance;		 /* … with this probability, and counted as discarded */
};

/* One packet after the other. */
struct recoder {
	const struct layouts *layouts;
	GPtrArray *patches; /* by class: GArray of struct patch, or NULL */
	uint32_t align;	    /* bytes: how far an event may be moved is a multiple of that */
	struct ctf_packet packet; /* as it was */
	uint8_t *to;	      /* as it is now, or what it was cut into; lent until the next one */
	size_t size, room;    /* bytes */
	uint64_t pieces;      /* packets that it was cut into */
	uint64_t left_out;    /* events */
};

/* `schemas`: struct schema *, compiled into `layouts`. NULL and `error`: they cannot be written. */
struct recoder *recoder_new(const GPtrArray *schemas, const struct layouts *layouts,
			    GError **error);
void recoder_free(struct recoder *r);

/*
 * Writes the packet `ref` of the file `f`, whose bytes as they are begin at `bytes`. False and
 * `error` when it cannot be read or written.
 */
bool recode(struct recoder *r, const struct data_file *f, const struct packet_ref *ref,
	    const uint8_t *bytes, const struct edit *edit, GError **error);

/* Sets the error and returns false. */
bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
