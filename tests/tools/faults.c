/* SPDX-License-Identifier: MIT */
/*
 * faults.c - has a call of a program fail, to be preloaded:
 *
 *	LD_PRELOAD=faults.so FAULT="pread 3 EIO" FAULT_TO=9 flightbox … 9>fired
 *
 * FAULT is a call, the number of the one that fails, counted from the first setlocale(),
 * which stands for the begin of main(), and how: ENOMEM, EIO, EINTR, ENOSPC, EPIPE, EMFILE,
 * EAGAIN, or SHORT for half as much as was asked. With a `+` behind the number all later ones
 * fail too. "malloc" is any allocation. What has happened is told to the descriptor FAULT_TO:
 * one byte for each failure.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SHORT = -1 };

/* The C library's own, which need no dlsym(): that allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t align, size_t size);

static char call[16];
static unsigned at;
static bool goes_on;
static int how, told_to = -1;
static atomic_uint count;
static atomic_bool has_begun;

static void read_fault(void)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = {
		{ "ENOMEM", ENOMEM }, { "EIO", EIO }, { "EINTR", EINTR }, { "ENOSPC", ENOSPC },
		{ "EPIPE", EPIPE }, { "EMFILE", EMFILE }, { "EAGAIN", EAGAIN }, { "SHORT", SHORT },
	};
	const char *fault = getenv("FAULT"), *to = getenv("FAULT_TO");
	char number[16], name[16];

	if (!fault || sscanf(fault, "%15s %15s %15s", call, number, name) != 3)
		return;
	at = strtoul(number, NULL, 10);
	goes_on = strchr(number, '+') != NULL;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(name, errors[i].name))
			how = errors[i].error;
	told_to = to ? atoi(to) : -1;
}

/* Whether this one is to fail; errno says how then. */
static bool fails(const char *name)
{
	unsigned n;

	if (!has_begun || strcmp(name, call))
		return false;
	n = ++count;
	if (n != at && !(goes_on && n > at))
		return false;
	if (told_to >= 0)
		syscall(SYS_write, told_to, "x", 1);
	errno = how == SHORT ? 0 : how;
	return true;
}

/* The function of that name that would have been called without us. */
#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

char *setlocale(int category, const char *locale)
{
	NEXT(setlocale);
	if (!has_begun) {
		read_fault();
		has_begun = true;
	}
	return next(category, locale);
}

void *malloc(size_t size)
{
	return fails("malloc") ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails("malloc") ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails("malloc") ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **to, size_t align, size_t size)
{
	void *memory = fails("malloc") ? NULL : __libc_memalign(align, size);

	if (!memory)
		return ENOMEM;
	*to = memory;
	return 0;
}

ssize_t read(int fd, void *to, size_t n)
{
	NEXT(read);
	if (!fails("read"))
		return next(fd, to, n);
	return how == SHORT ? next(fd, to, (n + 1) / 2) : -1;
}

ssize_t pread(int fd, void *to, size_t n, off_t offset)
{
	NEXT(pread);
	if (!fails("pread"))
		return next(fd, to, n, offset);
	return how == SHORT ? next(fd, to, (n + 1) / 2, offset) : -1;
}

ssize_t write(int fd, const void *from, size_t n)
{
	NEXT(write);
	/* What is said of a failure is let through. */
	if (fd == STDERR_FILENO || !fails("write"))
		return next(fd, from, n);
	return how == SHORT ? next(fd, from, (n + 1) / 2) : -1;
}

int open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	NEXT(open);
	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return fails("open") ? -1 : next(path, flags, mode);
}

int fstat(int fd, struct stat *st)
{
	NEXT(fstat);
	return fails("fstat") ? -1 : next(fd, st);
}

int ftruncate(int fd, off_t size)
{
	NEXT(ftruncate);
	return fails("ftruncate") ? -1 : next(fd, size);
}

int close(int fd)
{
	bool fail = fails("close");
	int error = errno, result;

	NEXT(close);
	result = next(fd);
	if (fail)
		errno = error;
	return fail ? -1 : result;
}

struct dirent *readdir(DIR *directory)
{
	NEXT(readdir);
	return fails("readdir") ? NULL : next(directory);
}

void *mmap(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	return fails("mmap") ? MAP_FAILED : next(where, size, protection, flags, fd, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *data)
{
	NEXT(pthread_create);
	return fails("pthread") ? how : next(thread, attr, start, data);
}
