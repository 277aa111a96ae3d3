/* SPDX-License-Identifier: MIT */
/* uuid.h - 16 bytes as text, "8926bf9e-a812-d749-9d2a-61de207e38eb", and back. */
#ifndef BT2_UUID_H
#define BT2_UUID_H

#include <stdbool.h>
#include <stdint.h>

/* The caller's. */
char *uuid_text(const uint8_t uuid[16]);

/* False when that is none. */
bool uuid_parse(const char *text, uint8_t uuid[16]);

#endif
