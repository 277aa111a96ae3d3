/* SPDX-License-Identifier: MIT */
/* live-url.c - telling a live session's address from a path. */
#include <glib.h>

#include "source/sources.h"

bool is_live_url(const char *path)
{
	return g_str_has_prefix(path, "net://") || g_str_has_prefix(path, "net4://") ||
	       g_str_has_prefix(path, "net6://");
}
