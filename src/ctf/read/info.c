/* SPDX-License-Identifier: MIT */
/* info.c - a compiled metadata's facts. */
#include "ctf/read/info.h"
#include "ctf/layout/schema.h"

static struct class_facts *state_classes(const struct layouts *layouts)
{
	struct class_facts *classes = g_new0(struct class_facts, layouts->all->len);

	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = layouts_get(layouts, i);

		classes[i] = (struct class_facts){ l->name, &l->bound };
	}
	return classes;
}

void info_count(struct fb_source_info *info, const struct layouts *layouts, const uint64_t *counts)
{
	g_autofree struct class_facts *classes = state_classes(layouts);

	info_set_counts(info, classes, layouts->all->len, counts);
}

void info_describe(struct fb_source_info *info, const struct schema *s,
		   const struct layouts *layouts)
{
	g_autofree struct class_facts *classes = state_classes(layouts);
	const struct tsdl_clock *c = schema_clock(s);
	struct clock_facts clock = { 0 };
	struct facts facts = schema_facts(s);

	facts.clock = c ? &clock : NULL;
	facts.classes = classes;
	facts.n_classes = layouts->all->len;
	if (c)
		clock = (struct clock_facts){ c->name, c->uuid, c->freq, c->offset_s, c->offset };
	info_state(info, &facts);
}
