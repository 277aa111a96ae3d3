/* SPDX-License-Identifier: MIT */
/*
 * chain.c - makes a kernel trace of any size, to see what time grows with:
 *
 *	chain [--cpus N] [--tasks N] [--depth N] [--waits N] OUT
 *
 * Tasks stand in chains of --depth. On each CPU one chain runs after the other: a timer wakes the
 * first of its tasks, each wakes the next with a write(), and waits for the one before in a read():
 *
 *	timer ──► 1 writes, reads    2 writes, reads    …    depth reads
 *	            └─ wakes ──────────┘ └─ wakes ── …
 *
 * So a wait of the n-th is n waits deep, and there are about as many waits as --waits says.
 * Each task is a process of its own, which a statedump tells.
 */
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PACKET   131072 /* bytes */
#define TID_LEAST 1000
#define CPU_SKEW 7      /* ns that each CPU is behind the one before */
#define STEP     300    /* ns between events */

enum event { SWITCH, WAKING, READ, READ_END, WRITE, WRITE_END, TIMER, TIMER_END, STATE, STATE_START, STATE_END };

static const char metadata[] =
	"/* CTF 1.8 */\n"
	"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
	"typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
	"typealias integer { size = 32; align = 8; signed = true; } := i32;\n"
	"typealias integer { size = 64; align = 8; signed = true; } := i64;\n"
	"typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := letter;\n"
	"trace { major = 1; minor = 8; byte_order = le;\n"
	"	packet.header := struct { u32 magic; u32 stream_id; };\n"
	"};\n"
	"env { hostname = \"chain\"; domain = \"kernel\"; sysname = \"Linux\";\n"
	"	kernel_release = \"6.1.0\"; kernel_version = \"#1 SMP\"; tracer_name = \"lttng-modules\";\n"
	"	tracer_major = 2; tracer_minor = 13; tracer_patchlevel = 9;\n"
	"};\n"
	"clock { name = monotonic; freq = 1000000000; offset = 1700000000000000000; };\n"
	"typealias integer { size = 64; align = 8; signed = false;\n"
	"	map = clock.monotonic.value; } := time;\n"
	"stream { id = 0;\n"
	"	event.header := struct { u16 id; time timestamp; };\n"
	"	packet.context := struct { time timestamp_begin; time timestamp_end; u64 content_size;\n"
	"		u64 packet_size; u64 packet_seq_num; u64 events_discarded; u32 cpu_id; };\n"
	"};\n"
	"event { name = \"sched_switch\"; id = 0; stream_id = 0; fields := struct {\n"
	"	letter prev_comm[16]; i32 prev_tid; i32 prev_prio; i64 prev_state;\n"
	"	letter next_comm[16]; i32 next_tid; i32 next_prio; }; };\n"
	"event { name = \"sched_waking\"; id = 1; stream_id = 0; fields := struct {\n"
	"	letter comm[16]; i32 tid; i32 prio; i32 target_cpu; }; };\n"
	"event { name = \"syscall_entry_read\"; id = 2; stream_id = 0; fields := struct { i32 fd; }; };\n"
	"event { name = \"syscall_exit_read\"; id = 3; stream_id = 0; fields := struct { i64 ret; }; };\n"
	"event { name = \"syscall_entry_write\"; id = 4; stream_id = 0; fields := struct { i32 fd; }; };\n"
	"event { name = \"syscall_exit_write\"; id = 5; stream_id = 0; fields := struct { i64 ret; }; };\n"
	"event { name = \"timer_hrtimer_expire_entry\"; id = 6; stream_id = 0; fields := struct {\n"
	"	u64 hrtimer; i64 now; u64 function; }; };\n"
	"event { name = \"timer_hrtimer_expire_exit\"; id = 7; stream_id = 0; fields := struct {\n"
	"	u64 hrtimer; }; };\n"
	"event { name = \"lttng_statedump_process_state\"; id = 8; stream_id = 0; fields := struct {\n"
	"	i32 tid; i32 pid; i32 ppid; letter name[16]; i32 type; i32 status; }; };\n"
	"event { name = \"lttng_statedump_start\"; id = 9; stream_id = 0; fields := struct { }; };\n"
	"event { name = \"lttng_statedump_end\"; id = 10; stream_id = 0; fields := struct { }; };\n";

static int cpus = 2, tasks = 64, depth = 4, waits = 100000;

static const GOptionEntry options[] = {
	{ "cpus", 0, 0, G_OPTION_ARG_INT, &cpus, "How many CPUs", "N" },
	{ "tasks", 0, 0, G_OPTION_ARG_INT, &tasks, "How many tasks on all of them", "N" },
	{ "depth", 0, 0, G_OPTION_ARG_INT, &depth, "How many of them wait one for the next", "N" },
	{ "waits", 0, 0, G_OPTION_ARG_INT, &waits, "About how many waits there are", "N" },
	G_OPTION_ENTRY_NULL,
};

G_GNUC_NORETURN static void die(const char *what, const char *why)
{
	fprintf(stderr, "chain: %s: %s\n", what, why);
	exit(1);
}

/* ---- a stream, little-endian -------------------------------------------------------------- */

struct stream {
	FILE *file;
	const char *dir;
	uint32_t cpu;
	uint64_t now, begin, number;
	GByteArray *events; /* of the packet */
};

static void put(GByteArray *to, uint64_t value, int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		g_byte_array_append(to, &(guint8){ value }, 1);
}

