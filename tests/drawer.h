/* SPDX-License-Identifier: MIT */
/* drawer.h - hand-made waits in, the bytes of the blocking analysis' report out. */
#ifndef TESTS_DRAWER_H
#define TESTS_DRAWER_H

#include <flightbox/report.h>

/* nc.openbsd [504] of /usr/bin; server [1234] of process 1230; and one of which only the tid, 77, is known. */
extern const struct fb_task client, server, nameless;

/* 201.761 ms of the client in poll, woken by NET_RX. */
struct fb_blocking wait_in_poll(void);

/* What a report is drawn of, and with. */
struct drawer {
	struct fb_report_options options;
	struct fb_source_info info;     /* of a sound recording of Linux 6.1 */
	struct fb_kernel_counts counts;
	const char *option;             /* a bool of the analysis, to be set; or NULL */
	int left_out;                   /* waits that the trace's ends cut off */
};

struct drawer drawer(const char *format);

/* The report on `n` waits; free with g_free(). A drawer draws once. */
char *draw(struct drawer *d, const struct fb_blocking *waits, size_t n);
void assert_report(struct drawer *d, const struct fb_blocking *waits, size_t n,
		   const char *expected);

/* The n-th line, from 0; negative from the end. Free with g_free(). */
char *line_of(const char *text, int n);

#endif
