/* SPDX-License-Identifier: ISC */
/*
 * The daemon as a whole: it owns the event loop, the listeners, the signals
 * and what they share; start and stop.  Datagrams do not come by here.
 */
#include "daemon/app.h"

#include "daemon/listener.h"
#include "daemon/log.h"
#include "daemon/portfile.h"
#include "daemon/selftest.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Datagrams a batch: one system call for so many. */
#define BATCH_SLOTS 32

#define SIGNALS_MAX 8

/* How often a stop looks whether the queues are empty. */
static const struct timeval drain_interval = { .tv_usec = 10000 };

struct app {
	const struct config *config;
	struct event_base *base;
	struct mh_batch *batch;
	struct host_network network;
	struct guard guard;
	struct mh_reply_rule rule;
	char node[256];
	struct listener **listeners;
	size_t listener_count;
	unsigned int notices; /* those that have been logged */
	unsigned int lacking; /* optional capabilities logged as missing */
	struct event *signals[SIGNALS_MAX];
	intptr_t watch;
	struct event *watch_event;
	struct event *drain_event;
	int64_t drain_deadline;
};

/*
 * Opening sockets.
 */

/* What to do about a socket that could not be opened, and the exit code. */
static int
advise(
    const struct config_instance *instance, int code, char *advice, size_t size)
{
	unsigned int port = instance->endpoint.port;

	*advice = '\0';
	switch (code) {
	case MH_EPERMISSION:
		snprintf(advice, size,
		    "; ports below 1024 need root or CAP_NET_BIND_SERVICE, a "
		    "high port does not: %s=:%u",
		    instance->service->name, port < 1024 ? port + 7000 : port);
		return CONFIG_EXIT_NOPERM;
	case MH_EINUSE:
		snprintf(advice, size,
		    "; another program has this port: see ss -lunp");
		return CONFIG_EXIT_UNAVAILABLE;
	case MH_EADDRESS:
		snprintf(advice, size,
		    "; it is not an address of this host, but --freebind "
		    "takes it all the same");
		return CONFIG_EXIT_UNAVAILABLE;
	case MH_EFAMILY:
		return CONFIG_EXIT_UNAVAILABLE;
	default:
		return CONFIG_EXIT_OSERR;
	}
}

static int
report_problem(
    const struct config_instance *instance, const struct mh_problem *problem)
{
	char endpoint[MH_ADDRESS_TEXT], advice[160];
	int status = advise(instance, problem->code, advice, sizeof(advice));

	mh_endpoint_format(&instance->endpoint, endpoint, sizeof(endpoint));
	log_error("%s: cannot serve %s: %s%s: %s%s", instance->service->name,
	    endpoint, problem->what,
	    problem->family == MH_FAMILY_IPV4       ? " (IPv4 socket)"
		: problem->family == MH_FAMILY_IPV6 ? " (IPv6 socket)"
						    : "",
	    problem->text[0] != '\0' ? problem->text
				     : mh_strerror(problem->code),
	    advice);
	return status;
}

/* Each notice once, however many sockets it is about. */
static void
log_notices(struct app *app, unsigned int notices)
{
	unsigned int fresh = notices & ~app->notices;

	app->notices |= notices;
	if ((fresh & MH_NOTICE_IPV4_DISABLED) != 0)
		log_info("IPv4 is disabled on this host: serving IPv6 alone");
	if ((fresh & MH_NOTICE_IPV6_ABSENT) != 0)
		log_warning("there is no IPv6 on this host, not even ::1: "
			    "serving IPv4 alone");
	if ((fresh & MH_NOTICE_NOT_DUAL) != 0)
		log_warning("IPV6_V6ONLY cannot be cleared on this system: "
			    "two sockets for each endpoint");
}

static void
log_lacking(struct app *app, unsigned int lacking)
{
	static const char *const names[] = { "TTL", "TOS", "receive time",
		"drop counter" };
	unsigned int i, fresh = lacking & ~app->lacking;

	app->lacking |= lacking;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((fresh & MH_CAN_TTL << i) != 0)
			log_warning("this system does not tell the %s of "
				    "datagrams",
			    names[i]);
}

static void
log_listener(const struct listener *listener)
{
	const struct mh_socket_info *info = listener_info(listener);
	char endpoint[MH_ADDRESS_TEXT];
	const char *families = "IPv4";

	if ((info->can & MH_CAN_IPV6) != 0)
		families = "IPv6";
	if ((info->can & MH_CAN_IPV4) != 0 && info->dual_stack)
		families = "IPv4 and IPv6 on one socket";
	log_info("%s: listening on %s (%s), receive buffer %u bytes",
	    listener_name(listener),
	    mh_endpoint_format(&info->bound, endpoint, sizeof(endpoint)),
	    families, info->receive_buffer);
}

