/* SPDX-License-Identifier: MIT */
/* attr.c - where in a record which number is: see attr.h. */
#include <stddef.h>

#include "perf/attr.h"

#include "perf/bytes.h"

#define TYPE_TRACEPOINT 2

enum { /* perf_event_attr.sample_type */
	SAMPLE_IP = 1 << 0,
	SAMPLE_TID = 1 << 1,
	SAMPLE_TIME = 1 << 2,
	SAMPLE_ADDR = 1 << 3,
	SAMPLE_READ = 1 << 4,
	SAMPLE_CALLCHAIN = 1 << 5,
	SAMPLE_ID = 1 << 6,
	SAMPLE_CPU = 1 << 7,
	SAMPLE_PERIOD = 1 << 8,
	SAMPLE_STREAM_ID = 1 << 9,
	SAMPLE_RAW = 1 << 10,
	SAMPLE_IDENTIFIER = 1 << 16,
};

enum { /* perf_event_attr.read_format */
	READ_ENABLED = 1,
	READ_RUNNING = 2,
	READ_ID = 4,
	READ_GROUP = 8,
	READ_LOST = 16,
};

/* The bits behind read_format, by their number: perf_event_attr's bit-fields. */
enum { BIT_ENABLE_ON_EXEC = 12, BIT_SAMPLE_ID_ALL = 18 };

/* ---- places ----------------------------------------------------------------------------- */

/* What of `order` is in `type` stands in that order, eight bytes each. */
static unsigned find_place(uint64_t type, const uint32_t *order, size_t n, uint32_t wanted)
{
	unsigned at = 0;

	for (size_t i = 0; i < n; i++) {
		if (order[i] == wanted)
			return type & wanted ? at : UINT8_MAX;
		at += type & order[i] ? 8 : 0;
	}
	return UINT8_MAX;
}

static unsigned count_places(uint64_t type, const uint32_t *order, size_t n)
{
	unsigned size = 0;

	for (size_t i = 0; i < n; i++)
		size += type & order[i] ? 8 : 0;
	return size;
}

static uint8_t sample_place(unsigned at)
{
	return at == UINT8_MAX ? 0 : RECORD_HEADER + at;
}

static void find_in_sample(struct places *p, uint64_t type)
{
	static const uint32_t order[] = {
		SAMPLE_IDENTIFIER, SAMPLE_IP, SAMPLE_TID, SAMPLE_TIME, SAMPLE_ADDR,
		SAMPLE_ID, SAMPLE_STREAM_ID, SAMPLE_CPU, SAMPLE_PERIOD,
	};
	const size_t n = G_N_ELEMENTS(order);

	p->tid = sample_place(find_place(type, order, n, SAMPLE_TID));
	p->time = sample_place(find_place(type, order, n, SAMPLE_TIME));
	p->cpu = sample_place(find_place(type, order, n, SAMPLE_CPU));
	p->id = sample_place(find_place(type, order, n, type & SAMPLE_IDENTIFIER ?
							       SAMPLE_IDENTIFIER : SAMPLE_ID));
	p->n = RECORD_HEADER + count_places(type, order, n);
}

static uint8_t other_place(unsigned at, unsigned n)
{
	return at == UINT8_MAX ? 0 : n - at;
}

static void find_in_other(struct places *p, uint64_t type)
{
	static const uint32_t order[] = {
		SAMPLE_TID, SAMPLE_TIME, SAMPLE_ID, SAMPLE_STREAM_ID, SAMPLE_CPU, SAMPLE_IDENTIFIER,
	};
	const size_t n = G_N_ELEMENTS(order);

	p->n = count_places(type, order, n);
	p->tid = other_place(find_place(type, order, n, SAMPLE_TID), p->n);
	p->time = other_place(find_place(type, order, n, SAMPLE_TIME), p->n);
	p->cpu = other_place(find_place(type, order, n, SAMPLE_CPU), p->n);
	p->id = other_place(find_place(type, order, n, type & SAMPLE_IDENTIFIER ?
							      SAMPLE_IDENTIFIER : SAMPLE_ID), p->n);
}

/* ---- what was asked for ----------------------------------------------------------------- */

