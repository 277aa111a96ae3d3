/* SPDX-License-Identifier: MIT */
/*
 * vocabulary.c - the kernel events and fields that flightbox understands, by
 * every name that LTTng 2.0 to 2.14 and perf give them.
 *
 * Names changed over time: LTTng 2.6 named the exits of system calls, 2.7 put
 * the subsystem before softirq, hrtimer and netif events, 2.8 brought the x86
 * vectors. perf names an event SUBSYSTEM:EVENT and calls a tid "pid".
 */
#include <glib.h>

#include <flightbox/event.h>

/* A field held in the flat record. */
#define IN(type_, member, name_, alias_) \
	{ .name = name_, .alias = alias_, .type = FB_FIELD_##type_, \
	  .size = sizeof(((struct fb_event *)0)->member), .offset = offsetof(struct fb_event, member) }
/* A field decoded on demand. */
#define COLD(type_, name_, alias_) { .name = name_, .alias = alias_, .type = FB_FIELD_##type_ }
/* … that lies in a packet's header: LTTng >= 2.9 records them. */
#define IN_IP(type_, name_, alias_) \
	{ .name = name_, .alias = alias_, .within = "network_header.*", \
	  .type = FB_FIELD_##type_ }
#define IN_TCP(type_, name_) \
	{ .name = name_, .within = "network_header.*.transport_header.*", .type = FB_FIELD_##type_ }
/* The kind's principal text, at fb_event.text. */
#define TEXT(name_) { .name = name_, .type = FB_FIELD_TEXT, .size = sizeof(uint16_t), \
		      .offset = offsetof(struct fb_event, text) }

#define SCHED_WAKE { TEXT("comm"), IN(INT, sched.tid, "tid", "pid"), COLD(INT, "prio", NULL), \
		     IN(INT, sched.target_cpu, "target_cpu", NULL), \
		     IN(INT, sched.success, "success", NULL) }
#define SCHED_END { TEXT("comm"), IN(INT, sched.tid, "tid", "pid"), COLD(INT, "prio", NULL) }
#define FAULT { IN(HEX, fault.address, "address", NULL), IN(HEX, fault.ip, "ip", NULL), \
		COLD(HEX, "error_code", NULL) }
#define SOFTIRQ { IN(UINT, softirq.vec, "vec", NULL) }
#define VECTOR { IN(INT, vec.number, "vector", NULL) }
#define SKB_NAMED { IN(HEX, net.skbaddr, "skbaddr", NULL), IN(UINT, net.len, "len", NULL), TEXT("name") }
#define NET { IN(HEX, net.skbaddr, "skbaddr", NULL), IN(UINT, net.len, "len", NULL), TEXT("name"), \
	      COLD(UINT, "network_header_type", NULL), \
	      IN_IP(ADDRESS, "saddr", NULL), IN_IP(ADDRESS, "daddr", NULL), \
	      IN_IP(UINT, "protocol", "nexthdr"), IN_IP(UINT, "ihl", NULL), \
	      IN_IP(UINT, "tot_len", NULL), IN_IP(UINT, "payload_len", NULL), \
	      IN_IP(HEX, "id", NULL), IN_IP(UINT, "transport_header_type", NULL), \
	      IN_TCP(UINT, "source_port"), IN_TCP(UINT, "dest_port"), IN_TCP(UINT, "seq"), \
	      IN_TCP(UINT, "ack_seq"), IN_TCP(UINT, "data_offset"), IN_TCP(HEX, "flags"), \
	      IN_TCP(UINT, "window_size") }

