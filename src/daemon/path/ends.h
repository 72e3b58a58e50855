/* SPDX-License-Identifier: ISC */
/*
 * By which of our own endpoints a service can answer: the address or the port
 * that was asked, or the other ones.
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
	size_t pair;      /* the endpoint that it was opened for or beside */
	bool is_other;    /* beside: the one with the service's other port */
	struct outbox *outbox;
	struct listener *listener;
};

/* Two addresses of this host in each family, to choose the second one from. */
struct ends_addresses {
	struct mh_address ipv4[2], ipv6[2]; /* family none: there is none */
};

/* All sockets that a service has in one thread. */
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
 * Look the addresses up: those that others can reach us by, and that can be
 * used now.  Takes a bind() or two.
 */
void ends_learn(
    struct ends_addresses *addresses, const struct host_network *network);

/*
 * The ends for a request that came by the socket of that outbox.  What was
 * sent to many has the end alone that was asked.
 */
void ends_choose(const struct ends *ends, struct outbox *outbox,
    const struct mh_datagram *request, struct ends_choice *choice);

#endif
