/* SPDX-License-Identifier: ISC */
/*
 * Linux control messages: ip(7), ipv6(7), RFC 3542 section 6, and
 * Documentation/networking/timestamping.rst of the kernel.
 */
#include "platform/linux/control.h"

#include <netinet/udp.h>
#include <string.h>
#include <time.h>
/* After time.h: it wants struct timespec. */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/net_tstamp.h>

/* Linux 6.13; not in old headers, and another number on few systems. */
#if !defined(SCM_TS_OPT_ID) && defined(__hppa__)
#define SCM_TS_OPT_ID 0x404C
#elif !defined(SCM_TS_OPT_ID) && defined(__sparc__)
#define SCM_TS_OPT_ID 0x005a
#elif !defined(SCM_TS_OPT_ID)
#define SCM_TS_OPT_ID 81
#endif

/* musl has SO_TIMESTAMPING alone, which may be the other one. */
#if !defined(SO_TIMESTAMPING_OLD) && defined(__hppa__)
#define SO_TIMESTAMPING_OLD 0x4020
#elif !defined(SO_TIMESTAMPING_OLD) && defined(__sparc__)
#define SO_TIMESTAMPING_OLD 0x0023
#elif !defined(SO_TIMESTAMPING_OLD)
#define SO_TIMESTAMPING_OLD 37
#endif

/* Are there that many bytes of data? */
static bool
holds(const struct cmsghdr *message, size_t size)
{
	return message->cmsg_len >= CMSG_LEN(size);
}

/* Copy the data out if there is enough of it: it may not be aligned. */
static bool
take(const struct cmsghdr *message, void *data, size_t size)
{
	if (!holds(message, size))
		return false;
	memcpy(data, CMSG_DATA(message), size);
	return true;
}

/* Copy a member of a struct out, which is faster than the whole. */
#define TAKE(to, message, type, member)                                \
	memcpy(to, CMSG_DATA(message) + offsetof(struct type, member), \
	    sizeof(((struct type *)0)->member))

static void
decode_ip(const struct cmsghdr *message, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	int number;
	uint8_t byte;

	switch (message->cmsg_type) {
	case IP_PKTINFO:
		if (!holds(message, sizeof(struct in_pktinfo)))
			return;
		arrival->has_ipv4 = true;
		TAKE(arrival->ipv4_source, message, in_pktinfo, ipi_spec_dst);
		TAKE(arrival->ipv4_target, message, in_pktinfo, ipi_addr);
		TAKE(&arrival->if_index, message, in_pktinfo, ipi_ifindex);
		return;
	case IP_TTL:
		if (take(message, &number, sizeof(number)))
			received->ttl = (int16_t)(number & 0xff);
		return;
	case IP_TOS: /* a byte, unlike what one sets */
		if (take(message, &byte, sizeof(byte)))
			received->tos = byte;
		return;
	default:
		return;
	}
}

static void
decode_ipv6(const struct cmsghdr *message, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	int number;

	switch (message->cmsg_type) {
	case IPV6_PKTINFO:
		if (!holds(message, sizeof(struct in6_pktinfo)))
			return;
		arrival->has_ipv6 = true;
		TAKE(arrival->ipv6_target, message, in6_pktinfo, ipi6_addr);
		/* For IPv4 on this socket, IP_PKTINFO knows better. */
		if (!arrival->has_ipv4)
			TAKE(&arrival->if_index, message, in6_pktinfo,
			    ipi6_ifindex);
		return;
	case IPV6_HOPLIMIT:
		if (take(message, &number, sizeof(number)))
			received->ttl = (int16_t)(number & 0xff);
		return;
	case IPV6_TCLASS:
		if (take(message, &number, sizeof(number)))
			received->tos = (int16_t)(number & 0xff);
		return;
	default:
		return;
	}
}

/*
 * One of the times of a message, in nanoseconds since 1970; 0 for what is none.
 * No call here or below: each datagram would have to save registers for it.
 */
