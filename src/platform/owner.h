/* SPDX-License-Identifier: ISC */
/*
 * Which process of this host has a UDP port.
 */
#ifndef PLATFORM_OWNER_H
#define PLATFORM_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_OWNER_COMMAND 4096

struct host_owner {
	long pid;
	char name[64];                    /* of the program, all printable */
	char command[HOST_OWNER_COMMAND]; /* its arguments, any bytes, each
					   * ended by a 0 */
	size_t length;                    /* of these; 0: unknown */
	char group[512];  /* folder of the control group of its service, whose
			   * name comes last; "": it is in none */
	bool is_passed;   /* the socket is one of the service manager's */
	bool needs_group; /* no library between it and the C library helps: it
			   * has none, is written in Go, or is run with
			   * libmhrun.so already */
};

/*
 * The processes that answer what is sent to an address of this family and to
 * this port: of those that share a socket the oldest.  Returns how many, at
 * most max.  What may not be seen, because they belong to somebody else, is
 * left out.  Windows: none.
 */
size_t host_owners(
    unsigned int family, uint16_t port, struct host_owner owners[], size_t max);

#endif
