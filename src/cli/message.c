/* SPDX-License-Identifier: MIT */
/* message.c - what flightbox has to say beside the report. */
#include <stdio.h>

#include <flightbox/error.h>

#include "cli.h"

/* A message may quote a file name or a name from the trace: the terminal gets no control characters. */
static void put_escaped(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			fprintf(stderr, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, stderr);
}

void complain(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	fputs("flightbox: ", stderr);
	put_escaped(text);
	fputc('\n', stderr);
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
