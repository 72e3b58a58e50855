/* SPDX-License-Identifier: ISC */
/*
 * The load generator: flows of datagrams to an echo service, and whether each
 * answer has the bytes that were sent and comes from the address that was
 * asked.  Linux only.
 *
 * A flow is a socket of its own that asks one of the addresses.  Closed loop:
 * each flow has a window of datagrams under way and sends the next one when an
 * answer comes.  Open loop (-r): all flows together send at a fixed rate,
 * answers or none, and the time of an answer counts from the moment when its
 * request was due.  The sockets are not connected, so that an answer from
 * elsewhere is seen, and it never sleeps while it waits: it has a core of its
 * own, and what it measures is the server.
 *
 * The result is one line of JSON.  Exit code 1 if an answer was not right or
 * there was none at all.
 */
#include "bench/histogram.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MANY 64            /* messages a system call, largest window */
#define SIZE_MAX_LOAD 2048 /* bytes a datagram */
#define OPEN_RING 4096     /* requests that an open flow remembers */
#define EVENTS 64
#define UDP_MOST 65507 /* bytes of a datagram, and of what is sent as one */

/* A window without an answer for this long is lost and sent again. */
#define PATIENCE_NS UINT64_C(500000000)

/* How the payload begins, if it is long enough; in STUN, the transaction. */
struct tag {
	uint32_t run; /* ports are used again: whose datagram was it? */
	uint32_t flow;
	uint32_t number;
};

/* With that in front, which need not come back: the most of it, in bytes. */
#define BEGIN_MAX 64

#define STUN_HEADER 20
#define STUN_TAG 8 /* where it is */

/* In DNS, the first label of the name; and what follows it. */
#define DNS_TAG 13
#define DNS_REST (DNS_TAG + sizeof(struct tag))
/* In IRTT, run and flow are what the token is, and the number follows it. */
#define IRTT_TAG 4
#define IRTT_SIZE 60 /* of all that replies can have */
/*
 * In SNTP, flow and number are the transmit timestamp, and come back as the
 * origin timestamp.  Flows count from the run there, which does not.
 */
#define SNTP_TAG 36
#define SNTP_ORIGIN 24
#define SNTP_SIZE 48

struct flow {
	int fd;
	uint32_t next;   /* number of the next request */
	uint32_t oldest; /* of the oldest that may still be answered */
	struct tag tag;  /* of its requests, but for the number */
	uint64_t heard_ns;
	uint64_t *sent_ns; /* ring of ring_size by number */
	struct sockaddr_in6 target;
	socklen_t target_length;
};

/* Sending and receiving space, for one system call. */
struct messages {
	uint8_t data[MANY][SIZE_MAX_LOAD];
	struct sockaddr_in6 names[MANY];
	struct iovec iov[MANY];
	struct mmsghdr headers[MANY];
};

struct load {
	/* What to do. */
	unsigned int flow_count, window, size, ring_size;
	double seconds, rate;
	uint64_t limit;    /* replies; 0: no limit */
	bool any_source;   /* an answer from elsewhere is no error */
	bool many_sources; /* every IPv4 flow asks from another address */
	bool together;     /* what a flow sends at once leaves as one */
	bool stun;         /* Binding requests, of which echo knows nothing */
	bool dns;          /* queries, likewise */
	bool irtt;         /* packets of IRTT; an echo sends them back */
	bool sntp;         /* requests of SNTP, likewise */
	bool gently;       /* start a flow when the last one has its answer */
	bool test_packets; /* of STAMP: reflected, or sent back as they are */
	const char *begin; /* hexadecimal: what requests begin with */
	/* Doing it. */
	struct flow *flows;
	int epoll;
	struct messages in, out;
	uint8_t pattern[SIZE_MAX_LOAD];
	unsigned int tag_at; /* in the payload */
	uint32_t run;
	/* How it went. */
	uint64_t sent, replies, lost, late, wrong_source, wrong_payload;
	uint64_t unsent;
	struct histogram rtt;
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * Requests.
 */

/* As sendmmsg(), but as one message that the system cuts (UDP_SEGMENT). */
static int
send_together(const struct load *load, const struct flow *flow,
    const struct mmsghdr *headers, unsigned int count)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
	const struct cmsghdr segment = {
		.cmsg_len = CMSG_LEN(sizeof(uint16_t)),
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT,
	};
	const uint16_t size = (uint16_t)load->size;
	struct msghdr message = headers->msg_hdr;
	struct iovec data[MANY];
	unsigned int i;

