/* SPDX-License-Identifier: MIT */
/* binder.c - which recorded field is which of struct fb_event's. */
#include <glib.h>

#include "source/binder.h"

/* ---- names ------------------------------------------------------------------------------ */

static const char *without_underscore(const char *name)
{
	return name + (*name == '_');
}

/* A class in the making. */
struct binder {
	struct binding *b;
	const struct class_field *fields;
	int begin[SCOPES + 1];	  /* where those of each scope begin, and all end */
	uint32_t letters[SCOPES]; /* letter_bit()s of their names */
};

/* A recording has a thousand classes, few of which have any of the names looked for. */
static uint32_t letter_bit(const char *name)
{
	return 1u << (*name & 31);
}

static G_GNUC_NO_INLINE int search(const struct binder *r, unsigned scope, const char *name)
{
	for (int i = r->begin[scope]; i < r->begin[scope + 1]; i++) {
		const char *found = without_underscore(r->fields[i].name);

		/* Most names differ at once. */
		if (*found == *name && !strcmp(found, name))
			return i;
	}
	return -1;
}

/* The first field of that name; -1: there is none. */
static inline int find_name(const struct binder *r, unsigned scope, const char *name)
{
	return r->letters[scope] & letter_bit(name) ? search(r, scope, name) : -1;
}

static bool is_bound_as(const struct binder *r, unsigned wanted, enum class_field_type type)
{
	int index = r->b->fields[wanted];

	return index >= 0 && r->fields[index].type == type;
}

/* perf's parent_pid is our parent_tid: then it is not our parent_pid as well. */
static bool is_anothers_alias(const struct binder *r, const struct fb_field *fields,
			      const struct fb_field *field)
{
	for (const struct fb_field *f = fields; f < fields + FB_TOP_FIELDS_MAX && f->name; f++)
		if (f != field && f->alias && !strcmp(f->alias, field->name) &&
		    find_name(r, SCOPE_FIELDS, f->name) < 0)
			return true;
	return false;
}

static void bind_names(struct binder *r)
{
	const struct fb_field *fields = fb_kinds[r->b->template.kind].fields;

	/* A call's own argument may be called "id" as well. */
	if (r->b->template.kind == FB_EV_SYS_ENTER)
		return;
	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && fields[i].name && !fields[i].within; i++) {
		const struct fb_field *f = &fields[i];
		int index = find_name(r, SCOPE_FIELDS, f->name);

		if (index < 0 && f->alias)
			index = find_name(r, SCOPE_FIELDS, f->alias);
		else if (index >= 0 && is_anothers_alias(r, fields, f))
			index = -1;
		r->b->fields[i] = index;
		if (index >= 0 && r->fields[index].type == CLASS_FIELD_NUMBER)
			r->b->bits[i] = r->fields[index].bits;
	}
}

/* ---- what any event may have ------------------------------------------------------------- */

struct extra_name {
	enum event_scope scope;
	const char *name;
	enum fb_extra extra;
};

/* The later one of an extra's names that is a number, or a name's a text, counts. */
static const struct extra_name extra_names[] = {
	{ SCOPE_STREAM, "tid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_EVENT, "tid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_FIELDS, "perf_tid", FB_EXTRA_CONTEXT_TID }, /* -1 of a task that exits */
	{ SCOPE_FIELDS, "common_pid", FB_EXTRA_CONTEXT_TID },
	{ SCOPE_STREAM, "pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_EVENT, "pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_FIELDS, "perf_pid", FB_EXTRA_CONTEXT_PID },
	{ SCOPE_FIELDS, "common_flags", FB_EXTRA_COMMON_FLAGS },
	{ SCOPE_STREAM, "vtid", FB_EXTRA_CONTEXT_VTID },
	{ SCOPE_EVENT, "vtid", FB_EXTRA_CONTEXT_VTID },
	{ SCOPE_STREAM, "vpid", FB_EXTRA_CONTEXT_VPID },
	{ SCOPE_EVENT, "vpid", FB_EXTRA_CONTEXT_VPID },
	{ SCOPE_STREAM, "procname", FB_EXTRA_CONTEXT_PROCNAME },
	{ SCOPE_EVENT, "procname", FB_EXTRA_CONTEXT_PROCNAME },
};

static const uint64_t has_extra[] = { FB_HAS_CONTEXT_TID, FB_HAS_CONTEXT_PID,
				      FB_HAS_COMMON_FLAGS, FB_HAS_CONTEXT_VTID,
				      FB_HAS_CONTEXT_VPID, FB_HAS_CONTEXT_PROCNAME };

