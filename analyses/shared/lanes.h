/* SPDX-License-Identifier: MIT */
/* lanes.h - what tasks did, as the lanes of a picture. */
#ifndef ANALYSES_SHARED_LANES_H
#define ANALYSES_SHARED_LANES_H

#include <flightbox/history.h>
#include <flightbox/report.h>
#include <flightbox/scene.h>

/*
 * Adds a lane for each of these tasks, and an arrow for each waking of one by another of them. The
 * history is told to the end. The scene's begin and end stand.
 */
void lanes_fill(struct fb_scene *scene, struct fb_report *r, struct fb_history *h,
		const struct fb_task *const *tasks, guint n);

/* The lane of a task, or FB_SCENE_NO_LANE. */
uint32_t lanes_find(const struct fb_task *const *tasks, guint n, const struct fb_task *task);

#endif
