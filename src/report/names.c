/* SPDX-License-Identifier: MIT */
/* names.c - a name that is met for the first time, or again after others took its place. */
#include "report/names.h"

void names_learn(struct names *names, struct out *o, const char *text,
		 void (*escape)(struct out *, const char *))
{
	struct escaped_name *name = names_set(names, text);
	/* As much as any format may need: the buffer stays where it is until all is written. */
	char *from = out_room(o, 6 * strlen(text) + 2);
	size_t length;

	escape(o, text);
	length = o->at - from;
	if (length > NAME_ROOM)
		return;
	memmove(name + 1, name, (NAME_WAYS - 1) * sizeof(*name));
	name->text = text;
	name->length = length;
	memcpy(name->bytes, from, length);
}
