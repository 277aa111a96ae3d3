/* SPDX-License-Identifier: MIT */
/* in-flight.c - the ring, its chains, and which of those queued is the one received. */
#include "packets/in-flight.h"

#include "packets/cache.h"

#define CAPACITY_DEFAULT 8192
#define CHAIN_STEPS	 512
#define NONE		 UINT32_MAX

/* For how long a packet may be under way that is known by its headers only. */
#define TCP_PATIENCE   ((fb_ns)10 * 1000000000)
#define OTHER_PATIENCE ((fb_ns)1000000000)

#define ETHERNET_HEADER 14

void in_flight_init(struct in_flight *f, unsigned capacity)
{
	*f = (struct in_flight){ .capacity = 2 };
	while (f->capacity < (capacity ? capacity : CAPACITY_DEFAULT))
		f->capacity *= 2;
	f->ring = g_new0(struct queued, f->capacity);
	for (unsigned chain = 0; chain < CHAINS; chain++) {
		f->heads[chain] = g_new(uint32_t, f->capacity);
		memset(f->heads[chain], 0xff, f->capacity * sizeof(uint32_t));
	}
}

void in_flight_clear(struct in_flight *f)
{
	for (unsigned chain = 0; chain < CHAINS; chain++)
		g_free(f->heads[chain]);
	g_free(f->ring);
}

/* ---- chains ----------------------------------------------------------------------------- */

static uint32_t *head_of(const struct in_flight *f, unsigned chain, uint64_t hash)
{
	return &f->heads[chain][hash >> 1 & (f->capacity - 1)];
}

static void chain_add(struct in_flight *f, unsigned chain, uint64_t hash, struct queued *q)
{
	uint32_t *head = head_of(f, chain, hash), index = q - f->ring;

	q->chains[chain].is_in = true;
	q->chains[chain].hash = hash;
	q->chains[chain].younger = NONE;
	q->chains[chain].older = *head;
	if (*head != NONE)
		f->ring[*head].chains[chain].younger = index;
	*head = index;
}

static void chain_remove(struct in_flight *f, unsigned chain, struct queued *q)
{
	uint32_t younger = q->chains[chain].younger, older = q->chains[chain].older;

	if (!q->chains[chain].is_in)
		return;
	q->chains[chain].is_in = false;
	if (younger != NONE)
		f->ring[younger].chains[chain].older = older;
	else
		*head_of(f, chain, q->chains[chain].hash) = older;
	if (older != NONE)
		f->ring[older].chains[chain].younger = younger;
}

/* A walk along one chain, from the youngest on. */
struct walk {
	uint32_t next;
	unsigned steps;
};

static struct walk walk_begin(const struct in_flight *f, unsigned chain, uint64_t hash)
{
	return (struct walk){ .next = *head_of(f, chain, hash) };
}

/* The next one with that hash; NULL at the end, or when the rest is too old to be worth it. */
static struct queued *walk_next(const struct in_flight *f, unsigned chain, uint64_t hash,
				struct walk *walk)
{
	while (walk->next != NONE && walk->steps++ < CHAIN_STEPS) {
		struct queued *q = &f->ring[walk->next];

		walk->next = q->chains[chain].older;
		if (q->chains[chain].hash == hash)
			return q;
	}
	return NULL;
}

static uint64_t skb_hash(uint64_t skb)
{
	return hash_add(0, skb);
}

static uint64_t header_hash(const struct packet_header *header)
{
	struct ends ends = ends_of(header);

	return ends_hash(&ends);
}

/* ---- queued ----------------------------------------------------------------------------- */

bool is_loopback(const struct fb_event *ev)
{
	size_t length;

	return ev->text != FB_NO_TEXT && ev->ref &&
	       !strncmp(fb_event_text_at(ev, ev->text, &length), "lo", 3);
}

struct queued *in_flight_add(struct in_flight *f, const struct fb_event *ev)
{
	struct queued *q = &f->ring[f->next++ & (f->capacity - 1)];

	f->evicted += q->is_used && !q->is_received;
	for (unsigned chain = 0; chain < CHAINS; chain++)
		chain_remove(f, chain, q);
	*q = (struct queued){ .skb = ev->net.skbaddr,
			      .len = ev->net.len,
			      .is_loopback = is_loopback(ev),
			      .is_used = true };
	q->packet = (struct packet){ .queued = ev->time,
				     .sent = FB_NS_NONE,
				     .received = FB_NS_NONE,
				     .first_queued = FB_NS_NONE,
				     .trigger_time = FB_NS_NONE,
				     .trigger_queued = FB_NS_NONE,
				     .trigger_first = FB_NS_NONE,
				     .trigger_delay = FB_NS_NONE,
				     .released_by = { .received = FB_NS_NONE, .delayed = FB_NS_NONE },
				     .queue_cpu = ev->cpu,
				     .held = { .since = FB_NS_NONE } };
	chain_add(f, BY_SKB, skb_hash(q->skb), q);
	return q;
}

const struct queued *in_flight_last(const struct in_flight *f)
{
	return &f->ring[(f->next - 1) & (f->capacity - 1)];
}

void in_flight_add_ends(struct in_flight *f, struct queued *q)
{
	chain_add(f, BY_ENDS, header_hash(&q->packet.header), q);
}

/*
 * net_dev_start_xmit is exact. What a card's driver has taken was sent a moment before, lo's is
 * received by then, and its buffer may be another's.
 */
static bool tells_sent(const struct queued *q, const struct fb_event *ev)
{
	if (ev->kind == FB_EV_NET_START)
		return true;
	if (q->packet.sent != FB_NS_NONE)
		return false;
	return ev->kind == FB_EV_NET_LOOP || (!q->is_loopback && !ev->net.reason);
}