const struct fb_kind_desc fb_kinds[FB_EV_KINDS] = {
	[FB_EV_NONE] = { "none" },
	[FB_EV_SWITCH] = { "sched_switch", {
		{ .name = "prev_comm", .type = FB_FIELD_TEXT, .size = sizeof(uint16_t),
		  .offset = offsetof(struct fb_event, sched_switch.prev_comm) },
		IN(INT, sched_switch.prev_tid, "prev_tid", "prev_pid"),
		COLD(INT, "prev_prio", NULL),
		IN(INT, sched_switch.prev_state, "prev_state", NULL),
		TEXT("next_comm"),
		IN(INT, sched_switch.next_tid, "next_tid", "next_pid"),
		COLD(INT, "next_prio", NULL) } },
	[FB_EV_WAKING] = { "sched_waking", SCHED_WAKE },
	[FB_EV_WAKEUP] = { "sched_wakeup", SCHED_WAKE },
	[FB_EV_WAKEUP_NEW] = { "sched_wakeup_new", SCHED_WAKE },
	[FB_EV_FORK] = { "sched_process_fork", {
		COLD(TEXT, "parent_comm", NULL),
		/* perf's parent_pid and child_pid are tids. */
		IN(INT, fork.parent_tid, "parent_tid", "parent_pid"),
		IN(INT, fork.parent_pid, "parent_pid", NULL),
		TEXT("child_comm"),
		IN(INT, fork.child_tid, "child_tid", "child_pid"),
		IN(INT, fork.child_pid, "child_pid", NULL) } },
	[FB_EV_EXEC] = { "sched_process_exec", {
		TEXT("filename"),
		IN(INT, exec.tid, "tid", "pid"),
		IN(INT, exec.old_tid, "old_tid", "old_pid") } },
	[FB_EV_EXIT] = { "sched_process_exit", SCHED_END },
	[FB_EV_FREE] = { "sched_process_free", SCHED_END },
	[FB_EV_SYS_ENTER] = { "syscall_entry_", {
		IN(INT, sys_enter.nr, "id", NULL),
		IN(INT, sys_enter.fd, "fd", NULL) } },
	[FB_EV_SYS_EXIT] = { "syscall_exit_", { IN(INT, sys_exit.ret, "ret", NULL) } },
	[FB_EV_FAULT_USER] = { "x86_exceptions_page_fault_user", FAULT },
	[FB_EV_FAULT_KERNEL] = { "x86_exceptions_page_fault_kernel", FAULT },
	[FB_EV_IRQ_ENTER] = { "irq_handler_entry", {
		IN(INT, irq.irq, "irq", NULL), TEXT("name") } },
	[FB_EV_IRQ_EXIT] = { "irq_handler_exit", {
		IN(INT, irq.irq, "irq", NULL), IN(INT, irq.ret, "ret", NULL) } },
	[FB_EV_VEC_ENTER] = { "x86_irq_vectors_", VECTOR },
	[FB_EV_VEC_EXIT] = { "x86_irq_vectors_", VECTOR },
	[FB_EV_SOFTIRQ_RAISE] = { "irq_softirq_raise", SOFTIRQ },
	[FB_EV_SOFTIRQ_ENTER] = { "irq_softirq_entry", SOFTIRQ },
	[FB_EV_SOFTIRQ_EXIT] = { "irq_softirq_exit", SOFTIRQ },
	[FB_EV_HRTIMER_ENTER] = { "timer_hrtimer_expire_entry", {
		IN(HEX, timer.timer, "hrtimer", NULL), COLD(INT, "now", NULL),
		IN(HEX, timer.function, "function", NULL) } },
	[FB_EV_HRTIMER_EXIT] = { "timer_hrtimer_expire_exit", {
		IN(HEX, timer.timer, "hrtimer", NULL) } },
	[FB_EV_TIMER_ENTER] = { "timer_expire_entry", {
		IN(HEX, timer.timer, "timer", NULL), COLD(UINT, "now", NULL),
		IN(HEX, timer.function, "function", NULL) } },
	[FB_EV_TIMER_EXIT] = { "timer_expire_exit", { IN(HEX, timer.timer, "timer", NULL) } },
	[FB_EV_SIGNAL_GENERATE] = { "signal_generate", {
		IN(INT, signal.sig, "sig", NULL), COLD(INT, "errno", NULL),
		IN(INT, signal.code, "code", NULL), TEXT("comm"),
		IN(INT, signal.tid, "pid", NULL), IN(INT, signal.group, "group", NULL),
		IN(INT, signal.result, "result", NULL) } },
	[FB_EV_SIGNAL_DELIVER] = { "signal_deliver", {
		IN(INT, signal.sig, "sig", NULL), COLD(INT, "errno", NULL),
		IN(INT, signal.code, "code", NULL), COLD(HEX, "sa_handler", NULL),
		COLD(HEX, "sa_flags", NULL) } },
	[FB_EV_BLOCK_ISSUE] = { "block_rq_issue", {
		IN(UINT, block.dev, "dev", NULL), IN(UINT, block.sector, "sector", NULL),
		COLD(UINT, "nr_sector", NULL), COLD(UINT, "bytes", NULL),
		IN(INT, block.tid, "tid", NULL), COLD(INT, "rwbs", NULL), TEXT("comm") } },
	[FB_EV_BLOCK_COMPLETE] = { "block_rq_complete", {
		IN(UINT, block.dev, "dev", NULL), IN(UINT, block.sector, "sector", NULL),
		COLD(UINT, "nr_sector", NULL), COLD(INT, "error", "errors"),
		COLD(INT, "rwbs", NULL) } },
	[FB_EV_NET_QUEUE] = { "net_dev_queue", NET },
	[FB_EV_NET_RECEIVE] = { "net_if_receive_skb", NET },
	[FB_EV_NET_START] = { "net_dev_start_xmit", SKB_NAMED },
	[FB_EV_NET_XMIT] = { "net_dev_xmit", {
		IN(HEX, net.skbaddr, "skbaddr", NULL), IN(UINT, net.len, "len", NULL), TEXT("name"),
		IN(INT, net.reason, "rc", NULL) } },
	[FB_EV_NET_LOOP] = { "net_if_rx_entry", SKB_NAMED },
	[FB_EV_SKB_COPY] = { "skb_copy_datagram_iovec", {
		IN(HEX, net.skbaddr, "skbaddr", NULL), IN(UINT, net.len, "len", NULL) } },
	[FB_EV_SKB_CONSUME] = { "skb_consume", {
		IN(HEX, net.skbaddr, "skbaddr", NULL), COLD(HEX, "location", NULL) } },
	[FB_EV_SKB_FREE] = { "skb_kfree", {
		IN(HEX, net.skbaddr, "skbaddr", NULL), COLD(HEX, "location", NULL),
		IN(INT, net.reason, "reason", NULL) } },
	[FB_EV_WORK_QUEUE] = { "workqueue_queue_work", {
		IN(HEX, work.work, "work", NULL), IN(HEX, work.function, "function", NULL),
		COLD(UINT, "req_cpu", NULL) } },
	[FB_EV_WORK_ACTIVATE] = { "workqueue_activate_work", {
		IN(HEX, work.work, "work", NULL) } },
	[FB_EV_WORK_START] = { "workqueue_execute_start", {
		IN(HEX, work.work, "work", NULL), IN(HEX, work.function, "function", NULL) } },
	[FB_EV_WORK_END] = { "workqueue_execute_end", { IN(HEX, work.work, "work", NULL) } },
	[FB_EV_TASK_STATE] = { "lttng_statedump_process_state", {
		IN(INT, task_state.tid, "tid", NULL), IN(INT, task_state.pid, "pid", NULL),
		IN(INT, task_state.ppid, "ppid", NULL), TEXT("name"),
		IN(INT, task_state.type, "type", NULL), IN(INT, task_state.status, "status", NULL),
		IN(INT, task_state.ns_level, "ns_level", NULL) } },
	[FB_EV_MIGRATE] = { "sched_migrate_task", {
		TEXT("comm"), IN(INT, migrate.tid, "tid", "pid"), COLD(INT, "prio", NULL),
		IN(INT, migrate.from_cpu, "orig_cpu", NULL),
		IN(INT, migrate.to_cpu, "dest_cpu", NULL) } },
	[FB_EV_IRQ_INFO] = { "lttng_statedump_interrupt", {
		IN(INT, irq_info.irq, "irq", NULL), COLD(TEXT, "name", NULL), TEXT("action"),
		IN(INT, irq_info.tid, "tid", NULL) } },
	[FB_EV_STATEDUMP_START] = { "lttng_statedump_start" },
	[FB_EV_STATEDUMP_END] = { "lttng_statedump_end" },
	[FB_EV_LOST] = { "lost" },
};

