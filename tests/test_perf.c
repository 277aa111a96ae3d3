/* SPDX-License-Identifier: MIT */
/*
 * test_perf.c - perf records the kernel while it works, and with each event the kernel's
 * own account of where it was (common_flags, common_pid). The model must say the same.
 *
 * Skipped, and only then, where perf may not record the whole system or cannot write CTF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <glib/gstdio.h>

#include <flightbox/blocking.h>
#include <flightbox/kernel.h>

#include "traces.h"

static const char *const recorded_events[] = {
	"sched:sched_switch", "sched:sched_waking", "sched:sched_wakeup", "sched:sched_wakeup_new",
	"sched:sched_process_fork", "sched:sched_process_exec", "sched:sched_process_exit",
	"irq:softirq_raise", "irq:softirq_entry", "irq:softirq_exit",
	"irq:irq_handler_entry", "irq:irq_handler_exit",
	"irq_vectors:local_timer_entry", "irq_vectors:local_timer_exit",
	"irq_vectors:reschedule_entry", "irq_vectors:reschedule_exit",
	"irq_vectors:call_function_entry", "irq_vectors:call_function_exit",
	"irq_vectors:call_function_single_entry", "irq_vectors:call_function_single_exit",
	"timer:hrtimer_expire_entry", "timer:hrtimer_expire_exit",
	"timer:timer_expire_entry", "timer:timer_expire_exit",
	"raw_syscalls:sys_enter", "raw_syscalls:sys_exit",
	"signal:signal_generate", "signal:signal_deliver", NULL
};

enum { FLAG_HARDIRQ = 0x08, FLAG_SOFTIRQ = 0x10 }; /* of common_flags */

#define CPUS_MAX 1024

/* What was found in the recording. */
static struct {
	char *dir;
	char *skipped;                       /* why, or NULL */
	uint64_t wakings[4];                 /* by hard | soft << 1, as the kernel says */
	uint64_t disagreements;
	uint64_t ksoftirqd, between;         /* wakings that the events cannot place: see below */
	uint64_t currents, wrong_currents, unsure_currents;
	uint64_t blamed, wrongly_blamed;     /* wakings of tasks, by sched events alone; not by a task */
	uint64_t named_calls, unnamed_calls;
	uint64_t waits, lost_waits, without_process;
	uint64_t kinds;
	struct fb_source_info info;
	int32_t current[CPUS_MAX];           /* by the CPU's last sched_switch, or common_pid since; -1: none yet */
} seen;

/* ---- the workload ------------------------------------------------------------------------- */

static void echo(int in, int out, bool begins)
{
	char byte = 'x';

	for (;;) {
		if (begins) {
			g_usleep(300);
			if (write(out, &byte, 1) != 1)
				_exit(1);
		}
		if (read(in, &byte, 1) != 1)
			_exit(1);
		if (!begins && write(out, &byte, 1) != 1)
			_exit(1);
	}
}

static void pipes(void)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		_exit(1);
	if (fork())
		echo(back[0], there[1], true);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	echo(there[0], back[1], false);
}

static void tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), peer = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		_exit(1);
	setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		listener = accept(listener, NULL, NULL);
		setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		echo(listener, listener, false);
	}
	if (connect(peer, (struct sockaddr *)&address, length))
		_exit(1);
	echo(peer, peer, true);
}

static void sleeps(void)
{
	for (;;)
		g_usleep(1000);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void alarms(void)
{
	struct itimerval interval = { { 0, 2000 }, { 0, 2000 } };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &interval, NULL);
	for (;;)
		pause();
}

static void forks(void)
{
	for (;;) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		g_usleep(5000);
	}
}

static void (*const programs[])(void) = { pipes, tcp, sleeps, alarms, forks };

static void workload_start(pid_t pids[])
{
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			programs[i]();
		}
	}
}

