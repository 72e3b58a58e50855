/* SPDX-License-Identifier: ISC */
/*
 * libmultihome, the part that needs no socket: error codes and addresses.
 * multihome.h, which see, includes it.
 */
#ifndef MULTIHOME_ADDRESS_H
#define MULTIHOME_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Errors: what functions return on failure; also mh_datagram.status. */
enum mh_error {
	MH_EAGAIN = -1,        /* the send buffer is full */
	MH_EINVALID = -2,      /* invalid argument */
	MH_EFAMILY = -3,       /* no such address family here, or two mixed */
	MH_EADDRESS = -4,      /* not an address of this host */
	MH_EINUSE = -5,        /* address and port belong to another socket */
	MH_EPERMISSION = -6,   /* not allowed: privileges or a firewall */
	MH_ENOMEMORY = -7,     /* out of memory */
	MH_ENOBUFFERS = -8,    /* the system had no buffer for the datagram */
	MH_ETOOBIG = -9,       /* larger than the path or protocol allows */
	MH_EUNREACHABLE = -10, /* no route, or the path is down */
	MH_EREFUSED = -11,     /* a late ICMP error for an earlier datagram */
	MH_ESOURCE = -12,      /* the source address is not known */
	MH_EGONE = -13,        /* the source has left this host */
	MH_EUNSUPPORTED = -14, /* the system lacks this option */
	MH_ESYNTAX = -15,      /* text that cannot be parsed */
	MH_EZONE = -16,        /* no interface of that name or index */
	MH_ESYSTEM = -17       /* any other error of the system */
};

/*
 * A short English text for an MH_E* code, without a full stop: "no such
 * address family here".  Never NULL; static storage.
 */
const char *mh_strerror(int code);

/* The version of the library at run time, "1.2.3".  Static storage. */
const char *mh_version(void);

/* Addresses. */

enum mh_family { MH_FAMILY_NONE = 0, MH_FAMILY_IPV4 = 4, MH_FAMILY_IPV6 = 6 };

/*
 * An address of a peer or of this host.  Plain data: copy and compare freely.
 * Bytes of ip that the family does not use are 0.
 */
struct mh_address {
	uint8_t ip[16];  /* network order; IPv4 in the first four bytes */
	uint32_t scope;  /* interface index of an IPv6 link-local address */
	uint16_t port;   /* host order; 0: none */
	uint16_t family; /* enum mh_family; MH_FAMILY_NONE: no address */
};

/* The kind of an address: RFC 6890 and its registries. */
enum mh_class {
	MH_CLASS_NONE,         /* family is MH_FAMILY_NONE */
	MH_CLASS_THIS_NETWORK, /* 0.0.0.0/8 but 0.0.0.0: of no host */
	MH_CLASS_UNSPECIFIED,  /* 0.0.0.0, :: */
	MH_CLASS_LOOPBACK,     /* 127.0.0.0/8, ::1 */
	MH_CLASS_LINK_LOCAL,   /* 169.254.0.0/16, fe80::/10 */
	MH_CLASS_PRIVATE,      /* RFC 1918 */
	MH_CLASS_UNIQUE_LOCAL, /* fc00::/7 */
	MH_CLASS_MULTICAST,    /* 224.0.0.0/4, ff00::/8 */
	MH_CLASS_BROADCAST,    /* 255.255.255.255 */
	MH_CLASS_GLOBAL        /* everything else */
};

/* Large enough for any mh_address_format() or mh_endpoint_format() text. */
#define MH_ADDRESS_TEXT 80

/*
 * Parse an address without a port: "192.0.2.1", "2001:db8::1",
 * "fe80::1%eth0", "fe80::1%2".  "::ffff:192.0.2.1" is read as 192.0.2.1.  Only
 * link-local and multicast IPv6 addresses may have a scope.
 * Returns 0; MH_ESYNTAX; or MH_EZONE if no interface has the scope's name.
 * *address is unchanged on failure.
 */
int mh_address_parse(struct mh_address *address, const char *text);

/*
 * Parse an endpoint: ":7", "192.0.2.1:7", "[2001:db8::1]:7",
 * "[fe80::1%eth0]:7".  ":7" gives MH_FAMILY_NONE, "every address of this
 * host".  Port 0 is allowed.  Errors as for mh_address_parse().
 */
int mh_endpoint_parse(struct mh_address *endpoint, const char *text);

/*
 * Format the address without a port, as in RFC 5952; a scope as the interface
 * index, "fe80::1%2"; "*" for MH_FAMILY_NONE.  Truncated to size bytes, always
 * NUL-terminated (size must not be 0).  Returns text.
 */
char *mh_address_format(
    const struct mh_address *address, char *text, size_t size);

/* The same with the port, in the form that mh_endpoint_parse() reads. */
char *mh_endpoint_format(
    const struct mh_address *endpoint, char *text, size_t size);

/* Order by family, address, scope, not port.  Returns < 0, 0 or > 0. */
int mh_address_compare(const struct mh_address *a, const struct mh_address *b);

/*
 * The kind of the address.  A directed broadcast ("the last address of a
 * subnet") cannot be recognised from the address alone, and is not.
 */
enum mh_class mh_address_class(const struct mh_address *address);

/*
 * Is the address on this host now?  Linux: does the routing table say so?
 * Windows: bind()?  Costs some system calls: not for every datagram.
 */
bool mh_address_is_local(const struct mh_address *address);

#ifdef __cplusplus
}
#endif

#endif
