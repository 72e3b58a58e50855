/* SPDX-License-Identifier: ISC */
/*
 * What the daemon and its privileged helper send each other: a request, and as
 * its answer files piece by piece, or an error, then the end.  Pure: bytes to
 * struct, so that tests and fuzzers can have it alone.
 */
#ifndef PLATFORM_LINUX_PRIVSEP_STREAM_H
#define PLATFORM_LINUX_PRIVSEP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a message's data: a port file, a path, a piece of a file. */
#define PRIVSEP_DATA 65536

/* Bytes of a path, and of a file. */
#define PRIVSEP_PATH 4096
#define PRIVSEP_FILE_MAX ((size_t)1 << 20)

enum privsep_kind {
	/* To the helper. */
	PRIVSEP_READ = 1, /* no data */
	PRIVSEP_WRITE,    /* the port file's text */
	/* To the daemon. */
	PRIVSEP_FILE,  /* a path: the helper is going to open it */
	PRIVSEP_TEXT,  /* the next piece of that file */
	PRIVSEP_ERROR, /* why that file, or the port file, failed */
	PRIVSEP_DONE   /* the end of the answer; no data */
};

struct privsep_message {
	uint32_t sequence; /* of the request, also in its answer */
	uint32_t kind;
	char data[PRIVSEP_DATA];
};

#define PRIVSEP_SIZE(length) (offsetof(struct privsep_message, data) + (length))

/* Is that, of size bytes, a request? */
bool privsep_is_request(const struct privsep_message *message, size_t size);

/* Files as they arrive.  Initially all zero. */
struct privsep_files {
	struct privsep_file {
		char *path;
		char *text;  /* with a 0 after it */
		char *error; /* why it could not be read; NULL: it could */
		size_t length;
	} * items;
	size_t count;
	size_t next; /* where the next search begins */
};

enum privsep_progress {
	PRIVSEP_BROKEN, /* not what a helper sends, or out of memory */
	PRIVSEP_MORE,
	PRIVSEP_END
};

/* Add what a message of an answer brings. */
enum privsep_progress privsep_files_add(struct privsep_files *files,
    const struct privsep_message *message, size_t size);

/* The file of that path, or NULL.  Cheap in the order of their arrival. */
const struct privsep_file *privsep_files_find(
    struct privsep_files *files, const char *path);

/* Forget all files, and free their contents. */
void privsep_files_clear(struct privsep_files *files);

#endif
