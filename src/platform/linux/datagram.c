/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Linux, the datagrams: recvmmsg() and sendmmsg() with
 * IP_PKTINFO and IPV6_PKTINFO.
 */
#include "platform/udp.h"

#include "platform/linux/control.h"
#include "platform/linux/mmsg.h"
#include "platform/linux/report.h"
#include "platform/linux/system.h"
#include "platform/sockaddr.h"
#include "platform/socket.h"

#include <linux/sock_diag.h>
#include <string.h>

/*
 * Replies of equal size on the same way leave as one, cut up again by the
 * kernel or the network card (UDP_SEGMENT): at most this many, and none that
 * could be larger than the smallest MTU of IPv6 (RFC 8200, section 5).
 */
#define SEGMENTS_MAX 32
#define SEGMENT_SIZE_MAX (1280 - 40 - 8)

/* What one datagram needs on its way through the kernel. */
struct frame {
	struct sockaddr_in6 name; /* has room for a sockaddr_in */
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
};

/* Working memory of a batch: the way in, then the way out. */
struct scratch {
	struct frame *in, *out;
	struct iovec *in_data, *out_data;
	struct mmsghdr *in_headers, *out_headers;
	unsigned int used; /* in_headers that the kernel may have written to */
};

size_t
mh__udp_scratch_size(unsigned int slots)
{
	return sizeof(struct scratch) +
	    2 * slots *
	    (sizeof(struct frame) + sizeof(struct iovec) +
		sizeof(struct mmsghdr));
}

static void
headers_init(struct mmsghdr *headers, struct frame *frames, struct iovec *data,
    unsigned int slots)
{
	unsigned int i;

	for (i = 0; i < slots; i++) {
		headers[i].msg_hdr.msg_name = &frames[i].name;
		headers[i].msg_hdr.msg_iov = &data[i];
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_hdr.msg_control = frames[i].control;
	}
}

/* Say how much room there is: the kernel wrote over it what it took. */
static void
headers_reset(struct mmsghdr *headers, struct frame *frames, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		headers[i].msg_hdr.msg_namelen = sizeof(frames[i].name);
		headers[i].msg_hdr.msg_controllen = sizeof(frames[i].control);
		headers[i].msg_hdr.msg_flags = 0;
		headers[i].msg_len = 0;
		frames[i].name.sin6_family = AF_UNSPEC;
	}
}

void
mh__udp_scratch_init(
    void *memory, unsigned int slots, struct mh_datagram *received, size_t size)
{
	struct scratch *scratch = memory;
	unsigned int i;

	scratch->in = (struct frame *)(scratch + 1);
	scratch->out = scratch->in + slots;
	scratch->in_data = (struct iovec *)(scratch->out + slots);
	scratch->out_data = scratch->in_data + slots;
	scratch->in_headers = (struct mmsghdr *)(scratch->out_data + slots);
	scratch->out_headers = scratch->in_headers + slots;
	headers_init(scratch->in_headers, scratch->in, scratch->in_data, slots);
	headers_init(
	    scratch->out_headers, scratch->out, scratch->out_data, slots);
	for (i = 0; i < slots; i++) {
		scratch->in_data[i].iov_base = received[i].data;
		scratch->in_data[i].iov_len = size;
	}
	scratch->used = slots;
}

/* The system's counter wraps, ours does not; they agree in what they share. */
static uint64_t
drops_at(const struct mh__udp *udp, uint32_t counter)
{
	uint64_t drops = udp->drops;

	return drops + (uint32_t)(counter - (uint32_t)drops);
}

uint64_t
mh__udp_drops(const struct mh__udp *udp)
{
	uint64_t drops = udp->drops;
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t size = sizeof(info);

	/* Since Linux 4.12. */
	if (getsockopt((int)udp->handle, SOL_SOCKET, SO_MEMINFO, info, &size) <
		0 ||
	    size < sizeof(info))
		return drops;
	return drops_at(udp, info[SK_MEMINFO_DROPS]);
}

