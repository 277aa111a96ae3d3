/* SPDX-License-Identifier: MIT */
/*
 * attr.h - what perf was asked to record (struct perf_event_attr), and from it where in a record
 * which number is. Rules: perf_event_open(2), PERF_RECORD_SAMPLE and sample_id_all.
 *
 *	record  type:32 misc:16 size:16
 *	sample  [id] [ip] [pid tid] [time] [addr] [id] [stream] [cpu] [period] [read] [callchain] [raw]
 *	others  … [pid tid] [time] [id] [stream] [cpu] [id]      behind what the type has
 */
#ifndef PERF_ATTR_H
#define PERF_ATTR_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include <flightbox/event.h>

#define RECORD_HEADER 8

enum { /* records' types: those below 64 are the kernel's, the others perf's own */
	RECORD_LOST = 2,
	RECORD_SAMPLE = 9,
	RECORD_LOST_SAMPLES = 13,
	RECORD_USER = 64,
	RECORD_HEADER_ATTR = 64,
	RECORD_TRACING_DATA = 66,
	RECORD_FINISHED_ROUND = 68,
	RECORD_ID_INDEX = 69,
	RECORD_AUXTRACE = 71,
	RECORD_HEADER_FEATURE = 80,
	RECORD_COMPRESSED = 81,
	RECORD_COMPRESSED2 = 83,
};

/* Offsets in bytes: in a sample from its begin, in others from their end back; 0: it is not there. */
struct places {
	uint8_t tid, time, id, cpu;
	uint8_t n; /* bytes of all that have a fixed place */
};

struct attr {
	uint32_t type;
	uint64_t config, sample_type, read_format;
	bool sample_id_all, enables_on_exec;
	struct places sample, other;
};

/* An id that was looked up, by its lower bits. */
struct attr_seen {
	uint64_t id;
	const struct attr *attr; /* NULL: none was */
};

#define ATTRS_SEEN 256

struct attrs {
	bool big_endian;
	GArray *all;	    /* struct attr */
	GHashTable *by_id;  /* uint64_t * of an event's id -> its place in `all`, from 1 on */
	GHashTable *cpus;   /* … -> its CPU, from 1 on */
	struct attr_seen *seen; /* ATTRS_SEEN of them */
	bool are_alike;	    /* all have their numbers in the same places */
};

/* One record. */
struct record {
	const uint8_t *at;
	uint16_t size;
	uint32_t type;
};

/* A sample, or what another record says at its end; `at` of the record must live. */
struct sample {
	fb_ns time; /* FB_NS_NONE: not told */
	int64_t cpu, pid, tid; /* -1: not told */
	const uint8_t *raw; /* a tracepoint's bytes; NULL: none */
	uint32_t raw_size;
};

void attrs_init(struct attrs *attrs);
void attrs_clear(struct attrs *attrs);

/* Adds one from its `size` bytes, as perf wrote them: at least ATTR_SIZE_MIN. */
#define ATTR_SIZE_MIN 64
void attrs_add(struct attrs *attrs, const uint8_t *at, size_t size);

/* An id of events of the attr that was added last. */
void attrs_add_id(struct attrs *attrs, uint64_t id);

/* Which CPUs ids are of, from a record that tells. */
void attrs_add_cpus(struct attrs *attrs, const struct record *id_index);

/* The CPU of the event that a record's id names; -1: not known. */
int attrs_cpu_of_id(const struct attrs *attrs, const struct record *record);

/* When all are there. Returns false where records cannot be told from each other. */
bool attrs_finish(struct attrs *attrs);

/* False: the record is not what its attr says. */
bool record_read(const struct attrs *attrs, const struct record *record, struct sample *sample);

/* Its time alone; FB_NS_NONE: it has none. */
fb_ns record_time(const struct attrs *attrs, const struct record *record);

/* The CPU that it is of; -1: it does not tell, or one that cannot be. */
int record_cpu(const struct attrs *attrs, const struct record *record);

#endif
