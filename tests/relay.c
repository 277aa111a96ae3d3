/* SPDX-License-Identifier: MIT */
/*
 * relay.c - see relay.h.
 *
 * All numbers are big-endian. A request is a header and a payload, a reply is bare:
 *
 *	size of the payload:8  command:4  version:4  payload
 *
 *	1 CONNECT         session:8 major:4 minor:4 type:4      the same
 *	2 LIST_SESSIONS                                         n:4  n × (id:8 timer:4 clients:4 streams:4
 *	                                                        host[64] name[255]);
 *	                            since version 2.15          n × (id:8 timer:4 clients:4 streams:4
 *	                                                        hosts_length:4 names_length:4 format:4
 *	                                                        host name)
 *	8 CREATE_SESSION                                        status:4
 *	3 ATTACH_SESSION  session:8 offset:8 seek:4             status:4 n:4  n × stream
 *	7 GET_NEW_STREAMS session:8                             status:4 n:4  n × stream
 *	6 GET_METADATA    stream:8                              length:8 status:4 bytes
 *	4 GET_NEXT_INDEX  stream:8                              offset:8 size:8 content:8 begin:8 end:8
 *	                                                        discarded:8 class:8 status:4 flags:4
 *	5 GET_PACKET      stream:8 offset:8 length:4            status:4 length:4 flags:4 bytes
 *	9 DETACH_SESSION  session:8                             status:4
 *
 *	stream: id:8 trace:8 is_metadata:4 path[4096] channel[255]
 *
 * The version of a connection is the lesser of both sides'. A relay that knows 2.15 does not show
 * sessions in CTF 2 (format 1; else 0) to viewers that do not.
 */
#include "relay.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "ctf/metadata/tsdl.h"
#include "ctf/read/trace.h"
#include "traces.h"
#include "wire.h"

enum {
	CONNECT = 1,
	LIST,
	ATTACH,
	INDEX,
	PACKET,
	METADATA,
	NEW_STREAMS,
	CREATE,
	DETACH
};

enum {
	OK = 1,
	RETRY_OR_NONE = 2,
	HANG_UP = 3,
	NEW_STREAMS_HANG_UP = 4,
	INACTIVE = 5
};

#define SESSION_ID  7
#define TRACE_ID    1
#define METADATA_ID 1
#define STREAM_ID   100 /* of the first stream */
#define PAYLOAD_MAX 4096
#define PACKET_MAX  (16u << 20)
#define MINOR	    15 /* of version 2 */
#define CTF2_MINOR  15
#define SILENCE	    (UINT64_C(1) << 60) /* ns: after all events */

/* What one viewer has got so far. */
struct viewer {
	int fd;
	unsigned minor; /* of the connection's version */
	bool ctf2;	/* what the session is recorded in */
	const struct reader *reader;
	bool goes_on; /* behind the last packets there is silence, but no end */
	GBytes *metadata;
	bool has_metadata;
	guint *next; /* by file: the packet whose index comes next */
	bool *hung_up;
	GByteArray *reply;
};

/* ---- commands --------------------------------------------------------------------------- */

static bool is_over(const struct viewer *v)
{
	for (guint i = 0; i < v->reader->files->len; i++)
		if (!v->hung_up[i])
			return false;
	return true;
}

static void on_connect(struct viewer *v, const uint8_t *request)
{
	wire_put(v->reply, 8, 1);
	wire_put(v->reply, 4, 2);
	v->minor = MIN(wire_get(request + 12, 4), MINOR);
	wire_put(v->reply, 4, v->minor);
	wire_put(v->reply, 4, wire_get(request + 16, 4));
}

