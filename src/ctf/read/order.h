/* SPDX-License-Identifier: MIT */
/* order.h - which files make one stream, and in what order. */
#ifndef CTF_READ_ORDER_H
#define CTF_READ_ORDER_H

#include "ctf/read/packet.h"

/*
 * Sorts files into streams: those of one stream instance follow each other
 * where their times allow. Packets that were recorded twice (two snapshots may
 * hold the same) are kept once. Returns GPtrArrays of struct data_file, which
 * stay the caller's, in the order that babeltrace2 gives to events of one time:
 * by trace, stream class and stream instance.
 */
GPtrArray *order_files(GPtrArray *files);

#endif
