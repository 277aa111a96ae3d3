/* SPDX-License-Identifier: MIT */
/* layout.c - the layouts of all event classes, and what their moves do. */
#include <flightbox/error.h>

#include "base/arena.h"
#include "ctf/layout/bind.h"
#include "base/hash.h"
#include "event/numbers.h"

#define CLASSES_MAX UINT16_MAX

/* ---- system calls by number ------------------------------------------------------------- */

static int64_t int_at(const struct place *p, const struct machine *m)
{
	return place_int(p, m->c.base, place_pos(p, m->marks[0], m->marks));
}

static void fill_call(const struct layout *l, struct fb_event *ev, const struct machine *m)
{
	const struct place *number = layout_find(l, BOUND_NUMBER, m);
	const struct place *first = layout_find(l, BOUND_FIRST, m);

	if (number && calls_name(l->calls, ev, int_at(number, m)) && first)
		ev->sys_enter.fd = int_at(first, m);
}

/* Where a text begins, or FB_NO_TEXT. */
static uint16_t text_at(const struct place *p, const struct machine *m)
{
	uint64_t start = m->marks[0];

	if (!p || !place_is_record_text(p))
		return FB_NO_TEXT;
	return MIN(place_pos(p, start, m->marks) / 8 - start / 8, FB_NO_TEXT);
}

static void fill_texts(const struct layout *l, struct fb_event *ev, const struct machine *m)
{
	const struct place *text = layout_find(l, l->bound.text, m), *prev;

	if (l->text != BOUNDS) {
		ev->text = text_at(text, m);
		if (text && place_is_comm16(text))
			ev->flags |= FB_COMM16;
	}
	if (l->prev_text == BOUNDS)
		return;
	prev = layout_find(l, l->prev_text, m);
	ev->sched_switch.prev_comm =
		text && prev && place_is_comm16(text) == place_is_comm16(prev) ? text_at(prev, m) :
										 FB_NO_TEXT;
}

void layout_fill(const struct layout *l, struct fb_event *ev, const struct machine *m)
{
	for (unsigned i = 0; i < l->bound.n_moves; i++) {
		const struct move *move = &l->bound.moves[i];
		const struct place *p = layout_find(l, move->from, m);

		/* What is not there stays what the template has in its place. */
		if (p && p->shape == SHAPE_INT)
			event_set_number(ev, move->to, move->size, int_at(p, m));
	}
	if (l->text != BOUNDS || l->prev_text != BOUNDS)
		fill_texts(l, ev, m);
	if (l->calls)
		fill_call(l, ev, m);
}

/* ---- one field -------------------------------------------------------------------------- */

static const struct place *find_place(const GArray *places, int field, const struct machine *m)
{
	for (guint i = 0; places && i < places->len; i++) {
		const struct inner_place *inner = &g_array_index(places, struct inner_place, i);

		if (inner->field == field && place_is_there(&inner->place, m->marks))
			return &inner->place;
	}
	return NULL;
}

const struct place *layout_find_inner(const struct layout *l, int field, const struct machine *m)
{
	return find_place(l->inner, field, m);
}

const struct place *layout_find(const struct layout *l, unsigned bound, const struct machine *m)
{
	return l->places[bound].shape ? &l->places[bound] : find_place(l->optional, bound, m);
}

/* ---- recipes --------------------------------------------------------------------------- */

_Static_assert(RECORD_LANES - RECORD_HEAD == sizeof(uint64_t), "one word of what all events have");
_Static_assert(RECORD_LANES + LANES * 4 == sizeof(struct fb_event), "the union is four lanes");

/* Whether `size` bytes of the record are bytes of the event; then `from` is where they are. */
static bool is_copy(const struct place *p, unsigned size, int32_t *from)
{
	bool is_foreign = p->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);

	if (p->mark || p->leb128 || p->reversed || p->offset % 8 || is_foreign || p->offset / 8 > INT32_MAX - 8)
		return false;
	if (size * 8 != p->bits && !(size == 4 && p->bits == 64))
		return false;
	*from = p->offset / 8 + (p->big_endian ? p->bits / 8 - size : 0);
	return true;
}

/* False when it takes more than lanes. */
static bool add_lanes(struct recipe *r, const struct move *move, const struct place *p)
{
	unsigned lane = (move->to - RECORD_LANES) / 4;
	int32_t from;

	if ((move->size != 4 && move->size != 8) || (move->to - RECORD_LANES) % 4 ||
	    !is_copy(p, move->size, &from))
		return false;
	for (unsigned i = 0; i < move->size / 4u; i++) {
		r->from[lane + i] = from + 4 * i;
		r->masks[lane + i] = UINT32_MAX;
		r->constants[lane + i] = 0;
	}
	return true;
}

static void make_recipe(struct recipe *r, const struct layout *l)
{
	const char *template = (const char *)&l->bound.template;

	memcpy(&r->head, template + RECORD_HEAD, sizeof(r->head));
	memcpy(r->constants, template + RECORD_LANES, sizeof(r->constants));
	for (unsigned i = 0; i < LANES; i++)
		r->from[i] = -4;
	r->is_partial = l->is_marked || l->calls;
	for (unsigned i = 0; i < l->bound.n_moves; i++)
		r->is_partial |= !add_lanes(r, &l->bound.moves[i], &l->places[l->bound.moves[i].from]);
}

