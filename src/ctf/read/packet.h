/* SPDX-License-Identifier: MIT */
/*
 * packet.h - packet headers, and the files of packets.
 *
 *	packet  |header|context|events ………………………………|padding|
 *	        0              first               content  size
 */
#ifndef CTF_READ_PACKET_H
#define CTF_READ_PACKET_H

#include "ctf/read/info.h"
#include "ctf/layout/schema.h"

#define CTF_MAGIC 0xC1FC1FC1u

#define CONTENT_UNKNOWN UINT64_MAX

/* A packet's header and context. */
struct ctf_packet {
	const struct stream_class *sc;
	uint64_t values[PACKET_FIELDS]; /* of those that `has` says; clock values as recorded */
	uint32_t has;			/* bits 1 << enum packet_field */
	uint64_t first, content; /* bits from the packet's start; first <= content <= size * 8 */
	uint64_t size;		 /* bytes; to the end of the file when the packet does not say */
	/* Of one that is OPEN either may be unknown: size 0, content CONTENT_UNKNOWN. */
};

static inline bool packet_has(const struct ctf_packet *p, enum packet_field field)
{
	return p->has >> field & 1;
}

enum packet_status {
	PACKET_FINE,
	PACKET_OPEN,   /* its sizes cannot be right: mostly because the tracer died before it wrote them */
	PACKET_BROKEN, /* cannot be read, but `size` tells where the next one begins */
	PACKET_ASTRAY, /* nothing here can be believed */
	PACKET_SHORT,  /* more bytes are needed to tell */
};

/* The bytes at hand: `n` from a packet's start on, of `left` that the file has. */
struct packet_bytes {
	const uint8_t *at; /* aligned to schema.align */
	uint64_t n, left;
};

/*
 * Reads header and context. `m` keeps what events may refer to. When it is not
 * FINE, `problem` (not NULL) says so: "byte 4096: expected …, found …";
 * `offset` is the packet's in its file.
 */
enum packet_status packet_read(struct ctf_packet *p, const struct schema *s, struct machine *m,
			       const struct packet_bytes *bytes, uint64_t offset, GString *problem);

/* The CPU whose events it holds; below FB_CPUS_MAX, where it is FINE or OPEN. */
static inline uint64_t packet_cpu(const struct ctf_packet *p)
{
	if (packet_has(p, PACKET_CPU))
		return p->values[PACKET_CPU];
	return packet_has(p, PACKET_INSTANCE) ? p->values[PACKET_INSTANCE] : 0;
}

/* A packet's place in a file, and what orders the packets of a stream. */
struct packet_ref {
	uint64_t offset, size; /* bytes; the size is what the file really has */
	uint64_t begin, end;   /* clock; 0 when not recorded */
	uint64_t seq, content; /* 0 when not recorded; bits, of OPEN ones those that were written */
	uint64_t discarded;    /* events; the running counter as recorded */
	bool is_open;	       /* its sizes are not recorded but found */
	bool is_after_gap;     /* what lies before it in the file could not be read */
};

struct data_file {
	char *path;
	const struct schema *schema;
	int fd;			       /* -1 when closed */
	uint64_t size;		       /* when it was opened */
	const struct stream_class *sc; /* of its first packet */
	uint64_t instance;	       /* stream instance or CPU of its first packet */
	bool has_instance;
	bool ends_in_gap; /* what lies behind its last packet could not be read */
	bool is_jagged;	  /* packets begin where their types are not aligned */
	bool is_unsteady; /* it shrank since then: to be copied before it is read */
	uint32_t cpus;	 /* highest CPU number of its packets + 1 */
	GArray *packets; /* struct packet_ref; empty for what is no stream */
};

/*
 * Finds the packets of a file. Problems go to `info`. NULL when the file is no
 * stream, is empty or cannot be opened.
 */
struct data_file *data_file_new(const char *path, const struct schema *s,
				struct fb_source_info *info);
void data_file_free(struct data_file *f);

#endif
