/* SPDX-License-Identifier: MIT */
/* uuid.c - see uuid.h. */
#include <glib.h>

#include "bt2/uuid.h"

char *uuid_text(const uint8_t uuid[16])
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 16; i++)
		g_string_append_printf(text, "%s%02x",
				       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	return g_string_free(text, FALSE);
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned n = 0;

	for (; *text; text++) {
		int digit = g_ascii_xdigit_value(*text);

		if (*text == '-')
			continue;
		if (digit < 0 || n == 32)
			return false;
		uuid[n / 2] = uuid[n / 2] << 4 | digit;
		n++;
	}
	return n == 32;
}
