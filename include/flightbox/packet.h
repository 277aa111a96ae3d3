/* SPDX-License-Identifier: MIT */
/*
 * packet.h - the packet that ended a wait, its way, and what the wait consisted of by that.
 *
 *	begin                                                               wake
 *	--|-- not written --|- sending -|- held -|- queued -|- in flight -|--|
 *	                 written      taken    left       sent        received
 *
 * Packets are those that softirq NET_RX received when it woke the task.
 */
#ifndef FLIGHTBOX_PACKET_H
#define FLIGHTBOX_PACKET_H

#include <flightbox/kernel.h>

/* How sure it is that it was this one. */
enum fb_packet_match {
	FB_PACKET_NONE,	    /* none is named: see enum fb_packet_none */
	FB_PACKET_EXACT,    /* the wait's socket is known, or no other packet was at hand */
	FB_PACKET_INFERRED, /* the socket, or that it is the socket's, is not told by an event */
	FB_PACKET_AMBIGUOUS, /* one of several: all are named */
	FB_PACKET_GUESSED,  /* the likeliest of several connections */
	FB_PACKET_MATCHES
};

/* Why none is named. */
enum fb_packet_none {
	FB_PACKET_NONE_NOT,
	FB_PACKET_NONE_CALL,	  /* what the task waited in is ended by no packet */
	FB_PACKET_NONE_SEEN,	  /* none was received in that softirq */
	FB_PACKET_NONE_OF_SOCKET, /* … none of its socket, */
	FB_PACKET_NONE_CAN,	  /* … or none that can end its call */
	FB_PACKET_NONES
};

/* So many others are named at most. */
#define FB_PACKET_OTHERS 8

/* "exact", "of_socket"; NULL for the NONE values. */
const char *fb_packet_match_name(enum fb_packet_match match);
const char *fb_packet_none_name(enum fb_packet_none none);

#endif
