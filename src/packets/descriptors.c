/* SPDX-License-Identifier: MIT */
/* descriptors.c - a table by process and number; each socket knows a few processes that have it. */
#include "packets/flow.h"

#define DESCRIPTORS 2048

static bool descriptor_equal(const void *slot, const void *key)
{
	const struct descriptor *a = slot, *b = key;

	return a->process == b->process && a->fd == b->fd;
}

void descriptors_init(struct descriptors *d)
{
	cache_init(&d->all, sizeof(struct descriptor), DESCRIPTORS, descriptor_equal);
}

void descriptors_clear(struct descriptors *d)
{
	cache_clear(&d->all);
}

static uint64_t descriptor_hash(int32_t process, int32_t fd)
{
	return hash_add(hash_add(0, (uint32_t)process), (uint32_t)fd);
}

static struct descriptor *find(struct descriptors *d, int32_t process, int32_t fd)
{
	struct descriptor key = { .process = process, .fd = fd };

	return fd < 0 ? NULL : cache_find(&d->all, descriptor_hash(process, fd), &key);
}

/* ---- who has a socket -------------------------------------------------------------------- */

static struct owner *owner_find(struct flow *flow, int32_t process)
{
	for (unsigned i = 0; i < OWNERS; i++)
		if (flow->owners[i].descriptors && flow->owners[i].process == process)
			return &flow->owners[i];
	return NULL;
}

static void owner_add(struct flow *flow, int32_t process, bool is_sure)
{
	struct owner *owner = owner_find(flow, process);

	if (!owner) {
		owner = &flow->owners[flow->next_owner++ % OWNERS];
		*owner = (struct owner){ .process = process };
	}
	owner->descriptors++;
	owner->is_sure |= is_sure;
}

static void owner_remove(struct flow *flow, int32_t process)
{
	struct owner *owner = flow ? owner_find(flow, process) : NULL;

	if (owner)
		owner->descriptors--;
}

bool is_owner(const struct flow *flow, const struct fb_task *task, bool *is_sure)
{
	int32_t process = fb_task_process(task);

	for (unsigned i = 0; i < OWNERS; i++)
		if (flow->owners[i].descriptors && flow->owners[i].process == process) {
			*is_sure = flow->owners[i].is_sure;
			return true;
		}
	return false;
}

/* ---- what they stand for ----------------------------------------------------------------- */

static struct flow *stands_for(const struct descriptor *d)
{
	struct flow *flow = cache_deref(d->flow);

	return flow && (d->is_sure || d->epoch == flow->epoch) ? flow : NULL;
}

static void bind_one(struct descriptors *d, int32_t process, int32_t fd, struct flow *flow,
		     bool is_sure)
{
	struct descriptor key = { .process = process, .fd = fd }, *one;
	struct flow *before;
	bool is_new;

	one = cache_get(&d->all, descriptor_hash(process, fd), &key, &is_new);
	before = is_new ? NULL : stands_for(one);
	if (before && one->is_sure && !is_sure)
		return;
	if (before != flow) {
		owner_remove(before, process);
		owner_add(flow, process, is_sure);
	} else if (is_sure && owner_find(flow, process)) {
		owner_find(flow, process)->is_sure = true;
	}
	one->process = process;
	one->fd = fd;
	one->flow = cache_ref(flow);
	one->is_sure = is_sure;
	one->epoch = flow->epoch;
}

void descriptor_bind(struct descriptors *d, const struct fb_task *task, int32_t fd,
		     struct flow *flow, bool is_sure)
{
	if (fd >= 0)
		bind_one(d, fb_task_process(task), fd, flow, is_sure);
}

struct flow *descriptor_find(struct descriptors *d, const struct fb_task *task, int32_t fd,
			     bool *is_sure)
{
	const struct descriptor *one = find(d, fb_task_process(task), fd);

	*is_sure = one && one->is_sure;
	return one ? stands_for(one) : NULL;
}

void descriptor_close(struct descriptors *d, const struct fb_task *task, int32_t fd)
{
	int32_t process = fb_task_process(task);
	struct descriptor *one = find(d, process, fd);

	if (!one)
		return;
	owner_remove(stands_for(one), process);
	one->flow = (struct cache_ref){ 0 };
}

void descriptor_copy(struct descriptors *d, const struct fb_task *task, int32_t from, int32_t to)
{
	bool is_sure;
	struct flow *flow = descriptor_find(d, task, from, &is_sure);

	if (from == to || to < 0)
		return;
	descriptor_close(d, task, to);
	if (flow)
		descriptor_bind(d, task, to, flow, is_sure);
}

void descriptors_fork(struct descriptors *d, int32_t parent, int32_t child)
{
	for (size_t i = 0; i < d->all.n; i++) {
		const struct descriptor *one = cache_nth(&d->all, i);
		struct flow *flow = one && one->process == parent ? stands_for(one) : NULL;

		if (flow)
			bind_one(d, child, one->fd, flow, one->is_sure);
	}
}

void descriptors_lost(struct descriptors *d)
{
	for (size_t i = 0; i < d->all.n; i++) {
		struct descriptor *one = cache_nth(&d->all, i);
		const struct flow *flow = one ? stands_for(one) : NULL;

		if (!flow)
			continue;
		one->is_sure = false;
		one->epoch = flow->epoch;
	}
}
