/* SPDX-License-Identifier: MIT */
/* callers.c - see callers.h. */
#include "packets/callers.h"

#include <glib.h>

#define CALLERS 1024

static const struct {
	const char *name;
	enum call_kind kind;
} names[] = {
	{ "write", CALL_SENDS },      { "writev", CALL_SENDS },	  { "send", CALL_SENDS },
	{ "sendto", CALL_SENDS },     { "sendmsg", CALL_SENDS },  { "sendfile", CALL_SENDS },
	{ "sendfile64", CALL_SENDS }, { "splice", CALL_SPLICES }, { "sendmmsg", CALL_COUNTS },
	{ "connect", CALL_CONNECTS }, { "accept", CALL_ACCEPTS }, { "accept4", CALL_ACCEPTS },
};

static unsigned place_of(const char *name)
{
	return hash_add(0, (uintptr_t)name);
}

static bool caller_equal(const void *slot, const void *key)
{
	return ((const struct caller *)slot)->task == key;
}

void callers_init(struct callers *c, struct fb_source *source)
{
	*c = (struct callers){ .source = source };
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *name = g_intern_static_string(names[i].name);
		unsigned at = place_of(name);

		while (c->kinds[at % G_N_ELEMENTS(c->kinds)].name)
			at++;
		c->kinds[at % G_N_ELEMENTS(c->kinds)].name = name;
		c->kinds[at % G_N_ELEMENTS(c->kinds)].kind = names[i].kind;
	}
	cache_init(&c->all, sizeof(struct caller), CALLERS, caller_equal);
}

void callers_clear(struct callers *c)
{
	cache_clear(&c->all);
}

/* Most calls are none of these: this must cost little. */
static enum call_kind kind_of(const struct callers *c, const char *name)
{
	unsigned at = place_of(name);

	for (;; at++) {
		const char *here = c->kinds[at % G_N_ELEMENTS(c->kinds)].name;

		if (!here || here == name)
			return c->kinds[at % G_N_ELEMENTS(c->kinds)].kind;
	}
}

struct caller *callers_find(struct callers *c, const struct fb_task *task)
{
	return cache_find(&c->all, hash_add(0, (uintptr_t)task), task);
}

struct caller *callers_enter(struct callers *c, const struct fb_event *ev,
			     const struct fb_task *task)
{
	enum call_kind kind = kind_of(c, ev->sys_enter.name);
	struct fb_value value;
	struct caller *caller;
	bool is_new;

	if (kind == CALL_OTHER)
		return NULL;
	caller = cache_get(&c->all, hash_add(0, (uintptr_t)task), task, &is_new);
	caller->task = task;
	caller->open = (struct call){ .kind = kind,
				      .name = ev->sys_enter.name,
				      .fd = ev->sys_enter.fd,
				      .begin = ev->time,
				      .last_sent = FB_NS_NONE };
	if (kind == CALL_SPLICES)
		caller->open.fd =
			fb_source_field(c->source, ev, FB_EXTRA_FD_OUT, &value) ? value.number : -1;
	return caller;
}

struct caller *callers_exit(struct callers *c, const struct fb_event *ev,
			    const struct fb_task *task, struct call *over)
{
	struct caller *caller;

	/* Entries and exits belong together by task; names are only the quick way out. */
	if (ev->sys_exit.name && kind_of(c, ev->sys_exit.name) == CALL_OTHER)
		return NULL;
	caller = callers_find(c, task);
	if (!caller || caller->open.kind == CALL_OTHER)
		return NULL;
	*over = caller->open;
	over->end = ev->time;
	caller->open.kind = CALL_OTHER;
	if ((over->kind == CALL_SENDS || over->kind == CALL_SPLICES) && ev->sys_exit.ret > 0) {
		over->bytes = ev->sys_exit.ret;
		caller->recent[caller->n_recent++ % RECENT_CALLS] = *over;
	}
	return caller;
}

const struct call *caller_recent(const struct caller *caller, unsigned i)
{
	if (i >= MIN(caller->n_recent, RECENT_CALLS))
		return NULL;
	return &caller->recent[(caller->n_recent - 1 - i) % RECENT_CALLS];
}

void callers_lost(struct callers *c)
{
	for (size_t i = 0; i < c->all.n; i++) {
		struct caller *caller = cache_nth(&c->all, i);

		if (caller)
			caller->open.kind = CALL_OTHER;
	}
}