/* Names that are neither canonical nor canonical behind perf's subsystem. */
static const struct {
	const char *name;
	enum fb_kind kind;
} aliases[] = {
	{ "softirq_raise", FB_EV_SOFTIRQ_RAISE },               /* LTTng < 2.7, perf */
	{ "softirq_entry", FB_EV_SOFTIRQ_ENTER },
	{ "softirq_exit", FB_EV_SOFTIRQ_EXIT },
	{ "hrtimer_expire_entry", FB_EV_HRTIMER_ENTER },        /* LTTng < 2.7, perf */
	{ "hrtimer_expire_exit", FB_EV_HRTIMER_EXIT },
	{ "netif_receive_skb", FB_EV_NET_RECEIVE },             /* LTTng < 2.7, perf */
	{ "netif_rx_entry", FB_EV_NET_LOOP },                   /* perf */
	{ "consume_skb", FB_EV_SKB_CONSUME },
	{ "kfree_skb", FB_EV_SKB_FREE },
	{ "page_fault_user", FB_EV_FAULT_USER },                /* perf */
	{ "page_fault_kernel", FB_EV_FAULT_KERNEL },
};

static const struct {
	const char *name;
	enum fb_vector vector;
} vectors[] = {
	{ "local_timer", FB_VEC_LOCAL_TIMER },
	{ "reschedule", FB_VEC_RESCHEDULE },
	{ "call_function", FB_VEC_CALL_FUNCTION },
	{ "call_function_single", FB_VEC_CALL_FUNCTION_SINGLE },
	{ "irq_work", FB_VEC_IRQ_WORK },
	{ "ipi", FB_VEC_OTHER },          /* x86_platform_ipi */
	{ "x86_platform_ipi", FB_VEC_OTHER },
	{ "spurious_apic", FB_VEC_OTHER },
	{ "error_apic", FB_VEC_OTHER },
	{ "threshold_apic", FB_VEC_OTHER },
	{ "deferred_error_apic", FB_VEC_OTHER },
	{ "thermal_apic", FB_VEC_OTHER },
};

