/* SPDX-License-Identifier: MIT */
/* stranger.c - knows other recordings by their first bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <flightbox/error.h>
#include <flightbox/source.h>

#include "base/files.h"
#include "ctf/read/find.h"
#include "ctf/read/stranger.h"

#define BEGIN_BYTES 4096 /* all that is looked at of a file */
#define FILES_MAX   1000 /* … and of a directory */

struct beginning {
	char bytes[BEGIN_BYTES + 1]; /* ends with a 0 */
	size_t n;
};

/* `@` in what to do is the file. */
struct stranger {
	size_t offset; /* of the magic in the file */
	const char *magic;
	size_t n;      /* bytes of it */
	const char *what, *to_do;
};

#define MAGIC(text) text, sizeof(text) - 1
#define CONVERT	    "make a CTF trace of it: perf data convert --to-ctf=DIR -i @"
#define RECORD	    "record with flightbox-record or perf, see docs/events.md"
#define CAPTURE	    "that does not tell what tasks waited for: " RECORD
#define UNPACK_TAR  "unpack it, and give the directory: tar -xf @"
#define GIVE_FILE   "give that file"
#define GIVE_ALL    "give the directory with all files of the trace"

static const struct stranger strangers[] = {
	{ 0, MAGIC("PERFILE2"), "a recording of perf", CONVERT },
	{ 0, MAGIC("2ELIFREP"), "a recording of perf", CONVERT },
	{ 0, MAGIC("PERFFILE"), "a recording of an old perf", CONVERT },
	{ 0, MAGIC("\x17\x08\x44tracing"), "a recording of trace-cmd", RECORD },
	{ 0, MAGIC("# tracer:"), "the text of ftrace", RECORD },
	{ 0, MAGIC("\xd4\xc3\xb2\xa1"), "a capture of packets", CAPTURE },
	{ 0, MAGIC("\xa1\xb2\xc3\xd4"), "a capture of packets", CAPTURE },
	{ 0, MAGIC("\x4d\x3c\xb2\xa1"), "a capture of packets", CAPTURE },
	{ 0, MAGIC("\xa1\xb2\x3c\x4d"), "a capture of packets", CAPTURE },
	{ 0, MAGIC("\x0a\x0d\x0d\x0a"), "a capture of packets", CAPTURE },
	{ 257, MAGIC("ustar"), "an archive", UNPACK_TAR },
	{ 0, MAGIC("PK\3\4"), "an archive", "unpack it, and give the directory: unzip @" },
	{ 0, MAGIC("7z\xbc\xaf\x27\x1c"), "an archive", "unpack it, and give the directory: 7z x @" },
	{ 0, MAGIC("070701"), "an archive", "unpack it, and give the directory: cpio -id <@" },
	{ 0, MAGIC("\xc1\x1f\xfc\xc1"), "one stream of a trace", GIVE_ALL },
	{ 0, MAGIC("\xc1\xfc\x1f\xc1"), "one stream of a trace", GIVE_ALL },
	{ 0, MAGIC("\xc1\xf1\xdc\xc1"), "the index of a stream", GIVE_ALL },
	{ 0, MAGIC("\xd1\x1d\xd1\x57"), "the metadata of a trace", GIVE_ALL },
	{ 0, MAGIC("/* CTF 1.8"), "the metadata of a trace",
	  "it must be named metadata, beside the trace's streams" },
	{ 0, NULL },
};

/* ---- a file's first bytes --------------------------------------------------------------- */

static bool read_beginning(const char *path, struct beginning *b)
{
	struct stat st;
	int fd = file_open(path, &st, NULL);
	ssize_t n;

	if (fd < 0)
		return false;
	b->n = 0;
	while (b->n < BEGIN_BYTES && (n = read(fd, b->bytes + b->n, BEGIN_BYTES - b->n)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		b->n += MAX(n, 0);
	}
	close(fd);
	b->bytes[b->n] = '\0';
	return true;
}

static const struct stranger *find_magic(const struct beginning *b)
{
	for (const struct stranger *s = strangers; s->magic; s++)
		if (b->n >= s->offset + s->n && !memcmp(b->bytes + s->offset, s->magic, s->n))
			return s;
	return NULL;
}

/* What is packed in it, its name tells, or nothing does. */
static const struct stranger *find_compressed(const struct beginning *b, const char *path)
{
	static const struct stranger tar = { .what = "an archive", .to_do = UNPACK_TAR };
	static const struct stranger kinds[] = {
		{ 0, MAGIC("\x1f\x8b"), "compressed", "unpack it: gunzip @" },
		{ 0, MAGIC("\xfd" "7zXZ"), "compressed", "unpack it: unxz @" },
		{ 0, MAGIC("BZh"), "compressed", "unpack it: bunzip2 @" },
		{ 0, MAGIC("\x28\xb5\x2f\xfd"), "compressed", "unpack it: unzstd @" },
		{ 0, MAGIC("\x04\x22\x4d\x18"), "compressed", "unpack it: unlz4 @" },
	};
	static const char *const names[] = { ".tar.", ".tgz", ".txz", ".tbz", ".tzst", NULL };
	g_autofree char *name = g_path_get_basename(path);

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (b->n < kinds[i].n || memcmp(b->bytes, kinds[i].magic, kinds[i].n))
			continue;
		for (const char *const *part = names; *part; part++)
			if (strstr(name, *part))
				return &tar;
		return &kinds[i];
	}
	return NULL;
}

