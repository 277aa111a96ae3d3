/* SPDX-License-Identifier: MIT */
/*
 * buffers.c - whoever takes data out of a buffer shows whose descriptor is whose socket.
 *
 * The address of a buffer that nobody saw freed may be another's by now, of a socket that is no
 * network's: so more than was in it is not taken out of it, nor anything twice.
 */
#include "packets/flow.h"

#define BUFFERS 2048

static bool buffer_equal(const void *slot, const void *key)
{
	return ((const struct buffer *)slot)->skb == *(const uint64_t *)key;
}

void buffers_init(struct buffers *b)
{
	cache_init(&b->all, sizeof(struct buffer), BUFFERS, buffer_equal);
}

void buffers_clear(struct buffers *b)
{
	cache_clear(&b->all);
}

void buffers_lost(struct buffers *b)
{
	for (size_t i = 0; i < b->all.n; i++) {
		struct buffer *one = cache_nth(&b->all, i);

		if (one)
			one->left = 0;
	}
}

static struct buffer *find(struct buffers *b, uint64_t skb)
{
	struct buffer *one = cache_find(&b->all, hash_add(0, skb), &skb);

	return one && one->left ? one : NULL;
}

void flows_fill(struct flows *f, uint64_t skb, const struct packet *p, struct flow *flow)
{
	struct buffer *one;
	bool is_new;

	if (!flow || !p->header.payload) {
		flows_drop(f, skb);
		return;
	}
	one = cache_get(&f->buffers.all, hash_add(0, skb), &skb, &is_new);
	one->skb = skb;
	one->flow = cache_ref(flow);
	one->left = p->header.payload;
	one->is_datagram = !is_tcp(&p->header);
}

void flows_drop(struct flows *f, uint64_t skb)
{
	struct buffer *one = find(&f->buffers, skb);

	if (one)
		one->left = 0;
}

/* A datagram is used up as a whole; of a stream as much as was asked for is taken. */
void flows_take(struct flows *f, const struct fb_event *ev, const struct fb_task *task)
{
	struct buffer *one = find(&f->buffers, ev->net.skbaddr);
	bool is_copy = ev->kind == FB_EV_SKB_COPY, is_sure;
	struct flow *flow = one ? cache_deref(one->flow) : NULL;
	const struct fb_syscall *call;
	int32_t fd;

	if (!one || (is_copy && ev->net.len > one->left))
		return;
	if (is_copy)
		one->left -= ev->net.len;
	else
		one->left = 0;
	call = fb_task_call(task, &fd);
	if (!flow || is_copy == one->is_datagram || !fb_syscall_is(call, FB_CALL_RECEIVE))
		return;
	if (!descriptor_find(&f->descriptors, task, fd, &is_sure) || !is_sure)
		descriptor_bind(&f->descriptors, task, fd, flow, true);
}
