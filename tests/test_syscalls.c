/* SPDX-License-Identifier: MIT */
/* test_syscalls.c - system calls and signals by number. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <glib.h>

#include <flightbox/event.h>

static const char *name_of(enum fb_abi abi, int64_t nr)
{
	const struct fb_syscall *call = fb_syscall_by_number(abi, nr);

	return call ? call->name : NULL;
}

static void numbers_have_the_names_of_lttng_events(void **state)
{
	static const struct {
		enum fb_abi abi;
		int nr;
		const char *name;
	} calls[] = {
		{ FB_ABI_X86_64, 0, "read" },
		{ FB_ABI_X86_64, 4, "newstat" },
		{ FB_ABI_X86_64, 5, "newfstat" },
		{ FB_ABI_X86_64, 6, "newlstat" },
		{ FB_ABI_X86_64, 15, "rt_sigreturn" },
		{ FB_ABI_X86_64, 17, "pread64" },
		{ FB_ABI_X86_64, 40, "sendfile64" },
		{ FB_ABI_X86_64, 58, "vfork" },
		{ FB_ABI_X86_64, 63, "newuname" },
		{ FB_ABI_X86_64, 220, "semtimedop" },
		{ FB_ABI_X86_64, 262, "newfstatat" },
		{ FB_ABI_X86_64, 288, "accept4" },
		{ FB_ABI_X86_64, 332, "statx" },
		{ FB_ABI_X86_64, 426, "io_uring_enter" },
		{ FB_ABI_X86_64, 435, "clone3" },
		{ FB_ABI_X86_64, 441, "epoll_pwait2" },
		{ FB_ABI_X86_64, 462, "mseal" },
		{ FB_ABI_X86_64, 467, "open_tree_attr" },
		{ FB_ABI_I386, 3, "read" },
		{ FB_ABI_I386, 18, "stat" },
		{ FB_ABI_I386, 90, "old_mmap" },
		{ FB_ABI_I386, 102, "socketcall" },
		{ FB_ABI_I386, 106, "newstat" },
		{ FB_ABI_I386, 142, "select" },
		{ FB_ABI_I386, 182, "chown16" },
		{ FB_ABI_I386, 212, "chown" },
		{ FB_ABI_I386, 240, "futex" },
		{ FB_ABI_I386, 364, "accept4" },
		{ FB_ABI_I386, 422, "futex" },
		{ FB_ABI_I386, 435, "clone3" },
		{ FB_ABI_AARCH64, 63, "read" },
		{ FB_ABI_AARCH64, 71, "sendfile64" },
		{ FB_ABI_AARCH64, 80, "newfstat" },
		{ FB_ABI_AARCH64, 98, "futex" },
		{ FB_ABI_AARCH64, 202, "accept" },
		{ FB_ABI_AARCH64, 260, "wait4" },
		{ FB_ABI_AARCH64, 435, "clone3" },
		{ FB_ABI_RISCV64, 63, "read" },
		{ FB_ABI_RISCV64, 230, "mlockall" },
		{ FB_ABI_LOONGARCH64, 221, "execve" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
		assert_string_equal(name_of(calls[i].abi, calls[i].nr), calls[i].name);
}

static void numbers_out_of_the_table_have_no_name(void **state)
{
	(void)state;
	assert_null(fb_syscall_by_number(FB_ABI_X86_64, -1));
	assert_null(fb_syscall_by_number(FB_ABI_X86_64, 400));
	assert_null(fb_syscall_by_number(FB_ABI_X86_64, 100000));
	assert_null(fb_syscall_by_number(FB_ABI_X86_64, INT64_MIN));
	assert_null(fb_syscall_by_number(FB_ABI_I386, 222));
	assert_null(fb_syscall_by_number(FB_ABI_AARCH64, INT64_MAX));
	assert_null(fb_syscall_by_number(FB_ABI_UNKNOWN, 0));
	assert_null(fb_syscall_by_number(FB_ABI_UNKNOWN, 230));
	assert_null(fb_syscall_by_number(FB_ABI_RISCV64, 258)); /* riscv_hwprobe: its own */
}

static void a_call_is_one_row_whoever_asks(void **state)
{
	const struct fb_syscall *read = fb_syscall_get("read"), *futex = fb_syscall_get("futex");
	struct fb_meaning meaning;

	(void)state;
	assert_string_equal(read->name, "read");
	assert_ptr_equal(fb_syscall_by_number(FB_ABI_X86_64, 0), read);
	assert_ptr_equal(fb_syscall_by_number(FB_ABI_AARCH64, 63), read);
	assert_ptr_equal(fb_syscall_by_number(FB_ABI_I386, 240), futex);
	assert_ptr_equal(fb_syscall_by_number(FB_ABI_I386, 422), futex); /* with 64-bit times */
	assert_true(fb_vocabulary_find("compat_syscall_exit_futex", &meaning));
	assert_ptr_equal(meaning.call, futex);
	assert_true(fb_vocabulary_find("syscalls:sys_enter_read", &meaning));
	assert_ptr_equal(meaning.call, read);
	assert_true(fb_vocabulary_find("syscall_entry_unknown", &meaning));
	assert_null(meaning.call);
}