static void workload_stop(const pid_t pids[])
{
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/* ---- the recording ------------------------------------------------------------------------ */

/* Runs a shell command in the directory; returns what it printed when it fails, else NULL. */
static char *run(const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	char *printed = NULL;
	int status = -1;

	if (!g_spawn_sync(seen.dir, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &printed,
			  NULL, &status, NULL))
		return g_strdup("cannot run sh");
	if (status == 0)
		g_clear_pointer(&printed, g_free);
	else
		g_strdelimit(g_strstrip(printed), "\n", ' ');
	return printed;
}

static bool is_skipped(const char *command, const char *what)
{
	g_autofree char *printed = run(command);

	if (printed)
		seen.skipped = g_strdup_printf("%s: %s", what, printed);
	return printed;
}

static void record(void)
{
	g_autofree char *events = g_strjoinv(",", (char **)recorded_events);
	/* By the megabyte, or perf goes on saving the calls by which it saved the last ones. */
	g_autofree char *command = g_strdup_printf(
		"exec 2>&1; perf record -q -a -m 4096 --mmap-flush 1M -k CLOCK_MONOTONIC "
		"-o perf.data -e %s -- sleep 1", events);
	pid_t pids[G_N_ELEMENTS(programs)];
	g_autofree char *printed = NULL;

	workload_start(pids);
	printed = run(command);
	workload_stop(pids);
	if (printed)
		fail_msg("perf record failed: %s", printed);
}

/* ---- the comparison ----------------------------------------------------------------------- */

static bool is_ksoftirqd(const struct fb_event *ev)
{
	size_t length;
	const char *comm = fb_event_text_at(ev, ev->text, &length);

	return g_str_has_prefix(comm, "ksoftirqd/");
}

static void check_waking(struct fb_source *source, const struct fb_kernel *k,
			 const struct fb_event *ev)
{
	bool hard = fb_kernel_in_hardirq(k, ev->cpu), soft = fb_kernel_in_softirq(k, ev->cpu);
	struct fb_value flags;
	bool is_hard, is_soft;

	if (!fb_source_field(source, ev, FB_EXTRA_COMMON_FLAGS, &flags))
		fail_msg("no common_flags");
	is_hard = flags.number & FLAG_HARDIRQ;
	is_soft = flags.number & FLAG_SOFTIRQ;
	seen.wakings[is_hard | is_soft << 1]++;
	if (hard == is_hard && soft == is_soft)
		return;
	/*
	 * __do_softirq() is a softirq before the first entry event and after the last exit
	 * event too. There it wakes ksoftirqd, and hard interrupts come in between.
	 */
	if (hard == is_hard && is_soft && !is_hard && is_ksoftirqd(ev)) {
		seen.ksoftirqd++;
		return;
	}
	if (hard && is_hard && is_soft) {
		seen.between++;
		return;
	}
	if (seen.disagreements++ < 10)
		print_error("%" G_GINT64_FORMAT " cpu %d waking of %d: hard %d soft %d, flags 0x%"
			    G_GINT64_MODIFIER "x\n", ev->time, ev->cpu, ev->sched.tid, hard, soft,
			    flags.number);
}

/*
 * perf leaves out events now and then without a word, some tasks' altogether: who runs then
 * is not whom the last sched_switch named, and nobody can know before the next event tells. From
 * then on it is that task: another one later is as sudden. Everywhere else the model must know.
 */
static void check_current(struct fb_source *source, const struct fb_kernel *k,
			  const struct fb_event *ev)
{
	const struct fb_task *current = fb_kernel_current(k, ev->cpu);
	struct fb_value tid;

	if (!fb_source_field(source, ev, FB_EXTRA_CONTEXT_TID, &tid))
		fail_msg("no common_pid");
	if (tid.number != seen.current[ev->cpu]) {
		seen.unsure_currents++;
		seen.current[ev->cpu] = tid.number;
		return;
	}
	seen.currents++;
	if ((!current || current->tid != tid.number) && seen.wrong_currents++ < 10)
		print_error("%" G_GINT64_FORMAT " cpu %d %s: current is %d, common_pid %"
			    G_GINT64_FORMAT "\n", ev->time, ev->cpu, fb_kinds[ev->kind].name,
			    current ? current->tid : -1, tid.number);
}

static void check_event(struct fb_source *source, const struct fb_kernel *k,
			const struct fb_event *ev)
{
	seen.kinds |= FB_KIND_BIT(ev->kind);
	if (ev->kind == FB_EV_LOST || ev->cpu >= CPUS_MAX)
		return;
	if (ev->kind == FB_EV_SYS_ENTER && ev->sys_enter.call)
		seen.named_calls++;
	else if (ev->kind == FB_EV_SYS_ENTER)
		seen.unnamed_calls++;
	/* Interrupts may have been open when the recording began: begin at a switch. */
	if (seen.current[ev->cpu] >= 0 && ev->kind == FB_EV_WAKING)
		check_waking(source, k, ev);
	if (seen.current[ev->cpu] >= 0)
		check_current(source, k, ev);
	if (ev->kind == FB_EV_SWITCH)
		seen.current[ev->cpu] = ev->sched_switch.next_tid;
}

/* Where nothing but sched events is known a waking is a task's when the kernel says so, and only then. */
static void check_blame(struct fb_source *source, const struct fb_kernel *k,
			const struct fb_event *ev)
{
	struct fb_value flags;
	struct fb_cause actor;
	bool is_task;

	if (ev->kind != FB_EV_WAKING)
		return;
	fb_kernel_actor(k, ev->cpu, &actor);
	assert_true(fb_source_field(source, ev, FB_EXTRA_COMMON_FLAGS, &flags));
	is_task = !(flags.number & (FLAG_HARDIRQ | FLAG_SOFTIRQ));
	seen.blamed += is_task;
	/* An idle task is none. */
	if (is_task ? actor.kind != FB_CAUSE_TASK && actor.kind != FB_CAUSE_UNTRACED :
		      actor.kind == FB_CAUSE_TASK || actor.task != NULL)
		seen.wrongly_blamed++;
}

static void play_sched_events(void)
{
	const uint64_t kinds = FB_KIND_BIT(FB_EV_SWITCH) | FB_KIND_BIT(FB_EV_WAKING) |
			       FB_KIND_BIT(FB_EV_WAKEUP) | FB_KIND_BIT(FB_EV_FORK);
	g_autofree char *path = g_build_filename(seen.dir, "ctf", NULL);
	struct fb_source *source = recorded_open(path, kinds, false);
	struct fb_kernel *k;
	struct fb_batch batch;

	source->info.kinds &= kinds;
	k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, NULL, NULL);
	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++) {
			fb_kernel_event(k, &batch.events[i]);
			check_blame(source, k, &batch.events[i]);
		}
	fb_kernel_free(k);
	fb_source_close(source);
}

