/* SPDX-License-Identifier: ISC */
/*
 * Who may ask over HTTP, and for which host.
 */
#ifndef DAEMON_OPS_ACCESS_H
#define DAEMON_OPS_ACCESS_H

#include "daemon/config/config.h"
#include "daemon/path/prefix.h"

/* Initially all zero.  One thread. */
struct access {
	struct prefix_table *allow; /* besides loopback; NULL: nobody */
	char *hosts;                /* names besides our own; NULL: none */
};

/*
 * Set the peers that may ask besides loopback, and the names that Host may have
 * besides our own: a list separated by commas, or NULL.  False when out of
 * memory, with nothing changed.
 */
bool access_set(struct access *access, const struct config_prefixes *allow,
    const char *hosts);

void access_clear(struct access *access);

/* The peer of a connection; family none if it has gone, which may not. */
bool access_may_ask(const struct access *access, const struct mh_address *peer);

/*
 * Is that name, without a port, one of this host: an IP address, localhost, the
 * node's name, or one that was set?  Any other is of a site that has its name
 * resolve to us, so that its scripts may read our answers (DNS rebinding).
 */
bool access_is_our_name(
    const struct access *access, const char *host, const char *node);

#endif