/* Ways to write a system call's event: prefix, kind, and whose table. Longest first. */
static const struct {
	const char *prefix;
	uint8_t length;
	uint8_t flags;
	enum fb_kind kind;
} syscall_prefixes[] = {
#define PREFIX(text) text, sizeof(text) - 1
	{ PREFIX("compat_syscall_entry_"), FB_COMPAT, FB_EV_SYS_ENTER },
	{ PREFIX("compat_syscall_exit_"), FB_COMPAT, FB_EV_SYS_EXIT },
	{ PREFIX("syscall_entry_"), 0, FB_EV_SYS_ENTER },
	{ PREFIX("syscall_exit_"), 0, FB_EV_SYS_EXIT },
	{ PREFIX("compat_sys_"), FB_COMPAT, FB_EV_SYS_ENTER },  /* LTTng < 2.6 */
	{ PREFIX("sys_"), 0, FB_EV_SYS_ENTER },
#undef PREFIX
};

/*
 * A recording has a thousand event classes, and each one's name is compared
 * with all that are known: most differ in the first letter.
 */
static bool is_name(const char *name, const char *known)
{
	return *name == *known && !strcmp(name, known);
}

static bool begins_with(const char *name, const char *prefix, size_t length)
{
	return *name == *prefix && !strncmp(name, prefix, length);
}

/* perf writes the subsystem before the event; one system call's events are its own subsystem. */
static bool find_perf_syscall(const char *subsystem_event, struct fb_meaning *m)
{
	static const struct {
		const char *prefix;
		enum fb_kind kind;
	} names[] = {
		{ "syscalls:sys_enter_", FB_EV_SYS_ENTER },
		{ "syscalls:sys_exit_", FB_EV_SYS_EXIT },
	};

	if (!strcmp(subsystem_event, "raw_syscalls:sys_enter") ||
	    !strcmp(subsystem_event, "raw_syscalls:sys_exit")) {
		m->kind = strstr(subsystem_event, "enter") ? FB_EV_SYS_ENTER : FB_EV_SYS_EXIT;
		m->flags = FB_BY_NUMBER;
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_has_prefix(subsystem_event, names[i].prefix)) {
			m->kind = names[i].kind;
			m->call = fb_syscall_get(subsystem_event + strlen(names[i].prefix));
			return true;
		}
	return false;
}

static bool find_syscall(const char *event, struct fb_meaning *m)
{
	if (is_name(event, "exit_syscall")) { /* LTTng < 2.6 */
		m->kind = FB_EV_SYS_EXIT;
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(syscall_prefixes); i++) {
		const char *name = event + syscall_prefixes[i].length;

		if (!begins_with(event, syscall_prefixes[i].prefix, syscall_prefixes[i].length) ||
		    !*name)
			continue;
		m->kind = syscall_prefixes[i].kind;
		m->flags = syscall_prefixes[i].flags;
		if (!strcmp(name, "unknown"))
			m->flags |= FB_BY_NUMBER;
		else
			m->call = fb_syscall_get(name);
		return true;
	}
	return false;
}

