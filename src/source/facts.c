/* SPDX-License-Identifier: MIT */
/* facts.c - what a recording's metadata tells, whoever parsed it. */
#include <stdio.h>

#include <flightbox/error.h>

#include "source/facts.h"
#include "source/losses.h"

#define PROBLEMS_MAX 20
#define NS_PER_S     1000000000u

void info_init(struct fb_source_info *info)
{
	memset(info, 0, sizeof(*info));
	info->begin = info->end = info->whole_until = FB_NS_NONE;
	info->abi = FB_ABI_UNKNOWN;
	info->clock_frequency = 1000000000;
	info->classes = g_array_new(FALSE, TRUE, sizeof(struct fb_class_count));
	info->losses = g_array_new(FALSE, TRUE, sizeof(struct fb_cpu_loss));
	info->problems = g_ptr_array_new_with_free_func(g_free);
	info->late = g_array_new(FALSE, TRUE, sizeof(struct fb_late_cpu));
	info->absent = g_array_new(FALSE, FALSE, sizeof(int));
}

void info_clear(struct fb_source_info *info)
{
	g_clear_pointer(&info->classes, g_array_unref);
	g_clear_pointer(&info->losses, g_array_unref);
	g_clear_pointer(&info->problems, g_ptr_array_unref);
	g_clear_pointer(&info->captures, g_ptr_array_unref);
	g_clear_pointer(&info->late, g_array_unref);
	g_clear_pointer(&info->absent, g_array_unref);
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

void info_late(struct fb_source_info *info, int cpu, fb_ns begin)
{
	struct fb_late_cpu late = { cpu, begin }, *known;
	guint i = 0;

	while (i < info->late->len && g_array_index(info->late, struct fb_late_cpu, i).cpu < cpu)
		i++;
	known = &g_array_index(info->late, struct fb_late_cpu, i);
	if (i < info->late->len && known->cpu == cpu)
		known->begin = MAX(known->begin, begin);
	else
		g_array_insert_val(info->late, i, late);
}

void info_absent(struct fb_source_info *info, int cpu)
{
	for (guint i = 0; i < info->absent->len; i++)
		if (g_array_index(info->absent, int, i) == cpu)
			return;
	g_array_append_val(info->absent, cpu);
}

void info_whole_until(struct fb_source_info *info, fb_ns end)
{
	if (info->whole_until == FB_NS_NONE || end < info->whole_until)
		info->whole_until = end;
}

void info_span(struct fb_source_info *info, fb_ns begin, fb_ns end)
{
	if (info->begin == FB_NS_NONE || begin < info->begin)
		info->begin = begin;
	if (info->end == FB_NS_NONE || end > info->end)
		info->end = end;
}

void info_take_problems(struct fb_source_info *to, struct fb_source_info *from)
{
	to->problem_count += from->problem_count;
	while (from->problems->len && to->problems->len < PROBLEMS_MAX)
		g_ptr_array_add(to->problems, g_ptr_array_steal_index(from->problems, 0));
	from->problem_count = 0;
	g_ptr_array_set_size(from->problems, 0);
}

void info_take(struct fb_source_info *to, struct fb_source_info *from)
{
	info_take_problems(to, from);
	to->events += from->events;
	to->clock_steps += from->clock_steps;
	to->broken_packets += from->broken_packets;
	if (from->begin != FB_NS_NONE)
		info_span(to, from->begin, from->end);
	if (from->whole_until != FB_NS_NONE)
		info_whole_until(to, from->whole_until);
	for (guint i = 0; i < from->losses->len; i++)
		losses_add(to->losses, &g_array_index(from->losses, struct fb_cpu_loss, i));
	from->events = from->clock_steps = from->broken_packets = 0;
	from->begin = from->end = from->whole_until = FB_NS_NONE;
	g_array_set_size(from->losses, 0);
}

fb_ns scale_clock(uint64_t clock, uint64_t freq)
{
	uint64_t seconds, rest;

	if (freq == NS_PER_S || !freq)
		return MIN(clock, (uint64_t)INT64_MAX);
	seconds = clock / freq;
	rest = clock % freq;
	/* The product is exact below 18 GHz; no clock is faster. */
	rest = rest <= UINT64_MAX / NS_PER_S ? rest * NS_PER_S / freq : rest / (freq / NS_PER_S);
	if (seconds > INT64_MAX / NS_PER_S - 1)
		return INT64_MAX;
	return seconds * NS_PER_S + rest;
}

/* ---- classes ---------------------------------------------------------------------------- */

static gint compare_names(const void *a_, const void *b_)
{
	const struct fb_class_count *a = a_, *b = b_;

	return strcmp(a->name, b->name);
}

/* Where a name's place in info->classes stands, counted from 1; 0 when it has none yet. */
static guint *find_place(guint *places, guint mask, const GArray *classes, const char *name)
{
	guint at = (uintptr_t)name * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) >> 32 & mask;

	while (places[at] &&
	       g_array_index(classes, struct fb_class_count, places[at] - 1).name != name)
		at = (at + 1) & mask;
	return &places[at];
}

