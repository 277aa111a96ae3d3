/* SPDX-License-Identifier: MIT */
/* kept-paths.c - paths as pieces, some of which stand for other paths. */
#include "analyses/shared/kept-paths.h"
#include "base/groups.h"

enum piece_kind {
	PIECE_RUN,    /* a task ran */
	PIECE_AROUND, /* a wait that the pieces one deeper stand in for; it begins and ends with them */
	PIECE_PATH,   /* all of another path that lies in the piece's span */
};

/* Number 0 is none. */
struct piece {
	fb_ns begin, end; /* in order. Of a wait that is gone around: both are its begin */
	const struct fb_task *task; /* NULL: it is a path's */
	uint32_t path;
	uint32_t around;            /* the piece whose wait this one stands in for; 0: none */
	uint32_t depth;
	enum piece_kind kind;
};

struct kept_path {
	fb_ns begin, end, ran;
	uint32_t first, n;
};

/* The path of a wait that was told from its begin to its end. */
struct known_path {
	uint64_t wait;    /* the key: its number */
	fb_ns begin, end;
	uint32_t path;
	uint32_t dropped; /* segments that are unknown, as the history was too small */
};

/* A path being told: from which piece on, of what lies behind `begin`, so much deeper. */
struct telling {
	uint32_t next, end;
	fb_ns begin;
	uint32_t depth;
};

struct kept_paths {
	struct fb_history *history;
	GArray *pieces;       /* struct piece */
	GArray *paths;        /* struct kept_path */
	struct groups *known; /* struct known_path */
	GArray *tellings;     /* struct telling, the innermost last */
	GArray *waits;        /* numbers of pieces by depth: which waits are gone around */
	uint64_t told;
	/* The path being kept: */
	struct kept_path path; /* `end`: so far */
	bool has_begun;
	struct known_path of;  /* the wait that begins it; `wait` is 0: none does */
};

static struct piece *piece_at(const struct kept_paths *p, uint32_t number)
{
	return &g_array_index(p->pieces, struct piece, number);
}

static const struct kept_path *path_at(const struct kept_paths *p, uint32_t number)
{
	return &g_array_index(p->paths, struct kept_path, number);
}

/* ---- keeping ------------------------------------------------------------------------------ */

/* The span of what is told next. */
static void go_on(struct kept_paths *p, fb_ns begin, fb_ns end)
{
	if (!p->has_begun) {
		p->path = (struct kept_path){ .begin = begin, .first = p->pieces->len };
		p->of = (struct known_path){ 0 };
		p->has_begun = true;
	}
	p->path.end = end;
}

static uint32_t add_piece(struct kept_paths *p, const struct piece *like)
{
	struct piece piece = *like;

	if (piece.depth)
		piece.around = g_array_index(p->waits, uint32_t, piece.depth - 1);
	g_array_append_val(p->pieces, piece);
	return p->pieces->len - 1;
}

/* It is the last piece, only in another system call. */
static bool goes_on(const struct kept_paths *p, const struct fb_segment *s)
{
	const struct piece *last = piece_at(p, p->pieces->len - 1);

	return p->pieces->len > p->path.first && last->kind == PIECE_RUN && last->task == s->task &&
	       last->depth == s->depth && last->end == s->begin;
}

static void on_segment(const struct fb_segment *s, void *data)
{
	struct kept_paths *p = data;

	go_on(p, s->begin, s->end);
	p->of.dropped += s->unknown == FB_UNKNOWN_DROPPED;
	if (s->state != FB_STATE_RUNNING)
		return;
	p->path.ran += s->end - s->begin;
	if (goes_on(p, s)) {
		piece_at(p, p->pieces->len - 1)->end = s->end;
		return;
	}
	add_piece(p, &(struct piece){ .begin = s->begin, .end = s->end, .task = s->task,
				      .depth = s->depth, .kind = PIECE_RUN });
}

static void on_around(const struct fb_segment *s, void *data)
{
	struct kept_paths *p = data;
	uint32_t number;

	go_on(p, s->begin, s->begin);
	number = add_piece(p, &(struct piece){ .begin = s->begin, .end = s->begin, .task = s->task,
					       .depth = s->depth, .kind = PIECE_AROUND });
	g_array_set_size(p->waits, s->depth + 1);
	g_array_index(p->waits, uint32_t, s->depth) = number;
}

static bool on_skip(const struct fb_segment *wait, void *data)
{
	struct kept_paths *p = data;
	const struct known_path *known;
	bool is_first = !p->has_begun;

	if (!wait->depth) {
		go_on(p, wait->begin, wait->begin);
		if (is_first)
			p->of = (struct known_path){ .wait = wait->wait, .begin = wait->begin,
						     .end = wait->end };
		return false;
	}
	known = groups_find(p->known, &(const uint64_t){ wait->wait });
	if (!known || known->begin > wait->begin || known->end != wait->end)
		return false;
	if (known->dropped && known->begin != wait->begin)
		return false; /* of which part they are is not kept */
	go_on(p, wait->begin, wait->end);
	p->of.dropped += known->dropped;
	fb_history_count_unknown(p->history, FB_UNKNOWN_DROPPED, known->dropped);
	if (known->path == NO_PATH)
		return true;
	add_piece(p, &(struct piece){ .begin = wait->begin, .end = wait->end, .path = known->path,
				      .depth = wait->depth, .kind = PIECE_PATH });
	p->path.ran += MIN(path_at(p, known->path)->ran, wait->end - wait->begin);
	return true;
}

