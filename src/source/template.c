/* SPDX-License-Identifier: MIT */
/* template.c - what the kind of an event tells alone: see template_init(). */
#include "source/binder.h"

void template_init(struct fb_event *ev, const struct fb_meaning *m, unsigned class)
{
	*ev = (struct fb_event){
		.kind = m->kind,
		.flags = m->flags,
		.class = class,
		.text = FB_NO_TEXT,
	};
	switch (m->kind) {
	case FB_EV_SWITCH:
		ev->sched_switch.prev_tid = ev->sched_switch.next_tid = -1;
		ev->sched_switch.prev_comm = FB_NO_TEXT;
		break;
	case FB_EV_WAKING:
	case FB_EV_WAKEUP:
	case FB_EV_WAKEUP_NEW:
	case FB_EV_EXIT:
	case FB_EV_FREE:
		ev->sched.tid = ev->sched.target_cpu = -1;
		ev->sched.success = 1;
		break;
	case FB_EV_FORK:
		ev->fork.parent_tid = ev->fork.child_tid = -1;
		break;
	case FB_EV_EXEC:
		ev->exec.tid = ev->exec.old_tid = -1;
		break;
	case FB_EV_SYS_ENTER:
		ev->sys_enter.call = m->call;
		ev->sys_enter.nr = ev->sys_enter.fd = -1;
		break;
	case FB_EV_SYS_EXIT:
		ev->sys_exit.call = m->call;
		break;
	case FB_EV_IRQ_ENTER:
	case FB_EV_IRQ_EXIT:
		ev->irq.irq = -1;
		break;
	case FB_EV_VEC_ENTER:
	case FB_EV_VEC_EXIT:
		ev->vec.name = m->name;
		ev->vec.number = -1;
		ev->vec.vector = m->vector;
		break;
	case FB_EV_SOFTIRQ_RAISE:
	case FB_EV_SOFTIRQ_ENTER:
	case FB_EV_SOFTIRQ_EXIT:
		ev->softirq.vec = UINT32_MAX;
		break;
	case FB_EV_SIGNAL_GENERATE:
		ev->signal.tid = -1;
		break;
	case FB_EV_BLOCK_ISSUE:
	case FB_EV_BLOCK_COMPLETE:
		ev->block.tid = -1;
		break;
	case FB_EV_SKB_FREE:
		ev->net.reason = -1;
		break;
	case FB_EV_TASK_STATE:
		ev->task_state.tid = -1;
		break;
	case FB_EV_MIGRATE:
		ev->migrate.tid = ev->migrate.from_cpu = ev->migrate.to_cpu = -1;
		break;
	case FB_EV_IRQ_INFO:
		ev->irq_info.irq = -1;
		break;
	default:
		break;
	}
}
