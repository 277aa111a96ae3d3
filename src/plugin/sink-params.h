/* SPDX-License-Identifier: MIT */
/* sink-params.h - the parameters of sink.flightbox.blocking. */
#ifndef PLUGIN_SINK_PARAMS_H
#define PLUGIN_SINK_PARAMS_H

#include <babeltrace2/babeltrace.h>

#include <flightbox/analysis.h>

struct sink_params {
	char *format, *time, *comm, *begin, *end, *min_duration, *lead_given, *kallsyms, *color, *output;
	GArray *pids, *tids; /* int32_t */
	GHashTable *times;   /* struct fb_option of the analysis -> its text: the times among its options */
	bool all, edges;
	enum fb_time_form time_form;
	struct fb_filter filter; /* what all that means, but for the times; lends from here */
	fb_ns lead;
};

/* `self` is the analysis', whose own options are set. False and `error` on what makes no sense. */
bool sink_params_read(struct sink_params *p, const bt_value *params,
		      const struct fb_analysis *analysis, void *self, GError **error);

/* Reads the times, which need to know the trace's clock; those among its own options into `self`. */
bool sink_params_times(struct sink_params *p, void *self, const struct fb_source_info *info,
		       GError **error);

void sink_params_clear(struct sink_params *p);

#endif