	for (i = 0; i < count; i++)
		data[i] = *headers[i].msg_hdr.msg_iov;
	memset(control, 0, sizeof(control));
	memcpy(control, &segment, sizeof(segment));
	memcpy(control + CMSG_LEN(0), &size, sizeof(size));
	message.msg_iov = data;
	message.msg_iovlen = count;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	return sendmsg(flow->fd, &message, MSG_DONTWAIT) < 0 ? -1 : (int)count;
}

/* Send that many requests at once; they are due one after another. */
static void
flow_send(struct load *load, struct flow *flow, unsigned int count,
    uint64_t due_ns, double interval_ns)
{
	struct tag tag = flow->tag;
	unsigned int i;
	int n;

	for (i = 0; i < count; i++) {
		tag.number = flow->next + i;
		if (load->size >= load->tag_at + sizeof(tag))
			memcpy(load->out.data[i] + load->tag_at, &tag,
			    sizeof(tag));
		load->out.headers[i].msg_hdr.msg_name = &flow->target;
		load->out.headers[i].msg_hdr.msg_namelen = flow->target_length;
		flow->sent_ns[tag.number % load->ring_size] =
		    due_ns + (uint64_t)(i * interval_ns);
	}
	n = load->together && count > 1
	    ? send_together(load, flow, load->out.headers, count)
	    : sendmmsg(flow->fd, load->out.headers, count, MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		err(EXIT_FAILURE, "sendmmsg");
	if (n < 0)
		n = 0;
	flow->next += (uint32_t)n;
	load->sent += (uint64_t)n;
	load->unsent += count - (unsigned int)n;
}

static void
flow_fill_window(struct load *load, struct flow *flow)
{
	uint64_t now = now_ns();

	flow->heard_ns = now;
	flow_send(
	    load, flow, load->window - (flow->next - flow->oldest), now, 0);
}

/*
 * Replies.
 */

static bool
is_target(const struct flow *flow, const struct sockaddr_in6 *name)
{
	const struct sockaddr_in *name4 = (const void *)name;
	const struct sockaddr_in *target4 = (const void *)&flow->target;

	if (flow->target.sin6_family == AF_INET)
		return name4->sin_port == target4->sin_port &&
		    name4->sin_addr.s_addr == target4->sin_addr.s_addr;
	return name->sin6_port == flow->target.sin6_port &&
	    memcmp(&name->sin6_addr, &flow->target.sin6_addr, 16) == 0;
}

/* A success response, or the request from an echo. */
static bool
is_stun(const struct load *load, const uint8_t *data, unsigned int length)
{
	return length >= STUN_HEADER && data[1] == 1 &&
	    memcmp(data + 4, load->pattern + 4, 4) == 0 &&
	    (data[0] == 1 || length == load->size);
}

/* A response to the question without an error, or the query from an echo. */
static bool
is_dns(const struct load *load, const uint8_t *data, unsigned int length)
{
	return length >= load->size && (data[3] & 0xf) == 0 &&
	    (data[2] >> 7 == 1 || length == load->size) &&
	    memcmp(data + DNS_REST, load->pattern + DNS_REST,
		load->size - DNS_REST) == 0;
}

/* Are they as they are to be, but for the tag? */
static bool
is_payload(const struct load *load, const uint8_t *data, unsigned int length,
    unsigned int known)
{
	if (load->stun)
		return is_stun(load, data, length);
	if (load->dns)
		return is_dns(load, data, length);
	return length == load->size &&
	    memcmp(data + known, load->pattern + known, length - known) == 0;
}

/* Where a reflector repeats the beginning of the request: RFC 8762, 4.3.1. */
#define REFLECTED 24
#define STAMP_SIZE 44

/* Is it the reflected test packet of ours that the tag says it is? */
static bool
is_reflected(const struct load *load, const uint8_t *data, unsigned int length,
    struct tag *tag)
{
	struct tag reflected;

	if (!load->test_packets || length != load->size || length < STAMP_SIZE)
		return false;
	memcpy(&reflected, data + REFLECTED, sizeof(reflected));
	if (reflected.run != load->run)
		return false;
	*tag = reflected;
	return true;
}

/* Is it a server's answer to the request that the tag says it is? */
static bool
is_sntp(const struct load *load, const uint8_t *data, unsigned int length,
    struct tag *tag)
{
	uint32_t origin[2];

	if (!load->sntp || length != SNTP_SIZE || (data[0] & 7) != 4)
		return false;
	memcpy(origin, data + SNTP_ORIGIN, sizeof(origin));
	tag->run =
	    origin[0] - load->run < load->flow_count ? load->run : ~load->run;
	tag->flow = origin[0];
	tag->number = origin[1];
	return true;
}

/* Its beginning is an answer's, and the rest is not ours. */
static bool
is_irtt(const struct load *load, const uint8_t *data, unsigned int length)
{
	return load->irtt && length == load->size && data[3] == 2 &&
	    memcmp(data, load->pattern, 3) == 0;
}

/* Judge a reply and count it. */
static void
flow_take(struct load *load, struct flow *flow, unsigned int slot, uint64_t now)
{
	const uint8_t *data = load->in.data[slot];
	unsigned int length = load->in.headers[slot].msg_len, known = 0;
	struct tag tag = { flow->tag.run, flow->tag.flow, flow->oldest };

	if (is_reflected(load, data, length, &tag) ||
	    is_sntp(load, data, length, &tag))
		known = length;
	else if ((load->stun || load->dns || length == load->size) &&
	    length >= load->tag_at + sizeof(tag)) {
		memcpy(&tag, data + load->tag_at, sizeof(tag));
		known = is_irtt(load, data, length)
		    ? length
		    : load->tag_at + (unsigned int)sizeof(tag);
	} else if (load->begin != NULL)
		known = load->tag_at;
	if ((tag.run == flow->tag.run && tag.flow != flow->tag.flow) ||
	    !is_payload(load, data, length, known)) {
		load->wrong_payload++;
		return;
	}
	/* Numbers wrap: only the distance counts. */
	if (tag.run != flow->tag.run ||
	    tag.number - flow->oldest >= flow->next - flow->oldest) {
		load->late++;
		return;
	}
	if (!is_target(flow, &load->in.names[slot]))
		load->wrong_source++;
	load->lost += tag.number - flow->oldest;
	flow->oldest = tag.number + 1;
	load->replies++;
	histogram_add(
	    &load->rtt, now - flow->sent_ns[tag.number % load->ring_size]);
}

/* Receive what has come for a flow; returns how many. */
static unsigned int
flow_receive(struct load *load, struct flow *flow)
{
	unsigned int i, want = load->rate > 0 ? MANY : load->window;
	uint64_t now;
	int n;

	for (i = 0; i < want; i++)
		load->in.headers[i].msg_hdr.msg_namelen =
		    sizeof(load->in.names[i]);
	n = recvmmsg(flow->fd, load->in.headers, want, MSG_DONTWAIT, NULL);
	if (n < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		err(EXIT_FAILURE, "recvmmsg");
	if (n <= 0)
		return 0;
	now = now_ns();
	for (i = 0; i < (unsigned int)n; i++)
		flow_take(load, flow, i, now);
	flow->heard_ns = now;
	return (unsigned int)n;
}

/*
 * The two loops.
 */

static void
lose_patience(struct load *load, uint64_t now)
{
	struct flow *flow;
	unsigned int i;

	for (i = 0; i < load->flow_count; i++) {
		flow = &load->flows[i];
		/* Flows that have not started have heard at 0. */
		if (flow->heard_ns == 0 || now - flow->heard_ns < PATIENCE_NS)
			continue;
		load->lost += flow->next - flow->oldest;
		flow->oldest = flow->next;
		flow_fill_window(load, flow);
	}
}

static void
run_closed(struct load *load, uint64_t start)
{
	struct epoll_event events[EVENTS];
	uint64_t now = start, checked = start;
	uint64_t end = start + (uint64_t)(load->seconds * 1e9);
	struct flow *flow;
	unsigned int i, started = 0;
	int n;

	while (now < end && (load->limit == 0 || load->replies < load->limit)) {
		if (started < load->flow_count &&
		    (!load->gently || load->replies >= started)) {
			flow_fill_window(load, &load->flows[started++]);
			continue;
		}
		n = epoll_wait(load->epoll, events, EVENTS, 0);
		for (i = 0; n > 0 && i < (unsigned int)n; i++) {
			flow = &load->flows[events[i].data.u32];
			if (flow_receive(load, flow) > 0)
				flow_fill_window(load, flow);
		}
		now = now_ns();
		/* Only if nothing waits here: it may be us who were delayed. */
		if (n == 0 && now - checked > PATIENCE_NS / 5) {
			lose_patience(load, now);
			checked = now;
		}
	}
}

static void
receive_all(struct load *load)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(load->epoll, events, EVENTS, 0);

	for (i = 0; i < n; i++)
		(void)flow_receive(load, &load->flows[events[i].data.u32]);
}

static void
run_open(struct load *load, uint64_t start)
{
	uint64_t now = start, end = start + (uint64_t)(load->seconds * 1e9);
	double interval = 1e9 / load->rate;
	uint64_t due, done = 0;
	unsigned int count, next = 0;

	while (now < end) {
		due = (uint64_t)((double)(now - start) / interval);
		while (done < due) {
			count = due - done < 8 ? (unsigned int)(due - done) : 8;
			flow_send(load, &load->flows[next], count,
			    start + (uint64_t)((double)done * interval),
			    interval);
			done += count;
			next = (next + 1) % load->flow_count;
			if (done % 64 < 8)
				receive_all(load);
		}
		receive_all(load);
		now = now_ns();
	}
	while (now < end + PATIENCE_NS / 2) {
		receive_all(load);
		now = now_ns();
	}
	load->lost = load->sent - load->replies;
}

/*
 * Set-up and result.
 */

static void
messages_init(struct load *load, struct messages *messages, size_t size)
{
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		memcpy(messages->data[i], load->pattern, SIZE_MAX_LOAD);
		messages->iov[i] = (struct iovec){ messages->data[i], size };
		messages->headers[i].msg_hdr = (struct msghdr){
			.msg_name = &messages->names[i],
			.msg_iov = &messages->iov[i],
			.msg_iovlen = 1,
		};
	}
}

