/* SPDX-License-Identifier: MIT */
/*
 * event.h - one kernel event as a flat record, and the vocabulary: which events
 * and fields of a recording flightbox understands, under all their names.
 *
 * Teaching flightbox an event is a kind here, a row in src/event/vocabulary.c,
 * and a handler in src/kernel/model.c.
 */
#ifndef FLIGHTBOX_EVENT_H
#define FLIGHTBOX_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <flightbox/ns.h>

enum fb_kind {
	FB_EV_NONE, /* no event that flightbox models */
	FB_EV_SWITCH,
	FB_EV_WAKING,
	FB_EV_WAKEUP,
	FB_EV_WAKEUP_NEW,
	FB_EV_FORK,
	FB_EV_EXEC,
	FB_EV_EXIT,
	FB_EV_FREE,
	FB_EV_SYS_ENTER,
	FB_EV_SYS_EXIT,
	FB_EV_FAULT_USER,
	FB_EV_FAULT_KERNEL,
	FB_EV_IRQ_ENTER,
	FB_EV_IRQ_EXIT,
	FB_EV_VEC_ENTER,
	FB_EV_VEC_EXIT,
	FB_EV_SOFTIRQ_RAISE,
	FB_EV_SOFTIRQ_ENTER,
	FB_EV_SOFTIRQ_EXIT,
	FB_EV_HRTIMER_ENTER,
	FB_EV_HRTIMER_EXIT,
	FB_EV_TIMER_ENTER,
	FB_EV_TIMER_EXIT,
	FB_EV_SIGNAL_GENERATE,
	FB_EV_SIGNAL_DELIVER,
	FB_EV_BLOCK_ISSUE,
	FB_EV_BLOCK_COMPLETE,
	FB_EV_NET_QUEUE,
	FB_EV_NET_RECEIVE,
	FB_EV_NET_START,      /* a packet leaves its queueing discipline for the device */
	FB_EV_NET_LOOP,       /* … and is put into a CPU's backlog: what lo does */
	FB_EV_NET_XMIT,       /* … and the device's driver has taken it, or not: `reason` */
	FB_EV_SKB_COPY,       /* a task takes data out of a packet */
	FB_EV_SKB_CONSUME,    /* a packet is used up, */
	FB_EV_SKB_FREE,       /* … or dropped */
	FB_EV_WORK_QUEUE,     /* somebody wants a work item done */
	FB_EV_WORK_ACTIVATE,  /* … and it may begin: at once, or when others of its queue are over */
	FB_EV_WORK_START,
	FB_EV_WORK_END,
	FB_EV_TASK_STATE,     /* lttng_statedump_process_state */
	FB_EV_MIGRATE,        /* sched_migrate_task: who does not run comes to another CPU */
	FB_EV_IRQ_INFO,       /* lttng_statedump_interrupt */
	FB_EV_STATEDUMP_START,
	FB_EV_STATEDUMP_END,
	FB_EV_LOST,           /* made by a source: events were discarded; see below */
	FB_EV_KINDS
};

#define FB_KIND_BIT(kind) (UINT64_C(1) << (kind))
#define FB_KINDS_ALL      (FB_KIND_BIT(FB_EV_KINDS) - 1 - FB_KIND_BIT(FB_EV_NONE))

/* Interrupt vectors that have trace events of their own (x86). */
enum fb_vector {
	FB_VEC_OTHER, /* spurious, error, thermal, threshold … : never wake a task by themselves */
	FB_VEC_LOCAL_TIMER,
	FB_VEC_RESCHEDULE,
	FB_VEC_CALL_FUNCTION,
	FB_VEC_CALL_FUNCTION_SINGLE,
	FB_VEC_IRQ_WORK,
};

/* Softirqs by their number (include/linux/interrupt.h). */
enum fb_softirq {
	FB_SOFTIRQ_HI,
	FB_SOFTIRQ_TIMER,
	FB_SOFTIRQ_NET_TX,
	FB_SOFTIRQ_NET_RX,
	FB_SOFTIRQ_BLOCK,
	FB_SOFTIRQ_IRQ_POLL, /* BLOCK_IOPOLL before Linux 4.5 */
	FB_SOFTIRQ_TASKLET,
	FB_SOFTIRQ_SCHED,
	FB_SOFTIRQ_HRTIMER,
	FB_SOFTIRQ_RCU,
	FB_SOFTIRQS
};

