/* SPDX-License-Identifier: ISC */
/*
 * The HTTP side door for operators: /metrics, /healthz, /readyz and a page.
 */
#ifndef DAEMON_OPS_HTTP_H
#define DAEMON_OPS_HTTP_H

#include "daemon/ops/access.h"
#include "daemon/ops/render.h"

struct event_base;
struct http;

/*
 * Listen on all of these endpoints, over TCP, and serve those whom the rules
 * allow.  The source must outlive it.  NULL on failure, which is logged.
 */
struct http *http_new(struct event_base *base,
    const struct config_endpoints *endpoints, const struct access_rules *rules,
    const struct render_source *source);

/*
 * After a reload, in the same turn of the loop: change the rules, and start
 * over the texts that are being made.  False when out of memory: the rules are
 * unchanged then.
 */
bool http_configure(struct http *http, const struct access_rules *rules);

/* The endpoints with their real ports. */
const struct config_endpoints *http_endpoints(const struct http *http);

/* Close all connections and free; NULL is allowed. */
void http_free(struct http *http);

#endif
