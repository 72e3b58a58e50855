/* SPDX-License-Identifier: ISC */
/*
 * All that answering on one socket depends on and that a reload may change, in
 * one struct, so that a reload replaces it as a whole.
 */
#ifndef DAEMON_PATH_SETTINGS_H
#define DAEMON_PATH_SETTINGS_H

#include "daemon/path/fault.h"
#include "daemon/path/guard.h"
#include "daemon/path/packets.h"
#include "daemon/path/selfprobe_wire.h"
#include "services/service.h"
#include "platform/network.h"

struct congestion;
struct drops;
struct ends;
struct top;

/* What a thread remembers of its peers, for those who ask; NULL: nothing. */
struct path_memory {
	struct drops *drops;
	struct top *top;
	struct packets *packets; /* if some are logged */
};

/* Everything that it points to belongs to the caller, and must outlive it. */
struct path_settings {
	const struct service *service;
	const void *settings; /* the service's own */
	const void *prepared; /* the result of its prepare() */
	struct guard guard;
	const struct mh_source_policy *source;
	const struct host_network *network;
	struct congestion *congestion; /* NULL: not looked at */
	struct path_memory memory;
	const struct ends *ends; /* NULL: the service does not need them */
	const struct fault_rules *faults; /* NULL: none are made */
	struct packets_rule packets;
	const char *name; /* of the service, with its label */
	const char *node;
	const struct selfprobe_secret *secret;
	unsigned int worker;    /* its number */
	unsigned int busy_poll; /* microseconds to poll for more */
	bool copy_dscp;         /* of the request; else it is the socket's */
	bool examines; /* there are faults, or bounds of the protocol: replies
			* are looked at */
};

#endif
