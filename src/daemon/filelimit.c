/* SPDX-License-Identifier: ISC */
/*
 * Sockets are counted; the rest is what was seen in /proc/PID/fd.
 */
#include "daemon/filelimit.h"

#include "daemon/base/log.h"

#include <inttypes.h>

/*
 * Open files besides the sockets of services: epoll, channels and netlink of a
 * worker, and all others.  Nothing works with less than the least.
 */
#define WORKER 8
#define WORKER_LEAST 6
#define ALWAYS 16
#define ALWAYS_LEAST 4

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

/* The same of all services. */
static size_t
count_all(const struct plan *plan, enum mh_stack stack)
{
	const struct config_service *service;
	size_t i, sockets = 0;

	for (i = 0; i < plan->service_count; i++) {
		service = plan->services[i].config;
		sockets += count_sockets(&service->values.listen, stack) +
		    count_sockets(&service->others, stack);
	}
	return sockets;
}

/* The listening sockets of http: there is one in what there always is. */
static size_t
more_http(const struct plan *plan)
{
	size_t count = plan->config.daemon.http.count;

	return count > 0 ? count - 1 : 0;
}

void
filelimit_explain(uint64_t limit, const struct plan *plan, enum mh_stack stack,
    unsigned int workers, size_t previous)
{
	size_t sockets = count_all(plan, stack);
	uint64_t needed = ALWAYS + more_http(plan) +
	    (uint64_t)workers * (sockets + previous + WORKER);

	if (limit == 0 || needed <= limit)
		return;
	log_error("%zu socket%s for each of %u worker%s need %s %" PRIu64
		  " open files; the hard limit (RLIMIT_NOFILE) is %" PRIu64
		  ": raise it (LimitNOFILE= in a unit, ulimit -Hn)",
	    sockets, sockets == 1 ? "" : "s", workers, workers == 1 ? "" : "s",
	    previous > 0 ? "with those in use up to" : "about", needed, limit);
}

bool
filelimit_check(uint64_t limit, const struct plan *plan, enum mh_stack stack,
    unsigned int workers)
{
	uint64_t least = ALWAYS_LEAST + more_http(plan) +
	    (uint64_t)workers * (count_all(plan, stack) + WORKER_LEAST);

	filelimit_explain(limit, plan, stack, workers, 0);
	return limit == 0 || least <= limit;
}
