/* SPDX-License-Identifier: ISC */
/*
 * See report.h.  All of it is off the ordinary way of a datagram.
 */
#include "platform/linux/report.h"

#include "platform/linux/control.h"
#include "platform/linux/system.h"
#include "platform/sockaddr.h"
#include "platform/socket.h"

#include <time.h>
/* After time.h: it wants struct timespec. */
#include <linux/net_tstamp.h>

/* Not in old headers. */
#define OPT_RX_FILTER (1u << 17) /* SOF_TIMESTAMPING_OPT_RX_FILTER */

/* "Only probe the path", as the kernel calls this flag. */
#define MSG_PROBE MSG_PROXY

/* How often a caller can be woken in vain before we look why. */
#define IDLE_MAX 16

/* Numbers that are remembered: no more can be under way. */
#define KNOWN_MAX 65536

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * Options.
 */

/* Does the kernel have all of these flags now?  Some systems only say so. */
static int
set_flags(struct mh__udp *udp, unsigned int flags)
{
	int now = 0;
	int error =
	    mh__socket_set(udp, SOL_SOCKET, SO_TIMESTAMPING, (int)flags);

	if (error == 0)
		error = mh__socket_get(udp, SOL_SOCKET, SO_TIMESTAMPING, &now);
	if (error == 0 && ((unsigned int)now & flags) != flags)
		udp->system_code = EOPNOTSUPP;
	else if (error == 0)
		return 0;
	return MH_EUNSUPPORTED;
}

static int
replace_flags(struct mh__udp *udp, unsigned int flags)
{
	/* The kernel counts from 0 when OPT_ID is turned on, only then. */
	(void)mh__socket_set(udp, SOL_SOCKET, SO_TIMESTAMPING, 0);
	/* Linux 6.12: no second software time with each that arrives. */
	if (set_flags(udp, flags | OPT_RX_FILTER) == 0)
		return 0;
	return set_flags(udp, flags);
}

int
mh__report_enable(struct mh__udp *udp, enum mh__option option)
{
	/*
	 * OPT_TX_SWHW changes nothing here, but came with Linux 4.13, which
	 * also knows what is older: requests by control message.
	 */
	unsigned int added = option == MH__SEND_TIME
	    ? SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
		SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_TX_SWHW
	    : SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	int error = replace_flags(udp, udp->timestamping | added), code;

	if (error != 0) {
		code = udp->system_code;
		(void)replace_flags(udp, udp->timestamping);
		udp->system_code = code;
		return error;
	}
	udp->timestamping |= added;
	if (option == MH__SEND_TIME) {
		udp->reports =
		    (struct mh__reports){ .is_on = true, .unread = 1 };
		mh__report_discard(udp);
	}
	return 0;
}

/*
 * Numbers.
 */

/* Can we choose them?  Asked of the kernel with a message that is not sent. */
static bool
can_choose(const struct mh__udp *udp)
{
	const struct mh_address loopback = { .family = (uint16_t)udp->family,
		.port = 9, /* discard; nothing gets there */
		.ip = { udp->family == MH_FAMILY_IPV4 ? 127 : 0,
		    [3] = udp->family == MH_FAMILY_IPV4,
		    [15] = udp->family == MH_FAMILY_IPV6 } };
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	struct sockaddr_in6 name;
	const uint32_t number = 0;
	struct msghdr header = { .msg_name = &name, .msg_control = control };

	header.msg_namelen = sockaddr_set(&name, udp->family, &loopback);
	header.msg_controllen = mh__control_encode_request(control, 0, &number);
	/* An unknown control message is invalid; no route, or so, is not. */
	return sendmsg((int)udp->handle, &header,
		   MSG_CONFIRM | MSG_PROBE | MSG_DONTWAIT) >= 0 ||
	    errno != EINVAL;
}

/* Is there doubt, and one under way that will end it? */
static bool
awaits_pilot(const struct mh__reports *reports)
{
	return reports->has_pilot &&
	    clock_ns(CLOCK_MONOTONIC) < reports->pilot_until;
}

/* Will one more be reported on? */
static bool
can_request(const struct mh__reports *reports)
{
	if (!reports->is_on ||
	    reports->unread + reports->requested >= REPORTS_MAX)
		return false;
	return reports->doubt == 0 ||
	    (reports->requested == 0 && !awaits_pilot(reports));
}