static void on_list(struct viewer *v)
{
	bool is_shown = !is_over(v) && (!v->ctf2 || v->minor >= CTF2_MINOR);

	wire_put(v->reply, 4, is_shown);
	if (!is_shown)
		return;
	wire_put(v->reply, 8, SESSION_ID);
	wire_put(v->reply, 4, 1000000);
	wire_put(v->reply, 4, 0);
	wire_put(v->reply, 4, v->reader->files->len + 1);
	if (v->minor < CTF2_MINOR) {
		wire_put_text(v->reply, 64, RELAY_HOST);
		wire_put_text(v->reply, 255, RELAY_SESSION);
		return;
	}
	wire_put(v->reply, 4, strlen(RELAY_HOST));
	wire_put(v->reply, 4, strlen(RELAY_SESSION));
	wire_put(v->reply, 4, v->ctf2);
	wire_put_text(v->reply, strlen(RELAY_HOST), RELAY_HOST);
	wire_put_text(v->reply, strlen(RELAY_SESSION), RELAY_SESSION);
}

static void put_stream(struct viewer *v, uint64_t id, const char *channel)
{
	wire_put(v->reply, 8, id);
	wire_put(v->reply, 8, TRACE_ID);
	wire_put(v->reply, 4, id == METADATA_ID);
	wire_put_text(v->reply, 4096, "kernel");
	wire_put_text(v->reply, 255, channel);
}

static void on_attach(struct viewer *v)
{
	wire_put(v->reply, 4, OK);
	wire_put(v->reply, 4, v->reader->files->len + 1);
	put_stream(v, METADATA_ID, "metadata");
	for (guint i = 0; i < v->reader->files->len; i++) {
		const struct data_file *f = g_ptr_array_index(v->reader->files, i);
		g_autofree char *name = g_path_get_basename(f->path);

		put_stream(v, STREAM_ID + i, name);
	}
}

static void on_new_streams(struct viewer *v)
{
	wire_put(v->reply, 4, is_over(v) ? NEW_STREAMS_HANG_UP : RETRY_OR_NONE);
	wire_put(v->reply, 4, 0);
}

static void on_metadata(struct viewer *v)
{
	gsize size;
	const uint8_t *bytes = g_bytes_get_data(v->metadata, &size);

	if (v->has_metadata)
		size = 0;
	wire_put(v->reply, 8, size);
	wire_put(v->reply, 4, v->has_metadata ? RETRY_OR_NONE : OK);
	g_byte_array_append(v->reply, bytes, size);
	v->has_metadata = true;
}

/* No packet for now, and none that begins before `until`. */
static void put_no_packet(struct viewer *v, uint64_t until, unsigned status, uint64_t stream)
{
	for (int n = 0; n < 7; n++)
		wire_put(v->reply, 8, n == 4 ? until : n == 6 ? stream : 0);
	wire_put(v->reply, 4, status);
	wire_put(v->reply, 4, 0);
}

static bool on_index(struct viewer *v, const uint8_t *request)
{
	uint64_t i = wire_get(request, 8) - STREAM_ID;
	const struct data_file *f;
	const struct packet_ref *p;

	if (i >= v->reader->files->len)
		return false;
	f = g_ptr_array_index(v->reader->files, i);
	if (v->next[i] == f->packets->len) {
		v->hung_up[i] = !v->goes_on;
		put_no_packet(v, v->goes_on ? SILENCE : 0, v->goes_on ? INACTIVE : HANG_UP,
			      f->sc->id);
		return true;
	}
	p = &g_array_index(f->packets, struct packet_ref, v->next[i]++);
	wire_put(v->reply, 8, p->offset);
	wire_put(v->reply, 8, p->size * 8);
	wire_put(v->reply, 8, p->content);
	wire_put(v->reply, 8, p->begin);
	wire_put(v->reply, 8, p->end);
	wire_put(v->reply, 8, 0);
	wire_put(v->reply, 8, f->sc->id);
	wire_put(v->reply, 4, OK);
	wire_put(v->reply, 4, 0);
	return true;
}

static bool on_packet(struct viewer *v, const uint8_t *request)
{
	uint64_t i = wire_get(request, 8) - STREAM_ID, offset = wire_get(request + 8, 8);
	uint32_t size = wire_get(request + 16, 4);
	g_autofree char *text = NULL;
	const struct data_file *f;
	gsize length;

	if (i >= v->reader->files->len || size > PACKET_MAX)
		return false;
	f = g_ptr_array_index(v->reader->files, i);
	if (!g_file_get_contents(f->path, &text, &length, NULL) || offset > length ||
	    size > length - offset)
		return false;
	wire_put(v->reply, 4, OK);
	wire_put(v->reply, 4, size);
	wire_put(v->reply, 4, 0);
	g_byte_array_append(v->reply, (const uint8_t *)text + offset, size);
	return true;
}

