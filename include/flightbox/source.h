/* SPDX-License-Identifier: MIT */
/*
 * source.h - where events come from: one interface, whoever decodes the trace.
 *
 * A source merges all its streams by time and hands out events in batches. It
 * is opened, read once from left to right, and closed.
 */
#ifndef FLIGHTBOX_SOURCE_H
#define FLIGHTBOX_SOURCE_H

#include <glib.h>

#include <flightbox/event.h>
#include <flightbox/times.h>

/* How many of one event class were read; see fb_source_info.classes. */
struct fb_class_count {
	const char *name;    /* as the recording names it */
	enum fb_kind kind;   /* FB_EV_NONE for what flightbox does not model */
	uint64_t count;      /* 0 unless fb_source_options.count was set */
};

/* What was lost of one CPU's events. */
struct fb_cpu_loss {
	int cpu;
	uint64_t events;     /* discarded while the buffers were full */
	uint64_t packets;    /* overwritten, their events uncounted */
	uint64_t spans;      /* stretches of time within which that was */
	fb_ns time, first;   /* their sum, over all streams of the CPU; begin of the first */
};

/*
 * A CPU of which less is there than of others: its buffers were overwritten before they were
 * saved, as in a snapshot, or an earlier part of the recording is not at hand.
 */
struct fb_late_cpu {
	int cpu;
	fb_ns begin;         /* of its first packet that is there, later than the trace's begin */
};

/* What the source knows about its trace. Lives as long as the source. */
struct fb_source_info {
	/* From the metadata: known after open and the same for a file, a graph and a live session. */
	const char *hostname, *kernel_release, *kernel_version; /* NULL when not recorded */
	const char *tracer_name;                                /* "lttng-modules", "perf" */
	int tracer_major, tracer_minor, tracer_patch;           /* 0 when not recorded */
	const char *trace_name, *created;                       /* session name, ISO date; or NULL */
	const char *format;                                     /* of its files: "CTF 1.8", "CTF 2"; NULL: the source does not know */
	const char *clock_name, *clock_uuid;                    /* uuid: the boot, or NULL */
	uint64_t clock_frequency;                               /* Hz, as recorded; times are ns all the same */
	fb_ns clock_offset;                                     /* add to a time: ns since the epoch */
	enum fb_abi abi;                                        /* of the kernel's own system calls */
	uint64_t kinds;                                         /* FB_KIND_BIT of every kind with an event class */
	uint64_t fields;                                        /* contexts and the like: FB_HAS_* */
	/*
	 * char *: captures of packets to be read beside the trace, of the same time on the same machine.
	 * Whoever opens a source may set them, with NULL as the last, and they are freed with it; NULL: none.
	 */
	GPtrArray *captures;
	/* Known after open for files, and growing while a live session is read. */
	int cpus;                                               /* highest CPU number + 1 */
	GArray *late;                                           /* struct fb_late_cpu, by cpu; of a live session none */
	GArray *absent;                                         /* int: CPUs of which all or some files are missing, as the others show */
	/* Growing while events are read, final when the source has ended. */
	uint64_t events;                                        /* read, modelled or not */
	/*
	 * The first and the last event, modelled or not; FB_NS_NONE when there is none. Of files the
	 * first is known after open. Packets may begin long before and end long after.
	 */
	fb_ns begin, end;
	GArray *classes;                                        /* struct fb_class_count */
	GArray *losses;                                         /* struct fb_cpu_loss, CPUs that lost something, by cpu */
	fb_ns whole_until;                                      /* where there are late CPUs: the first end of a CPU's record; FB_NS_NONE: not met */
	uint64_t clock_steps;                                   /* times that went back and were clamped */
	uint64_t broken_packets;                                /* left out, wholly or from the first bad byte */
	GPtrArray *problems;                                    /* char *: one full line each, for stderr; the first 20 */
	uint64_t problem_count;                                 /* all of them */
};

/* A version of Linux: greater ones are newer. FB_LINUX(6, 1); both below 32768. */
#define FB_LINUX(major, minor) ((major) * 32768 + (minor))

/*
 * The version that the recording is of, by its kernel_release ("6.1.0-50-amd64"). One that does
 * not say is taken for newer than any.
 */
int fb_linux_of(const struct fb_source_info *info);

enum { /* fb_source_info.fields */
	FB_HAS_CONTEXT_TID = 1,  /* a tid context or common_pid on every event */
	FB_HAS_CONTEXT_PID = 2,
	FB_HAS_COMMON_FLAGS = 4, /* perf: the true interrupt context */
	FB_HAS_ALL_SYSCALLS = 8, /* system calls that the tracer has no name for are recorded by number */
	FB_HAS_CONTEXT_VTID = 16, /* as its own namespace numbers it, */
	FB_HAS_CONTEXT_VPID = 32, /* … and its process */
	FB_HAS_CONTEXT_PROCNAME = 64,
};

