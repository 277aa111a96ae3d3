/* SPDX-License-Identifier: MIT */
/* ctf_text.c - CTF traces written as text. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <flightbox/dump.h>
#include <flightbox/source.h>

#include "ctf_text.h"

/* Bytes being written, bit by bit. */
struct writer {
	GByteArray *bytes;
	uint64_t pos; /* bits */
	bool big_endian;
	uint64_t packet; /* bits: where it begins */
	uint64_t content, content_bits, size,
		size_bits; /* where its sizes stand; 0 bits: nowhere */
	uint64_t end;	   /* bits from the packet's start; 0: not yet */
};

/* Writes at `pos`; little-endian bit-fields fill a byte from its low end. */
static void put_bits(struct writer *w, uint64_t pos, uint64_t value, unsigned bits, bool big_endian)
{
	for (unsigned i = 0; i < bits; i++) {
		uint64_t at = pos + i;
		unsigned from = big_endian ? bits - 1 - i : i;
		unsigned bit = big_endian ? 7 - at % 8 : at % 8;

		if (at / 8 >= w->bytes->len) {
			guint8 zero = 0;

			g_byte_array_append(w->bytes, &zero, 1);
		}
		w->bytes->data[at / 8] &= ~(1u << bit);
		w->bytes->data[at / 8] |= (value >> from & 1) << bit;
	}
}

static void put(struct writer *w, uint64_t value, unsigned bits, bool big_endian)
{
	put_bits(w, w->pos, value, bits, big_endian);
	w->pos += bits;
}

static void finish_packet(struct writer *w)
{
	uint64_t end;

	if (!w->end)
		w->end = w->pos - w->packet;
	while (w->pos % 8)
		put(w, 0, 1, w->big_endian);
	end = w->pos - w->packet;
	put_bits(w, w->content, w->end, w->content_bits, w->big_endian);
	put_bits(w, w->size, end, w->size_bits, w->big_endian);
	w->packet = w->pos;
	w->content_bits = w->size_bits = w->end = 0;
}

static void put_text(struct writer *w, const char *word)
{
	const char *quote = strrchr(word, '"');
	g_autofree char *quoted = g_strndup(word + 1, quote - word - 1);
	/* g_strcompress() ends at "\0": that is written as the byte it is. */
	g_auto(GStrv) parts = g_strsplit(quoted, "\\0", -1);
	unsigned size = quote[1] == '/' ? atoi(quote + 2) : 0, n = 0;

	for (unsigned i = 0; parts[i]; i++) {
		g_autofree char *text = g_strcompress(parts[i]);

		for (char *at = text; *at; at++, n++)
			put(w, (guint8)*at, 8, w->big_endian);
		if (parts[i + 1]) {
			put(w, 0, 8, w->big_endian);
			n++;
		}
	}
	for (; n < size; n++)
		put(w, 0, 8, w->big_endian);
}

static void put_number(struct writer *w, const char *word)
{
	char *rest;
	uint64_t value;
	bool big_endian = w->big_endian;
	unsigned long bits, times = 1;

	errno = 0;
	value = *word == '-' ? (uint64_t)strtoll(word, &rest, 0) : strtoull(word, &rest, 0);
	if (rest == word || *rest != '/' || errno)
		g_error("not a word of a packet: %s", word);
	bits = strtoul(rest + 1, &rest, 10);
	if (g_str_has_prefix(rest, "be") || g_str_has_prefix(rest, "le")) {
		big_endian = *rest == 'b';
		rest += 2;
	}
	if (*rest == '*')
		times = strtoul(rest + 1, &rest, 10);
	if (*rest || !bits || bits > 64)
		g_error("not a word of a packet: %s", word);
	while (times--)
		put(w, value, bits, big_endian);
}

static void put_word(struct writer *w, const char *word)
{
	if (*word == '"') {
		put_text(w, word);
	} else if (!strcmp(word, "packet")) {
		finish_packet(w);
	} else if (!strcmp(word, "end")) {
		w->end = w->pos - w->packet;
	} else if (g_str_has_prefix(word, "align/")) {
		while ((w->pos - w->packet) % atoi(word + 6))
			put(w, 0, 1, w->big_endian);
	} else if (g_str_has_prefix(word, "CONTENT/")) {
		w->content = w->pos;
		w->content_bits = atoi(word + 8);
		put(w, 0, w->content_bits, w->big_endian);
	} else if (g_str_has_prefix(word, "SIZE/")) {
		w->size = w->pos;
		w->size_bits = atoi(word + 5);
		put(w, 0, w->size_bits, w->big_endian);
	} else {
		put_number(w, word);
	}
}

