/* SPDX-License-Identifier: ISC */
/*
 * Messages about sockets, with advice if one could not be opened.
 */
#include "daemon/socketlog.h"

#include "daemon/base/log.h"
#include "platform/program.h"

#include <stdio.h>
#include <string.h>

/* Advice on a socket that could not be opened, and the exit code. */
static int
advise(const struct config_service *service, const struct mh_address *endpoint,
    const struct mh_problem *problem, bool is_ours, char advice[160])
{
	unsigned int port = endpoint->port;

	*advice = '\0';
	switch (problem->code) {
	case MH_EPERMISSION:
		if (strcmp(problem->what, "bind") != 0)
			return CONFIG_EXIT_OSERR;
		snprintf(advice, 160,
		    "; ports below 1024 need root or CAP_NET_BIND_SERVICE, a "
		    "high port does not: %s=:%u",
		    service->name, port < 1024 ? port + 7000 : port);
		return CONFIG_EXIT_NOPERM;
	case MH_EINUSE:
		if (is_ours)
			snprintf(advice, 160,
			    "; the running configuration holds this port: "
			    "restart");
		else
			snprintf(advice, 160,
			    "; another program holds this port: %s",
			    host_port_advice);
		return CONFIG_EXIT_UNAVAILABLE;
	case MH_EZONE:
		return CONFIG_EXIT_UNAVAILABLE;
	case MH_EADDRESS:
		snprintf(advice, 160,
		    "; --freebind binds to addresses that this host does not "
		    "have (yet)");
		return CONFIG_EXIT_UNAVAILABLE;
	case MH_EFAMILY:
		if (strcmp(problem->what, "stack") == 0)
			snprintf(advice, 160,
			    "; the key \"stack\" excludes that family");
		return CONFIG_EXIT_UNAVAILABLE;
	default:
		return CONFIG_EXIT_OSERR;
	}
}

int
socketlog_problem(const struct config_service *service,
    const struct mh_address *endpoint, const struct mh_problem *problem,
    bool is_ours)
{
	char text[MH_ADDRESS_TEXT], advice[160];
	int status = advise(service, endpoint, problem, is_ours, advice);

	log_error("%s: cannot serve %s: %s%s: %s%s", service->name,
	    mh_endpoint_format(endpoint, text, sizeof(text)), problem->what,
	    problem->family == MH_FAMILY_IPV4       ? " (IPv4 socket)"
		: problem->family == MH_FAMILY_IPV6 ? " (IPv6 socket)"
						    : "",
	    problem->text[0] != '\0' ? problem->text
				     : mh_strerror(problem->code),
	    advice);
	return status;
}

void
socketlog_notices(unsigned int fresh, enum mh_stack stack)
{
	if ((fresh & MH_NOTICE_IPV4_DISABLED) != 0)
		log_info("IPv4 is disabled on this host: serving IPv6 only");
	if ((fresh & MH_NOTICE_IPV6_ABSENT) != 0)
		log_warning("this host has no IPv6, not even ::1: %s",
		    stack == MH_STACK_IPV6 ? "no client can reach it"
					   : "serving IPv4 only");
	if ((fresh & MH_NOTICE_NOT_DUAL) != 0)
		log_warning("IPV6_V6ONLY cannot be cleared on this system: "
			    "using two sockets for each endpoint");
}

void
socketlog_lacking(unsigned int fresh)
{
	/* What some services or settings alone use is lacked in silence. */
	static const struct {
		unsigned int can;
		const char *name;
	} reports[] = {
		{ MH_CAN_TTL, "TTL" },
		{ MH_CAN_TOS, "TOS" },
		{ MH_CAN_TIME, "receive time" },
		{ MH_CAN_DROPS, "drop counter" },
		{ MH_CAN_SEND_TIME, "departure time" },
	};
	size_t i;

	for (i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		if ((fresh & reports[i].can) != 0)
			log_warning("this system does not report the %s of "
				    "datagrams",
			    reports[i].name);
}

void
socketlog_opened(const char *name, const struct mh_socket_info *info)
{
	char endpoint[MH_ADDRESS_TEXT];
	const char *families = "IPv4";

	if ((info->can & MH_CAN_IPV6) != 0)
		families = "IPv6";
	if ((info->can & MH_CAN_IPV4) != 0 && info->dual_stack)
		families = "IPv4 and IPv6 on one socket";
	log_info("%s: listening on %s (%s), receive buffer %u bytes", name,
	    mh_endpoint_format(&info->bound, endpoint, sizeof(endpoint)),
	    families, info->receive_buffer);
}
