/* SPDX-License-Identifier: ISC */
/*
 * Opening sockets, and messages with advice if that fails.
 */
#include "daemon/bindings.h"

#include "daemon/base/log.h"
#include "daemon/filelimit.h"
#include "platform/inherited.h"
#include "platform/network.h"
#include "platform/reuseport.h"
#include "platform/sockname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bindings being opened. */
struct opening {
	struct bindings *bindings;
	const struct plan *plan;
	const struct bindings *previous;
	struct mh_socket_options options;
};

/*
 * Messages.
 */

/* Does the running plan hold that port, with a socket that cannot be kept? */
static bool
has_port(const struct bindings *previous, uint16_t port)
{
	size_t i;

	for (i = 0; i < previous->count; i++)
		if (previous->items[i].bound.port == port)
			return true;
	return false;
}

/* Advice on a socket that could not be opened, and the exit code. */
static int
advise(const struct config_service *service, const struct mh_address *endpoint,
    const struct mh_problem *problem, const struct bindings *previous,
    char advice[160])
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
		snprintf(advice, 160,
		    has_port(previous, endpoint->port)
			? "; the running configuration holds this port: restart"
			: "; another program holds this port: see ss -lunp");
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

static int
report_problem(const struct config_service *service,
    const struct mh_address *endpoint, const struct mh_problem *problem,
    const struct bindings *previous)
{
	char text[MH_ADDRESS_TEXT], advice[160];
	int status = advise(service, endpoint, problem, previous, advice);

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

/* Each notice once, no matter how many sockets it concerns. */
static void
log_notices(
    struct bindings *bindings, enum mh_stack stack, unsigned int notices)
{
	unsigned int fresh = notices & ~bindings->notices;

	bindings->notices |= notices;
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

static void
log_lacking(struct bindings *bindings, unsigned int lacking)
{
	static const char *const names[] = { "TTL", "TOS", "receive time",
		"drop counter" };
	unsigned int i, fresh = lacking & ~bindings->lacking;

	bindings->lacking |= lacking;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((fresh & MH_CAN_TTL << i) != 0)
			log_warning("this system does not report the %s of "
				    "datagrams",
			    names[i]);
}

static void
log_opened(const char *name, const struct mh_socket_info *info)
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

/*
 * Bindings.
 */

static struct binding *
add_binding(struct opening *opening, size_t service,
    const struct mh_address *endpoint, unsigned int half)
{
	struct bindings *bindings = opening->bindings;
	struct binding *grown =
	    realloc(bindings->items, (bindings->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return NULL;
	bindings->items = grown;
	grown += bindings->count;
	*grown = (struct binding){ .service = service,
		.endpoint = *endpoint,
		.half = half,
		.selectable = 1,
		.want = opening->options.want };
	grown->fresh = calloc(bindings->workers, sizeof(*grown->fresh));
	if (grown->fresh == NULL)
		return NULL;
	bindings->count++;
	return grown;
}

/* Does a binding of this plan already keep that one of the previous plan? */
static bool
is_taken(const struct bindings *bindings, size_t before)
{
	size_t i;

	for (i = 0; i < bindings->count; i++)
		if (bindings->items[i].kept &&
		    bindings->items[i].before == before)
			return true;
	return false;
}

/*
 * Keep the sockets that the previous plan has for this endpoint: the first of
 * a pair, then the second.  Returns their number, or -1 when out of memory.
 */
static int
keep_endpoint(
    struct opening *opening, size_t service, const struct mh_address *endpoint)
{
	const struct bindings *previous = opening->previous;
	const struct binding *old;
	struct binding *binding;
	size_t i;
	int kept = 0;

	for (i = 0; i < previous->count && kept < MH_SOCKETS_MAX; i++) {
		old = &previous->items[i];
		if (mh_address_compare(&old->endpoint, endpoint) != 0 ||
		    old->endpoint.port != endpoint->port ||
		    (opening->options.want & ~old->want) != 0 ||
		    old->half != (unsigned int)kept ||
		    is_taken(opening->bindings, i))
			continue;
		binding = add_binding(opening, service, endpoint, old->half);
		if (binding == NULL)
			return -1;
		binding->want = old->want;
		binding->kept = true;
		binding->before = i;
		binding->bound = old->bound;
		binding->can = old->can;
		binding->selectable = old->selectable;
		kept++;
	}
	return kept;
}

/* Add a worker's socket to a binding; the first one is logged. */
static void
fill_binding(struct opening *opening, struct binding *binding,
    unsigned int worker, struct mh_socket *socket)
{
	const struct mh_socket_info *info = mh_socket_info(socket);

	binding->fresh[worker] = socket;
	binding->bound = info->bound;
	binding->can = info->can;
	log_notices(opening->bindings, opening->options.stack, info->notices);
	log_lacking(opening->bindings, opening->options.want & ~info->can);
	if (worker == 0)
		log_opened(
		    opening->plan->services[binding->service].config->name,
		    info);
}

/* Open the endpoint for one worker, into bindings from first on. */
static int
open_for_worker(
    struct opening *opening, size_t service, size_t first, unsigned int worker)
{
	const struct config_service *config =
	    opening->plan->services[service].config;
	struct binding *binding = &opening->bindings->items[first];
	struct mh_address endpoint = binding->endpoint;
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;
	int i, opened;

	opening->options.processors = 0;
	if (worker > 0)
		endpoint.port = binding->bound.port; /* may have been 0 */
	else if (opening->bindings->workers > 1 &&
	    opening->plan->config.daemon.cpu_affinity)
		opening->options.processors = opening->bindings->workers;
	opened =
	    mh_socket_open(sockets, &endpoint, &opening->options, &problem);
	if (opened < 0)
		return report_problem(
		    config, &endpoint, &problem, opening->previous);
	for (i = 0; i < opened; i++) {
		if (first + (size_t)i == opening->bindings->count &&
		    add_binding(opening, service, &endpoint, (unsigned int)i) ==
			NULL) {
			mh_socket_close(sockets[i]);
			log_error("out of memory");
			return CONFIG_EXIT_OSERR;
		}
		binding = &opening->bindings->items[first + (size_t)i];
		fill_binding(opening, binding, worker, sockets[i]);
	}
	return 0;
}

/*
 * Let the self-probe select each worker's socket by its number, rather than
 * only reach the one that its own port happens to hash to.
 */
static void
make_selectable(struct opening *opening, struct binding *binding)
{
	struct bindings *bindings = opening->bindings;
	const struct config_values *values = &opening->plan->config.daemon;
	unsigned int i;

	if (bindings->workers == 1 || !bindings->secret->enabled)
		return;
	/* A family appeared or disappeared between two workers. */
	for (i = 0; i < bindings->workers; i++)
		if (binding->fresh[i] == NULL)
			return;
	if (host_reuseport_number(mh_socket_handle(binding->fresh[0]),
		bindings->secret->bytes,
		values->cpu_affinity ? bindings->workers : 0) == 0)
		binding->selectable = bindings->workers;
	else if (!bindings->unselectable) {
		bindings->unselectable = true;
		log_warning("this system cannot select among sockets that "
			    "share a port: the self-probe checks one of them");
	}
}

static int
open_endpoint(
    struct opening *opening, size_t service, const struct mh_address *endpoint)
{
	size_t first = opening->bindings->count;
	int kept = keep_endpoint(opening, service, endpoint), status = 0;
	unsigned int worker;

	if (kept > 0)
		return 0;
	if (kept < 0 || add_binding(opening, service, endpoint, 0) == NULL) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	for (worker = 0; status == 0 && worker < opening->bindings->workers;
	     worker++)
		status = open_for_worker(opening, service, first, worker);
	for (; status == 0 && first < opening->bindings->count; first++)
		make_selectable(opening, &opening->bindings->items[first]);
	return status;
}

/* A socket opened by the service manager: only worker 0 reads it. */
static int
adopt(struct opening *opening, size_t service, intptr_t handle)
{
	const struct config_service *config =
	    opening->plan->services[service].config;
	struct mh_address unknown = { .family = MH_FAMILY_NONE };
	struct mh_problem problem;
	struct mh_socket *socket;
	struct binding *binding;
	int kept;

	unknown.port = host_local_port(handle);
	kept = keep_endpoint(opening, service, &unknown);
	if (kept > 0)
		return 0;
	binding = kept < 0 ? NULL : add_binding(opening, service, &unknown, 0);
	if (binding == NULL) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	handle = host_inherited_copy(handle);
	if (mh_socket_adopt(&socket, handle, &opening->options, &problem) !=
	    0) {
		host_inherited_close(handle);
		return report_problem(
		    config, &unknown, &problem, opening->previous);
	}
	fill_binding(opening, binding, 0, socket);
	return 0;
}

/* Open an endpoint of a service, or the one with its other port. */
static int
open_end(struct opening *opening, size_t service, size_t pair, bool is_other)
{
	const struct config_service *config =
	    opening->plan->services[service].config;
	const struct config_endpoints *list =
	    is_other ? &config->others : &config->values.listen;
	size_t i = opening->bindings->count;
	int status = open_endpoint(opening, service, &list->items[pair]);

	for (; i < opening->bindings->count; i++) {
		opening->bindings->items[i].pair = pair;
		opening->bindings->items[i].is_other = is_other;
	}
	return status;
}

static int
open_service(struct opening *opening, size_t service)
{
	const struct config_service *config =
	    opening->plan->services[service].config;
	intptr_t handles[BINDINGS_INHERITED_MAX];
	unsigned int inherited, i;
	size_t j;
	int status = 0;

	inherited =
	    host_inherited(config->name, handles, BINDINGS_INHERITED_MAX);
	for (i = 0; status == 0 && i < inherited; i++)
		status = adopt(opening, service, handles[i]);
	if (inherited > 0)
		return status;
	for (j = 0; status == 0 && j < config->values.listen.count; j++) {
		status = open_end(opening, service, j, false);
		if (status == 0 && j < config->others.count)
			status = open_end(opening, service, j, true);
	}
	return status;
}

/* What a socket of the service should report about datagrams: MH_CAN_*. */
static unsigned int
wanted(const struct plan *plan, const struct service *service)
{
	const struct config_values *values = &plan->config.daemon;
	unsigned int want = MH_CAN_DROPS;

	if (values->mark_replies || (service->wants & SERVICE_WANTS_TTL) != 0)
		want |= MH_CAN_TTL;
	if ((service->wants & SERVICE_WANTS_TOS) != 0)
		want |= MH_CAN_TOS;
	/* The metrics include how long datagrams wait. */
	if (values->http.count > 0 ||
	    (service->wants & SERVICE_WANTS_TIME) != 0)
		want |= MH_CAN_TIME;
	return want;
}

/* The endpoints that the self-probe queries. */
static bool
make_targets(struct bindings *bindings, bool freebind)
{
	const struct binding *binding = bindings->items;
	size_t i;

	bindings->targets =
	    calloc(bindings->count + 1, sizeof(*bindings->targets));
	if (bindings->targets == NULL)
		return false;
	for (i = 0; i < bindings->count; i++, binding++)
		bindings->targets[i] =
		    (struct selfprobe_target){ .bound = binding->bound,
			    .can = binding->can,
			    .sockets = binding->selectable,
			    .may_be_absent = freebind };
	return true;
}

int
bindings_open(struct bindings *bindings, const struct plan *plan,
    const struct bindings *previous)
{
	const struct config_values *values = &plan->config.daemon;
	struct opening opening = { bindings, plan, previous,
		{ .stack = bindings->stack,
		    .receive_buffer = values->receive_buffer,
		    .send_buffer = values->send_buffer,
		    .freebind = values->freebind,
		    .unsegmented = values->unsegmented,
		    .ttl = values->mark_replies ? GUARD_REPLY_TTL : 0,
		    .share_port = bindings->workers > 1 } };
	size_t i;
	int status = 0;

	bindings->notices = previous->notices;
	bindings->lacking = previous->lacking;
	bindings->unselectable = previous->unselectable;
	for (i = 0; status == 0 && i < plan->service_count; i++) {
		opening.options.want =
		    wanted(plan, plan->services[i].config->service);
		status = open_service(&opening, i);
	}
	if (status == 0 && !make_targets(bindings, values->freebind)) {
		log_error("out of memory");
		status = CONFIG_EXIT_OSERR;
	}
	if (status == CONFIG_EXIT_OSERR)
		filelimit_explain(bindings->files, plan, bindings->stack,
		    bindings->workers, previous->count);
	if (status != 0)
		bindings_clear(bindings);
	return status;
}

void
bindings_clear(struct bindings *bindings)
{
	unsigned int worker;
	size_t i;

	for (i = 0; i < bindings->count; i++) {
		for (worker = 0; worker < bindings->workers; worker++)
			mh_socket_close(bindings->items[i].fresh[worker]);
		free(bindings->items[i].fresh);
	}
	free(bindings->items);
	free(bindings->targets);
	bindings->items = NULL;
	bindings->targets = NULL;
	bindings->count = 0;
}
