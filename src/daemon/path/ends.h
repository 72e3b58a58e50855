/* SPDX-License-Identifier: ISC */
/*
 * Which of our own endpoints a service can reply from: the address and port
 * that the request was sent to, or the others.
 */
#ifndef DAEMON_PATH_ENDS_H
#define DAEMON_PATH_ENDS_H

#include "daemon/path/outbox.h"
#include "platform/network.h"

struct listener;

/* A socket of a service. */
struct ends_member {
	struct mh_address bound;
	unsigned int can; /* MH_CAN_IPV4, MH_CAN_IPV6 */
	size_t pair;      /* the endpoint that it was opened for */
	bool is_other;    /* the one with the service's other port */
	struct outbox *outbox;
	struct listener *listener;
};

/* Two addresses of this host in each family: one is not the asked one. */
struct ends_addresses {
	struct mh_address ipv4[2], ipv6[2]; /* family none if missing */
};

/* All sockets of a service in one thread. */
struct ends {
	struct ends_member *members;
	size_t count;
	const struct ends_addresses *addresses;
};

/* Where replies to one request can leave, by enum service_end. */
struct ends_choice {
	struct mh_address addresses[SERVICE_ENDS]; /* family none: nowhere */
	struct outbox *outboxes[SERVICE_ENDS];
};

/*
 * Find addresses that other hosts can reach, and that are usable now.  Asks
 * the system about a few of them.
 */
void ends_learn(
    struct ends_addresses *addresses, const struct host_network *network);

/*
 * The ends for a request received on the socket of that outbox.  A broadcast
 * or multicast request has only the end that it was sent to.
 */
void ends_choose(const struct ends *ends, struct outbox *outbox,
    const struct mh_datagram *request, struct ends_choice *choice);

#endif
