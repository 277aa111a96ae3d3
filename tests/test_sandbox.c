/* SPDX-License-Identifier: MIT */
/*
 * test_sandbox.c - what a process in the sandbox cannot do, what it still can, and that the
 * command is in there when it reads. Each attempt is made by a child of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "cli/sandbox.h"

enum where { OUTSIDE, INSIDE, LIVE, WRITING };

static char *dir; /* the children's working directory; holds the empty file "file" */
static bool has_seccomp, has_landlock;

/* ---- attempts: 0 or what errno says ----------------------------------------------------- */

static int errno_of(long result)
{
	return result < 0 ? errno : 0;
}

static int make_socket(void)
{
	return errno_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int make_local_socket(void)
{
	return errno_of(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int run_program(void)
{
	char *argv[] = { (char *)"true", NULL };

	execv("/bin/true", argv);
	return errno;
}

static int write_file(void)
{
	return errno_of(open("file", O_WRONLY));
}

static int read_and_write_file(void)
{
	return errno_of(open("file", O_RDWR));
}

static int make_file(void)
{
	return errno_of(open("new", O_WRONLY | O_CREAT, 0600));
}

static int empty_file(void)
{
	return errno_of(open("file", O_RDONLY | O_TRUNC));
}

static int make_file_elsewhere(void)
{
	return errno_of(open("../flightbox-elsewhere", O_WRONLY | O_CREAT | O_TRUNC, 0600));
}

static int truncate_file(void)
{
	return errno_of(truncate("file", 0));
}

static int remove_file(void)
{
	return errno_of(unlink("file"));
}

static int rename_file(void)
{
	return errno_of(rename("file", "file"));
}

static int make_directory(void)
{
	return errno_of(mkdir("directory", 0700));
}

static int make_link(void)
{
	return errno_of(symlink("/", "link"));
}

static int change_mode(void)
{
	return errno_of(chmod("file", 0600));
}

static int signal_parent(void)
{
	return errno_of(kill(getppid(), 0));
}

static int signal_group(void)
{
	return errno_of(kill(0, 0));
}

static int unshare_mounts(void)
{
	return errno_of(unshare(CLONE_NEWUSER));
}

static int read_parents_memory(void)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { dir, 1 };

	return errno_of(process_vm_readv(getppid(), &to, 1, &from, 1, 0));
}

#ifndef FB_SANITIZED
static int make_process(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return errno_of(child);
}

static int make_process_by_clone3(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, rest[6];
	} args = { .exit_signal = SIGCHLD };
	long child = syscall(SYS_clone3, &args, sizeof(args));

	if (!child)
		_exit(0);
	return errno_of(child) == ENOSYS ? EPERM : errno_of(child);
}

static int trace_itself(void)
{
	return errno_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
#endif

static int open_by_openat2(void)
{
	const uint64_t how[3] = { O_RDONLY };
	int error = errno_of(syscall(SYS_openat2, AT_FDCWD, "file", how, sizeof(how)));

	return error == ENOSYS ? EPERM : error;
}

static int read_another_file(void)
{
	return errno_of(open("/etc/passwd", O_RDONLY));
}

static int list_another_directory(void)
{
	return errno_of(open("/", O_RDONLY | O_DIRECTORY));
}

static int read_by_a_link(void)
{
	if (access("to-passwd", F_OK))
		return errno;
	return errno_of(open("to-passwd", O_RDONLY));
}

static int lock_file(void)
{
	return errno_of(flock(open("file", O_RDONLY), LOCK_EX | LOCK_NB));
}

static int lock_against_writers(void)
{
	struct flock lock = { .l_type = F_RDLCK };

	return errno_of(fcntl(open("file", O_RDONLY), F_SETLK, &lock));
}

/* Not all file systems know it; but it was asked. */
static int asked(long result)
{
	int error = errno_of(result);

	return error == ENOTTY || error == EOPNOTSUPP || error == EINVAL || error == ENOENT ||
			       error == ENOSYS
		       ? 0
		       : error;
}

static int set_flags(void)
{
	int fd = open("file", O_RDONLY), flags = 0;

	return asked(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int set_version(void)
{
	int fd = open("file", O_RDONLY), version = 7;

	return asked(ioctl(fd, FS_IOC_SETVERSION, &version));
}

static int set_attributes(void)
{
	struct fsxattr attributes = { 0 };

	return asked(ioctl(open("file", O_RDONLY), FS_IOC_FSSETXATTR, &attributes));
}

static int limit_parent(void)
{
	struct rlimit old;

	return errno_of(prlimit(getppid(), RLIMIT_CORE, NULL, &old)) ||
	       errno_of(prlimit(getppid(), RLIMIT_CORE, &old, NULL));
}

static int share_memory(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	return errno_of(id) || errno_of(shmctl(id, IPC_RMID, NULL));
}

static int attach_memory(void)
{
	return asked((long)shmat(-1, NULL, 0));
}

static int share_semaphores(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);

	return errno_of(id) || errno_of(semctl(id, 0, IPC_RMID));
}

static int use_semaphores(void)
{
	struct sembuf operation = { 0 };

	return asked(semop(-1, &operation, 1));
}

static int share_queue(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	return errno_of(id) || errno_of(msgctl(id, IPC_RMID, NULL));
}

static int send_message(void)
{
	struct {
		long type;
		char text;
	} message = { 1, 0 };

	return asked(msgsnd(-1, &message, 1, IPC_NOWAIT));
}

static int remove_queue(void)
{
	return asked(syscall(SYS_mq_unlink, "flightbox-no-such-queue"));
}

static int pin_parent(void)
{
	cpu_set_t cpus;

	return errno_of(sched_getaffinity(getppid(), sizeof(cpus), &cpus)) ||
	       errno_of(sched_setaffinity(getppid(), sizeof(cpus), &cpus));
}

static int slow_parent(void)
{
	return errno_of(setpriority(PRIO_PROCESS, getppid(),
				    getpriority(PRIO_PROCESS, getppid())));
}

static int reschedule_parent(void)
{
	const struct sched_param param = { 0 };

	return errno_of(sched_setscheduler(getppid(), SCHED_OTHER, &param));
}

static int slow_parents_disk(void)
{
	return errno_of(syscall(SYS_ioprio_set, 1, getppid(), 0));
}

static int own_signals(void)
{
	int ends[2];

	return errno_of(pipe(ends)) || errno_of(fcntl(ends[0], F_SETOWN, getppid()));
}

static int choose_signal(void)
{
	int ends[2];

	return errno_of(pipe(ends)) || errno_of(fcntl(ends[0], F_SETSIG, SIGTERM));
}

static int watch_files(void)
{
	return errno_of(inotify_init1(0));
}

/* What anybody may do who is not in a sandbox. */
static const struct attempt {
	const char *name;
	int (*make)(void);
	bool by_landlock, by_seccomp; /* who refuses; Landlock's version 1 */
} attempts[] = {
	{ "socket", make_socket, false, true },
	{ "socket of this machine", make_local_socket, false, true },
	{ "execve", run_program, true, true },
	{ "open for writing", write_file, true, true },
	{ "open for both", read_and_write_file, true, true },
	{ "open a new file", make_file, true, true },
	{ "open and empty", empty_file, false, true },
	{ "truncate", truncate_file, false, true },
	{ "unlink", remove_file, true, true },
	{ "rename", rename_file, false, true },
	{ "mkdir", make_directory, true, true },
	{ "symlink", make_link, true, true },
	{ "chmod", change_mode, false, true },
	{ "kill of the parent", signal_parent, false, true },
	{ "kill of the group", signal_group, false, true },
	{ "openat2", open_by_openat2, false, true },
	{ "open of another file", read_another_file, true, false },
	{ "listing of another directory", list_another_directory, true, false },
	{ "open of another file by a link", read_by_a_link, true, false },
	{ "flock", lock_file, false, true },
	{ "F_SETLK", lock_against_writers, false, true },
	{ "FS_IOC_SETFLAGS", set_flags, false, true },
	{ "FS_IOC_SETVERSION", set_version, false, true },
	{ "FS_IOC_FSSETXATTR", set_attributes, false, true },
	{ "prlimit of the parent", limit_parent, false, true },
	{ "shmget", share_memory, false, true },
	{ "shmat", attach_memory, false, true },
	{ "semget", share_semaphores, false, true },
	{ "semop", use_semaphores, false, true },
	{ "msgget", share_queue, false, true },
	{ "msgsnd", send_message, false, true },
	{ "mq_unlink", remove_queue, false, true },
	{ "sched_setaffinity of the parent", pin_parent, false, true },
	{ "setpriority of the parent", slow_parent, false, true },
	{ "sched_setscheduler of the parent", reschedule_parent, false, true },
	{ "ioprio_set of the parent", slow_parents_disk, false, true },
	{ "F_SETOWN", own_signals, false, true },
	{ "F_SETSIG", choose_signal, false, true },
	{ "inotify_init1", watch_files, false, true },
#ifndef FB_SANITIZED
	{ "fork", make_process, false, true },
	{ "clone3", make_process_by_clone3, false, true },
	{ "ptrace", trace_itself, false, true },
#endif
};

static int mount_something(void)
{
	return errno_of(mount("none", dir, "tmpfs", 0, NULL));
}

static int raw(long number)
{
	return errno_of(syscall(number, 0, 0, 0, 0, 0, 0));
}

static int load_bpf(void)
{
	return raw(SYS_bpf);
}

static int open_perf_event(void)
{
	return raw(SYS_perf_event_open);
}

static int set_up_io_uring(void)
{
	return raw(SYS_io_uring_setup);
}

static int use_keys(void)
{
	return raw(SYS_keyctl);
}

static int load_module(void)
{
	return raw(SYS_finit_module);
}

/* A number from behind those that this program knows: of a file, by its path. */
static int set_attributes_by_path(void)
{
	int error = raw(469);

	return error == ENOSYS ? EPERM : error;
}

static int type_for_the_user(void)
{
	return errno_of(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

/* The same with a request whose upper half the kernel does not look at. */
static int type_for_the_user_by_long(void)
{
	return errno_of(syscall(SYS_ioctl, STDIN_FILENO, UINT64_C(1) << 32 | TIOCSTI, "x"));
}

/* ---- children --------------------------------------------------------------------------- */

/* What the child's attempt came to, as waitpid() says it. */
static int attempt(int (*make)(void), enum where where)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		if (chdir(dir))
			_exit(100);
		sandbox_allow_reading(dir);
		if (where == WRITING)
			sandbox_allow_writing(dir);
		if (where != OUTSIDE)
			sandbox_enter((where == LIVE ? SANDBOX_NETWORK : 0) |
				      (where == WRITING ? SANDBOX_FILES : 0));
		_exit(make());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void assert_done(const char *name, int (*make)(void), enum where where)
{
	int status = attempt(make, where);

	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("%s: %s", name,
			 WIFEXITED(status) ? g_strerror(WEXITSTATUS(status)) : "killed");
}

static void assert_refused(const char *name, int (*make)(void), enum where where)
{
	int status = attempt(make, where);

	if (!WIFEXITED(status) || (WEXITSTATUS(status) != EPERM && WEXITSTATUS(status) != EACCES))
		fail_msg("%s: status %x", name, status);
}

static void make_files(void)
{
	g_autofree char *file = g_build_filename(dir, "file", NULL);
	g_autofree char *link = g_build_filename(dir, "to-passwd", NULL);

	assert_true(g_file_set_contents(file, "", -1, NULL));
	assert_true(!symlink("/etc/passwd", link) || errno == EEXIST);
}

static void remove_files(void)
{
	static const char *const names[] = { "file", "new", "link", "directory", "to-passwd" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL);

		g_remove(path);
	}
}

static int make_dir(void **state)
{
	g_autofree char *words = sandbox_describe();

	(void)state;
	has_seccomp = strstr(words, "seccomp");
	has_landlock = strstr(words, "Landlock");
	dir = g_dir_make_tmp("flightbox-XXXXXX", NULL);
	return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	remove_files();
	g_rmdir(dir);
	g_free(dir);
	return 0;
}

/* ---- what it refuses -------------------------------------------------------------------- */

static void what_anybody_may_do_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++) {
		const struct attempt *a = &attempts[i];

		make_files();
		/* Else the refusal would prove nothing. */
		assert_done(a->name, a->make, OUTSIDE);
		remove_files();
		make_files();
		if ((a->by_seccomp && has_seccomp) || (a->by_landlock && has_landlock))
			assert_refused(a->name, a->make, INSIDE);
		remove_files();
	}
}

static void what_administrators_do_is_refused(void **state)
{
	static const struct {
		const char *name;
		int (*make)(void);
	} cases[] = {
		{ "mount", mount_something },
		{ "unshare", unshare_mounts },
		{ "process_vm_readv", read_parents_memory },
		{ "bpf", load_bpf },
		{ "perf_event_open", open_perf_event },
		{ "io_uring_setup", set_up_io_uring },
		{ "keyctl", use_keys },
		{ "finit_module", load_module },
		{ "TIOCSTI", type_for_the_user },
		{ "TIOCSTI and more", type_for_the_user_by_long },
		{ "file_setattr", set_attributes_by_path },
	};

	(void)state;
	if (!has_seccomp)
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_refused(cases[i].name, cases[i].make, INSIDE);
}

#ifdef __x86_64__
static int call_by_the_number_of_x32(void)
{
	return raw(0x40000000 + SYS_getpid);
}

static void calls_of_another_architecture_are_deadly(void **state)
{
	int status;

	(void)state;
	if (!has_seccomp)
		skip();
	status = attempt(call_by_the_number_of_x32, INSIDE);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}
#endif

static int connect_to_a_port(void)
{
	/* Nobody is there, but it may be tried. */
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1),
					.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)) || errno == ECONNREFUSED ||
	    errno == ENETUNREACH)
		return 0;
	return errno;
}

