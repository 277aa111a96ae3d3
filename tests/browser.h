/* SPDX-License-Identifier: MIT */
/* browser.h - Chromium without a window, by its DevTools pipe: a page as a person has it. */
#ifndef TESTS_BROWSER_H
#define TESTS_BROWSER_H

#include <glib.h>
#include <jansson.h>

struct browser;

/* NULL, and `why` says it: there is none here. Failures of what there is fail the test. */
struct browser *browser_new(const char **why);
void browser_free(struct browser *b); /* NULL may be freed */

/* Opens a file of the disk and waits until it is loaded. What earlier pages complained of is forgotten. */
void browser_open(struct browser *b, const char *path, int width, int height);

/* What an expression of JavaScript comes to, as text; a promise is awaited. Free with g_free(). */
char *browser_eval(struct browser *b, const char *expression);

void browser_click(struct browser *b, double x, double y);
void browser_wheel(struct browser *b, double x, double y, double by);
/* "t", "ArrowRight". */
void browser_key(struct browser *b, const char *key);

/* What went wrong in the page, and what it asked for beside itself: one line each, or "". Lent. */
const char *browser_complaints(const struct browser *b);

/* As a file, PNG. */
void browser_picture(struct browser *b, const char *path);

#endif
