/* SPDX-License-Identifier: MIT */
/* browser.c - messages of JSON, each with a NUL behind it, to descriptor 3 of Chromium and from its 4. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "tests/browser.h"

struct browser {
	GPid pid;
	int to, from;
	char *home;
	char *session;       /* of the page; NULL: none is open */
	char *target;
	json_int_t last;     /* number of the latest command */
	GString *unread, *complaints;
	bool is_loaded;
};

enum { PATIENCE = 60000 /* ms for an answer */ };

static char *find_chromium(void)
{
	static const char *const names[] = { "chromium", "chromium-browser", "google-chrome" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *path = g_find_program_in_path(names[i]);

		if (path)
			return path;
	}
	return NULL;
}

/* 3 and 4 may be among the pipes' own: they are moved out of the way before. */
static void to_three_and_four(void *pipes)
{
	const int *of = pipes;

	dup2(of[0], 3);
	dup2(of[1], 4);
}

static int moved(int fd, bool for_child)
{
	int high = fcntl(fd, for_child ? F_DUPFD : F_DUPFD_CLOEXEC, 10);

	close(fd);
	return high;
}

static void start(struct browser *b, char *chromium)
{
	g_autofree char *home = g_strdup_printf("--user-data-dir=%s", b->home);
	const char *argv[] = { chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
			 "--no-first-run", "--disable-background-networking", "--disable-component-update",
			 "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
			 "--remote-debugging-pipe", home, "about:blank", NULL };
	int in[2], out[2], child[2];

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	child[0] = moved(in[0], true);
	child[1] = moved(out[1], true);
	b->to = moved(in[1], false);
	b->from = moved(out[0], false);
	assert_true(g_spawn_async(NULL, (char **)argv, NULL,
				  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN |
					  G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
				  to_three_and_four, child, &b->pid, NULL));
	close(child[0]);
	close(child[1]);
}

struct browser *browser_new(const char **why)
{
	g_autofree char *chromium = find_chromium();
	struct browser *b;

	*why = chromium ? NULL : "chromium is not there";
	if (!chromium)
		return NULL;
	b = g_new0(struct browser, 1);
	b->home = g_dir_make_tmp("browser-XXXXXX", NULL);
	b->unread = g_string_new(NULL);
	b->complaints = g_string_new(NULL);
	start(b, chromium);
	return b;
}

static void remove_all(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		if (g_file_test(below, G_FILE_TEST_IS_DIR) && !g_file_test(below, G_FILE_TEST_IS_SYMLINK))
			remove_all(below);
		else
			g_unlink(below);
	}
	if (dir)
		g_dir_close(dir);
	g_rmdir(path);
}

void browser_free(struct browser *b)
{
	if (!b)
		return;
	kill(b->pid, SIGTERM);
	waitpid(b->pid, NULL, 0);
	close(b->to);
	close(b->from);
	remove_all(b->home);
	g_free(b->home);
	g_free(b->session);
	g_free(b->target);
	g_string_free(b->unread, TRUE);
	g_string_free(b->complaints, TRUE);
	g_free(b);
}

/* ---- messages --------------------------------------------------------------------------- */

static json_t *receive(struct browser *b)
{
	char *end;

	while (!(end = memchr(b->unread->str, '\0', b->unread->len))) {
		struct pollfd wait = { .fd = b->from, .events = POLLIN };
		char bytes[65536];
		ssize_t n;

		assert_int_equal(poll(&wait, 1, PATIENCE), 1);
		n = read(b->from, bytes, sizeof(bytes));
		assert_true(n > 0);
		g_string_append_len(b->unread, bytes, n);
	}
	json_t *message = json_loads(b->unread->str, 0, NULL);

	g_string_erase(b->unread, 0, end - b->unread->str + 1);
	assert_non_null(message);
	return message;
}

static const char *text_at(const json_t *object, const char *key, const char *deeper)
{
	const json_t *at = json_object_get(object, key);

	return json_string_value(deeper ? json_object_get(at, deeper) : at);
}

static void complain_of(struct browser *b, const char *what, const char *text)
{
	g_string_append_printf(b->complaints, "%s: %s\n", what, text ? text : "?");
}

static void on_event(struct browser *b, const json_t *message)
{
	const char *method = text_at(message, "method", NULL);
	const json_t *params = json_object_get(message, "params");
	const char *url;

	if (!g_strcmp0(method, "Page.loadEventFired"))
		b->is_loaded = true;
	else if (!g_strcmp0(method, "Runtime.exceptionThrown"))
		complain_of(b, "exception", text_at(json_object_get(params, "exceptionDetails"), "exception",
						    "description"));
	else if (!g_strcmp0(method, "Log.entryAdded"))
		complain_of(b, "log", text_at(params, "entry", "text"));
	else if (!g_strcmp0(method, "Runtime.consoleAPICalled"))
		complain_of(b, "console", text_at(params, "type", NULL));
	else if (!g_strcmp0(method, "Network.loadingFailed") && !text_at(params, "blockedReason", NULL))
		complain_of(b, "request", text_at(params, "errorText", NULL));
	else if (!g_strcmp0(method, "Network.responseReceived")) {
		url = text_at(params, "response", "url");
		if (url && !g_str_has_suffix(url, ".html"))
			complain_of(b, "request", url);
	}
}