/* Takes the socket over. */
static int
add_listener(struct app *app, const struct config_instance *instance,
    struct mh_socket *socket)
{
	const struct respond respond = {
		.service = instance->service,
		.guard = &app->guard,
		.rule = &app->rule,
		.network = &app->network,
		.node = app->node,
	};
	struct listener *listener = listener_new(
	    app->base, socket, app->batch, &respond, instance->service->name);
	struct listener **grown;

	if (listener == NULL)
		return MH_ENOMEMORY;
	grown = realloc(app->listeners,
	    (app->listener_count + 1) * sizeof(struct listener *));
	if (grown == NULL) {
		listener_free(listener);
		return MH_ENOMEMORY;
	}
	grown[app->listener_count++] = listener;
	app->listeners = grown;
	return guard_add_endpoint(&app->guard, &listener_info(listener)->bound);
}

static int
open_instance(struct app *app, const struct config_instance *instance)
{
	const struct config *config = app->config;
	struct mh_socket_options options = {
		.stack = config->stack,
		.want = MH_CAN_DROPS,
		.receive_buffer = config->receive_buffer,
		.freebind = config->freebind,
		.unsegmented = config->unsegmented,
	};
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;
	int i, opened, error = 0;

	if ((instance->service->flags & SERVICE_ARRIVAL) != 0)
		options.want = MH_CAN_OPTIONAL;
	opened =
	    mh_socket_open(sockets, &instance->endpoint, &options, &problem);
	if (opened < 0)
		return report_problem(instance, &problem);
	for (i = 0; i < opened; i++) {
		const struct mh_socket_info *info = mh_socket_info(sockets[i]);

		log_notices(app, info->notices);
		log_lacking(app, options.want & ~info->can);
		if (add_listener(app, instance, sockets[i]) != 0)
			error = CONFIG_EXIT_OSERR;
	}
	if (error != 0)
		log_error("%s: out of memory", instance->service->name);
	return error;
}

/*
 * The addresses of this host.
 */

/* The guard's tables, made of the network's; false when out of memory. */
static bool
tell_guard(struct app *app)
{
	const struct host_network *network = &app->network;
	size_t i, count = network->address_count, broadcasts = 0;
	struct mh_address *own = calloc(count + 1, sizeof(*own));
	struct mh_address *broadcast = calloc(count + 1, sizeof(*broadcast));

	if (own == NULL || broadcast == NULL) {
		free(own);
		free(broadcast);
		return false;
	}
	for (i = 0; i < count; i++) {
		own[i] = network->addresses[i].address;
		if (network->addresses[i].broadcast.family != MH_FAMILY_NONE)
			broadcast[broadcasts++] =
			    network->addresses[i].broadcast;
	}
	guard_set_own(&app->guard, own, count);
	guard_set_broadcasts(&app->guard, broadcast, broadcasts);
	return true;
}

static void
load_network(struct app *app)
{
	if (host_network_load(&app->network) != 0 || !tell_guard(app))
		log_warning("cannot read the addresses of this host: loops "
			    "and broadcasts are harder to tell");
}

static void
on_watch(evutil_socket_t fd, short events, void *argument)
{
	struct app *app = argument;
	size_t i;

	(void)fd;
	(void)events;
	host_watch_drain(app->watch);
	load_network(app);
	for (i = 0; i < app->listener_count; i++)
		listener_refresh(app->listeners[i]);
	log_debug("addresses or interfaces changed");
}

/*
 * Signals.
 */

static void
log_counters(const struct app *app)
{
	size_t i;

	for (i = 0; i < app->listener_count; i++)
		listener_log_stats(app->listeners[i]);
}

/* Stop reading on all sockets; true when nothing is queued on any. */
static bool
stop_listeners(struct app *app)
{
	bool done = true;
	size_t i;

	for (i = 0; i < app->listener_count; i++)
		done = listener_stop(app->listeners[i]) && done;
	return done;
}

static void
on_drain(evutil_socket_t fd, short events, void *argument)
{
	struct app *app = argument;

	(void)fd;
	(void)events;
	if (stop_listeners(app) || host_ticks() >= app->drain_deadline)
		event_base_loopbreak(app->base);
	else
		event_add(app->drain_event, &drain_interval);
}

