/* SPDX-License-Identifier: MIT */
/* binder.c - which recorded field is which of struct fb_event's. */
#include <glib.h>

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
		ev->sys_enter.name = m->name;
		ev->sys_enter.nr = ev->sys_enter.fd = -1;
		break;
	case FB_EV_SYS_EXIT:
		ev->sys_exit.name = m->name;
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
	case FB_EV_SIGNAL_GENERATE:
		ev->signal.tid = -1;
		break;
	case FB_EV_BLOCK_ISSUE:
	case FB_EV_BLOCK_COMPLETE:
		ev->block.tid = -1;
		break;
	case FB_EV_TASK_STATE:
		ev->task_state.tid = -1;
		break;
	case FB_EV_IRQ_INFO:
		ev->irq_info.irq = -1;
		break;
	default:
		break;
	}
}

/* perf's parent_pid is our parent_tid: then it is not our parent_pid as well. */
static bool is_anothers_alias(const struct fb_field *fields, const struct fb_field *field,
			      has_field_func has, const void *class)
{
	for (const struct fb_field *f = fields; f < fields + FB_TOP_FIELDS_MAX && f->name; f++)
		if (f != field && f->alias && !strcmp(f->alias, field->name) &&
		    !has(class, f->name))
			return true;
	return false;
}

void field_names(enum fb_kind kind, has_field_func has, const void *class,
		 const char *names[FB_TOP_FIELDS_MAX])
{
	const struct fb_field *fields = fb_kinds[kind].fields;

	memset(names, 0, FB_TOP_FIELDS_MAX * sizeof(*names));
	/* A call's own argument may be called "id" as well. */
	if (kind == FB_EV_SYS_ENTER)
		return;
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && fields[i].name && !fields[i].within; i++) {
		const struct fb_field *f = &fields[i];

		if (has(class, f->name)) {
			if (!is_anothers_alias(fields, f, has, class))
				names[i] = f->name;
		} else if (f->alias && has(class, f->alias)) {
			names[i] = f->alias;
		}
	}
}

/* ---- fields inside of others ------------------------------------------------------------- */

bool has_inner_fields(enum fb_kind kind)
{
	const struct fb_field *fields = fb_kinds[kind].fields;

	for (unsigned i = 0; i < FB_FIELDS_MAX && fields[i].name; i++)
		if (fields[i].within)
			return true;
	return false;
}

static const char *without_underscore(const char *name)
{
	return name + (*name == '_');
}

/* Whether the names are as `within` says. */
static bool is_within(const char *within, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		size_t length = strcspn(within, ".");
		const char *name = without_underscore(names[i]);

		if (*within != '*' && (strncmp(within, name, length) || name[length]))
			return false;
		within += length + (within[length] == '.');
	}
	return !*within;
}

int inner_field(enum fb_kind kind, const char *const *names, unsigned n)
{
	const struct fb_field *fields = fb_kinds[kind].fields;
	const char *name = without_underscore(names[n - 1]);

	for (unsigned i = 0; i < FB_FIELDS_MAX && fields[i].name; i++)
		if (fields[i].within &&
		    (!strcmp(fields[i].name, name) ||
		     (fields[i].alias && !strcmp(fields[i].alias, name))) &&
		    is_within(fields[i].within, names, n - 1))
			return i;
	return -1;
}

/* ------------------------------------------------------------------------------------------ */

const struct extra_name extra_names[] = {
	{ SCOPE_STREAM, "tid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_EVENT, "tid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_FIELDS, "common_pid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_FIELDS, "perf_tid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_STREAM, "pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_EVENT, "pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_FIELDS, "perf_pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_FIELDS, "common_flags", FB_EXTRA_COMMON_FLAGS },
	{ 0 },
};

static const struct {
	enum fb_kind kind;
	const char *call;
	struct extra_name extra;
} call_extras[] = {
	{ FB_EV_SYS_ENTER, "splice", { SCOPE_FIELDS, "fd_out", FB_EXTRA_FD_OUT } },
	{ FB_EV_SYS_EXIT, "accept", { SCOPE_FIELDS, "sport", FB_EXTRA_PEER_PORT } },
	{ FB_EV_SYS_EXIT, "accept4", { SCOPE_FIELDS, "sport", FB_EXTRA_PEER_PORT } },
};

const struct extra_name *call_extra(const struct fb_event *template)
{
	const char *name = template->kind == FB_EV_SYS_ENTER ? template->sys_enter.name :
			   template->kind == FB_EV_SYS_EXIT  ? template->sys_exit.name :
							       NULL;

	/* Most names differ at once. */
	for (size_t i = 0; name && i < G_N_ELEMENTS(call_extras); i++)
		if (*call_extras[i].call == *name && call_extras[i].kind == template->kind &&
		    !strcmp(call_extras[i].call, name))
			return &call_extras[i].extra;
	return NULL;
}

bool is_argument(const char *name)
{
	/* Two leading underscores, of which a reader may have taken one. */
	return !g_str_has_prefix(name, "perf_") && !g_str_has_prefix(name, "common_") &&
	       strcmp(name, "__syscall_nr") != 0 && strcmp(name, "_syscall_nr") != 0;
}

bool wants_descriptor(const struct fb_event *template)
{
	return template->kind == FB_EV_SYS_ENTER && !(template->flags & FB_BY_NUMBER) &&
	       fb_syscall_takes_fd(template->sys_enter.name);
}

/* ---- fields that the record itself holds ------------------------------------------------- */

bool record_field(const struct fb_event *ev, int field, struct fb_value *value)
{
	const struct fb_field *f = &fb_kinds[ev->kind].fields[field];

	if (!f->size || f->type == FB_FIELD_TEXT)
		return false;
	*value = (struct fb_value){ .number = fb_event_number(ev, f) };
	return true;
}

bool call_field(const struct fb_event *ev, int field, struct fb_value *value)
{
	return record_field(ev, field, value) && value->number != -1;
}

/* ---- system calls recorded by number ---------------------------------------------------- */

void calls_init(struct calls *calls, enum fb_abi abi, bool compat)
{
	if (compat)
		abi = abi == FB_ABI_X86_64 ? FB_ABI_I386 : FB_ABI_UNKNOWN;
	for (unsigned nr = 0; nr < CALLS_MAX; nr++) {
		const char *name = fb_syscall_name(abi, nr);

		calls->by_number[nr].name = name;
		calls->by_number[nr].takes_fd = name && fb_syscall_takes_fd(name);
	}
}

bool calls_name(const struct calls *calls, struct fb_event *ev, int64_t nr)
{
	bool known = nr >= 0 && nr < CALLS_MAX;
	const char *name = known ? calls->by_number[nr].name : NULL;

	if (ev->kind == FB_EV_SYS_EXIT) {
		ev->sys_exit.name = name;
		return false;
	}
	ev->sys_enter.nr = nr;
	ev->sys_enter.name = name;
	return known && calls->by_number[nr].takes_fd;
}
