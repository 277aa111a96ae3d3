/* SPDX-License-Identifier: MIT */
/* window.c - maps and reads pieces of files, and tells when one of them has lost bytes. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctf/read/guard.h"
#include "ctf/read/window.h"

static void window_free(void *window)
{
	struct window *w = window;

	if (w->map) {
		guard_remove(w->guard);
		munmap(w->map, w->map_size);
	} else {
		free(w->at);
	}
	g_free(w);
}

void windows_init(struct windows *w)
{
	pthread_mutex_init(&w->lock, NULL);
	w->all = g_ptr_array_new_with_free_func(window_free);
	guard_on();
}

void windows_clear(struct windows *w)
{
	g_ptr_array_unref(w->all);
	pthread_mutex_destroy(&w->lock);
	guard_off();
}

/* Takes a window whose bytes are there; it is referred to once. */
static struct window *add(struct windows *all, struct window window)
{
	struct window *w = g_memdup2(&window, sizeof(window));

	w->refs = 1;
	pthread_mutex_lock(&all->lock);
	g_ptr_array_add(all->all, w);
	pthread_mutex_unlock(&all->lock);
	return w;
}

struct window *window_map(struct windows *all, int fd, uint64_t begin, size_t size)
{
	uint64_t ahead = begin % sysconf(_SC_PAGESIZE);
	struct window w = { .size = size, .map_size = size + ahead };

	w.map = mmap(NULL, w.map_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, begin - ahead);
	if (w.map == MAP_FAILED)
		return NULL;
	w.guard = guard_add(w.map, w.map_size);
	w.at = (uint8_t *)w.map + ahead;
	return add(all, w);
}

/* Reads as many of `size` bytes as there are; fewer, and errno, when that fails. */
static size_t read_bytes(int fd, uint8_t *to, size_t size, uint64_t begin)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, to + done, size - done, begin + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got ? errno : 0;
			break;
		}
		done += got;
	}
	return done;
}

struct window *window_read(struct windows *all, int fd, uint64_t begin, size_t size, uint32_t align)
{
	struct window w = { 0 }, *added;
	int why;

	if (posix_memalign((void **)&w.at, MAX(align, sizeof(void *)), size))
		return NULL;
	w.size = read_bytes(fd, w.at, size, begin);
	why = errno;
	added = add(all, w);
	errno = why;
	return added;
}

struct window *window_ref(struct window *w)
{
	g_atomic_int_inc(&w->refs);
	return w;
}

void window_unref(struct windows *all, struct window *w)
{
	guint i;

	if (!w || !g_atomic_int_dec_and_test(&w->refs))
		return;
	pthread_mutex_lock(&all->lock);
	if (g_ptr_array_find(all->all, w, &i))
		g_ptr_array_steal_index_fast(all->all, i);
	pthread_mutex_unlock(&all->lock);
	window_free(w);
}

bool window_has_holes(const struct window *w)
{
	return w->map && guard_was_hit(w->guard);
}

bool window_is_spoilt(const struct window *w, int fd, uint64_t begin)
{
	struct stat st;

	/* The last page of what is left is filled up with zeros, and faults nobody. */
	return w->map && (guard_was_hit(w->guard) || fstat(fd, &st) ||
			  (uint64_t)st.st_size < begin + w->size);
}

const struct window *windows_find(struct windows *all, const uint8_t *at)
{
	const struct window *found = NULL;

	pthread_mutex_lock(&all->lock);
	for (guint i = 0; i < all->all->len && !found; i++) {
		const struct window *w = g_ptr_array_index(all->all, i);

		if (at >= w->at && at < w->at + w->size)
			found = w;
	}
	pthread_mutex_unlock(&all->lock);
	return found;
}
