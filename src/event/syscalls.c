/* SPDX-License-Identifier: MIT */
/*
 * syscalls.c - names of system calls and signals by number, and which calls
 * work on one file descriptor.
 *
 * The names are those of LTTng's events, so that a call has one name whether
 * a recording gives its name or its number: "newfstat", not "fstat".
 */
#include <stdlib.h>

#include <glib.h>

#include <flightbox/event.h>

#include "event/syscalls-aarch64.h"
#include "event/syscalls-i386.h"
#include "event/syscalls-x86-64.h"

static const struct {
	const char *const *names;
	size_t n;
} tables[] = {
	[FB_ABI_X86_64] = { calls_x86_64, G_N_ELEMENTS(calls_x86_64) },
	[FB_ABI_I386] = { calls_i386, G_N_ELEMENTS(calls_i386) },
	[FB_ABI_AARCH64] = { calls_aarch64, G_N_ELEMENTS(calls_aarch64) },
};

/* The table's names, interned. Lives as long as the program. */
static const char **intern_table(enum fb_abi abi)
{
	const char **interned = g_new0(const char *, tables[abi].n);

	for (size_t nr = 0; nr < tables[abi].n; nr++)
		interned[nr] = g_intern_static_string(tables[abi].names[nr]);
	return interned;
}

const char *fb_syscall_name(enum fb_abi abi, int64_t nr)
{
	static const char **interned[G_N_ELEMENTS(tables)];

	if ((size_t)abi >= G_N_ELEMENTS(tables) || nr < 0 || (uint64_t)nr >= tables[abi].n)
		return NULL;
	if (g_once_init_enter(&interned[abi]))
		g_once_init_leave(&interned[abi], intern_table(abi));
	return interned[abi][nr];
}

/*
 * Calls whose first argument is the one descriptor that they work on, or the
 * one of two that the caller named first (splice, sendfile64). Left out: openat
 * and its like, whose directory is only where a path begins; dup2, which works
 * on the table; poll and select, which wait on many. In order, for bsearch().
 */
static const char *const fd_calls[] = {
	"accept", "accept4", "bind", "cachestat", "close", "connect", "copy_file_range", "dup",
	"epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "fadvise64", "fadvise64_64",
	"fallocate", "fanotify_mark", "fchdir", "fchmod", "fchown", "fchown16", "fcntl",
	"fcntl64", "fdatasync", "fgetxattr", "finit_module", "flistxattr", "flock",
	"fremovexattr", "fsconfig", "fsetxattr", "fsmount", "fstat", "fstat64", "fstatfs",
	"fstatfs64", "fsync", "ftruncate", "ftruncate64", "getdents", "getdents64",
	"getpeername", "getsockname", "getsockopt", "inotify_add_watch", "inotify_rm_watch",
	"io_uring_enter", "io_uring_register", "ioctl", "landlock_add_rule",
	"landlock_restrict_self", "listen", "llseek", "lseek", "mq_getsetattr", "mq_notify",
	"mq_timedreceive", "mq_timedsend", "newfstat", "old_readdir", "pidfd_getfd",
	"pidfd_send_signal", "pread64", "preadv", "preadv2", "process_madvise",
	"process_mrelease", "pwrite64", "pwritev", "pwritev2", "quotactl_fd", "read",
	"readahead", "readv", "recv", "recvfrom", "recvmmsg", "recvmsg", "send", "sendfile",
	"sendfile64", "sendmmsg", "sendmsg", "sendto", "setns", "setsockopt", "shutdown",
	"splice", "sync_file_range", "sync_file_range2", "syncfs", "tee", "timerfd_gettime",
	"timerfd_settime", "vmsplice", "write", "writev",
};

static int compare_names(const void *key, const void *entry)
{
	const char *name = key, *known = *(const char *const *)entry;
	int first = (unsigned char)*name - (unsigned char)*known;

	return first ? first : strcmp(name, known);
}

/*
 * LTTng 2.14 tells the 32-bit variants of a call by the names of the functions
 * behind them: ia32_pread64, recvmmsg_time32, timerfd_settime32. The result is
 * part of `name`, or is written to `to`.
 */
static const char *plain_name(const char *name, char *to, size_t size)
{
	static const char ia32[] = "ia32_";
	size_t length;

	if (!strncmp(name, ia32, strlen(ia32)))
		name += strlen(ia32);
	length = strlen(name);
	if (length < 2 || (strcmp(name + length - 2, "32") && strcmp(name + length - 2, "64")))
		return name;
	g_strlcpy(to, name, size);
	if (g_str_has_suffix(to, "_time32") || g_str_has_suffix(to, "_time64"))
		to[strlen(to) - strlen("_time32")] = '\0';
	else if (g_str_has_suffix(to, "time32"))
		to[strlen(to) - strlen("32")] = '\0';
	return to;
}

bool fb_syscall_takes_fd(const char *name)
{
	char room[64];
	const char *plain = plain_name(name, room, sizeof(room));

	return bsearch(plain, fd_calls, G_N_ELEMENTS(fd_calls), sizeof(*fd_calls), compare_names);
}

/* As kill -l prints them. 32 and 33 are the C library's own. */
static const char *const signals[] = {
	[1] = "SIGHUP", [2] = "SIGINT", [3] = "SIGQUIT", [4] = "SIGILL", [5] = "SIGTRAP",
	[6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE", [9] = "SIGKILL", [10] = "SIGUSR1",
	[11] = "SIGSEGV", [12] = "SIGUSR2", [13] = "SIGPIPE", [14] = "SIGALRM", [15] = "SIGTERM",
	[16] = "SIGSTKFLT", [17] = "SIGCHLD", [18] = "SIGCONT", [19] = "SIGSTOP", [20] = "SIGTSTP",
	[21] = "SIGTTIN", [22] = "SIGTTOU", [23] = "SIGURG", [24] = "SIGXCPU", [25] = "SIGXFSZ",
	[26] = "SIGVTALRM", [27] = "SIGPROF", [28] = "SIGWINCH", [29] = "SIGIO", [30] = "SIGPWR",
	[31] = "SIGSYS", [32] = "SIG32", [33] = "SIG33", [34] = "SIGRTMIN", [35] = "SIGRTMIN+1",
	[36] = "SIGRTMIN+2", [37] = "SIGRTMIN+3", [38] = "SIGRTMIN+4", [39] = "SIGRTMIN+5",
	[40] = "SIGRTMIN+6", [41] = "SIGRTMIN+7", [42] = "SIGRTMIN+8", [43] = "SIGRTMIN+9",
	[44] = "SIGRTMIN+10", [45] = "SIGRTMIN+11", [46] = "SIGRTMIN+12", [47] = "SIGRTMIN+13",
	[48] = "SIGRTMIN+14", [49] = "SIGRTMIN+15", [50] = "SIGRTMAX-14", [51] = "SIGRTMAX-13",
	[52] = "SIGRTMAX-12", [53] = "SIGRTMAX-11", [54] = "SIGRTMAX-10", [55] = "SIGRTMAX-9",
	[56] = "SIGRTMAX-8", [57] = "SIGRTMAX-7", [58] = "SIGRTMAX-6", [59] = "SIGRTMAX-5",
	[60] = "SIGRTMAX-4", [61] = "SIGRTMAX-3", [62] = "SIGRTMAX-2", [63] = "SIGRTMAX-1",
	[64] = "SIGRTMAX",
};

const char *fb_signal_name(int sig)
{
	return sig >= 0 && (size_t)sig < G_N_ELEMENTS(signals) ? signals[sig] : NULL;
}
