/* SPDX-License-Identifier: ISC */
/*
 * Is this host the one that a browser believes to be talking to?  A page of
 * another site whose name resolves to our address (DNS rebinding) must not read
 * what is meant for operators.  Pure.
 */
#ifndef DAEMON_OPS_HTTPHOST_H
#define DAEMON_OPS_HTTPHOST_H

#include "daemon/config/values.h"
#include "daemon/ops/httprequest.h"

/*
 * Is the Host, with or without a port, an IP address, localhost, or one of the
 * names?  No attacker's site has such a name.  An absent one, as of HTTP/1.0,
 * is right, too: all browsers send it.
 */
bool httphost_is_ours(
    const struct httprequest_span *host, const struct config_names *names);

#endif
