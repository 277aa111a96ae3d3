/* SPDX-License-Identifier: MIT */
/*
 * test_why.c - waits of recorded traces explained: what their programs are known to have
 * done (tests/traces/README.md) is what the explanation finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analyses/shared/brief.h"
#include "between.h"
#include "played.h"

#define MS ((fb_ns)1000000)

/* ---- explanations ------------------------------------------------------------------------- */

struct asked {
	const char *trace;
	int32_t tid;
	const char *syscall;
	fb_ns at_least; /* asleep */
};

/* The waits that were asked for, in the order of time; at most `n`. */
static unsigned find_waits(const struct played *p, const struct asked *asked,
			   struct fb_blocking *waits, unsigned n)
{
	unsigned found = 0;

	for (guint i = 0; i < p->waits->len && found < n; i++) {
		const struct fb_blocking *b = &g_array_index(p->waits, struct fb_blocking, i);

		if (b->task->tid == asked->tid && !g_strcmp0(b->syscall, asked->syscall) &&
		    fb_blocking_asleep(b) >= asked->at_least)
			waits[found++] = *b;
	}
	return found;
}

/* Every nanosecond is accounted for. */
static void assert_complete(const struct explanation *e)
{
	size_t n;
	fb_ns sum, all = 0;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);

	for (size_t i = 0; i < n; i++)
		all += shares[i].sum;
	assert_int_equal(all, e->asleep);
	assert_int_equal(sum, e->asleep);
}

static struct explanation *explain(const struct played *p, const struct fb_blocking *b)
{
	struct explanation *e =
		explanation_new(p->history, b->task, b->begin, b->wake, EXPLAIN_LONG);

	assert_int_equal(e->asleep, fb_blocking_asleep(b));
	assert_complete(e);
	return e;
}

/* Of long chains that is a thousandth of all the rest. */
static struct explanation *explain_briefly(const struct played *p, const struct fb_blocking *b)
{
	struct explanation *e =
		explanation_new(p->history, b->task, b->begin, b->wake, EXPLAIN_BRIEF);

	assert_non_null(e->brief);
	assert_null(e->chain);
	assert_null(e->shares);
	return e;
}

/* The one wait that was asked for. */
static struct explanation *explain_one(const struct played *p, const struct asked *asked)
{
	struct fb_blocking waits[2];

	assert_int_equal(find_waits(p, asked, waits, 2), 1);
	return explain(p, &waits[0]);
}

/* Links of the chain in that state, and the time of all. */
static unsigned count_links(const struct explanation *e, enum fb_state state, fb_ns *sum)
{
	unsigned n = 0;

	*sum = 0;
	for (guint i = 0; i < e->chain->len; i++) {
		const struct link *link = &g_array_index(e->chain, struct link, i);

		if (link->kind == LINK_WAIT || link->segment.state != state)
			continue;
		*sum += link->sum;
		n += link->n;
	}
	return n;
}

/* Whether a task of that name, in a state, has a share. */
static bool has_share(const struct explanation *e, const char *comm, enum fb_state state)
{
	size_t n;
	fb_ns sum;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);

	for (size_t i = 0; i < n; i++)
		if (shares[i].state == state && shares[i].task->comm &&
		    g_str_has_prefix(shares[i].task->comm, comm))
			return true;
	return false;
}

/* ---- rpc-chain: client -> A -> B, who sleeps, burns CPU, or reads a disk --------------------- */

