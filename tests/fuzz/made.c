/* SPDX-License-Identifier: MIT */
/* made.c - see made.h. */
#include "made.h"

#define TEXT_SIZE 32
#define TIME_MAX  (INT64_C(1) << 50) /* 13 days: sums of all there is stay in range */

/* Texts as events have them: each fills a char[16], and ends at a NUL as well. */
static const char texts[][TEXT_SIZE] = {
	"",	       "client",	  "server",	   "swapper/0",
	"ksoftirqd/0", "kworker/0:1-eve", "migration/0",   "sixteen or more of them",
	"virtio0",     "/bin/true",	  "\x1b[31m\n\"\\", "\xff\xfe",
};

static int64_t number(uint8_t byte)
{
	static const int64_t odd[] = {
		-1,	   16,	      32,	 64,	    128,       256,	  512,	     1024,
		0x402,	   12345,     INT16_MAX, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX,
		1LL << 40, -4095,     -11,	 -512,
	};

	return byte < 216 ? byte % 12 : odd[byte % G_N_ELEMENTS(odd)];
}

/* ---- bytes -> event --------------------------------------------------------------------- */

static fb_ns next_time(const struct made *m, fb_ns now, const uint8_t *b)
{
	uint64_t step = b[2] < 192 ? b[2] : UINT64_C(1) << b[2] % 48;
	bool back = m->head[0] & MADE_GOES_BACK && b[3] & 1;

	if (back)
		return MAX(now - (fb_ns)step, 0);
	return MIN(now + (fb_ns)step, TIME_MAX);
}

static void set_names(struct fb_event *ev, const uint8_t *b)
{
	static const char *const vectors[] = {
		"x86_irq_vectors_local_timer_entry", "x86_irq_vectors_reschedule_entry",
		"x86_irq_vectors_call_function_single_entry", "x86_irq_vectors_spurious_apic_entry",
	};
	const struct fb_syscall *call =
		fb_syscall_by_number(FB_ABI_X86_64, b[3] + 256 * (b[4] & 1));
	struct fb_meaning meaning;

	switch (ev->kind) {
	case FB_EV_SYS_ENTER:
		ev->sys_enter.call = call;
		ev->sys_enter.fd = b[5] % 4 - 1;
		break;
	case FB_EV_SYS_EXIT:
		ev->sys_exit.call = call;
		ev->sys_exit.ret = number(b[5]);
		break;
	case FB_EV_VEC_ENTER:
	case FB_EV_VEC_EXIT:
		fb_vocabulary_find(vectors[b[3] % G_N_ELEMENTS(vectors)], &meaning);
		ev->vec.name = meaning.name;
		ev->vec.vector = meaning.vector;
		break;
	default:
		break;
	}
}

static void set_fields(struct fb_event *ev, const uint8_t *b)
{
	const struct fb_field *fields = fb_kinds[ev->kind].fields;

	for (unsigned i = 0; i < FB_FIELDS_MAX && fields[i].name; i++) {
		int64_t value = number(b[3 + i % 5]);
		uint16_t text = b[3 + i % 5] % G_N_ELEMENTS(texts) * TEXT_SIZE;

		if (fields[i].type == FB_FIELD_TEXT)
			value = b[1] & 0x10 ? FB_NO_TEXT : text;
		if (fields[i].size) /* little-endian hosts only */
			memcpy((char *)ev + fields[i].offset, &value, fields[i].size);
	}
}

static struct fb_event event_of(const struct made *m, const uint8_t *b, fb_ns now)
{
	struct fb_event ev = {
		.time = next_time(m, now, b),
		.ref = (const uint8_t *)texts,
		.cpu = b[1] == 0xff ? 100 : b[1] & 3,
		.kind = 1 + b[0] % (FB_EV_KINDS - 1),
		.flags = (b[1] & 0x20 ? FB_COMM16 : 0) | (b[1] & 0x40 ? FB_COMPAT : 0),
		.class = (b - m->bytes) / MADE_EVENT,
		.text = FB_NO_TEXT,
	};