static void
on_signal(evutil_socket_t number, short events, void *argument)
{
	const struct host_signal *signal;
	struct app *app = argument;

	(void)events;
	for (signal = host_signals; signal->number != 0; signal++)
		if (signal->number == number)
			break;
	switch (signal->wish) {
	case HOST_STOP:
		log_info("stopping on signal %d", (int)number);
		app->drain_deadline = host_ticks() + RESPOND_PATIENCE;
		on_drain(-1, 0, app);
		break;
	case HOST_COUNTERS:
		log_counters(app);
		break;
	case HOST_RELOAD:
		log_info("nothing to reload: there is no configuration file");
		break;
	}
}

static bool
add_events(struct app *app)
{
	size_t i;

	for (i = 0; host_signals[i].number != 0 && i < SIGNALS_MAX; i++) {
		app->signals[i] = evsignal_new(
		    app->base, host_signals[i].number, on_signal, app);
		if (app->signals[i] == NULL ||
		    event_add(app->signals[i], NULL) < 0)
			return false;
	}
	app->drain_event = evtimer_new(app->base, on_drain, app);
	if (app->drain_event == NULL)
		return false;
	app->watch = host_watch_open();
	if (app->watch < 0)
		return true;
	app->watch_event = event_new(app->base, (evutil_socket_t)app->watch,
	    EV_READ | EV_PERSIST, on_watch, app);
	return app->watch_event != NULL &&
	    event_add(app->watch_event, NULL) == 0;
}

/*
 * Start and stop.
 */

static int
write_portfile(const struct app *app)
{
	const char *path = app->config->port_file;
	struct portfile *portfile;
	size_t i;

	if (path == NULL)
		return 0;
	portfile = portfile_open(path);
	if (portfile != NULL) {
		for (i = 0; i < app->listener_count; i++)
			portfile_add(portfile, listener_name(app->listeners[i]),
			    &listener_info(app->listeners[i])->bound);
		if (portfile_commit(portfile))
			return 0;
	}
	log_error("cannot write port file %s: %s", path, strerror(errno));
	return CONFIG_EXIT_CANTCREAT;
}

static int
become_user(const struct app *app)
{
	const char *user = app->config->user;
	int error;

	if (user == NULL)
		return 0;
	error = host_become(user);
	if (error == 0)
		return 0;
	log_error("cannot become user %s: %s", user,
	    error == MH_EADDRESS ? "there is no such user"
				 : mh_strerror(error));
	if (app->config->port_file != NULL)
		remove(app->config->port_file);
	return error == MH_EPERMISSION ? CONFIG_EXIT_NOPERM
				       : CONFIG_EXIT_NOUSER;
}

static int
app_start(struct app *app)
{
	const struct config *config = app->config;
	size_t i;
	int status;

	app->rule.relaxed = config->source != 0;
	app->rule.arrival = config->reply_interface != 0;
	app->guard.answer_broadcast = config->answer_broadcast;
	host_name(app->node, sizeof(app->node));
	if (config->node != NULL)
		snprintf(app->node, sizeof(app->node), "%s", config->node);
	app->base = event_base_new();
	app->batch = mh_batch_new(BATCH_SLOTS);
	if (app->base == NULL || app->batch == NULL || !add_events(app)) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	load_network(app);
	for (i = 0; i < config->instance_count; i++) {
		status = open_instance(app, &config->instances[i]);
		if (status != 0)
			return status;
	}
	selftest_log(&app->network);
	for (i = 0; i < app->listener_count; i++)
		log_listener(app->listeners[i]);
	status = write_portfile(app);
	return status != 0 ? status : become_user(app);
}

static void
app_free(struct app *app)
{
	size_t i;

	for (i = 0; i < app->listener_count; i++)
		listener_free(app->listeners[i]);
	free(app->listeners);
	for (i = 0; i < SIGNALS_MAX; i++)
		if (app->signals[i] != NULL)
			event_free(app->signals[i]);
	if (app->watch_event != NULL)
		event_free(app->watch_event);
	if (app->drain_event != NULL)
		event_free(app->drain_event);
	host_watch_close(app->watch);
	guard_clear(&app->guard);
	host_network_free(&app->network);
	mh_batch_free(app->batch);
	if (app->base != NULL)
		event_base_free(app->base);
	libevent_global_shutdown();
}

int
app_run(const struct config *config)
{
	/* Too large for the stack of a small system: the guard's tables. */
	struct app *app = calloc(1, sizeof(*app));
	int status;
	size_t i;

	if (app == NULL) {
		log_error("out of memory");
		return CONFIG_EXIT_OSERR;
	}
	app->config = config;
	app->watch = -1;
	status = app_start(app);
	if (status == 0) {
		event_base_dispatch(app->base);
		for (i = 0; i < app->listener_count; i++)
			listener_abandon(app->listeners[i]);
		log_counters(app);
	}
	app_free(app);
	free(app);
	return status;
}
