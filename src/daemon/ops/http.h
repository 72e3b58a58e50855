/* SPDX-License-Identifier: ISC */
/*
 * The HTTP side door for operators: /metrics, /healthz, /readyz and a page.
 */
#ifndef DAEMON_OPS_HTTP_H
#define DAEMON_OPS_HTTP_H

#include "daemon/config/config.h"
#include "daemon/ops/metrics.h"

struct event_base;
struct http;

/* Where the answers come from. */
struct http_source {
	/*
	 * Make a metrics; NULL when out of memory.  The one before is no longer
	 * needed then.
	 */
	const struct metrics *(*metrics)(void *argument);
	void *argument;
};

/*
 * Listen on an endpoint and answer loopback and the peers in allow.  The
 * source must last.  NULL if that is not possible; the log says why.
 */
struct http *http_new(struct event_base *base,
    const struct mh_address *endpoint, const struct config_prefixes *allow,
    const struct http_source *source);

/* Other peers may ask from now on; false when out of memory. */
bool http_configure(struct http *http, const struct config_prefixes *allow);

/* The endpoint with its real port. */
const struct mh_address *http_endpoint(const struct http *http);

/* NULL is allowed. */
void http_free(struct http *http);

#endif