/* A query for any address of a name below "whoami", which begins with the tag.
 */
static void
make_dns(struct load *load)
{
	static const uint8_t header[12] = { [5] = 1 };
	static const uint8_t rest[] = "\6whoami\0\0\xff\0\1";

	memcpy(load->pattern, header, sizeof(header));
	load->pattern[sizeof(header)] = sizeof(struct tag);
	memcpy(load->pattern + DNS_REST, rest, sizeof(rest) - 1);
	load->size = DNS_REST + sizeof(rest) - 1;
	load->tag_at = DNS_TAG;
}

/* A Binding request of that size, with SOFTWARE to fill it. */
static void
make_stun(struct load *load)
{
	static const uint8_t header[] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	uint8_t *at = load->pattern;

	memcpy(at, header, sizeof(header));
	at[2] = (uint8_t)((load->size - STUN_HEADER) >> 8);
	at[3] = (uint8_t)(load->size - STUN_HEADER);
	load->tag_at = STUN_TAG;
	if (load->size == STUN_HEADER)
		return;
	at[20] = 0x80;
	at[21] = 0x22;
	at[22] = (uint8_t)((load->size - STUN_HEADER - 4) >> 8);
	at[23] = (uint8_t)(load->size - STUN_HEADER - 4);
}

/* A client's request, of version 4. */
static void
make_sntp(struct load *load)
{
	memset(load->pattern, 0, SIZE_MAX_LOAD);
	load->pattern[0] = 4 << 3 | 3;
	load->size = SNTP_SIZE;
	load->tag_at = SNTP_TAG;
}

