/* SPDX-License-Identifier: ISC */
/*
 * Names of DNS: those of the zones as people write them, and where in them a
 * name is.
 */
#ifndef SERVICES_DNS_ZONE_H
#define SERVICES_DNS_ZONE_H

#include "services/service.h"

/* RFC 1035, section 2.3.4: octets of a name on the wire. */
#define DNS_NAME_MAX 255

/* The most zones of a service. */
#define DNS_ZONES_MAX 16

/* A name as on the wire, without compression, in lower case. */
struct dns_name {
	uint8_t bytes[DNS_NAME_MAX + 1];
	size_t size; /* octets, with those of the root; 0: none */
};

struct dns_zones {
	struct dns_name items[DNS_ZONES_MAX];
	size_t count;
};

/*
 * Read "whoami.example.com, id.example.net."; a final dot makes no difference.
 * False if one is no host name, is there twice, or if there is none or too
 * many, with the reason in why.
 */
bool dns_zones_read(
    struct dns_zones *zones, const char *text, char why[SERVICE_WHY]);

/*
 * The longest zone that the name is in, or NULL.  *at: where it begins within
 * the name, in octets; 0: the name is that of the zone.
 */
const struct dns_name *dns_zones_find(
    const struct dns_zones *zones, const struct dns_name *name, size_t *at);

/* ASCII's letters alone, whatever the locale. */
static inline uint8_t
dns_lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

#endif
