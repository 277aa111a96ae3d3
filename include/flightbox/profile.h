/* SPDX-License-Identifier: MIT */
/*
 * profile.h - what the waits of one or several runs have in common, small enough to
 * keep, to merge and to compare.
 *
 *	blockings of one trace -> recorder -> profile of one run -+
 *	file of JSON -> fb_profile_load() -> profile -------------+-> fb_profile_merge() -> profile
 *
 * A profile is a set of runs. Each run holds its own groups: waits of one command, in
 * threads of one name pattern, in one system call, ended by one cause. Merging is the
 * union of those sets: in whatever order and grouping, the outcome is the same, and
 * what is the same run twice is kept once.
 *
 * Left out are waits that began before or ended after what was read (edge). Those in
 * which events were lost, or whose waking was not seen, are only counted.
 *
 * The file is described in docs/profile-format.md.
 */
#ifndef FLIGHTBOX_PROFILE_H
#define FLIGHTBOX_PROFILE_H

#include <glib.h>

#include <flightbox/blocking.h>
#include <flightbox/run.h>
#include <flightbox/source.h>

struct fb_symbols;

/* ---- what a profile is ------------------------------------------------------------------ */

/* What tells groups apart. Texts are valid UTF-8 and live as long as the profile. */
struct fb_profile_key {
	/*
	 * Base name of the program, else the name of the process' main thread as a pattern.
	 * "" when neither is known.
	 */
	const char *command;
	const char *thread;      /* its name as a pattern, "" when unknown; see fb_profile_pattern() */
	const char *syscall;     /* without "sys_"; NULL: in none */
	enum fb_cause_kind kind;
	/*
	 * NET_RX, a symbol, call_function_single; of interrupts their name, of TASK the waker's,
	 * as patterns. NULL: none or unknown. Never an address: those differ from boot to boot.
	 */
	const char *name;
	enum fb_via via;
	const char *signal;      /* via SIGNAL: "SIGTERM", or its number; NULL: unknown, or another via */
};

/* One wait. */
struct fb_profile_wait {
	fb_ns asleep; /* >= 0 */
	fb_ns begin;  /* since the epoch */
	int32_t tid;
};

/* As many waits were asleep for a time of that bucket; see fb_stats_bucket(). */
struct fb_profile_bucket {
	uint32_t bucket;
	uint64_t n; /* > 0 */
};

#define FB_PROFILE_WORST 5

/* What the waits of a group have in common, in one run or in many. */
struct fb_profile_values {
	uint64_t n;        /* waits; when it is 0 nothing but `uncertain` and its time means anything */
	uint64_t uncertain; /* further ones, of quality LOST or unknown times: they count nowhere else */
	fb_ns uncertain_asleep; /* what is known of how long these were; stops at INT64_MAX */
	fb_ns asleep;      /* their sum, which stops at INT64_MAX */
	fb_ns ready;       /* likewise */
	fb_ns min, max;    /* asleep */
	/* All n by how long they were asleep; by bucket. */
	const struct fb_profile_bucket *buckets;
	size_t n_buckets;
	/* The longest: by asleep, longest first, then by begin and tid. */
	struct fb_profile_wait worst[FB_PROFILE_WORST];
	size_t n_worst;    /* min(n, FB_PROFILE_WORST) */
};

/* The options that chose the waits. Runs to be merged or compared agree on the first three. */
struct fb_profile_selection {
	const char *comm;         /* NULL: all */
	fb_ns min_duration;       /* 0: all */
	bool all;                 /* also idle kernel threads, parked, stopped and traced tasks */
	const int32_t *pids, *tids; /* ascending; these need not be the same in two runs */
	size_t n_pids, n_tids;    /* 0: all */
	fb_ns begin, end;         /* since the epoch; FB_NS_NONE: from the trace's begin, to its end */
};

/* One recording, or what was selected of it. Texts are NULL where nothing was recorded. */
struct fb_profile_run {
	const char *id;           /* 16 hex digits, made of all that follows and of the groups */
	const char *host, *kernel;/* name; release, "6.1.0-56-amd64" */
	const char *tracer, *tracer_version;
	const char *session, *created; /* name; ISO date */
	const char *boot;         /* the clock's uuid */
	fb_ns begin, end;         /* since the epoch, of what was selected; begin <= end */
	int cpus;
	const char *const *missing; /* names of the events that were not recorded; NULL-terminated */
	uint64_t lost_events, lost_packets;
	bool complete;            /* the trace was read to its end, with nothing broken in it */
	int64_t tasks;            /* that its pids, tids and comm chose, with waits or without; -1: not known */
	uint64_t waits[FB_QUALITIES]; /* that passed the selection; EDGE ones are in no group */
	struct fb_profile_selection selection;
};

