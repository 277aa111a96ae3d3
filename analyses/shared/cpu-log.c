/* SPDX-License-Identifier: MIT */
/* cpu-log.c - for each CPU a ring of who came when: the latest of them. */
#include "analyses/shared/cpu-log.h"

/* Of all CPUs together: 48 MiB. */
#define TURNS_ALL   (1u << 20)
#define TURNS_LEAST 4096u
#define TURNS_FIRST 64u

/* It has the CPU until the next one comes. */
struct turn {
	struct holder who;
	fb_ns since;
	fb_ns idled; /* how long the CPU had idled by then */
};

struct log {
	struct turn *turns; /* a ring */
	uint64_t next;      /* number of the next turn; the last one is under way */
	uint32_t size;      /* a power of two; 0: nothing was seen yet */
};

struct cpu_log {
	struct fb_source *source;
	int priority_field; /* of a switch: whose turn it is now */
	int priority_base;
	struct log *cpus;
	int n_cpus;
};

const char *holder_kind_name(enum holder_kind kind)
{
	static const char *const names[HOLDER_KINDS] = {
		[HOLDER_UNKNOWN] = "unknown",
		[HOLDER_IDLE] = "idle",
		[HOLDER_TASK] = "task",
		[HOLDER_INTERRUPT] = "interrupt",
	};

	return names[kind];
}

struct cpu_log *cpu_log_new(struct fb_source *source)
{
	struct cpu_log *log = g_new0(struct cpu_log, 1);
	const struct fb_field *fields = fb_kinds[FB_EV_SWITCH].fields;

	log->source = source;
	/* LTTng counts from the least of those that are not real-time: prio - MAX_RT_PRIO. */
	log->priority_base = !g_strcmp0(source->info.tracer_name, "lttng-modules") ? 100 : 0;
	while (strcmp(fields[log->priority_field].name, "next_prio"))
		log->priority_field++;
	return log;
}

void cpu_log_free(struct cpu_log *log)
{
	if (!log)
		return;
	for (int i = 0; i < log->n_cpus; i++)
		g_free(log->cpus[i].turns);
	g_free(log->cpus);
	g_free(log);
}

uint64_t cpu_log_kinds(void)
{
	return FB_KIND_BIT(FB_EV_SWITCH) | FB_KIND_BIT(FB_EV_LOST) | FB_KIND_BIT(FB_EV_IRQ_ENTER) |
	       FB_KIND_BIT(FB_EV_IRQ_EXIT) | FB_KIND_BIT(FB_EV_VEC_ENTER) |
	       FB_KIND_BIT(FB_EV_VEC_EXIT) | FB_KIND_BIT(FB_EV_SOFTIRQ_ENTER) |
	       FB_KIND_BIT(FB_EV_SOFTIRQ_EXIT);
}

int cpu_log_cpus(const struct cpu_log *log)
{
	return log->n_cpus;
}

/* ---- turns ------------------------------------------------------------------------------ */

static struct log *log_of(struct cpu_log *log, int cpu)
{
	if (cpu >= log->n_cpus) {
		log->cpus = g_renew(struct log, log->cpus, cpu + 1);
		memset(log->cpus + log->n_cpus, 0, (cpu + 1 - log->n_cpus) * sizeof(*log->cpus));
		log->n_cpus = cpu + 1;
	}
	return &log->cpus[cpu];
}

static struct turn *turn_at(const struct log *l, uint64_t number)
{
	return &l->turns[number & (l->size - 1)];
}

static uint64_t oldest(const struct log *l)
{
	return l->next > l->size ? l->next - l->size : 0;
}

/* All turns there are so far are at the places that they have in the larger ring, too. */
static void make_room(const struct cpu_log *log, struct log *l)
{
	uint32_t most = MAX(TURNS_ALL / (uint32_t)log->n_cpus, TURNS_LEAST);

	if (l->next < l->size || l->size * 2 > most)
		return;
	l->size = l->size ? l->size * 2 : TURNS_FIRST;
	l->turns = g_renew(struct turn, l->turns, l->size);
}

static void take_turn(struct cpu_log *log, int cpu, const struct holder *who, fb_ns now)
{
	struct log *l = log_of(log, cpu);
	struct turn *last = l->next ? turn_at(l, l->next - 1) : NULL;
	fb_ns idled = 0;

	if (last && !memcmp(&last->who, who, sizeof(*who)))
		return;
	make_room(log, l);
	if (last) {
		/* It may be another one now, in a larger ring. */
		last = turn_at(l, l->next - 1);
		now = MAX(now, last->since);
		idled = last->idled + (last->who.kind == HOLDER_IDLE ? now - last->since : 0);
	}
	*turn_at(l, l->next++) = (struct turn){ *who, now, idled };
}

/* When it began does not matter: what came last may have been over at once. */
void cpu_log_gap(struct cpu_log *log)
{
	const struct holder nobody = { .kind = HOLDER_UNKNOWN };

	for (int i = 0; i < log->n_cpus; i++)
		if (log->cpus[i].next)
			take_turn(log, i, &nobody, FB_NS_NONE);
}

