/* SPDX-License-Identifier: MIT */
/* kallsyms.h - the names of kernel addresses, for those who know a trace only by its files. */
#ifndef BT2_KALLSYMS_H
#define BT2_KALLSYMS_H

/*
 * The kallsyms file that was saved with the recording whose metadata lies in `dir`, or
 * NULL. Free with g_free().
 */
char *kallsyms_beside(const char *dir);

#endif
