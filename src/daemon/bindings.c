/* SPDX-License-Identifier: ISC */
/*
 * Opens the sockets that the previous plan does not already have.
 */
#include "daemon/bindings.h"

#include "common/hashindex.h"
#include "daemon/base/log.h"
#include "daemon/filelimit.h"
#include "daemon/socketlog.h"
#include "platform/inherited.h"
#include "platform/network.h"
#include "platform/sockname.h"

#include <stdlib.h>

/* Bindings being opened. */
struct opening {
	struct bindings *bindings;
	const struct plan *plan;
	const struct bindings *previous;
	struct mh_socket_options options;
	struct hashindex index; /* of the previous ones by endpoint */
	bool *taken;            /* which of these are kept */
};

/*
 * Bindings.
 */

/* Room for one more. */
static bool
make_room(struct bindings *bindings)
{
	size_t room = 2 * bindings->room + 4;
	struct binding *grown;

	if (bindings->count < bindings->room)
		return true;
	grown = realloc(bindings->items, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	bindings->items = grown;
	bindings->room = room;
	return true;
}

static struct binding *
add_binding(struct opening *opening, size_t service,
    const struct mh_address *endpoint, unsigned int half)
{
	struct bindings *bindings = opening->bindings;
	struct binding *grown;

	if (!make_room(bindings))
		return NULL;
	grown = &bindings->items[bindings->count];
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

static uint32_t
hash_endpoint(const struct mh_address *endpoint)
{
	uint32_t hash =
	    hashindex_hash(0, &endpoint->port, sizeof(endpoint->port));

	return hashindex_hash(hash, endpoint->ip, sizeof(endpoint->ip));
}

/* Index the previous plan's sockets by endpoint; false when out of memory. */
static bool
index_previous(struct opening *opening)
{
	const struct bindings *previous = opening->previous;
	size_t i;

	opening->taken = calloc(previous->count + 1, sizeof(*opening->taken));
	if (opening->taken == NULL)
		return false;
	for (i = 0; i < previous->count; i++)
		if (!hashindex_add(&opening->index,
			hash_endpoint(&previous->items[i].endpoint)))
			return false;
	return true;
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
	uint32_t i = hashindex_first(&opening->index, hash_endpoint(endpoint));
	int kept = 0;

	for (; i != HASHINDEX_NONE && kept < MH_SOCKETS_MAX;
	     i = hashindex_next(&opening->index, i)) {
		old = &previous->items[i];
		if (mh_address_compare(&old->endpoint, endpoint) != 0 ||
		    old->endpoint.port != endpoint->port ||
		    (opening->options.want & ~old->want) != 0 ||
		    old->half != (unsigned int)kept || opening->taken[i])
			continue;
		binding = add_binding(opening, service, endpoint, old->half);
		if (binding == NULL)
			return -1;
		opening->taken[i] = true;
		binding->want = old->want;
		binding->kept = true;
		binding->before = i;
		binding->bound = old->bound;
		binding->can = old->can;
		binding->device = old->device;
		memcpy(binding->interface, old->interface,
		    sizeof(binding->interface));
		binding->is_cut_off = old->is_cut_off;
		binding->selectable = old->selectable;
		kept++;
	}
	return kept;
}

/* Each notice once, no matter how many sockets it concerns. */
static void
log_once(struct opening *opening, const struct mh_socket_info *info)
{
	struct bindings *bindings = opening->bindings;
	unsigned int lacking = opening->options.want & ~info->can;

	socketlog_notices(
	    info->notices & ~bindings->notices, opening->options.stack);
	socketlog_lacking(lacking & ~bindings->lacking);
	bindings->notices |= info->notices;
	bindings->lacking |= lacking;
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
	binding->device = info->device;
	log_once(opening, info);
	if (worker == 0)
		socketlog_opened(
		    opening->plan->services[binding->service].config->name,
		    info);
}

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

/* Replies are to have the DSCP of requests: not if this system cannot do it. */
static int
check_copy(const struct opening *opening, const struct config_service *config,
    const struct mh_address *endpoint, const struct mh_socket *socket)
{
	const unsigned int needed = MH_CAN_TOS | MH_CAN_SEND_TOS;
	const struct mh_problem problem = { .code = MH_EUNSUPPORTED,
		.what = "reply-dscp = copy" };

	if (opening->plan->config.daemon.reply_dscp != CONFIG_DSCP_COPY ||
	    (mh_socket_info(socket)->can & needed) == needed)
		return 0;
	return socketlog_problem(config, endpoint, &problem, false);
}

/*
 * By how many processors the service's datagrams are spread over the workers'
 * sockets; 0: by peer, as a state needs it.
 */
static unsigned int
spread(const struct opening *opening, size_t number)
{
	const struct plan *plan = opening->plan;
	const struct config_service *config = plan->services[number].config;
	const struct service *service = config->service;
	const bool has_state = service->state_size != NULL &&
	    service->state_size(config->values.own) > 0;

	return opening->bindings->workers > 1 &&
		plan->config.daemon.cpu_affinity && !has_state
	    ? opening->bindings->workers
	    : 0;
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
	else
		opening->options.processors = spread(opening, service);
	opened =
	    mh_socket_open(sockets, &endpoint, &opening->options, &problem);
	if (opened < 0)
		return socketlog_problem(config, &endpoint, &problem,
		    has_port(opening->previous, endpoint.port));
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
	return check_copy(opening, config, &endpoint, sockets[0]);
}

/*
 * Let the self-probe select each worker's socket by its number, rather than
 * only reach the one that its own port happens to hash to.
 */
static void
make_selectable(struct opening *opening, struct binding *binding)
{
	struct bindings *bindings = opening->bindings;
	unsigned int i;

	if (bindings->workers == 1 || !bindings->secret->enabled)
		return;
	/* A family appeared or disappeared between two workers. */
	for (i = 0; i < bindings->workers; i++)
		if (binding->fresh[i] == NULL)
			return;
	if (mh_share_select(binding->fresh[0], bindings->secret->bytes) == 0)
		binding->selectable = bindings->workers;
	else if (!bindings->unselectable) {
		bindings->unselectable = true;
		log_warning("this system cannot select among sockets that "
			    "share a port: the self-probe checks one of them");
	}
}

static bool
is_cancelled(const struct bindings *bindings)
{
	return bindings->cancelled != NULL && atomic_load(bindings->cancelled);
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
	if (is_cancelled(opening->bindings))
		return CONFIG_EXIT_UNAVAILABLE;
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
		return socketlog_problem(config, &unknown, &problem, false);
	}
	fill_binding(opening, binding, 0, socket);
	return check_copy(opening, config, &unknown, socket);
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
	/* A service may give a reply a TTL and a TOS of its own. */
	unsigned int want = MH_CAN_DROPS | MH_CAN_SEND_TTL | MH_CAN_SEND_TOS;

	if (values->mark_replies || (service->wants & SERVICE_WANTS_TTL) != 0)
		want |= MH_CAN_TTL;
	if ((service->wants & SERVICE_WANTS_TOS) != 0 ||
	    values->reply_dscp == CONFIG_DSCP_COPY)
		want |= MH_CAN_TOS;
	/* The metrics include how long datagrams wait. */
	if (values->http.count > 0 ||
	    (service->wants & SERVICE_WANTS_TIME) != 0)
		want |= MH_CAN_TIME;
	/* Also without a state, which a reload may add. */
	if (service->sent != NULL)
		want |= MH_CAN_SEND_TIME;
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
			    .may_be_absent = freebind,
			    .on_interface = binding->device != 0 };
	return true;
}

int
bindings_open(struct bindings *bindings, const struct plan *plan,
    const struct bindings *previous)
{
	const struct config_values *values = &plan->config.daemon;
	struct opening opening = { .bindings = bindings,
		.plan = plan,
		.previous = previous,
		.options = { .stack = bindings->stack,
		    .receive_buffer = values->receive_buffer,
		    .send_buffer = values->send_buffer,
		    .freebind = values->freebind,
		    .unsegmented = values->unsegmented,
		    .ttl = values->mark_replies ? GUARD_REPLY_TTL : 0,
		    .tos = values->reply_dscp == CONFIG_DSCP_COPY
			? 0
			: (uint8_t)(values->reply_dscp << 2),
		    .share_port = bindings->workers > 1 } };
	size_t i;
	int status = 0;

	if (!index_previous(&opening)) {
		log_error("out of memory");
		status = CONFIG_EXIT_OSERR;
	}
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
	hashindex_clear(&opening.index);
	free(opening.taken);
	if (status == CONFIG_EXIT_OSERR && previous->count > 0)
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
	bindings->count = bindings->room = 0;
}
