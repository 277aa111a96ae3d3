/* SPDX-License-Identifier: MIT */
/*
 * json-lines.c - the first and the last line of a JSON Lines report: what the
 * metadata alone tells, and what only the whole trace does.
 */
#include <flightbox/recording.h>

#include "base/json-pairs.h"
#include "report/writer.h"

#define FORMAT 1 /* goes up when a key changes its meaning */

static void out_pair_time(struct out *o, const char *key, fb_ns time, fb_ns clock_offset)
{
	if (time == FB_NS_NONE)
		out_pair_text(o, key, NULL);
	else
		out_pair_int(o, key, (int64_t)((uint64_t)time + (uint64_t)clock_offset));
}

static void out_tracer(struct out *o, const struct fb_source_info *info)
{
	g_autofree char *version = g_strdup_printf("%d.%d.%d", info->tracer_major,
						   info->tracer_minor, info->tracer_patch);

	out_pair_text(o, "tracer", info->tracer_name);
	out_pair_text(o, "tracer_version", info->tracer_major ? version : NULL);
}

static void out_clock(struct out *o, const struct fb_source_info *info)
{
	out_key(o, "clock");
	out_char(o, '{');
	out_pair_text(o, "name", info->clock_name);
	out_pair_text(o, "uuid", info->clock_uuid);
	out_pair_int(o, "frequency", info->clock_frequency);
	out_pair_int(o, "offset", info->clock_offset);
	out_char(o, '}');
}

static void out_missing(struct out *o, const struct fb_source_info *info, uint64_t kinds)
{
	const char *comma = "";

	out_key(o, "missing");
	out_char(o, '[');
	for (const struct fb_need *need = fb_needs; need->question; need++) {
		if (!fb_need_is_missed(need, info, kinds))
			continue;
		out_string(o, comma);
		out_json_text(o, need->name);
		comma = ",";
	}
	out_char(o, ']');
}

void json_trace_line(struct fb_report *r)
{
	static const char *const abis[] = {
		[FB_ABI_X86_64] = "x86_64",
		[FB_ABI_I386] = "i386",
		[FB_ABI_AARCH64] = "aarch64",
		[FB_ABI_RISCV64] = "riscv64",
		[FB_ABI_LOONGARCH64] = "loongarch64",
	};
	const struct fb_source_info *info = r->info;
	struct out *o = &r->out;

	out_string(o, "{\"type\":\"trace\"");
	out_pair_int(o, "format", FORMAT);
	out_pair_text(o, "host", info->hostname);
	out_pair_text(o, "kernel", info->kernel_release);
	out_pair_text(o, "kernel_version", info->kernel_version);
	out_tracer(o, info);
	out_pair_text(o, "session", info->trace_name);
	out_pair_text(o, "created", info->created);
	out_pair_text(o, "machine", info->abi < G_N_ELEMENTS(abis) ? abis[info->abi] : NULL);
	out_clock(o, info);
	out_missing(o, info, r->options.kinds);
	out_string(o, "}\n");
}

static void out_part(struct out *o, const struct fb_part *part, fb_ns clock_offset)
{
	if (!part)
		return;
	out_key(o, "read");
	out_char(o, '{');
	out_pair_time(o, "begin", part->begin, clock_offset);
	out_pair_time(o, "end", part->end, clock_offset);
	out_char(o, '}');
}

static void out_waits(struct out *o, const struct fb_kernel_counts *counts)
{
	out_key(o, "waits");
	out_char(o, '{');
	for (int quality = 0; quality < FB_QUALITIES; quality++)
		out_pair_int(o, fb_quality_name(quality), counts->waits[quality]);
	out_char(o, '}');
}

/* Of the waits that stand in the report, or that its rows sum up. */
static void out_asleep(struct fb_report *r)
{
	struct out *o = &r->out;

	out_key(o, "asleep");
	out_char(o, '{');
	for (int quality = 0; quality < FB_QUALITIES; quality++)
		out_pair_int(o, fb_quality_name(quality), r->asleep[quality]);
	out_char(o, '}');
}

