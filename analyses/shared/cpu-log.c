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

	if (last && !memcmp(&last->who, who, sizeof(*who)))
		return;
	make_room(log, l);
	if (last)
		now = MAX(now, turn_at(l, l->next - 1)->since);
	*turn_at(l, l->next++) = (struct turn){ *who, now };
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

static void add_holding(GArray *holdings, const struct holder *who, fb_ns time)
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

/*
 * Goes back through the turns of a CPU. `end` is in the last one or before it; what was before the
 * oldest nobody knows.
 */
static void each_turn(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end,
		      void (*func)(void *data, const struct holder *who, fb_ns time), void *data)
{
	const struct holder nobody = { .kind = HOLDER_UNKNOWN };
	const struct log *l = cpu >= 0 && cpu < log->n_cpus ? &log->cpus[cpu] : NULL;

	for (uint64_t i = l ? l->next : 0; end > begin && i > (l ? oldest(l) : 0); i--) {
		const struct turn *turn = turn_at(l, i - 1);

		if (turn->since >= end)
			continue;
		func(data, &turn->who, end - MAX(turn->since, begin));
		end = turn->since;
	}
	if (end > begin)
		func(data, &nobody, end - begin);
}

static void add_turn(void *holdings, const struct holder *who, fb_ns time)
{
	add_holding(holdings, who, time);
}

void cpu_log_between(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end, GArray *holdings)
{
	each_turn(log, cpu, begin, end, add_turn, holdings);
}

static void add_idle(void *sum, const struct holder *who, fb_ns time)
{
	if (who->kind == HOLDER_IDLE)
		*(fb_ns *)sum += time;
}

fb_ns cpu_log_idle(const struct cpu_log *log, int cpu, fb_ns begin, fb_ns end)
{
	fb_ns sum = 0;

	each_turn(log, cpu, begin, end, add_idle, &sum);
	return sum;
}