static inline void bind_extra(struct binder *r, const struct extra_name *e)
{
	int index = find_name(r, e->scope, e->name);
	bool is_text = e->extra == FB_EXTRA_CONTEXT_PROCNAME;

	if (index >= 0 && r->fields[index].type == (is_text ? CLASS_FIELD_TEXT : CLASS_FIELD_NUMBER))
		r->b->fields[bound_as(e->extra)] = index;
}

static void bind_extras(struct binder *r)
{
	for (size_t i = 0; i < G_N_ELEMENTS(extra_names); i++)
		bind_extra(r, &extra_names[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(has_extra); i++)
		if (r->b->fields[BOUND_TID + i] >= 0)
			r->b->has |= has_extra[i];
}

static void add_move(struct binder *r, unsigned from, unsigned size, unsigned to)
{
	struct binding *b = r->b;

	if (!is_bound_as(r, from, CLASS_FIELD_NUMBER))
		return;
	g_assert(b->n_moves < MOVES_MAX);
	b->moves[b->n_moves++] = (struct move){ from, size, to };
}

/* perf before 4.2 wrote the events of all CPUs into one stream. */
static void bind_cpu(struct binder *r)
{
	static const struct {
		enum event_scope scope;
		const char *name;
	} names[] = {
		{ SCOPE_STREAM, "cpu_id" }, { SCOPE_EVENT, "cpu_id" }, { SCOPE_FIELDS, "perf_cpu" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		int index = find_name(r, names[i].scope, names[i].name);

		if (index >= 0)
			r->b->fields[BOUND_CPU] = index;
	}
	add_move(r, BOUND_CPU, sizeof(uint16_t), offsetof(struct fb_event, cpu));
}

/* ---- system calls ------------------------------------------------------------------------ */

static const struct {
	enum fb_kind kind;
	unsigned flag; /* of the calls that have it */
	struct extra_name extra;
} call_extras[] = {
	{ FB_EV_SYS_ENTER, FB_CALL_FD_OUT, { SCOPE_FIELDS, "fd_out", FB_EXTRA_FD_OUT } },
	{ FB_EV_SYS_ENTER, FB_CALL_FCNTL, { SCOPE_FIELDS, "cmd", FB_EXTRA_COMMAND } },
	{ FB_EV_SYS_EXIT, FB_CALL_ACCEPT, { SCOPE_FIELDS, "sport", FB_EXTRA_PEER_PORT } },
};

/* What only this system call's entry or exit has. */
static void bind_call_extra(struct binder *r)
{
	const struct fb_event *template = &r->b->template;
	const struct fb_syscall *call = template->kind == FB_EV_SYS_ENTER ?
						template->sys_enter.call : template->sys_exit.call;

	for (size_t i = 0; i < G_N_ELEMENTS(call_extras); i++)
		if (call_extras[i].kind == template->kind &&
		    fb_syscall_is(call, call_extras[i].flag))
			bind_extra(r, &call_extras[i].extra);
}

/* Whether a field of a system call's entry is the call's own, and not one that perf adds. */
static bool is_argument(const char *name)
{
	/* Two leading underscores, of which a reader may have taken one. */
	return !g_str_has_prefix(name, "perf_") && !g_str_has_prefix(name, "common_") &&
	       strcmp(name, "__syscall_nr") != 0 && strcmp(name, "_syscall_nr") != 0;
}

/* The first argument, where it is the descriptor that the call works on. */
static void bind_descriptor(struct binder *r)
{
	int i = r->begin[SCOPE_FIELDS], end = r->begin[SCOPES];

	while (i < end && !is_argument(r->fields[i].name))
		i++;
	if (i < end && r->fields[i].type == CLASS_FIELD_NUMBER)
		r->b->fields[BOUND_FIRST] = i;
}

static void bind_call(struct binder *r)
{
	struct binding *b = r->b;

	bind_call_extra(r);
	if (b->template.flags & FB_BY_NUMBER) {
		b->fields[BOUND_NUMBER] = find_name(r, SCOPE_FIELDS, "id");
		b->fields[BOUND_FIRST] = find_name(r, SCOPE_FIELDS, "args");
		b->by_number = is_bound_as(r, BOUND_NUMBER, CLASS_FIELD_NUMBER);
	} else if (b->template.kind == FB_EV_SYS_ENTER &&
		   fb_syscall_is(b->template.sys_enter.call, FB_CALL_FD)) {
		bind_descriptor(r);
	}
	if (!is_bound_as(r, BOUND_FIRST, CLASS_FIELD_NUMBER) &&
	    !is_bound_as(r, BOUND_FIRST, CLASS_FIELD_NUMBERS))
		b->fields[BOUND_FIRST] = -1;
}

/* ---- what becomes of the fields ---------------------------------------------------------- */

/* Only a thread that is not its process's leader gets another tid. */
static void move_old_tid(struct binder *r, const struct fb_field *fields, const struct fb_field *f)
{
	if (r->b->template.kind != FB_EV_EXEC || strcmp(f->name, "old_tid") != 0 ||
	    is_bound_as(r, f - fields, CLASS_FIELD_NUMBER))
		return;
	for (unsigned i = 0; &fields[i] < f; i++)
		if (!strcmp(fields[i].name, "tid"))
			add_move(r, i, f->size, f->offset);
}

static void make_moves(struct binder *r)
{
	struct binding *b = r->b;
	const struct fb_field *fields = fb_kinds[b->template.kind].fields;

	for (unsigned i = 0; i < FB_TOP_FIELDS_MAX && fields[i].name; i++) {
		const struct fb_field *f = &fields[i];

		if (f->size && f->type != FB_FIELD_TEXT)
			add_move(r, i, f->size, f->offset);
		else if (f->size && is_bound_as(r, i, CLASS_FIELD_TEXT))
			*(f->offset == offsetof(struct fb_event, text) ? &b->text : &b->prev_text) =
				i;
		move_old_tid(r, fields, f);
	}
	if (b->template.kind == FB_EV_SYS_ENTER && !(b->template.flags & FB_BY_NUMBER))
		add_move(r, BOUND_FIRST, 4, offsetof(struct fb_event, sys_enter.fd));
}

bool binding_init(struct binding *b, const char *name, unsigned class)
{
	struct fb_meaning meaning = { .kind = FB_EV_NONE };

	*b = (struct binding){ .text = BOUNDS, .prev_text = BOUNDS };
	memset(b->fields, -1, sizeof(b->fields));
	if (name)
		fb_vocabulary_find(name, &meaning);
	template_init(&b->template, &meaning, class);
	return meaning.kind != FB_EV_NONE;
}

void binding_fields(struct binding *b, const struct class_field *fields, size_t n)
{
	struct binder r = { .b = b, .fields = fields };
	int at = 0, end = MIN(n, INT16_MAX);

	for (unsigned scope = 0; scope < SCOPES; scope++) {
		r.begin[scope] = at;
		for (; at < end && fields[at].scope == scope; at++)
			r.letters[scope] |= letter_bit(without_underscore(fields[at].name));
	}
	r.begin[SCOPES] = at;
	bind_names(&r);
	bind_extras(&r);
	bind_cpu(&r);
	if (b->template.kind == FB_EV_SYS_ENTER || b->template.kind == FB_EV_SYS_EXIT)
		bind_call(&r);
	make_moves(&r);
}

void binding_drop(struct binding *b, unsigned wanted)
{
	unsigned kept = 0;

	b->fields[wanted] = -1;
	for (unsigned i = 0; i < b->n_moves; i++)
		if (b->moves[i].from != wanted)
			b->moves[kept++] = b->moves[i];
	b->n_moves = kept;
	if (wanted < FB_TOP_FIELDS_MAX)
		b->bits[wanted] = 0;
	else if (wanted - BOUND_TID < G_N_ELEMENTS(has_extra))
		b->has &= ~has_extra[wanted - BOUND_TID];
	if (wanted == BOUND_NUMBER)
		b->by_number = false;
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

/* A call that no table has a name for: its number. By any thread. */
static const struct fb_syscall *unnamed_call(unsigned nr)
{
	static const struct fb_syscall *known[CALLS_MAX];
	const struct fb_syscall *call = __atomic_load_n(&known[nr], __ATOMIC_ACQUIRE);
	char name[8];

	if (call)
		return call;
	g_snprintf(name, sizeof(name), "%u", nr);
	call = fb_syscall_get(name);
	__atomic_store_n(&known[nr], call, __ATOMIC_RELEASE);
	return call;
}

void calls_init(struct syscall_numbers *calls, enum fb_abi abi, bool compat)
{
	if (compat)
		abi = abi == FB_ABI_X86_64 ? FB_ABI_I386 : FB_ABI_UNKNOWN;
	for (unsigned nr = 0; nr < CALLS_MAX; nr++)
		calls->by_number[nr] = fb_syscall_by_number(abi, nr);
}

bool calls_name(const struct syscall_numbers *calls, struct fb_event *ev, int64_t nr)
{
	const struct fb_syscall *call = nr >= 0 && nr < CALLS_MAX ? calls->by_number[nr] : NULL;

	if (G_UNLIKELY(!call) && nr >= 0 && nr < CALLS_MAX)
		call = unnamed_call(nr);
	if (ev->kind == FB_EV_SYS_EXIT) {
		ev->sys_exit.call = call;
		return false;
	}
	ev->sys_enter.nr = nr;
	ev->sys_enter.call = call;
	return fb_syscall_is(call, FB_CALL_FD);
}
