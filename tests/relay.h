/* SPDX-License-Identifier: MIT */
/*
 * relay.h - a recorded trace as a live session: the side of LTTng's live protocol that
 * lttng-relayd speaks, as far as a viewer that attaches, reads all and leaves needs it.
 *
 * The session is net://localhost:PORT/host/rigvm/SESSION. Each connection gets the whole
 * trace from its beginning; then its streams hang up and the session is gone, unless it is to go on.
 */
#ifndef TESTS_RELAY_H
#define TESTS_RELAY_H

#include <sys/types.h>

#define RELAY_HOST    "rigvm"
#define RELAY_SESSION "recorded"

struct relay {
	pid_t pid;
	int port;
	char *url; /* net://localhost:PORT/host/rigvm/recorded */
};

/*
 * Serves the trace in `dir`, which holds the metadata itself, from a process of its own.
 * Fails the test when that does not work. End it with relay_stop().
 */
struct relay *relay_start(const char *dir);
/* The same, but behind the trace's end the session goes on, and nothing happens in it. */
struct relay *relay_start_endless(const char *dir);
void relay_stop(struct relay *relay);

#endif
