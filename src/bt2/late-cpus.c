/* SPDX-License-Identifier: MIT */
/* late-cpus.c - what the files behind babeltrace2's streams tell and its messages do not. */
#include "source/facts.h"
#include "bt2/messages.h"

/* Where the files of the kernel's streams lie; none of those that are no files. */
static GPtrArray *find_dirs(const struct messages *m)
{
	GPtrArray *dirs = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter at;
	gpointer value;

	g_hash_table_iter_init(&at, m->streams);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		const struct message_stream *s = value;
		const char *name = bt_stream_get_name(s->stream);
		g_autofree char *dir = name ? g_path_get_dirname(name) : NULL;

		if (!s->trace->is_kernel || !name || !g_path_is_absolute(name) ||
		    !g_file_test(name, G_FILE_TEST_IS_REGULAR) ||
		    g_ptr_array_find_with_equal_func(dirs, dir, g_str_equal, NULL))
			continue;
		g_ptr_array_add(dirs, g_steal_pointer(&dir));
	}
	return dirs;
}

void messages_find_late(struct messages *m)
{
	const struct fb_source_options options = { .begin = FB_NS_NONE, .end = FB_NS_NONE };
	g_autoptr(GPtrArray) dirs = find_dirs(m);
	struct fb_source *files;

	if (!dirs->len)
		return;
	files = fb_source_native.open((const char *const *)dirs->pdata, dirs->len, &options, NULL);
	for (guint i = 0; files && i < files->info.late->len; i++) {
		const struct fb_late_cpu *late =
			&g_array_index(files->info.late, struct fb_late_cpu, i);

		info_late(&m->source.info, late->cpu, late->begin);
	}
	fb_source_close(files);
}
