/* SPDX-License-Identifier: ISC */
/*
 * common/mac.h by nettle: it neither allocates nor keeps state of its own, a
 * keyed context is plain data, and it needs no start; libcrypto allocates for
 * every digest.
 */
#include "common/mac.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

_Static_assert(
    sizeof(struct hmac_sha256_ctx) <= sizeof(((struct mac_key *)NULL)->state),
    "the state of a key has room");

bool
mac_is_available(void)
{
	return true;
}

void
mac_set_key(struct mac_key *key, const uint8_t *bytes, size_t length)
{
	hmac_sha256_set_key(
	    (struct hmac_sha256_ctx *)(void *)key->state, length, bytes);
}

void
mac_digest(const struct mac_key *key, const uint8_t *head, const void *bytes,
    size_t length, uint8_t digest[MAC_SIZE])
{
	struct hmac_sha256_ctx context;

	memcpy(&context, key->state, sizeof(context));
	if (head != NULL)
		hmac_sha256_update(&context, 4, head);
	hmac_sha256_update(&context, length, bytes);
	hmac_sha256_digest(&context, MAC_SIZE, digest);
}

bool
mac_is_same(const uint8_t a[MAC_SIZE], const uint8_t b[MAC_SIZE])
{
	return memeql_sec(a, b, MAC_SIZE) != 0;
}