static const uint8_t irtt_magic[] = { 0x14, 0xa7, 0x5b };

static void
make_irtt(struct load *load)
{
	memset(load->pattern, 0, SIZE_MAX_LOAD);
	memcpy(load->pattern, irtt_magic, sizeof(irtt_magic));
	load->tag_at = IRTT_TAG;
}

/*
 * Get a token, for an hour and all that there is.  From an echo comes what was
 * sent; then any other number is as good.
 */
static void
irtt_open(struct flow *flow)
{
	static const uint8_t params[] = { 1, 1, 2, 2, 0x80, 0x80, 0xc5, 0x8b,
		0xc6, 0xd1, 1, 3, 0x80, 0xa8, 0xd6, 0xb9, 7, 5, 6, 6, 6, 7, 6 };
	uint8_t request[3 + sizeof(params)], reply[64];
	struct pollfd poll_reply = { .fd = flow->fd, .events = POLLIN };

	memcpy(request, irtt_magic, 3);
	memcpy(request + 3, params, sizeof(params));
	if (sendto(flow->fd, request, sizeof(request), 0,
		(const struct sockaddr *)&flow->target,
		flow->target_length) < 0 ||
	    poll(&poll_reply, 1, 1000) <= 0 ||
	    recv(flow->fd, reply, sizeof(reply), 0) < IRTT_TAG + 8)
		err(EXIT_FAILURE, "no answer to an open request");
	if (reply[3] == 3)
		memcpy(&flow->tag, reply + IRTT_TAG, 8);
}

