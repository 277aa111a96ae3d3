/* SPDX-License-Identifier: MIT */
/*
 * pcapng.c - captures of dumpcap's kind, of blocks.
 *
 * A section says the byte order of what follows, and counts its interfaces from 0, each of
 * which a block describes before its packets. libpcap reads such files, too, but tells neither
 * of interfaces nor of directions, and takes none whose links differ.
 */
#include <string.h>

#include <flightbox/error.h>

#include "packets/capture/block.h"
#include "packets/capture/formats.h"
#include "packets/capture/units.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6
};

enum {
	OPTION_PACKET_FLAGS = 2,
	OPTION_NAME = 2,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
	OPTION_DROPPED = 5
};

#define INTERFACES_MOST 65536
#define NAME_MOST	255 /* bytes of it that are kept */
#define MICROSECONDS	6

struct interface {
	char *name; /* NULL: it has none */
	int link_type;
	uint32_t most; /* bytes of a packet that are captured; 0: all */
	uint8_t resolution;
	int64_t offset; /* s */
	uint64_t dropped;
};

struct pcapng_file {
	struct block block;
	GArray *interfaces; /* of all sections */
	guint section;	    /* the first one of this */
	uint64_t dropped;
	uint8_t bytes[RECORD_MOST];
};

/* ---- sections and interfaces ------------------------------------------------------------ */

/* How long it is, it need not tell, and a pipe's cannot. */
static int read_section(struct pcapng_file *f, GError **error)
{
	const uint8_t *at = block_take(&f->block, 16);

	if (!at)
		return block_fail_short(&f->block, error, "a section's head");
	if (block_number16(&f->block, at + 4) != 1)
		return block_fail(&f->block, error, "expected version 1 of pcapng, found %u.%u",
				  block_number16(&f->block, at + 4),
				  block_number16(&f->block, at + 6));
	f->section = f->interfaces->len;
	return 0;
}

static void set_name(struct interface *i, const struct block_option *option)
{
	g_autofree char *name =
		g_strndup((const char *)option->value, MIN(option->length, NAME_MOST));

	g_free(i->name);
	i->name = g_utf8_make_valid(name, -1);
}

static int read_interface(struct pcapng_file *f, GError **error)
{
	struct interface i = { .resolution = MICROSECONDS };
	const uint8_t *at = block_take(&f->block, 8);
	struct block_option option;

	if (!at)
		return block_fail_short(&f->block, error, "an interface's link type");
	if (f->interfaces->len == INTERFACES_MOST)
		return block_fail(&f->block, error, "expected no more than %u interfaces",
				  INTERFACES_MOST);
	i.link_type = block_number16(&f->block, at);
	i.most = block_number32(&f->block, at + 4);
	while (block_option(&f->block, &option))
		if (option.code == OPTION_NAME)
			set_name(&i, &option);
		else if (option.code == OPTION_RESOLUTION && option.length == 1)
			i.resolution = option.value[0];
		else if (option.code == OPTION_OFFSET && option.length == 8)
			i.offset = block_number64(&f->block, option.value);
	g_array_append_val(f->interfaces, i);
	return 0;
}

static struct interface *interface_find(const struct pcapng_file *f, uint32_t number)
{
	if (number >= f->interfaces->len - f->section)
		return NULL;
	return &g_array_index(f->interfaces, struct interface, f->section + number);
}

static int fail_interface(const struct pcapng_file *f, uint32_t number, GError **error)
{
	return block_fail(&f->block, error, "expected one of %u interfaces, found number %u",
			  f->interfaces->len - f->section, number);
}

/* Each tells of the whole time since the begin, so the last one counts. */
static int read_statistics(struct pcapng_file *f, GError **error)
{
	const uint8_t *at = block_take(&f->block, 12);
	struct block_option option;
	struct interface *i;
	uint32_t number;

	if (!at)
		return block_fail_short(&f->block, error, "an interface's statistics");
	number = block_number32(&f->block, at);
	i = interface_find(f, number);
	if (!i)
		return fail_interface(f, number, error);
	while (block_option(&f->block, &option))
		if (option.code == OPTION_DROPPED && option.length == 8) {
			f->dropped -= i->dropped;
			i->dropped = block_number64(&f->block, option.value);
			f->dropped += i->dropped;
		}
	return 0;
}

/* ---- packets ---------------------------------------------------------------------------- */

/* Behind a packet's head. Of its bytes those are kept that headers may be in. */
static bool read_bytes(struct pcapng_file *f, struct record *r)
{
	uint32_t all = MIN(block_padded(r->captured), f->block.left),
		 kept = MIN(r->captured, RECORD_MOST);
	const uint8_t *at;

	if (r->captured > f->block.left || !(at = block_take(&f->block, kept)))
		return false;
	memcpy(f->bytes, at, kept);
	r->bytes = f->bytes;
	r->captured = kept;
	return block_pass(&f->block, all - kept);
}

