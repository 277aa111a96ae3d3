/* SPDX-License-Identifier: MIT */
/*
 * tsdl_text.h - type trees as text, for comparing.
 *
 * u27:1 is an integer (size, alignment), with "be" where big-endian, the clock behind @, "text",
 * and the base where it is not 10; f32:8; string:8; [4]TYPE and [len]TYPE;
 * enum:1 u5:1{a=0..30 b=31}; struct:8{name TYPE, ...}; variant:1<tag>{name TYPE, ...}; of CTF 2
 * also uleb and ileb (LEB128), b99:1 (bits), "rev" for the other bit order, "bits", "boolean",
 * "utf-16", optional:1<tag>{ TYPE}, selectors as "1..2,5..5 name", " align64" of arrays.
 * Fields that have roles end with those, "roles 10".
 */
#ifndef TESTS_TSDL_TEXT_H
#define TESTS_TSDL_TEXT_H

/* The tree of a metadata text called "M", or the message why there is none; to be freed. */
char *tsdl_parse_text(const char *text);

/* The same of CTF 2, with "truncated" below the tree where the last record was not whole. */
char *ctf2_parse_text(const char *text);

#endif
