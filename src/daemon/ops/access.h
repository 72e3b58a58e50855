/* SPDX-License-Identifier: ISC */
/*
 * Who may ask over HTTP, and for which host.
 */
#ifndef DAEMON_OPS_ACCESS_H
#define DAEMON_OPS_ACCESS_H

#include "daemon/config/values.h"
#include "daemon/ops/httprequest.h"
#include "daemon/path/prefix.h"

/* What is configured of it. */
struct access_rules {
	const struct config_prefixes *allow; /* peers besides loopback */
	const struct config_names *hosts;    /* names besides our own */
	const char *node;                    /* the daemon's; NULL: none */
};

/* Initially all zero.  One thread. */
struct access {
	struct prefix_table *allow; /* besides loopback; NULL: nobody */
	struct config_names names;  /* all but localhost */
};

/* Set the rules; copied.  False when out of memory, with nothing changed. */
bool access_set(struct access *access, const struct access_rules *rules);

/* Free what it holds. */
void access_clear(struct access *access);

/* The peer of a connection; family none if it has gone: it may not ask. */
bool access_may_ask(const struct access *access, const struct mh_address *peer);

/*
 * Is that Host, with or without a port, one of this host: an IP address,
 * localhost, the host's name, the node's, or one that was set?  Any other may
 * be that of a site that has made its name resolve to us, for its scripts to
 * read our answers (DNS rebinding).  An absent one is fine, too: all browsers
 * send it.
 */
bool access_is_our_name(
    const struct access *access, const struct httprequest_span *host);

#endif