static void on_wait(const struct fb_blocking *b, void *data)
{
	(void)data;
	seen.waits++;
	seen.lost_waits += b->quality == FB_QUALITY_LOST;
	seen.without_process += !b->task->pid;
}

static void play(void)
{
	g_autofree char *path = g_build_filename(seen.dir, "ctf", NULL);
	struct fb_source *source = recorded_open(path, FB_KINDS_ALL, false);
	struct fb_kernel *k = fb_kernel_new(source, &(struct fb_kernel_options){ 0 }, on_wait, NULL);
	GError *error = NULL;
	struct fb_batch batch;

	memset(seen.current, -1, sizeof(seen.current));
	do {
		if (!fb_source_next(source, &batch, &error))
			fail_msg("%s", error->message);
		for (size_t i = 0; i < batch.n; i++) {
			check_event(source, k, &batch.events[i]);
			fb_kernel_event(k, &batch.events[i]);
		}
	} while (batch.n);
	fb_kernel_finish(k);
	seen.info = source->info;
	fb_kernel_free(k);
	fb_source_close(source);
}

static int record_and_play(void **state)
{
	(void)state;
	seen.dir = g_dir_make_tmp("flightbox-perf-XXXXXX", NULL);
	assert_non_null(seen.dir);
	if (is_skipped("command -v perf || { echo not installed; false; }", "perf") ||
	    is_skipped("exec 2>&1; perf record -q -a -k CLOCK_MONOTONIC -o perf.data "
		       "-e sched:sched_switch,raw_syscalls:sys_enter -- true",
		       "perf record -a is not permitted") ||
	    is_skipped("exec 2>&1; perf data convert --to-ctf probe -i perf.data",
		       "perf cannot write CTF"))
		return 0;
	record();
	g_free(run("exec >&2 2>/dev/null; perf data convert --to-ctf ctf -i perf.data"));
	play();
	play_sched_events();
	return 0;
}

static int clean_up(void **state)
{
	g_autofree char *quoted = g_shell_quote(seen.dir);
	g_autofree char *command = g_strdup_printf("rm -rf %s", quoted);

	(void)state;
	g_free(run(command));
	g_free(seen.skipped);
	g_free(seen.dir);
	return 0;
}

/* ---- the facts ---------------------------------------------------------------------------- */

