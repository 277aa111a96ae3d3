/* SPDX-License-Identifier: MIT */
/* times.c - times and durations to text and back. */
#include <stdio.h>
#include <time.h>

#include <flightbox/error.h>
#include <flightbox/times.h>

#include "base/out.h"

#define SECOND INT64_C(1000000000)

const char *const fb_time_forms[] = { "monotonic", "epoch", "utc", "local", "relative", NULL };

/* ---- to text ---------------------------------------------------------------------------- */

static char *put_seconds(char *to, fb_ns ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	*to++ = ns < 0 ? '-' : '+';
	to = put_uint(to, size / SECOND);
	*to++ = '.';
	return put_nine(to, size % SECOND);
}

static char *put_date(char *to, fb_ns since_epoch, bool local)
{
	int64_t ns = since_epoch % SECOND;
	time_t seconds = since_epoch / SECOND;
	struct tm tm;

	if (ns < 0) {
		ns += SECOND;
		seconds--;
	}
	if (local)
		localtime_r(&seconds, &tm);
	else
		gmtime_r(&seconds, &tm);
	to += strftime(to, FB_TIME_SIZE - 12, "%Y-%m-%d %H:%M:%S.", &tm);
	return put_nine(to, ns);
}

size_t fb_time_format(char to[FB_TIME_SIZE], fb_ns time, enum fb_time_form form,
		      struct fb_clock clock)
{
	fb_ns since_epoch = (fb_ns)((uint64_t)time + (uint64_t)clock.offset);
	char *at = to;

	switch (form) {
	case FB_TIME_MONOTONIC:
		at = put_int(to, time);
		break;
	case FB_TIME_EPOCH:
		at = put_int(to, since_epoch);
		break;
	case FB_TIME_UTC:
	case FB_TIME_LOCAL:
		at = put_date(to, since_epoch, form == FB_TIME_LOCAL);
		break;
	case FB_TIME_RELATIVE:
		at = put_seconds(to, (fb_ns)((uint64_t)time - (uint64_t)clock.begin));
		break;
	}
	*at = '\0';
	return at - to;
}

/* ---- from text -------------------------------------------------------------------------- */

/*
 * Digits with an optional fraction, as a multiple of `unit` ns. Returns what
 * follows, or NULL when there are no digits or the number is too large.
 */
static const char *read_decimal(const char *text, fb_ns unit, fb_ns *ns)
{
	const char *at = text;
	int64_t whole = 0;
	fb_ns part = 0;

	for (; g_ascii_isdigit(*at); at++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *at - '0', &whole))
			return NULL;
	if (at == text || __builtin_mul_overflow(whole, unit, &whole))
		return NULL;
	if (*at == '.') {
		int64_t scale = 1;

		/* Digits below a nanosecond are dropped, those past nine are below all. */
		for (at++; g_ascii_isdigit(*at); at++)
			if (scale < SECOND) {
				part = part * 10 + (*at - '0');
				scale *= 10;
			}
		if (at[-1] == '.')
			return NULL;
		part = (fb_ns)((__int128)part * unit / scale);
	}
	if (__builtin_add_overflow(whole, part, ns))
		return NULL;
	return at;
}

static const struct {
	const char *name;
	fb_ns unit;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "µs", 1000 },
	{ "ms", 1000000 },
	{ "s", SECOND },
	{ "min", 60 * SECOND },
	{ "h", 3600 * SECOND },
};

/* `bare`: the unit of a number without one, 0 when only zero may go without. */
static bool read_duration(const char *text, fb_ns bare, fb_ns *duration)
{
	const char *name = text + strspn(text, "0123456789.");
	const char *end;
	fb_ns unit = 0, ns;

	while (*name == ' ')
		name++;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (!strcmp(name, units[i].name))
			unit = units[i].unit;
	if (!*name)
		unit = bare ? bare : 1;
	end = unit ? read_decimal(text, unit, &ns) : NULL;
	if (!end || (!*name && !bare && ns))
		return false;
	*duration = ns;
	return true;
}