/* Whose system call table a number belongs to. */
enum fb_abi {
	FB_ABI_X86_64,
	FB_ABI_I386,
	FB_ABI_AARCH64,
	FB_ABI_RISCV64,
	FB_ABI_LOONGARCH64,
	FB_ABI_UNKNOWN, /* none that flightbox has: numbers stay numbers */
};

/* fb_event.flags */
enum {
	FB_COMPAT = 1,     /* system calls: the 32-bit table of a 64-bit kernel */
	FB_BY_NUMBER = 2,  /* system calls: the recording gave a number, `call` was looked up */
	FB_COMM16 = 4,     /* `text` is a char[16], NUL-padded; else it ends at its NUL */
	FB_LOST_PACKETS = 8, /* LOST: `count` counts packets, not events */
	FB_LOST_EARLIER = 16, /* LOST: what is there of this CPU begins with the span's end; see fb_late_cpu */
	FB_LOST_LATER = 32, /* LOST: what is there of it ends here, and `until` says nothing */
};

#define FB_NO_TEXT UINT16_MAX

/* CPU numbers are below: Linux can be built for 8192 at most. What claims another one is damaged. */
#define FB_CPUS_MAX 16384

/*
 * One kernel event, lent until the source's next batch. `ref` and `class` belong
 * to the source: fields that are not in the union are decoded on demand by
 * fb_source_field().
 */
struct fb_event {
	fb_ns time;         /* by the trace's clock; never decreases within a source */
	const uint8_t *ref; /* where the event's bytes begin; lent like the event */
	uint16_t cpu;       /* below FB_CPUS_MAX */
	uint8_t kind;       /* enum fb_kind */
	uint8_t flags;
	uint16_t class;     /* the source's event class */
	uint16_t text;      /* offset from `ref` of the kind's text (marked below), or FB_NO_TEXT */
	union {
		struct { /* text: next_comm */
			int32_t prev_tid, next_tid;
			int32_t prev_state;   /* as recorded; see src/kernel/prev_state.h */
			uint16_t prev_comm;   /* as `text`; a char[16] exactly when `text` is one */
		} sched_switch;
		struct { /* WAKING, WAKEUP, WAKEUP_NEW, EXIT, FREE; text: comm */
			int32_t tid;
			int32_t target_cpu;   /* WAKING: where it last ran; WAKEUP*: where it will */
			int32_t success;      /* kernels before 4.3; 1 where the field is not recorded */
		} sched;
		struct { /* text: child_comm. tid: the thread; pid: its process (0 when not recorded) */
			int32_t parent_tid, parent_pid, child_tid, child_pid;
		} fork;
		struct { /* text: comm */
			int32_t tid, from_cpu, to_cpu;
		} migrate;
		struct { /* text: filename */
			int32_t tid, old_tid;
		} exec;
		struct {
			const struct fb_syscall *call; /* NULL when the number is unknown */
			int32_t nr;       /* -1 when the recording gave only the name */
			int32_t fd;       /* the first argument of calls that wait on one fd, else -1 */
		} sys_enter;
		struct {
			const struct fb_syscall *call; /* as above; NULL before LTTng 2.6, whose exits have no name */
			int64_t ret;      /* negative errno on failure */
		} sys_exit;
		struct {
			uint64_t address, ip;
		} fault;
		struct { /* text: name (IRQ_ENTER) */
			int32_t irq, ret;
		} irq;
		struct {
			const char *name; /* interned, "call_function_single" */
			int32_t number;   /* of the vector, as recorded */
			int32_t vector;   /* enum fb_vector */
		} vec;
		struct {
			uint32_t vec;     /* enum fb_softirq, or any other number, as recorded; all ones: it was not */
		} softirq;
		struct { /* HRTIMER_*, TIMER_*; function is 0 in the exits */
			uint64_t timer, function; /* kernel addresses */
		} timer;
		struct { /* generate: text: comm of the target */
			int32_t sig, code;
			int32_t tid;      /* generate: the target's thread ("pid" in the event) */
			int16_t result;   /* generate: 0 delivered, 1 ignored … ; see include/trace/events/signal.h */
			int16_t group;    /* generate: to the thread group */
		} signal;
		struct { /* text: comm (issue) */
			uint64_t sector;
			uint32_t dev;
			int32_t tid;      /* issue only */
		} block;
		struct { /* NET_*: text: name of the interface. SKB_* */
			uint64_t skbaddr;
			uint32_t len;     /* NET_*: the packet's; SKB_COPY: what is taken */
			int32_t reason;   /* SKB_FREE: why, as that kernel numbers it; -1: not recorded */
		} net;
		struct { /* function is 0 in ACTIVATE and END, and in QUEUE where it was not recorded */
			uint64_t work, function;
		} work;
		struct { /* text: name */
			int32_t tid, pid, ppid;
			int8_t type;      /* 0 user, 1 kernel thread */
			int8_t status;    /* 5: waiting; see RULES in docs/rules.md */
			int16_t ns_level; /* LTTng 2.7-2.11 repeat a task for each pid namespace; 0 is the host's */
		} task_state;
		struct { /* text: action, the driver's name as in irq_handler_entry */
			int32_t irq;
			int32_t tid;      /* of the interrupt's thread, 0 when it has none or it was not recorded */
		} irq_info;
		struct { /* time is when the span begins: the end of the stream's last whole packet */
			fb_ns until;      /* nothing is known of this CPU before then */
			int64_t count;    /* events, or packets with FB_LOST_PACKETS; 0 when unknown */
		} lost;
	};
};

