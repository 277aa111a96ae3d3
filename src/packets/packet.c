/* SPDX-License-Identifier: MIT */
/* packet.c - names of what is told of packets, and what a wait consists of by one. */
#include <string.h>

#include <glib.h>

#include <flightbox/packet.h>

const char *fb_packet_match_name(enum fb_packet_match match)
{
	static const char *const names[FB_PACKET_MATCHES] = {
		[FB_PACKET_NONE] = "none",
		[FB_PACKET_EXACT] = "exact",
		[FB_PACKET_INFERRED] = "inferred",
		[FB_PACKET_AMBIGUOUS] = "ambiguous",
		[FB_PACKET_GUESSED] = "guessed",
	};

	return names[match];
}

const char *fb_packet_none_name(enum fb_packet_none none)
{
	static const char *const names[FB_PACKET_NONES] = {
		[FB_PACKET_NONE_CALL] = "call",
		[FB_PACKET_NONE_SEEN] = "not_seen",
		[FB_PACKET_NONE_OF_SOCKET] = "of_socket",
		[FB_PACKET_NONE_CAN] = "cannot",
		[FB_PACKET_NONE_FORGOTTEN] = "forgotten",
	};

	return names[none];
}

const char *fb_packet_part_name(enum fb_packet_part part)
{
	static const char *const names[FB_PARTS] = {
		[FB_PART_NOT_WRITTEN] = "not_written",
		[FB_PART_UNKNOWN] = "unknown",
		[FB_PART_SENDING] = "sending",
		[FB_PART_ANSWERING] = "answering",
		[FB_PART_DELAYED_ACK] = "delayed_ack",
		[FB_PART_HELD] = "held",
		[FB_PART_SENT_AGAIN] = "sent_again",
		[FB_PART_QUEUED] = "queued",
		[FB_PART_IN_FLIGHT] = "in_flight",
		[FB_PART_OUTSIDE] = "outside",
		[FB_PART_RECEIVE_TO_WAKE] = "receive_to_wake",
	};

	return names[part];
}

const char *fb_packet_unnumbered_name(enum fb_packet_unnumbered why)
{
	static const char *const names[FB_PACKET_UNNUMBEREDS] = {
		[FB_PACKET_NOT_CAPTURED] = "absent", [FB_PACKET_CAPTURED_LATER] = "before",
		[FB_PACKET_CAPTURE_OVER] = "after",  [FB_PACKET_CAPTURE_EMPTY] = "empty",
		[FB_PACKET_UNKEYED] = "unkeyed",
	};

	return names[why];
}

const char *fb_packet_cause_name(enum fb_packet_cause cause)
{
	static const char *const names[FB_PACKET_CAUSES] = {
		[FB_HOLD_CORK] = "cork",
		[FB_HOLD_NAGLE] = "nagle",
		[FB_HOLD_RECEIVE_WINDOW] = "receive_window",
		[FB_HOLD_ZERO_WINDOW] = "zero_window",
		[FB_HOLD_CONGESTION_WINDOW] = "congestion_window",
		[FB_HOLD_DELAYED_ACK] = "delayed_ack",
		[FB_HOLD_SYN_AGAIN] = "syn_again",
		[FB_HOLD_SYNACK_AGAIN] = "synack_again",
		[FB_HOLD_ACCEPT_QUEUE_FULL] = "accept_queue_full",
		[FB_HOLD_RTO] = "rto",
		[FB_HOLD_FAST_RETRANSMIT] = "fast_retransmit",
		[FB_HOLD_SHAPING] = "shaping",
		[FB_HOLD_REFUSED] = "refused",
		[FB_HOLD_RESET] = "reset",
		[FB_HOLD_DROPPED] = "dropped",
		[FB_HOLD_HOLE] = "hole",
	};

	return names[cause];
}

const char *fb_packet_cause_words(enum fb_packet_cause cause)
{
	static const char *const words[FB_PACKET_CAUSES] = {
		[FB_HOLD_CORK] = "cork",
		[FB_HOLD_NAGLE] = "Nagle",
		[FB_HOLD_RECEIVE_WINDOW] = "receive window",
		[FB_HOLD_ZERO_WINDOW] = "zero window",
		[FB_HOLD_CONGESTION_WINDOW] = "congestion window",
		[FB_HOLD_DELAYED_ACK] = "delayed ACK",
		[FB_HOLD_SYN_AGAIN] = "SYN again",
		[FB_HOLD_SYNACK_AGAIN] = "SYN-ACK again",
		[FB_HOLD_ACCEPT_QUEUE_FULL] = "accept queue full",
		[FB_HOLD_RTO] = "retransmission time-out",
		[FB_HOLD_FAST_RETRANSMIT] = "fast retransmission",
		[FB_HOLD_SHAPING] = "shaping",
		[FB_HOLD_REFUSED] = "refused",
		[FB_HOLD_RESET] = "reset",
		[FB_HOLD_DROPPED] = "one before it dropped",
		[FB_HOLD_HOLE] = "fills a hole",
	};

	return words[cause];
}

enum fb_packet_part fb_packet_cause_part(enum fb_packet_cause cause)
{
	static const enum fb_packet_part parts[FB_PACKET_CAUSES] = {
		[FB_HOLD_UNKNOWN] = FB_PARTS,
		[FB_HOLD_CORK] = FB_PART_HELD,
		[FB_HOLD_NAGLE] = FB_PART_HELD,
		[FB_HOLD_RECEIVE_WINDOW] = FB_PART_HELD,
		[FB_HOLD_ZERO_WINDOW] = FB_PART_HELD,
		[FB_HOLD_CONGESTION_WINDOW] = FB_PART_HELD,
		[FB_HOLD_DELAYED_ACK] = FB_PART_DELAYED_ACK,
		[FB_HOLD_SYN_AGAIN] = FB_PART_SENT_AGAIN,
		[FB_HOLD_SYNACK_AGAIN] = FB_PART_SENT_AGAIN,
		[FB_HOLD_ACCEPT_QUEUE_FULL] = FB_PART_SENT_AGAIN,
		[FB_HOLD_RTO] = FB_PART_SENT_AGAIN,
		[FB_HOLD_FAST_RETRANSMIT] = FB_PART_SENT_AGAIN,
		[FB_HOLD_SHAPING] = FB_PART_QUEUED,
		[FB_HOLD_REFUSED] = FB_PARTS,
		[FB_HOLD_RESET] = FB_PARTS,
		[FB_HOLD_DROPPED] = FB_PARTS,
		[FB_HOLD_HOLE] = FB_PARTS,
	};

	return parts[cause];
}

/* A stage that seems to begin after the next one, by clocks of two CPUs, is over at once. */
bool fb_packet_parts(const struct fb_packet *packet, const struct fb_blocking *b,
		     fb_ns parts[FB_PARTS])
{
	fb_ns end = b->wake;

	memset(parts, 0, FB_PARTS * sizeof(*parts));
	if (!packet->n_stages || fb_blocking_asleep(b) == FB_NS_NONE)
		return false;
	for (unsigned i = packet->n_stages; i-- > 0;) {
		const struct fb_packet_stage *stage = &packet->stages[i];
		fb_ns begin = i ? CLAMP(stage->begin, b->begin, end) : b->begin;

		parts[stage->part] += end - begin;
		end = begin;
	}
	return true;
}
