/* SPDX-License-Identifier: MIT */
/* shared-paths.c - pieces of paths, and how often each is in one. */
#include "analyses/shared/shared-paths.h"
#include "base/groups.h"

enum {
	PIECES_FIRST = 1 << 10,
	PIECES_MOST = 1 << 17, /* some 6 MiB, before they are added up and forgotten */
};

/* Number 0 is none: it ends before all others. */
struct piece {
	fb_ns begin, end;
	struct blame *blame; /* whose it is; NULL: it stands for the pieces of another path: */
	uint32_t others;     /* … the last of them */
	uint32_t before;     /* the piece that ends where it begins; */
	uint32_t far_before; /* … one further back: half of the way to any, or more, is taken at once */
	uint32_t length;     /* pieces until here */
	int64_t times;       /* in so many paths more than the next ones; what those are in comes on top */
};

/* The path of a wait that was told from its begin to its end. */
struct known_path {
	uint64_t wait; /* the key: its number */
	fb_ns begin, end;
	uint32_t last;
};

struct shared_paths {
	struct fb_history *history;
	struct blames *blames;
	struct piece *pieces; /* so many, and there is room for: */
	uint32_t n, room;
	struct groups *known; /* struct known_path */
	/* The path being told: */
	uint32_t last;        /* 0: nothing is yet */
	fb_ns begin;
	struct known_path of; /* the wait that begins it; `wait` is 0: none does */
};

/* ---- pieces ------------------------------------------------------------------------------- */

/*
 * As far as the one before jumps, if that one and the one where it lands jump equally far: so jumps
 * double, and any piece before is reached in a few of them.
 */
static uint32_t far_before(const struct shared_paths *p, uint32_t before)
{
	const struct piece *a = &p->pieces[before], *b = &p->pieces[a->far_before],
			   *c = &p->pieces[b->far_before];

	return a->length - b->length == b->length - c->length ? b->far_before : before;
}

static struct piece *add_piece(struct shared_paths *p, fb_ns begin, fb_ns end)
{
	struct piece *piece;

	if (p->n == p->room) {
		p->room *= 2;
		p->pieces = g_renew(struct piece, p->pieces, p->room);
	}
	if (!p->last)
		p->begin = begin;
	piece = &p->pieces[p->n];
	*piece = (struct piece){ .begin = begin, .end = end, .before = p->last,
				 .far_before = far_before(p, p->last),
				 .length = p->pieces[p->last].length + 1 };
	p->last = p->n++;
	return piece;
}

/* The first that ends behind `time`, of a path that does. */
static uint32_t first_behind(const struct shared_paths *p, uint32_t last, fb_ns time)
{
	for (;;) {
		const struct piece *piece = &p->pieces[last];

		if (p->pieces[piece->far_before].end > time)
			last = piece->far_before;
		else if (p->pieces[piece->before].end > time)
			last = piece->before;
		else
			return last;
	}
}

/* ---- a path ------------------------------------------------------------------------------- */

static void on_segment(const struct fb_segment *s, void *data)
{
	struct shared_paths *p = data;

	add_piece(p, s->begin, s->end)->blame = blames_get(p->blames, s);
}

static bool on_skip(const struct fb_segment *wait, void *data)
{
	struct shared_paths *p = data;
	const struct known_path *known;

	if (!wait->depth) {
		if (!p->last)
			p->of = (struct known_path){ wait->wait, wait->begin, wait->end, 0 };
		return false;
	}
	known = groups_find(p->known, &(const uint64_t){ wait->wait });
	if (!known || known->begin > wait->begin || known->end != wait->end)
		return false;
	if (p->last) {
		add_piece(p, wait->begin, wait->end)->others = known->last;
	} else {
		p->last = known->last;
		p->begin = wait->begin;
	}
	return true;
}

const struct fb_path_funcs shared_paths_funcs = { .segment = on_segment, .skip = on_skip };

static void add_times(struct blame *b, int64_t times, fb_ns time)
{
	b->n += times;
	b->sum += times * time;
}

/* A path, from `begin` on, is in `times` more. */
static void count(struct shared_paths *p, uint32_t last, fb_ns begin, int64_t times)
{
	for (;;) {
		uint32_t first = first_behind(p, last, begin);
		const struct piece *piece = &p->pieces[first];
		bool is_cut = piece->begin < begin;

		p->pieces[last].times += times;
		p->pieces[is_cut ? first : piece->before].times -= times;
		if (!is_cut)
			return;
		if (piece->blame) {
			add_times(piece->blame, times, piece->end - begin);
			fb_history_count_unknown(p->history, piece->blame->unknown, times);
			return;
		}
		last = piece->others;
	}
}

void shared_paths_end(struct shared_paths *p)
{
	struct known_path *known;

	if (p->last) {
		count(p, p->last, p->begin, 1);
		p->of.last = p->last;
		if (p->of.wait && p->of.begin == p->begin &&
		    p->of.end == p->pieces[p->last].end) {
			known = groups_get(p->known, &p->of, sizeof(p->of.wait));
			*known = p->of;
		}
	}
	p->last = 0;
	p->of.wait = 0;
	if (p->n > PIECES_MOST)
		shared_paths_add_up(p);
}

/* ---- all of them -------------------------------------------------------------------------- */

/* Who comes before another, or is stood for by it, has a lower number. */
void shared_paths_add_up(struct shared_paths *p)
{
	for (uint32_t i = p->n - 1; i > 0; i--) {
		const struct piece *piece = &p->pieces[i];
		int64_t times = piece->times;

		if (piece->blame) {
			add_times(piece->blame, times, piece->end - piece->begin);
			/* It was told once. */
			fb_history_count_unknown(p->history, piece->blame->unknown, times - 1);
		} else {
			count(p, piece->others, piece->begin, times);
		}
		p->pieces[piece->before].times += times;
	}
	p->n = 1;
	groups_clear(p->known);
}

struct shared_paths *shared_paths_new(struct fb_history *h, struct blames *b)
{
	struct shared_paths *p = g_new0(struct shared_paths, 1);

	p->history = h;
	p->blames = b;
	p->room = PIECES_FIRST;
	p->pieces = g_new(struct piece, p->room);
	p->pieces[p->n++] = (struct piece){ .begin = INT64_MIN, .end = INT64_MIN };
	p->known = groups_new(sizeof(struct known_path), sizeof(uint64_t), NULL);
	return p;
}

void shared_paths_free(struct shared_paths *p)
{
	if (!p)
		return;
	g_free(p->pieces);
	groups_free(p->known);
	g_free(p);
}