static inline int64_t
time_at(const struct cmsghdr *message, size_t which, size_t count)
{
	struct timespec time;

	if (!holds(message, count * sizeof(time)))
		return 0;
	memcpy(&time, CMSG_DATA(message) + which * sizeof(time), sizeof(time));
	if (time.tv_sec <= 0 || time.tv_sec >= INT64_MAX / 1000000000 - 1 ||
	    time.tv_nsec < 0 || time.tv_nsec >= 1000000000)
		return 0;
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Those of struct scm_timestamping: by the system's clock, and the device's. */
enum { BY_SYSTEM = 0, BY_DEVICE = 2, STAMPS = 3 };

static void
decode_socket(const struct cmsghdr *message, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	switch (message->cmsg_type) {
	case SCM_TIMESTAMPNS:
		received->arrived_ns = time_at(message, 0, 1);
		return;
	case SCM_TIMESTAMPING:
		/* Its time of the system is the same, or not asked for. */
		received->hardware_ns = time_at(message, BY_DEVICE, STAMPS);
		return;
	case SO_RXQ_OVFL:
		arrival->has_drops =
		    take(message, &arrival->drops, sizeof(arrival->drops));
		return;
	default:
		return;
	}
}

/* A size that no datagram of a burst can have means nothing. */
static void
decode_udp(const struct cmsghdr *message, struct mh_datagram *received)
{
	int size;

	if (message->cmsg_type == UDP_GRO &&
	    take(message, &size, sizeof(size)) && size > 0 && size < 65536)
		received->segment = (uint16_t)size;
}

/* The length of the first message; 0 if there is no whole one. */
static size_t
length_of(const struct cmsghdr *message, size_t left)
{
	if (left < sizeof(*message) || message->cmsg_len > left ||
	    message->cmsg_len < sizeof(*message))
		return 0;
	return message->cmsg_len;
}

/* The next one; *left becomes 0 if there is none. */
static const struct cmsghdr *
next_message(const struct cmsghdr *message, size_t length, size_t *left)
{
	size_t step = CMSG_ALIGN(length);

	if (step >= *left) {
		*left = 0;
		return message;
	}
	*left -= step;
	return (const void *)((const uint8_t *)message + step);
}

void
mh__control_decode(const struct msghdr *header, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	const struct cmsghdr *message = header->msg_control;
	size_t length, left = header->msg_controllen;

	received->arrived_ns = received->hardware_ns = 0;
	*arrival = (struct mh__arrival){ .if_index = 0 };
	received->ttl = received->tos = -1;
	received->segment = 0;
	received->report_sent = false;
	received->reserved8 = 0;
	for (; (length = length_of(message, left)) != 0;
	     message = next_message(message, length, &left)) {
		if (message->cmsg_level == IPPROTO_IP)
			decode_ip(message, arrival, received);
		else if (message->cmsg_level == IPPROTO_IPV6)
			decode_ipv6(message, arrival, received);
		else if (message->cmsg_level == SOL_SOCKET)
			decode_socket(message, arrival, received);
		else if (message->cmsg_level == IPPROTO_UDP)
			decode_udp(message, received);
	}
}

/* RFC 792, RFC 1812 section 5.2.7.1. */
static enum mh_icmp_kind
kind_of_ipv4(unsigned int type, unsigned int code)
{
	if (type == ICMP_TIME_EXCEEDED)
		return MH_ICMP_TTL;
	if (type != ICMP_DEST_UNREACH)
		return MH_ICMP_OTHER;
	switch (code) {
	case ICMP_PORT_UNREACH:
		return MH_ICMP_PORT;
	case ICMP_HOST_UNREACH:
	case ICMP_HOST_UNKNOWN:
	case ICMP_HOST_ISOLATED:
	case ICMP_HOST_UNR_TOS:
		return MH_ICMP_HOST;
	case ICMP_NET_UNREACH:
	case ICMP_NET_UNKNOWN:
	case ICMP_NET_UNR_TOS:
		return MH_ICMP_NETWORK;
	case ICMP_NET_ANO:
	case ICMP_HOST_ANO:
	case ICMP_PKT_FILTERED:
		return MH_ICMP_PROHIBITED;
	case ICMP_PROT_UNREACH:
		return MH_ICMP_PROTOCOL;
	case ICMP_FRAG_NEEDED:
		return MH_ICMP_TOO_BIG;
	default:
		return MH_ICMP_OTHER;
	}
}

/* RFC 4443. */
static enum mh_icmp_kind
kind_of_ipv6(unsigned int type, unsigned int code)
{
	switch (type) {
	case ICMPV6_PKT_TOOBIG:
		return MH_ICMP_TOO_BIG;
	case ICMPV6_TIME_EXCEED:
		return MH_ICMP_TTL;
	case ICMPV6_PARAMPROB:
		return code == ICMPV6_UNK_NEXTHDR ? MH_ICMP_PROTOCOL
						  : MH_ICMP_OTHER;
	case ICMPV6_DEST_UNREACH:
		break;
	default:
		return MH_ICMP_OTHER;
	}
	switch (code) {
	case ICMPV6_NOROUTE:
		return MH_ICMP_NETWORK;
	case ICMPV6_ADM_PROHIBITED:
	case ICMPV6_POLICY_FAIL:
	case ICMPV6_REJECT_ROUTE:
		return MH_ICMP_PROHIBITED;
	case ICMPV6_NOT_NEIGHBOUR: /* now: beyond scope of source address */
	case ICMPV6_ADDR_UNREACH:
		return MH_ICMP_HOST;
	case ICMPV6_PORT_UNREACH:
		return MH_ICMP_PORT;
	default:
		return MH_ICMP_OTHER;
	}
}

/* An error of the queue, and for ICMP who sent it. */
struct queued {
	struct sock_extended_err error;
	struct sockaddr_in6 reporter; /* has room for IPv4 */
};

static bool
is_queued(const struct cmsghdr *message)
{
	return (message->cmsg_level == IPPROTO_IP &&
		   message->cmsg_type == IP_RECVERR) ||
	    (message->cmsg_level == IPPROTO_IPV6 &&
		message->cmsg_type == IPV6_RECVERR);
}

/* Its data; false if there is less than an error. */
static bool
take_queued(const struct cmsghdr *message, struct queued *queued)
{
	size_t size = message->cmsg_len - CMSG_LEN(0);

	if (size < sizeof(queued->error))
		return false;
	memcpy(queued, CMSG_DATA(message),
	    size < sizeof(*queued) ? size : sizeof(*queued));
	return true;
}

static bool
decode_icmp(const struct sock_extended_err *error, struct mh_icmp_error *icmp)
{
	if (error->ee_origin == SO_EE_ORIGIN_ICMP)
		icmp->kind = kind_of_ipv4(error->ee_type, error->ee_code);
	else if (error->ee_origin == SO_EE_ORIGIN_ICMP6)
		icmp->kind = kind_of_ipv6(error->ee_type, error->ee_code);
	else
		return false;
	icmp->mtu = icmp->kind == MH_ICMP_TOO_BIG ? error->ee_info : 0;
	return true;
}

bool
mh__control_decode_report(const struct msghdr *header, struct mh_report *report,
    struct sockaddr_in6 *reporter, uint32_t *number)
{
	struct queued queued = { .error = { .ee_origin = SO_EE_ORIGIN_NONE } };
	const struct cmsghdr *message = header->msg_control;
	size_t length, left = header->msg_controllen;
	int64_t sent_ns = 0;
	bool found = false;

	for (; (length = length_of(message, left)) != 0;
	     message = next_message(message, length, &left)) {
		if (is_queued(message))
			found = take_queued(message, &queued) || found;
		else if (message->cmsg_level == SOL_SOCKET &&
		    message->cmsg_type == SCM_TIMESTAMPING)
			sent_ns = time_at(message, BY_SYSTEM, STAMPS);
	}
	if (!found)
		return false;
	report->kind = MH_REPORT_ICMP;
	*reporter = queued.reporter;
	if (queued.error.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
		return decode_icmp(&queued.error, &report->icmp);
	report->kind = MH_REPORT_SENT;
	report->sent_ns = sent_ns;
	*number = queued.error.ee_data;
	return queued.error.ee_info == SCM_TSTAMP_SND && sent_ns != 0;
}

/* Begin a message in front of size bytes of data; returns where they go. */
static void *
begin(void *control, int level, int type, size_t size)
{
	struct cmsghdr *message = control;

	message->cmsg_level = level;
	message->cmsg_type = type;
	message->cmsg_len = CMSG_LEN(size);
	return CMSG_DATA(message);
}

/*
 * The length leaves out the padding after the data.  Linux takes it with and
 * without, but copies up to 36 bytes without allocating memory for them
 * (____sys_sendmsg()), and those are just enough for an in6_pktinfo.
 */
size_t
mh__control_encode(void *control, unsigned int family,
    const struct mh_address *local, uint32_t if_index)
{
	struct in6_pktinfo *info6;
	struct in_pktinfo *info;

	if (local->family == MH_FAMILY_NONE && if_index == 0)
		return 0;
	if (family == MH_FAMILY_IPV4) {
		info = begin(control, IPPROTO_IP, IP_PKTINFO, sizeof(*info));
		*info = (struct in_pktinfo){ .ipi_ifindex = (int)if_index };
		/* On the way out Linux reads ipi_spec_dst, not ipi_addr. */
		memcpy(&info->ipi_spec_dst, local->ip, 4);
		return CMSG_LEN(sizeof(*info));
	}
	info6 = begin(control, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(*info6));
	memcpy(&info6->ipi6_addr, local->ip, 16);
	info6->ipi6_ifindex = if_index;
	return CMSG_LEN(sizeof(*info6));
}

/* One more message after length bytes; returns the exact length of all. */
static size_t
append(void *control, size_t length, const struct cmsghdr *header,
    const void *data, size_t size)
{
	size_t at = CMSG_ALIGN(length);

	/* Padding goes to the kernel, too: no stale bytes. */
	memset((uint8_t *)control + length, 0, at - length);
	memcpy(begin((uint8_t *)control + at, header->cmsg_level,
		   header->cmsg_type, size),
	    data, size);
	return at + CMSG_LEN(size);
}

size_t
mh__control_encode_marks(void *control, size_t length, unsigned int family,
    const struct mh_datagram *datagram)
{
	bool ipv4 = family == MH_FAMILY_IPV4;
	int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	const struct cmsghdr tos = { .cmsg_level = level,
		.cmsg_type = ipv4 ? IP_TOS : IPV6_TCLASS };
	const struct cmsghdr ttl = { .cmsg_level = level,
		.cmsg_type = ipv4 ? IP_TTL : IPV6_HOPLIMIT };
	int value = datagram->tos;

	if (value >= 0)
		length = append(control, length, &tos, &value, sizeof(value));
	value = datagram->ttl;
	if (value > 0)
		length = append(control, length, &ttl, &value, sizeof(value));
	return length;
}

size_t
mh__control_encode_segments(void *control, size_t length, size_t size)
{
	const struct cmsghdr header = { .cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT };
	uint16_t bytes = (uint16_t)size;

	return append(control, length, &header, &bytes, sizeof(bytes));
}

size_t
mh__control_encode_request(void *control, size_t length, const uint32_t *number)
{
	/* A number of bits in any case: not SO_TIMESTAMPING_NEW. */
	const struct cmsghdr request = { .cmsg_level = SOL_SOCKET,
		.cmsg_type = SO_TIMESTAMPING_OLD };
	const struct cmsghdr by_number = { .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_TS_OPT_ID };
	const uint32_t what = SOF_TIMESTAMPING_TX_SOFTWARE;

	length = append(control, length, &request, &what, sizeof(what));
	if (number != NULL)
		length = append(
		    control, length, &by_number, number, sizeof(*number));
	return length;
}
