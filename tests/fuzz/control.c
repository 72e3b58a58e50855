/* SPDX-License-Identifier: ISC */
/*
 * Control messages as no kernel would write them.  Whatever they say, the
 * source of the reply is one that a socket can have, and what goes to the
 * kernel reads back as what was meant.
 */
#include "fuzz.h"

#include "lib/reply.h"
#include "platform/linux/control.h"

#include <string.h>

static void
decode(void *control, size_t size, struct mh__arrival *arrival,
    struct mh_datagram *received)
{
	struct msghdr header = { .msg_control = control,
		.msg_controllen = size };

	mh__control_decode(&header, arrival, received);
	REQUIRE(received->ttl >= -1 && received->ttl <= 255);
	REQUIRE(received->tos >= -1 && received->tos <= 255);
	REQUIRE(received->arrived_ns >= 0 && received->hardware_ns >= 0);
	REQUIRE(received->segment <= UINT16_MAX);
}

/* The same bytes from the error queue. */
static void
decode_report(void *control, size_t size)
{
	const struct msghdr header = { .msg_control = control,
		.msg_controllen = size };
	struct mh_report report = { .sent_ns = 0 };
	struct sockaddr_in6 reporter;
	uint32_t number;

	if (!mh__control_decode_report(&header, &report, &reporter, &number))
		return;
	if (report.kind == MH_REPORT_SENT)
		REQUIRE(report.sent_ns > 0);
	else
		REQUIRE(report.icmp.kind <= MH_ICMP_OTHER);
}

static void
read_back(const struct mh_datagram *reply)
{
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
	struct mh__arrival arrival;
	struct mh_datagram received;
	size_t size = mh__control_encode(
	    control, reply->peer.family, &reply->local, reply->if_index);

	REQUIRE(size <= sizeof(control));
	decode(control, size, &arrival, &received);
	REQUIRE(arrival.if_index == reply->if_index);
	REQUIRE(!(arrival.has_ipv4 && arrival.has_ipv6));
	if (arrival.has_ipv4)
		REQUIRE(memcmp(arrival.ipv4_source, reply->local.ip, 4) == 0);
	if (arrival.has_ipv6)
		REQUIRE(memcmp(arrival.ipv6_target, reply->local.ip, 16) == 0);
}

static void
answer(const struct mh__arrival *arrival)
{
	static const struct mh_source_policy strict;
	const struct mh__udp udp = { .family = MH_FAMILY_IPV6,
		.dual_stack = true,
		.bound = { .port = 7 } };
	struct mh_datagram request = { .peer = { .port = 4711 } };
	struct mh_datagram reply = { .length = 0 };

	mh__reply_local(&request, arrival, &udp);
	REQUIRE(mh_address_class(&request.local) != MH_CLASS_MULTICAST);
	REQUIRE(mh_address_class(&request.local) != MH_CLASS_BROADCAST);
	request.peer.family = request.local.family;
	request.peer.ip[0] = 192;
	if (mh_reply_address(&reply, &request, &strict) == 0)
		read_back(&reply);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh__arrival arrival;
	struct mh_datagram received;
	uint8_t *control = malloc(size); /* not a byte more, for ASan */

	if (control == NULL)
		return 0;
	memcpy(control, data, size);
	decode(control, size, &arrival, &received);
	answer(&arrival);
	decode_report(control, size);
	free(control);
	return 0;
}
