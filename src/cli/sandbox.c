/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - three layers, each of which holds where another is missing:
 *
 *	capabilities   root's, but for reading all files
 *	Landlock       no file opened for writing, made, removed or run; no TCP
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

/* ---- Landlock --------------------------------------------------------------------------- */

#ifdef SYS_landlock_create_ruleset

/* As in linux/landlock.h of today: that of the build may be older than the kernel. */
struct ruleset {
	uint64_t files, network, scopes;
};

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
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

static void enter_landlock(unsigned needs)
{
	int abi = landlock_version(), fd;
	const uint64_t writing = WRITE_FILE | REMOVE_AND_MAKE | (abi >= 2 ? REFER : 0) |
				 (abi >= 3 ? TRUNCATE : 0);
	const struct ruleset rules = {
		.files = needs & SANDBOX_FILES ? EXECUTE : EXECUTE | writing,
		.network = abi >= 4 && !(needs & SANDBOX_NETWORK) ? TCP : 0,
		.scopes = abi >= 6 ? SCOPES : 0,
	};

	/* No rule is added: nothing of that is allowed anywhere. */
	fd = abi ? syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0) : -1;
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
#include <seccomp.h>

#define LOW_HALF UINT64_C(0xffffffff) /* what the kernel looks at where it wants an int */

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
	"process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open",
	"pidfd_getfd", "pidfd_send_signal", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", NULL,
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

/* These put words into the mouth of whoever sits at the terminal. */
static void refuse_typing(scmp_filter_ctx filter)
{
	refuse_if(filter, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, LOW_HALF, TIOCSTI));
	refuse_if(filter, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, LOW_HALF, TIOCLINUX));
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

static void enter_seccomp(unsigned needs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter)
		return;
	/* Calls by the numbers of another architecture, such as i386 and x32. */
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* Old kernels slow down whatever has a filter, as if it ran others' code as browsers do. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	refuse(filter, serving);
	if (!(needs & SANDBOX_NETWORK))
		refuse(filter, networking);
	if (!(needs & SANDBOX_FILES))
		refuse_writing(filter);
	refuse_typing(filter);
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
