/* SPDX-License-Identifier: MIT */
/* ready-sums.c - waits for a CPU, added up by task. */
#include "analyses/shared/ready-sums.h"
#include "analyses/shared/holder-row.h"
#include "analyses/shared/ready.h"
#include "analyses/shared/wait-row.h"
#include "base/groups.h"

#define SHORT         ((fb_ns)100000)  /* what a waking takes: it is not counted */
#define LEAST         ((fb_ns)1000000) /* in all: less is what any machine takes */
#define SHARE         10               /* a tenth of its time */
#define HOLDERS_MAX   256              /* of one task told apart */
#define SHOWN_HOLDERS 3                /* in text */
#define EFFORT        4                /* turns looked at for each event */

struct ready_sum {
	const struct fb_task *task; /* the key */
	uint64_t n;
	fb_ns time;
	struct ready longest;       /* its `had` is not kept */
	fb_ns bars[READY_BARS];     /* of those that something kept from running */
	uint64_t lost;              /* that touch lost events */
	GArray *had;                /* struct holding */
	fb_ns others;               /* who had it beside them */
	bool is_bystander;
};

struct ready_sums {
	struct fb_report *report;
	struct ready_sums_options options;
	struct ready_waits *waits;
	struct groups *tasks; /* struct ready_sum */
};

/* ---- adding up -------------------------------------------------------------------------- */

static void sum_clear(void *data)
{
	struct ready_sum *sum = data;

	if (sum->had)
		g_array_free(sum->had, TRUE);
}

static struct ready_sum *sum_of(struct ready_sums *s, const struct fb_task *task)
{
	struct ready_sum *sum = groups_get(s->tasks, &task, sizeof(task));

	if (!sum->had)
		sum->had = g_array_new(FALSE, FALSE, sizeof(struct holding));
	return sum;
}

/* Of many the first so many are told apart. */
static void add_holding(struct ready_sum *sum, const struct holding *h)
{
	if (sum->had->len < HOLDERS_MAX)
		holdings_add(sum->had, &h->who, h->time);
	else
		sum->others += h->time;
}

/* Of a task without a number it is not known yet: it may be told later. */
static bool may_be_wanted(const struct fb_filter *f, const struct ready *ready)
{
	if ((f->has_begin && ready->until < f->begin) || (f->has_end && ready->begin > f->end))
		return false;
	if (ready->task->tid < 0 || !f->n_tids)
		return true;
	for (size_t i = 0; i < f->n_tids; i++)
		if (f->tids[i] == ready->task->tid)
			return true;
	return false;
}

static void on_ready(const struct ready *ready, void *data)
{
	struct ready_sums *s = data;
	struct ready_sum *sum;
	fb_ns time = ready->until - ready->begin;

	if (!may_be_wanted(s->options.filter, ready) ||
	    (s->options.chooses && !s->options.chooses(s->options.data, ready)))
		return;
	sum = sum_of(s, ready->task);
	sum->n++;
	sum->time += time;
	sum->bars[ready->bar] += time;
	sum->lost += ready->is_lost;
	for (size_t i = 0; i < ready->n_had; i++)
		add_holding(sum, &ready->had[i]);
	if (sum->n > 1 && time <= sum->longest.until - sum->longest.begin)
		return;
	sum->longest = *ready;
	sum->longest.had = NULL;
	sum->longest.n_had = 0;
}

/* ---- which tasks ------------------------------------------------------------------------ */

static bool is_of_wanted(const struct ready_sums *s, const struct ready_sum *sum)
{
	const struct fb_filter *f = s->options.filter;
	const struct fb_filter who = { .pids = f->pids, .n_pids = f->n_pids, .tids = f->tids,
				       .n_tids = f->n_tids, .comm = f->comm };
	const struct fb_blocking as = { .task = sum->task, .comm = sum->task->comm,
					.exe = sum->task->exe };

	if (f->no_bystanders && (sum->is_bystander || sum->task->kthread))
		return false;
	return fb_filter_matches(&who, &as);
}

static bool is_much(const struct ready_sums *s, const struct ready_sum *sum,
		    const struct fb_history *history)
{
	fb_ns begin, end;

	if (sum->time < LEAST)
		return false;
	return s->options.of_a_moment || !fb_history_life(history, sum->task, &begin, &end) ||
	       sum->time >= (end - begin) / SHARE;
}

