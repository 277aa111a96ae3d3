/* SPDX-License-Identifier: MIT */
/* trace_copy.h - recorded traces to be damaged: a copy of one directory, file by file. */
#ifndef TESTS_TRACE_COPY_H
#define TESTS_TRACE_COPY_H

#include <stdbool.h>

#include <flightbox/source.h>

struct file {
	char *name;      /* below the trace's directory */
	char *content;
	gsize size;
	bool is_stream;
};

struct copy {
	char *dir;
	GPtrArray *files;
};

/* Copies the metadata and streams of one directory; leaves the index away. */
struct copy copy_make(const char *name, const char *trace);
void copy_clear(struct copy *copy);

/* Writes other content to one of its files, or a further file; copy_clear() removes those it knows. */
void write_file(const struct copy *copy, const char *name, const char *content, gsize size);

/* Decodes all fields of an event, and reads their texts: their bytes may be gone. Returns a sum of them. */
uint64_t touch_fields(struct fb_source *source, const struct fb_event *ev);

#endif
