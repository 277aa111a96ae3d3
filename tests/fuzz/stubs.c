/* SPDX-License-Identifier: MIT */
/*
 * stubs.c - what the program does to its process for good, left undone: one process runs many
 * command lines, and libFuzzer wants to write files and to see it crash.
 */
#include "cli/cli.h"
#include "cli/sandbox.h"

void sandbox_enter(unsigned needs)
{
	(void)needs;
}

void sandbox_allow_reading(const char *path)
{
	(void)path;
}

void sandbox_allow_writing(const char *path)
{
	(void)path;
}

char *sandbox_describe(void)
{
	return g_strdup("none");
}

void memory_watch(void)
{
}

void memory_save(void (*function)(void *), void *data)
{
	(void)function;
	(void)data;
}