static int listen_at_a_port(void)
{
	return errno_of(listen(socket(AF_INET, SOCK_STREAM, 0), 1));
}

static void a_live_session_gets_the_network_and_no_more(void **state)
{
	(void)state;
	assert_done("connect", connect_to_a_port, LIVE);
	if (!has_seccomp)
		skip();
	assert_refused("listen", listen_at_a_port, LIVE);
	assert_refused("execve", run_program, LIVE);
	assert_refused("kill", signal_parent, LIVE);
	make_files();
	assert_refused("open for writing", write_file, LIVE);
}

static void what_writes_files_may_write_and_no_more(void **state)
{
	(void)state;
	make_files();
	assert_done("open a new file", make_file, WRITING);
	assert_done("rename", rename_file, WRITING);
	assert_done("chmod", change_mode, WRITING);
	if (has_landlock)
		assert_refused("open a file elsewhere", make_file_elsewhere, WRITING);
	if (!has_seccomp)
		skip();
	assert_refused("socket", make_socket, WRITING);
	assert_refused("execve", run_program, WRITING);
	assert_refused("TIOCSTI", type_for_the_user, WRITING);
}

/* ---- what it allows --------------------------------------------------------------------- */

static void *set(void *to)
{
	*(bool *)to = true;
	return NULL;
}