static void out_losses(struct out *o, const GArray *losses, fb_ns clock_offset)
{
	const char *comma = "";

	out_key(o, "losses");
	out_char(o, '[');
	for (guint i = 0; losses && i < losses->len; i++) {
		const struct fb_cpu_loss *loss = &g_array_index(losses, struct fb_cpu_loss, i);

		out_string(o, comma);
		out_char(o, '{');
		out_pair_int(o, "cpu", loss->cpu);
		out_pair_int(o, "events", loss->events);
		out_pair_int(o, "packets", loss->packets);
		out_pair_int(o, "spans", loss->spans);
		out_pair_int(o, "time", loss->time);
		out_pair_time(o, "first", loss->first, clock_offset);
		out_char(o, '}');
		comma = ",";
	}
	out_char(o, ']');
}

static void out_late(struct out *o, const struct fb_source_info *info)
{
	out_key(o, "late");
	out_char(o, '[');
	for (guint i = 0; info->late && i < info->late->len; i++) {
		const struct fb_late_cpu *late = &g_array_index(info->late, struct fb_late_cpu, i);

		out_string(o, i ? ",{" : "{");
		out_pair_int(o, "cpu", late->cpu);
		out_pair_time(o, "begin", late->begin, info->clock_offset);
		out_char(o, '}');
	}
	out_char(o, ']');
}

/* Of what the rows sum up. */
static void out_left_out(struct fb_report *r)
{
	out_key(&r->out, "left_out");
	out_char(&r->out, '{');
	out_pair_int(&r->out, "edge", r->left_out);
	out_pair_int(&r->out, "unknown", r->unmeasured);
	out_pair_int(&r->out, "bystander", r->bystanders);
	out_char(&r->out, '}');
}

/* Of what all CPUs tell, and who begins late; null where all begin with the trace. */
static void out_window(struct fb_report *r)
{
	const struct fb_source_info *info = r->info;
	struct out *o = &r->out;
	fb_ns since = fb_source_whole_since(info);

	out_key(o, "window");
	if (since == FB_NS_NONE) {
		out_string(o, "null");
		return;
	}
	out_char(o, '{');
	out_pair_time(o, "begin", since, info->clock_offset);
	out_pair_time(o, "end", whole_until(r), info->clock_offset);
	out_late(o, info);
	out_char(o, '}');
}

static void out_oddities(struct out *o, const struct fb_source_info *info,
			 const struct fb_kernel_counts *counts)
{
	out_key(o, "oddities");
	out_char(o, '{');
	out_pair_int(o, "unknown_causes", counts->unknown_causes);
	out_pair_int(o, "broken_waits", counts->broken_waits);
	out_pair_int(o, "late_wakings", counts->late_wakings);
	out_pair_int(o, "switch_mismatches", counts->switch_mismatches);
	out_pair_int(o, "frames_cleared", counts->frames_cleared);
	out_pair_int(o, "silent_cpus", counts->silent_cpus);
	out_pair_int(o, "clock_steps", info->clock_steps);
	out_pair_int(o, "broken_packets", info->broken_packets);
	out_pair_int(o, "problems", info->problem_count);
	out_char(o, '}');
}

/* Not where the part ends before the trace, nor where it begins behind all events. */
static bool was_read_to_its_end(const struct fb_report *r)
{
	const struct fb_part *part = r->part;

	return !part || (part->end == FB_NS_NONE &&
			 (part->begin == FB_NS_NONE || r->info->end >= part->begin));
}

void json_end_line(struct fb_report *r, const struct report_end *end)
{
	static const struct fb_kernel_counts none;
	const struct fb_kernel_counts *counts = end->counts ? end->counts : &none;
	const struct fb_source_info *info = r->info;
	struct out *o = &r->out;

	out_string(o, "{\"type\":\"end\"");
	out_pair_bool(o, "complete", end->complete);
	out_pair_time(o, "begin", info->begin, info->clock_offset);
	/* How far a reader got beyond a part is nobody's business, and need not be the same twice. */
	out_pair_time(o, "end", was_read_to_its_end(r) ? info->end : FB_NS_NONE, info->clock_offset);
	out_pair_int(o, "cpus", info->cpus);
	out_key(o, "events");
	if (r->part)
		out_string(o, "null");
	else
		out_int(o, info->events);
	out_part(o, r->part, info->clock_offset);
	out_pair_int(o, "rows", r->rows);
	out_left_out(r);
	out_waits(o, counts);
	out_asleep(r);
	out_losses(o, losses_of(r), info->clock_offset);
	out_window(r);
	out_oddities(o, info, counts);
	out_string(o, "}\n");
}
