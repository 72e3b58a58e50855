/* SPDX-License-Identifier: ISC */
/*
 * The settings of the stun service: addresses of this host, by which it is to
 * answer, and by which it is known.
 */
#ifndef SERVICES_STUN_SETTINGS_H
#define SERVICES_STUN_SETTINGS_H

#include "services/service.h"

/* As configured. */
struct stun_settings {
	char *other_address;     /* NULL: not set */
	char *map;               /* NULL: not set */
	unsigned int other_port; /* 0: not set */
};

#define STUN_NAMED_MAX 16
#define STUN_MAPPED_MAX 64

/* As read. */
struct stun_addresses {
	struct mh_address named[STUN_NAMED_MAX];
	size_t named_count;
	/* Of a 1:1 NAT: ours, and each with its own outside. */
	struct mh_address inside[STUN_MAPPED_MAX];
	struct mh_address outside[STUN_MAPPED_MAX];
	size_t mapped_count;
};

/*
 * Read them.  Returns NULL, or the name of a key that is wrong, with a reason
 * in why that reads well after it.
 */
const char *stun_settings_read(struct stun_addresses *addresses,
    const struct stun_settings *settings, char why[SERVICE_WHY]);

/* One of our endpoints as it is seen outside. */
struct mh_address stun_settings_outside(
    const struct stun_addresses *addresses, const struct mh_address *endpoint);

#endif
