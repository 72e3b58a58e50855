/* SPDX-License-Identifier: ISC */
/*
 * The HTTP side door for operators: /metrics, /healthz, /readyz and a page.
 */
#ifndef DAEMON_OPS_HTTP_H
#define DAEMON_OPS_HTTP_H

#include "daemon/config/config.h"
#include "daemon/ops/snapshot.h"

struct event_base;
struct http;

/* The source of what is served. */
struct http_source {
	/*
	 * The present state of the daemon; valid until the next call.  NULL
	 * when out of memory.
	 */
	const struct snapshot *(*snapshot)(void *argument);
	void *argument;
};

/*
 * Listen on an endpoint, over TCP, and serve loopback and the peers in allow;
 * allow and hosts are those of http_configure().
 * The source must outlive it.  NULL on failure, which is logged.
 */
struct http *http_new(struct event_base *base,
    const struct mh_address *endpoint, const struct config_prefixes *allow,
    const char *hosts, const struct http_source *source);

/*
 * Change the peers that are served besides loopback, and the names that a
 * request may have in Host besides addresses, localhost and the node's name: a
 * list separated by commas, or NULL.  False when out of memory, with nothing
 * changed.
 */
bool http_configure(
    struct http *http, const struct config_prefixes *allow, const char *hosts);

/* What connections were closed for, so far. */
void http_counts(const struct http *http, struct snapshot_http *counts);

/* The endpoint with its real port. */
const struct mh_address *http_endpoint(const struct http *http);

/* Close all connections and free; NULL is allowed. */
void http_free(struct http *http);

#endif
