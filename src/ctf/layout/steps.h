/* SPDX-License-Identifier: MIT */
/* steps.h - the steps, between compile.c and program.c. */
#ifndef CTF_LAYOUT_STEPS_H
#define CTF_LAYOUT_STEPS_H

#include "ctf/layout/program.h"

enum op {
	OP_END,
	OP_ADVANCE, /* n bits */
	OP_ALIGN,   /* to n bits */
	OP_STRING, /* of characters of n bytes, or half of one */
	OP_LEB128, /* past an integer */
	OP_READ,     /* regs[reg] = the integer n bits ahead */
	OP_READ_LEB128, /* regs[reg] = the one at hand */
	OP_MARK,     /* marks[reg] = position */
	OP_COUNT,    /* regs[reg] = n */
	OP_SEQUENCE, /* regs[reg] elements of n bits, one every `target` bits */
	OP_LOOP, /* regs[to] = regs[reg], regs[to + 1] = position; nothing to do: jump to target */
	OP_NEXT, /* --regs[reg]; more to do and progress made: jump to target */
	OP_VARIANT, /* by regs[reg], jump as tables[n] says */
	OP_JUMP,
};

struct step {
	uint8_t op;
	uint8_t bits; /* READ */
	uint8_t reg, to;
	bool is_signed, big_endian, reversed;
	uint32_t target; /* index of a step */
	uint64_t n;
};

/* Which option of a variant a tag's value selects. */
struct range {
	uint64_t first, last;
	uint32_t target;
};

struct range_table {
	struct range *ranges;
	uint32_t n;
	uint32_t otherwise; /* where none is selected; 0: that is a fault */
	bool is_signed;
};

#endif
