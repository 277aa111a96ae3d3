/* SPDX-License-Identifier: MIT */
/* error.c - the error domain. */
#include <flightbox/error.h>

G_DEFINE_QUARK(flightbox-error-quark, fb_error)
