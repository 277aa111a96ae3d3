/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ctf2.c - any bytes as a metadata file of CTF 2: records, the parser, and what the layout
 * compiler makes of a tree that was accepted.
 */
#include "fuzz.h"
#include "tree.h"
#include "ctf/metadata/ctf2.h"

/* The bytes end where their memory does: what reads past them is seen. */
static void parse_alone(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	bool truncated;
	struct tsdl_trace *t = ctf2_parse((const char *)data, size, "M", &truncated, &error);

	check_error(t != NULL, error);
	if (t)
		check_trace(t);
	tsdl_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_alone(data, size);
	check_file(data, size);
	return 0;
}
