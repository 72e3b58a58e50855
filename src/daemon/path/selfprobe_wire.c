/* SPDX-License-Identifier: ISC */
/*
 * Recognising our own queries, and replying to them.
 */
#include "daemon/path/selfprobe_wire.h"

#include "common/bytes.h"

static bool
is_port_of_ours(const struct selfprobe_secret *secret, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < SELFPROBE_SOCKETS_MAX; i++)
		if (port ==
		    atomic_load_explicit(
			&secret->ports[i], memory_order_relaxed))
			return port != 0;
	return false;
}

bool
selfprobe_is_from_here(
    const struct selfprobe_secret *secret, const struct mh_datagram *request)
{
	return is_port_of_ours(secret, request->peer.port) &&
	    (mh_address_class(&request->peer) == MH_CLASS_LOOPBACK ||
		mh_address_compare(&request->peer, &request->local) == 0);
}

void
selfprobe_reply(struct mh_datagram *reply, const struct mh_datagram *request,
    unsigned int worker)
{
	struct selfprobe_message message;

	memcpy(&message, request->data, sizeof(message));
	bytes_put16(message.worker, worker);
	memcpy(reply->data, &message, sizeof(message));
	reply->length = sizeof(message);
}
