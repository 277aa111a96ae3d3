/* SPDX-License-Identifier: MIT */
/* formats.h - the two kinds of capture files: their packets as bytes. */
#ifndef CAPTURE_FORMATS_H
#define CAPTURE_FORMATS_H

#include "packets/capture/capture.h"
#include "packets/capture/tape.h"

#define RECORD_MOST 512 /* bytes of a packet that headers may be in */

/* A packet as it lies in the file. */
struct record {
	const uint8_t *bytes; /* lent until the next one */
	uint32_t captured, length;
	fb_ns time;
	int link_type;
	uint16_t interface;
	enum captured_direction direction;
};

/* Whether a file that begins with these four bytes is of tcpdump's kind. */
bool pcap_file_is(const uint8_t *magic);
/* By libpcap. `path` is for messages. NULL and `error` when it is none that it reads. */
struct pcap_file *pcap_file_open(struct tape *tape, const char *path, GError **error);
void pcap_file_close(struct pcap_file *f);
/* Returns what capture_next() does. */
int pcap_file_next(struct pcap_file *f, struct record *record, GError **error);

bool pcapng_file_is(const uint8_t *magic);
struct pcapng_file *pcapng_file_open(struct tape *tape, const char *path);
void pcapng_file_close(struct pcapng_file *f);
int pcapng_file_next(struct pcapng_file *f, struct record *record, GError **error);
/* NULL: there is none of that number, or it has no name. */
const char *pcapng_file_interface_name(const struct pcapng_file *f, unsigned number);
/* Packets that whoever captured says were lost on the way to the file. */
uint64_t pcapng_file_dropped(const struct pcapng_file *f);

#endif
