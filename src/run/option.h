/* SPDX-License-Identifier: MIT */
/* option.h - an analysis' own options, in its `self`. The list may be NULL. */
#ifndef RUN_OPTION_H
#define RUN_OPTION_H

#include <flightbox/analysis.h>

/* As if none were given. */
void options_init(const struct fb_option *options, void *self);
void options_clear(const struct fb_option *options, void *self);

#endif