	if (ev.kind == FB_EV_LOST) {
		ev.flags = (b[1] & 0x20 ? FB_LOST_PACKETS : 0) |
			   (b[1] & 0x40 ? FB_LOST_EARLIER : 0) | (b[1] & 0x80 ? FB_LOST_LATER : 0);
		ev.lost.until = next_time(m, ev.time, b + 1);
		ev.lost.count = MAX(number(b[4]), 0);
		return ev;
	}
	set_fields(&ev, b);
	set_names(&ev, b);
	return ev;
}

/* ---- the source ------------------------------------------------------------------------- */

static bool made_next(struct fb_source *source, struct fb_batch *batch, GError **error)
{
	struct made *m = (struct made *)source;
	size_t most = 1 + m->head[7] % 64, n = 0;

	(void)error;
	while (m->next < m->n && m->events[m->next].time < m->wanted &&
	       (m->events[m->next].kind != FB_EV_LOST || m->events[m->next].lost.until < m->wanted))
		m->next++;
	while (n < most && m->next + n < m->n)
		n++;
	*batch = (struct fb_batch){ m->events + m->next, n };
	m->next += n;
	source->info.events += n;
	return true;
}

/*
 * Packets that have to do with each other: one of two TCP connections over loopback, in one of
 * its directions, a few bytes at about the same sequence number.
 */
