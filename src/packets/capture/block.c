/* SPDX-License-Identifier: MIT */
/* block.c - reads pcapng's blocks off a tape. */
#include <stdarg.h>

#include <flightbox/error.h>

#include "packets/capture/block.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define AROUND		 12 /* bytes of a block that are not its body */

/* ---- errors ----------------------------------------------------------------------------- */

/* Damage to the file itself explains more than what is missing for it. */
int block_fail(const struct block *b, GError **error, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (b->tape->error)
		g_propagate_error(error, g_error_copy(b->tape->error));
	else
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT,
			    "%s: byte %" G_GUINT64_FORMAT ", behind packet %" G_GUINT64_FORMAT
			    ": %s",
			    b->path, b->position, b->packets, what);
	return -1;
}

int block_fail_short(const struct block *b, GError **error, const char *what)
{
	if (tape_has(b->tape, 1))
		return block_fail(b, error,
				  "expected %s in the block, found its end after %u bytes", what,
				  b->length);
	return block_fail(b, error, "expected %s in the block of %u bytes, found the file's end",
			  what, b->length);
}

/* ---- the body --------------------------------------------------------------------------- */

const uint8_t *block_take(struct block *b, uint32_t n)
{
	const uint8_t *at;

	if (n > b->left || !tape_has(b->tape, n))
		return NULL;
	at = b->tape->at;
	b->tape->at += n;
	b->left -= n;
	return at;
}

bool block_pass(struct block *b, uint32_t n)
{
	if (n > b->left || !tape_skip(b->tape, n))
		return false;
	b->left -= n;
	return true;
}

bool block_option(struct block *b, struct block_option *option)
{
	const uint8_t *head = block_take(b, 4);

	if (!head)
		return false;
	option->code = block_number16(b, head);
	option->length = block_number16(b, head + 2);
	/* 0 ends them. */
	option->value = option->code ? block_take(b, block_padded(option->length)) : NULL;
	return option->value;
}

/* ---- its begin and its end -------------------------------------------------------------- */

static int fail_cut(const struct block *b, GError **error)
{
	return block_fail(b, error, "expected a block, found the file's end after %td bytes of it",
			  b->tape->end - b->tape->at);
}

/* A section's length cannot be read before its byte order is known, which stands behind it. */
static int read_byte_order(struct block *b, GError **error)
{
	uint32_t magic;

	if (!tape_has(b->tape, 12))
		return fail_cut(b, error);
	memcpy(&magic, b->tape->at + 8, sizeof(magic));
	b->is_swapped = magic == GUINT32_SWAP_LE_BE(BYTE_ORDER_MAGIC);
	if (!b->is_swapped && magic != BYTE_ORDER_MAGIC)
		return block_fail(b, error, "expected a section's byte order, found %08x",
				  GUINT32_FROM_BE(magic));
	return 1;
}

int block_begin(struct block *b, GError **error)
{
	b->position = tape_position(b->tape);
	if (!tape_has(b->tape, 8))
		return b->tape->error || b->tape->at < b->tape->end ? fail_cut(b, error) : 0;
	b->type = block_number32(b, b->tape->at);
	if (b->type == BLOCK_SECTION && read_byte_order(b, error) < 0)
		return -1;
	b->length = block_number32(b, b->tape->at + 4);
	if (b->length < AROUND || b->length % 4)
		return block_fail(b, error, "expected a block's length, found %u", b->length);
	b->left = b->length - AROUND;
	b->tape->at += 8;
	return 1;
}

int block_end(struct block *b, GError **error)
{
	uint32_t again;

	if (!block_pass(b, b->left) || !tape_has(b->tape, 4))
		return block_fail_short(b, error, "its length again");
	again = block_number32(b, b->tape->at);
	b->tape->at += 4;
	if (again != b->length)
		return block_fail(b, error,
				  "expected the block's length of %u again behind it, found %u",
				  b->length, again);
	return 1;
}