static void the_clients_requests_come_down_to_what_b_did(void **state)
{
	static const char order[] = "sbdssbd"; /* sleep 50 ms, burn 40 ms, 4 reads of 8 ms each */
	const struct asked asked = { "rpc-chain", 212, "read", 30 * MS };
	struct played p = played_trace(asked.trace);
	struct fb_blocking waits[8];

	(void)state;
	assert_int_equal(find_waits(&p, &asked, waits, 8), strlen(order));
	for (size_t i = 0; i < strlen(order); i++) {
		struct explanation *e = explain(&p, &waits[i]);
		struct path_share root;

		assert_true(path_shares_root(e->shares, &root));
		assert_int_equal(root.task->tid, 213);
		if (order[i] == 's') {
			assert_int_equal(root.state, FB_STATE_TIMER);
			assert_string_equal(root.syscall, "clock_nanosleep");
			assert_between(root.sum, 50 * MS, 51 * MS);
		} else if (order[i] == 'd') {
			assert_int_equal(root.state, FB_STATE_BLOCK);
			assert_string_equal(root.syscall, "pread64");
			assert_int_equal(root.n, 4);
			assert_between(root.sum, 4 * 8 * MS, 4 * 9 * MS);
		} else {
			assert_int_equal(root.state, FB_STATE_RUNNING);
			assert_between(root.sum, 36 * MS, 42 * MS);
		}
		explanation_free(e);
	}
	played_clear(&p);
}

/* ---- packets delayed by 100 ms ------------------------------------------------------------ */

/* A handshake and its like: so many packets, each in netem's queue for 100 ms, and little else. */
static void assert_in_flight(const struct asked *asked, unsigned packets, fb_ns at_most_else)
{
	struct played p = played_trace(asked->trace);
	struct explanation *e = explain_one(&p, asked);
	fb_ns sum;

	assert_int_equal(count_links(e, FB_STATE_QDISC, &sum), packets);
	assert_between(sum, packets * 97 * MS, packets * 103 * MS);
	assert_true(e->asleep - sum <= at_most_else);
	explanation_free(e);
	played_clear(&p);
}

static void accept_waits_for_the_clients_start_and_three_packets(void **state)
{
	const struct asked asked = { "tcp-delay-classic", 502, "accept4", 0 };

	(void)state;
	assert_in_flight(&asked, 3, 80 * MS);
}

static void a_connecting_client_waits_for_two_packets(void **state)
{
	const struct asked asked = { "tcp-delay-classic", 504, "pselect6", 0 };

	(void)state;
	assert_in_flight(&asked, 2, 1 * MS);
}

static void a_client_that_awaits_the_end_waits_for_two_packets(void **state)
{
	const struct asked asked = { "tcp-delay-classic", 504, "poll", 0 };

	(void)state;
	assert_in_flight(&asked, 2, 4 * MS);
}

static void a_write_larger_than_the_buffer_waits_for_data_and_acknowledgements(void **state)
{
	const struct asked asked = { "blocking-write-ack", 213, "write", 0 };
	struct played p = played_trace(asked.trace);
	struct explanation *e = explain_one(&p, &asked);
	struct path_share root;
	fb_ns sum;

	(void)state;
	/* 407 ms: both ways, more than once. */
	assert_int_equal(count_links(e, FB_STATE_QDISC, &sum), 4);
	assert_true(path_shares_root(e->shares, &root));
	assert_int_equal(root.state, FB_STATE_QDISC);
	assert_between(root.sum, 380 * MS, e->asleep);
	explanation_free(e);
	played_clear(&p);
}

static void data_that_splice_held_back_is_held_and_not_in_flight(void **state)
{
	const struct asked asked = { "splice-delay-splice", 212, "read", 400 * MS };
	struct played p = played_trace(asked.trace);
	struct fb_blocking waits[9];
	unsigned n = find_waits(&p, &asked, waits, 9);

	(void)state;
	assert_int_equal(n, 3);
	for (unsigned i = 0; i < n; i++) {
		struct explanation *e = explain(&p, &waits[i]);
		struct path_share root;
		fb_ns sum;

		/* Both ways through the proxy, 200 ms each: TCP's timer sends what MSG_MORE keeps. */
		assert_int_equal(count_links(e, FB_STATE_HELD, &sum), 2);
		assert_between(sum, 400 * MS, 416 * MS);
		assert_true(path_shares_root(e->shares, &root));
		assert_int_equal(root.state, FB_STATE_HELD);
		assert_int_equal(root.task->tid, 214);
		assert_string_equal(root.syscall, "splice");
		explanation_free(e);
	}
	played_clear(&p);
}

