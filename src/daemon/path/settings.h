/* SPDX-License-Identifier: ISC */
/*
 * All that answering on one socket depends on and that a reload may change, in
 * one struct: to be configured anew is to be given another one of these.
 */
#ifndef DAEMON_PATH_SETTINGS_H
#define DAEMON_PATH_SETTINGS_H

#include "daemon/path/guard.h"
#include "daemon/path/selfprobe_wire.h"
#include "services/service.h"
#include "platform/network.h"

struct ends;

/* Everything that it points to is the caller's, and must last. */
struct path_settings {
	const struct service *service;
	const void *settings; /* the service's own */
	const void *prepared; /* what its prepare() made of them */
	struct guard guard;
	const struct mh_source_policy *source;
	const struct host_network *network;
	const struct ends *ends; /* NULL: the service has no use for them */
	const char *node;
	const struct selfprobe_secret *secret;
	unsigned int worker;    /* its number */
	unsigned int busy_poll; /* microseconds to look for more */
};

#endif