static void needs_perf(void)
{
	if (!seen.skipped)
		return;
	print_message("# SKIP %s\n", seen.skipped);
	skip();
}

static void the_context_of_each_waking_is_what_the_kernel_says(void **state)
{
	uint64_t n = 0;

	(void)state;
	needs_perf();
	for (int i = 0; i < 4; i++)
		n += seen.wakings[i];
	print_message("# wakings: %" G_GUINT64_FORMAT " in no interrupt, %" G_GUINT64_FORMAT
		      " hard, %" G_GUINT64_FORMAT " soft, %" G_GUINT64_FORMAT " both; %"
		      G_GUINT64_FORMAT " disagree; beside softirqs %" G_GUINT64_FORMAT
		      " of ksoftirqd, %" G_GUINT64_FORMAT " in a hard interrupt\n",
		      seen.wakings[0], seen.wakings[1], seen.wakings[2], seen.wakings[3],
		      seen.disagreements, seen.ksoftirqd, seen.between);
	assert_true(seen.wakings[0] > 100);
	assert_true(seen.wakings[1] + seen.wakings[3] > 10);
	assert_true(seen.wakings[2] > 100);
	assert_true(seen.disagreements <= n / 1000);
	assert_true(seen.ksoftirqd + seen.between <= n / 20);
}

static void the_current_task_is_what_the_kernel_says(void **state)
{
	(void)state;
	needs_perf();
	print_message("# current task: %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT
		      " wrong; %" G_GUINT64_FORMAT " with no sched_switch before\n",
		      seen.currents, seen.wrong_currents, seen.unsure_currents);
	assert_true(seen.currents > 10000);
	assert_int_equal(seen.wrong_currents, 0);
}

/* … where perf left out no more than a few of them. */
static void switches_left_out_spoil_few_waits(void **state)
{
	(void)state;
	needs_perf();
	print_message("# waits: %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " lost, %" G_GUINT64_FORMAT
		      " of no known process\n", seen.waits, seen.lost_waits, seen.without_process);
	assert_true(seen.waits > 100);
	if (seen.unsure_currents <= seen.currents / 10000)
		assert_true(seen.lost_waits <= seen.waits / 20);
	assert_true(seen.without_process <= seen.waits / 20);
}

static void with_sched_events_alone_no_interrupt_is_a_tasks(void **state)
{
	(void)state;
	needs_perf();
	assert_true(seen.blamed > 100);
	assert_int_equal(seen.wrongly_blamed, 0);
}

static void system_calls_recorded_by_number_are_named(void **state)
{
	(void)state;
	needs_perf();
	assert_true(seen.named_calls > 1000);
	assert_true(seen.unnamed_calls <= seen.named_calls / 1000);
}

static void every_recorded_kind_is_understood(void **state)
{
	static const enum fb_kind kinds[] = {
		FB_EV_SWITCH, FB_EV_WAKING, FB_EV_WAKEUP, FB_EV_WAKEUP_NEW, FB_EV_FORK, FB_EV_EXIT,
		FB_EV_SYS_ENTER, FB_EV_SYS_EXIT, FB_EV_VEC_ENTER, FB_EV_VEC_EXIT,
		FB_EV_SOFTIRQ_RAISE, FB_EV_SOFTIRQ_ENTER, FB_EV_SOFTIRQ_EXIT, FB_EV_HRTIMER_ENTER,
		FB_EV_HRTIMER_EXIT, FB_EV_SIGNAL_GENERATE, FB_EV_SIGNAL_DELIVER };

	(void)state;
	needs_perf();
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (!(seen.kinds & FB_KIND_BIT(kinds[i])))
			fail_msg("no %s", fb_kinds[kinds[i]].name);
	assert_true(seen.info.fields & FB_HAS_CONTEXT_TID);
	assert_true(seen.info.fields & FB_HAS_COMMON_FLAGS);
	assert_int_equal(seen.info.problem_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_context_of_each_waking_is_what_the_kernel_says),
		cmocka_unit_test(the_current_task_is_what_the_kernel_says),
		cmocka_unit_test(switches_left_out_spoil_few_waits),
		cmocka_unit_test(with_sched_events_alone_no_interrupt_is_a_tasks),
		cmocka_unit_test(system_calls_recorded_by_number_are_named),
		cmocka_unit_test(every_recorded_kind_is_understood),
	};

	return cmocka_run_group_tests(tests, record_and_play, clean_up);
}