/* ---- other chains ------------------------------------------------------------------------- */

static void a_mutex_leads_through_its_owners(void **state)
{
	struct played p = played_trace("waits-futex");
	unsigned found = 0;

	(void)state;
	/* Three threads: waiting for the second, who waits for the third in that time. */
	for (guint i = 0; i < p.waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p.waits, struct fb_blocking, i);
		struct explanation *e;
		uint32_t deepest = 0;

		if (g_strcmp0(b->syscall, "futex") || !fb_blocking_asleep(b))
			continue;
		e = explain(&p, b);
		for (guint j = 0; j < e->chain->len; j++)
			deepest = MAX(deepest,
				      g_array_index(e->chain, struct link, j).segment.depth);
		found += deepest >= 2;
		explanation_free(e);
	}
	assert_int_not_equal(found, 0);
	played_clear(&p);
}

static void fsync_leads_through_kworker_and_the_journal_to_the_disk(void **state)
{
	struct played p = played_trace("disk");
	unsigned journal = 0, worker = 0;

	(void)state;
	for (guint i = 0; i < p.waits->len; i++) {
		const struct fb_blocking *b = &g_array_index(p.waits, struct fb_blocking, i);
		struct explanation *e;

		if (g_strcmp0(b->syscall, "fsync") || !fb_blocking_asleep(b))
			continue;
		e = explain(&p, b);
		journal += has_share(e, "jbd2/", FB_STATE_BLOCK);
		worker += has_share(e, "kworker/", FB_STATE_RUNNING);
		explanation_free(e);
	}
	assert_int_not_equal(journal, 0);
	assert_int_not_equal(worker, 0);
	played_clear(&p);
}

/* ---- chain and breakdown ------------------------------------------------------------------ */

/* What a task did in that state, in one system call or, of a mixed link, in all of them. */
static fb_ns share_of(const struct explanation *e, const struct link *link)
{
	size_t n;
	fb_ns sum, all = 0;
	const struct path_share *shares = path_shares_sort(e->shares, &n, &sum);

	for (size_t i = 0; i < n; i++)
		if (shares[i].task == link->segment.task &&
		    shares[i].state == link->segment.state &&
		    (link->is_mixed || shares[i].syscall == link->segment.syscall))
			all += shares[i].sum;
	return all;
}

/* Links that say the same, added up, say no more than the breakdown does. */
static void assert_agrees(const struct explanation *e, const GArray *links, bool is_brief)
{
	for (guint i = 0; i < links->len; i++) {
		const struct link *link = &g_array_index(links, struct link, i);
		fb_ns sum = 0;

		assert_between(link->sum, 0, link->segment.end - link->segment.begin +
						      (is_brief ? e->asleep : 0));
		if (link->kind == LINK_WAIT || link->kind == LINK_BIRTH)
			continue;
		for (guint j = 0; j < links->len; j++) {
			const struct link *other = &g_array_index(links, struct link, j);

			if (other->segment.task == link->segment.task &&
			    other->segment.state == link->segment.state &&
			    other->kind != LINK_WAIT && other->kind != LINK_BIRTH &&
			    (link->is_mixed || (!other->is_mixed && other->segment.syscall ==
								    link->segment.syscall)))
				sum += other->sum;
		}
		assert_between(sum, 1, share_of(e, link));
	}
}

/* Of all in one state by one task, or by all: what stands in a line. */
static fb_ns shown_of(const struct brief *b, const struct path_share *root)
{
	fb_ns sum = 0;

	for (guint i = 0; i < b->shares->len; i++) {
		const struct path_share *share = &g_array_index(b->shares, struct path_share, i);

		if (share->state == root->state && share->unknown == root->unknown &&
		    share->is_work == root->is_work &&
		    (root->state == FB_STATE_RUNNING || root->state == FB_STATE_READY ||
		     root->state == FB_STATE_IN_FLIGHT || root->state == FB_STATE_QDISC || share->syscall == root->syscall) &&
		    (root->is_of_several || share->task == root->task))
			sum += share->sum;
	}
	return sum;
}

