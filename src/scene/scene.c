/* SPDX-License-Identifier: MIT */
/* scene.c - what a picture shows, put together piece by piece, and made coarser. */
#include <flightbox/scene.h>

static const struct {
	const char *name, *words;
	char letter;
} kinds[FB_SCENE_KINDS] = {
	[FB_SCENE_USER] = { "user", "runs in user mode", '#' },
	[FB_SCENE_CALL] = { "call", "runs in a system call", '=' },
	[FB_SCENE_INTERRUPT] = { "interrupt", "an interrupt runs on top of it", 'i' },
	[FB_SCENE_READY] = { "ready", "waits for a CPU", 'r' },
	[FB_SCENE_PACKET] = { "packet", "waits for a packet", 'p' },
	[FB_SCENE_DISK] = { "disk", "waits for a disk", 'd' },
	[FB_SCENE_TIMER] = { "timer", "waits for a timer", 't' },
	[FB_SCENE_TASK] = { "task", "waits for another task", 'o' },
	[FB_SCENE_SIGNAL] = { "signal", "waits for a signal", 's' },
	[FB_SCENE_CHILD] = { "child", "waits for a child", 'c' },
	[FB_SCENE_WAIT] = { "wait", "waits for something else", 'w' },
	[FB_SCENE_UNKNOWN] = { "unknown", "not known", '?' },
};

const char *fb_scene_kind_name(enum fb_scene_kind kind)
{
	return kinds[kind].name;
}

char fb_scene_kind_letter(enum fb_scene_kind kind)
{
	return kinds[kind].letter;
}

const char *fb_scene_kind_words(enum fb_scene_kind kind)
{
	return kinds[kind].words;
}

const char *fb_scene_arrow_name(enum fb_scene_arrow_kind kind)
{
	static const char *const names[FB_SCENE_ARROW_KINDS] = { "wakes", "sends", "forks" };

	return names[kind];
}

static void lane_clear(void *lane)
{
	g_array_free(((struct fb_scene_lane *)lane)->pieces, TRUE);
}

static void story_clear(void *story)
{
	g_array_free(((struct fb_scene_story *)story)->links, TRUE);
}

void fb_scene_init(struct fb_scene *scene, fb_ns begin, fb_ns end)
{
	*scene = (struct fb_scene){
		.begin = begin,
		.end = end,
		.lanes = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_lane)),
		.arrows = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_arrow)),
		.marks = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_mark)),
		.stories = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_story)),
		.texts = g_string_chunk_new(4096),
	};
	g_array_set_clear_func(scene->lanes, lane_clear);
	g_array_set_clear_func(scene->stories, story_clear);
}

void fb_scene_clear(struct fb_scene *scene)
{
	if (!scene->lanes)
		return;
	g_array_free(scene->lanes, TRUE);
	g_array_free(scene->arrows, TRUE);
	g_array_free(scene->marks, TRUE);
	g_array_free(scene->stories, TRUE);
	g_string_chunk_free(scene->texts);
	*scene = (struct fb_scene){ 0 };
}

const char *fb_scene_text(struct fb_scene *scene, const char *text)
{
	return text ? g_string_chunk_insert_const(scene->texts, text) : NULL;
}

struct fb_scene_lane *fb_scene_add_lane(struct fb_scene *scene, int32_t tid, int32_t pid,
					const char *name, const char *comm)
{
	struct fb_scene_lane lane = {
		.tid = tid,
		.pid = pid,
		.name = fb_scene_text(scene, name),
		.comm = fb_scene_text(scene, comm),
		.pieces = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_piece)),
	};

	g_array_append_val(scene->lanes, lane);
	return fb_scene_lane(scene, scene->lanes->len - 1);
}

static struct fb_scene_piece *piece_at(const GArray *pieces, guint i)
{
	return &g_array_index(pieces, struct fb_scene_piece, i);
}

void fb_scene_add_piece(struct fb_scene_lane *lane, const struct fb_scene_piece *piece)
{
	struct fb_scene_piece *last =
		lane->pieces->len ? piece_at(lane->pieces, lane->pieces->len - 1) : NULL;

	g_assert(piece->begin < piece->end && (!last || last->end <= piece->begin));
	if (last && last->end == piece->begin && last->kind == piece->kind && !last->cause &&
	    !piece->cause && last->syscall == piece->syscall && !last->merged && !piece->merged)
		last->end = piece->end;
	else
		g_array_append_val(lane->pieces, *piece);
}

/* ---- coarser ---------------------------------------------------------------------------- */

/* What short pieces in a row are together. */
struct merger {
	struct fb_scene_piece piece;
	fb_ns time[FB_SCENE_KINDS];
};

static void merger_add(struct merger *m, const struct fb_scene_piece *piece)
{
	uint32_t n = MAX(piece->merged, 1);

	m->time[piece->kind] += piece->end - piece->begin;
	if (!m->piece.merged) {
		m->piece = *piece;
		m->piece.merged = n;
		return;
	}
	if (m->piece.syscall != piece->syscall)
		m->piece.syscall = NULL;
	if (m->piece.cause != piece->cause)
		m->piece.cause = NULL;
	m->piece.merged += n;
	m->piece.end = piece->end;
}