static void put_name(GByteArray *to, int32_t tid)
{
	char name[16] = "";

	if (tid)
		g_snprintf(name, sizeof(name), "task-%d", tid);
	else
		g_snprintf(name, sizeof(name), "swapper/0");
	g_byte_array_append(to, (const guint8 *)name, sizeof(name));
}

static void packet_end(struct stream *s)
{
	enum { HEADER = 8 + 6 * 8 + 4 };
	g_autoptr(GByteArray) head = g_byte_array_new();
	uint64_t bits = (HEADER + (uint64_t)s->events->len) * 8;

	if (!s->events->len)
		return;
	put(head, 0xc1fc1fc1, 4);
	put(head, 0, 4);
	put(head, s->begin, 8);
	put(head, s->now, 8);
	put(head, bits, 8);
	put(head, bits, 8);
	put(head, s->number++, 8);
	put(head, 0, 8);
	put(head, s->cpu, 4);
	if (fwrite(head->data, 1, head->len, s->file) != head->len ||
	    fwrite(s->events->data, 1, s->events->len, s->file) != s->events->len)
		die(s->dir, g_strerror(errno));
	g_byte_array_set_size(s->events, 0);
}

/* The fields go behind it. */
static GByteArray *event(struct stream *s, enum event id)
{
	if (s->events->len > PACKET)
		packet_end(s);
	s->now += STEP;
	if (!s->events->len)
		s->begin = s->now;
	put(s->events, id, 2);
	put(s->events, s->now, 8);
	return s->events;
}

static void stream_open(struct stream *s, const char *dir, int cpu)
{
	g_autofree char *path = g_strdup_printf("%s/channel0_%d", dir, cpu);

	*s = (struct stream){ .dir = dir, .cpu = cpu, .now = 1000000000 + CPU_SKEW * cpu };
	s->file = fopen(path, "wb");
	if (!s->file)
		die(path, g_strerror(errno));
	s->events = g_byte_array_new();
}

static void stream_close(struct stream *s)
{
	packet_end(s);
	if (fclose(s->file))
		die(s->dir, g_strerror(errno));
	g_byte_array_unref(s->events);
}

/* ---- what happens ------------------------------------------------------------------------- */

static void on_switch(struct stream *s, int32_t prev, int64_t state, int32_t next)
{
	GByteArray *to = event(s, SWITCH);

	put_name(to, prev);
	put(to, prev, 4);
	put(to, 20, 4);
	put(to, state, 8);
	put_name(to, next);
	put(to, next, 4);
	put(to, 20, 4);
}

static void on_waking(struct stream *s, int32_t tid)
{
	GByteArray *to = event(s, WAKING);

	put_name(to, tid);
	put(to, tid, 4);
	put(to, 20, 4);
	put(to, s->cpu, 4);
}

static void on_timer(struct stream *s, int32_t tid)
{
	GByteArray *to = event(s, TIMER);

	put(to, 0x1000, 8);
	put(to, s->now, 8);
	put(to, 0xffffffff81000000, 8);
	on_waking(s, tid);
	put(event(s, TIMER_END), 0x1000, 8);
}

/* One chain, from its timer until its last task sleeps. `again`: they were here before, and read. */
static void run_chain(struct stream *s, int32_t first, bool again)
{
	int32_t before = 0;

	on_timer(s, first);
	for (int32_t tid = first; tid < first + depth; tid++) {
		on_switch(s, before, before ? 1 : 0, tid);
		if (again)
			put(event(s, READ_END), 1, 8);
		if (tid + 1 < first + depth) {
			put(event(s, WRITE), 4, 4);
			on_waking(s, tid + 1);
			put(event(s, WRITE_END), 1, 8);
		}
		put(event(s, READ), 3, 4);
		before = tid;
	}
	on_switch(s, before, 1, 0);
}

static void dump_states(struct stream *s)
{
	event(s, STATE_START);
	for (int32_t tid = TID_LEAST; tid < TID_LEAST + tasks; tid++) {
		GByteArray *to = event(s, STATE);

		put(to, tid, 4);
		put(to, tid, 4);
		put(to, 1, 4);
		put_name(to, tid);
		put(to, 0, 4);
		put(to, 5, 4);
	}
	event(s, STATE_END);
}

static void run_cpu(const char *dir, int cpu)
{
	int32_t chains = tasks / cpus / depth, first = TID_LEAST + cpu * chains * depth;
	struct stream s;

	stream_open(&s, dir, cpu);
	if (cpu == 0)
		dump_states(&s);
	for (int64_t run = 0; run * depth * cpus < waits + (int64_t)tasks; run++)
		run_chain(&s, first + run % chains * depth, run >= chains);
	stream_close(&s);
}

int main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new("OUT");
	g_autofree char *path = NULL;
	GError *error = NULL;

	g_option_context_add_main_entries(context, options, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		die("options", error->message);
	if (argc != 2 || cpus < 1 || depth < 1 || waits < 1 || tasks / cpus / depth < 1)
		die("usage", "chain [--cpus N] [--tasks N] [--depth N] [--waits N] OUT, with a chain for each CPU");
	if (mkdir(argv[1], 0777))
		die(argv[1], g_strerror(errno));
	path = g_build_filename(argv[1], "metadata", NULL);
	if (!g_file_set_contents(path, metadata, sizeof(metadata) - 1, &error))
		die(path, error->message);
	for (int cpu = 0; cpu < cpus; cpu++)
		run_cpu(argv[1], cpu);
	return 0;
}
