/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tsdl.c - any bytes as a metadata file: packets, the parser, and what the layout compiler
 * makes of a tree that was accepted.
 */
#include "fuzz.h"
#include "tree.h"

/* The bytes end where their memory does: what reads past them is seen. */
static void parse_alone(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	struct tsdl_trace *t = tsdl_parse((const char *)data, size, "M", &error);

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
