/* SPDX-License-Identifier: MIT */
/* environment.c - machine, recorder and clock, from the sections of a perf.data. */
#include "perf/environment.h"

#include "perf/bytes.h"

#define SECTION_MAX (1 << 20)

/* ---- sections --------------------------------------------------------------------------- */

/* NULL: it is not there, or not as a whole. */
static uint8_t *read_feature(const struct perf_file *f, unsigned feature, uint64_t least, const char *what,
			     struct fb_source_info *info)
{
	const struct section *s = &f->features[feature];
	GError *error = NULL;
	uint8_t *bytes;

	if (s->size < least)
		return NULL;
	bytes = perf_file_section(f, s, SECTION_MAX, what, &error);
	if (error)
		info_problem(info, "%s", error->message);
	g_clear_error(&error);
	return bytes;
}

/* length:32, and as many bytes, the last of which are zeros. */
static char *read_text(const struct perf_file *f, unsigned feature, struct fb_source_info *info)
{
	g_autofree uint8_t *at = read_feature(f, feature, 4, "a text of the header", info);
	uint64_t left = f->features[feature].size - 4;

	return at ? g_strndup((const char *)at + 4, MIN(get32(at, f->big_endian), left)) : NULL;
}

/* Those that there might be, and those that there are. */
static unsigned read_cpus(const struct perf_file *f, struct fb_source_info *info)
{
	g_autofree uint8_t *at = read_feature(f, FEATURE_NRCPUS, 8, "the number of CPUs", info);

	return at ? get32(at + 4, f->big_endian) : 0;
}

/* clockid(7)'s numbers. */
static const char *clock_name(uint32_t id)
{
	static const char *const names[] = {
		[0] = "realtime", [1] = "monotonic", [4] = "monotonic_raw", [7] = "boottime",
		[11] = "tai",
	};

	return id < G_N_ELEMENTS(names) && names[id] ? names[id] : "perf_clock";
}

/* version:32 clock:32 wall:64 clock:64, both ns, of one moment. */
static void read_clock(struct environment *e, const struct perf_file *f, struct fb_source_info *info)
{
	g_autofree uint8_t *at = read_feature(f, FEATURE_CLOCK_DATA, 24, "the clock", info);

	e->clock = at ? clock_name(get32(at + 4, f->big_endian)) : "perf_clock";
	if (at)
		e->offset = get64(at + 8, f->big_endian) - get64(at + 16, f->big_endian);
}

void environment_read(struct environment *e, const struct perf_file *f, struct fb_source_info *info)
{
	*e = (struct environment){
		.host = read_text(f, FEATURE_HOSTNAME, info),
		.release = read_text(f, FEATURE_OSRELEASE, info),
		.machine = read_text(f, FEATURE_ARCH, info),
		.version = read_text(f, FEATURE_VERSION, info),
		.cpus = read_cpus(f, info),
	};
	read_clock(e, f, info);
}

void environment_clear(struct environment *e)
{
	g_free(e->host);
	g_free(e->release);
	g_free(e->machine);
	g_free(e->version);
	*e = (struct environment){ 0 };
}

/* ---- facts ------------------------------------------------------------------------------ */

static const char *env_text(const void *environment, const char *name)
{
	const struct environment *e = environment;
	const struct {
		const char *name, *text;
	} texts[] = {
		{ "tracer_name", "perf" }, { "domain", "kernel" }, { "hostname", e->host },
		{ "kernel_release", e->release }, { "machine", e->machine }, { "version", e->version },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!strcmp(texts[i].name, name))
			return texts[i].text;
	return NULL;
}

static bool env_number(const void *environment, const char *name, int64_t *number)
{
	(void)environment, (void)name, (void)number;
	return false;
}

struct facts environment_facts(const struct environment *e, bool big_endian,
			       struct clock_facts *clock)
{
	*clock = (struct clock_facts){ .name = e->clock, .frequency = 1000000000,
				       .ticks = e->offset };
	return (struct facts){
		.text = env_text,
		.number = env_number,
		.env = e,
		.clock = clock,
		.format = "perf.data",
		.big_endian = big_endian,
	};
}