/* The end of the word that begins at `at`. */
static const char *word_end(const char *at)
{
	bool is_quoted = false;

	for (; *at && (is_quoted || !g_ascii_isspace(*at)); at++) {
		if (is_quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			is_quoted = !is_quoted;
	}
	return at;
}

static GByteArray *parse_bytes(const char *text, bool big_endian)
{
	struct writer w = { .bytes = g_byte_array_new(), .big_endian = big_endian };

	while (*text) {
		const char *end;
		g_autofree char *word = NULL;

		text += strspn(text, " \t\n");
		if (*text == '#') {
			text += strcspn(text, "\n");
			continue;
		}
		end = word_end(text);
		word = g_strndup(text, end - text);
		if (*word)
			put_word(&w, word);
		text = end;
	}
	finish_packet(&w);
	return w.bytes;
}

/* ---- the three parts ------------------------------------------------------------------- */

static void add_file(struct ctf_text *t, const char *dir, const char *name, GByteArray *bytes)
{
	struct ctf_file *f = g_new0(struct ctf_file, 1);

	f->path = g_build_filename(dir, name, NULL);
	f->bytes = bytes;
	g_ptr_array_add(t->files, f);
}

/* As it is, but for the record separators of CTF 2. */
static GByteArray *parse_metadata(const char *body)
{
	g_auto(GStrv) records = g_strsplit(body, "␞", -1);
	g_autofree char *text = g_strjoinv("\x1e", records);

	return g_byte_array_append(g_byte_array_new(), (const guint8 *)text, strlen(text));
}

static void add_part(struct ctf_text *t, const char *title, const char *body, bool big_endian)
{
	g_auto(GStrv) words = g_strsplit(title, " ", 2);

	if (!strcmp(words[0], "expected"))
		t->expected = g_strdup(body);
	else if (!strcmp(words[0], "metadata"))
		add_file(t, words[1] ? words[1] : ".", "metadata", parse_metadata(body));
	else if (!strcmp(words[0], "file") && words[1])
		add_file(t, ".", words[1], parse_bytes(body, big_endian));
	else
		g_error("a part of a trace is metadata, file or expected, not '%s'", title);
}

static void file_free(void *data)
{
	struct ctf_file *f = data;

	g_byte_array_unref(f->bytes);
	g_free(f->path);
	g_free(f);
}

struct ctf_text *ctf_text_parse(const char *text)
{
	struct ctf_text *t = g_new0(struct ctf_text, 1);
	g_auto(GStrv) parts = g_strsplit(text, "--- ", -1);
	bool big_endian = strstr(text, "minor = 8; byte_order = be;") != NULL;

	t->files = g_ptr_array_new_with_free_func(file_free);
	/* What comes before the first part says what it is about. */
	for (unsigned i = 1; parts[i]; i++) {
		size_t title = strcspn(parts[i], "\n");
		g_autofree char *first = g_strndup(parts[i], title);

		add_part(t, first, parts[i] + title + (parts[i][title] == '\n'), big_endian);
	}
	return t;
}

void ctf_text_free(struct ctf_text *t)
{
	g_ptr_array_unref(t->files);
	g_free(t->expected);
	g_free(t);
}

char *ctf_text_write(const struct ctf_text *t)
{
	g_autoptr(GError) error = NULL;
	char *dir = g_dir_make_tmp("flightbox-ctf-XXXXXX", &error);

	for (guint i = 0; dir && i < t->files->len && !error; i++) {
		const struct ctf_file *f = g_ptr_array_index(t->files, i);
		g_autofree char *path = g_build_filename(dir, f->path, NULL);
		g_autofree char *parent = g_path_get_dirname(path);

		g_mkdir_with_parents(parent, 0700);
		g_file_set_contents(path, (char *)f->bytes->data, f->bytes->len, &error);
	}
	if (error)
		g_error("%s", error->message);
	return dir;
}

static void remove_below(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		remove_below(below);
	}
	g_remove(path);
}

void ctf_text_remove(char *dir)
{
	remove_below(dir);
	g_free(dir);
}

/* ---- reading it back ------------------------------------------------------------------- */

/* Appends a message without the directory's name. */
static void append_message(GString *to, const char *kind, const char *message, const char *dir)
{
	g_auto(GStrv) parts = NULL;
	g_autofree char *prefix = g_strconcat(dir, "/", NULL);
	g_autofree char *rest = NULL;

	parts = g_strsplit(message, prefix, -1);
	rest = g_strjoinv("", parts);
	g_strfreev(g_steal_pointer(&parts));
	parts = g_strsplit(rest, dir, -1);
	g_free(rest);
	rest = g_strjoinv("TRACE", parts);
	g_string_append_printf(to, "%s: %s\n", kind, rest);
}

static void append_totals(GString *to, const struct fb_source_info *info, const char *dir)
{
	for (guint i = 0; i < info->problems->len; i++)
		append_message(to, "problem", g_ptr_array_index(info->problems, i), dir);
	if (info->broken_packets)
		g_string_append_printf(to, "broken packets %" G_GUINT64_FORMAT "\n",
				       info->broken_packets);
	if (info->clock_steps)
		g_string_append_printf(to, "clock steps %" G_GUINT64_FORMAT "\n",
				       info->clock_steps);
	for (guint i = 0; i < info->losses->len; i++) {
		const struct fb_cpu_loss *l = &g_array_index(info->losses, struct fb_cpu_loss, i);

		g_string_append_printf(to,
				       "cpu %d lost %" G_GUINT64_FORMAT
				       " events, %" G_GUINT64_FORMAT " packets\n",
				       l->cpu, l->events, l->packets);
	}
	g_string_append_printf(to, "events %" G_GUINT64_FORMAT "\n", info->events);
}

char *trace_text(const char *dir)
{
	const char *const paths[] = { dir };
	const struct fb_source_options options = {
		.kinds = FB_KINDS_ALL,
		.count = true,
		.begin = FB_NS_NONE,
		.end = FB_NS_NONE,
	};
	g_autoptr(GError) error = NULL;
	struct fb_source *source = fb_source_native.open(paths, 1, &options, &error);
	GString *to = g_string_new(NULL);
	struct fb_batch batch = { NULL, 0 };

	if (!source) {
		append_message(to, "error", error->message, dir);
		return g_string_free(to, FALSE);
	}
	while (fb_source_next(source, &batch, &error) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			fb_event_text(to, source, &batch.events[i]);
			g_string_append_c(to, '\n');
		}
	append_totals(to, &source->info, dir);
	fb_source_close(source);
	return g_string_free(to, FALSE);
}
