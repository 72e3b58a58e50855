/* SPDX-License-Identifier: ISC */
/*
 * RFC 9018, section 4: version, reserved, time, hash.
 */
#include "services/dns_cookie.h"

#include "common/bytes.h"
#include "common/hex.h"
#include "common/siphash.h"

#include <string.h>

#define VERSION 1

/* Octets before the hash, and where the time is. */
#define HASHED 16
#define TIME 12

/* RFC 9018, section 4.3, in seconds. */
#define AGE_MAX 3600
#define AHEAD_MAX 300

/* The octets of SipHash's result, the lowest first, as its authors have it. */
static void
put_hash(const uint8_t secret[DNS_SECRET_SIZE], const struct mh_address *peer,
    const uint8_t *cookie, uint8_t hash[8])
{
	const size_t size = peer->family == MH_FAMILY_IPV4 ? 4 : 16;
	uint8_t input[HASHED + 16];
	uint64_t result;
	int i;

	memcpy(input, cookie, HASHED);
	memcpy(input + HASHED, peer->ip, size);
	result = siphash(secret, input, HASHED + size);
	for (i = 0; i < 8; i++)
		hash[i] = (uint8_t)(result >> 8 * i);
}

/* RFC 1982: the count of seconds begins anew in 2106. */
static bool
is_timely(uint32_t now, uint32_t then)
{
	const uint32_t age = now - then;

	return age <= AGE_MAX || -age <= AHEAD_MAX;
}

bool
dns_cookie_is_good(const struct dns_secrets *secrets,
    const struct mh_address *peer, uint32_t now, const uint8_t *cookie,
    size_t size)
{
	uint8_t hash[8];
	uint64_t difference;
	size_t i;

	if (size != DNS_COOKIE_SIZE || cookie[DNS_COOKIE_CLIENT] != VERSION ||
	    !is_timely(now, bytes_get32(cookie + TIME)))
		return false;
	for (i = 0; i < secrets->count; i++) {
		put_hash(secrets->items[i], peer, cookie, hash);
		/* At once, so that nobody finds it out byte by byte. */
		difference = bytes_get64(hash) ^ bytes_get64(cookie + HASHED);
		if (difference == 0)
			return true;
	}
	return false;
}

void
dns_cookie_make(const struct dns_secrets *secrets,
    const struct mh_address *peer, uint32_t now,
    const uint8_t client[DNS_COOKIE_CLIENT], uint8_t cookie[DNS_COOKIE_SIZE])
{
	memcpy(cookie, client, DNS_COOKIE_CLIENT);
	memset(cookie + DNS_COOKIE_CLIENT, 0, TIME - DNS_COOKIE_CLIENT);
	cookie[DNS_COOKIE_CLIENT] = VERSION;
	bytes_put32(cookie + TIME, now);
	put_hash(secrets->items[0], peer, cookie, cookie + HASHED);
}

static bool
read_secret(uint8_t secret[DNS_SECRET_SIZE], const char *text, size_t length)
{
	char pair[3] = "";
	int byte;
	size_t i;

	if (length != 2 * DNS_SECRET_SIZE)
		return false;
	for (i = 0; i < DNS_SECRET_SIZE; i++) {
		memcpy(pair, text + 2 * i, 2);
		byte = hex_byte(pair);
		if (byte < 0)
			return false;
		secret[i] = (uint8_t)byte;
	}
	return true;
}

bool
dns_secrets_read(struct dns_secrets *secrets, const char *text, size_t length,
    const char **why)
{
	const char *end;
	size_t line, digits;

	secrets->count = 0;
	for (; length > 0; text += line, length -= line) {
		end = memchr(text, '\n', length);
		digits = end != NULL ? (size_t)(end - text) : length;
		line = digits + (end != NULL);
		if (digits > 0 && text[digits - 1] == '\r')
			digits--;
		if (secrets->count == DNS_SECRETS_MAX) {
			*why = "has more than two secrets";
			return false;
		}
		if (!read_secret(
			secrets->items[secrets->count], text, digits)) {
			*why = "has a line that is not 32 hexadecimal digits";
			return false;
		}
		secrets->count++;
	}
	if (secrets->count > 0)
		return true;
	*why = "has no secret";
	return false;
}
