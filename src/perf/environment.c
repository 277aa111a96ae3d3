/* SPDX-License-Identifier: MIT */
/* environment.c - machine, recorder and clock, from the sections of a perf.data. */
#include "perf/environment.h"

#include "perf/bytes.h"

#define SECTION_MAX (1 << 20)

/* ---- sections --------------------------------------------------------------------------- */

/* NULL and no error: it is not there. */
static uint8_t *read_feature(const struct perf_file *f, unsigned feature, const char *what,
			     GError **error)
{
	const struct section *s = &f->features[feature];

	return s->size ? perf_file_section(f, s, SECTION_MAX, what, error) : NULL;
}

/* length:32, and as many bytes, the last of which are zeros. */
static bool read_text(const struct perf_file *f, unsigned feature, char **to, GError **error)
{
	GError *why = NULL;
	g_autofree uint8_t *at = read_feature(f, feature, "a text of the header", &why);
	uint64_t size = f->features[feature].size, length;

	if (why) {
		g_propagate_error(error, why);
		return false;
	}
	if (!at || size < 4)
		return true;
	length = MIN(get32(at, f->big_endian), size - 4);
	*to = g_strndup((const char *)at + 4, length);
	return true;
}

static bool read_cpus(struct environment *e, const struct perf_file *f, GError **error)
{
	GError *why = NULL;
	g_autofree uint8_t *at = read_feature(f, FEATURE_NRCPUS, "the number of CPUs", &why);

	if (why) {
		g_propagate_error(error, why);
		return false;
	}
	if (at && f->features[FEATURE_NRCPUS].size >= 8)
		e->cpus = get32(at + 4, f->big_endian); /* behind those that there might be */
	return true;
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
static bool read_clock(struct environment *e, const struct perf_file *f, GError **error)
{
	GError *why = NULL;
	g_autofree uint8_t *at = read_feature(f, FEATURE_CLOCK_DATA, "the clock", &why);

	if (why) {
		g_propagate_error(error, why);
		return false;
	}
	e->clock = "perf_clock";
	if (!at || f->features[FEATURE_CLOCK_DATA].size < 24)
		return true;
	e->clock = clock_name(get32(at + 4, f->big_endian));
	e->offset = get64(at + 8, f->big_endian) - get64(at + 16, f->big_endian);
	return true;
}

bool environment_read(struct environment *e, const struct perf_file *f, GError **error)
{
	*e = (struct environment){ 0 };
	return read_text(f, FEATURE_HOSTNAME, &e->host, error) &&
	       read_text(f, FEATURE_OSRELEASE, &e->release, error) &&
	       read_text(f, FEATURE_ARCH, &e->machine, error) &&
	       read_text(f, FEATURE_VERSION, &e->version, error) && read_cpus(e, f, error) &&
	       read_clock(e, f, error);
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
