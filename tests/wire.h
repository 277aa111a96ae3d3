/* SPDX-License-Identifier: MIT */
/* wire.h - whole messages over a socket, and big-endian numbers in them. */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

/* False when the other side is gone before `size` bytes went over. */
bool wire_receive(int fd, void *to, size_t size);
bool wire_send(int fd, const void *from, size_t size);

/* The number in `size` bytes, 8 at most; and one behind what `out` has. */
uint64_t wire_get(const uint8_t *at, unsigned size);
void wire_put(GByteArray *out, unsigned size, uint64_t value);
/* A text, cut or filled with zeros to `size` bytes. */
void wire_put_text(GByteArray *out, unsigned size, const char *text);

#endif
