/* SPDX-License-Identifier: MIT */
/*
 * fuzz_options.c - any command line through the whole program: one argument a line. It runs in a
 * scratch directory that has a small trace in it, called `trace`. What follows a line "---" is the
 * content of a file there, called `file`: a profile, or kallsyms.
 *
 * Arguments are kept away from everything else: without slashes they name nothing but that
 * directory and its parent, which has nothing else in it, and no host of a live session.
 */
#include <string.h>
#include <unistd.h>

#include "../ctf_text.h"
#include "fuzz.h"

#define ARGUMENTS_MAX 24

/* main() of src/cli/main.c, renamed. */
int flightbox_main(int argc, char **argv);

/* The tests run at the top of the tree. */
#define TRACE "tests/fuzz/options.ctf"

static void write_trace(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = NULL;
	struct ctf_text *trace;

	if (!g_file_get_contents(TRACE, &bytes, NULL, &error))
		g_error("%s", error->message);
	trace = ctf_text_parse(bytes);
	for (guint i = 0; i < trace->files->len; i++) {
		const struct ctf_file *f = g_ptr_array_index(trace->files, i);
		g_autofree char *name = g_build_filename("here", "trace", f->path, NULL);

		scratch_write(name, f->bytes->data, f->bytes->len);
	}
	ctf_text_free(trace);
}

/* Commands are run in scratch_dir()/here. */
static void enter(void)
{
	static pid_t who;
	g_autofree char *here = NULL;

	if (who == getpid())
		return;
	write_trace();
	here = g_build_filename(scratch_dir(), "here", NULL);
	if (chdir(here))
		g_error("%s: %m", here);
	who = getpid();
}

/* Writes the file, if there is one; the rest is the command line. */
static char *write_file(const uint8_t *data, size_t size)
{
	static const char mark[] = "\n---\n";
	const uint8_t *end = memmem(data, size, mark, strlen(mark));
	const uint8_t *file = end ? end + strlen(mark) : NULL;

	if (file)
		scratch_write("here/file", file, data + size - file);
	return g_strndup((const char *)data, file ? (size_t)(end - data) : size);
}

static unsigned split(char *text, char *argv[ARGUMENTS_MAX])
{
	unsigned n = 0;

	for (char *at = text; *at; at++)
		if (*at == '/')
			*at = ':';
	for (char *line = strtok(text, "\n"); line && n < ARGUMENTS_MAX; line = strtok(NULL, "\n"))
		argv[n++] = line;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char program[] = "flightbox", *argv[1 + ARGUMENTS_MAX + 1] = { program };
	g_autofree char *text = NULL;
	unsigned n;
	int status;

	enter();
	text = write_file(data, size);
	n = split(text, argv + 1);
	status = flightbox_main(n + 1, argv);
	CHECK(status >= 0 && status <= 2);
	scratch_empty("here", "trace");
	return 0;
}
