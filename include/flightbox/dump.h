/* SPDX-License-Identifier: MIT */
/*
 * dump.h - an event as one line of text: what `flightbox dump` prints and what the
 * tests take as input.
 *
 *	95776123456 1 sched_switch prev_comm=swapper/1 prev_tid=0 prev_state=0 next_comm=nc next_tid=504
 *	95776124000 1 syscall_entry_read fd=3
 *	95776125000 1 timer_hrtimer_expire_entry hrtimer=0xff1100007d9235c0 function=0xffffffff81168830
 *	95776126000 0 lost until=95776200000 count=1042 packets=0
 *
 * Time (ns by the trace's clock), CPU, canonical name, then the recorded fields
 * in the order of fb_kinds[]. Texts stand bare when they are made of letters,
 * digits and _./:@+- only, else in quotes with the escapes of C.
 */
#ifndef FLIGHTBOX_DUMP_H
#define FLIGHTBOX_DUMP_H

#include <flightbox/event.h>
#include <flightbox/source.h>

/*
 * Appends the event's line, without a newline. `source` tells which fields were
 * recorded and decodes the rare ones; it may be NULL: then all that the record
 * itself holds are printed.
 */
void fb_event_text(GString *to, struct fb_source *source, const struct fb_event *ev);

/* Appends a text bare or in quotes, as above. */
void fb_event_text_quote(GString *to, const char *text, size_t length);

#endif
