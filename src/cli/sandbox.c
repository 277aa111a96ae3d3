/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - three layers, each of which holds where another is missing:
 *
 *	capabilities   root's, but for reading all files
 *	Landlock       only what was allowed opened for reading; no file opened for writing,
 *	               made, removed or run; no TCP
 *	seccomp        the system calls below fail with EPERM
 *
 * The last two overlap where one of them may be missing in a kernel. That the calls of
 * others are not on the list is no harm: the list is what turns a broken reader into a
 * broken system, and a list of what is allowed would have to know every C library's mind.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

#include "cli/sandbox.h"

/* ---- capabilities ----------------------------------------------------------------------- */

/* Reading a trace that belongs to another, and the addresses of /proc/kallsyms. */
#define CAPABILITIES_KEPT (UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_SYSLOG)

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(CAPABILITIES_KEPT >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	syscall(SYS_capset, &header, data);
}

/* ---- what is allowed -------------------------------------------------------------------- */

static GPtrArray *readable, *writable; /* paths */

static void add(GPtrArray **paths, const char *path)
{
	if (!*paths)
		*paths = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(*paths, g_strdup(path));
}

void sandbox_allow_reading(const char *path)
{
	add(&readable, path);
}

void sandbox_allow_writing(const char *path)
{
	add(&writable, path);
}

/* ---- Landlock --------------------------------------------------------------------------- */

#ifdef SYS_landlock_create_ruleset

/* As in linux/landlock.h of today: that of the build may be older than the kernel. */
struct ruleset {
	uint64_t files, network, scopes;
};

struct path_rule {
	uint64_t files;
	int32_t fd;
} __attribute__((packed));

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_FILE = 1 << 5,
	MAKE_FILE = 1 << 8,
	REMOVE_AND_MAKE = 0x1ff0, /* directories, files, devices, sockets, FIFOs, links */
	REFER = 1 << 13,          /* since ABI 2 */
	TRUNCATE = 1 << 14,       /* 3 */
	TCP = 1 << 0 | 1 << 1,    /* 4: bind, connect */
	SCOPES = 1 << 0 | 1 << 1, /* 6: abstract sockets, signals */
};

/* 0: this kernel has none. */
static int landlock_version(void)
{
	const uint32_t version = 1;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, version);

	return MAX(abi, 0);
}

/* What is at the path, or where its links lead, may have these rights; files have no directory's. */
static bool add_path(int ruleset, const char *path, uint64_t rights)
{
	const uint64_t of_files = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;
	struct path_rule rule = { .fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	bool ok;

	/* What is not there, nobody can open. */
	if (rule.fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES;
	rule.files = !fstat(rule.fd, &st) && S_ISDIR(st.st_mode) ? rights : rights & of_files;
	ok = !rule.files || !syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0) ||
	     errno == EBADFD; /* pipes, which are never refused */
	close(rule.fd);
	return ok;
}

static bool add_paths(int ruleset, int abi)
{
	const uint64_t writing = WRITE_FILE | REMOVE_FILE | MAKE_FILE | (abi >= 3 ? TRUNCATE : 0);
	bool ok = true;

	for (guint i = 0; readable && i < readable->len; i++)
		ok &= add_path(ruleset, readable->pdata[i], READ_FILE | READ_DIR);
	for (guint i = 0; writable && i < writable->len; i++)
		ok &= add_path(ruleset, writable->pdata[i], writing);
	return ok;
}

static int make_ruleset(unsigned needs, int abi, bool restricts_files)
{
	const uint64_t writing = WRITE_FILE | REMOVE_AND_MAKE | (abi >= 2 ? REFER : 0) |
				 (abi >= 3 ? TRUNCATE : 0);
	const struct ruleset rules = {
		.files = EXECUTE | (restricts_files ? READ_FILE | READ_DIR : 0) |
			 (restricts_files || !(needs & SANDBOX_FILES) ? writing : 0),
		.network = abi >= 4 && !(needs & SANDBOX_NETWORK) ? TCP : 0,
		.scopes = abi >= 6 ? SCOPES : 0,
	};

	return abi ? syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0) : -1;
}

static void enter_landlock(unsigned needs)
{
	int abi = landlock_version(), fd = make_ruleset(needs, abi, true);

	/* Where a file system cannot be told by its paths: what was asked for must be readable. */
	if (fd >= 0 && !add_paths(fd, abi)) {
		close(fd);
		fd = make_ruleset(needs, abi, false);
	}
	if (fd < 0)
		return;
	syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
}

