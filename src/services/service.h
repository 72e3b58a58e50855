/* SPDX-License-Identifier: ISC */
/*
 * Step 4 of the datagram's way: what a service is.  A service is a constant
 * descriptor and a pure function from request to reply: no clock, no I/O, no
 * allocation, no log.  What it needs to know comes in the context.
 */
#ifndef SERVICES_SERVICE_H
#define SERVICES_SERVICE_H

#include "lib/multihome.h"

/* Bytes of a request or a reply of fixed. */
#define SERVICE_PATTERN_MAX 512

/* A request to wait for: bytes, some of which may be anything. */
struct service_pattern {
	uint8_t bytes[SERVICE_PATTERN_MAX];
	uint8_t mask[SERVICE_PATTERN_MAX]; /* 0xff: must match; 0: any */
	size_t length;
};

/* Settings of one instance; each service looks at its own. */
struct service_settings {
	const char *text; /* qotd: its file */
	size_t text_length;
	const uint32_t *parts; /* where index() found parts of the text */
	size_t part_count;
	const struct service_pattern *request; /* fixed */
	const struct service_pattern *reply;   /* fixed: without mask */
};

/* What an answer may depend on besides the request; the caller owns it all. */
struct service_context {
	int64_t now_ns;        /* UTC, nanoseconds; one reading a batch */
	const char *node;      /* name of this host for people */
	const char *interface; /* arrival interface; "" if unknown, or if the
				* service does not set SERVICE_ARRIVAL */
	size_t allowed;        /* bytes that this peer may be sent; set with
				* SERVICE_FLEXIBLE only */
	const struct service_settings *settings;
};

/* service.flags */
enum service_flag {
	SERVICE_ARRIVAL = 1 << 0,  /* wants TTL, TOS, time, interface name */
	SERVICE_FLEXIBLE = 1 << 1, /* can make its reply as short as allowed */
	SERVICE_FILE = 1 << 2,     /* has the key "file" */
	SERVICE_PATTERNS = 1 << 3  /* has the keys "request" and "reply" */
};

/* What answer() returns instead of a length. */
enum { SERVICE_SILENT = -1 };

/* Bytes that hold what check() says. */
#define SERVICE_WHY 128

struct service {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for the usage message */
	uint16_t port;       /* registered port; 0: must be given */
	unsigned int flags;
	/*
	 * Are the settings complete and sensible?  Returns NULL if they are;
	 * else the key that is to blame, and the reason in words that go
	 * behind it: "is missing".  check itself NULL: nothing to check.
	 */
	const char *(*check)(
	    const struct service_settings *settings, char why[SERVICE_WHY]);
	/*
	 * Find where the parts of the text begin, so that no request has to:
	 * fills up to room of them in, and returns how many there are.  NULL:
	 * it has none.
	 */
	size_t (*index)(const struct service_settings *settings,
	    uint32_t *parts, size_t room);
	/*
	 * Answer a request.  reply->data has MH_SLOT_SIZE bytes; it may be
	 * pointed to request->data to send that back.  Returns the length of
	 * the reply in bytes, or SERVICE_SILENT.
	 */
	int (*answer)(const struct mh_datagram *request,
	    const struct service_context *context, struct mh_datagram *reply);
};

/*
 * Read a pattern: text in double quotes, where \n \r \t \0 \\ \" and \xNN
 * mean what they do in C; or hexadecimal digits in pairs with any blanks
 * between.  wildcards: an unquoted ? (in hexadecimal ??) stands for any one
 * byte.  On failure false, and why not in words; *pattern is as it was.
 */
bool service_pattern_parse(struct service_pattern *pattern, const char *text,
    bool wildcards, char why[SERVICE_WHY]);

/* The services; each in a file of its own name. */
extern const struct service service_echo, service_discard, service_whoami,
    service_daytime, service_time, service_chargen, service_qotd, service_fixed;

/* All services, in the order of the usage message; ended by NULL. */
extern const struct service *const service_table[];

/* The service of that name, or NULL. */
const struct service *service_find(const char *name);

#endif