static const char *skip_digits(const char *at)
{
	while (g_ascii_isdigit(*at))
		at++;
	return at;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " ");
}

static bool is_time(const char *at)
{
	const char *point = skip_digits(at), *end = *point == '.' ? skip_digits(point + 1) : point;

	return point > at && end > point + 1 && end[0] == ':' && end[1] == ' ';
}

/* "nc-504 [002] d..2. 99711.137075: sched_switch: …", as ftrace, trace-cmd report and perf script have it. */
static bool is_event_line(const char *line)
{
	const char *cpu = line + strcspn(line, "[\n"), *at;

	at = *cpu == '[' ? skip_digits(cpu + 1) : cpu;
	if (at <= cpu + 1 || *at != ']')
		return false;
	at = skip_blanks(at + 1);
	return is_time(at) || is_time(skip_blanks(at + strcspn(at, " \n")));
}

static const struct stranger *find_text(const struct beginning *b)
{
	static const struct stranger text = { .what = "the text of ftrace or perf", .to_do = RECORD };
	const char *line = b->bytes;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (is_event_line(line))
			return &text;
	}
	return NULL;
}

/* What a profile or any file of a trace's directory may be, too. */
static const struct stranger *find_likely(const char *path, const struct beginning *b)
{
	static const struct stranger profile = {
		0, MAGIC("{\"type\":\"profile\""), "a profile", "flightbox compare and check read it"
	}, stream = { .what = "one file of a trace", .to_do = GIVE_ALL };
	g_autofree char *dir = g_path_get_dirname(path);
	g_autofree char *metadata = g_build_filename(dir, "metadata", NULL);

	if (b->n >= profile.n && !memcmp(b->bytes, profile.magic, profile.n))
		return &profile;
	/* Streams need not have a magic. */
	return g_file_test(metadata, G_FILE_TEST_IS_REGULAR) ? &stream : NULL;
}

static const struct stranger *recognise(const char *path, const struct beginning *b)
{
	const struct stranger *s = find_magic(b);

	if (!s)
		s = find_compressed(b, path);
	return s ? s : find_text(b);
}

/* ---- what people give ------------------------------------------------------------------- */

/* The name as a shell needs it. */
static char *quote(const char *path)
{
	return path[strcspn(path, " \t\n\"'\\$`&|;<>()*?[]#~!{}")] ? g_shell_quote(path) :
								       g_strdup(path);
}

static char *say_to_do(const struct stranger *s, const char *path)
{
	g_autofree char *quoted = quote(path);
	g_auto(GStrv) parts = g_strsplit(s->to_do, "@", -1);

	return g_strjoinv(quoted, parts);
}

/* Likely ones are only asked for where nothing else was wanted. */
static const struct stranger *recognise_file(const char *path, bool likely)
{
	g_autofree struct beginning *b = g_new(struct beginning, 1);
	const struct stranger *s;

	if (!read_beginning(path, b))
		return NULL;
	s = recognise(path, b);
	return s || !likely ? s : find_likely(path, b);
}

static bool refuse_file(const char *path, bool likely, GError **error)
{
	const struct stranger *s = recognise_file(path, likely);
	g_autofree char *to_do = s ? say_to_do(s, path) : NULL;

	if (s)
		g_set_error(error, FB_ERROR, FB_ERROR_FOREIGN, "%s: is %s; %s", path, s->what,
			    to_do);
	return s;
}

/* The first file in it, by name, that tells what was meant. */
static bool refuse_directory(const char *path, GError **error)
{
	g_autoptr(GPtrArray) names = find_names(path, NULL);

	for (guint i = 0; names && i < MIN(names->len, FILES_MAX); i++) {
		g_autofree char *below = g_build_filename(path, g_ptr_array_index(names, i), NULL);
		const struct stranger *s = recognise_file(below, false);
		g_autofree char *to_do = s ? say_to_do(s, below) : NULL;

		if (!s)
			continue;
		g_set_error(error, FB_ERROR, FB_ERROR_FOREIGN, "%s: no trace here, but %s is %s; %s",
			    path, (char *)g_ptr_array_index(names, i), s->what,
			    fb_source_perf.probe(below) ? GIVE_FILE : to_do);
		return true;
	}
	return false;
}

bool stranger_refuse(const char *path, GError **error)
{
	const char *type;
	struct stat st;

	if (stat(path, &st))
		return false;
	if (S_ISDIR(st.st_mode))
		return refuse_directory(path, error);
	type = file_type_name(st.st_mode);
	if (!type)
		return refuse_file(path, true, error);
	g_set_error(error, FB_ERROR, FB_ERROR_FOREIGN, "%s: is %s, not a trace", path, type);
	return true;
}

bool stranger_refuse_profile(const char *path, GError **error)
{
	return refuse_file(path, false, error);
}
