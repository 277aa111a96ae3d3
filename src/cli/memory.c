/* SPDX-License-Identifier: MIT */
/*
 * memory.c - the end of memory. GLib ends the process where an allocation fails, by a signal;
 * here it ends as after any other error: with a line that says so, what is ready of the
 * report, and the exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

static void (*save)(void *);
static void *save_data;

void memory_save(void (*function)(void *), void *data)
{
	save = function;
	save_data = data;
}

/* Allocates nothing. */
static _Noreturn void end(void)
{
	static const char message[] = "flightbox: out of memory\n";
	static atomic_flag is_under_way;

	while (atomic_flag_test_and_set(&is_under_way))
		pause();
	/* What another thread writes to is not at rest. */
	if (save && gettid() == getpid())
		save(save_data);
	if (write(STDERR_FILENO, message, strlen(message)) < 0)
		errno = 0; /* nobody is left to tell */
	_exit(STATUS_TRACE);
}

/* `message` is NULL where there was no memory for it either. */
static void on_log(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
	if ((level & G_LOG_LEVEL_ERROR) &&
	    (!message || strstr(message, "alloca") || strstr(message, "memory")))
		end();
	g_log_default_handler(domain, level, message, data);
}

#ifndef FB_SANITIZED /* which has its own */
/*
 * In place of the C library's. Where memory has ended for good, GLib wants to say so by a text
 * that it has no memory for, wants to say that, and so on until the stack ends: it asks us
 * for the text, by one of these names.
 */
int vasprintf(char **to, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return length;
	*to = malloc(length + 1);
	if (!*to)
		end();
	return vsnprintf(*to, length + 1, format, args);
}

int __vasprintf_chk(char **to, int flag, const char *format, va_list args);

int __vasprintf_chk(char **to, int flag, const char *format, va_list args)
{
	(void)flag;
	return vasprintf(to, format, args);
}
#endif

/* Before 2.76 GLib has an allocator that aborts without a word to the log. */
static void on_abort(int number)
{
	(void)number;
	if (errno == ENOMEM)
		end();
}

void memory_watch(void)
{
	const struct sigaction action = { .sa_handler = on_abort };

	g_log_set_default_handler(on_log, NULL);
	sigaction(SIGABRT, &action, NULL);
	/* What the log keeps for each thread is made at the first message. */
	g_log(NULL, G_LOG_LEVEL_DEBUG, "ready");
}
