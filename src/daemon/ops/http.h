/* SPDX-License-Identifier: ISC */
/*
 * The HTTP side door for operators: /metrics, /healthz, /readyz and a page.
 */
#ifndef DAEMON_OPS_HTTP_H
#define DAEMON_OPS_HTTP_H

#include "daemon/config/values.h"
#include "daemon/ops/render.h"

struct event_base;
struct http;

/* Who may ask, and for whom; copied. */
struct http_access {
	const struct config_prefixes *allow; /* peers besides loopback */
	const struct config_names *hosts;    /* names besides those we have */
	const char *node;                    /* the daemon's own; NULL: none */
};

/*
 * Listen on an endpoint, over TCP, and serve loopback and the peers in allow.
 * The source must outlive it.  NULL on failure, which is logged.
 */
struct http *http_new(struct event_base *base,
    const struct mh_address *endpoint, const struct http_access *access,
    const struct render_source *source);

/*
 * After a reload, in the same turn of the loop: change who may ask, and begin
 * texts anew that are being made.  False when out of memory: access is as it
 * was then.
 */
bool http_configure(struct http *http, const struct http_access *access);

/* The endpoint with its real port. */
const struct mh_address *http_endpoint(const struct http *http);

/* Close all connections and free; NULL is allowed. */
void http_free(struct http *http);

#endif
