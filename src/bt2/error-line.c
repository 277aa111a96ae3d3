/* SPDX-License-Identifier: MIT */
/* error-line.c - babeltrace2's errors as one line. */
#include <flightbox/error.h>

#include "bt2/messages.h"

/* Without line breaks, and without the full stop. */
static void append_message(GString *to, const char *message)
{
	size_t length = strcspn(message, "\n");

	while (length && (message[length - 1] == '.' || message[length - 1] == ' ' ||
			  message[length - 1] == ':'))
		length--;
	g_string_append_len(to, message, length);
}

/* Who said it: the class of a component, or a part of the library. */
static const char *actor_of(const bt_error_cause *cause)
{
	switch (bt_error_cause_get_actor_type(cause)) {
	case BT_ERROR_CAUSE_ACTOR_TYPE_COMPONENT:
		return bt_error_cause_component_actor_get_component_class_name(cause);
	case BT_ERROR_CAUSE_ACTOR_TYPE_COMPONENT_CLASS:
		return bt_error_cause_component_class_actor_get_component_class_name(cause);
	case BT_ERROR_CAUSE_ACTOR_TYPE_MESSAGE_ITERATOR:
		return bt_error_cause_message_iterator_actor_get_component_class_name(cause);
	default:
		return NULL;
	}
}

/*
 * The first cause is where it failed, the others who called whom: those add nothing
 * but the first that a component gave, which may tell what it was about.
 */
bool babeltrace_failed(GError **error, const char *what)
{
	const bt_error *causes = bt_current_thread_take_error();
	uint64_t n = causes ? bt_error_get_cause_count(causes) : 0;
	g_autoptr(GString) text = g_string_new(NULL);

	for (uint64_t i = 0; i < n; i++) {
		const bt_error_cause *cause = bt_error_borrow_cause_by_index(causes, i);
		const char *actor = actor_of(cause);

		if (i && !actor)
			continue;
		g_string_append(text, i ? "; " : "");
		if (actor)
			g_string_append_printf(text, "%s: ", actor);
		append_message(text, bt_error_cause_get_message(cause));
		if (i)
			break;
	}
	if (causes)
		bt_error_release(causes);
	g_set_error(error, FB_ERROR, FB_ERROR_IO, "%s: babeltrace2: %s", what,
		    text->len ? text->str : "failed without a cause");
	return false;
}