static void an_unheard_of_call_gets_a_row_that_says_nothing(void **state)
{
	const struct fb_syscall *call = fb_syscall_get("frobnicate");

	(void)state;
	assert_ptr_equal(call->name, g_intern_string("frobnicate"));
	assert_int_equal(call->flags, 0);
	assert_int_equal(call->x86_64, -1);
	assert_int_equal(call->generic, -1);
	assert_ptr_equal(fb_syscall_get("frobnicate"), call);
	assert_false(fb_syscall_is(NULL, ~0u));
}

static void a_32_bit_variant_does_what_its_call_does(void **state)
{
	const struct fb_syscall *call = fb_syscall_get("futex_time32");

	(void)state;
	assert_string_equal(call->name, "futex_time32");
	assert_int_equal(call->flags, FB_CALL_TIMED | FB_CALL_FUTEX);
	assert_int_equal(call->timeout, -ETIMEDOUT);
	assert_int_equal(call->i386, -1);
	assert_int_equal(fb_syscall_get("ia32_waitpid")->flags, FB_CALL_CHILD);
	assert_int_equal(fb_syscall_get("rt_sigtimedwait_time32")->timeout, -EAGAIN);
}

/* What the rows say of all calls of x86-64, by the numbers of those that it is said of. */
static void assert_calls(unsigned flag, const char *names)
{
	GString *found = g_string_new(NULL);

	for (int nr = 0; nr < 500; nr++) {
		const struct fb_syscall *call = fb_syscall_by_number(FB_ABI_X86_64, nr);

		if (fb_syscall_is(call, flag))
			g_string_append_printf(found, " %s", call->name);
	}
	assert_string_equal(found->str, names);
	g_string_free(found, TRUE);
}

static void rows_say_what_matters_to_waits(void **state)
{
	(void)state;
	assert_calls(FB_CALL_CHILD, " wait4 waitid");
	assert_calls(FB_CALL_FORK, " clone vfork clone3");
	assert_calls(FB_CALL_EXEC, " execve execveat");
	assert_calls(FB_CALL_KILL, " kill rt_sigqueueinfo tkill tgkill rt_tgsigqueueinfo "
				   "pidfd_send_signal");
	assert_calls(FB_CALL_EXIT, " exit exit_group");
	assert_calls(FB_CALL_ENDLESS, " rt_sigreturn exit exit_group");
	assert_true(fb_syscall_is(fb_syscall_get("sigreturn"), FB_CALL_ENDLESS));
	assert_calls(FB_CALL_SIGNAL, " rt_sigtimedwait");
	assert_calls(FB_CALL_TIMED, " poll select nanosleep rt_sigtimedwait futex io_getevents "
				    "semtimedop clock_nanosleep epoll_wait mq_timedsend "
				    "mq_timedreceive pselect6 ppoll epoll_pwait epoll_pwait2 futex_waitv futex_wait");
	assert_calls(FB_CALL_SEND, " write writev sendfile64 sendto sendmsg splice");
	assert_calls(FB_CALL_FD_OUT, " splice");
	assert_calls(FB_CALL_SEND_MANY, " sendmmsg");
	assert_calls(FB_CALL_CONNECT | FB_CALL_ACCEPT, " connect accept accept4");
	assert_calls(FB_CALL_SOCKET, " connect accept sendto recvfrom sendmsg recvmsg shutdown accept4 "
				     "recvmmsg sendmmsg");
	assert_calls(FB_CALL_FUTEX, " futex futex_waitv futex_wake futex_wait futex_requeue");
	assert_calls(FB_CALL_CLOSE, " close close_range");
	assert_calls(FB_CALL_DUP, " dup dup2 dup3");
	assert_calls(FB_CALL_FCNTL, " fcntl");
	assert_calls(FB_CALL_RECEIVE, " read readv recvfrom recvmsg recvmmsg");
	assert_calls(FB_CALL_MAKES_FD,
		     " open socket creat epoll_create mq_open inotify_init openat signalfd "
		     "timerfd_create eventfd signalfd4 eventfd2 epoll_create1 inotify_init1 "
		     "perf_event_open fanotify_init open_by_handle_at memfd_create userfaultfd "
		     "io_uring_setup open_tree fsopen fsmount fspick pidfd_open openat2 pidfd_getfd "
		     "landlock_create_ruleset memfd_secret open_tree_attr");
}

static void times_that_are_over_have_their_result(void **state)
{
	(void)state;
	assert_int_equal(fb_syscall_get("poll")->timeout, 0);
	assert_int_equal(fb_syscall_get("futex")->timeout, -ETIMEDOUT);
	assert_int_equal(fb_syscall_get("mq_timedsend")->timeout, -ETIMEDOUT);
	assert_int_equal(fb_syscall_get("mq_timedreceive")->timeout, -ETIMEDOUT);
	assert_int_equal(fb_syscall_get("semtimedop")->timeout, -EAGAIN);
	assert_int_equal(fb_syscall_get("rt_sigtimedwait")->timeout, -EAGAIN);
}

