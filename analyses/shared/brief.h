/* SPDX-License-Identifier: MIT */
/*
 * brief.h - what of an explained wait is shown in 15 lines:
 *
 *	1. client [10] waited 60.5 ms …
 *	Start  Duration …                    links: what carries 5 % of the wait,
 *	…                                    those that say the same as one
 *
 *	%  Sum …                             shares: 5 % and more, and what room there is for
 *	…
 *
 *	Root: …
 */
#ifndef ANALYSES_SHARED_BRIEF_H
#define ANALYSES_SHARED_BRIEF_H

#include "analyses/shared/fold.h"

#define BRIEF_NAMED 3 /* shares of a root, where none is half of the wait */

struct brief {
	GArray *links;          /* struct link */
	GArray *shares;         /* struct path_share, the greatest first */
	struct path_share rest; /* all other shares; its n is 0: there are none */
	fb_ns link_left_out;    /* the greatest that is not among them; 0: there is none */
	fb_ns share_left_out;
	struct path_share greatest[BRIEF_NAMED]; /* as the root counts them */
	size_t n_greatest;
};

/* Of a wait of `whole`. Free with brief_free(). */
struct brief *brief_new(struct fold *f, struct path_shares *s, fb_ns whole);
void brief_free(struct brief *b);

/* How many of the greatest shares of a wait its root names. */
guint brief_named(const struct path_share *greatest, fb_ns whole);

#endif
