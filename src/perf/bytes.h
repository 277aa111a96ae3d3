/* SPDX-License-Identifier: MIT */
/* bytes.h - numbers in the byte order of the machine that recorded. */
#ifndef PERF_BYTES_H
#define PERF_BYTES_H

#include "base/cursor.h"

static inline uint16_t get16(const uint8_t *at, bool big_endian)
{
	return bits_get(at, 0, 16, big_endian);
}

static inline uint32_t get32(const uint8_t *at, bool big_endian)
{
	return bits_get(at, 0, 32, big_endian);
}

static inline uint64_t get64(const uint8_t *at, bool big_endian)
{
	return bits_get(at, 0, 64, big_endian);
}

#endif
