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
    sizeof(struct hmac_sha256_ctx) <= sizeof(((struct mac_key *)NULL)->state) &&
	sizeof(struct hmac_md5_ctx) <= sizeof(((struct mac_key *)NULL)->state),
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

void
mac_md5_set_key(struct mac_key *key, const uint8_t *bytes, size_t length)
{
	hmac_md5_set_key(
	    (struct hmac_md5_ctx *)(void *)key->state, length, bytes);
}

void
mac_md5_digest(const struct mac_key *key, const uint8_t *message, size_t length,
    size_t offset, uint8_t digest[MAC_SIZE])
{
	static const uint8_t zeros[MAC_SIZE];
	struct hmac_md5_ctx context;
	size_t after = offset + MAC_SIZE;

	memcpy(&context, key->state, sizeof(context));
	hmac_md5_update(&context, offset, message);
	hmac_md5_update(&context, MAC_SIZE, zeros);
	hmac_md5_update(&context, length - after, message + after);
	hmac_md5_digest(&context, MAC_SIZE, digest);
}

bool
mac_is_same(const uint8_t a[MAC_SIZE], const uint8_t b[MAC_SIZE])
{
	return memeql_sec(a, b, MAC_SIZE) != 0;
}