static int compare_sums(const void *a, const void *b)
{
	const struct ready_sum *x = a, *y = b;

	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	return x->task->number < y->task->number ? -1 : 1;
}

static int compare_holdings(const void *a, const void *b)
{
	const struct holding *x = a, *y = b;

	return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

/* ---- the report ------------------------------------------------------------------------- */

struct ready_sum_row {
	const struct ready_sum *sum;
	struct ready longest;
	struct fb_list had;
	enum ready_bar bar;  /* that had more than half of it */
	const char *who, *words;
};

static struct fb_cell get_sum_time(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_DURATION(((const struct ready_sum_row *)row)->sum->time);
}

static struct fb_cell get_sum_count(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_INT((int64_t)((const struct ready_sum_row *)row)->sum->n);
}

static struct fb_cell get_longest(struct fb_report *r, const void *row)
{
	const struct ready *longest = &((const struct ready_sum_row *)row)->longest;
	fb_ns time = longest->until - longest->begin;

	return longest->end == FB_NS_NONE && fb_report_for_people(r) ? FB_AT_LEAST(time) :
								       FB_DURATION(time);
}

static struct fb_cell get_sum_bar(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_NAME(ready_bar_name(((const struct ready_sum_row *)row)->bar));
}

static struct fb_cell get_sum_lost(struct fb_report *r, const void *row)
{
	(void)r;
	return FB_INT((int64_t)((const struct ready_sum_row *)row)->sum->lost);
}

#define LONGEST_COLUMNS                                                                            \
	{ .key = "longest.begin", .heading = "Longest at",                                         \
	  FB_TIME_OF(struct ready_sum_row, longest.begin) },                                       \
	{ .key = "longest.time", .heading = "Longest", FB_BY(DURATION, get_longest) },             \
	{ .key = "longest.cpu", FB_ID_OF(struct ready_sum_row, longest.cpu) }

static const struct fb_table table = {
	.type = "ready_sum",
	.columns = {
		{ .key = "ready", .heading = "Ready (ms)", FB_BY(DURATION, get_sum_time) },
		{ .key = "count", .heading = "N", FB_BY(INT, get_sum_count) },
		LONGEST_COLUMNS,
		{ .heading = "Task", FB_TEXT_OF(struct ready_sum_row, who) },
		{ .heading = "Who had the CPU", FB_TEXT_OF(struct ready_sum_row, words) },
		TASK_COLUMNS("", struct ready_sum_row, longest.task, 0),
		{ .key = "had_cpu", FB_LIST_OF(struct ready_sum_row, had) },
		{ .key = "bar", FB_BY(TEXT, get_sum_bar) },
		{ .key = "lost", FB_BY(INT, get_sum_lost) },
	},
};

static void add_percent(fb_ns part, fb_ns whole, GString *to)
{
	g_string_append_printf(to, " %.1f %%", 100.0 * (double)part / (double)whole);
}

/* Some that had the CPU, as one: all interrupts of a kind, one task, or all tasks of one name. */
struct shown_holder {
	const struct holder *who;
	guint n;
	fb_ns time;
};

static struct shown_holder *same_name(GArray *shown, const struct holder *who)
{
	for (guint i = 0; i < shown->len; i++) {
		struct shown_holder *one = &g_array_index(shown, struct shown_holder, i);

		if (who->kind == HOLDER_TASK && one->who->kind == HOLDER_TASK &&
		    who->task->comm == one->who->task->comm)
			return one;
	}
	return NULL;
}

static int compare_shown(const void *a, const void *b)
{
	const struct shown_holder *x = a, *y = b;

	return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

/* From the longest on. Where the first few had less than half, tasks are told apart by their names only. */
static GArray *shown_holders(const struct ready_sum *sum)
{
	GArray *shown = g_array_new(FALSE, FALSE, sizeof(struct shown_holder));
	fb_ns first = 0;

	for (guint i = 0; i < MIN(sum->had->len, SHOWN_HOLDERS); i++)
		first += g_array_index(sum->had, struct holding, i).time;
	for (guint i = 0; i < sum->had->len; i++) {
		const struct holding *h = &g_array_index(sum->had, struct holding, i);
		const struct shown_holder new = { &h->who, 1, h->time };
		struct shown_holder *one = first < sum->time / 2 ? same_name(shown, &h->who) : NULL;

		if (!one) {
			g_array_append_val(shown, new);
			continue;
		}
		one->n++;
		one->time += h->time;
	}
	g_array_sort(shown, compare_shown);
	return shown;
}

static void add_shown(struct ready_sums *s, const struct shown_holder *one, fb_ns whole, GString *to)
{
	if (one->n == 1) {
		holder_words(s->report, one->who, to);
	} else {
		g_string_append_printf(to, "%u tasks %s", one->n,
				       one->who->task->comm ? one->who->task->comm : "without a name");
	}
	add_percent(one->time, whole, to);
}

/* "hog-2 (hogs) [210] 96.6 %, TIMER local_timer 3.0 %, others 0.4 %" */
static void add_words(struct ready_sums *s, const struct ready_sum *sum, enum ready_bar bar, GString *to)
{
	g_autoptr(GArray) shown = shown_holders(sum);
	guint n = MIN(shown->len, SHOWN_HOLDERS);
	fb_ns rest = sum->time;

	if (bar)
		g_string_append_printf(to, "%s: ", ready_bar_words(bar));
	for (guint i = 0; i < n; i++) {
		const struct shown_holder *one = &g_array_index(shown, struct shown_holder, i);

		g_string_append(to, i ? ", " : "");
		add_shown(s, one, sum->time, to);
		rest -= one->time;
	}
	if (!rest)
		return;
	g_string_append(to, ", others");
	add_percent(rest, sum->time, to);
}

static enum ready_bar bar_of(const struct ready_sum *sum)
{
	for (enum ready_bar bar = READY_BAR_NONE + 1; bar < READY_BARS; bar++)
		if (sum->bars[bar] > sum->time / 2)
			return bar;
	return READY_BAR_NONE;
}

static void report_sum(struct ready_sums *s, const struct ready_sum *sum)
{
	g_autoptr(GString) who = g_string_new(NULL), words = g_string_new(NULL);
	struct ready_sum_row row = { .sum = sum, .longest = sum->longest, .bar = bar_of(sum) };

	g_array_sort(sum->had, compare_holdings);
	row.had = (struct fb_list){ &holder_list, sum->had->data, sum->had->len,
				    sizeof(struct holding) };
	if (fb_report_for_people(s->report)) {
		fb_report_who(sum->task->comm, sum->task->exe, sum->task->tid, who);
		add_words(s, sum, row.bar, words);
	}
	row.who = who->str;
	row.words = words->str;
	fb_report_row(s->report, &row);
}

void ready_sums_report(struct ready_sums *s, const struct fb_history *history, guint top)
{
	g_autoptr(GPtrArray) sums = NULL;
	guint n = 0;

	ready_waits_finish(s->waits);
	sums = groups_sorted(s->tasks, compare_sums);
	for (guint i = 0; i < sums->len && n < top; i++) {
		const struct ready_sum *sum = sums->pdata[i];

		if (!is_much(s, sum, history) || !is_of_wanted(s, sum))
			continue;
		if (!n++)
			fb_report_table(s->report, &table, "Tasks that waited for a CPU");
		report_sum(s, sum);
	}
}

/* ---- their life ------------------------------------------------------------------------- */

static const char *symbol(void *data, uint64_t address)
{
	const struct ready_sums *s = data;

	return fb_report_symbol(s->report, address);
}

struct ready_sums *ready_sums_new(struct fb_report *report, const struct ready_sums_options *options)
{
	struct ready_sums *s = g_new0(struct ready_sums, 1);

	s->report = report;
	s->options = *options;
	s->waits = ready_waits_new(MAX(options->filter->min_duration, SHORT), EFFORT, on_ready, symbol, s);
	s->tasks = groups_new(sizeof(struct ready_sum), sizeof(const struct fb_task *), sum_clear);
	return s;
}

void ready_sums_free(struct ready_sums *s)
{
	if (!s)
		return;
	ready_waits_free(s->waits);
	groups_free(s->tasks);
	g_free(s);
}

struct fb_observer ready_sums_observer(struct ready_sums *s)
{
	return ready_waits_observer(s->waits);
}

uint64_t ready_sums_kinds(void)
{
	return ready_waits_kinds();
}

void ready_sums_bystander(struct ready_sums *s, const struct fb_task *task)
{
	sum_of(s, task)->is_bystander = true;
}
