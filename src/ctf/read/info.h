/* SPDX-License-Identifier: MIT */
/* info.h - what the native reader tells about its trace; see facts.h. */
#ifndef CTF_READ_INFO_H
#define CTF_READ_INFO_H

#include "source/facts.h"

struct layouts;
struct schema;

/* From the metadata. `layouts` are those of all schemas. */
void info_describe(struct fb_source_info *info, const struct schema *s,
		   const struct layouts *layouts);

/* counts[class], one for each layout, become info.classes. */
void info_count(struct fb_source_info *info, const struct layouts *layouts, const uint64_t *counts);

#endif
