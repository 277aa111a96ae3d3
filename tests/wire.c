/* SPDX-License-Identifier: MIT */
/* wire.c - a message may come and go in parts. */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool wire_receive(int fd, void *to, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = read(fd, (char *)to + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += got;
	}
	return true;
}

bool wire_send(int fd, const void *from, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t put = send(fd, (const char *)from + done, size - done, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		done += put;
	}
	return true;
}

uint64_t wire_get(const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *at++;
	return value;
}

void wire_put(GByteArray *out, unsigned size, uint64_t value)
{
	while (size--) {
		uint8_t byte = value >> size * 8;

		g_byte_array_append(out, &byte, 1);
	}
}

void wire_put_text(GByteArray *out, unsigned size, const char *text)
{
	size_t length = MIN(strlen(text), size);

	g_byte_array_append(out, (const uint8_t *)text, length);
	for (size_t n = length; n < size; n++)
		wire_put(out, 1, 0);
}
