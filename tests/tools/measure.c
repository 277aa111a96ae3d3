/* SPDX-License-Identifier: MIT */
/*
 * measure.c - runs a command once and prints what it took:
 *
 *	measure COMMAND [ARGUMENT…]     WALL-NS CPU-NS MAX-RSS-KIB
 *
 * What the command prints goes nowhere. One that fails is an error, with the last line
 * of its messages. A shell with date and time(1) would add several milliseconds to runs
 * of less than a hundred.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the command said last, without its newline. */
static void read_last_line(FILE *messages, char *line, size_t size)
{
	char next[512];

	*line = '\0';
	rewind(messages);
	while (fgets(next, sizeof(next), messages)) {
		next[strcspn(next, "\n")] = '\0';
		if (*next)
			snprintf(line, size, "%s", next);
	}
}

static _Noreturn void become(char **argv, FILE *messages)
{
	int null = open("/dev/null", O_RDWR);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
	    dup2(fileno(messages), STDERR_FILENO) >= 0)
		execvp(*argv, argv);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(127);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static uint64_t timeval_ns(struct timeval t)
{
	return t.tv_sec * UINT64_C(1000000000) + t.tv_usec * UINT64_C(1000);
}

static int explain(const char *command, int status, FILE *messages)
{
	char line[512];

	read_last_line(messages, line, sizeof(line));
	if (WIFSIGNALED(status))
		fprintf(stderr, "measure: %s: killed by signal %d: %s\n", command, WTERMSIG(status),
			line);
	else
		fprintf(stderr, "measure: %s: status %d: %s\n", command, WEXITSTATUS(status), line);
	return 1;
}

int main(int argc, char **argv)
{
	FILE *messages = tmpfile();
	struct rusage used;
	uint64_t begin, end;
	pid_t child;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: measure COMMAND [ARGUMENT...]\n");
		return 2;
	}
	begin = now_ns();
	child = messages ? fork() : -1;
	if (!child)
		become(argv + 1, messages);
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		fprintf(stderr, "measure: %s\n", strerror(errno));
		return 1;
	}
	end = now_ns();
	if (status)
		return explain(argv[1], status, messages);
	/* The kernel counts what this process had before the exec as the command's: about 1 MiB. */
	printf("%" PRIu64 " %" PRIu64 " %ld\n", end - begin,
	       timeval_ns(used.ru_utime) + timeval_ns(used.ru_stime), used.ru_maxrss);
	return fflush(stdout) != 0;
}