static void read_direction(struct pcapng_file *f, struct record *r)
{
	static const enum captured_direction directions[] = { CAPTURED_ANYWAY, CAPTURED_IN,
							      CAPTURED_OUT, CAPTURED_ANYWAY };
	struct block_option option;

	while (block_option(&f->block, &option))
		if (option.code == OPTION_PACKET_FLAGS && option.length == 4)
			r->direction = directions[block_number32(&f->block, option.value) & 3];
}

static int read_packet(struct pcapng_file *f, struct record *r, GError **error)
{
	const uint8_t *at = block_take(&f->block, 20);
	const struct interface *i;
	uint32_t number;

	if (!at)
		return block_fail_short(&f->block, error, "a packet's head");
	number = f->block.type == BLOCK_PACKET ? block_number32(&f->block, at)
					       : block_number16(&f->block, at);
	i = interface_find(f, number);
	if (!i)
		return fail_interface(f, number, error);
	*r = (struct record){
		.captured = block_number32(&f->block, at + 12),
		.length = block_number32(&f->block, at + 16),
		.time = units_to_ns(i->resolution,
				    (uint64_t)block_number32(&f->block, at + 4) << 32 |
					    block_number32(&f->block, at + 8),
				    i->offset),
		.link_type = i->link_type,
		.interface = f->section + number,
	};
	if (!read_bytes(f, r))
		return block_fail_short(&f->block, error, "a packet's captured bytes");
	read_direction(f, r);
	return 1;
}

/* It is the first interface's, and has no time. */
static int read_simple_packet(struct pcapng_file *f, struct record *r, GError **error)
{
	const struct interface *i = interface_find(f, 0);
	const uint8_t *at = block_take(&f->block, 4);

	if (!at)
		return block_fail_short(&f->block, error, "a packet's length");
	if (!i)
		return fail_interface(f, 0, error);
	*r = (struct record){ .length = block_number32(&f->block, at),
			      .time = FB_NS_NONE,
			      .link_type = i->link_type,
			      .interface = f->section };
	r->captured = MIN(r->length, i->most ? i->most : UINT32_MAX);
	if (!read_bytes(f, r))
		return block_fail_short(&f->block, error, "a packet's captured bytes");
	return 1;
}

/* ---- blocks ----------------------------------------------------------------------------- */

/* Returns as capture_next() does, and 0 for a block that holds no packet, too. */
static int read_body(struct pcapng_file *f, struct record *r, GError **error)
{
	switch (f->block.type) {
	case BLOCK_SECTION:
		return read_section(f, error);
	case BLOCK_INTERFACE:
		return read_interface(f, error);
	case BLOCK_STATISTICS:
		return read_statistics(f, error);
	case BLOCK_PACKET:
	case BLOCK_OLD_PACKET:
		return read_packet(f, r, error);
	case BLOCK_SIMPLE_PACKET:
		return read_simple_packet(f, r, error);
	default:
		return 0;
	}
}

int pcapng_file_next(struct pcapng_file *f, struct record *record, GError **error)
{
	int begun, result;

	while ((begun = block_begin(&f->block, error)) > 0) {
		result = read_body(f, record, error);
		if (result < 0 || block_end(&f->block, error) < 0)
			return -1;
		if (result) {
			f->block.packets++;
			return 1;
		}
	}
	return begun;
}

/* ---- all of it -------------------------------------------------------------------------- */

bool pcapng_file_is(const uint8_t *at)
{
	const uint32_t magic = BLOCK_SECTION;

	return !memcmp(at, &magic, sizeof(magic));
}

static void clear_interface(void *interface)
{
	g_free(((struct interface *)interface)->name);
}

struct pcapng_file *pcapng_file_open(struct tape *tape, const char *path)
{
	struct pcapng_file *f = g_new0(struct pcapng_file, 1);

	f->block.tape = tape;
	f->block.path = path;
	f->interfaces = g_array_new(FALSE, FALSE, sizeof(struct interface));
	g_array_set_clear_func(f->interfaces, clear_interface);
	return f;
}

void pcapng_file_close(struct pcapng_file *f)
{
	if (!f)
		return;
	g_array_unref(f->interfaces);
	g_free(f);
}

const char *pcapng_file_interface_name(const struct pcapng_file *f, unsigned number)
{
	if (number >= f->interfaces->len)
		return NULL;
	return g_array_index(f->interfaces, struct interface, number).name;
}

uint64_t pcapng_file_dropped(const struct pcapng_file *f)
{
	return f->dropped;
}