static bool
in_vrf(const struct mh__udp *udp, uint32_t if_index)
{
	unsigned int low = 0, high = udp->vrf_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (udp->vrf[middle] < if_index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < udp->vrf_count && udp->vrf[low] == if_index;
}

static uint32_t
flags_of(int flags)
{
	return ((flags & MSG_TRUNC) != 0 ? MH_TRUNCATED : 0u) |
	    ((flags & MSG_CTRUNC) != 0 ? MH_CONTROL_TRUNCATED : 0u);
}

/* What the kernel wrote about one datagram. */
static void
take_in(struct mh__udp *udp, const struct mmsghdr *message,
    struct mh_datagram *received, struct mh__arrival *arrival)
{
	const struct msghdr *header = &message->msg_hdr;

	mh__control_decode(header, arrival, received);
	sockaddr_get(header->msg_name, &received->peer);
	received->flags = 0;
	if ((header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		received->flags = flags_of(header->msg_flags);
	if (udp->vrf_count != 0 && in_vrf(udp, arrival->if_index))
		received->flags |= MH_VIA_VRF;
	received->status = 0;
	received->length = message->msg_len;
	if (arrival->has_drops)
		udp->drops = drops_at(udp, arrival->drops);
}

int
mh__udp_receive(struct mh__udp *udp, void *memory, struct mh_datagram *received,
    struct mh__arrival *arrivals, unsigned int slots)
{
	struct scratch *scratch = memory;
	int error, i, n;

	headers_reset(scratch->in_headers, scratch->in, scratch->used);
	do
		n = recvmmsg((int)udp->handle, scratch->in_headers, slots,
		    MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && mh__mmsg_is_refused(errno))
		n = mh__mmsg_receive(
		    (int)udp->handle, scratch->in_headers, slots);
	/* With the one that it stopped at. */
	scratch->used = n < 0 ? 1 : (unsigned int)n + ((unsigned int)n < slots);
	if (n < 0) {
		error = mh__socket_failed(udp);
		/* A pending ICMP error: of no interest to a responder. */
		if (error == MH_EUNREACHABLE)
			return MH_EREFUSED;
		if (error != MH_EAGAIN)
			return error;
		mh__report_discard(udp);
		return 0;
	}
	for (i = 0; i < n; i++)
		take_in(
		    udp, &scratch->in_headers[i], &received[i], &arrivals[i]);
	return n;
}

/*
 * TTL, TOS, segment and report_sent at once: most datagrams have none of their
 * own.
 */
static inline uint64_t
extras_of(const struct mh_datagram *datagram)
{
	uint64_t extras;

	_Static_assert(offsetof(struct mh_datagram, status) ==
		offsetof(struct mh_datagram, ttl) + sizeof(extras),
	    "the four are neighbours");
	memcpy(&extras, &datagram->ttl, sizeof(extras));
	return extras;
}

static const struct mh_datagram no_extras = { .ttl = -1, .tos = -1 };

/* Is it neither cut itself nor reported on?  Both at once, as above. */
static inline bool
is_to_be_merged(const struct mh_datagram *datagram)
{
	uint32_t both;

	_Static_assert(offsetof(struct mh_datagram, status) ==
		offsetof(struct mh_datagram, segment) + sizeof(both),
	    "the two are neighbours");
	memcpy(&both, &datagram->segment, sizeof(both));
	return both == 0;
}

/* Can the two leave as one? */
static inline __attribute__((always_inline)) bool
is_alike(const struct mh_datagram *a, const struct mh_datagram *b)
{
	return a->peer.port == b->peer.port && a->length == b->length &&
	    a->if_index == b->if_index && extras_of(a) == extras_of(b) &&
	    memcmp(&a->peer, &b->peer, sizeof(a->peer)) == 0 &&
	    memcmp(&a->local, &b->local, sizeof(a->local)) == 0;
}

/* How many replies from the first on can leave as one. */
static inline __attribute__((always_inline)) unsigned int
alike(const struct mh_datagram *replies, unsigned int count)
{
	unsigned int n = 1;

	if (replies->length == 0 || replies->length > SEGMENT_SIZE_MAX)
		return 1;
	if (count > SEGMENTS_MAX)
		count = SEGMENTS_MAX;
	while (n < count && is_alike(replies, &replies[n]))
		n++;
	/* In this they are alike, too: looked at once. */
	return n > 1 && !is_to_be_merged(replies) ? 1 : n;
}

/* What the datagram has of its own; out of line, off the usual path. */
static __attribute__((noinline)) void
encode_extras(struct mh__udp *udp, struct msghdr *header, struct frame *frame,
    struct mh_datagram *datagram)
{
	const struct mh_datagram marks = {
		.ttl = udp->send_ttl ? datagram->ttl : -1,
		.tos = udp->send_tos ? datagram->tos : -1,
	};
	size_t length = mh__control_encode_marks(frame->control,
	    header->msg_controllen, datagram->peer.family, &marks);

	if (datagram->report_sent)
		datagram->sent_id = 0;
	if (datagram->segment != 0 && datagram->segment < datagram->length)
		length = mh__control_encode_segments(
		    frame->control, length, datagram->segment);
	else if (datagram->report_sent)
		length = mh__report_request(
		    udp, frame->control, length, &datagram->sent_id);
	header->msg_controllen = length;
}

/* Make count replies, all alike, one message for the kernel. */
static inline __attribute__((always_inline)) void
frame_replies(struct mh__udp *udp, struct msghdr *header, struct frame *frame,
    struct mh_datagram *replies, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		header->msg_iov[i].iov_base = replies[i].data;
		header->msg_iov[i].iov_len = replies[i].length;
	}
	header->msg_iovlen = count;
	header->msg_namelen =
	    sockaddr_set(&frame->name, udp->family, &replies->peer);
	header->msg_controllen = mh__control_encode(frame->control,
	    replies->peer.family, &replies->local, replies->if_index);
	if (extras_of(replies) != extras_of(&no_extras))
		encode_extras(udp, header, frame, replies);
	if (count > 1)
		header->msg_controllen = mh__control_encode_segments(
		    frame->control, header->msg_controllen, replies->length);
	header->msg_control =
	    header->msg_controllen != 0 ? frame->control : NULL;
}

/* Frame all; returns how many messages that makes.  Once on the usual path. */
static inline __attribute__((always_inline)) unsigned int
frame_all(struct mh__udp *udp, struct scratch *scratch,
    struct mh_datagram *replies, unsigned int left)
{
	struct mmsghdr *header = scratch->out_headers;
	struct frame *frame = scratch->out;
	struct iovec *data = scratch->out_data;
	unsigned int together;

	udp->reports.requested = 0;
	for (; left > 0; left -= together) {
		together = udp->unsegmented ? 1 : alike(replies, left);
		header->msg_hdr.msg_iov = data;
		frame_replies(udp, &header->msg_hdr, frame, replies, together);
		header++;
		frame++;
		data += together;
		replies += together;
	}
	return (unsigned int)(header - scratch->out_headers);
}

/* The first ones were sent: which of them will be reported on? */
static __attribute__((noinline)) void
account_for_reports(struct mh__udp *udp, struct mh_datagram *replies,
    unsigned int count, int sent)
{
	unsigned int i, done = sent > 0 ? (unsigned int)sent : 0, requests = 0;
	bool failed = false;

	for (i = 0; i < count; i++) {
		if (!replies[i].report_sent || replies[i].sent_id == 0)
			continue;
		if (i < done) {
			requests++;
			continue;
		}
		/* Those after the one that failed were not tried. */
		failed = failed || i == done;
		replies[i].sent_id = 0;
	}
	mh__report_account(&udp->reports, requests, failed);
}

/*
 * A filter refused sendmmsg(), or a firewall the first one.  Framed again: that
 * may have used up the number of a report.
 */
static __attribute__((noinline)) int
transmit_singly(struct mh__udp *udp, struct scratch *scratch,
    struct mh_datagram *replies, unsigned int count)
{
	int error = errno;

	account_for_reports(udp, replies, count, 0);
	count = frame_all(udp, scratch, replies, count);
	errno = error;
	return mh__mmsg_send((int)udp->handle, scratch->out_headers, count);
}

/* How many replies are the first n messages? */
static int
replies_in(const struct scratch *scratch, int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++)
		sum += (int)scratch->out_headers[i].msg_hdr.msg_iovlen;
	return sum;
}

/* sendmmsg(), counted in replies. */
static int
transmit(struct mh__udp *udp, struct scratch *scratch,
    struct mh_datagram *replies, unsigned int count)
{
	int n, sent, wanted = (int)frame_all(udp, scratch, replies, count);

	do
		n = sendmmsg((int)udp->handle, scratch->out_headers,
		    (unsigned int)wanted, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && mh__mmsg_is_refused(errno))
		n = transmit_singly(udp, scratch, replies, count);
	sent = n == wanted ? (int)count : n;
	if (n > 0 && n < wanted)
		sent = replies_in(scratch, n);
	if (udp->reports.requested > 0)
		account_for_reports(udp, replies, count, sent);
	return sent;
}

/* Sending failed: try without segments, or say why. */
static __attribute__((noinline)) int
send_failed(struct mh__udp *udp, struct scratch *scratch,
    struct mh_datagram *replies, unsigned int count)
{
	int n = -1;

	if (scratch->out_headers[0].msg_hdr.msg_iovlen > 1 &&
	    (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
		/* Is it the segments?  Only if it goes without. */
		udp->unsegmented = true;
		n = transmit(udp, scratch, replies, count);
		udp->unsegmented = n > 0;
	}
	if (n >= 0)
		return n;
	/*
	 * What is wrong with a source depends on family and kernel version.
	 * IPv6 says EINVAL also if its table of neighbours is full, which
	 * passes; see ip6_finish_output2() in net/ipv6/ip6_output.c.
	 */
	switch (errno) {
	case EINVAL:
		udp->system_code = errno;
		return replies->peer.family == MH_FAMILY_IPV6 ? MH_EINVALID
							      : MH_EADDRESS;
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case ENODEV:
		udp->system_code = errno;
		return MH_EADDRESS;
	default:
		return mh__socket_failed(udp);
	}
}

int
mh__udp_send(struct mh__udp *udp, void *memory, struct mh_datagram *replies,
    unsigned int count)
{
	int n = transmit(udp, memory, replies, count);

	return n >= 0 ? n : send_failed(udp, memory, replies, count);
}
