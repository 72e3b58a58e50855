/* SPDX-License-Identifier: ISC */
/*
 * Step 4 of the datagram's way: what a service is.  A service is a constant
 * descriptor and a pure function from request to reply: no clock, no I/O, no
 * allocation, no log.  What it needs to know comes in the context.
 */
#ifndef SERVICES_SERVICE_H
#define SERVICES_SERVICE_H

#include "lib/multihome.h"

/* What an answer may depend on besides the request; the caller owns it all. */
struct service_context {
	int64_t now_ns;        /* UTC, nanoseconds; one reading a batch */
	const char *node;      /* name of this host for people */
	const char *interface; /* arrival interface; "" if unknown, or if the
				* service does not set SERVICE_ARRIVAL */
};

/* service.flags */
enum service_flag {
	SERVICE_ARRIVAL = 1 << 0 /* wants TTL, TOS, time, interface name */
};

/* What answer() returns instead of a length. */
enum { SERVICE_SILENT = -1 };

struct service {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for the usage message */
	uint16_t port;       /* registered port; 0: must be given */
	unsigned int flags;
	/*
	 * Answer a request.  reply->data has MH_SLOT_SIZE bytes; it may be
	 * pointed to request->data to send that back.  Returns the length of
	 * the reply in bytes, or SERVICE_SILENT.
	 */
	int (*answer)(const struct mh_datagram *request,
	    const struct service_context *context, struct mh_datagram *reply);
};

/* The services; each in a file of its own name. */
extern const struct service service_echo, service_discard, service_whoami;

/* All services, in the order of the usage message; ended by NULL. */
extern const struct service *const service_table[];

/* The service of that name, or NULL. */
const struct service *service_find(const char *name);

#endif
