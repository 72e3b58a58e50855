/* SPDX-License-Identifier: ISC */
/*
 * HMAC-SHA-256-128 (RFC 4868): proof that whoever wrote a message has the key.
 * By nettle, if this was built with it.
 */
#ifndef COMMON_MAC_H
#define COMMON_MAC_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a digest, and of the longest key. */
#define MAC_SIZE 16
#define MAC_KEY_MAX 64

/* A key made ready: plain data. */
struct mac_key {
	alignas(max_align_t) uint8_t state[512];
};

/* Was this built with nettle?  If not, no digest is ever right. */
bool mac_is_available(void);

/* Make a key of 1 to MAC_KEY_MAX bytes ready. */
void mac_set_key(struct mac_key *key, const uint8_t *bytes, size_t length);

/*
 * The digest of bytes, with four others before them unless head is NULL.  Any
 * thread; no allocation.
 */
void mac_digest(const struct mac_key *key, const uint8_t *head,
    const void *bytes, size_t length, uint8_t digest[MAC_SIZE]);

/*
 * Are they the same?  Takes the same time whatever they are, so that nobody
 * finds a digest out byte by byte.
 */
bool mac_is_same(const uint8_t a[MAC_SIZE], const uint8_t b[MAC_SIZE]);

/*
 * Read a key as it stands in a file, in the manner of chrony.keys(5): one line,
 * "HEX:" and pairs of hexadecimal digits, all in upper or lower case, or the
 * text itself, perhaps after "ASCII:"; without control characters, and without
 * a blank at either end.  Returns its length in bytes; 0 if it is none, with
 * the reason in *why, which names the line and what is expected, never quotes
 * the key, and reads well after the name of the file and a colon.
 */
size_t mac_read_key(const char *text, size_t length, uint8_t key[MAC_KEY_MAX],
    const char **why);

#endif
