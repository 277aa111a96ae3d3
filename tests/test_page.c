/* SPDX-License-Identifier: MIT */
/* test_page.c - pages in a browser: what a person sees and does there, against what the reports say. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include <flightbox/report.h>
#include <flightbox/scene.h>

#include "tests/browser.h"

static struct browser *browser;
static const char *why_not;
static char *dir;

static int set_up(void **state)
{
	(void)state;
	dir = g_dir_make_tmp("page-XXXXXX", NULL);
	browser = browser_new(&why_not);
	return dir ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	browser_free(browser);
	g_rmdir(dir);
	g_free(dir);
	return 0;
}

/* Says why not, and goes on with the next test. */
static void need_browser(void)
{
	if (browser && fb_report_has_pages())
		return;
	print_message("# %s\n", why_not ? why_not : "built without D3");
	skip();
}

/* What flightbox says of a recorded trace. */
static char *say(const char *arguments, const char *trace)
{
	const char *binary = g_getenv("FLIGHTBOX"), *traces = g_getenv("FB_TRACES");
	g_autofree char *line = g_strdup_printf("%s %s %s/%s/trace", binary ? binary : "build/flightbox",
						arguments, traces ? traces : "build/traces", trace);
	char *out;
	int status;

	assert_true(g_spawn_command_line_sync(line, &out, NULL, &status, NULL));
	assert_int_equal(WEXITSTATUS(status), 0);
	return out;
}

static void open_page(const char *text, gssize size)
{
	g_autofree char *path = g_build_filename(dir, "a.html", NULL);

	assert_true(g_file_set_contents(path, text, size, NULL));
	browser_open(browser, path, 1200, 700);
	g_unlink(path);
}

static void open_trace(const char *arguments, const char *trace)
{
	g_autofree char *with = g_strdup_printf("timeline --format html %s", arguments);
	g_autofree char *page = say(with, trace);

	open_page(page, -1);
}

static void assert_eval(const char *expression, const char *expected)
{
	g_autofree char *is = browser_eval(browser, expression);

	if (strcmp(is, expected))
		fail_msg("%s: %s instead of %s", expression, is, expected);
}

static int count_lines(const char *text, const char *of)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, of)); at += strlen(of))
		n++;
	return n;
}

#define ASSERT_EVAL_INT(expression, expected)                                                      \
	do {                                                                                       \
		g_autofree char *number = g_strdup_printf("%d", expected);                         \
                                                                                                   \
		assert_eval(expression, number);                                                   \
	} while (0)

/* ---- what is there ---------------------------------------------------------------------- */

/* Every piece and arrow of the rows is in the page, and it neither complains nor asks for anything. */
static void pages_hold_what_rows_tell(void **state)
{
	static const char *const traces[] = { "tcp-delay-classic", "rpc-chain", "disk", "waits-futex",
					      "lost-events-small" };

	(void)state;
	need_browser();
	for (size_t i = 0; i < G_N_ELEMENTS(traces); i++) {
		g_autofree char *rows = say("timeline --format jsonl", traces[i]);
		int pieces = count_lines(rows, "{\"type\":\"piece\"");

		open_trace("", traces[i]);
		assert_string_equal(browser_complaints(browser), "");
		assert_true(pieces > 100);
		ASSERT_EVAL_INT("flightbox.lanes.reduce((n, l) => n + l.n, 0)", pieces);
		ASSERT_EVAL_INT("flightbox.arrows.length", count_lines(rows, "{\"type\":\"arrow\""));
		assert_eval("document.querySelectorAll('.name').length === flightbox.lanes.length", "true");
	}
}

