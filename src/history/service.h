/* SPDX-License-Identifier: MIT */
/*
 * service.h - kernel threads that serve whoever asks: kworkers, irq/N, jbd2, io_uring's workers.
 *
 *	request        asked        X turns to it      done
 *	  ── asker's ──┤── queued ──┤── its service ───┤
 *	servant   … earlier requests│
 *
 * What a servant did before it turned to a request is nobody's business who waits for that one:
 * instead it was asked, by a work that was queued or by a waking from idleness.
 */
#ifndef HISTORY_SERVICE_H
#define HISTORY_SERVICE_H

#include "history/record.h"

struct service {
	fb_ns asked, begin;      /* asked <= begin; INT64_MIN: as long ago as anything is known */
	const struct recorded_wake *by;   /* who asked; NULL: nothing tells */
};

/* Whether what it does before a request is others'. */
bool is_servant(const struct fb_task *task);

/*
 * The service that a servant is at in its record `at`. False: its begin is not known, or of no
 * account, being before `since`. Looks at no more than *effort records, and counts it down.
 */
bool service_find(const struct fb_history *h, const struct fb_task *task, record_number at,
		  fb_ns since, uint64_t *effort, struct service *service);

#endif
