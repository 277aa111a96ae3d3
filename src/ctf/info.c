/* SPDX-License-Identifier: MIT */
/* info.c - what a reader tells about its trace. */
#include <stdio.h>

#include "decode.h"
#include "info.h"
#include "schema.h"

#define PROBLEMS_MAX 20

void info_init(struct fb_source_info *info)
{
	memset(info, 0, sizeof(*info));
	info->begin = info->end = FB_NS_NONE;
	info->abi = FB_ABI_UNKNOWN;
	info->clock_frequency = 1000000000;
	info->classes = g_array_new(FALSE, TRUE, sizeof(struct fb_class_count));
	info->losses = g_array_new(FALSE, TRUE, sizeof(struct fb_cpu_loss));
	info->problems = g_ptr_array_new_with_free_func(g_free);
}

void info_clear(struct fb_source_info *info)
{
	g_clear_pointer(&info->classes, g_array_unref);
	g_clear_pointer(&info->losses, g_array_unref);
	g_clear_pointer(&info->problems, g_ptr_array_unref);
}

void info_problem(struct fb_source_info *info, const char *format, ...)
{
	va_list args;

	info->problem_count++;
	if (info->problems->len >= PROBLEMS_MAX)
		return;
	va_start(args, format);
	g_ptr_array_add(info->problems, g_strdup_vprintf(format, args));
	va_end(args);
}

void info_lost(struct fb_source_info *info, int cpu, uint64_t events, uint64_t packets)
{
	struct fb_cpu_loss *loss;
	guint i = 0;

	while (i < info->losses->len &&
	       g_array_index(info->losses, struct fb_cpu_loss, i).cpu < cpu)
		i++;
	if (i == info->losses->len ||
	    g_array_index(info->losses, struct fb_cpu_loss, i).cpu != cpu) {
		struct fb_cpu_loss none = { .cpu = cpu };

		g_array_insert_val(info->losses, i, none);
	}
	loss = &g_array_index(info->losses, struct fb_cpu_loss, i);
	loss->events += events;
	loss->packets += packets;
}

void info_span(struct fb_source_info *info, fb_ns begin, fb_ns end)
{
	if (info->begin == FB_NS_NONE || begin < info->begin)
		info->begin = begin;
	if (info->end == FB_NS_NONE || end > info->end)
		info->end = end;
}

static gint compare_counts(const void *a_, const void *b_)
{
	const struct fb_class_count *a = a_, *b = b_;

	return strcmp(a->name, b->name);
}

void info_count(struct fb_source_info *info, const struct layouts *layouts, const uint64_t *counts)
{
	GArray *classes = info->classes;
	guint n = 0;

	g_array_set_size(classes, 0);
	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = layouts_get(layouts, i);
		struct fb_class_count count = { l->name, l->template.kind, counts ? counts[i] : 0 };

		g_array_append_val(classes, count);
	}
	g_array_sort(classes, compare_counts);
	for (guint i = 0; i < classes->len; i++) {
		struct fb_class_count *c = &g_array_index(classes, struct fb_class_count, i);
		struct fb_class_count *last = &g_array_index(classes, struct fb_class_count, n - 1);

		/* Names are interned. */
		if (n && last->name == c->name)
			last->count += c->count;
		else
			g_array_index(classes, struct fb_class_count, n++) = *c;
	}
	g_array_set_size(classes, n);
}

/* ---- the machine ----------------------------------------------------------------------- */

static const struct {
	const char *part; /* of a kernel release or a machine's name */
	enum fb_abi abi;
} machines[] = {
	{ "amd64", FB_ABI_X86_64 },    { "x86_64", FB_ABI_X86_64 }, { "arm64", FB_ABI_AARCH64 },
	{ "aarch64", FB_ABI_AARCH64 }, { "686", FB_ABI_I386 },	    { "i386", FB_ABI_I386 },
	{ "armmp", FB_ABI_UNKNOWN },   { "armv", FB_ABI_UNKNOWN },  { "ppc", FB_ABI_UNKNOWN },
	{ "powerpc", FB_ABI_UNKNOWN }, { "s390", FB_ABI_UNKNOWN },  { "mips", FB_ABI_UNKNOWN },
	{ "riscv", FB_ABI_UNKNOWN },
};

static bool abi_of_machine(const char *name, enum fb_abi *abi)
{
	for (size_t i = 0; name && i < G_N_ELEMENTS(machines); i++)
		if (strstr(name, machines[i].part)) {
			*abi = machines[i].abi;
			return true;
		}
	return false;
}

/* Bits of the kernel's `long`, by a field that is one; 64 when none tells. */
static unsigned long_bits(const struct layouts *layouts)
{
	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = layouts_get(layouts, i);

		for (unsigned k = 0; k < FB_FIELDS_MAX; k++) {
			const char *name = fb_kinds[l->template.kind].fields[k].name;

			if (name && (!strcmp(name, "prev_state") || !strcmp(name, "ret")) &&
			    l->template.kind != FB_EV_IRQ_EXIT && l->places[k].shape == SHAPE_INT)
				return l->places[k].bits;
		}
	}
	return 64;
}