/* By report: fell asleep at 99711137075, in pselect6, for 203.223 ms, until NET_RX woke it. */
static void a_click_tells_why(void **state)
{
	g_autofree char *place = NULL;
	g_auto(GStrv) at = NULL;

	(void)state;
	need_browser();
	open_trace("--pid 502,504", "tcp-delay-classic");
	place = browser_eval(browser,
			     "(() => { const lane = flightbox.lanes.find(l => l.tid === 504);"
			     "const i = [...lane.begin].findIndex(b => b + Number(flightbox.data.begin) === 99711137075);"
			     "const v = flightbox.view(), box = document.getElementById('picture').getBoundingClientRect();"
			     "const t = (lane.begin[i] + lane.end[i]) / 2;"
			     "return (box.left + 210 + (t - v.from) / (v.to - v.from) * (box.width - 210)) + ' ' +"
			     "(box.top + 26 + lane.number * 30 + 15); })()");
	at = g_strsplit(place, " ", 2);
	browser_click(browser, g_ascii_strtod(at[0], NULL), g_ascii_strtod(at[1], NULL));
	assert_eval("document.querySelector('#panel h2').textContent",
		    "nc.openbsd [504] waits for a packet for 203.223 ms");
	assert_eval("/In sys_pselect6, .*ended by SOFTIRQ NET_RX/.test(document.getElementById('panel').textContent)",
		    "true");
	assert_eval("/Root: /.test(document.getElementById('panel').textContent)", "true");
	/* It covers all of the wait: what the chain of links consists of, without gaps. */
	assert_eval("Math.abs(flightbox.path().reduce((n, p) => n + p.end - p.begin, 0) - 203223433) < 1e6", "true");
	browser_key(browser, "Escape");
	assert_eval("document.getElementById('panel').hidden", "true");
	assert_string_equal(browser_complaints(browser), "");
}

static void wheel_and_keys_move(void **state)
{
	(void)state;
	need_browser();
	open_trace("", "rpc-chain");
	assert_eval("flightbox.view().from + ' ' + (flightbox.view().to - flightbox.data.span)", "0 0");
	browser_wheel(browser, 700, 200, -300);
	assert_eval("flightbox.view().to - flightbox.view().from < flightbox.data.span * 0.9", "true");
	browser_key(browser, "0");
	assert_eval("flightbox.view().to - flightbox.view().from === flightbox.data.span", "true");
	browser_key(browser, "+");
	assert_eval("Math.round(flightbox.data.span / (flightbox.view().to - flightbox.view().from))", "2");
	browser_key(browser, "ArrowRight");
	assert_eval("flightbox.view().from > flightbox.data.span * 0.34", "true");
	/* The next wait of the chosen one's lane. */
	assert_eval("(() => { const l = flightbox.lanes.find(l => l.comm === 'rpcclient');"
		    "flightbox.choose(l, l.kind.findIndex(k => k === 4)); return flightbox.chosen().lane.tid })()", "212");
	assert_eval("window.before = flightbox.chosen().i, true", "true");
	browser_key(browser, "ArrowRight");
	assert_eval("flightbox.chosen().i > before && flightbox.chosen().lane.kind[flightbox.chosen().i] >= 4", "true");
	assert_string_equal(browser_complaints(browser), "");
}

/* Sorted by duration: the longest first, which blocking has on top, too. */
static void the_table_has_the_waits(void **state)
{
	(void)state;
	need_browser();
	open_trace("--pid 502,504", "tcp-delay-classic");
	browser_key(browser, "t");
	assert_eval("document.getElementById('table').hidden", "false");
	assert_eval("[...document.querySelectorAll('#rows tr')].slice(0, 3).map(r => r.children[2].textContent + ' ' +"
		    "r.children[3].textContent).join()", "379.899 sys_accept4,203.223 sys_pselect6,201.761 sys_poll");
	assert_eval("document.querySelector('#heads th:nth-child(3)').getAttribute('aria-sort')", "descending");
	assert_eval("document.querySelector('#heads th:nth-child(3) button').click(),"
		    "document.querySelector('#rows tr:last-child').children[2].textContent", "379.899");
	assert_eval("document.querySelector('#rows tr:last-child').click(), flightbox.chosen().lane.tid", "502");
}