static bool find_vector(const char *event, struct fb_meaning *m)
{
	const char *end;

	if (g_str_has_suffix(event, "_entry"))
		m->kind = FB_EV_VEC_ENTER;
	else if (g_str_has_suffix(event, "_exit"))
		m->kind = FB_EV_VEC_EXIT;
	else
		return false;
	end = strrchr(event, '_');
	for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
		if (strlen(vectors[i].name) == (size_t)(end - event) &&
		    !strncmp(event, vectors[i].name, end - event)) {
			m->name = g_intern_static_string(vectors[i].name);
			m->vector = vectors[i].vector;
			return true;
		}
	return false;
}

/* Whose name is only the beginning of an event's. */
static bool is_beginning(enum fb_kind kind)
{
	return kind == FB_EV_SYS_ENTER || kind == FB_EV_SYS_EXIT || kind == FB_EV_VEC_ENTER ||
	       kind == FB_EV_VEC_EXIT;
}

static enum fb_kind find_plain(const char *event)
{
	for (int kind = FB_EV_NONE + 1; kind < FB_EV_LOST; kind++)
		if (!is_beginning(kind) && is_name(event, fb_kinds[kind].name))
			return kind;
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
		if (is_name(event, aliases[i].name))
			return aliases[i].kind;
	return FB_EV_NONE;
}

bool fb_vocabulary_find(const char *event_name, struct fb_meaning *meaning)
{
	static const char lttng_vectors[] = "x86_irq_vectors_", perf_vectors[] = "irq_vectors:";
	struct fb_meaning m = { .kind = FB_EV_NONE };
	const char *colon = strchr(event_name, ':');
	bool known;

	if (begins_with(event_name, lttng_vectors, strlen(lttng_vectors)))
		known = find_vector(event_name + strlen(lttng_vectors), &m);
	else if (begins_with(event_name, perf_vectors, strlen(perf_vectors)))
		known = find_vector(colon + 1, &m);
	else if (colon ? find_perf_syscall(event_name, &m) : find_syscall(event_name, &m))
		known = true;
	else
		known = (m.kind = find_plain(colon ? colon + 1 : event_name)) != FB_EV_NONE;
	if (!known)
		m = (struct fb_meaning){ .kind = FB_EV_NONE };
	*meaning = m;
	return known;
}

const char *fb_event_name(const struct fb_event *ev, char *to, size_t size)
{
	const char *prefix = ev->flags & FB_COMPAT ? "compat_" : "";
	const char *base = fb_kinds[ev->kind].name;

	switch (ev->kind) {
	case FB_EV_SYS_ENTER:
	case FB_EV_SYS_EXIT: {
		const struct fb_syscall *call = ev->kind == FB_EV_SYS_ENTER ? ev->sys_enter.call :
									      ev->sys_exit.call;

		g_snprintf(to, size, "%s%s%s", prefix, base, call ? call->name : "unknown");
		break;
	}
	case FB_EV_VEC_ENTER:
	case FB_EV_VEC_EXIT:
		g_snprintf(to, size, "%s%s_%s", base, ev->vec.name,
			   ev->kind == FB_EV_VEC_ENTER ? "entry" : "exit");
		break;
	default:
		g_strlcpy(to, base, size);
	}
	return to;
}

const char *fb_softirq_name(uint32_t vec)
{
	static const char *const names[FB_SOFTIRQS] = {
		[FB_SOFTIRQ_HI] = "HI",           [FB_SOFTIRQ_TIMER] = "TIMER",
		[FB_SOFTIRQ_NET_TX] = "NET_TX",   [FB_SOFTIRQ_NET_RX] = "NET_RX",
		[FB_SOFTIRQ_BLOCK] = "BLOCK",     [FB_SOFTIRQ_IRQ_POLL] = "IRQ_POLL",
		[FB_SOFTIRQ_TASKLET] = "TASKLET", [FB_SOFTIRQ_SCHED] = "SCHED",
		[FB_SOFTIRQ_HRTIMER] = "HRTIMER", [FB_SOFTIRQ_RCU] = "RCU",
	};

	return vec < FB_SOFTIRQS ? names[vec] : NULL;
}
