/* SPDX-License-Identifier: MIT */
/* info.c - a compiled metadata's facts. */
#include "ctf/read/info.h"
#include "ctf/layout/schema.h"

static const char *text(const void *env, const char *name)
{
	const struct schema *s = env;

	return tsdl_env_text(s->tsdl, name);
}

static bool number(const void *env, const char *name, int64_t *value)
{
	const struct schema *s = env;

	return tsdl_env_number(s->tsdl, name, value);
}

static struct class_facts *state_classes(const struct layouts *layouts)
{
	static const uint64_t has[] = { FB_HAS_CONTEXT_TID, FB_HAS_CONTEXT_PID,
					FB_HAS_COMMON_FLAGS };
	struct class_facts *classes = g_new0(struct class_facts, layouts->all->len);

	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = layouts_get(layouts, i);

		classes[i].name = l->name;
		classes[i].template = &l->template;
		for (unsigned k = 0; k < G_N_ELEMENTS(has); k++)
			if (l->places[PLACE_TID + k].shape == SHAPE_INT)
				classes[i].has |= has[k];
		for (unsigned k = 0; k < FB_TOP_FIELDS_MAX; k++)
			if (l->places[k].shape == SHAPE_INT)
				classes[i].bits[k] = l->places[k].bits;
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
	const struct facts facts = {
		.text = text,
		.number = number,
		.env = s,
		.clock = c ? &clock : NULL,
		.big_endian = s->tsdl->big_endian,
		.classes = classes,
		.n_classes = layouts->all->len,
	};

	if (c)
		clock = (struct clock_facts){ c->name, c->uuid, c->freq, c->offset_s, c->offset };
	info_state(info, &facts);
}
