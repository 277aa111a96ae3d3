/* SPDX-License-Identifier: MIT */
/*
 * tsdl_text.h - type trees as text, for comparing.
 *
 * u27:1 is an integer (size, alignment), with "be" where big-endian, the clock behind @, "text",
 * and the base where it is not 10; f32:8; string:8; [4]TYPE and [len]TYPE;
 * enum:1 u5:1{a=0..30 b=31}; struct:8{name TYPE, ...}; variant:1<tag>{name TYPE, ...}.
 */
#ifndef TESTS_TSDL_TEXT_H
#define TESTS_TSDL_TEXT_H

/* The tree of a metadata text called "M", or the message why there is none; to be freed. */
char *tsdl_parse_text(const char *text);

#endif
