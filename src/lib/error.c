/* SPDX-License-Identifier: ISC */
/*
 * Texts for the codes of the library and of ICMP.  The system's own texts are
 * in struct mh_problem.
 */
#include "lib/multihome.h"
#include "lib/multihome_report.h"

#include "build.h"

static const char *const texts[] = {
	[-MH_EAGAIN] = "try again",
	[-MH_EINVALID] = "invalid argument",
	[-MH_EFAMILY] = "no such address family here",
	[-MH_EADDRESS] = "not an address of this host",
	[-MH_EINUSE] = "address and port are already in use",
	[-MH_EPERMISSION] = "not permitted",
	[-MH_ENOMEMORY] = "out of memory",
	[-MH_ENOBUFFERS] = "the system is out of buffers",
	[-MH_ETOOBIG] = "datagram too big",
	[-MH_EUNREACHABLE] = "destination unreachable",
	[-MH_EREFUSED] = "refused by an earlier destination",
	[-MH_ESOURCE] = "source address unknown",
	[-MH_EGONE] = "source address is gone from this host",
	[-MH_EUNSUPPORTED] = "not supported by this system",
	[-MH_ESYNTAX] = "cannot be read",
	[-MH_EZONE] = "no such interface",
	[-MH_ESYSTEM] = "system error",
};

const char *
mh_strerror(int code)
{
	if (code >= 0)
		return "success";
	if (code < MH_ESYSTEM)
		return "unknown error";
	return texts[-code];
}

const char *
mh_icmp_text(enum mh_icmp_kind kind)
{
	switch (kind) {
	case MH_ICMP_PORT:
		return "port unreachable";
	case MH_ICMP_HOST:
		return "host unreachable";
	case MH_ICMP_NETWORK:
		return "network unreachable";
	case MH_ICMP_PROHIBITED:
		return "admin prohibited";
	case MH_ICMP_PROTOCOL:
		return "protocol unreachable";
	case MH_ICMP_TOO_BIG:
		return "packet too big";
	case MH_ICMP_TTL:
		return "TTL exceeded";
	case MH_ICMP_OTHER:
		break;
	}
	return "other ICMP error";
}

const char *
mh_version(void)
{
	return PACKAGE_VERSION;
}