bool fb_duration_parse(const char *text, fb_ns *duration, GError **error)
{
	if (read_duration(text, 0, duration))
		return true;
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "%s: expected a duration such as 10ms, 250us or 1.5s", text);
	return false;
}

/* The second that a date and time name; -1 when there is no such date. */
static int64_t seconds_of(struct tm *tm, bool utc)
{
	struct tm given = *tm;
	time_t seconds;

	tm->tm_isdst = -1;
	seconds = utc ? timegm(tm) : mktime(tm);
	if (tm->tm_mon != given.tm_mon || tm->tm_mday != given.tm_mday ||
	    tm->tm_hour != given.tm_hour || tm->tm_min != given.tm_min)
		return -1;
	return seconds;
}

/* HH:MM:SS with an optional fraction and an optional Z, to the text's end. */
static bool read_clock(const char *text, struct tm *tm, fb_ns *ns, bool *utc)
{
	int n = 0;
	const char *end;
	fb_ns seconds;

	if (sscanf(text, "%2d:%2d:%n", &tm->tm_hour, &tm->tm_min, &n) != 2 || !n)
		return false;
	end = read_decimal(text + n, SECOND, &seconds);
	if (!end || seconds >= 61 * SECOND || tm->tm_hour > 23 || tm->tm_min > 59)
		return false;
	tm->tm_sec = seconds / SECOND;
	*ns = seconds % SECOND;
	if (*end == 'Z') {
		*utc = true;
		end++;
	}
	return !*end;
}

static bool read_date_time(const char *text, bool utc, struct fb_clock clock,
			   fb_ns *since_epoch)
{
	struct tm tm = { 0 };
	int n = 0;
	fb_ns ns;
	int64_t seconds;

	if (sscanf(text, "%4d-%2d-%2d%*1[ T]%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &n) == 3 &&
	    n) {
		tm.tm_year -= 1900;
		tm.tm_mon--;
	} else {
		time_t day = (clock.begin + clock.offset) /
			     SECOND;

		n = 0;
		if (utc || g_str_has_suffix(text, "Z"))
			gmtime_r(&day, &tm);
		else
			localtime_r(&day, &tm);
	}
	if (!read_clock(text + n, &tm, &ns, &utc))
		return false;
	seconds = seconds_of(&tm, utc);
	/* Years that nanoseconds in 63 bits can express. */
	if (seconds < 0 || seconds > INT64_MAX / SECOND - 1)
		return false;
	*since_epoch = seconds * SECOND + ns;
	return true;
}

/* A bare number is by the trace's clock or since the epoch: the reading that lies nearer to the trace. */
static fb_ns nearer_reading(fb_ns number, struct fb_clock clock)
{
	__int128 raw = (__int128)number - clock.begin,
		 epoch = (__int128)number - clock.offset - clock.begin;

	if ((raw < 0 ? -raw : raw) <= (epoch < 0 ? -epoch : epoch))
		return number;
	return number - clock.offset;
}

bool fb_time_parse(const char *text, enum fb_time_form form, struct fb_clock clock,
		   fb_ns *time, GError **error)
{
	fb_ns number;
	const char *end;

	if (*text == '+' || *text == '-') {
		if (read_duration(text + 1, SECOND, &number) &&
		    !__builtin_add_overflow(clock.begin, *text == '-' ? -number : number, time))
			return true;
	} else if (strchr(text, ':')) {
		if (read_date_time(text, form == FB_TIME_UTC, clock, &number)) {
			*time = number - clock.offset;
			return true;
		}
	} else {
		end = read_decimal(text, 1, &number);
		if (end && !*end && !strchr(text, '.')) {
			*time = nearer_reading(number, clock);
			return true;
		}
	}
	g_set_error(error, FB_ERROR, FB_ERROR_USAGE,
		    "%s: expected a time such as 99500812873 (ns), +1.5s, 12:20:54.5 or "
		    "\"2026-11-20 12:20:54\"",
		    text);
	return false;
}