static bool made_packet(const uint8_t *b, const char *name, struct fb_value *value)
{
	const bool back = b[1] & 4;
	const struct {
		const char *name;
		int64_t number;
	} numbers[] = {
		{ "network_header_type", 1 }, { "protocol", 6 }, { "transport_header_type", 6 },
		{ "ihl", 5 }, { "data_offset", 5 }, { "tot_len", 40 + (b[4] >> 5) },
		{ "source_port", back ? 80 : 4000 + (b[1] >> 3 & 1) },
		{ "dest_port", back ? 4000 + (b[1] >> 3 & 1) : 80 },
		{ "seq", b[4] & 31 }, { "ack_seq", b[5] & 31 }, { "flags", b[6] & 63 }, { "id", b[6] },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (!strcmp(name, numbers[i].name)) {
			value->number = numbers[i].number;
			return true;
		}
	value->address_bytes = b[7] & 0x10 ? 16 : 4;
	value->address[0] = 127;
	return strstr(name, "addr") && name[1] == 'a';
}

static bool made_extra(const uint8_t *b, int field, struct fb_value *value)
{
	*value = (struct fb_value){ .number = number(b[3 + field % 5]) };
	if (field == FB_EXTRA_PEER_PORT)
		value->number = 4000 + (b[6] & 1);
	return b[7] & 1;
}

static bool made_field(struct fb_source *source, const struct fb_event *ev, int field,
		       struct fb_value *value)
{
	const struct made *m = (const struct made *)source;
	const uint8_t *b = m->bytes + ev->class * MADE_EVENT;
	const struct fb_field *f = fb_kinds[ev->kind].fields;
	uint8_t byte;

	if (field >= FB_EXTRA_CONTEXT_TID)
		return made_extra(b, field, value);
	f += field;
	*value = (struct fb_value){ 0 };
	if (f->within && b[7] < 216)
		return made_packet(b, f->name, value);
	/* Fields of packets are many, and each event has five bytes. */
	byte = b[3 + field % 5] + (field > 10 ? b[1] : 0);
	*value = (struct fb_value){ .number = number(byte) };
	if (f->type == FB_FIELD_TEXT) {
		value->is_text = true;
		value->text = texts[byte % G_N_ELEMENTS(texts)];
		value->length = strlen(value->text);
	} else if (f->type == FB_FIELD_ADDRESS) {
		value->address_bytes = byte & 0x80 ? 16 : 4;
		value->address[0] = byte & 1;
	} else if (f->size) {
		value->number = fb_event_number(ev, f);
	}
	return byte != 11;
}

static void made_skip(struct fb_source *source, fb_ns until)
{
	((struct made *)source)->wanted = until;
}

static double made_progress(struct fb_source *source)
{
	const struct made *m = (const struct made *)source;

	return m->n ? (double)m->next / m->n : -1;
}

static void made_close(struct fb_source *source)
{
	struct made *m = (struct made *)source;

	g_ptr_array_unref(source->info.problems);
	g_array_unref(source->info.classes);
	g_array_unref(source->info.losses);
	g_array_unref(source->info.late);
	g_free(m->events);
	g_free(m);
}

static void describe(struct made *m)
{
	static const char *const kernels[] = { "6.1.0", "4.4.3", "2.6.38", "5.19.0-rt", NULL, "odd" };
	struct fb_source_info *info = &m->source.info;

	*info = (struct fb_source_info){
		.kernel_release = kernels[m->head[1] % G_N_ELEMENTS(kernels)],
		.tracer_name = m->head[1] & 0x80 ? "perf" : "lttng-modules",
		.tracer_major = 2,
		.tracer_minor = m->head[1] & 0x40 ? 5 : 13,
		.clock_name = "monotonic",
		.clock_frequency = 1000000000,
		.abi = FB_ABI_X86_64,
		.fields = m->head[2] & 0x40 ? FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID : 0,
		.cpus = 4,
		.classes = g_array_new(FALSE, FALSE, sizeof(struct fb_class_count)),
		.losses = g_array_new(FALSE, FALSE, sizeof(struct fb_cpu_loss)),
		.problems = g_ptr_array_new_with_free_func(g_free),
		.kinds = FB_KINDS_ALL & ~FB_KIND_BIT(m->head[2] % FB_EV_KINDS) &
			 ~FB_KIND_BIT(m->head[3] % FB_EV_KINDS),
		.begin = m->n ? m->events[0].time : FB_NS_NONE,
		.end = m->n ? m->events[m->n - 1].time : FB_NS_NONE,
		.late = g_array_new(FALSE, FALSE, sizeof(struct fb_late_cpu)),
		.whole_until = FB_NS_NONE,
	};
	for (size_t i = 0; i < m->n; i++)
		info->cpus = MAX(info->cpus, m->events[i].cpu + 1);
}

fb_ns made_time(const struct made *m, uint8_t share)
{
	const struct fb_source_info *info = &m->source.info;
	uint64_t length = (uint64_t)info->end - (uint64_t)info->begin;

	return (uint64_t)info->begin + length / 240 * share + length % 240 * share / 240;
}

/* As in a snapshot: the record of one CPU begins later, that of another ends earlier. */
static void add_late_cpu(struct made *m)
{
	const struct fb_late_cpu late = { .cpu = 1, .begin = made_time(m, m->head[6] / 2) };

	g_array_append_val(m->source.info.late, late);
	m->source.info.whole_until = made_time(m, 0x80 | m->head[6] / 2);
}

/* What was not recorded does not come. */
static bool is_recorded(const struct made *m, enum fb_kind kind)
{
	return kind == FB_EV_LOST ||
	       (kind != m->head[2] % FB_EV_KINDS && kind != m->head[3] % FB_EV_KINDS);
}

struct made *made_new(const uint8_t *data, size_t size)
{
	static const struct fb_source_ops plain = { "made",	.next = made_next,
						    .field = made_field,
						    .progress = made_progress,
						    .close = made_close };
	static const struct fb_source_ops skips = { "made",	.next = made_next,
						    .field = made_field, .skip = made_skip,
						    .progress = made_progress,
						    .close = made_close };
	size_t most = (size - MADE_HEAD) / MADE_EVENT;
	struct made *m = g_new0(struct made, 1);
	fb_ns now = 1000;

	m->head = data;
	m->bytes = data + MADE_HEAD;
	m->events = g_new(struct fb_event, MAX(most, 1));
	m->wanted = INT64_MIN;
	for (size_t i = 0; i < most; i++) {
		m->events[m->n] = event_of(m, m->bytes + i * MADE_EVENT, now);
		now = m->events[m->n].time;
		m->n += is_recorded(m, m->events[m->n].kind);
	}
	m->source.ops = data[0] & MADE_SKIPS ? &skips : &plain;
	describe(m);
	if (data[3] & 0x40)
		add_late_cpu(m);
	return m;
}