#else

static int landlock_version(void)
{
	return 0;
}

static void enter_landlock(unsigned needs)
{
	(void)needs;
}

#endif

/* ---- seccomp ---------------------------------------------------------------------------- */

#ifdef FB_HAS_SECCOMP
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

/* To be asked by others is never needed, not by a live session either. */
static const char *const serving[] = { "listen", "accept", "accept4", NULL };

static const char *const networking[] = {
	"socket", "socketpair", "connect", "bind", "sendto", "sendmsg", "sendmmsg", "socketcall",
	NULL,
};

static const char *const files[] = {
	"creat", "truncate", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2",
	"link", "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "mknod", "mknodat", "chmod",
	"fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime",
	"utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat",
	"removexattr", "lremovexattr", "fremovexattr", "removexattrat", NULL,
};

static const char *const processes[] = {
	"process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
	"pidfd_open", "pidfd_getfd", "pidfd_send_signal", "tkill", "rt_sigqueueinfo",
	"rt_tgsigqueueinfo", "sched_setaffinity", "sched_setscheduler", "sched_setparam",
	"sched_setattr", "setpriority", "ioprio_set", "migrate_pages", "move_pages",
	"get_robust_list", NULL,
};

/* What processes have in common without a file: memory, semaphores, queues, locks, news. */
static const char *const shared[] = {
	"ipc", "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semtimedop",
	"semtimedop_time64", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open",
	"mq_unlink", "mq_timedsend", "mq_timedsend_time64", "mq_timedreceive",
	"mq_timedreceive_time64", "mq_notify", "mq_getsetattr", "flock", "inotify_init",
	"inotify_init1", "fanotify_init", NULL,
};

static const char *const programs[] = { "execve", "execveat", NULL };

static const char *const kernel[] = {
	"mount", "umount", "umount2", "mount_setattr", "pivot_root", "chroot", "open_tree",
	"move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "unshare", "setns", "swapon",
	"swapoff", "quotactl", "quotactl_fd", "name_to_handle_at", "open_by_handle_at",
	"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "add_key", "request_key", "keyctl", "syslog", "acct", "iopl", "ioperm",
	"modify_ldt", "vm86", "vm86old", "personality", "settimeofday", "clock_settime",
	"clock_adjtime", "adjtimex", "sethostname", "setdomainname", "vhangup", NULL,
};

/* What an architecture or this libseccomp does not know needs no rule. */
static bool is_known(const char *name, int *number)
{
	*number = seccomp_syscall_resolve_name(name);
	return *number != __NR_SCMP_ERROR;
}

/* A sandbox with a hole is no sandbox; any other error says that there is no such call here. */
static void add_rule(scmp_filter_ctx filter, uint32_t action, int number, unsigned n,
		     const struct scmp_arg_cmp *conditions)
{
	if (seccomp_rule_add_array(filter, action, number, n, conditions) == -ENOMEM)
		g_error("out of memory");
}

static void refuse(scmp_filter_ctx filter, const char *const *names)
{
	int number;

	for (; *names; names++)
		if (is_known(*names, &number))
			add_rule(filter, SCMP_ACT_ERRNO(EPERM), number, 0, NULL);
}

/* One rule for each condition: any of them refuses. */
static void refuse_if(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp condition)
{
	int number;

	if (is_known(name, &number))
		add_rule(filter, SCMP_ACT_ERRNO(EPERM), number, 1, &condition);
}

/* Where Landlock is missing, and what it lets through. */
static void refuse_writing(scmp_filter_ctx filter)
{
	static const unsigned flags[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC };
	int number;

	refuse(filter, files);
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		refuse_if(filter, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
		refuse_if(filter, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	}
	/* Its flags lie in memory, where a filter does not look. */
	if (is_known("openat2", &number))
		add_rule(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0, NULL);
}

static void refuse_processes(scmp_filter_ctx filter)
{
	refuse(filter, programs);
	refuse(filter, processes);
#ifndef FB_SANITIZED /* LeakSanitizer stops us from a process of its own. */
	{
		static const char *const making[] = { "fork", "vfork", "ptrace", NULL };
		const unsigned thread = 0x10000; /* CLONE_THREAD */
		int number;

		refuse(filter, making);
		refuse_if(filter, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, thread, 0));
		/* The C library takes clone then, whose flags can be seen. */
		if (is_known("clone3", &number))
			add_rule(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0, NULL);
	}
#endif
	refuse_if(filter, "kill", SCMP_A0(SCMP_CMP_NE, getpid()));
	refuse_if(filter, "tgkill", SCMP_A0(SCMP_CMP_NE, getpid()));
}

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
/* The half that the kernel looks at where it wants an int. */
#define LOAD_LOW(argument)                                                                         \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                                         \
		 offsetof(struct seccomp_data, args[argument]) +                                   \
			 (G_BYTE_ORDER == G_BIG_ENDIAN ? 4 : 0))
