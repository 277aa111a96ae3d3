/* SPDX-License-Identifier: MIT */
/* heading.c - whom a heading is on. */
#include <string.h>

#include "report/writer.h"

/* The kernel cuts what it calls a task off behind so many bytes. */
#define COMM_SIZE 15

/* Threads call themselves what they like; the program tells whose they are. */
static bool is_named_after(const char *comm, const char *program)
{
	return !strncmp(comm, program, COMM_SIZE);
}

void fb_report_who(const char *comm, const char *exe, int32_t tid, GString *to)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;
	const char *program = slash ? slash + 1 : exe;

	if (program && !*program)
		program = NULL;
	if (!comm && !program) {
		g_string_append_printf(to, "tid %d", tid);
		return;
	}
	g_string_append(to, comm ? comm : program);
	if (comm && program && !is_named_after(comm, program))
		g_string_append_printf(to, " (%s)", program);
	g_string_append_printf(to, " [%d]", tid);
}
