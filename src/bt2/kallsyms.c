/* SPDX-License-Identifier: MIT */
/*
 * kallsyms.c - the command is given the recording; babeltrace2 hands on the directories
 * of its metadata, which LTTng puts one level deeper, or three when sessions are rotated:
 *
 *	RECORDING/kernel   RECORDING/archives/CHUNK/kernel
 */
#include <string.h>

#include <flightbox/symbols.h>

#include "kallsyms.h"

char *kallsyms_beside(const char *dir)
{
	g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
	g_autofree char *above = g_path_get_dirname(absolute);
	g_autofree char *archives = g_path_get_dirname(above);
	g_autofree char *name = g_path_get_basename(archives);
	g_autofree char *recording = g_path_get_dirname(archives);
	char *found = fb_symbols_locate(absolute);

	if (!found)
		found = fb_symbols_locate(above);
	return found || strcmp(name, "archives") ? found : fb_symbols_locate(recording);
}
