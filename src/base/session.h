/* SPDX-License-Identifier: MIT */
/* session.h - what lies where a trace does. */
#ifndef BASE_SESSION_H
#define BASE_SESSION_H

#include <glib.h>

/*
 * The session that the trace at this absolute path is a part of, by LTTng's names; its own path when it
 * is none. Free with g_free().
 */
char *session_of(const char *absolute);

#endif
