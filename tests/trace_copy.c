/* SPDX-License-Identifier: MIT */
/* trace_copy.c - see trace_copy.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <glib/gstdio.h>

#include "trace_copy.h"
#include "traces.h"

void write_file(const struct copy *copy, const char *name, const char *content, gsize size)
{
	g_autofree char *path = g_build_filename(copy->dir, name, NULL);
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(content, 1, size, file) != size || fclose(file))
		fail_msg("cannot write %s", path);
}

static void add_file(struct copy *copy, const char *from, const char *name)
{
	g_autofree char *path = g_build_filename(from, name, NULL);
	struct file *file = g_new0(struct file, 1);

	file->name = g_strdup(name);
	file->is_stream = strcmp(name, "metadata") != 0;
	if (!g_file_get_contents(path, &file->content, &file->size, NULL))
		fail_msg("cannot read %s", path);
	write_file(copy, name, file->content, file->size);
	g_ptr_array_add(copy->files, file);
}

struct copy copy_make(const char *name, const char *trace)
{
	struct recorded recorded = { .name = name };
	g_autofree char *from = recorded_path(&recorded, trace);
	struct copy copy = { g_dir_make_tmp("flightbox-cut-XXXXXX", NULL), g_ptr_array_new() };
	GDir *dir = g_dir_open(from, 0, NULL);
	const char *entry;

	assert_non_null(copy.dir);
	assert_non_null(dir);
	while ((entry = g_dir_read_name(dir)))
		if (strcmp(entry, "index") != 0)
			add_file(&copy, from, entry);
	g_dir_close(dir);
	return copy;
}

void copy_clear(struct copy *copy)
{
	for (guint i = 0; i < copy->files->len; i++) {
		struct file *file = copy->files->pdata[i];
		g_autofree char *path = g_build_filename(copy->dir, file->name, NULL);

		g_unlink(path);
		g_free(file->name);
		g_free(file->content);
		g_free(file);
	}
	g_rmdir(copy->dir);
	g_free(copy->dir);
	g_ptr_array_unref(copy->files);
}

uint64_t touch_fields(struct fb_source *source, const struct fb_event *ev)
{
	struct fb_value value;
	uint64_t sum = 0;

	for (int i = 0; fb_kinds[ev->kind].fields[i].name; i++)
		if (fb_source_field(source, ev, i, &value))
			for (size_t at = 0; value.is_text && at < value.length; at++)
				sum += (unsigned char)value.text[at];
	for (int i = FB_EXTRA_CONTEXT_TID; i < FB_EXTRA_END; i++)
		fb_source_field(source, ev, i, &value);
	return sum;
}