const struct fb_path_funcs kept_paths_funcs = {
	.segment = on_segment, .around = on_around, .skip = on_skip };

uint32_t kept_paths_end(struct kept_paths *p)
{
	uint32_t number = NO_PATH;

	if (!p->has_begun)
		return NO_PATH;
	p->has_begun = false;
	p->path.n = p->pieces->len - p->path.first;
	if (p->path.ran) {
		number = p->paths->len;
		g_array_append_val(p->paths, p->path);
	} else {
		g_array_set_size(p->pieces, p->path.first);
	}
	if (p->of.wait && p->of.begin == p->path.begin && p->of.end == p->path.end) {
		p->of.path = number;
		*(struct known_path *)groups_get(p->known, &p->of, sizeof(p->of.wait)) = p->of;
	}
	return number;
}

/* ---- telling ------------------------------------------------------------------------------ */

/* The waits that a piece is in, from the outermost on. */
static void tell_waits(struct kept_paths *p, uint32_t number, uint32_t depth,
		       const struct fb_path_funcs *funcs, void *data)
{
	uint32_t n = piece_at(p, number)->depth;

	g_array_set_size(p->waits, n);
	for (uint32_t i = n; i > 0; i--) {
		number = piece_at(p, number)->around;
		g_array_index(p->waits, uint32_t, i - 1) = number;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct piece *piece = piece_at(p, g_array_index(p->waits, uint32_t, i));

		p->told++;
		funcs->around(&(struct fb_segment){ .task = piece->task, .depth = depth + i }, data);
	}
}

/* The first piece that ends behind a time. */
static uint32_t first_behind(const struct kept_paths *p, const struct kept_path *path, fb_ns time)
{
	uint32_t low = path->first, high = path->first + path->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (piece_at(p, middle)->end <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void begin_telling(struct kept_paths *p, uint32_t path, fb_ns begin, uint32_t depth,
			  const struct fb_path_funcs *funcs, void *data)
{
	const struct kept_path *kept = path_at(p, path);
	struct telling telling = { .next = kept->first, .end = kept->first + kept->n,
				   .begin = begin, .depth = depth };

	if (begin > kept->begin) {
		telling.next = first_behind(p, kept, begin);
		if (telling.next == telling.end)
			return;
		tell_waits(p, telling.next, depth, funcs, data);
	}
	g_array_append_val(p->tellings, telling);
}

void kept_paths_tell(struct kept_paths *p, uint32_t path, const struct fb_path_funcs *funcs,
		     void *data)
{
	struct fb_segment s = { .state = FB_STATE_RUNNING };

	begin_telling(p, path, path_at(p, path)->begin, 0, funcs, data);
	while (p->tellings->len) {
		struct telling *t = &g_array_index(p->tellings, struct telling, p->tellings->len - 1);
		const struct piece *piece;

		if (t->next == t->end) {
			g_array_set_size(p->tellings, p->tellings->len - 1);
			continue;
		}
		piece = piece_at(p, t->next++);
		p->told++;
		s.task = piece->task;
		s.begin = MAX(piece->begin, t->begin);
		s.end = piece->end;
		s.depth = t->depth + piece->depth;
		if (piece->kind == PIECE_RUN)
			funcs->segment(&s, data);
		else if (piece->kind == PIECE_AROUND)
			funcs->around(&s, data);
		else
			begin_telling(p, piece->path, s.begin, s.depth, funcs, data);
	}
}

/* ---- all of them -------------------------------------------------------------------------- */

fb_ns kept_paths_duration(const struct kept_paths *p, uint32_t path)
{
	return path_at(p, path)->end - path_at(p, path)->begin;
}

fb_ns kept_paths_ran(const struct kept_paths *p, uint32_t path)
{
	return path_at(p, path)->ran;
}

uint32_t kept_paths_n(const struct kept_paths *p)
{
	return p->pieces->len;
}

uint64_t kept_paths_told(const struct kept_paths *p)
{
	return p->told;
}

void kept_paths_forget(struct kept_paths *p)
{
	g_array_set_size(p->pieces, 1);
	g_array_set_size(p->paths, 1);
	groups_clear(p->known);
}

struct kept_paths *kept_paths_new(struct fb_history *h)
{
	struct kept_paths *p = g_new0(struct kept_paths, 1);

	p->history = h;
	p->pieces = g_array_new(FALSE, TRUE, sizeof(struct piece));
	g_array_set_size(p->pieces, 1);
	p->paths = g_array_new(FALSE, TRUE, sizeof(struct kept_path));
	g_array_set_size(p->paths, 1);
	p->known = groups_new(sizeof(struct known_path), sizeof(uint64_t), NULL);
	p->tellings = g_array_new(FALSE, FALSE, sizeof(struct telling));
	p->waits = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	return p;
}

void kept_paths_free(struct kept_paths *p)
{
	if (!p)
		return;
	g_array_free(p->pieces, TRUE);
	g_array_free(p->paths, TRUE);
	groups_free(p->known);
	g_array_free(p->tellings, TRUE);
	g_array_free(p->waits, TRUE);
	g_free(p);
}