void info_set_counts(struct fb_source_info *info, const struct class_facts *classes, size_t n,
		     const uint64_t *counts)
{
	guint mask = (2u << g_bit_storage(n)) - 1;
	g_autofree guint *places = g_new0(guint, mask + 1);
	GArray *to = info->classes;

	g_array_set_size(to, 0);
	for (size_t i = 0; i < n; i++) {
		struct fb_class_count count = { classes[i].name, classes[i].bound->template.kind,
						counts ? counts[i] : 0 };
		guint *place = find_place(places, mask, to, count.name);

		if (*place) {
			g_array_index(to, struct fb_class_count, *place - 1).count += count.count;
			continue;
		}
		g_array_append_val(to, count);
		*place = to->len;
	}
	if (counts)
		g_array_sort(to, compare_names);
}

/* Contexts count as recorded when every event that matters has them. */
static void state_kinds(struct fb_source_info *info, const struct facts *facts)
{
	uint64_t all = FB_HAS_CONTEXT_TID | FB_HAS_CONTEXT_PID | FB_HAS_COMMON_FLAGS |
		       FB_HAS_CONTEXT_VTID | FB_HAS_CONTEXT_VPID | FB_HAS_CONTEXT_PROCNAME;

	for (size_t i = 0; i < facts->n_classes; i++) {
		const struct class_facts *c = &facts->classes[i];

		if (!c->bound->template.kind)
			continue;
		info->kinds |= FB_KIND_BIT(c->bound->template.kind);
		all &= c->bound->has;
		if (c->bound->template.kind == FB_EV_SYS_ENTER && c->bound->template.flags & FB_BY_NUMBER)
			info->fields |= FB_HAS_ALL_SYSCALLS;
	}
	if (info->kinds)
		info->fields |= all;
}

/* ---- the machine ------------------------------------------------------------------------ */

static const struct {
	const char *part; /* of a kernel release or a machine's name */
	enum fb_abi abi;
} machines[] = {
	{ "amd64", FB_ABI_X86_64 },    { "x86_64", FB_ABI_X86_64 }, { "arm64", FB_ABI_AARCH64 },
	{ "aarch64", FB_ABI_AARCH64 }, { "686", FB_ABI_I386 },	    { "i386", FB_ABI_I386 },
	{ "i486", FB_ABI_I386 },       { "i586", FB_ABI_I386 },
	{ "riscv64", FB_ABI_RISCV64 }, { "loongarch64", FB_ABI_LOONGARCH64 },
	{ "loong64", FB_ABI_LOONGARCH64 }, /* Debian's kernels */
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
static unsigned long_bits(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_classes; i++) {
		const struct class_facts *c = &facts->classes[i];

		for (unsigned k = 0; k < FB_TOP_FIELDS_MAX; k++) {
			const char *name = fb_kinds[c->bound->template.kind].fields[k].name;

			if (name && (!strcmp(name, "prev_state") || !strcmp(name, "ret")) &&
			    c->bound->template.kind != FB_EV_IRQ_EXIT && c->bound->bits[k])
				return c->bound->bits[k];
		}
	}
	return 64;
}

static bool has_call(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->n_classes; i++) {
		const struct fb_event *ev = &facts->classes[i].bound->template;

		if (ev->kind == FB_EV_SYS_ENTER && !(ev->flags & FB_COMPAT) &&
		    ev->sys_enter.call == fb_syscall_get(name))
			return true;
	}
	return false;
}

/* Whose system call numbers those of the kernel are. */
static enum fb_abi find_abi(const struct facts *facts, uint64_t kinds)
{
	bool is_x86 = kinds & (FB_KIND_BIT(FB_EV_VEC_ENTER) | FB_KIND_BIT(FB_EV_FAULT_USER));
	const char *machine = facts->text(facts->env, "machine");
	enum fb_abi abi;

