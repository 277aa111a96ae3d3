/* SPDX-License-Identifier: MIT */
/* page.c - files as they are, inside of the program. */
#include "report/page.h"

#define EMBED(name, file)                                                                          \
	__asm__(".pushsection .rodata\n"                                                           \
		".globl " #name "\n"                                                               \
		".hidden " #name "\n"                                                              \
		".balign 16\n" #name ":\n"                                                         \
		".incbin \"" FB_PAGE "/" file "\"\n"                                               \
		".byte 0\n"                                                                        \
		".popsection\n")

EMBED(page_style, "page.css");
EMBED(page_script, "page.js");
