/* SPDX-License-Identifier: MIT */
/* info.h - what a reader tells about its trace: struct fb_source_info, filled step by step. */
#ifndef CTF_INFO_H
#define CTF_INFO_H

#include <flightbox/source.h>

struct layouts;
struct schema;

void info_init(struct fb_source_info *info);
void info_clear(struct fb_source_info *info);

/* From the metadata. `layouts` are those of all schemas. */
void info_describe(struct fb_source_info *info, const struct schema *s,
		   const struct layouts *layouts);

void info_problem(struct fb_source_info *info, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Adds to what a CPU lost. */
void info_lost(struct fb_source_info *info, int cpu, uint64_t events, uint64_t packets);

/* Widens begin and end. */
void info_span(struct fb_source_info *info, fb_ns begin, fb_ns end);

/* counts[class], one for each layout, become info.classes; same names become one. */
void info_count(struct fb_source_info *info, const struct layouts *layouts, const uint64_t *counts);

#endif
