/* SPDX-License-Identifier: MIT */
/*
 * text-lines.c - the lines above and below a text report: what the recording
 * lacks, and what of it is odd. A sound recording has none.
 */
#include <inttypes.h>

#include <flightbox/recording.h>
#include <flightbox/times.h>

#include "report-priv.h"

static void line(struct fb_report *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void line(struct fb_report *r, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	text_line(r, text);
}

void text_header(struct fb_report *r)
{
	for (const struct fb_need *need = fb_needs; need->question; need++) {
		g_autofree char *command = fb_need_command(need, r->info);

		if (fb_need_is_missed(need, r->info, r->options.kinds))
			line(r, "Without %s, %s. To record it: %s", need->name, need->loss,
			     command);
	}
}

static void footer_part(struct fb_report *r)
{
	const struct fb_part *part = r->part;
	char begin[FB_TIME_SIZE], end[FB_TIME_SIZE];

	if (!part)
		return;
	if (part->begin != FB_NS_NONE)
		fb_time_format(begin, part->begin, r->options.time, r->info);
	if (part->end != FB_NS_NONE)
		fb_time_format(end, part->end, r->options.time, r->info);
	if (part->end == FB_NS_NONE)
		line(r, "Read from %s on, not the whole trace: a longer --lead reads more", begin);
	else if (part->begin == FB_NS_NONE)
		line(r, "Read up to %s, not the whole trace: a longer --lead reads more", end);
	else
		line(r, "Read from %s to %s, not the whole trace: a longer --lead reads more",
		     begin, end);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* " (cpu 0: 12 lost, cpu 1: 3 packets lost)"; empty when nothing was. */
static char *losses_text(const GArray *losses)
{
	GString *to = g_string_new(NULL);

	for (guint i = 0; losses && i < losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(losses, struct fb_cpu_loss, i);

		if (loss->events || !loss->packets)
			g_string_append_printf(to, "%scpu %d: %" PRIu64 " lost", to->len ? ", " : "",
					       loss->cpu, loss->events);
		if (loss->packets)
			g_string_append_printf(to, "%scpu %d: %" PRIu64 " packet%s lost",
					       to->len ? ", " : "", loss->cpu, loss->packets,
					       plural(loss->packets));
	}
	return g_string_free(to, FALSE);
}

static void footer_losses(struct fb_report *r, bool has_waits)
{
	uint64_t n = r->waits[FB_QUALITY_LOST];
	g_autofree char *losses = losses_text(losses_of(r));

	if (n)
		line(r, "%" PRIu64 " wait%s lost events%s%s%s", n, n == 1 ? " touches" : "s touch",
		     *losses ? " (" : "", losses, *losses ? ")" : "");
	else if (*losses)
		line(r, "Events were lost (%s)%s", losses,
		     has_waits ? ", but inside none of these waits" : "");
}

static void footer_waits(struct fb_report *r, const struct fb_kernel_counts *counts)
{
	uint64_t n = r->waits[FB_QUALITY_INFERRED];

	if (n)
		line(r, "%" PRIu64 " wait%s inferred: an event that would prove it was not recorded",
		     n, n == 1 ? " is" : "s are");
	if (r->unknown_causes)
		line(r, "%" PRIu64 " wait%s no known cause", r->unknown_causes,
		     r->unknown_causes == 1 ? " has" : "s have");
	n = r->left_out;
	if (n)
		line(r, "%" PRIu64 " wait%s before %s or outlasted it "
		     "(--include-edges shows %s)", n, n == 1 ? " began" : "s began",
		     r->part ? "what was read" : "the trace", n == 1 ? "it" : "them");
	n = counts->broken_waits;
	if (n)
		line(r, "%" PRIu64 " wait%s dropped: the events about %s contradict each other", n,
		     n == 1 ? " was" : "s were", n == 1 ? "it" : "them");
}

/*
 * lttng track leaves out the events of whom it does not track, and no loss is reported. So does a
 * file that is missing.
 */
static void footer_silence(struct fb_report *r, const struct fb_kernel_counts *counts)
{
	uint64_t n = counts->switch_mismatches;
	const GArray *losses = losses_of(r);
	bool may_be_lost = (losses && losses->len) || r->info->broken_packets;

	if (n)
		line(r, "%" PRIu64 " switch%s of task do%s not follow from the one before %s",
		     n, n == 1 ? "" : "es", n == 1 ? "es" : "",
		     may_be_lost ? "(lost events, or a recording limited by lttng track)" :
				   "though no events were lost: lttng track left out what other tasks "
				   "did, or files are missing, and waits and wakers with it");
	if (counts->silent_cpus && fb_report_is_on_all(r))
		line(r, "Nothing is recorded of CPU %d%s: no task ran there, or files are missing, and "
		     "waits and wakers with them",
		     counts->first_silent_cpu, counts->silent_cpus > 1 ? " and others" : "");
}

static void footer_source(struct fb_report *r, bool complete)
{
	const struct fb_source_info *info = r->info;

	if (info->clock_steps)
		line(r, "The trace's clock went back %" PRIu64 " time%s", info->clock_steps,
		     plural(info->clock_steps));
	if (info->broken_packets)
		line(r, "%" PRIu64 " broken packet%s left out", info->broken_packets,
		     info->broken_packets == 1 ? " was" : "s were");
	if (!complete)
		line(r, "The trace was not read to its end");
}

static bool has_waits(const struct fb_report *r)
{
	uint64_t n = 0;

	for (int i = 0; i < FB_QUALITIES; i++)
		n += r->waits[i];
	return n > 0;
}

void text_footer(struct fb_report *r, const struct report_end *end)
{
	footer_part(r);
	footer_losses(r, has_waits(r));
	if (end->counts)
		footer_waits(r, end->counts);
	if (end->counts)
		footer_silence(r, end->counts);
	footer_source(r, end->complete);
}