/*
 * Requests of other protocols that are answered at the same length, and tagged
 * after what they begin with; where that is all, they are not tagged.
 */
static void
make_begin(struct load *load)
{
	unsigned int i = 0, byte;

	for (; sscanf(load->begin + 2 * i, "%2x", &byte) == 1; i++)
		load->pattern[i] = (uint8_t)byte;
	load->tag_at = i;
}

/* Ask from an address of its own: all of 127.0.0.0/8 is ours. */
static void
flow_bind(struct flow *flow, unsigned int number)
{
	struct sockaddr_in name = { .sin_family = AF_INET };

	name.sin_addr.s_addr = htonl(0x7f010001 + number);
	if (bind(flow->fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		err(EXIT_FAILURE, "bind");
}

static void
flow_open(struct load *load, unsigned int number, const char *address,
    unsigned int port)
{
	struct flow *flow = &load->flows[number];
	struct sockaddr_in *target4 = (struct sockaddr_in *)&flow->target;
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };
	int buffer = 1 << 20;

	if (inet_pton(AF_INET, address, &target4->sin_addr) == 1) {
		target4->sin_family = AF_INET;
		flow->target_length = sizeof(struct sockaddr_in);
	} else if (inet_pton(AF_INET6, address, &flow->target.sin6_addr) == 1) {
		flow->target.sin6_family = AF_INET6;
		flow->target_length = sizeof(struct sockaddr_in6);
	} else
		errx(64, "%s is not an address", address);
	target4->sin_port = htons((uint16_t)port); /* where sin6_port is */
	flow->sent_ns = calloc(load->ring_size, sizeof(*flow->sent_ns));
	flow->fd =
	    socket(flow->target.sin6_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (flow->sent_ns == NULL || flow->fd < 0)
		err(EXIT_FAILURE, "flow %u", number);
	(void)setsockopt(
	    flow->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (load->many_sources && flow->target.sin6_family == AF_INET)
		flow_bind(flow, number);
	flow->tag = (struct tag){ load->run, number, 0 };
	if (load->sntp)
		flow->tag.flow += load->run;
	if (load->irtt)
		irtt_open(flow);
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, flow->fd, &event) < 0)
		err(EXIT_FAILURE, "epoll_ctl");
}

static void
load_init(struct load *load, int argc, char *argv[])
{
	unsigned int i, port = (unsigned int)strtoul(argv[0], NULL, 10);
	struct rlimit files = { load->flow_count + 64, load->flow_count + 64 };

	for (i = 0; i < SIZE_MAX_LOAD; i++)
		load->pattern[i] =
		    load->test_packets ? 0 : (uint8_t)(i * 31 + 7);
	if (load->stun)
		make_stun(load);
	if (load->dns)
		make_dns(load);
	if (load->irtt)
		make_irtt(load);
	if (load->sntp)
		make_sntp(load);
	if (load->begin != NULL)
		make_begin(load);
	load->run = (uint32_t)now_ns();
	messages_init(load, &load->in, SIZE_MAX_LOAD);
	messages_init(load, &load->out, load->size);
	load->ring_size = load->rate > 0 ? OPEN_RING : MANY;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	load->epoll = epoll_create1(0);
	load->flows = calloc(load->flow_count, sizeof(*load->flows));
	if (load->epoll < 0 || load->flows == NULL)
		err(EXIT_FAILURE, "cannot start");
	for (i = 0; i < load->flow_count; i++)
		flow_open(
		    load, i, argv[1 + i % (unsigned int)(argc - 1)], port);
}

static void
print_result(const struct load *load, double seconds)
{
	static const struct {
		const char *name;
		unsigned int share;
	} shares[] = { { "p50", 50000 }, { "p90", 90000 }, { "p99", 99000 },
		{ "p999", 99900 }, { "max", 100000 } };
	struct rusage usage;
	size_t i;

	getrusage(RUSAGE_SELF, &usage);
	printf("{\"seconds\": %.6f, \"cpu\": %.6f, \"sent\": %llu, "
	       "\"replies\": %llu, \"lost\": %llu, \"late\": %llu, "
	       "\"unsent\": %llu, \"wrong_source\": %llu, "
	       "\"wrong_payload\": %llu",
	    seconds,
	    (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	    (unsigned long long)load->sent, (unsigned long long)load->replies,
	    (unsigned long long)load->lost, (unsigned long long)load->late,
	    (unsigned long long)load->unsent,
	    (unsigned long long)load->wrong_source,
	    (unsigned long long)load->wrong_payload);
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		printf(", \"%s\": %llu", shares[i].name,
		    (unsigned long long)histogram_at(
			&load->rtt, shares[i].share));
	printf("}\n");
}

static void
usage(void)
{
	errx(64,
	    "usage: load [-abcdgipqu] [-f FLOWS] [-w WINDOW] [-s SIZE] [-t "
	    "SECONDS] "
	    "[-n REPLIES] [-r RATE] [-x HEX] PORT ADDRESS...\n"
	    "  -a  an answer may come from any address (it is counted)\n"
	    "  -b  ask over IPv4 from an address of its own for each flow\n"
	    "  -c  requests of SNTP, whatever SIZE\n"
	    "  -d  queries of DNS, whatever SIZE\n"
	    "  -i  packets of IRTT: SIZE is at least 60\n"
	    "  -g  start a flow when the one before it has an answer\n"
	    "  -p  test packets of STAMP, for a reflector\n"
	    "  -n  stop after this many replies\n"
	    "  -r  open loop: this many datagrams a second\n"
	    "  -u  what a flow sends at once leaves as one (UDP_SEGMENT)\n"
	    "  -q  STUN: SIZE is a multiple of 4, at least 20\n"
	    "  -x  begin requests with these bytes");
}

static void
read_options(struct load *load, int argc, char *argv[])
{
	int option;

	while ((option = getopt(argc, argv, "abcdgipquf:w:s:t:n:r:x:")) != -1) {
		if (option == 'a')
			load->any_source = true;
		else if (option == 'b')
			load->many_sources = true;
		else if (option == 'c')
			load->sntp = true;
		else if (option == 'd')
			load->dns = true;
		else if (option == 'i')
			load->irtt = true;
		else if (option == 'g')
			load->gently = true;
		else if (option == 'u')
			load->together = true;
		else if (option == 'q')
			load->stun = true;
		else if (option == 'p')
			load->test_packets = true;
		else if (option == 'f')
			load->flow_count =
			    (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'w')
			load->window = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 's')
			load->size = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 't')
			load->seconds = strtod(optarg, NULL);
		else if (option == 'n')
			load->limit = strtoull(optarg, NULL, 10);
		else if (option == 'x')
			load->begin = optarg;
		else if (option == 'r')
			load->rate = strtod(optarg, NULL);
		else
			usage();
	}
	if ((load->begin != NULL &&
		(strlen(load->begin) > 2 * BEGIN_MAX ||
		    strlen(load->begin) > 2 * (size_t)load->size)) ||
	    argc - optind < 2 || load->flow_count == 0 || load->window == 0 ||
	    load->window > MANY || load->size > SIZE_MAX_LOAD ||
	    (load->rate > 0 && load->size < sizeof(struct tag)) ||
	    (load->together && load->size * load->window > UDP_MOST) ||
	    (load->irtt && load->size < IRTT_SIZE) ||
	    (load->stun && (load->size < STUN_HEADER || load->size % 4 != 0)))
		usage();
}

int
main(int argc, char *argv[])
{
	static struct load load = {
		.flow_count = 1, .window = 1, .size = 64, .seconds = 1
	};
	uint64_t start, wrong;

	read_options(&load, argc, argv);
	load_init(&load, argc - optind, argv + optind);
	start = now_ns();
	if (load.rate > 0)
		run_open(&load, start);
	else
		run_closed(&load, start);
	print_result(&load, (double)(now_ns() - start) / 1e9);
	wrong = load.wrong_payload + (load.any_source ? 0 : load.wrong_source);
	return load.replies == 0 || wrong > 0;
}