/* Steals `params`. Returns what came back, to be given to json_decref(). */
static json_t *call(struct browser *b, const char *method, json_t *params)
{
	json_t *message = json_pack("{sI ss so}", "id", ++b->last, "method", method, "params",
				    params ? params : json_object());
	g_autofree char *text = NULL;
	json_t *answer, *result;

	if (b->session)
		json_object_set_new(message, "sessionId", json_string(b->session));
	text = json_dumps(message, JSON_COMPACT);
	json_decref(message);
	for (size_t at = 0, size = strlen(text) + 1; at < size;) {
		ssize_t n = write(b->to, text + at, size - at);

		assert_true(n > 0 || errno == EINTR);
		at += MAX(n, 0);
	}
	for (;; json_decref(answer)) {
		answer = receive(b);
		if (json_integer_value(json_object_get(answer, "id")) == b->last)
			break;
		on_event(b, answer);
	}
	result = json_incref(json_object_get(answer, "result"));
	if (!result)
		fail_msg("%s: %s", method, text_at(answer, "error", "message"));
	json_decref(answer);
	return result;
}

static void tell(struct browser *b, const char *method, json_t *params)
{
	json_decref(call(b, method, params));
}

/* ---- pages ------------------------------------------------------------------------------ */

static void close_page(struct browser *b)
{
	if (!b->session)
		return;
	g_clear_pointer(&b->session, g_free);
	tell(b, "Target.closeTarget", json_pack("{ss}", "targetId", b->target));
	g_clear_pointer(&b->target, g_free);
}

void browser_open(struct browser *b, const char *path, int width, int height)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autofree char *url = g_strdup_printf("file://%s", whole);
	json_t *answer;

	close_page(b);
	answer = call(b, "Target.createTarget", json_pack("{ss}", "url", "about:blank"));
	b->target = g_strdup(text_at(answer, "targetId", NULL));
	json_decref(answer);
	answer = call(b, "Target.attachToTarget",
		      json_pack("{ss sb}", "targetId", b->target, "flatten", 1));
	b->session = g_strdup(text_at(answer, "sessionId", NULL));
	json_decref(answer);
	tell(b, "Emulation.setDeviceMetricsOverride",
	     json_pack("{si si si sb}", "width", width, "height", height, "deviceScaleFactor", 1,
		       "mobile", 0));
	tell(b, "Page.enable", NULL);
	tell(b, "Runtime.enable", NULL);
	tell(b, "Log.enable", NULL);
	tell(b, "Network.enable", NULL);
	g_string_truncate(b->complaints, 0);
	b->is_loaded = false;
	tell(b, "Page.navigate", json_pack("{ss}", "url", url));
	while (!b->is_loaded) {
		json_t *event = receive(b);

		on_event(b, event);
		json_decref(event);
	}
}

char *browser_eval(struct browser *b, const char *expression)
{
	json_t *answer = call(b, "Runtime.evaluate",
			      json_pack("{ss sb sb}", "expression", expression, "returnByValue", 1,
					"awaitPromise", 1));
	const json_t *value = json_object_get(json_object_get(answer, "result"), "value");
	char *text;

	if (json_object_get(answer, "exceptionDetails"))
		fail_msg("%s: %s", expression, text_at(json_object_get(answer, "exceptionDetails"),
						       "exception", "description"));
	text = json_is_string(value) ? g_strdup(json_string_value(value)) :
				       json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	json_decref(answer);
	return text;
}

static void mouse(struct browser *b, const char *type, double x, double y, json_t *more)
{
	json_t *params = json_pack("{ss sf sf}", "type", type, "x", x, "y", y);

	if (more)
		json_object_update(params, more);
	json_decref(more);
	tell(b, "Input.dispatchMouseEvent", params);
}

void browser_click(struct browser *b, double x, double y)
{
	mouse(b, "mousePressed", x, y, json_pack("{ss si}", "button", "left", "clickCount", 1));
	mouse(b, "mouseReleased", x, y, json_pack("{ss si}", "button", "left", "clickCount", 1));
}

void browser_wheel(struct browser *b, double x, double y, double by)
{
	mouse(b, "mouseWheel", x, y, json_pack("{si sf}", "deltaX", 0, "deltaY", by));
}

void browser_key(struct browser *b, const char *key)
{
	json_t *down = json_pack("{ss ss}", "type", "keyDown", "key", key);

	if (!key[1])
		json_object_set_new(down, "text", json_string(key));
	tell(b, "Input.dispatchKeyEvent", down);
	tell(b, "Input.dispatchKeyEvent", json_pack("{ss ss}", "type", "keyUp", "key", key));
}

const char *browser_complaints(const struct browser *b)
{
	return b->complaints->str;
}

void browser_picture(struct browser *b, const char *path)
{
	json_t *answer = call(b, "Page.captureScreenshot", NULL);
	gsize size;
	g_autofree guchar *bytes = g_base64_decode(text_at(answer, "data", NULL), &size);

	assert_true(g_file_set_contents(path, (char *)bytes, (gssize)size, NULL));
	json_decref(answer);
}