const struct queued *in_flight_send(struct in_flight *f, const struct fb_event *ev)
{
	uint64_t hash = skb_hash(ev->net.skbaddr);
	struct walk walk = walk_begin(f, BY_SKB, hash);
	struct queued *q;

	while ((q = walk_next(f, BY_SKB, hash, &walk)))
		if (q->skb == ev->net.skbaddr) {
			if (!tells_sent(q, ev))
				return NULL;
			q->packet.sent = ev->time;
			return q;
		}
	return NULL;
}

void in_flight_receive(struct in_flight *f, struct queued *q)
{
	q->is_received = true;
	chain_remove(f, BY_SKB, q);
}

/* Sequence numbers that the packet itself takes. */
static uint32_t seq_length(const struct packet_header *header)
{
	return header->payload + ((header->flags & (PACKET_SYN | PACKET_FIN)) != 0);
}

const struct queued *in_flight_first(const struct in_flight *f, const struct queued *again)
{
	const struct packet_header *header = &again->packet.header;
	uint64_t hash = again->chains[BY_ENDS].hash;
	struct walk walk = walk_begin(f, BY_ENDS, hash);
	const struct queued *q, *first = NULL;

	while ((q = walk_next(f, BY_ENDS, hash, &walk))) {
		const struct packet_header *older = &q->packet.header;

		if (q != again && !seq_before(header->seq, older->seq) &&
		    seq_before(header->seq, older->seq + seq_length(older)))
			first = q;
	}
	return first;
}

/* ---- finding it again -------------------------------------------------------------------- */

/* Of a TCP connection what the acknowledgement reaches into, else whatever was sent last. */
static bool is_answered_by(const struct queued *q, const struct packet_header *answer)
{
	const struct packet_header *sent = &q->packet.header;

	if (!is_tcp(answer))
		return true;
	return seq_length(sent) && answer->flags & PACKET_ACK &&
	       seq_before(sent->seq, answer->ack_seq);
}

const struct queued *in_flight_answered(const struct in_flight *f,
					const struct packet_header *answer)
{
	struct ends ends = ends_of(answer);
	struct walk walk;
	const struct queued *q;
	uint64_t hash;

	ends = ends_reversed(&ends);
	hash = ends_hash(&ends);
	walk = walk_begin(f, BY_ENDS, hash);
	while ((q = walk_next(f, BY_ENDS, hash, &walk))) {
		struct ends its = ends_of(&q->packet.header);

		if (ends_equal(&its, &ends) && is_answered_by(q, answer))
			return q;
	}
	return NULL;
}

bool headers_agree(const struct packet_header *a, const struct packet_header *b)
{
	struct ends ea = ends_of(a), eb = ends_of(b);

	/* A packet from a network card has no transport header yet when it is received. */
	if (a->has_ports != b->has_ports) {
		ea.source_port = eb.source_port = ea.dest_port = eb.dest_port = 0;
		return ends_equal(&ea, &eb) && a->id == b->id;
	}
	return ends_equal(&ea, &eb) && a->id == b->id && a->seq == b->seq &&
	       a->payload == b->payload;
}

/*
 * Without headers only loopback is certain: a buffer that left through a network card is used
 * again for what that receives. Of the two lengths the sender's may count the link's header.
 */
static bool may_be_same(const struct queued *q, const struct fb_event *ev)
{
	return q->is_loopback && is_loopback(ev) &&
	       (q->len == ev->net.len || q->len == ev->net.len + ETHERNET_HEADER);
}

struct queued *in_flight_find_skb(const struct in_flight *f, const struct fb_event *ev,
				  const struct packet_header *header)
{
	uint64_t hash = skb_hash(ev->net.skbaddr);
	struct walk walk = walk_begin(f, BY_SKB, hash);
	struct queued *q;

	while ((q = walk_next(f, BY_SKB, hash, &walk))) {
		if (q->skb != ev->net.skbaddr)
			continue;
		if (!q->packet.header.address_bytes || !header->address_bytes)
			return may_be_same(q, ev) ? q : NULL;
		/* The same buffer may have been queued once more inside another packet: a tunnel's. */
		if (headers_agree(&q->packet.header, header))
			return q;
	}
	return NULL;
}

/* A large segment may have been cut into several, each a buffer of its own. */
static bool is_part_of(const struct queued *q, const struct packet_header *part)
{
	const struct packet_header *whole = &q->packet.header;

	if (!part->payload)
		return !q->is_received && !whole->payload && part->seq == whole->seq &&
		       part->ack_seq == whole->ack_seq && part->flags == whole->flags;
	return !seq_before(part->seq, whole->seq) && !seq_before(data_end(whole), data_end(part));
}

static bool is_same(const struct queued *q, const struct packet_header *header, fb_ns time)
{
	struct ends a = ends_of(&q->packet.header), b = ends_of(header);

	if (!ends_equal(&a, &b))
		return false;
	if (is_tcp(header))
		return time - q->packet.queued <= TCP_PATIENCE && is_part_of(q, header);
	return time - q->packet.queued <= OTHER_PATIENCE && !q->is_received && header->id &&
	       q->packet.header.id == header->id && q->packet.header.payload == header->payload;
}

struct queued *in_flight_find_header(const struct in_flight *f, const struct packet_header *header,
				     fb_ns time)
{
	uint64_t hash = header_hash(header);
	struct walk walk = walk_begin(f, BY_ENDS, hash);
	struct queued *q;

	while (header->address_bytes && (q = walk_next(f, BY_ENDS, hash, &walk)))
		if (is_same(q, header, time))
			return q;
	return NULL;
}