static bool has_call(const struct layouts *layouts, const char *name)
{
	for (guint i = 0; i < layouts->all->len; i++) {
		const struct fb_event *ev = &layouts_get(layouts, i)->template;

		if (ev->kind == FB_EV_SYS_ENTER && !(ev->flags & FB_COMPAT) &&
		    !g_strcmp0(ev->sys_enter.name, name))
			return true;
	}
	return false;
}

/* Whose system call numbers those of the kernel are. */
static enum fb_abi find_abi(const struct schema *s, const struct layouts *layouts, uint64_t kinds)
{
	bool is_x86 = kinds & (FB_KIND_BIT(FB_EV_VEC_ENTER) | FB_KIND_BIT(FB_EV_FAULT_USER));
	enum fb_abi abi;

	if (abi_of_machine(tsdl_env_text(s->tsdl, "machine"), &abi) ||
	    abi_of_machine(tsdl_env_text(s->tsdl, "kernel_release"), &abi))
		return abi;
	if (s->tsdl->big_endian)
		return FB_ABI_UNKNOWN;
	if (long_bits(layouts) == 32)
		return is_x86 ? FB_ABI_I386 : FB_ABI_UNKNOWN;
	if (!is_x86 && has_call(layouts, "openat") && !has_call(layouts, "open"))
		return FB_ABI_AARCH64;
	return FB_ABI_X86_64;
}

/* ---- the metadata ---------------------------------------------------------------------- */

static const char *env_text(const struct schema *s, const char *name, const char *alias)
{
	const char *text = tsdl_env_text(s->tsdl, name);

	return text || !alias ? text : tsdl_env_text(s->tsdl, alias);
}

static int env_number(const struct schema *s, const char *name)
{
	int64_t number;

	return tsdl_env_number(s->tsdl, name, &number) && number >= 0 && number <= INT_MAX ? number
											   : 0;
}

static void describe_tracer(struct fb_source_info *info, const struct schema *s)
{
	info->tracer_name = env_text(s, "tracer_name", NULL);
	info->tracer_major = env_number(s, "tracer_major");
	info->tracer_minor = env_number(s, "tracer_minor");
	info->tracer_patch = env_number(s, "tracer_patchlevel");
	/* perf's "version" is its own, not the kernel's. */
	if (!g_strcmp0(info->tracer_name, "perf") && env_text(s, "version", NULL))
		sscanf(env_text(s, "version", NULL), "%d.%d.%d", &info->tracer_major,
		       &info->tracer_minor, &info->tracer_patch);
}

static void describe_clock(struct fb_source_info *info, const struct tsdl_clock *clock)
{
	__int128 offset;

	if (!clock)
		return;
	info->clock_name = clock->name;
	info->clock_uuid = clock->uuid;
	info->clock_frequency = clock->freq;
	offset = (__int128)clock->offset_s * 1000000000;
	if (clock->offset >= 0)
		offset += scale_clock(clock->offset, clock->freq);
	else
		offset -= scale_clock(-(uint64_t)clock->offset, clock->freq);
	info->clock_offset = CLAMP(offset, -(__int128)INT64_MAX, (__int128)INT64_MAX);
}

/* Contexts count as recorded when every event that matters has them. */
static void describe_fields(struct fb_source_info *info, const struct layouts *layouts)
{
	static const uint64_t has[] = { FB_HAS_CONTEXT_TID, FB_HAS_CONTEXT_PID,
					FB_HAS_COMMON_FLAGS };
	uint64_t all = FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID | FB_HAS_COMMON_FLAGS;

	for (guint i = 0; i < layouts->all->len; i++) {
		const struct layout *l = layouts_get(layouts, i);

		if (!l->template.kind)
			continue;
		info->kinds |= FB_KIND_BIT(l->template.kind);
		for (unsigned k = 0; k < G_N_ELEMENTS(has); k++)
			if (l->places[PLACE_TID + k].shape != SHAPE_INT)
				all &= ~has[k];
		if (l->template.kind == FB_EV_SYS_ENTER && l->template.flags & FB_BY_NUMBER)
			info->fields |= FB_HAS_ALL_SYSCALLS;
	}
	if (info->kinds)
		info->fields |= all;
}

void info_describe(struct fb_source_info *info, const struct schema *s,
		   const struct layouts *layouts)
{
	info->hostname = schema_hostname(s);
	info->kernel_release = env_text(s, "kernel_release", "release");
	info->kernel_version = env_text(s, "kernel_version", NULL);
	info->trace_name = env_text(s, "trace_name", NULL);
	info->created = env_text(s, "trace_creation_datetime", NULL);
	describe_tracer(info, s);
	describe_clock(info, schema_clock(s));
	describe_fields(info, layouts);
	info->abi = find_abi(s, layouts, info->kinds);
	info_count(info, layouts, NULL);
}
