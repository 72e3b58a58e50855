/* SPDX-License-Identifier: ISC */
/*
 * platform/udp.h for Windows, the datagrams: WSARecvMsg() and WSASendMsg() with
 * IP_PKTINFO and IPV6_PKTINFO, one datagram a call.
 */
#include "platform/udp.h"

#include "platform/sockaddr.h"
#include "platform/socket.h"
#include "platform/win32/control.h"
#include "platform/win32/extension.h"
#include "platform/win32/system.h"

#include <ws2tcpip.h>

/* What one datagram needs on its way through the system. */
struct frame {
	struct sockaddr_in6 name; /* has room for a sockaddr_in */
	WSABUF data;
	ULONG size; /* of the data of a slot to receive into */
	_Alignas(8) uint8_t control[CONTROL_SIZE];
};

uint64_t
mh__udp_drops(const struct mh__udp *udp)
{
	return udp->drops;
}

size_t
mh__udp_scratch_size(unsigned int slots)
{
	(void)slots;
	return sizeof(struct frame);
}

void
mh__udp_scratch_init(
    void *memory, unsigned int slots, struct mh_datagram *received, size_t size)
{
	struct frame *frame = memory;

	frame->size = (ULONG)size;
	(void)slots;
	(void)received;
}

/*
 * WSARecvMsg() for one datagram.  Returns 0, or the system's error; WSAEMSGSIZE
 * is a datagram too, but not a whole one.
 */
static int
receive_one(struct mh__udp *udp, struct frame *frame,
    struct mh_datagram *received, struct mh__arrival *arrival)
{
	WSAMSG message = { .name = (struct sockaddr *)&frame->name,
		.namelen = sizeof(frame->name),
		.lpBuffers = &frame->data,
		.dwBufferCount = 1,
		.Control = { sizeof(frame->control), (char *)frame->control } };
	DWORD length = 0;
	int error = 0;

	frame->name.sin6_family = AF_UNSPEC;
	frame->data.buf = received->data;
	frame->data.len = frame->size;
	if (mh__extension.receive(
		system_socket(udp->handle), &message, &length, NULL, NULL) != 0)
		error = WSAGetLastError();
	if (error != 0 && error != WSAEMSGSIZE)
		return error;
	received->flags = 0;
	if (error == WSAEMSGSIZE || (message.dwFlags & MSG_TRUNC) != 0)
		received->flags |= MH_TRUNCATED;
	if ((message.dwFlags & MSG_CTRUNC) != 0)
		received->flags |= MH_CONTROL_TRUNCATED;
	/* It may then say how much it would have needed. */
	if (message.Control.len > sizeof(frame->control))
		message.Control.len = 0;
	mh__control_decode(&message, arrival, received);
	sockaddr_get(&frame->name, &received->peer);
	received->status = 0;
	received->arrived_ns = received->hardware_ns = 0;
	received->length = length < frame->size ? length : frame->size;
	return 0;
}

int
mh__udp_receive(struct mh__udp *udp, void *memory, struct mh_datagram *received,
    struct mh__arrival *arrivals, unsigned int slots)
{
	unsigned int i = 0, refused = 0;
	int error;

	/* Each ICMP error takes a turn, and there may be many of them. */
	while (i < slots && refused < slots) {
		error = receive_one(udp, memory, &received[i], &arrivals[i]);
		if (error == 0) {
			i++;
			continue;
		}
		udp->system_code = error;
		error = mh__socket_code(error);
		if (error == MH_EUNREACHABLE)
			error = MH_EREFUSED;
		if (error == MH_EREFUSED)
			refused++;
		else if (i == 0 && error != MH_EAGAIN)
			return error;
		else
			break;
	}
	return i == 0 && refused == slots ? MH_EREFUSED : (int)i;
}

/* 0, or why it was not sent. */
static int
send_message(struct mh__udp *udp, WSAMSG *message)
{
	DWORD sent;

	if (mh__extension.send(
		system_socket(udp->handle), message, 0, &sent, NULL, NULL) == 0)
		return 0;
	udp->system_code = WSAGetLastError();
	switch (udp->system_code) {
	case WSAENETUNREACH:
	case WSAEADDRNOTAVAIL:
		return MH_EADDRESS;
	default:
		return mh__socket_code(udp->system_code);
	}
}

/*
 * The same with a TTL or hop limit of its own.  No version takes that as a
 * control message, so it is the socket's for this one call.
 */
static int
send_with_ttl(
    struct mh__udp *udp, WSAMSG *message, const struct mh_datagram *datagram)
{
	bool ipv4 = datagram->peer.family == MH_FAMILY_IPV4;
	int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	int name = ipv4 ? IP_TTL : IPV6_UNICAST_HOPS;
	int usual, system_code;
	int error = mh__socket_get(udp, level, name, &usual);

	if (error == 0)
		error = mh__socket_set(udp, level, name, datagram->ttl);
	if (error != 0)
		return error;
	error = send_message(udp, message);
	system_code = udp->system_code;
	(void)mh__socket_set(udp, level, name, usual);
	udp->system_code = system_code;
	return error;
}

/* What it is to be sent with; -1: what the system has. */
static int
tos_of(const struct mh__udp *udp, const struct mh_datagram *datagram)
{
	if (udp->send_tos && datagram->tos >= 0)
		return datagram->tos;
	return udp->tos != 0 ? udp->tos : -1;
}

static int
send_one(
    struct mh__udp *udp, struct frame *frame, const struct mh_datagram *reply)
{
	WSAMSG message = { .name = (struct sockaddr *)&frame->name,
		.lpBuffers = &frame->data,
		.dwBufferCount = 1 };
	int tos = tos_of(udp, reply);

	if (reply->segment != 0 && reply->segment < reply->length)
		return MH_EUNSUPPORTED;
	message.namelen = sockaddr_set(&frame->name, udp->family, &reply->peer);
	frame->data.buf = reply->data;
	frame->data.len = (ULONG)reply->length;
	message.Control.len =
	    mh__control_encode(frame->control, &reply->local, reply->if_index);
	if (tos >= 0)
		message.Control.len = mh__control_encode_tos(frame->control,
		    message.Control.len, reply->peer.family, tos);
	/* A buffer without length is an error to it. */
	if (message.Control.len != 0)
		message.Control.buf = (char *)frame->control;
	if (udp->send_ttl && reply->ttl > 0)
		return send_with_ttl(udp, &message, reply);
	return send_message(udp, &message);
}

int
mh__udp_send(struct mh__udp *udp, void *memory, struct mh_datagram *replies,
    unsigned int count)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < count && error == 0; i++)
		error = send_one(udp, memory, &replies[i]);
	if (error == 0)
		return (int)count;
	return i > 1 ? (int)i - 1 : error;
}

/*
 * LizardByte/Sunshine#5443: WSAEINVAL on ways to the internet, not within the
 * local network.  msquic always names the interface.
 */
bool
mh__udp_wants_interface(void)
{
	return true;
}

int
mh__udp_report(struct mh__udp *udp, struct mh_report *report)
{
	(void)udp;
	(void)report;
	return MH_EUNSUPPORTED;
}