size_t
mh__report_request(
    struct mh__udp *udp, void *control, size_t length, uint64_t *id)
{
	struct mh__reports *reports = &udp->reports;
	uint32_t number;

	*id = 0;
	if (!can_request(reports))
		return length;
	if (!reports->is_probed) {
		reports->is_probed = true;
		reports->is_chosen = can_choose(udp);
		/* Not those that a previous owner may have chosen. */
		if (reports->is_chosen)
			reports->next_number =
			    (uint32_t)(clock_ns(CLOCK_MONOTONIC) / 1000);
	}
	if (reports->doubt > 0)
		reports->pilot_ns = clock_ns(CLOCK_REALTIME);
	number = reports->next_number + reports->requested;
	*id = reports->count + ++reports->requested;
	return mh__control_encode_request(
	    control, length, reports->is_chosen ? &number : NULL);
}

void
mh__report_account(struct mh__reports *reports, unsigned int sent, bool failed)
{
	reports->next_number += sent;
	reports->count += sent;
	reports->unread += sent;
	reports->known += sent;
	if (reports->known > KNOWN_MAX)
		reports->known = KNOWN_MAX;
	if (reports->is_chosen)
		return;
	if (sent > 0 && reports->doubt > 0) {
		reports->has_pilot = true;
		reports->pilot_until =
		    clock_ns(CLOCK_MONOTONIC) + PILOT_PATIENCE;
	}
	if (failed)
		reports->doubt++;
}

uint64_t
mh__report_match(struct mh__reports *reports, uint32_t number, int64_t sent_ns)
{
	uint32_t slip = number - (reports->next_number - 1), age;

	if (reports->has_pilot && slip <= reports->doubt) {
		/* It cannot be one that was given up as lost. */
		if (sent_ns < reports->pilot_ns)
			return 0;
		reports->next_number += slip;
		reports->doubt = 0;
		reports->has_pilot = false;
		/* Those before it were counted otherwise. */
		if (slip > 0)
			reports->known = 1;
		return reports->count;
	}
	age = reports->next_number - 1 - number;
	return age < reports->known ? reports->count - age : 0;
}

/*
 * The error queue.
 */

static int
nothing_left(struct mh__udp *udp)
{
	if (errno != EAGAIN)
		return mh__socket_failed(udp);
	udp->reports.unread = 0;
	return 0;
}

/* Fill in the report; false if it cannot be told what it is about. */
static bool
read_report(
    struct mh__udp *udp, const struct msghdr *header, struct mh_report *report)
{
	struct sockaddr_in6 reporter;
	uint32_t number;

	if (!mh__control_decode_report(header, report, &reporter, &number))
		return false;
	if (report->kind == MH_REPORT_SENT) {
		report->sent_id =
		    mh__report_match(&udp->reports, number, report->sent_ns);
		return report->sent_id != 0;
	}
	sockaddr_get(header->msg_name, &report->icmp.peer);
	sockaddr_get(&reporter, &report->icmp.reporter);
	report->icmp.reporter.port = 0;
	return true;
}

int
mh__udp_report(struct mh__udp *udp, struct mh_report *report)
{
	struct sockaddr_in6 peer;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	struct msghdr header;
	ssize_t n;

	udp->reports.was_asked = true;
	do {
		peer = (struct sockaddr_in6){ .sin6_family = AF_UNSPEC };
		header = (struct msghdr){
			.msg_name = &peer,
			.msg_namelen = sizeof(peer),
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		do
			n = recvmsg((int)udp->handle, &header,
			    MSG_ERRQUEUE | MSG_DONTWAIT);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return nothing_left(udp);
	} while (!read_report(udp, &header, report));
	return 1;
}

/*
 * None is known to come, but one may be late, or a second one.  Then nothing is
 * there to receive again and again.
 */
static bool
may_be_late(struct mh__reports *reports)
{
	return reports->count > 0 && ++reports->idle % IDLE_MAX == 0;
}

void
mh__report_discard(struct mh__udp *udp)
{
	struct mh_report ignored;
	unsigned int i;

	if (udp->reports.unread == 0 && !may_be_late(&udp->reports))
		return;
	for (i = 0; i < REPORTS_MAX && !udp->reports.was_asked; i++)
		if (mh__udp_report(udp, &ignored) > 0)
			udp->reports.was_asked = false;
	udp->reports.was_asked = false;
}
