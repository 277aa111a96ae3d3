/* SPDX-License-Identifier: MIT */
/* message.c - what flightbox has to say beside the report. */
#include <stdio.h>
#include <unistd.h>

#include <flightbox/error.h>

#include "cli/cli.h"
#include "base/out.h"

/* A message may quote a file name or a name from the trace. */
void complain(const char *format, ...)
{
	struct out line;
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	out_init(&line, STDERR_FILENO);
	out_string(&line, "flightbox: ");
	out_plain_text(&line, text);
	out_char(&line, '\n');
	out_flush(&line);
	out_clear(&line);
}

int fail(GError *error)
{
	int status = error->domain == FB_ERROR && error->code == FB_ERROR_USAGE ? STATUS_USAGE :
										  STATUS_TRACE;

	complain("%s", error->message);
	g_error_free(error);
	return status;
}

int print(const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return STATUS_DONE;
	complain("cannot write: %m");
	return STATUS_TRACE;
}
