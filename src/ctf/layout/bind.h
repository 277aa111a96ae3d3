/* SPDX-License-Identifier: MIT */
/* bind.h - binds an event class to struct fb_event. */
#ifndef CTF_LAYOUT_BIND_H
#define CTF_LAYOUT_BIND_H

#include "ctf/layout/layout.h"

/*
 * Fills a zeroed layout and its zeroed `places`, whatever the outcome to be cleared as others
 * are. See layouts_add().
 */
bool layout_init(struct layout *l, struct place *places, struct layouts *set,
		 const struct tsdl_event *event, const struct tsdl_stream *stream,
		 const struct tsdl_scope *outer, unsigned n_outer, struct outside *outside,
		 const char *where, GError **error);

#endif