static void search_finds_tasks_and_calls(void **state)
{
	(void)state;
	need_browser();
	open_trace("--pid 502,504", "tcp-delay-classic");
	assert_eval("flightbox.search('pselect'), document.querySelectorAll('#rows tr').length", "1");
	assert_eval("flightbox.search('NET_RX'), document.querySelectorAll('#rows tr').length", "3");
	assert_eval("flightbox.search('[502]'), document.querySelectorAll('#rows tr').length", "1");
	assert_eval("flightbox.search('nothing like it'), document.querySelectorAll('#rows tr').length", "0");
	assert_eval("flightbox.search(''), document.querySelectorAll('#rows tr').length", "3");
}

/* ---- what it must not do ---------------------------------------------------------------- */

/* A scene whose every text is `name`, as a page. */
static char *page_of(const char *name, gsize *size)
{
	static const struct fb_source_info info = { .begin = 0, .end = 100 };
	g_autofree char *path = g_build_filename(dir, "hostile", NULL);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	const struct fb_report_options options = { .format = "html", .fd = fd };
	struct fb_report *r = fb_report_new(&options, &info);
	struct fb_scene scene;
	struct fb_scene_lane *lane;
	struct fb_scene_piece piece = { .begin = 10, .end = 90, .kind = FB_SCENE_PACKET };
	char *page;

	fb_scene_init(&scene, 0, 100);
	scene.title = fb_scene_text(&scene, name);
	piece.syscall = piece.cause = scene.title;
	lane = fb_scene_add_lane(&scene, 1, 1, name, name);
	fb_scene_add_piece(lane, &piece);
	fb_report_table(r, &fb_scene_table, NULL);
	fb_report_row(r, &scene);
	fb_report_note(r, "%s", name);
	assert_true(fb_report_finish(r, NULL, true, NULL));
	fb_report_free(r);
	fb_scene_clear(&scene);
	close(fd);
	assert_true(g_file_get_contents(path, &page, size, NULL));
	g_unlink(path);
	return page;
}

static void names_are_text(void **state)
{
	g_autofree char *long_name = g_strnfill(10000, 'x');
	const char *const names[] = { "</script><script>window.hit=1</script>", "<img src=x onerror=window.hit=1>",
				      "\"'&<!--", "a\xe2\x80\xae" "b", long_name };
	const char *const shown[] = { names[0], names[1], names[2], "a\\xe2\\x80\\xaeb", long_name };

	(void)state;
	need_browser();
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize size;
		g_autofree char *page = page_of(names[i], &size);

		open_page(page, (gssize)size);
		assert_string_equal(browser_complaints(browser), "");
		assert_eval("String(window.hit)", "undefined");
		assert_eval("document.title", shown[i]);
		assert_eval("document.querySelector('.name').textContent", shown[i]);
		assert_eval("flightbox.choose(flightbox.lanes[0], 0), document.querySelectorAll('#panel img, #panel script').length", "0");
		assert_eval("document.documentElement.scrollWidth <= innerWidth", "true");
	}
}

/* A script that is not ours does not run, and nothing is fetched, whatever gets into the page. */
static void the_policy_holds(void **state)
{
	gsize size;
	g_autofree char *page = page_of("x", &size);
	g_autoptr(GString) broken = g_string_new_len(page, (gssize)size);

	(void)state;
	need_browser();
	assert_int_equal(g_string_replace(broken, "<body>", "<body><script>window.hit=1</script><img src=\"http://192.0.2.1/x\">"
					  "<p onclick=\"window.hit=1\">", 1), 1);
	open_page(broken->str, (gssize)broken->len);
	assert_eval("document.querySelector('p').click(), String(window.hit)", "undefined");
	assert_non_null(strstr(browser_complaints(browser), "Content Security Policy"));
	assert_null(strstr(browser_complaints(browser), "request: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_hold_what_rows_tell),
		cmocka_unit_test(a_click_tells_why),
		cmocka_unit_test(wheel_and_keys_move),
		cmocka_unit_test(the_table_has_the_waits),
		cmocka_unit_test(search_finds_tasks_and_calls),
		cmocka_unit_test(names_are_text),
		cmocka_unit_test(the_policy_holds),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
