/* SPDX-License-Identifier: MIT */
/*
 * messages.h - any messages of babeltrace2 become events, and what they tell of
 * their traces a struct fb_source_info: for a sink that is handed them, and for
 * the graph that `flightbox --source babeltrace` makes.
 *
 *	stream beginning ─► streams, event classes        messages_describe() ─► info
 *	packet           ─► the stream's CPU, the span
 *	event            ─► fb_event                       messages_take() ─► batch
 *	discarded …      ─► FB_EV_LOST
 *
 * Only traces of kernels count; what else comes is passed over.
 */
#ifndef BT2_MESSAGES_H
#define BT2_MESSAGES_H

#include <babeltrace2/babeltrace.h>

#include "bt2/class.h"

struct message_trace {
	const bt_trace *trace;
	bool is_kernel;
	unsigned path;		     /* index of the path that it lies below, or their number */
	char *dir;		     /* where it lies, or its name where that cannot be told */
	const bt_clock_class *clock; /* of the first stream that has one, or NULL */
	char *boot;		     /* what the clock is known by, or NULL */
	bool is_described;
};

struct message_stream {
	const bt_stream *stream;
	struct message_trace *trace;
	uint64_t frequency;
	int64_t cpu_member; /* of the packet context, -1: none */
	int cpu;	    /* -1: not known before the first packet, or `is_astray` */
	bool is_astray;	    /* its packet claims a CPU that cannot be: nothing of that is taken */
	fb_ns last;	    /* time of what came last */
	fb_ns packet_begin, packet_end;
	fb_ns lost_until;   /* where the end of a loss is still to be told; FB_NS_NONE: nowhere */
	struct fb_event lost[2]; /* before the first packet: kept until that tells the CPU */
	unsigned n_lost;
};

/* What was found lately, by address: cheaper to look at than a hash table. */
struct remembered {
	const void *key;
	void *found;
};

#define REMEMBERED 256

static inline struct remembered *remembered_at(struct remembered *all, const void *key)
{
	return &all[((uintptr_t)key >> 4 ^ (uintptr_t)key >> 12) % REMEMBERED];
}

struct messages {
	struct fb_source source;
	char **paths;	  /* as the user gave them, or NULL; for messages */
	void *owner;	  /* whoever made the source */
	bool needs_epoch; /* refuse clocks that do not count from the Unix epoch */
	uint64_t kinds;	  /* FB_KIND_BITs of the events to hand out */
	bool counts_wanted;
	GPtrArray *traces;   /* struct message_trace * */
	GHashTable *streams; /* bt_stream -> struct message_stream */
	struct remembered streams_seen[REMEMBERED], classes_seen[REMEMBERED];
	GHashTable *by_class;  /* bt_event_class -> struct event_class */
	GPtrArray *classes;    /* struct event_class * */
	GArray *counts;	       /* uint64_t, by class */
	struct syscall_numbers calls, compat;
	bool is_described;
	fb_ns last; /* time of the last event */
	/* The batch. */
	GPtrArray *held; /* messages */
	GArray *events;
	GByteArray *bytes; /* of each event: its bt_event, then its texts */
};

struct messages *messages_new(const struct fb_source_ops *ops, uint64_t kinds, bool counts_wanted);
void messages_free(struct messages *m);

/*
 * Takes `n` messages over, whatever the outcome; they become a batch, which may be
 * empty and is lent until the next call. False and `error` when they cannot be used.
 */
bool messages_take(struct messages *m, bt_message_array_const messages, uint64_t n,
		   struct fb_batch *batch, GError **error);

/*
 * Fills in the source's info, but for what only reading tells: to be called before
 * the first event is used, or at the end when none came. False and `error` when
 * there is no kernel's trace, or when there are several that do not fit.
 */
bool messages_describe(struct messages *m, GError **error);

/* What to call the trace in an error: as it was given, or where it lies. */
const char *messages_name(const struct messages *m);

/* There will be no more: the counts of classes are final. */
void messages_end(struct messages *m);

bool messages_field(struct fb_source *source, const struct fb_event *ev, int field,
		    struct fb_value *value);

/* ---- traces.c --------------------------------------------------------------------------- */

void message_trace_free(void *trace);
void message_stream_free(void *stream);

/* The stream's state, made when it is new; NULL and `error` when it cannot be used. */
struct message_stream *messages_add_stream(struct messages *m, const bt_stream *stream,
					   GError **error);

/* The number of a class, which is bound when it is new. */
struct event_class *messages_add_class(struct messages *m, const bt_event_class *class);

/* ---- late-cpus.c ------------------------------------------------------------------------ */

/*
 * Finds the CPUs whose record begins late. Messages do not tell, for they do not number packets;
 * the files do, by whose paths babeltrace2 names streams.
 */
void messages_find_late(struct messages *m);

/* ---- error-line.c ----------------------------------------------------------------------- */

/* Takes babeltrace2's error of this thread: its causes in one line behind `what`. False. */
bool babeltrace_failed(GError **error, const char *what);

#endif