struct fb_source_options {
	uint64_t kinds;   /* FB_KIND_BITs to hand out; FB_EV_LOST always is */
	bool count;       /* count the events of each class */
	fb_ns begin, end; /* leave out what is before and after, where that saves work; FB_NS_NONE: all */
	/*
	 * Of entries to system calls and exits that follow each other on a CPU with nothing in
	 * between, leave out all but the first and the last, where that saves work. The model finds
	 * the same waits.
	 */
	bool condenses;
	unsigned jobs;    /* threads to decode with, the caller's among them; 0: only that one */
};

/* Events in time order, lent until the next call. */
struct fb_batch {
	const struct fb_event *events;
	size_t n;
};

/* The value of one field. */
struct fb_value {
	bool is_text;
	int64_t number;    /* of unsigned 64-bit fields the same bits */
	const char *text;  /* lent until the next batch; not NUL-terminated */
	size_t length;
	uint8_t address_bytes; /* of an address 4 or 16, else 0 */
	uint8_t address[16];   /* in the order in which they are sent */
};

struct fb_source {
	const struct fb_source_ops *ops;
	struct fb_source_info info;
};

struct fb_source_ops {
	const char *name; /* as --source names it */
	/* 0 when the path is nothing for it, up to 100 when it surely is. Never fails. */
	int (*probe)(const char *path);
	/* Opens all of `paths` as one trace. */
	struct fb_source *(*open)(const char *const *paths, size_t n,
				  const struct fb_source_options *options, GError **error);
	/*
	 * The next events; n = 0 at the end. Returns false when nothing more can
	 * be read. What was broken but could be passed over is in info.problems.
	 */
	bool (*next)(struct fb_source *, struct fb_batch *, GError **error);
	/*
	 * Decodes a field of an event of the last batch: an index into
	 * fb_kinds[ev->kind].fields, or one of enum fb_extra. False: the event lacks it.
	 */
	bool (*field)(struct fb_source *, const struct fb_event *, int field, struct fb_value *);
	/*
	 * Events before `until` are wanted no longer: packets that end before need not be
	 * read. It may go on to hand them out, and does hand out LOST that reach `until`.
	 * NULL when it saves no work that way.
	 */
	void (*skip)(struct fb_source *, fb_ns until);
	/* How far it got, 0 to 1, or -1 when that is not known. */
	double (*progress)(struct fb_source *);
	void (*close)(struct fb_source *);
};

/* Fields outside of fb_kinds[].fields, for fb_source_field(). */
enum fb_extra {
	FB_EXTRA_CONTEXT_TID = 100, /* who ran: the context "tid", perf's common_pid */
	FB_EXTRA_CONTEXT_PID,       /* its process */
	FB_EXTRA_COMMON_FLAGS,      /* perf: 0x08 hard irq, 0x10 softirq, 0x40 NMI */
	FB_EXTRA_CONTEXT_VTID,      /* who ran, by its own namespace's numbers */
	FB_EXTRA_CONTEXT_VPID,
	FB_EXTRA_CONTEXT_PROCNAME,  /* what who ran is called: a text */
	FB_EXTRA_FD_OUT,            /* SYS_ENTER: the descriptor that splice writes to */
	FB_EXTRA_PEER_PORT,         /* SYS_EXIT: of accept: the other side's TCP port, 0: not asked for */
	FB_EXTRA_COMMAND,           /* SYS_ENTER: what fcntl is to do */
	FB_EXTRA_END
};

/* Since when all CPUs tell; FB_NS_NONE where all have from the trace's begin. */
static inline fb_ns fb_source_whole_since(const struct fb_source_info *info)
{
	fb_ns since = FB_NS_NONE;

	for (guint i = 0; info->late && i < info->late->len; i++)
		since = MAX(since, g_array_index(info->late, struct fb_late_cpu, i).begin);
	return since;
}

/* Its clock, for those who print and read times. */
static inline struct fb_clock fb_source_clock(const struct fb_source_info *info)
{
	return (struct fb_clock){ info->clock_offset,
				  info->begin == FB_NS_NONE ? 0 : info->begin };
}

/* Our own reader of CTF, 1.8 and 2: LTTng kernel traces and perf's. */
extern const struct fb_source_ops fb_source_native;

/*
 * Our reader of perf.data files, one at a time. Built without libtraceevent and libzstd it recognises none, and
 * opens none (FB_ERROR_USAGE).
 */
extern const struct fb_source_ops fb_source_perf;

static inline bool fb_source_next(struct fb_source *s, struct fb_batch *batch, GError **error)
{
	return s->ops->next(s, batch, error);
}

static inline void fb_source_skip(struct fb_source *s, fb_ns until)
{
	if (s->ops->skip)
		(s->ops->skip)(s, until); /* cmocka has a macro skip() */
}

static inline bool fb_source_field(struct fb_source *s, const struct fb_event *ev, int field,
				   struct fb_value *value)
{
	return s->ops->field(s, ev, field, value);
}

/* Ends the source and frees all it lent. NULL is allowed. */
static inline void fb_source_close(struct fb_source *s)
{
	if (s)
		s->ops->close(s);
}

#endif
