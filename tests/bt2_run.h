/* SPDX-License-Identifier: MIT */
/* bt2_run.h - runs babeltrace2 with flightbox's plugin, for tests. */
#ifndef TESTS_BT2_RUN_H
#define TESTS_BT2_RUN_H

#include <stdbool.h>

#include <glib.h>

struct bt2_output {
	char *out, *err;
	size_t length; /* of `out` */
	int status;    /* exit status */
};

/*
 * Runs babeltrace2 with these arguments, NULL-terminated, behind --plugin-path.
 * BUILD names the directory of the plugin (default build). Free with bt2_output_clear().
 */
struct bt2_output bt2_run(const char *const *arguments);
void bt2_output_clear(struct bt2_output *output);

/* The same where failure fails the test; the output is freed with g_free(). */
char *bt2_print(const char *const *arguments);

/* Programs built with ASan that are started from here on pass over what GLib forgets by design. */
void bt2_pass_over_glib(void);

/*
 * The same under valgrind, which must find nothing. Where there is no valgrind,
 * bt2_valgrind_wanted() skips the test: to be called first.
 */
void bt2_valgrind_wanted(void);
void bt2_valgrind(const char *const *arguments);

/* inputs=["…","…"]: the directories at or below `path` that hold metadata. Free with g_free(). */
char *bt2_inputs(const char *path);

/* The same but inputs=["PATH"]. */
char *bt2_input(const char *path);

#endif