/* A single one stays what it is. */
static void merger_flush(struct merger *m, GArray *to)
{
	struct fb_scene_piece piece = m->piece;

	if (!piece.merged)
		return;
	for (int kind = 0; kind < FB_SCENE_KINDS; kind++)
		if (m->time[kind] > m->time[piece.kind])
			piece.kind = kind;
	if (piece.merged == 1)
		piece.merged = 0;
	g_array_append_val(to, piece);
	*m = (struct merger){ 0 };
}

static void simplify_lane(struct fb_scene_lane *lane, fb_ns least)
{
	GArray *to = g_array_new(FALSE, FALSE, sizeof(struct fb_scene_piece));
	struct merger m = { 0 };

	for (guint i = 0; i < lane->pieces->len; i++) {
		const struct fb_scene_piece *piece = piece_at(lane->pieces, i);
		bool is_long = piece->end - piece->begin >= least;

		if (m.piece.merged && (is_long || piece->begin > m.piece.end ||
				       piece->end - m.piece.begin > least))
			merger_flush(&m, to);
		if (is_long)
			g_array_append_val(to, *piece);
		else
			merger_add(&m, piece);
	}
	merger_flush(&m, to);
	g_array_free(lane->pieces, TRUE);
	lane->pieces = to;
}

static int by_end(const void *a, const void *b)
{
	const struct fb_scene_arrow *x = a, *y = b;

	return (x->end > y->end) - (x->end < y->end);
}

/* Of arrows between two lanes that end within `least` the first stays. */
static void simplify_arrows(struct fb_scene *scene, fb_ns least)
{
	GHashTable *last = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	guint kept = 0;

	g_array_sort(scene->arrows, by_end);
	for (guint i = 0; i < scene->arrows->len; i++) {
		struct fb_scene_arrow arrow = g_array_index(scene->arrows, struct fb_scene_arrow, i);
		int64_t lanes = (int64_t)((uint64_t)arrow.from << 32 | arrow.to);
		void *place = g_hash_table_lookup(last, &lanes);

		if (place && arrow.end - g_array_index(scene->arrows, struct fb_scene_arrow,
						       GPOINTER_TO_UINT(place) - 1).end < least)
			continue;
		g_array_index(scene->arrows, struct fb_scene_arrow, kept++) = arrow;
		g_hash_table_replace(last, g_memdup2(&lanes, sizeof(lanes)), GUINT_TO_POINTER(kept));
	}
	g_array_set_size(scene->arrows, kept);
	g_hash_table_destroy(last);
}

void fb_scene_simplify(struct fb_scene *scene, fb_ns least)
{
	for (guint i = 0; i < scene->lanes->len; i++)
		simplify_lane(fb_scene_lane(scene, i), least);
	simplify_arrows(scene, least);
}

/* The first piece that ends behind `time`. */
static guint first_after(const GArray *pieces, fb_ns time)
{
	guint low = 0, high = pieces->len;

	while (low < high) {
		guint middle = (low + high) / 2;

		if (piece_at(pieces, middle)->end > time)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool fb_scene_most(const struct fb_scene_lane *lane, fb_ns begin, fb_ns end,
		   enum fb_scene_kind *kind)
{
	fb_ns time[FB_SCENE_KINDS] = { 0 };
	int most = 0;

	for (guint i = first_after(lane->pieces, begin); i < lane->pieces->len; i++) {
		const struct fb_scene_piece *piece = piece_at(lane->pieces, i);

		if (piece->begin >= end)
			break;
		time[piece->kind] += MIN(piece->end, end) - MAX(piece->begin, begin);
	}
	for (int i = 0; i < FB_SCENE_KINDS; i++)
		if (time[i] > time[most])
			most = i;
	*kind = most;
	return time[most] > 0;
}

void fb_scene_kinds(const struct fb_scene *scene, bool met[FB_SCENE_KINDS])
{
	for (guint i = 0; i < scene->lanes->len; i++) {
		const GArray *pieces = fb_scene_lane(scene, i)->pieces;

		for (guint k = 0; k < pieces->len; k++)
			met[g_array_index(pieces, struct fb_scene_piece, k).kind] = true;
	}
}

/* ---- times ------------------------------------------------------------------------------ */

fb_ns fb_scene_step(const struct fb_scene *scene, int most)
{
	fb_ns span = scene->end - scene->begin, step = 1;

	for (;;) {
		if (span / step <= most)
			return step;
		if (span / (2 * step) <= most)
			return 2 * step;
		if (span / (5 * step) <= most)
			return 5 * step;
		step *= 10;
	}
}

void fb_scene_step_words(fb_ns time, GString *to)
{
	static const struct {
		fb_ns ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t i = 0;

	if (!time) {
		g_string_assign(to, "0");
		return;
	}
	while (i < G_N_ELEMENTS(units) - 1 && (time % units[i].ns || time < units[i].ns))
		i++;
	g_string_printf(to, "%" G_GINT64_FORMAT " %s", time / units[i].ns, units[i].name);
}
