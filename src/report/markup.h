/* SPDX-License-Identifier: MIT */
/* markup.h - texts and numbers in XML and HTML. */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include <flightbox/scene.h>

#include "base/out.h"

/*
 * A text between tags or in an attribute: never markup. Characters that are not printable, and
 * bytes that are no UTF-8, become \xNN.
 */
void out_markup_text(struct out *o, const char *text);

/* printf(), with a point whatever the locale; for texts of ours, that need no escaping. */
void out_markup(struct out *o, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The rules that colour the kinds of a scene by class k0, k1 …, light and dark; told apart by the colour-blind. */
void out_scene_colors(struct out *o);

#endif
