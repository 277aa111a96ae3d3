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

enum pcap_form {
	PCAP_NANOSECONDS = 1,
	PCAP_BIG_ENDIAN = 2
};

struct made_packet {
	uint32_t seconds, fraction; /* in the units of the file */
	const char *hex;
	uint32_t beyond; /* bytes on the wire that were not captured */
};

/* The packets end with one without `hex`. */
GByteArray *make_pcap(int form, uint32_t link_type, const struct made_packet *packets);

/* Both take the bytes. The file is gone when they return. g_free() the text. */
char *capture_text(GByteArray *bytes);
void assert_capture(GByteArray *bytes, const char *expected);

void append_captured(GString *to, const struct capture *capture, const struct captured *packet);

#endif
