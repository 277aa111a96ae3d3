/* SPDX-License-Identifier: MIT */
/*
 * capture_text.h - captures made of text, and read to text, a line for each packet:
 *
 *	NUMBER TIME [INTERFACE] [ifindex N] [in|out] SOURCE > DEST PROTOCOL [FLAGS seq N ack N win N]
 *	[ts VALUE/ECHO] [mss N] [scale N] [sack N-N…] id N, PAYLOAD of LENGTH [cut] [fragment]
 *	[icmp TYPE/CODE [about SOURCE > DEST PROTOCOL [seq N], PAYLOAD]]
 *
 * "other" stands for the ends of a packet that is not IP. An error is the last line.
 */
#ifndef TESTS_CAPTURE_TEXT_H
#define TESTS_CAPTURE_TEXT_H

#include "packets/capture/capture.h"

/* The bytes of hexadecimal digits, with or without blanks between. */
GByteArray *bytes_of_hex(const char *hex);

enum made_form {
	MADE_LITTLE_ENDIAN = 0,
	MADE_NANOSECONDS = 1, /* else microseconds, which pcapng's interfaces say themselves */
	MADE_BIG_ENDIAN = 2
};

struct made_packet {
	uint32_t seconds, fraction; /* in the units of the file */
	const char *hex;
	uint32_t beyond; /* bytes on the wire that were not captured */
};

/* The packets end with one without `hex`. */
GByteArray *make_pcap(int form, uint32_t link_type, const struct made_packet *packets);

struct made_block {
	uint32_t type;
	/* Bytes of hexadecimal digits; N:DIGITS is a number of N bytes in the file's byte order. */
	const char *body;
};

#define MADE_SECTION                                                                               \
	{                                                                                          \
		0x0a0d0d0a, "4:1a2b3c4d 2:1 2:0 8:ffffffffffffffff"                                \
	}

/* The blocks end with one without a body. */
GByteArray *make_pcapng(int form, const struct made_block *blocks);

/* Both take the bytes. The file is gone when they return. g_free() the text. */
char *capture_text(GByteArray *bytes);
void assert_capture(GByteArray *bytes, const char *expected);

void append_captured(GString *to, const struct capture *capture, const struct captured *packet);

#endif
