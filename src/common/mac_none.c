/* SPDX-License-Identifier: ISC */
/*
 * common/mac.h of a build without nettle: settings that need a key are
 * refused, so nothing else is called.
 */
#include "common/mac.h"

#include <string.h>

bool
mac_is_available(void)
{
	return false;
}

void
mac_set_key(struct mac_key *key, const uint8_t *bytes, size_t length)
{
	(void)bytes;
	(void)length;
	memset(key, 0, sizeof(*key));
}

void
mac_digest(const struct mac_key *key, const uint8_t *head, const void *bytes,
    size_t length, uint8_t digest[MAC_SIZE])
{
	(void)key;
	(void)head;
	(void)bytes;
	(void)length;
	memset(digest, 0, MAC_SIZE);
}

void
mac_md5_set_key(struct mac_key *key, const uint8_t *bytes, size_t length)
{
	mac_set_key(key, bytes, length);
}

void
mac_md5_digest(const struct mac_key *key, const uint8_t *message, size_t length,
    size_t offset, uint8_t digest[MAC_SIZE])
{
	(void)offset;
	mac_digest(key, NULL, message, length, digest);
}

bool
mac_is_same(const uint8_t a[MAC_SIZE], const uint8_t b[MAC_SIZE])
{
	(void)a;
	(void)b;
	return false;
}
