/* SPDX-License-Identifier: MIT */
/*
 * junit.c - the XML of it. There is no standard: what is written here is valid both by the
 * schema of Jenkins' plugin and by that of Ant, which asks for more.
 */
#include "compare/junit.h"

#include "compare/tables.h"

struct junit {
	char *name, *host;
	fb_ns time; /* since the epoch */
	GString *cases;
	unsigned of[JUNIT_SKIPPED + 1];
};

struct junit *junit_new(const char *name, const struct fb_profile_run *latest)
{
	struct junit *j = g_new0(struct junit, 1);

	j->name = g_strdup(name);
	j->host = g_strdup(latest && latest->host ? latest->host : "unknown");
	j->time = latest ? latest->begin : 0;
	j->cases = g_string_new(NULL);
	return j;
}

void junit_free(struct junit *j)
{
	if (!j)
		return;
	g_free(j->name);
	g_free(j->host);
	g_string_free(j->cases, TRUE);
	g_free(j);
}

/* ---- XML -------------------------------------------------------------------------------- */

/* XML 1.0 has no way to write control characters, nor U+FFFE and U+FFFF. `text` is UTF-8. */
static bool is_character(gunichar c)
{
	return c == '\n' || (c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff);
}

static void put_text(GString *to, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!is_character(c))
			g_string_append_printf(to, "\\x%02x", c);
		else if (c == '&')
			g_string_append(to, "&amp;");
		else if (c == '<')
			g_string_append(to, "&lt;");
		else if (c == '>')
			g_string_append(to, "&gt;");
		else if (c == '"')
			g_string_append(to, "&quot;");
		else
			g_string_append_unichar(to, c);
	}
}

static void put_attribute(GString *to, const char *name, const char *value)
{
	g_string_append_printf(to, " %s=\"", name);
	put_text(to, value);
	g_string_append_c(to, '"');
}

static void put_outcome(GString *to, const char *element, const char *type, const char *message,
			const char *details)
{
	g_string_append_printf(to, "    <%s", element);
	put_attribute(to, "type", type);
	put_attribute(to, "message", message);
	g_string_append_c(to, '>');
	put_text(to, details ? details : message);
	g_string_append_printf(to, "</%s>\n", element);
}

void junit_add(struct junit *j, const char *class, const char *name, enum junit_outcome outcome,
	       const char *message, const char *details)
{
	GString *to = j->cases;

	j->of[outcome]++;
	g_string_append(to, "  <testcase");
	put_attribute(to, "classname", class);
	put_attribute(to, "name", name);
	g_string_append(to, outcome == JUNIT_PASSED ? " time=\"0\"/>\n" : " time=\"0\">\n");
	if (outcome == JUNIT_FAILED)
		put_outcome(to, "failure", "regression", message, details);
	else if (outcome == JUNIT_ERROR)
		put_outcome(to, "error", "undecided", message, details);
	else if (outcome == JUNIT_SKIPPED)
		g_string_append(to, "    <skipped/>\n");
	if (outcome != JUNIT_PASSED)
		g_string_append(to, "  </testcase>\n");
}

char *junit_text(const struct junit *j)
{
	GString *to = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite");
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(j->time / 1000000000);
	g_autofree char *date = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
	unsigned tests = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(j->of); i++)
		tests += j->of[i];
	put_attribute(to, "name", j->name);
	put_attribute(to, "hostname", j->host);
	put_attribute(to, "timestamp", date);
	g_string_append_printf(to, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
			       tests, j->of[JUNIT_FAILED], j->of[JUNIT_ERROR],
			       j->of[JUNIT_SKIPPED]);
	g_string_append(to, " time=\"0\">\n  <properties>\n"
			    "    <property name=\"flightbox\" value=\"" FB_VERSION "\"/>\n"
			    "  </properties>\n");
	g_string_append_len(to, j->cases->str, j->cases->len);
	g_string_append(to, "  <system-out></system-out>\n  <system-err></system-err>\n"
			    "</testsuite>\n");
	return g_string_free(to, FALSE);
}

/* ---- a comparison ----------------------------------------------------------------------- */

static void add_group(struct junit *j, const struct comparison *c, const struct compared *g)
{
	static const enum junit_outcome outcomes[] = {
		[VERDICT_SAME] = JUNIT_PASSED,
		[VERDICT_BETTER] = JUNIT_PASSED,
		[VERDICT_MOVED] = JUNIT_PASSED,
		[VERDICT_WORSE] = JUNIT_FAILED,
		[VERDICT_HUNG] = JUNIT_FAILED,
		[VERDICT_UNKNOWN] = JUNIT_SKIPPED,
	};
	g_autoptr(GString) task = g_string_new(NULL), name = g_string_new(NULL);
	g_autoptr(GString) message = g_string_new(NULL), details = g_string_new(NULL);
	struct worst worst[FB_PROFILE_WORST];
	size_t n;

	say_task(g->key, task);
	say_group(g, name);
	if (is_regression(g)) {
		say_reason(c, g, WORDS_FOR_PROGRAMS, message);
		g_string_append_printf(details, "%s\n%s\nThe longest of the new waits:\n", name->str,
				       message->str);
		n = find_worst(c->side[NEW], g->group[NEW], worst);
		for (size_t i = 0; i < n; i++) {
			say_worst(&worst[i].wait, details);
			g_string_append_c(details, '\n');
		}
	}
	junit_add(j, task->str, name->str, outcomes[g->verdict], message->str, details->str);
}

static const struct fb_profile_run *latest_of(const struct fb_profile *p)
{
	return p->runs[p->n_runs - 1];
}

struct junit *junit_of_comparison(const struct comparison *c)
{
	struct junit *j = junit_new("flightbox compare", latest_of(c->side[NEW]));
	g_autoptr(GString) outcome = g_string_new(NULL);

	say_outcome(c, outcome);
	junit_add(j, "flightbox", "enough to tell", c->can_tell ? JUNIT_PASSED : JUNIT_ERROR,
		  outcome->str, NULL);
	for (size_t i = 0; i < c->groups->len; i++) {
		const struct compared *g = compared_at(c, i);
		bool is_tested = false;

		for (enum measure m = 0; m < MEASURES; m++)
			is_tested |= g->by[m].is_tested;
		if (is_tested || !g->counts || g->verdict != VERDICT_SAME)
			add_group(j, c, g);
	}
	return j;
}