/* 15 lines with headings and root; nothing is lost; and what the root says is seen. */
static void assert_brief(const struct explanation *e, const struct brief *b)
{
	struct path_share named[3];
	guint n = path_shares_greatest(e->shares, named, 3);
	fb_ns sum = b->rest.sum;

	assert_between(b->links->len + b->shares->len + (b->rest.n > 0), 1, 9);
	for (guint i = 0; i < b->shares->len; i++)
		sum += g_array_index(b->shares, struct path_share, i).sum;
	assert_int_equal(sum, e->asleep);
	assert_between(b->share_left_out, 0, b->rest.sum);
	assert_between(b->rest.sum, 0, b->share_left_out * b->rest.n);
	for (guint i = 0; i < MIN(n, brief_named(named, e->asleep)); i++)
		if (named[i].sum >= e->asleep / 20)
			assert_between(shown_of(b, &named[i]), named[i].sum - e->asleep / 200 - 1,
					named[i].sum);
}

static void chain_breakdown_and_root_agree(void **state)
{
	static const char *const traces[] = { "cpu-contention-hogs", "lost-events-small",
					      "rpc-chain", "disk", "blocking-write-ack",
					      "tcp-delay-classic" };

	(void)state;
	for (size_t t = 0; t < G_N_ELEMENTS(traces); t++) {
		struct played p = played_trace(traces[t]);
		unsigned links = 0;

		for (guint i = 0; i < p.waits->len; i++) {
			const struct fb_blocking *b =
				&g_array_index(p.waits, struct fb_blocking, i);
			struct explanation *e, *brief;

			if (b->begin == FB_NS_NONE || b->wake == FB_NS_NONE ||
			    !fb_blocking_asleep(b))
				continue;
			e = explain(&p, b);
			brief = explain_briefly(&p, b);
			assert_agrees(e, e->chain, false);
			assert_agrees(e, brief->brief->links, true);
			assert_brief(e, brief->brief);
			links += e->chain->len;
			explanation_free(e);
			explanation_free(brief);
		}
		assert_int_not_equal(links, 0);
		played_clear(&p);
	}
}

/* The program sleeps 83 times; what it ran in between is a ninth of that. */
static void a_task_that_sleeps_most_of_the_time_does_not_run(void **state)
{
	const struct asked asked = { "cpu-contention-hogs", 205, "wait4", 2000 * MS };
	struct played p = played_trace(asked.trace);
	struct fb_blocking wait;
	struct explanation *e;
	fb_ns running = 0, asleep = 0;

	(void)state;
	assert_int_equal(find_waits(&p, &asked, &wait, 1), 1);
	e = explain_briefly(&p, &wait);
	for (guint i = 0; i < e->brief->links->len; i++) {
		const struct link *link = &g_array_index(e->brief->links, struct link, i);

		running += link->segment.state == FB_STATE_RUNNING ? link->sum : 0;
		asleep += link->segment.state == FB_STATE_TIMER ? link->sum : 0;
	}
	assert_between(running, 223 * MS, 224 * MS);
	assert_between(asleep, 1788 * MS, 1789 * MS);
	explanation_free(e);
	played_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clients_requests_come_down_to_what_b_did),
		cmocka_unit_test(accept_waits_for_the_clients_start_and_three_packets),
		cmocka_unit_test(a_connecting_client_waits_for_two_packets),
		cmocka_unit_test(a_client_that_awaits_the_end_waits_for_two_packets),
		cmocka_unit_test(a_write_larger_than_the_buffer_waits_for_data_and_acknowledgements),
		cmocka_unit_test(data_that_splice_held_back_is_held_and_not_in_flight),
		cmocka_unit_test(a_mutex_leads_through_its_owners),
		cmocka_unit_test(fsync_leads_through_kworker_and_the_journal_to_the_disk),
		cmocka_unit_test(chain_breakdown_and_root_agree),
		cmocka_unit_test(a_task_that_sleeps_most_of_the_time_does_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