/* False when the viewer asks for what makes no sense. */
static bool answer(struct viewer *v, unsigned command, const uint8_t *request, uint64_t size)
{
	static const uint8_t sizes[] = {
		[CONNECT] = 20, [ATTACH] = 20,	   [INDEX] = 8,	 [PACKET] = 20,
		[METADATA] = 8, [NEW_STREAMS] = 8, [DETACH] = 8, [LIST] = 0
	};

	if (command >= G_N_ELEMENTS(sizes) || size < sizes[command])
		return false;
	switch (command) {
	case CONNECT:
		on_connect(v, request);
		return true;
	case LIST:
		on_list(v);
		return true;
	case CREATE:
	case DETACH:
		wire_put(v->reply, 4, OK);
		return true;
	case ATTACH:
		on_attach(v);
		return true;
	case NEW_STREAMS:
		on_new_streams(v);
		return true;
	case METADATA:
		on_metadata(v);
		return true;
	case INDEX:
		return on_index(v, request);
	case PACKET:
		return on_packet(v, request);
	default:
		return false;
	}
}

static void serve(int fd, const struct reader *r, GBytes *metadata, bool goes_on)
{
	struct viewer v = { .fd = fd, .reader = r, .goes_on = goes_on, .metadata = metadata };
	uint8_t header[16], request[PAYLOAD_MAX];
	const char *text;
	gsize length;

	text = g_bytes_get_data(metadata, &length);
	v.ctf2 = metadata_is_ctf2(text, length);
	v.next = g_new0(guint, r->files->len);
	v.hung_up = g_new0(bool, r->files->len);
	v.reply = g_byte_array_new();
	while (wire_receive(fd, header, sizeof(header))) {
		uint64_t size = wire_get(header, 8);

		g_byte_array_set_size(v.reply, 0);
		if (size > sizeof(request) || !wire_receive(fd, request, size) ||
		    !answer(&v, wire_get(header + 8, 4), request, size) ||
		    !wire_send(fd, v.reply->data, v.reply->len))
			break;
	}
	g_byte_array_unref(v.reply);
	g_free(v.hung_up);
	g_free(v.next);
}

/* ---- the process ------------------------------------------------------------------------- */

static int listen_anywhere(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		fail_msg("cannot listen: %s", strerror(errno));
	*port = ntohs(address.sin_port);
	return fd;
}

/* One viewer after the other, each in a process of its own, until the test ends. */
static void run(int listener, const char *dir, bool goes_on)
{
	g_autofree char *path = g_build_filename(dir, "metadata", NULL);
	struct fb_source *source = recorded_open(dir, 0, false);
	char *text;
	gsize size;
	GBytes *metadata;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	if (!g_file_get_contents(path, &text, &size, NULL))
		_exit(1);
	metadata = g_bytes_new_take(text, size);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(fd, reader_of(source), metadata, goes_on);
			_exit(0);
		}
		close(fd);
	}
}

static struct relay *start(const char *dir, bool goes_on)
{
	struct relay *r = g_new0(struct relay, 1);
	int listener = listen_anywhere(&r->port);

	r->url = g_strdup_printf("net://localhost:%d/host/" RELAY_HOST "/" RELAY_SESSION, r->port);
	r->pid = fork();
	assert_true(r->pid >= 0);
	if (!r->pid)
		run(listener, dir, goes_on);
	close(listener);
	return r;
}

struct relay *relay_start(const char *dir)
{
	return start(dir, false);
}

struct relay *relay_start_endless(const char *dir)
{
	return start(dir, true);
}

void relay_stop(struct relay *r)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	g_free(r->url);
	g_free(r);
}
