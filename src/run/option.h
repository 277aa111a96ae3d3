/* SPDX-License-Identifier: MIT */
/* option.h - options: users' texts -> the members of a struct, `self`. A list may be NULL. */
#ifndef RUN_OPTION_H
#define RUN_OPTION_H

#include <flightbox/analysis.h>

/* As if it were not given. */
void option_init(const struct fb_option *option, void *self);
void option_clear(const struct fb_option *option, void *self);

void options_init(const struct fb_option *options, void *self);
void options_clear(const struct fb_option *options, void *self);

/* Its line of help, with the choices there are; free it with g_free(). */
char *option_help(const struct fb_option *option);

#endif