#define RETURN(what)  BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
/* Passes over the next `n` but for this value. */
#define FOR(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define ALLOW(value)  FOR(value, 1), RETURN(SECCOMP_RET_ALLOW)

/*
 * Calls of many meanings, of which few are needed: whatever else there may be sets flags of
 * files, locks them, types for the user, or has signals sent. libseccomp can only tell
 * which of them are refused.
 */
static void enter_own_filter(void)
{
	static struct sock_filter steps[] = {
		LOAD(nr),
#if SYS_landlock_create_ruleset == 444 /* numbers as of all architectures since Linux 5.1 */
		/* Calls that came behind mseal: as in a kernel that does not have them yet. */
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 462, 0, 1),
		REFUSE(ENOSYS),
#endif
		FOR(SYS_ioctl, 12),
		LOAD_LOW(1),
		ALLOW(TCGETS),
		ALLOW(0x802c542a), /* TCGETS2: what glibc 2.42 asks whether it is a terminal */
		ALLOW(TIOCGWINSZ),
		ALLOW(FIOCLEX),
		ALLOW(FIONCLEX),
		REFUSE(EPERM),
#ifdef SYS_fcntl64 /* what C libraries call on 32-bit machines */
		FOR(SYS_fcntl, 1),
		REFUSE(EPERM),
		FOR(SYS_fcntl64, 14),
#else
		FOR(SYS_fcntl, 14),
#endif
		LOAD_LOW(1),
		ALLOW(F_DUPFD),
		ALLOW(F_DUPFD_CLOEXEC),
		ALLOW(F_GETFD),
		ALLOW(F_SETFD),
		ALLOW(F_GETFL),
		ALLOW(F_SETFL),
		REFUSE(EPERM),
		/* Limits of its own alone. */
		FOR(SYS_prlimit64, 4),
		LOAD_LOW(0),
		ALLOW(0),
		REFUSE(EPERM),
		RETURN(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { G_N_ELEMENTS(steps), steps };

	/* Old kernels slow down whatever has a filter, as if it ran others' code as browsers do. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program))
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void enter_seccomp(unsigned needs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter)
		return;
	enter_own_filter();
	/* Calls by the numbers of another architecture, such as i386 and x32. */
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	refuse(filter, serving);
	if (!(needs & SANDBOX_NETWORK))
		refuse(filter, networking);
	if (!(needs & SANDBOX_FILES))
		refuse_writing(filter);
	refuse(filter, shared);
	refuse_processes(filter);
	refuse(filter, kernel);
	seccomp_load(filter);
	seccomp_release(filter);
}

static const char *seccomp_in_words(void)
{
	const uint32_t refusing = SCMP_ACT_ERRNO(0);
	const unsigned is_available = 2; /* SECCOMP_GET_ACTION_AVAIL */

	return syscall(SYS_seccomp, is_available, 0, &refusing) ? NULL : "seccomp";
}

#else

static void enter_seccomp(unsigned needs)
{
	(void)needs;
}

static const char *seccomp_in_words(void)
{
	return NULL;
}

#endif

/* ---- all of it -------------------------------------------------------------------------- */

/* It shares the process with us, and would lose its files and threads. */
static bool is_in_valgrind(void)
{
	const char *preloaded = g_getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "/vgpreload_");
}

void sandbox_enter(unsigned needs)
{
	static bool is_inside;

	if (is_inside || is_in_valgrind())
		return;
	is_inside = true;
	drop_capabilities();
	/* The other two ask for it: programs that run as another user would be tricked by them. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return;
#ifdef FB_SANITIZED /* LeakSanitizer looks at itself when all is done. */
	sandbox_allow_reading("/proc");
#endif
	enter_landlock(needs);
	enter_seccomp(needs);
}

char *sandbox_describe(void)
{
	const char *seccomp = seccomp_in_words();
	int landlock = landlock_version();

	if (landlock)
		return g_strdup_printf("%s%sLandlock %d", seccomp ? seccomp : "",
				       seccomp ? ", " : "", landlock);
	return g_strdup(seccomp ? seccomp : "none");
}