void layouts_finish(struct layouts *l, enum fb_abi abi)
{
	bool needs_names = false;

	g_aligned_free(l->recipes);
	l->recipes = g_aligned_alloc0(l->all->len + 1, sizeof(*l->recipes), 64);
	for (guint i = 0; i < l->all->len; i++) {
		make_recipe(&l->recipes[i], layouts_get(l, i));
		needs_names |= layouts_get(l, i)->calls != NULL;
	}
	if (!needs_names)
		return;
	calls_init(&l->native, abi, false);
	calls_init(&l->compat, abi, true);
}

/* ---- the set --------------------------------------------------------------------------- */

static bool place_equal(const struct place *a, const struct place *b)
{
	if (!a->shape)
		return !b->shape;
	return a->shape == b->shape && a->bits == b->bits && a->is_signed == b->is_signed &&
	       a->big_endian == b->big_endian && a->reversed == b->reversed &&
	       a->leb128 == b->leb128 && a->mark == b->mark &&
	       a->length_reg == b->length_reg && a->length == b->length && a->offset == b->offset;
}

static gboolean places_equal(const void *a_, const void *b_)
{
	const struct place *a = a_, *b = b_;

	for (unsigned i = 0; i < BOUNDS; i++)
		if (!place_equal(&a[i], &b[i]))
			return FALSE;
	return TRUE;
}

static guint places_hash(const void *places)
{
	const struct place *p = places;
	uint64_t words[BOUNDS * 2];
	size_t n = 0;

	for (unsigned i = 0; i < BOUNDS; i++) {
		if (!p[i].shape)
			continue;
		words[n++] = p[i].offset;
		words[n++] = (uint64_t)p[i].length << 32 | i << 24 | p[i].shape << 16 |
			     p[i].mark << 8 | p[i].bits;
	}
	return bytes_hash(words, n * sizeof(*words));
}

/* Of layouts whose names and places are the set's. */
static guint layout_hash(const void *layout)
{
	const struct layout *l = layout;

	return g_direct_hash(l->name) * 31 + g_direct_hash(l->places) + program_hash(&l->body);
}

static bool inner_equal(const GArray *a, const GArray *b)
{
	if (!a || !b)
		return a == b;
	for (guint i = 0; i < a->len && a->len == b->len; i++) {
		const struct inner_place *pa = &g_array_index(a, struct inner_place, i);
		const struct inner_place *pb = &g_array_index(b, struct inner_place, i);

		if (pa->field != pb->field || !place_equal(&pa->place, &pb->place))
			return false;
	}
	return a->len == b->len;
}

static gboolean layout_equal(const void *a_, const void *b_)
{
	const struct layout *a = a_, *b = b_;

	return a->name == b->name && a->places == b->places && inner_equal(a->inner, b->inner) &&
	       inner_equal(a->optional, b->optional) && program_equal(&a->body, &b->body);
}

struct layouts *layouts_new(void)
{
	struct layouts *l = g_new0(struct layouts, 1);

	l->all = g_ptr_array_new();
	l->by_name = g_hash_table_new(name_hash, g_str_equal);
	l->twins = g_hash_table_new(layout_hash, layout_equal);
	l->places = g_hash_table_new(places_hash, places_equal);
	l->fields = g_array_new(FALSE, FALSE, sizeof(struct class_field));
	l->arena = arena_new();
	return l;
}

static void layout_clear(struct layout *l)
{
	program_clear(&l->body);
	g_clear_pointer(&l->inner, g_array_unref);
	g_clear_pointer(&l->optional, g_array_unref);
}

void layouts_free(struct layouts *l)
{
	if (!l)
		return;
	for (guint i = 0; i < l->all->len; i++)
		layout_clear(g_ptr_array_index(l->all, i));
	g_ptr_array_unref(l->all);
	g_hash_table_unref(l->by_name);
	g_hash_table_unref(l->twins);
	g_hash_table_unref(l->places);
	g_array_unref(l->fields);
	arena_free(l->arena);
	g_aligned_free(l->recipes);
	g_free(l);
}

static const struct place *share_places(struct layouts *set, const struct place *places)
{
	struct place *shared = g_hash_table_lookup(set->places, places);

	if (!shared) {
		shared = arena_copy(set->arena, places, BOUNDS * sizeof(*places));
		g_hash_table_add(set->places, shared);
	}
	return shared;
}

static int add(struct layouts *set, const struct layout *l, bool is_first)
{
	struct layout *added = arena_copy(set->arena, l, sizeof(*l));

	if (is_first)
		g_hash_table_insert(set->by_name, (gpointer)added->name, added);
	else
		g_hash_table_add(set->twins, added);
	g_ptr_array_add(set->all, added);
	return added->bound.template.class;
}

int layouts_add(struct layouts *set, const struct tsdl_event *event,
		const struct tsdl_stream *stream, const struct tsdl_scope *outer, unsigned n_outer,
		struct outside *outside, const char *where, GError **error)
{
	struct place places[BOUNDS] = { 0 };
	const struct layout *first, *equal;
	struct layout l = { 0 };

	if (!layout_init(&l, places, set, event, stream, outer, n_outer, outside, where, error)) {
		layout_clear(&l);
		return -1;
	}
	first = equal = g_hash_table_lookup(set->by_name, event->name);
	l.places = share_places(set, places);
	l.name = first ? first->name : arena_text(set->arena, event->name, strlen(event->name));
	if (first && !layout_equal(first, &l))
		equal = g_hash_table_lookup(set->twins, &l);
	if (!equal && set->all->len < CLASSES_MAX)
		return add(set, &l, !first);
	layout_clear(&l);
	if (equal)
		return equal->bound.template.class;
	g_set_error(error, FB_ERROR, FB_ERROR_UNSUPPORTED, "%s: more than %d kinds of events",
		    where, CLASSES_MAX);
	return -1;
}
