/* SPDX-License-Identifier: MIT */
/*
 * text-lines.c - the lines above and below a text report: what the recording
 * lacks, and what of it is odd. A sound recording has none.
 */
#include <inttypes.h>

#include <flightbox/recording.h>
#include <flightbox/times.h>

#include "report/writer.h"

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

/* More than that would stand between the reader and the answer. */
enum { NEEDS_TOLD = 3 };

static void tell_need(struct fb_report *r, const struct fb_need *need)
{
	g_autofree char *command = fb_need_command(need, r->info);

	line(r, "Without %s, %s. To record it: %s", need->name, fb_need_loss(need, r->info), command);
}

void text_header(struct fb_report *r)
{
	g_autoptr(GPtrArray) missed = g_ptr_array_new();
	g_autoptr(GString) names = g_string_new(NULL);

	if (fb_recording_lacks_calls(r->info))
		line(r, "System calls that were recorded by number show as that: there is no table of this machine's");
	for (const struct fb_need *need = fb_needs; need->question; need++)
		if (fb_need_is_missed(need, r->info, r->options.kinds))
			g_ptr_array_add(missed, (gpointer)need);
	for (guint i = 0; i < missed->len; i++) {
		const struct fb_need *need = g_ptr_array_index(missed, i);

		if (missed->len <= NEEDS_TOLD)
			tell_need(r, need);
		g_string_append_printf(names, "%s%s", i ? ", " : "", need->name);
	}
	if (missed->len > NEEDS_TOLD)
		line(r, "Not recorded: %s. What that hides, and how to record it: flightbox info",
		     names->str);
}

static void footer_part(struct fb_report *r)
{
	const struct fb_part *part = r->part;
	char begin[FB_TIME_SIZE], end[FB_TIME_SIZE];

	if (!part)
		return;
	if (part->begin != FB_NS_NONE)
		fb_time_format(begin, part->begin, r->options.time, fb_source_clock(r->info));
	if (part->end != FB_NS_NONE)
		fb_time_format(end, part->end, r->options.time, fb_source_clock(r->info));
	if (part->end == FB_NS_NONE)
		line(r, "Read from %s on, not the whole trace: a longer --lead reads more", begin);
	else if (part->begin == FB_NS_NONE)
		line(r, "Read up to %s, not the whole trace: a longer --lead reads more", end);
	else
		line(r, "Read from %s to %s, not the whole trace: a longer --lead reads more",
		     begin, end);
}

