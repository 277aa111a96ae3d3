/* SPDX-License-Identifier: MIT */
/*
 * formats.c - perf's tracing data: what trace-cmd's files have.
 *
 *	17 08 44 "tracing" version\0  big-endian:8  long:8  page:32
 *	"header_page\0"  size:64 …   "header_event\0"  size:64 …
 *	formats of ftrace's own:  count:32  (size:64 text)…
 *	systems:  count:32  (name\0  count:32  (size:64 text)…)…
 */
#include "perf/formats.h"

#include "perf/bytes.h"

#define MAGIC	   "\x17\x08\x44tracing"
#define FORMAT_MAX (1 << 20) /* bytes of one */

/* What is left of the bytes; nothing moves behind the first one that is wrong. */
struct tape {
	const uint8_t *begin, *at, *end;
	bool big_endian, is_bad;
};

static const uint8_t *take(struct tape *t, uint64_t n)
{
	const uint8_t *at = t->at;

	if (t->is_bad || n > (uint64_t)(t->end - t->at)) {
		t->is_bad = true;
		return NULL;
	}
	t->at += n;
	return at;
}

static uint64_t take_number(struct tape *t, unsigned bytes)
{
	const uint8_t *at = take(t, bytes);

	return at ? bits_get(at, 0, bytes * 8, t->big_endian) : 0;
}

/* A text and its NUL; NULL: it has no end. */
static const char *take_text(struct tape *t)
{
	const uint8_t *nul = t->is_bad ? NULL : memchr(t->at, '\0', t->end - t->at);

	return (const char *)take(t, nul ? (uint64_t)(nul - t->at) + 1 : UINT64_MAX);
}

static void take_words(struct tape *t, const char *words)
{
	const char *text = take_text(t);

	if (!text || strcmp(text, words))
		t->is_bad = true;
}

#define WORD "[A-Za-z_][A-Za-z0-9_]*+(?:\\[[A-Za-z0-9_]*+\\])*+"

/* Whether it is what a kernel writes: of other texts libtraceevent 1.7 may crash. */
static bool is_format(const char *text, size_t size)
{
	static const char pattern[] =
		"\\Aname: \\w++\\nID: [0-9]{1,9}\\nformat:\\n(?>\\n|\\tfield:" WORD "(?:[ *]++" WORD ")++;"
		"\\toffset:[0-9]{1,9};\\tsize:[0-9]{1,9};(?:\\tsigned:[01];)?\\n)*+\\z";
	static GRegex *regex;

	if (g_once_init_enter(&regex))
		g_once_init_leave(&regex, g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL));
	return g_regex_match_full(regex, text, size, 0, 0, NULL, NULL);
}

/*
 * How to print an event nobody asks, and what the kernel says of that is most of the text: it is
 * left out.
 */
static void parse(struct formats *f, const char *system, const uint8_t *at, uint64_t size)
{
	static const char no_print[] = "print fmt: \"\"\n";
	g_autofree char *text = g_malloc(size + sizeof(no_print));
	char *print;

	memcpy(text, at, size);
	text[size] = '\0';
	print = strstr(text, "print fmt:");
	if (!print)
		print = text + strlen(text);
	if (!is_format(text, print - text))
		return;
	strcpy(print, no_print);
	tep_parse_event(f->tep, text, strlen(text), system);
}

/* `system` NULL: those of ftrace itself, which perf does not record. */
static void take_formats(struct formats *f, struct tape *t, const char *system)
{
	uint64_t n = take_number(t, 4);

	for (uint64_t i = 0; i < n && !t->is_bad; i++) {
		uint64_t size = take_number(t, 8);
		const uint8_t *at = size <= FORMAT_MAX ? take(t, size) : take(t, UINT64_MAX);

		if (at && system)
			parse(f, system, at, size);
	}
}

static void take_systems(struct formats *f, struct tape *t)
{
	uint64_t n = take_number(t, 4);

	for (uint64_t i = 0; i < n && !t->is_bad; i++) {
		const char *system = take_text(t);

		if (system)
			take_formats(f, t, system);
	}
}

static void take_head(struct formats *f, struct tape *t)
{
	const uint8_t *magic = take(t, sizeof(MAGIC) - 1);

	if (magic && memcmp(magic, MAGIC, sizeof(MAGIC) - 1))
		t->is_bad = true;
	take_text(t); /* its version: "0.6" has the same up to here as those before */
	t->big_endian = take_number(t, 1);
	tep_set_file_bigendian(f->tep, t->big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	tep_set_long_size(f->tep, take_number(t, 1));
	tep_set_page_size(f->tep, take_number(t, 4));
	take_words(t, "header_page");
	take(t, take_number(t, 8));
	take_words(t, "header_event");
	take(t, take_number(t, 8));
}

bool formats_read(struct formats *f, const uint8_t *at, size_t size, size_t *bad)
{
	struct tape t = { .begin = at, .at = at, .end = at + size };

	tep_set_loglevel(TEP_LOG_NONE);
	f->tep = tep_alloc();
	g_assert(f->tep);
	tep_set_local_bigendian(f->tep, tep_is_bigendian() ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	take_head(f, &t);
	take_formats(f, &t, NULL);
	take_systems(f, &t);
	*bad = t.at - t.begin;
	return !t.is_bad;
}

void formats_clear(struct formats *f)
{
	tep_free(f->tep);
	f->tep = NULL;
}