int16_t cpu_log_priority(const struct cpu_log *log, const struct fb_event *ev,
			 const struct fb_task *task)
{
	const struct log *l = ev->cpu < log->n_cpus ? &log->cpus[ev->cpu] : NULL;
	struct fb_value value;

	if (ev->kind == FB_EV_SWITCH)
		return ev->sched_switch.next_tid == task->tid &&
				       fb_source_field(log->source, ev, log->priority_field, &value)
			       ? CLAMP(value.number, -1000, 1000) + log->priority_base
			       : PRIORITY_NONE;
	for (uint64_t i = l ? l->next : 0; i > 0 && i > oldest(l); i--)
		if (turn_at(l, i - 1)->who.kind == HOLDER_TASK)
			return turn_at(l, i - 1)->who.task == task ?
				       turn_at(l, i - 1)->who.priority : PRIORITY_NONE;
	return PRIORITY_NONE;
}

static struct holder holder_now(const struct cpu_log *log, const struct fb_event *ev,
				const struct fb_kernel *k)
{
	const struct fb_task *current = fb_kernel_current(k, ev->cpu);
	struct holder who = { .kind = HOLDER_UNKNOWN };
	struct fb_cause actor;

	if (!current)
		return who;
	if (fb_kernel_context(k, ev->cpu) != FB_FRAME_NONE) {
		fb_kernel_actor(k, ev->cpu, &actor);
		who.kind = HOLDER_INTERRUPT;
		who.cause = actor.kind;
		who.id = actor.id;
		who.name = actor.name;
		who.function = actor.function;
	} else if (current->tid == 0) {
		who.kind = HOLDER_IDLE;
	} else {
		who.kind = HOLDER_TASK;
		who.task = current;
		who.priority = cpu_log_priority(log, ev, current);
	}
	return who;
}

void cpu_log_event(struct cpu_log *log, const struct fb_event *ev, const struct fb_kernel *k)
{
	struct holder who;

	if (!(cpu_log_kinds() & FB_KIND_BIT(ev->kind)))
		return;
	who = holder_now(log, ev, k);
	take_turn(log, ev->cpu, &who, ev->time);
}

/* ---- who had it ------------------------------------------------------------------------- */

void holdings_add(GArray *holdings, const struct holder *who, fb_ns time)
{
	struct holding new = { *who, time };

	if (time <= 0)
		return;
	/* The priority may change; it is still the same one. */
	for (guint i = 0; i < holdings->len; i++) {
		struct holding *h = &g_array_index(holdings, struct holding, i);
		struct holder as = *who;

		as.priority = h->who.priority;
		if (!memcmp(&h->who, &as, sizeof(as))) {
			h->time += time;
			return;
		}
	}
	g_array_append_val(holdings, new);
}

/* The last turn of a CPU that began before `when`: its number + 1; 0: what was then is not known. */
static uint64_t turn_before(const struct log *l, fb_ns when)
{
	uint64_t first = oldest(l), from = first, to = l->next;

	/* Mostly it is among the latest. */
	for (uint64_t step = 1; to > first; step *= 2) {
		from = to - first > step ? to - step : first;
		if (from == first || turn_at(l, from)->since < when)
			break;
		to = from;
	}
	while (from < to) {
		uint64_t middle = from + (to - from) / 2;

		if (turn_at(l, middle)->since < when)
			from = middle + 1;
		else
			to = middle;
	}
	return from > first ? from : 0;
}

uint64_t cpu_log_between(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end, uint64_t most,
			 GArray *holdings)
{
	const struct holder nobody = { .kind = HOLDER_UNKNOWN };
	const struct log *l = cpu >= 0 && cpu < log->n_cpus ? &log->cpus[cpu] : NULL;
	uint64_t n = 0;

	for (uint64_t i = l ? turn_before(l, end) : 0; end > begin && i > (l ? oldest(l) : 0) && n < most;
	     i--, n++) {
		const struct turn *turn = turn_at(l, i - 1);

		holdings_add(holdings, &turn->who, end - MAX(turn->since, begin));
		end = turn->since;
	}
	if (end > begin)
		holdings_add(holdings, &nobody, end - begin);
	return n;
}

/* For how long the CPU had idled by then, since the log began. */
static fb_ns idle_until(const struct log *l, fb_ns when)
{
	uint64_t i = turn_before(l, when);
	const struct turn *turn;

	if (!i)
		return l->next ? turn_at(l, oldest(l))->idled : 0;
	turn = turn_at(l, i - 1);
	return turn->idled + (turn->who.kind == HOLDER_IDLE ? when - turn->since : 0);
}

fb_ns cpu_log_idle(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end)
{
	const struct log *l = cpu >= 0 && cpu < log->n_cpus ? &log->cpus[cpu] : NULL;

	return l && end > begin ? idle_until(l, end) - idle_until(l, begin) : 0;
}
