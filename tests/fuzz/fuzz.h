/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - a fuzz target is one function of any bytes, which must come back from each of them:
 * no crash, no leak, no failed check, in a few seconds and little memory.
 *
 *	libFuzzer  ──► LLVMFuzzerTestOneInput()   `make fuzz`: looks for bytes that break it
 *	replay.c   ──┘                            `make check`: the bytes that once did, and the corpus
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* The names are libFuzzer's. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* What must hold of any input: an abort that asserts switched off do not switch off. */
#define CHECK(fact)                                                                                \
	do {                                                                                       \
		if (!(fact))                                                                       \
			g_error("%s:%d: does not hold: %s", __FILE__, __LINE__, #fact);            \
	} while (0)

/* An error or none, as `ok` says; an error that says something. */
void check_error(bool ok, const GError *error);

/* ---- a scratch directory ---------------------------------------------------------------- */

/* A directory below TMPDIR, of this process and its children alone; removed at its exit. */
const char *scratch_dir(void);

/* Removes all that is in it, or in a directory below, but `keep`; NULL: all. */
void scratch_empty(const char *below, const char *keep);

/* Writes a file there, below directories if need be: "b/ch_0". */
void scratch_write(const char *name, const void *bytes, size_t size);

#endif
