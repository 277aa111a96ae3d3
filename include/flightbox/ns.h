/* SPDX-License-Identifier: MIT */
/* ns.h - times and durations, everywhere. */
#ifndef FLIGHTBOX_NS_H
#define FLIGHTBOX_NS_H

#include <stdint.h>

/* A time or a duration in nanoseconds. Times count from the origin of the trace's clock. */
typedef int64_t fb_ns;

/* A time that is not known. */
#define FB_NS_NONE INT64_MIN

#endif
