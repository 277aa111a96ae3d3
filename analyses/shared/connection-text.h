/* SPDX-License-Identifier: MIT */
/* connection-text.h - connections for people: a list of them, and one in detail. */
#ifndef ANALYSES_SHARED_CONNECTION_TEXT_H
#define ANALYSES_SHARED_CONNECTION_TEXT_H

#include <flightbox/report.h>

#include "analyses/shared/connections.h"

/* `list`: struct connection. */
void connections_report(struct fb_report *r, const GPtrArray *list, guint most);

/* Both its ends, the waits that it ended, its silences, and its packets one by one. */
void connection_report(struct fb_report *r, const struct connection *c);

#endif