void attrs_init(struct attrs *attrs)
{
	attrs->all = g_array_new(FALSE, TRUE, sizeof(struct attr));
	attrs->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	attrs->seen = g_new0(struct attr_seen, ATTRS_SEEN);
	attrs->cpus = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void attrs_clear(struct attrs *attrs)
{
	g_clear_pointer(&attrs->all, g_array_unref);
	g_clear_pointer(&attrs->by_id, g_hash_table_unref);
	g_clear_pointer(&attrs->seen, g_free);
	g_clear_pointer(&attrs->cpus, g_hash_table_unref);
}

/* Bit-fields are numbered from the low end, and by big-endian machines from the high end. */
static bool has_bit(const uint8_t *at, unsigned bit, bool big_endian)
{
	return get64(at, big_endian) >> (big_endian ? 63 - bit : bit) & 1;
}

void attrs_add(struct attrs *attrs, const uint8_t *at, size_t size)
{
	const bool be = attrs->big_endian;
	struct attr a = {
		.type = get32(at, be),
		.config = get64(at + 8, be),
		.sample_type = get64(at + 24, be),
		.read_format = get64(at + 32, be),
		.sample_id_all = has_bit(at + 40, BIT_SAMPLE_ID_ALL, be),
		.enables_on_exec = has_bit(at + 40, BIT_ENABLE_ON_EXEC, be),
	};

	g_assert(size >= ATTR_SIZE_MIN);
	find_in_sample(&a.sample, a.sample_type);
	if (a.sample_id_all)
		find_in_other(&a.other, a.sample_type);
	g_array_append_val(attrs->all, a);
}

void attrs_add_id(struct attrs *attrs, uint64_t id)
{
	g_hash_table_insert(attrs->by_id, g_memdup2(&id, sizeof(id)),
			    GUINT_TO_POINTER(attrs->all->len));
}

static const struct attr *attr_at(const struct attrs *attrs, guint i)
{
	return &g_array_index(attrs->all, struct attr, i);
}

bool attrs_finish(struct attrs *attrs)
{
	const struct attr *first = attrs->all->len ? attr_at(attrs, 0) : NULL;

	attrs->are_alike = true;
	for (guint i = 1; i < attrs->all->len; i++) {
		const struct attr *a = attr_at(attrs, i);

		if (a->sample_type != first->sample_type || a->read_format != first->read_format ||
		    a->sample_id_all != first->sample_id_all)
			attrs->are_alike = false;
	}
	/* Which attr a record is of must be told at one place, before anything is known of it. */
	for (guint i = 1; !attrs->are_alike && i < attrs->all->len; i++) {
		const struct attr *a = attr_at(attrs, i);

		if (!first->sample.id || a->sample.id != first->sample.id ||
		    a->other.id != first->other.id)
			return false;
	}
	return first != NULL;
}

/* NULL: the record is of none. */
static const struct attr *attr_of(const struct attrs *attrs, const struct record *r)
{
	const struct attr *first = attr_at(attrs, 0);
	const bool is_sample = r->type == RECORD_SAMPLE;
	struct attr_seen *seen;
	gpointer found;
	uint64_t id;

	if (attrs->are_alike)
		return first;
	if (is_sample ? r->size < first->sample.id + 8 :
			!first->other.id || r->size < RECORD_HEADER + first->other.id)
		return NULL;
	id = get64(r->at + (is_sample ? first->sample.id : r->size - first->other.id),
		   attrs->big_endian);
	seen = &attrs->seen[id % ATTRS_SEEN];
	if (seen->attr && seen->id == id)
		return seen->attr;
	found = g_hash_table_lookup(attrs->by_id, &id);
	/* What perf makes up itself may say 0: of the first. */
	if (!found)
		return id ? NULL : first;
	*seen = (struct attr_seen){ id, attr_at(attrs, GPOINTER_TO_UINT(found) - 1) };
	return seen->attr;
}

/* ---- records ---------------------------------------------------------------------------- */

/* Where what varies may be passed over; false: it does not fit. */
static bool skip_read(struct cursor *c, uint64_t format, bool be)
{
	unsigned times = !!(format & READ_ENABLED) + !!(format & READ_RUNNING);
	unsigned each = 1 + !!(format & READ_ID) + !!(format & READ_LOST);
	uint64_t n = format & READ_GROUP ? cursor_peek(c, 0, 64, be) : 1;

	if (c->fault || n > (c->end - c->pos) / 64)
		return false;
	cursor_skip(c, (!!(format & READ_GROUP) + times + n * each) * 64);
	return !c->fault;
}

static bool skip_callchain(struct cursor *c, bool be)
{
	uint64_t n = cursor_peek(c, 0, 64, be);

	if (c->fault || n > (c->end - c->pos) / 64)
		return false;
	cursor_skip(c, (1 + n) * 64);
	return !c->fault;
}

static bool read_raw(const struct attr *a, const struct record *r, struct sample *s, bool be)
{
	struct cursor c = { .base = r->at, .pos = a->sample.n * 8, .end = r->size * 8 };

	if ((a->sample_type & SAMPLE_READ && !skip_read(&c, a->read_format, be)) ||
	    (a->sample_type & SAMPLE_CALLCHAIN && !skip_callchain(&c, be)))
		return false;
	s->raw_size = cursor_peek(&c, 0, 32, be);
	cursor_skip(&c, 32);
	if (c.fault || s->raw_size > (c.end - c.pos) / 8)
		return false;
	s->raw = r->at + c.pos / 8;
	return true;
}

static fb_ns time_at(const uint8_t *at, bool be)
{
	return MIN(get64(at, be), (uint64_t)INT64_MAX);
}

static void read_places(const struct places *p, const uint8_t *tid, const uint8_t *time,
			const uint8_t *cpu, struct sample *s, bool be)
{
	*s = (struct sample){ .time = FB_NS_NONE, .cpu = -1, .pid = -1, .tid = -1 };
	if (p->tid) {
		s->pid = (int32_t)get32(tid, be);
		s->tid = (int32_t)get32(tid + 4, be);
	}
	if (p->time)
		s->time = time_at(time, be);
	if (p->cpu)
		s->cpu = get32(cpu, be);
}

bool record_read(const struct attrs *attrs, const struct record *r, struct sample *s)
{
	const struct attr *a = attr_of(attrs, r);
	const bool be = attrs->big_endian;

	if (!a)
		return false;
	if (r->type != RECORD_SAMPLE) {
		const struct places *p = &a->other;
		const uint8_t *end = r->at + r->size;

		if (r->size < RECORD_HEADER + p->n)
			return false;
		read_places(p, end - p->tid, end - p->time, end - p->cpu, s, be);
		return true;
	}
	if (r->size < a->sample.n)
		return false;
	read_places(&a->sample, r->at + a->sample.tid, r->at + a->sample.time,
		    r->at + a->sample.cpu, s, be);
	return a->type != TYPE_TRACEPOINT || !(a->sample_type & SAMPLE_RAW) ||
	       read_raw(a, r, s, be);
}

/* Where a number of the record is; NULL: it is not there. */
static const uint8_t *find_number(const struct attrs *attrs, const struct record *r,
				  size_t place_offset)
{
	const struct attr *a = attr_of(attrs, r);
	const bool is_sample = r->type == RECORD_SAMPLE;
	const struct places *p = !a ? NULL : is_sample ? &a->sample : &a->other;
	uint8_t place = p ? *((const uint8_t *)p + place_offset) : 0;

	if (!place || r->size < p->n + (is_sample ? 0 : RECORD_HEADER))
		return NULL;
	return is_sample ? r->at + place : r->at + r->size - place;
}

fb_ns record_time(const struct attrs *attrs, const struct record *r)
{
	const uint8_t *at = find_number(attrs, r, offsetof(struct places, time));

	return at ? time_at(at, attrs->big_endian) : FB_NS_NONE;
}

int record_cpu(const struct attrs *attrs, const struct record *r)
{
	const uint8_t *at = find_number(attrs, r, offsetof(struct places, cpu));
	uint32_t cpu = at ? get32(at, attrs->big_endian) : UINT32_MAX;

	return cpu < FB_CPUS_MAX ? (int)cpu : -1;
}

/* ---- CPUs of ids ------------------------------------------------------------------------ */

/* header, n:64, then of each: id:64 index:64 cpu:64 tid:64 */
void attrs_add_cpus(struct attrs *attrs, const struct record *r)
{
	const bool be = attrs->big_endian;
	const uint8_t *at = r->at + 16;
	uint64_t n = r->size >= 16 ? get64(r->at + 8, be) : 0;

	for (n = MIN(n, (r->size - MIN(r->size, 16)) / 32u); n; n--, at += 32) {
		const uint64_t id = get64(at, be), cpu = get64(at + 16, be);

		if (cpu < FB_CPUS_MAX)
			g_hash_table_insert(attrs->cpus, g_memdup2(&id, sizeof(id)),
					    GUINT_TO_POINTER(cpu + 1));
	}
}

int attrs_cpu_of_id(const struct attrs *attrs, const struct record *r)
{
	const uint8_t *at = find_number(attrs, r, offsetof(struct places, id));
	const uint64_t id = at ? get64(at, attrs->big_endian) : 0;

	return at ? (int)GPOINTER_TO_UINT(g_hash_table_lookup(attrs->cpus, &id)) - 1 : -1;
}
