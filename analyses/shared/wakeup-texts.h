/* SPDX-License-Identifier: MIT */
/* wakeup-texts.h - the wakeup column of many waits: each text is put together and kept once. */
#ifndef ANALYSES_SHARED_WAKEUP_TEXTS_H
#define ANALYSES_SHARED_WAKEUP_TEXTS_H

#include <flightbox/report.h>

struct wakeup_texts;

struct wakeup_texts *wakeup_texts_new(struct fb_report *report);
void wakeup_texts_free(struct wakeup_texts *w);

/* As fb_report_wakeup(); lent until the free. Equal texts are the same pointer. */
const char *wakeup_texts_get(struct wakeup_texts *w, const struct fb_blocking *b);

#endif