	if (abi_of_machine(machine, &abi) ||
	    abi_of_machine(facts->text(facts->env, "kernel_release"), &abi))
		return abi;
	if (facts->big_endian || machine)
		return FB_ABI_UNKNOWN;
	if (long_bits(facts) == 32)
		return is_x86 ? FB_ABI_I386 : FB_ABI_UNKNOWN;
	if (!is_x86 && has_call(facts, "openat") && !has_call(facts, "open"))
		return FB_ABI_AARCH64;
	return FB_ABI_X86_64;
}

/* ---- the environment -------------------------------------------------------------------- */

static const char *env_text(const struct facts *facts, const char *name, const char *alias)
{
	const char *text = facts->text(facts->env, name);

	return text ? text : facts->text(facts->env, alias);
}

static int env_number(const struct facts *facts, const char *name)
{
	int64_t number;

	if (!facts->number(facts->env, name, &number) || number < 0 || number > INT_MAX)
		return 0;
	return number;
}

static void state_tracer(struct fb_source_info *info, const struct facts *facts)
{
	const char *version = facts->text(facts->env, "version");

	info->tracer_name = facts->text(facts->env, "tracer_name");
	info->tracer_major = env_number(facts, "tracer_major");
	info->tracer_minor = env_number(facts, "tracer_minor");
	info->tracer_patch = env_number(facts, "tracer_patchlevel");
	/* perf's "version" is its own, not the kernel's. */
	if (!g_strcmp0(info->tracer_name, "perf") && version)
		sscanf(version, "%d.%d.%d", &info->tracer_major, &info->tracer_minor,
		       &info->tracer_patch);
}

static void state_clock(struct fb_source_info *info, const struct clock_facts *clock)
{
	__int128 offset;

	if (!clock)
		return;
	info->clock_name = clock->name;
	info->clock_uuid = clock->uuid;
	info->clock_frequency = clock->frequency;
	offset = (__int128)clock->seconds * 1000000000;
	if (clock->ticks >= 0)
		offset += scale_clock(clock->ticks, clock->frequency);
	else
		offset -= scale_clock(-(uint64_t)clock->ticks, clock->frequency);
	info->clock_offset = CLAMP(offset, -(__int128)INT64_MAX, (__int128)INT64_MAX);
}

void info_state(struct fb_source_info *info, const struct facts *facts)
{
	info->hostname = facts_host(facts);
	info->kernel_release = env_text(facts, "kernel_release", "release");
	info->kernel_version = facts->text(facts->env, "kernel_version");
	info->trace_name = facts->text(facts->env, "trace_name");
	info->created = facts->text(facts->env, "trace_creation_datetime");
	info->format = facts->format;
	state_tracer(info, facts);
	state_clock(info, facts->clock);
	state_kinds(info, facts);
	info->abi = find_abi(facts, info->kinds);
	info_set_counts(info, facts->classes, facts->n_classes, NULL);
}

/* ---- whose trace it is ------------------------------------------------------------------ */

const char *facts_host(const struct facts *facts)
{
	return env_text(facts, "hostname", "host");
}

bool facts_are_kernel(const struct facts *facts)
{
	return !g_strcmp0(facts->text(facts->env, "domain"), "kernel") ||
	       !g_strcmp0(facts->text(facts->env, "tracer_name"), "perf");
}

void facts_refuse(GError **error, const char *path, const char *domain)
{
	g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED,
		    "%s: %s trace (domain \"%s\"); flightbox reads kernel traces", path,
		    !g_strcmp0(domain, "ust") ? "user-space" : "no kernel",
		    domain ? domain : "unknown");
}

static bool may_be_same(const char *a, const char *b)
{
	return !a || !b || !g_ascii_strcasecmp(a, b);
}

bool birthplace_check(const struct birthplace *a, const struct birthplace *b, GError **error)
{
	if ((!a->host || !b->host || !strcmp(a->host, b->host)) && may_be_same(a->boot, b->boot))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "%s: recorded on host %s (boot %s), but %s on host %s (boot %s); "
		    "give traces of one boot only",
		    a->dir, a->host ? a->host : "unknown", a->boot ? a->boot : "unknown", b->dir,
		    b->host ? b->host : "unknown", b->boot ? b->boot : "unknown");
	return false;
}
