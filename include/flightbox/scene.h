/* SPDX-License-Identifier: MIT */
/*
 * scene.h - what a picture of a trace shows: a lane for each task, pieces of time in it, and
 * arrows from lane to lane. All in words: who draws it knows no kernel.
 *
 *	client [7]   ■■■■────────── packet ──────────■■■■
 *	                ╲                           ╱
 *	server [8]   ──────■■■■■■──── timer ────■■■■■
 */
#ifndef FLIGHTBOX_SCENE_H
#define FLIGHTBOX_SCENE_H

#include <stdbool.h>

#include <glib.h>

#include <flightbox/ns.h>

/* What a task did. Waits are called by what ended them. */
enum fb_scene_kind {
	FB_SCENE_USER,      /* ran, outside of system calls, */
	FB_SCENE_CALL,      /* … or in one */
	FB_SCENE_INTERRUPT, /* … with an interrupt on top */
	FB_SCENE_READY,
	FB_SCENE_PACKET,
	FB_SCENE_DISK,
	FB_SCENE_TIMER,
	FB_SCENE_TASK,      /* another task: a lock, a pipe, … */
	FB_SCENE_SIGNAL,
	FB_SCENE_CHILD,
	FB_SCENE_WAIT,      /* something else, or it lasts */
	FB_SCENE_UNKNOWN,   /* events were lost, or the trace does not reach there */
	FB_SCENE_KINDS
};

/* "user", "packet"; and the letter that stands for it in a line of text. */
const char *fb_scene_kind_name(enum fb_scene_kind kind);
char fb_scene_kind_letter(enum fb_scene_kind kind);
/* "runs in user mode", "waits for a packet": for a legend. */
const char *fb_scene_kind_words(enum fb_scene_kind kind);

/* Those of one lane follow each other by time, without overlap; in gaps the task did not live. */
struct fb_scene_piece {
	fb_ns begin, end;        /* begin < end */
	enum fb_scene_kind kind;
	uint32_t merged;         /* so many in a row were too short to be shown; 0: it is one. Then `kind` is most of it */
	const char *syscall;     /* without "sys_"; NULL: in none, or in several. All texts are the scene's */
	const char *cause;       /* what ended the wait, or which interrupt it is; NULL: neither */
};

struct fb_scene_lane {
	int32_t tid, pid;        /* pid 0: not known */
	const char *name;        /* "server [8]" */
	const char *comm;        /* NULL: not known */
	GArray *pieces;          /* struct fb_scene_piece */
};

enum fb_scene_arrow_kind { FB_SCENE_WAKES, FB_SCENE_SENDS, FB_SCENE_FORKS, FB_SCENE_ARROW_KINDS };

/* "wakes", "sends". */
const char *fb_scene_arrow_name(enum fb_scene_arrow_kind kind);

#define FB_SCENE_NO_LANE UINT32_MAX

struct fb_scene_arrow {
	enum fb_scene_arrow_kind kind;
	uint32_t from, to;       /* lanes; `from` may be FB_SCENE_NO_LANE: from outside */
	fb_ns begin, end;        /* begin <= end */
	const char *label;       /* NULL: none */
};

/* Where events were lost. */
struct fb_scene_mark {
	fb_ns begin, end;
	const char *label;
};

/* A part of a wait, followed to whom it waited for. */
struct fb_scene_link {
	uint32_t lane;           /* FB_SCENE_NO_LANE: of a task that has none */
	uint32_t depth;
	bool is_leaf;            /* no other link stands for it */
	fb_ns begin, end;
	const char *words;       /* "50.252 ms serverB [213] timer in sys_clock_nanosleep, TIMER hrtimer_wakeup" */
};

/* Why one wait took as long as it did. */
struct fb_scene_story {
	uint32_t lane;
	fb_ns begin, end;
	const char *root;        /* a sentence */
	GArray *links;           /* struct fb_scene_link */
};

struct fb_scene {
	fb_ns begin, end;        /* by the trace's clock; begin < end but where nothing is shown */
	const char *title;
	GArray *lanes, *arrows, *marks, *stories;
	GStringChunk *texts;
};

void fb_scene_init(struct fb_scene *scene, fb_ns begin, fb_ns end);
void fb_scene_clear(struct fb_scene *scene); /* zeros may be cleared */

/* A text of the scene's own, one for all that are the same; NULL for NULL. */
const char *fb_scene_text(struct fb_scene *scene, const char *text);

/* A new lane below all others. Lent until the next one. */
struct fb_scene_lane *fb_scene_add_lane(struct fb_scene *scene, int32_t tid, int32_t pid,
					const char *name, const char *comm);
static inline struct fb_scene_lane *fb_scene_lane(const struct fb_scene *scene, guint i)
{
	return &g_array_index(scene->lanes, struct fb_scene_lane, i);
}

/* Puts a piece behind the lane's last one; what continues that makes it longer. */
void fb_scene_add_piece(struct fb_scene_lane *lane, const struct fb_scene_piece *piece);

/*
 * Merges what is shorter than `least` with its neighbours, and leaves out arrows between such, so
 * that no lane has more than two pieces in any `least`.
 */
void fb_scene_simplify(struct fb_scene *scene, fb_ns least);

/* What most of a lane's time from `begin` to `end` is; false: nothing is there. */
bool fb_scene_most(const struct fb_scene_lane *lane, fb_ns begin, fb_ns end,
		   enum fb_scene_kind *kind);

/* Sets those that are in any of its lanes. */
void fb_scene_kinds(const struct fb_scene *scene, bool met[FB_SCENE_KINDS]);

/* 1, 2 or 5 times a power of ten, so that there are at most `most` such steps in the scene. */
fb_ns fb_scene_step(const struct fb_scene *scene, int most);

/* "0", "250 us": so many steps behind its begin. Replaces what is in `to`. */
void fb_scene_step_words(fb_ns time, GString *to);

#endif