/* "…: cpu 0's record begins 1066.5 ms after the trace" */
static void footer_late(struct fb_report *r)
{
	const struct fb_source_info *info = r->info;
	g_autoptr(GString) cpus = g_string_new(NULL);
	char since[FB_TIME_SIZE], until[FB_TIME_SIZE];

	for (guint i = 0; info->late && i < info->late->len; i++) {
		const struct fb_late_cpu *late = &g_array_index(info->late, struct fb_late_cpu, i);

		g_string_append_printf(cpus, "%scpu %d's record begins ", i ? ", " : "", late->cpu);
		fb_report_ms(r, MAX(late->begin - info->begin, 0), cpus);
		g_string_append(cpus, " after the trace");
	}
	if (!cpus->len)
		return;
	fb_time_format(since, fb_source_whole_since(info), r->options.time, fb_source_clock(info));
	if (whole_until(r) == FB_NS_NONE) {
		line(r, "Whole from %s on, and sums are of that: %s", since, cpus->str);
		return;
	}
	fb_time_format(until, whole_until(r), r->options.time, fb_source_clock(info));
	line(r, "Whole from %s to %s, and sums are of that: %s", since, until, cpus->str);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* How long that is which was read. */
static fb_ns duration_read(const struct fb_report *r)
{
	const struct fb_source_info *info = r->info;
	fb_ns begin = r->part && r->part->begin != FB_NS_NONE ? r->part->begin : info->begin;
	fb_ns end = r->part && r->part->end != FB_NS_NONE ? r->part->end : info->end;

	return begin == FB_NS_NONE || end == FB_NS_NONE ? 0 : end - begin;
}

/* "48217 lost in 4 spans, 497.7 ms of 2162.9 ms" */
static void add_loss(struct fb_report *r, const struct fb_cpu_loss *loss, GString *to)
{
	g_string_append_printf(to, "cpu %d: ", loss->cpu);
	if (loss->events || !loss->packets)
		g_string_append_printf(to, "%" PRIu64, loss->events);
	if (loss->packets)
		g_string_append_printf(to, "%s%" PRIu64 " packet%s", loss->events ? " and " : "",
				       loss->packets, plural(loss->packets));
	g_string_append_printf(to, " lost in %" PRIu64 " span%s, ", loss->spans,
			       plural(loss->spans));
	fb_report_ms(r, loss->time, to);
	g_string_append(to, " of ");
	fb_report_ms(r, duration_read(r), to);
}

/* Of each CPU; empty when nothing was lost. */
static char *losses_text(struct fb_report *r)
{
	const GArray *losses = losses_of(r);
	GString *to = g_string_new(NULL);

	for (guint i = 0; losses && i < losses->len; i++) {
		g_string_append(to, i ? "; " : "");
		add_loss(r, &g_array_index(losses, struct fb_cpu_loss, i), to);
	}
	return g_string_free(to, FALSE);
}

static int percent(double part, double whole)
{
	return whole > 0 ? (int)(100 * part / whole + 0.5) : 0;
}

/* "160 of 556 waits (29 %), 41 % of the time asleep, touch lost events" */
static void footer_losses(struct fb_report *r)
{
	uint64_t n = r->waits[FB_QUALITY_LOST], all = 0;
	g_autofree char *losses = losses_text(r);
	fb_ns asleep = 0;

	for (int i = 0; i < FB_QUALITIES; i++) {
		all += r->waits[i];
		asleep += r->asleep[i];
	}
	if (n)
		line(r, "%" PRIu64 " of %" PRIu64 " wait%s (%d %%), %d %% of the time asleep, "
		     "touch%s lost events%s%s%s", n, all, plural(all), percent(n, all),
		     percent(r->asleep[FB_QUALITY_LOST], asleep), n == 1 ? "es" : "",
		     *losses ? " (" : "", losses, *losses ? ")" : "");
	else if (*losses)
		line(r, "Events were lost (%s)%s", losses,
		     all ? ", but inside none of these waits" : "");
}

static void footer_edges(struct fb_report *r)
{
	const char *whole = r->part	       ? "what was read" :
			    r->info->late && r->info->late->len ? "the trace was whole" :
								  "the trace";
	uint64_t n = r->waits[FB_QUALITY_EDGE];

	if (n)
		line(r, "%" PRIu64 " of these waits began before %s or outlasted it", n, whole);
	n = r->left_out;
	if (n)
		line(r, "%" PRIu64 " wait%s before %s or outlasted it and %s left out "
		     "(--include-edges takes %s in)", n, n == 1 ? " began" : "s began", whole,
		     n == 1 ? "is" : "are", n == 1 ? "it" : "them");
	n = r->bystanders;
	if (n)
		line(r, "Left out: %" PRIu64 " wait%s of kernel threads for work and of the recorder "
		     "(--all-tasks takes %s in)", n, n == 1 ? "" : "s", n == 1 ? "it" : "them");
	n = r->unmeasured;
	if (n)
		line(r, "%" PRIu64 " wait%s left out: how long %s asleep is not known", n,
		     n == 1 ? " is" : "s are", n == 1 ? "it was" : "they were");
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
	footer_edges(r);
	n = counts->broken_waits;
	if (n)
		line(r, "%" PRIu64 " wait%s dropped: the events about %s contradict each other", n,
		     n == 1 ? " was" : "s were", n == 1 ? "it" : "them");
	n = counts->late_wakings;
	if (n)
		line(r, "%" PRIu64 " waking%s seen after the task ran: the clocks of the CPUs differ by "
		     "some microseconds", n, n == 1 ? " was" : "s were");
}

/*
 * lttng track leaves out the events of whom it does not track, and no loss is reported. So does a
 * file that is missing. What perf lost does not reach the trace that it converts.
 */
static const char *why_not_following(const struct fb_source_info *info,
				     const struct fb_kernel_counts *counts, bool may_be_lost)
{
	if (!g_strcmp0(info->tracer_name, "perf") && counts->idle_ends)
		return !g_strcmp0(info->format, "perf.data") ?
		       " (lost events, or a recording of some tasks or CPUs)" :
		       " (lost events, which perf's traces do not tell, or a recording of some tasks "
		       "or CPUs)";
	if (!g_strcmp0(info->tracer_name, "perf"))
		return ", nor is any from an idle CPU: perf recorded some tasks only, and not who woke "
		       "them. To record all: perf record -a";
	return may_be_lost ? " (lost events, or a recording limited by lttng track)" :
			     " though no events were lost: lttng track left out what other tasks "
			     "did, or files are missing, and waits and wakers with it";
}

static void footer_silence(struct fb_report *r, const struct fb_kernel_counts *counts)
{
	uint64_t n = counts->switch_mismatches;
	const GArray *losses = losses_of(r);
	bool may_be_lost = (losses && losses->len) || r->info->broken_packets;

	if (n)
		line(r, "%" PRIu64 " switch%s of task do%s not follow from the one before%s",
		     n, n == 1 ? "" : "es", n == 1 ? "es" : "", why_not_following(r->info, counts, may_be_lost));
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

void text_footer(struct fb_report *r, const struct report_end *end)
{
	footer_part(r);
	footer_late(r);
	footer_losses(r);
	if (end->counts)
		footer_waits(r, end->counts);
	if (end->counts)
		footer_silence(r, end->counts);
	footer_source(r, end->complete);
}

bool fb_report_note_outside(struct fb_report *r, fb_ns from, fb_ns to)
{
	bool was_read_to_end = !r->part || r->part->end == FB_NS_NONE;
	enum fb_outside outside = fb_recording_outside(r->info, was_read_to_end, from, to);
	char begin[FB_TIME_SIZE];

	if (!outside)
		return false;
	fb_time_format(begin, r->info->begin, r->options.time, fb_source_clock(r->info));
	fb_report_note(r, "Nothing of the trace was asked for: it begins at %s, %s", begin,
		       outside == FB_OUTSIDE_BEFORE ? "and is over before that time" :
						      "behind that time");
	return true;
}
