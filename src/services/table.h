/* SPDX-License-Identifier: ISC */
/*
 * The list of services: a new one is a file with a descriptor of that name,
 * and a line here.
 */
#ifndef SERVICES_TABLE_H
#define SERVICES_TABLE_H

#include "services/service.h"

/* In the order of the usage message. */
#define SERVICES(SERVICE) \
	SERVICE(echo)     \
	SERVICE(discard)  \
	SERVICE(whoami)   \
	SERVICE(daytime)  \
	SERVICE(time)     \
	SERVICE(chargen)  \
	SERVICE(qotd)     \
	SERVICE(fixed)    \
	SERVICE(stun)     \
	SERVICE(stamp)    \
	SERVICE(sockperf) \
	SERVICE(dns)      \
	SERVICE(sntp)     \
	SERVICE(beacon)

#define SERVICE_DECLARE(name) extern const struct service service_##name;
SERVICES(SERVICE_DECLARE)

#endif