_Static_assert(sizeof(struct fb_event) == 40, "an event is copied by the million");

/* The kind's text at `offset` from ev->ref, which is not NULL and holds `*length` bytes before its end. */
static inline const char *fb_event_text_at(const struct fb_event *ev, uint16_t offset,
					   size_t *length)
{
	const char *text = (const char *)ev->ref + offset;

	*length = ev->flags & FB_COMM16 ? strnlen(text, 16) : strlen(text);
	return text;
}

/* ---- system calls ----------------------------------------------------------------------- */

/* What matters of a system call: fb_syscall.flags. */
enum {
	FB_CALL_FD = 1,            /* its first argument is the one descriptor that it works on */
	FB_CALL_TIMED = 2,         /* waits for a time at most, and returns `timeout` when that is over */
	FB_CALL_SIGNAL = 4,        /* waits for a signal, and returns its number */
	FB_CALL_CHILD = 8,         /* waits for a child to exit, stop or go on */
	FB_CALL_FORK = 0x10,       /* makes a child, and may wait until that calls exec or exits */
	FB_CALL_EXEC = 0x20,       /* the exit of one may be recorded as another's */
	FB_CALL_KILL = 0x40,       /* sends a signal to a task or a process that it names */
	FB_CALL_EXIT = 0x80,       /* ends its caller */
	FB_CALL_ENDLESS = 0x100,   /* has no exit: nobody returns from it, or not as from a call */
	FB_CALL_SEND = 0x200,      /* hands data to what may be a socket, returns the bytes taken */
	FB_CALL_FD_OUT = 0x400,    /* … which is not `fd` then, but its argument fd_out */
	FB_CALL_SEND_MANY = 0x800, /* hands messages to a socket, returns how many were taken */
	FB_CALL_CONNECT = 0x1000,
	FB_CALL_ACCEPT = 0x2000,   /* its exit tells the peer's port, sport */
	FB_CALL_RESTART = 0x4000,  /* the one that was left before goes on */
	FB_CALL_SOCKET = 0x8000,   /* works on a socket, and waits for nothing else */
	FB_CALL_FUTEX = 0x10000,   /* waits for a futex, or wakes who waits for one */
	FB_CALL_CLOSE = 0x20000,   /* lets go of descriptors */
	FB_CALL_DUP = 0x40000,     /* returns another descriptor for its first argument */
	FB_CALL_FCNTL = 0x80000,   /* … by the command F_DUPFD or F_DUPFD_CLOEXEC, its argument cmd */
	FB_CALL_RECEIVE = 0x100000, /* takes what was received */
	FB_CALL_MAKES_FD = 0x200000, /* returns a descriptor of something else than there was */
};

/*
 * A system call: the one row that holds all that is known of it. Rows compare by pointer,
 * and live as long as the program.
 */
