/* SPDX-License-Identifier: MIT */
/* pcap.c - captures of tcpdump's kind, read by libpcap. */
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include <flightbox/error.h>

#include "packets/capture/formats.h"

struct pcap_file {
	struct tape *tape;
	const char *path;
	FILE *file; /* libpcap's, which closes it */
	pcap_t *pcap;
	int link_type;
	uint64_t packets;
};

bool pcap_file_is(const uint8_t *at)
{
	/* In microseconds, in nanoseconds, and with more in each packet's header. */
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };
	uint32_t magic;

	memcpy(&magic, at, sizeof(magic));
	for (unsigned i = 0; i < G_N_ELEMENTS(magics); i++)
		if (magic == magics[i] || magic == GUINT32_SWAP_LE_BE(magics[i]))
			return true;
	return false;
}

static ssize_t on_read(void *tape, char *to, size_t most)
{
	struct tape *s = tape;
	size_t n = tape_has(s, 1) ? MIN(most, (size_t)(s->end - s->at)) : 0;

	memcpy(to, s->at, n);
	s->at += n;
	return n;
}

/* Of the file's end there is no telling, and nobody asks but for where it stands. */
static int on_seek(void *tape, off64_t *offset, int whence)
{
	if (whence != SEEK_CUR || *offset)
		return -1;
	*offset = tape_position(tape);
	return 0;
}

/* Damage to the file itself explains more than what libpcap then misses. */
static int fail(struct pcap_file *f, const char *what, GError **error)
{
	g_autofree char *place =
		f->packets ? g_strdup_printf(", behind packet %" G_GUINT64_FORMAT, f->packets)
			   : g_strdup("");

	if (f->tape->error)
		g_propagate_error(error, g_error_copy(f->tape->error));
	else
		g_set_error(error, FB_ERROR, FB_ERROR_FORMAT, "%s: byte %lld%s: %s", f->path,
			    (long long)ftello(f->file), place, what);
	return -1;
}

struct pcap_file *pcap_file_open(struct tape *tape, const char *path, GError **error)
{
	const cookie_io_functions_t functions = { .read = on_read, .seek = on_seek };
	char what[PCAP_ERRBUF_SIZE];
	struct pcap_file *f = g_new0(struct pcap_file, 1);

	f->tape = tape;
	f->path = path;
	f->file = fopencookie(tape, "r", functions);
	if (!f->file)
		g_error("out of memory");
	f->pcap =
		pcap_fopen_offline_with_tstamp_precision(f->file, PCAP_TSTAMP_PRECISION_NANO, what);
	if (!f->pcap) {
		fail(f, what, error);
		fclose(f->file);
		g_free(f);
		return NULL;
	}
	f->link_type = pcap_datalink(f->pcap);
	return f;
}

void pcap_file_close(struct pcap_file *f)
{
	if (!f)
		return;
	pcap_close(f->pcap);
	g_free(f);
}

int pcap_file_next(struct pcap_file *f, struct record *r, GError **error)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(f->pcap, &header, &bytes);

	if (result == PCAP_ERROR_BREAK && !f->tape->error)
		return 0;
	if (result != 1)
		return fail(f, pcap_geterr(f->pcap), error);
	f->packets++;
	/* Seconds are unsigned in files, whatever libpcap takes them for. */
	*r = (struct record){ .bytes = bytes,
			      .captured = MIN(header->caplen, RECORD_MOST),
			      .length = header->len,
			      .time = (uint32_t)header->ts.tv_sec * INT64_C(1000000000) +
				      header->ts.tv_usec,
			      .link_type = f->link_type };
	return 1;
}
