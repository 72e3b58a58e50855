/* SPDX-License-Identifier: ISC */
/*
 * Sockets are counted; the rest is what was seen in /proc/PID/fd.
 */
#include "daemon/filelimit.h"

#include "daemon/base/log.h"

#include <inttypes.h>

/*
 * Open files besides the sockets of services: epoll, channels and netlink of a
 * worker; and all others, with some connections to the HTTP port.
 */
#define FILES_WORKER 8
#define FILES_ALWAYS 40

/* How many sockets these endpoints are, for each worker. */
static size_t
count_sockets(const struct config_endpoints *endpoints, enum mh_stack stack)
{
	const struct mh_address *at = endpoints->items;
	size_t i, count = endpoints->count;

	for (i = 0; stack == MH_STACK_TWO && i < endpoints->count; i++, at++)
		count += at->family == MH_FAMILY_NONE ||
		    (at->family == MH_FAMILY_IPV6 &&
			mh_address_class(at) == MH_CLASS_UNSPECIFIED);
	return count;
}

void
filelimit_explain(uint64_t limit, const struct plan *plan, enum mh_stack stack,
    unsigned int workers, size_t previous)
{
	const struct config_service *service;
	size_t i, sockets = 0;
	uint64_t needed;

	for (i = 0; i < plan->service_count; i++) {
		service = plan->services[i].config;
		sockets += count_sockets(&service->values.listen, stack) +
		    count_sockets(&service->others, stack);
	}
	needed = FILES_ALWAYS +
	    (uint64_t)workers * (sockets + previous + FILES_WORKER);
	if (limit == 0 || needed <= limit)
		return;
	log_error("%zu socket%s for each of %u worker%s need %s %" PRIu64
		  " open files; the hard limit (RLIMIT_NOFILE) is %" PRIu64
		  ": raise it (LimitNOFILE= in a unit, ulimit -Hn)",
	    sockets, sockets == 1 ? "" : "s", workers, workers == 1 ? "" : "s",
	    previous > 0 ? "with those in use up to" : "about", needed, limit);
}