struct fb_syscall {
	const char *name;       /* one pointer for each name: as LTTng's events have it, without "sys_" */
	int16_t x86_64, i386;   /* its number there, -1: none */
	int16_t generic;        /* … and where the kernel's own list holds: aarch64, riscv64, loongarch64 */
	uint32_t flags;         /* FB_CALL_* */
	int16_t timeout;        /* TIMED: 0, or a negative errno */
	int16_t time64;         /* i386: number of the same call with 64-bit times, 0: none */
	const char *like;       /* the call that does the same but for how it is asked: of a family the first; NULL: itself */
};

/*
 * The row of that name. LTTng's names for the 32-bit variants of a call ("ia32_pread64",
 * "futex_time32") have rows of their own, which say of them what the call's does. Of a name
 * that nobody knows the row says nothing; it is made, and remains. By any thread.
 */
const struct fb_syscall *fb_syscall_get(const char *name);

/* … with that number; NULL when nobody has it, or the machine's numbers are not known. */
const struct fb_syscall *fb_syscall_by_number(enum fb_abi abi, int64_t nr);

/* Whether one of FB_CALL_* holds for the call; not when it is NULL. */
static inline bool fb_syscall_is(const struct fb_syscall *call, unsigned flags)
{
	return call && call->flags & flags;
}

/* Whether a program may call one for the other, and wait for the same: epoll_wait, epoll_pwait2. */
bool fb_syscall_does_as(const struct fb_syscall *a, const struct fb_syscall *b);

/* ---- the vocabulary -------------------------------------------------------------------- */

enum fb_field_type {
	FB_FIELD_INT,  /* signed, printed in decimal */
	FB_FIELD_UINT, /* unsigned, printed in decimal */
	FB_FIELD_HEX,  /* unsigned: kernel addresses */
	FB_FIELD_TEXT,
	FB_FIELD_ADDRESS, /* IPv4 or IPv6 */
};

/* A field of an event that flightbox models. */
struct fb_field {
	const char *name;     /* canonical: as LTTng >= 2.7 names it, NULL ends a list */
	const char *alias;    /* perf's name for it, or another that it has in some headers; or NULL */
	/*
	 * What it is inside of, NULL: nothing. The names of structures and of variants'
	 * options from the outside in, "*" for any: "network_header.*.transport_header.*".
	 */
	const char *within;
	uint8_t type;         /* enum fb_field_type */
	uint8_t size;         /* bytes in the record; 0: decoded on demand */
	uint16_t offset;      /* in struct fb_event; meaningless when size is 0 */
};

#define FB_FIELDS_MAX	  22
#define FB_TOP_FIELDS_MAX 10 /* those that are inside of nothing: they come first */

/* An event that flightbox models. The array is indexed by enum fb_kind. */
struct fb_kind_desc {
	const char *name;       /* canonical. Vectors and system calls: the text before their own name */
	struct fb_field fields[FB_FIELDS_MAX];
};

extern const struct fb_kind_desc fb_kinds[FB_EV_KINDS];

/* The value of a number that the record holds: field->size is not 0, and it is no text. */
int64_t fb_event_number(const struct fb_event *ev, const struct fb_field *field);

/* What an event name of a recording means. */
struct fb_meaning {
	enum fb_kind kind;
	uint8_t flags;          /* FB_COMPAT, FB_BY_NUMBER */
	const struct fb_syscall *call; /* NULL where the event names none */
	const char *name;       /* interned: of the vector; NULL where the event has none */
	enum fb_vector vector;
};

/*
 * Looks up an event name as any LTTng 2.x or perf writes it ("softirq_entry",
 * "irq_softirq_entry", "irq:softirq_entry", "sys_read", "compat_syscall_exit_execve").
 * Returns false, and kind FB_EV_NONE, for events that flightbox does not model.
 */
bool fb_vocabulary_find(const char *event_name, struct fb_meaning *meaning);

/*
 * Writes the event's canonical name ("syscall_entry_read") into `to` and returns
 * it; at most `size` bytes with the NUL.
 */
const char *fb_event_name(const struct fb_event *ev, char *to, size_t size);

/* "NET_RX" for 3; NULL for a number that is no softirq vector. */
const char *fb_softirq_name(uint32_t vec);

/* "SIGUSR1" for 10; NULL out of range. Numbers of x86 and arm64, which agree. */
const char *fb_signal_name(int sig);

#endif