/* What a run does: files, more threads, and its own end by a signal. */
static int work(void)
{
	pthread_t thread;
	bool is_set = false;
	int fd = open("file", O_RDONLY);

	if (fd < 0 || pthread_create(&thread, NULL, set, &is_set) || pthread_join(thread, NULL))
		return 1;
	raise(SIGKILL);
	return 2;
}

static void work_goes_on(void **state)
{
	int status;

	(void)state;
	make_files();
	status = attempt(work, INSIDE);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void open_files_stay_open(void **state)
{
	g_autofree char *file = g_build_filename(dir, "file", NULL), *text = NULL;
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		int fd = open(file, O_WRONLY | O_CREAT, 0600);

		sandbox_enter(0);
		_exit(write(fd, "abcdef", 6) != 6 || ftruncate(fd, 3));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_string_equal(text, "abc");
}

/* ---- the command ------------------------------------------------------------------------ */

static char *trace_path(const char *name)
{
	const char *traces = g_getenv("FB_TRACES");

	return g_build_filename(traces ? traces : "build/traces", name, "trace", NULL);
}

static const char *command(void)
{
	const char *binary = g_getenv("FLIGHTBOX");

	return binary ? binary : "build/flightbox";
}

/* Of a run that has begun to write, and waits for somebody to take it. */
static char *status_of_run(const char *option)
{
	g_autofree char *trace = trace_path("disk");
	const char *argv[] = { command(), "dump", trace, option, NULL };
	g_autofree char *path = NULL;
	struct pollfd out = { .events = POLLIN };
	char *status = NULL;
	GPid pid;

	assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
					     NULL, NULL, &pid, NULL, &out.fd, NULL, NULL));
	assert_int_equal(poll(&out, 1, 60000), 1);
	path = g_strdup_printf("/proc/%d/status", (int)pid);
	assert_true(g_file_get_contents(path, &status, NULL, NULL));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(out.fd);
	return status;
}

