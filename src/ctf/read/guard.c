/* SPDX-License-Identifier: MIT */
/* guard.c - the SIGBUS handler, and the list of mappings in which it looks up the address. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

#include "ctf/read/guard.h"

/*
 * A handler can neither lock nor allocate, and must not meet freed memory: guards stay in one
 * list for good, and are used again. Those of no size guard nothing.
 */
struct guard {
	uintptr_t begin, size;
	int hit;
	struct guard *next; /* in the list of all; never changes */
	struct guard *free; /* under the lock */
};

static struct guard *all;	/* read by the handler */
static uintptr_t page_size;	/* likewise; before it is installed */
static struct sigaction before; /* likewise */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct guard *unused;
static unsigned users;
static bool is_installed;

/* ---- the signal ------------------------------------------------------------------------- */

static struct guard *find(uintptr_t at)
{
	for (struct guard *g = __atomic_load_n(&all, __ATOMIC_ACQUIRE); g; g = g->next) {
		uintptr_t size = __atomic_load_n(&g->size, __ATOMIC_ACQUIRE);
		uintptr_t begin = __atomic_load_n(&g->begin, __ATOMIC_RELAXED);

		if (at - begin < size)
			return g;
	}
	return NULL;
}

/* Zeros instead of what is no longer there. False when it is none of ours. */
static bool patch(uintptr_t at)
{
	struct guard *g = find(at);

	if (!g)
		return false;
	__atomic_store_n(&g->hit, 1, __ATOMIC_RELEASE);
	return mmap((void *)(at & -page_size), page_size, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(number, info, context);
	} else if (before.sa_handler == SIG_DFL ||
		   (before.sa_handler == SIG_IGN && info->si_code > 0)) {
		/* What failed fails again, and ends the process as it would have without us. */
		signal(number, SIG_DFL);
		raise(number);
	} else if (before.sa_handler != SIG_IGN) {
		before.sa_handler(number);
	}
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	if (info->si_code != BUS_ADRERR || !patch((uintptr_t)info->si_addr))
		pass_on(number, info, context);
	errno = saved;
}

/* ---- whose it is ------------------------------------------------------------------------ */

static bool is_ours(void)
{
	struct sigaction now;

	return !sigaction(SIGBUS, NULL, &now) && now.sa_flags & SA_SIGINFO &&
	       now.sa_sigaction == on_fault;
}

void guard_on(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART };

	pthread_mutex_lock(&lock);
	/* Somebody who came after us may call us: coming again would make that a circle. */
	if (!users++ && !is_installed) {
		page_size = sysconf(_SC_PAGESIZE);
		action.sa_sigaction = on_fault;
		sigemptyset(&action.sa_mask);
		sigaction(SIGBUS, NULL, &before);
		is_installed = !sigaction(SIGBUS, &action, NULL);
	}
	pthread_mutex_unlock(&lock);
}

void guard_off(void)
{
	pthread_mutex_lock(&lock);
	if (!--users && is_ours())
		is_installed = sigaction(SIGBUS, &before, NULL) != 0;
	pthread_mutex_unlock(&lock);
}

/* ---- mappings --------------------------------------------------------------------------- */

struct guard *guard_add(void *map, size_t size)
{
	struct guard *g;

	pthread_mutex_lock(&lock);
	g = unused;
	if (g) {
		unused = g->free;
	} else {
		g = g_new0(struct guard, 1);
		g->next = all;
		__atomic_store_n(&all, g, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
	g->hit = 0;
	__atomic_store_n(&g->begin, (uintptr_t)map, __ATOMIC_RELAXED);
	__atomic_store_n(&g->size, size, __ATOMIC_RELEASE);
	return g;
}

void guard_remove(struct guard *g)
{
	__atomic_store_n(&g->size, 0, __ATOMIC_RELEASE);
	pthread_mutex_lock(&lock);
	g->free = unused;
	unused = g;
	pthread_mutex_unlock(&lock);
}

bool guard_was_hit(const struct guard *g)
{
	return __atomic_load_n(&g->hit, __ATOMIC_ACQUIRE);
}
