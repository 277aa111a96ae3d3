/* SPDX-License-Identifier: MIT */
/*
 * symbols.c - names for kernel addresses from a copy of /proc/kallsyms:
 *
 *	ffffffff81168830 t hrtimer_wakeup
 *	ffffffffc0a01000 t tcp_probe	[tcp_probe]
 */
#include <stdlib.h>
#include <string.h>

#include <flightbox/error.h>
#include <flightbox/symbols.h>

#include "base/inflate.h"
#include "base/session.h"

/*
 * Hardly a function is larger: what lies further behind the last symbol of a
 * module is in another one, loaded after the copy was made.
 */
#define FUNCTION_MAX (1 << 15)

struct symbol {
	uint64_t address;
	uint32_t name; /* offset into the text */
	char type;     /* t or T: code */
};

struct fb_symbols {
	char *path;
	char *text;	   /* the file, its names ended by NUL; NULL until read */
	GArray *symbols;   /* by address */
	GHashTable *names; /* address -> what fb_symbols_find() said, NULL included */
	bool loaded;
	GError *error; /* why the file is of no use */
};

struct fb_symbols *fb_symbols_new(const char *path)
{
	struct fb_symbols *s = g_new0(struct fb_symbols, 1);

	s->path = g_strdup(path);
	s->symbols = g_array_new(FALSE, FALSE, sizeof(struct symbol));
	s->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	return s;
}

void fb_symbols_free(struct fb_symbols *s)
{
	if (!s)
		return;
	g_free(s->path);
	g_free(s->text);
	g_array_free(s->symbols, TRUE);
	g_hash_table_destroy(s->names);
	g_clear_error(&s->error);
	g_free(s);
}

/* By address, and as in the file where several names share one. */
static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Takes one line, which is changed. Returns false when it is none of kallsyms. */
static bool parse_line(struct fb_symbols *s, char *line)
{
	struct symbol symbol;
	char *end, *name;

	symbol.address = g_ascii_strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !g_ascii_isalpha(end[1]) || end[2] != ' ')
		return false;
	symbol.type = end[1];
	name = end + 3;
	name[strcspn(name, " \t\r")] = '\0';
	symbol.name = name - s->text;
	/* Absolute ones are offsets into per-CPU data; zeros were hidden from the recording user. */
	if (symbol.address && symbol.type != 'a' && symbol.type != 'A')
		g_array_append_val(s->symbols, symbol);
	return true;
}

static bool parse(struct fb_symbols *s, GError **error)
{
	char *line = s->text;
	int lines = 0;

	while (*line) {
		char *next = line + strcspn(line, "\n");

		if (*next)
			*next++ = '\0';
		lines++;
		if (*line && !parse_line(s, line)) {
			g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
				    "%s: line %d: expected an address, a type and a symbol",
				    s->path, lines);
			return false;
		}
		line = next;
	}
	if (!s->symbols->len) {
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: no addresses: it was saved by a user who may not see them "
			    "(kernel.kptr_restrict)",
			    s->path);
		return false;
	}
	qsort(s->symbols->data, s->symbols->len, sizeof(struct symbol), compare_symbols);
	return true;
}

static void load(struct fb_symbols *s)
{
	if (s->loaded)
		return;
	s->loaded = true;
	s->text = read_inflated(s->path, &s->error);
	if (s->text && !parse(s, &s->error))
		g_array_set_size(s->symbols, 0);
}

bool fb_symbols_check(struct fb_symbols *s, bool now, GError **error)
{
	if (now)
		load(s);
	if (!s->error)
		return true;
	g_propagate_error(error, g_error_copy(s->error));
	return false;
}

static char *name_of(const struct fb_symbols *s, uint64_t address)
{
	const struct symbol *symbols = (const struct symbol *)s->symbols->data;
	size_t low = 0, high = s->symbols->len;
	uint64_t offset;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	/* Of several names at one address the first. */
	for (low--; low && symbols[low - 1].address == symbols[low].address;)
		low--;
	offset = address - symbols[low].address;
	if (!strchr("tTwW", symbols[low].type) || offset >= FUNCTION_MAX)
		return NULL;
	if (!offset)
		return g_strdup(s->text + symbols[low].name);
	return g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", s->text + symbols[low].name, offset);
}

const char *fb_symbols_find(struct fb_symbols *s, uint64_t address)
{
	gint64 key = (gint64)address;
	void *name;

	if (g_hash_table_lookup_extended(s->names, &key, NULL, &name))
		return name;
	load(s);
	name = name_of(s, address);
	g_hash_table_insert(s->names, g_memdup2(&key, sizeof(key)), name);
	return name;
}

static char *locate_in(const char *directory)
{
	static const char *const names[] = { "kallsyms",    "kallsyms.txt",    "kallsyms.gz",
					     "kallsyms.xz", "kallsyms.txt.gz", "kallsyms.txt.xz" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *path = g_build_filename(directory, names[i], NULL);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
			return path;
		g_free(path);
	}
	return NULL;
}

/* In the directory, in one below it, or in the one above. */
static char *locate_around(const char *absolute)
{
	g_autofree char *parent = g_path_get_dirname(absolute);
	GDir *directory = g_dir_open(absolute, 0, NULL);
	char *found = locate_in(absolute);
	const char *name;

	while (directory && !found && (name = g_dir_read_name(directory))) {
		g_autofree char *below = g_build_filename(absolute, name, NULL);

		if (g_file_test(below, G_FILE_TEST_IS_DIR))
			found = locate_in(below);
	}
	g_clear_pointer(&directory, g_dir_close);
	return found ? found : locate_in(parent);
}

char *fb_symbols_locate(const char *trace)
{
	g_autofree char *absolute = g_canonicalize_filename(trace, NULL);
	g_autofree char *session = session_of(absolute);
	char *found = locate_around(absolute);

	return found ? found : locate_around(session);
}
