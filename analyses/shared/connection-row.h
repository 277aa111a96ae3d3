/* SPDX-License-Identifier: MIT */
/* connection-row.h - connections and their packets for programs. */
#ifndef ANALYSES_SHARED_CONNECTION_ROW_H
#define ANALYSES_SHARED_CONNECTION_ROW_H

#include <flightbox/report.h>

#include "analyses/shared/ladder.h"

/* A row for each of the first `most`, then one for each of their packets that were kept. */
void connection_rows(struct fb_report *r, const GPtrArray *list, guint most);

#endif
