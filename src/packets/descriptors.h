/* SPDX-License-Identifier: MIT */
/* descriptors.h - which descriptors of which processes stand for which socket. */
#ifndef PACKETS_DESCRIPTORS_H
#define PACKETS_DESCRIPTORS_H

#include <flightbox/kernel.h>

#include "packets/cache.h"

struct flow;

/* What a process's descriptor stands for. */
struct descriptor {
	struct cache_head head;
	int32_t process, fd;
	struct cache_ref flow;
	bool is_sure;
	unsigned epoch; /* the flow's, when that was inferred */
};

struct descriptors {
	struct cache all;
};

void descriptors_init(struct descriptors *d);
void descriptors_clear(struct descriptors *d);

/* From now on it stands for that one. What is sure is not replaced by what is not. */
void descriptor_bind(struct descriptors *d, const struct fb_task *task, int32_t fd,
		     struct flow *flow, bool is_sure);

/* The socket that the task's descriptor stands for, or NULL. */
struct flow *descriptor_find(struct descriptors *d, const struct fb_task *task, int32_t fd,
			     bool *is_sure);

/* It stands for nothing any more. */
void descriptor_close(struct descriptors *d, const struct fb_task *task, int32_t fd);

/* `to` stands for what `from` does. */
void descriptor_copy(struct descriptors *d, const struct fb_task *task, int32_t from, int32_t to);

/* A process is made: it has its parent's. */
void descriptors_fork(struct descriptors *d, int32_t parent, int32_t child);

/* Events were lost: any may have been closed meanwhile. */
void descriptors_lost(struct descriptors *d);

/* Whether one of the process's stands for the socket; *is_sure: surely. */
bool is_owner(const struct flow *flow, const struct fb_task *task, bool *is_sure);

#endif