static bool takes_fd(const char *name)
{
	return fb_syscall_is(fb_syscall_get(name), FB_CALL_FD);
}

#define NEWEST 471 /* of the tables; a system's headers may know more */

/* How many calls the system's header names otherwise than LTTng does, or -1 without the header. */
static int count_renamed(enum fb_abi abi, const char *header)
{
	static const char *const dirs[] = { "/usr/include/asm",
					    "/usr/include/x86_64-linux-gnu/asm",
					    "/usr/include/i386-linux-gnu/asm",
					    "/usr/include/aarch64-linux-gnu/asm" };
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	int renamed = 0;

	for (size_t i = 0; !text && i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *path = g_build_filename(dirs[i], header, NULL);

		g_file_get_contents(path, &text, NULL, NULL);
	}
	if (!text)
		return -1;
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; lines[i]; i++) {
		char macro[64];
		int nr;

		if (sscanf(lines[i], "#define __NR_%63s %d", macro, &nr) != 2 || nr > NEWEST)
			continue;
		if (!name_of(abi, nr))
			fail_msg("%s: no name for %d %s", header, nr, macro);
		renamed += strcmp(name_of(abi, nr), macro) != 0;
	}
	return renamed;
}

static void tables_agree_with_the_system_headers(void **state)
{
	int x86_64 = count_renamed(FB_ABI_X86_64, "unistd_64.h");
	int i386 = count_renamed(FB_ABI_I386, "unistd_32.h");

	(void)state;
	if (x86_64 < 0 || i386 < 0)
		skip();
	assert_int_equal(x86_64, 7);
	assert_int_equal(i386, 77);
}

static void calls_on_one_descriptor_take_an_fd(void **state)
{
	static const char *const yes[] = { "read", "write", "accept", "accept4", "recvfrom",
					   "epoll_wait", "epoll_pwait2", "ioctl", "fsync",
					   "splice", "sendfile64", "newfstat", "mq_timedreceive",
					   "io_uring_enter", "writev", "flock", "connect",
					   "recvmmsg_time32", "ia32_pread64", "timerfd_settime32" };
	static const char *const no[] = { "openat", "newfstatat", "poll", "ppoll", "select",
					  "pselect6", "futex", "nanosleep", "wait4", "mmap",
					  "pause", "execveat", "", "time32", "_time32" };
	g_autofree char *longer = g_strnfill(1000, 'x');

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(yes); i++)
		if (!takes_fd(yes[i]))
			fail_msg("%s takes an fd", yes[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(no); i++)
		if (takes_fd(no[i]))
			fail_msg("%s takes no fd", no[i]);
	assert_false(takes_fd(longer));
}

static void all_85_calls_of_x86_64_that_take_an_fd_are_found(void **state)
{
	int found = 0;

	(void)state;
	for (int nr = 0; nr < 500; nr++)
		found += fb_syscall_is(fb_syscall_by_number(FB_ABI_X86_64, nr), FB_CALL_FD);
	assert_int_equal(found, 85);
}

/* "syscall_entry_" is what such names begin with. */
static void an_event_that_names_no_call_is_none(void **state)
{
	static const char *const names[] = { "syscall_entry_", "syscall_exit_", "sys_",
					     "compat_syscall_entry_", "x86_irq_vectors",
					     "x86_irq_vectors_", "x86_irq_vectors__entry" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct fb_meaning meaning = { .kind = FB_EV_SWITCH };

		if (fb_vocabulary_find(names[i], &meaning) || meaning.kind != FB_EV_NONE)
			fail_msg("%s is understood", names[i]);
	}
}

static void signals_have_the_names_of_kill(void **state)
{
	(void)state;
	assert_string_equal(fb_signal_name(1), "SIGHUP");
	assert_string_equal(fb_signal_name(10), "SIGUSR1");
	assert_string_equal(fb_signal_name(17), "SIGCHLD");
	assert_string_equal(fb_signal_name(31), "SIGSYS");
	assert_string_equal(fb_signal_name(34), "SIGRTMIN");
	assert_string_equal(fb_signal_name(64), "SIGRTMAX");
	assert_null(fb_signal_name(0));
	assert_null(fb_signal_name(-1));
	assert_null(fb_signal_name(65));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_the_names_of_lttng_events),
		cmocka_unit_test(numbers_out_of_the_table_have_no_name),
		cmocka_unit_test(a_call_is_one_row_whoever_asks),
		cmocka_unit_test(an_unheard_of_call_gets_a_row_that_says_nothing),
		cmocka_unit_test(a_32_bit_variant_does_what_its_call_does),
		cmocka_unit_test(rows_say_what_matters_to_waits),
		cmocka_unit_test(times_that_are_over_have_their_result),
		cmocka_unit_test(tables_agree_with_the_system_headers),
		cmocka_unit_test(calls_on_one_descriptor_take_an_fd),
		cmocka_unit_test(all_85_calls_of_x86_64_that_take_an_fd_are_found),
		cmocka_unit_test(an_event_that_names_no_call_is_none),
		cmocka_unit_test(signals_have_the_names_of_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
