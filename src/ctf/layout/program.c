/* SPDX-License-Identifier: MIT */
/* program.c - runs the steps that compile.c makes. */
#include "base/hash.h"
#include "ctf/layout/steps.h"

void program_clear(struct program *p)
{
	for (uint32_t i = 0; i < p->n_tables; i++)
		g_free(p->tables[i].ranges);
	g_free(p->tables);
	g_free(p->steps);
	memset(p, 0, sizeof(*p));
}

static bool tables_equal(const struct range_table *a, const struct range_table *b)
{
	if (a->n != b->n || a->is_signed != b->is_signed || a->otherwise != b->otherwise)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->ranges[i].first != b->ranges[i].first ||
		    a->ranges[i].last != b->ranges[i].last ||
		    a->ranges[i].target != b->ranges[i].target)
			return false;
	return true;
}

bool program_equal(const struct program *a, const struct program *b)
{
	if (a->n_steps != b->n_steps || a->n_tables != b->n_tables || a->align != b->align ||
	    a->fixed != b->fixed || a->size != b->size)
		return false;
	for (uint32_t i = 0; i < a->n_tables; i++)
		if (!tables_equal(&a->tables[i], &b->tables[i]))
			return false;
	/* Steps come zeroed from the allocator: their padding compares equal. */
	return !a->n_steps || !memcmp(a->steps, b->steps, a->n_steps * sizeof(*a->steps));
}

static guint table_hash(const struct range_table *t)
{
	guint hash = t->n * 31 + t->otherwise;

	for (uint32_t i = 0; i < t->n; i++) {
		const uint64_t range[] = { t->ranges[i].first, t->ranges[i].last,
					   t->ranges[i].target };

		hash = hash * 31 + bytes_hash(range, sizeof(range));
	}
	return hash;
}

guint program_hash(const struct program *p)
{
	guint hash = bytes_hash(&p->size, sizeof(p->size)) + p->align;

	for (uint32_t i = 0; i < p->n_tables; i++)
		hash = hash * 31 + table_hash(&p->tables[i]);
	return p->n_steps ? hash ^ bytes_hash(p->steps, p->n_steps * sizeof(*p->steps)) : hash;
}

static bool in_range(const struct range *r, uint64_t value, bool is_signed)
{
	if (is_signed)
		return (int64_t)value >= (int64_t)r->first && (int64_t)value <= (int64_t)r->last;
	return value >= r->first && value <= r->last;
}

/* The step where the selected option begins; failed when there is none. */
static uint32_t select_option(struct cursor *c, const struct range_table *t, uint64_t tag)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (in_range(&t->ranges[i], tag, t->is_signed))
			return t->ranges[i].target;
	if (!t->otherwise)
		cursor_fail(c, CURSOR_TAG, tag);
	return t->otherwise;
}

static void skip_sequence(struct cursor *c, uint64_t length, uint64_t size, uint64_t stride)
{
	uint64_t left = c->end - c->pos;

	if (!length || !stride)
		return;
	if (length - 1 > left / stride || (length - 1) * stride + size > left)
		cursor_fail(c, CURSOR_SEQUENCE, length);
	else
		c->pos += (length - 1) * stride + size;
}

static void read_reg(struct machine *m, const struct step *s)
{
	uint64_t value = cursor_peek(&m->c, s->n, s->bits, s->big_endian);

	if (s->reversed)
		value = bits_reverse(value, s->bits);
	m->regs[s->reg] = s->is_signed ? sign_extend(value, s->bits) : value;
	if (s->reg == REG_TIME)
		m->time_bits = s->bits;
}

static void read_leb128(struct machine *m, const struct step *s)
{
	unsigned bytes = cursor_leb128(&m->c, s->is_signed);

	if (!bytes)
		return;
	m->regs[s->reg] = leb128_get(m->c.base + m->c.pos / 8, s->is_signed);
	if (s->reg == REG_TIME)
		m->time_bits = MIN(bytes * 7, 64);
}

bool program_run(const struct program *p, struct machine *m)
{
	struct cursor *c = &m->c;
	uint32_t next = 0;

	if (p->marks_vary)
		memset(m->marks, 0, sizeof(m->marks));
	cursor_align(c, p->align);
	m->marks[0] = c->pos;
	if (p->fixed) {
		cursor_skip(c, p->size);
		return !c->fault;
	}
	while (!c->fault) {
		const struct step *s = &p->steps[next++];

		switch ((enum op)s->op) {
		case OP_END:
			return true;
		case OP_ADVANCE:
			cursor_skip(c, s->n);
			break;
		case OP_ALIGN:
			cursor_align(c, s->n);
			break;
		case OP_STRING:
			cursor_string(c, s->n);
			break;
		case OP_LEB128:
			cursor_skip(c, cursor_leb128(c, s->is_signed) * 8);
			break;
		case OP_READ_LEB128:
			read_leb128(m, s);
			break;
		case OP_READ:
			read_reg(m, s);
			break;
		case OP_MARK:
			m->marks[s->reg] = c->pos;
			break;
		case OP_COUNT:
			m->regs[s->reg] = s->n;
			break;
		case OP_SEQUENCE:
			skip_sequence(c, m->regs[s->reg], s->n, s->target);
			break;
		case OP_LOOP:
			m->regs[s->to] = m->regs[s->reg];
			m->regs[s->to + 1] = c->pos;
			if (!m->regs[s->reg])
				next = s->target;
			break;
		case OP_NEXT:
			/* Elements of no size are all alike: one was enough. */
			if (--m->regs[s->reg] && c->pos != m->regs[s->reg + 1]) {
				m->regs[s->reg + 1] = c->pos;
				next = s->target;
			}
			break;
		case OP_VARIANT:
			next = select_option(c, &p->tables[s->n], m->regs[s->reg]);
			break;
		case OP_JUMP:
			next = s->target;
			break;
		}
	}
	return false;
}