static inline fb_ns fb_profile_run_length(const struct fb_profile_run *run)
{
	return run->end - run->begin;
}

struct fb_profile_group {
	struct fb_profile_key key;
	/* The runs that have it, by index; fb_profile_values() looks one up. */
	const struct fb_profile_share {
		size_t run; /* index into the profile's `runs` */
		const struct fb_profile_values *values;
	} *shares;
	size_t n_shares; /* at least 1 */
};

/* Read only. */
struct fb_profile {
	const struct fb_profile_run *const *runs; /* by begin, then by id; no id twice */
	size_t n_runs;                            /* at least 1 */
	const struct fb_profile_group *groups;    /* all there are in any run, by key, none twice */
	size_t n_groups;
};

void fb_profile_free(struct fb_profile *p);

/* ---- what can be asked of it ------------------------------------------------------------ */

/* The order of groups, for merge joins: negative, 0 for the same group, or positive. */
int fb_profile_key_compare(const struct fb_profile_key *a, const struct fb_profile_key *b);

/* The group, or NULL. */
const struct fb_profile_group *fb_profile_find(const struct fb_profile *p,
					       const struct fb_profile_key *key);

/* The group's values in one run, by its index: never NULL, all zero where that has none of it. */
const struct fb_profile_values *fb_profile_values(const struct fb_profile_group *group, size_t run);

/*
 * How long `percent` (0 to 100) of the waits were asleep at most, to within 1 %;
 * FB_NS_NONE when n is 0. As fb_stats_percentile() of many durations.
 */
fb_ns fb_profile_percentile(const struct fb_profile_values *values, double percent);

/* Those of all runs of a group together. Its buckets are yours: fb_profile_values_clear(). */
struct fb_profile_values fb_profile_sum(const struct fb_profile_group *group);
void fb_profile_values_clear(struct fb_profile_values *values);

/*
 * What ended the waits, as the wakeup column has it: "SOFTIRQ NET_RX", "TASK server",
 * "TIMER", "SIGNAL SIGTERM by TASK bash", "CHILD EXIT sh", "?". Appends to `to`.
 */
void fb_profile_cause(const struct fb_profile_key *key, GString *to);

/*
 * A name without what differs from run to run: each run of digits becomes a '*', as in
 * worker-*, and all kworkers, whatever CPU or pool they belong to, have one pattern.
 * Free with g_free().
 */
char *fb_profile_pattern(const char *name);

/* ---- a run of its own ------------------------------------------------------------------- */

/* Takes the waits of one run; in any order. */
struct fb_profile_recorder;

struct fb_profile_recorder *fb_profile_recorder_new(void);
/* NULL is allowed. */
void fb_profile_recorder_free(struct fb_profile_recorder *r);
/* The texts of the wait are interned; nothing else of it is kept. */
void fb_profile_recorder_add(struct fb_profile_recorder *r, const struct fb_blocking *b);
/* What it is for a run: it gets all waits, and nothing else. */
struct fb_consumer fb_profile_recorder_consumer(struct fb_profile_recorder *r);

/* What was recorded, for fb_profile_recorder_end(). All lent. */
struct fb_profile_recording {
	const struct fb_source_info *info;  /* when the source has ended */
	const struct fb_outcome *outcome;   /* of the run; its kernel may be NULL: tasks are not known */
	const struct fb_run_options *options; /* that chose the waits */
	struct fb_symbols *symbols;         /* names for timers and work; may be NULL */
	bool complete;                      /* fb_run() succeeded */
};

/* The profile of that one run; the recorder is empty then. */
struct fb_profile *fb_profile_recorder_end(struct fb_profile_recorder *r,
					   const struct fb_profile_recording *recording);

/* ---- many runs -------------------------------------------------------------------------- */

/*
 * All runs of n >= 1 profiles, which stay as they are and may be freed before or after it.
 * NULL and `error` when their waits were chosen by different options (comm, min_duration,
 * all); `names` are what to call the profiles then.
 */
struct fb_profile *fb_profile_merge(const struct fb_profile *const *profiles,
				    const char *const *names, size_t n, GError **error);

/* ---- files ------------------------------------------------------------------------------ */

/*
 * Reads a profile; "-" is the standard input. NULL and `error`, which names the file and
 * where in it, when it cannot be read or is no profile, or one of a newer format.
 */
struct fb_profile *fb_profile_load(const char *path, GError **error);

/*
 * Writes it; "-" is the standard output. A file is there whole or not at all. The bytes
 * depend on the runs alone.
 */
bool fb_profile_save(const struct fb_profile *p, const char *path, GError **error);

#endif
