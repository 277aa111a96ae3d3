/* SPDX-License-Identifier: MIT */
/*
 * index.h - what LTTng's indexes tell of the files of streams.
 *
 * Where packets are the file itself tells, and nothing of that is taken from an index. But
 * a file that ends behind a whole packet looks complete: only the index, DIR/index/NAME.idx,
 * knows of more. An index that makes no sense says nothing.
 */
#ifndef CTF_READ_INDEX_H
#define CTF_READ_INDEX_H

#include "ctf/read/packet.h"

/* Tells `info`, and the file that it ends in a gap, when the index of `f` = DIR/NAME lists more. */
void index_check_length(struct data_file *f, const char *dir, const char *name,
			struct fb_source_info *info);

/* Tells `info` of the files that indexes below DIR list, and that are empty or not there. */
void index_check_files(const char *dir, struct fb_source_info *info);

#endif
