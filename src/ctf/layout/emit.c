/* SPDX-License-Identifier: MIT */
/* emit.c - steps, and the regions between those that move by an unknown distance. */
#include "ctf/layout/compiler.h"

#define NO_MARK UINT8_MAX

uint32_t step_next(const struct compiler *c)
{
	return c->steps ? c->steps->len : 0;
}

uint32_t step_emit(struct compiler *c, struct step step)
{
	struct step *to;

	if (c->is_rehearsal)
		return 0;
	if (!c->steps)
		c->steps = g_array_new(FALSE, TRUE, sizeof(struct step));
	g_array_set_size(c->steps, c->steps->len + 1);
	to = &g_array_index(c->steps, struct step, c->steps->len - 1);
	/* Member by member: the padding stays zero. */
	to->op = step.op;
	to->bits = step.bits;
	to->reg = step.reg;
	to->to = step.to;
	to->is_signed = step.is_signed;
	to->big_endian = step.big_endian;
	to->reversed = step.reversed;
	to->target = step.target;
	to->n = step.n;
	return c->steps->len - 1;
}

void step_set_target(struct compiler *c, uint32_t step, uint32_t target)
{
	if (!c->is_rehearsal)
		g_array_index(c->steps, struct step, step).target = target;
}

void region_begin(struct compiler *c, uint64_t guarantee)
{
	c->guarantee = guarantee;
	c->pending = 0;
	c->mark = NO_MARK;
}

void region_flush(struct compiler *c)
{
	if (!c->pending)
		return;
	step_emit(c, (struct step){ .op = OP_ADVANCE, .n = c->pending });
	region_begin(c, MIN(c->guarantee, c->pending & -c->pending));
}

void region_align(struct compiler *c, uint64_t alignment)
{
	if (alignment <= c->guarantee) {
		c->pending = (c->pending + alignment - 1) & -alignment;
		return;
	}
	region_flush(c);
	step_emit(c, (struct step){ .op = OP_ALIGN, .n = alignment });
	region_begin(c, alignment);
}

bool region_advance(struct compiler *c, uint64_t bits)
{
	c->pending += bits;
	return c->pending < SIZE_MAX_BITS || compile_fail(c, "larger than any packet");
}

void region_locate(struct compiler *c, struct place *found, enum shape shape)
{
	if (!found || c->is_rehearsal)
		return;
	if (c->mark == NO_MARK) {
		if (c->n_marks == MARK_MAX)
			return;
		c->mark = c->n_marks++;
		step_emit(c, (struct step){ .op = OP_MARK, .reg = c->mark });
	}
	c->marks_vary |= c->n_options > 0;
	found->shape = shape;
	found->mark = c->mark;
	found->offset = c->pending;
}
