/* SPDX-License-Identifier: ISC */
/*
 * DNS cookies, RFC 7873, as servers that share an address make them all alike,
 * RFC 9018: whoever sends one back gets what is sent to its address.
 */
#ifndef SERVICES_DNS_COOKIE_H
#define SERVICES_DNS_COOKIE_H

#include "lib/multihome.h"

/* Octets: the client's part, ours, and the longest of others. */
#define DNS_COOKIE_CLIENT 8
#define DNS_COOKIE_SERVER 16
#define DNS_COOKIE_SIZE (DNS_COOKIE_CLIENT + DNS_COOKIE_SERVER)
#define DNS_COOKIE_MAX 40

/* Octets of a secret, and how many there can be at a time. */
#define DNS_SECRET_SIZE 16
#define DNS_SECRETS_MAX 2

/* The first one makes cookies; those of either are good. */
struct dns_secrets {
	uint8_t items[DNS_SECRETS_MAX][DNS_SECRET_SIZE];
	size_t count;
};

/*
 * Read a file's text: a line of 32 hexadecimal digits for each of one or two
 * secrets.  False if it is none, with the reason in *why, which never quotes
 * it.
 */
bool dns_secrets_read(struct dns_secrets *secrets, const char *text,
    size_t length, const char **why);

/*
 * Is that cookie, of size octets, at least DNS_COOKIE_CLIENT, one that this
 * client got from us in the last hour?  now: seconds since 1970, modulo 2^32.
 */
bool dns_cookie_is_good(const struct dns_secrets *secrets,
    const struct mh_address *peer, uint32_t now, const uint8_t *cookie,
    size_t size);

/* A new one, for a client's part. */
void dns_cookie_make(const struct dns_secrets *secrets,
    const struct mh_address *peer, uint32_t now,
    const uint8_t client[DNS_COOKIE_CLIENT], uint8_t cookie[DNS_COOKIE_SIZE]);

#endif
