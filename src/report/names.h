/* SPDX-License-Identifier: MIT */
/*
 * names.h - texts that stay as they are, such as names of tasks and system calls,
 * in the form in which a format writes them: escaped once, copied from then on.
 */
#ifndef FLIGHTBOX_NAMES_H
#define FLIGHTBOX_NAMES_H

#include <glib.h>

#include "base/out.h"

#define NAME_SETS  512
#define NAME_WAYS  2  /* names that fall on one set and are both remembered */
#define NAME_BLOCK 32 /* copied always: most names are shorter */
#define NAME_ROOM  55 /* longer ones are escaped each time */

struct escaped_name {
	const char *text; /* by whose address the name is known */
	uint8_t length;
	char bytes[NAME_ROOM];
};

/* All zero at first. Of the names that fall on one set the latest are remembered. */
struct names {
	struct escaped_name sets[NAME_SETS][NAME_WAYS];
};

static inline struct escaped_name *names_set(struct names *names, const char *text)
{
	return names->sets[((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15) >> 32) % NAME_SETS];
}

/* Writes a text by `escape`, which is one of out.h, and remembers the outcome. */
void names_learn(struct names *names, struct out *o, const char *text,
		 void (*escape)(struct out *, const char *));

/* Writes a name to `to`, which has NAME_ROOM bytes; NULL when it is to be learnt first. */
static inline char *put_name(struct names *names, char *to, const char *text)
{
	const struct escaped_name *name = names_set(names, text);

	if (G_UNLIKELY(name->text != text) && (++name)->text != text)
		return NULL;
	memcpy(to, name->bytes, NAME_BLOCK);
	if (G_UNLIKELY(name->length > NAME_BLOCK))
		memcpy(to + NAME_BLOCK, name->bytes + NAME_BLOCK, NAME_ROOM - NAME_BLOCK);
	return to + name->length;
}

#endif