/* The value of a line of /proc/PID/status. */
static uint64_t field(const char *status, const char *name, int base)
{
	const char *line = strstr(status, name);

	assert_non_null(line);
	return g_ascii_strtoull(line + strlen(name), NULL, base);
}

static void the_command_reads_in_the_sandbox(void **state)
{
	const uint64_t kept = UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_SYSLOG;
	g_autofree char *inside = status_of_run(NULL);

	(void)state;
	assert_int_equal(field(inside, "\nNoNewPrivs:\t", 10), 1);
	assert_int_equal(field(inside, "\nCapPrm:\t", 16) & ~kept, 0);
	if (has_seccomp)
		assert_int_equal(field(inside, "\nSeccomp:\t", 10), 2);
}

static void the_sandbox_can_be_left_out(void **state)
{
	static const char *const names[] = { "\nNoNewPrivs:\t", "\nCapPrm:\t", "\nSeccomp:\t" };
	g_autofree char *outside = status_of_run("--no-sandbox"), *own = NULL;

	(void)state;
	assert_true(g_file_get_contents("/proc/self/status", &own, NULL, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		assert_int_equal(field(outside, names[i], 16), field(own, names[i], 16));
}

static void run(const char *const *more, int expected)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	int status;

	g_ptr_array_add(argv, (char *)command());
	for (; *more; more++)
		g_ptr_array_add(argv, (char *)*more);
	g_ptr_array_add(argv, NULL);
	assert_true(g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
				 NULL, NULL, NULL, &status, NULL));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void an_output_file_is_written_anew_when_there_is_a_report(void **state)
{
	g_autofree char *trace = trace_path("tcp-delay-classic");
	g_autofree char *file = g_build_filename(dir, "file", NULL), *text = NULL, *old = NULL;
	const char *const bad[] = { "blocking", "-o", file, "/nonexistent", NULL };
	const char *const good[] = { "blocking", "--pid", "504", "-o", file, trace, NULL };

	(void)state;
	old = g_strnfill(100000, 'x');
	assert_true(g_file_set_contents(file, old, -1, NULL));
	run(bad, 1);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_string_equal(text, old);
	g_free(text);
	run(good, 0);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_true(g_str_has_prefix(text, "Blocking report for task "));
	assert_true(g_str_has_suffix(text, "SOFTIRQ NET_RX\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_anybody_may_do_is_refused),
		cmocka_unit_test(what_administrators_do_is_refused),
#ifdef __x86_64__
		cmocka_unit_test(calls_of_another_architecture_are_deadly),
#endif
		cmocka_unit_test(a_live_session_gets_the_network_and_no_more),
		cmocka_unit_test(what_writes_files_may_write_and_no_more),
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(open_files_stay_open),
		cmocka_unit_test(the_command_reads_in_the_sandbox),
		cmocka_unit_test(the_sandbox_can_be_left_out),
		cmocka_unit_test(an_output_file_is_written_anew_when_there_is_a_report),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
