/* SPDX-License-Identifier: MIT */
/* syscalls.c - system calls by name and by number: the rows are in syscalls-table.h. */
#include <errno.h>

#include <glib.h>

#include <flightbox/event.h>

/* The flags as the table writes them. */
#define CALL(flag) flag = FB_CALL_##flag
enum {
	CALL(FD), CALL(TIMED), CALL(SIGNAL), CALL(CHILD), CALL(FORK), CALL(EXEC), CALL(KILL),
	CALL(EXIT), CALL(ENDLESS), CALL(SEND), CALL(FD_OUT), CALL(SEND_MANY), CALL(CONNECT),
	CALL(ACCEPT), CALL(RESTART), CALL(SOCKET), CALL(FUTEX), CALL(CLOSE),
	CALL(DUP), CALL(FCNTL), CALL(RECEIVE), CALL(MAKES_FD),
};
#undef CALL

enum { NO = -1, NUMBERS = 512 };

/* By name. */
static const struct fb_syscall rows[] = {
#include "event/syscalls-table.h"
};

static struct {
	uint16_t begin[UINT8_MAX + 2]; /* of the rows whose names begin with that letter, or a later one */
	const struct fb_syscall *x86_64[NUMBERS], *i386[NUMBERS], *generic[NUMBERS];
	GMutex lock;
	GHashTable *made;	       /* rows made since, by name; NULL: there are none */
} calls;

static void put(const struct fb_syscall **table, int number, const struct fb_syscall *row)
{
	g_assert(number < NUMBERS);
	if (number >= 0)
		table[number] = row;
}

/* Lives as long as the program. */
static void calls_init(void)
{
	static gsize is_done;

	if (!g_once_init_enter(&is_done))
		return;
	for (size_t i = 0, letter = 0; letter < G_N_ELEMENTS(calls.begin); letter++) {
		while (i < G_N_ELEMENTS(rows) && (uint8_t)*rows[i].name < letter)
			i++;
		calls.begin[letter] = i;
	}
	for (const struct fb_syscall *row = rows; row < rows + G_N_ELEMENTS(rows); row++) {
		g_assert(row == rows || strcmp(row[-1].name, row->name) < 0);
		put(calls.x86_64, row->x86_64, row);
		put(calls.i386, row->i386, row);
		put(calls.i386, row->time64 ? row->time64 : NO, row);
		put(calls.generic, row->generic, row);
	}
	g_once_init_leave(&is_done, 1);
}

/*
 * LTTng 2.14 tells the 32-bit variants of a call by the names of the functions
 * behind them: ia32_pread64, recvmmsg_time32, timerfd_settime32. The result is
 * part of `name`, or is written to `to`.
 */
static const char *plain_name(const char *name, char *to, size_t size)
{
	static const char ia32[] = "ia32_";

	if (!strncmp(name, ia32, strlen(ia32)))
		name += strlen(ia32);
	if (!g_str_has_suffix(name, "time32") && !g_str_has_suffix(name, "_time64"))
		return name;
	g_strlcpy(to, name, size);
	if (g_str_has_suffix(to, "_time32") || g_str_has_suffix(to, "_time64"))
		to[strlen(to) - strlen("_time32")] = '\0';
	else if (g_str_has_suffix(to, "time32"))
		to[strlen(to) - strlen("32")] = '\0';
	return to;
}

/* The row of the table; NULL: it has none. */
static const struct fb_syscall *find_row(const char *name)
{
	uint8_t letter = *name;
	size_t low = calls.begin[letter], high = calls.begin[letter + 1];

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, rows[middle].name);

		if (!order)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* A variant has a row of its own for its name's sake: reports call it what the recording does. */
static const struct fb_syscall *make_row(const char *name)
{
	struct fb_syscall *row = g_new(struct fb_syscall, 1);
	char room[64];
	const struct fb_syscall *plain = find_row(plain_name(name, room, sizeof(room)));

	*row = (struct fb_syscall){ .name = g_intern_string(name), NO, NO, NO };
	if (plain) {
		row->flags = plain->flags;
		row->timeout = plain->timeout;
		row->like = plain->like ? plain->like : plain->name;
	}
	if (!calls.made)
		calls.made = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(calls.made, (void *)row->name, row);
	return row;
}

const struct fb_syscall *fb_syscall_get(const char *name)
{
	const struct fb_syscall *row;

	calls_init();
	row = find_row(name);
	if (row)
		return row;
	g_mutex_lock(&calls.lock);
	row = calls.made ? g_hash_table_lookup(calls.made, name) : NULL;
	if (!row)
		row = make_row(name);
	g_mutex_unlock(&calls.lock);
	return row;
}

const struct fb_syscall *fb_syscall_by_number(enum fb_abi abi, int64_t nr)
{
	static const struct fb_syscall *const *const tables[FB_ABI_UNKNOWN] = {
		[FB_ABI_X86_64] = calls.x86_64,
		[FB_ABI_I386] = calls.i386,
		[FB_ABI_AARCH64] = calls.generic,
		[FB_ABI_RISCV64] = calls.generic,
		[FB_ABI_LOONGARCH64] = calls.generic,
	};

	if (abi >= FB_ABI_UNKNOWN || nr < 0 || nr >= NUMBERS)
		return NULL;
	calls_init();
	return tables[abi][nr];
}

static const char *family_of(const struct fb_syscall *call)
{
	return call->like ? call->like : call->name;
}

bool fb_syscall_does_as(const struct fb_syscall *a, const struct fb_syscall *b)
{
	return a == b || !strcmp(family_of(a), family_of(b));
}
