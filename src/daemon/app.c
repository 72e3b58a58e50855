/* SPDX-License-Identifier: ISC */
/*
 * The daemon as a whole: start, reload, stop.  It owns the workers, the plan
 * that they follow, and the signals.  Datagrams do not come by here.
 */
#include "daemon/app.h"

#include "daemon/ops/health.h"
#include "daemon/ops/http.h"
#include "daemon/path/listener.h"
#include "daemon/base/log.h"
#include "daemon/ops/portfile.h"
#include "daemon/ops/selftest.h"
#include "daemon/worker.h"
#include "platform/clock.h"
#include "platform/manager.h"
#include "platform/privileges.h"
#include "platform/program.h"
#include "platform/random.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define SIGNALS_MAX 8

/* How often a stop looks whether the queues are empty. */
static const struct timeval stop_interval = { .tv_usec = 10000 };

struct app {
	const struct command_line *command;
	struct event_base *base;
	struct limit *limit;
	struct plan *plan;
	struct bindings bindings; /* of the plan */
	struct worker **workers;
	unsigned int worker_count;
	struct event *signals[SIGNALS_MAX];
	struct event *stop_event;
	int64_t stop_deadline; /* when what is queued is given up */
	bool draining;         /* not ready any more */
	bool stopping;
	/* The self-probe, if somebody wants to know. */
	struct respond_secret secret;
	struct health_source health_source;
	struct health *health;
	struct http *http;
	struct http_source http_source;
	struct metrics metrics;
};

static void
log_errors(const struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->count; i++)
		log_error("%s", errors->lines[i]);
}

/*
 * Counters.
 */

/* One binding over all workers. */
static void
log_binding(const struct app *app, size_t binding)
{
	uint64_t sums[STATS_COUNTERS] = { 0 }, kernel_drops = 0;
	const struct listener *listener;
	unsigned int i;

	for (i = 0; i < app->worker_count; i++) {
		listener = worker_listener(app->workers[i], binding);
		if (listener == NULL)
			continue;
		stats_sum(listener_stats(listener), sums);
		kernel_drops += listener_kernel_drops(listener);
	}
	stats_log(sums,
	    app->plan->services[app->bindings.items[binding].service]
		.config->name,
	    &app->bindings.items[binding].bound, kernel_drops);
}

static void
barrier_workers(const struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->worker_count; i++)
		worker_barrier(app->workers[i]);
}

/* Is there a worker that nothing can be asked of? */
static bool
have_stuck(const struct app *app)
{
	bool stuck = false;
	unsigned int i;

	for (i = 0; i < app->worker_count; i++) {
		if (worker_answers(app->workers[i]))
			continue;
		log_error("worker %u of %u is stuck", i + 1, app->worker_count);
		stuck = true;
	}
	return stuck;
}

static void
log_counters(const struct app *app)
{
	size_t i;

	barrier_workers(app);
	for (i = 0; i < app->bindings.count; i++)
		log_binding(app, i);
}

static void
metrics_binding(
    const struct app *app, size_t binding, struct metrics_binding *metrics)
{
	const struct listener *listener;
	unsigned int i;

	metrics->service =
	    app->plan->services[app->bindings.items[binding].service]
		.config->name;
	metrics->bound = app->bindings.items[binding].bound;
	for (i = 0; i < app->worker_count; i++) {
		listener = worker_listener(app->workers[i], binding);
		if (listener != NULL)
			metrics_add(metrics, listener_stats(listener),
			    listener_kernel_drops(listener));
	}
}

/* For http: everything as it is now. */
static const struct metrics *
make_report(void *argument)
{
	struct app *app = argument;
	struct metrics *metrics = &app->metrics;
	size_t i;

	barrier_workers(app);
	free(metrics->bindings);
	metrics->binding_count = 0;
	metrics->bindings =
	    calloc(app->bindings.count + 1, sizeof(*metrics->bindings));
	if (metrics->bindings == NULL)
		return NULL;
	for (i = 0; i < app->bindings.count; i++)
		metrics_binding(app, i, &metrics->bindings[i]);
	metrics->binding_count = app->bindings.count;
	metrics->node = app->plan->node;
	metrics->workers = app->worker_count;
	metrics->now_ns = host_realtime_ns();
	metrics->ready = !app->draining;
	metrics->healthy = health_is_good(app->health);
	return metrics;
}

/*
 * The self-probe.
 */

static struct health_subject
health_subject(void *argument)
{
	const struct app *app = argument;
	const struct config_values *values = &app->plan->config.daemon;

	return (struct health_subject){ &app->bindings, values->freebind,
		values->probe_interval };
}

/* Where the self-probe cannot choose, one socket stands for all. */
static uint64_t
socket_received(void *argument, const struct selfprobe_socket *socket)
{
	const struct app *app = argument;
	bool all = app->bindings.items[socket->binding].choices == 1;
	const struct listener *listener;
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < app->worker_count; i++) {
		listener = worker_listener(app->workers[i], socket->binding);
		if (listener != NULL && (all || i == socket->worker))
			sum +=
			    stats_get(listener_stats(listener), STATS_RECEIVED);
	}
	return sum;
}

/* If somebody wants to know.  Before the bindings: they need the secret. */
static bool
make_secret(struct app *app, const struct config_values *values)
{
	struct respond_secret *secret = &app->secret;

	secret->asked = values->http.count != 0 || host_watchdog() != 0;
	return !secret->asked ||
	    host_random(secret->bytes, sizeof(secret->bytes));
}

static bool
start_asking(struct app *app)
{
	if (!app->secret.asked)
		return true;
	app->health_source =
	    (struct health_source){ health_subject, socket_received, app };
	app->health = health_new(app->base, &app->health_source, &app->secret);
	return app->health != NULL;
}

static int
start_http(struct app *app, const struct config_values *values)
{
	char text[MH_ADDRESS_TEXT];

	if (values->http.count == 0)
		return 0;
	app->http_source = (struct http_source){ make_report, app };
	app->http = http_new(app->base, &values->http.items[0],
	    &values->http_allow, &app->http_source);
	if (app->http == NULL)
		return CONFIG_EXIT_UNAVAILABLE;
	log_info("http: listening on %s",
	    mh_endpoint_format(http_endpoint(app->http), text, sizeof(text)));
	return 0;
}

/*
 * Plans.
 */

static int
write_portfile(const struct app *app)
{
	const char *path = app->plan->config.daemon.port_file;
	struct strbuf text = { .text = NULL };
	const struct binding *binding;
	bool written;
	size_t i;

	if (path == NULL)
		return 0;
	for (i = 0; i < app->bindings.count; i++) {
		binding = &app->bindings.items[i];
		portfile_add(&text,
		    app->plan->services[binding->service].config->name,
		    &binding->bound);
	}
	if (app->http != NULL)
		portfile_add(&text, "http", http_endpoint(app->http));
	written = portfile_write(path, &text);
	free(text.text);
	return written ? 0 : CONFIG_EXIT_CANTCREAT;
}

/*
 * All workers go over to the plan, and what was before is freed; or none, and
 * the new one is.
 */
static int
apply_plan(struct app *app, struct plan *plan, struct bindings *bindings)
{
	bool good = true;
	unsigned int i;

	for (i = 0; good && i < app->worker_count; i++)
		good = worker_prepare(app->workers[i], plan, bindings);
	for (i = 0; i < app->worker_count; i++)
		if (good)
			worker_commit(app->workers[i]);
		else
			worker_discard(app->workers[i]);
	if (!good) {
		log_error("out of memory");
		bindings_clear(bindings);
		plan_free(plan);
		return CONFIG_EXIT_OSERR;
	}
	bindings_clear(&app->bindings);
	plan_free(app->plan);
	app->bindings = *bindings;
	app->plan = plan;
	return 0;
}

/* What a reload cannot change stays, and says so. */
static void
keep_lasting(struct config_values *fresh, const struct config_values *old)
{
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if ((key->scope & CONFIG_LASTING) != 0 &&
		    config_keep(fresh, old, key))
			log_warning("%s cannot change while running: restart",
			    key->name);
}

/* The new plan and its sockets, or the old one goes on. */
static bool
reload(struct app *app)
{
	const struct command_line command = { app->command->argc,
		app->command->argv, true };
	struct bindings bindings = { .workers = app->worker_count,
		.stack = app->bindings.stack,
		.secret = &app->secret };
	struct config_errors errors = { .lines = NULL };
	struct plan *plan = NULL;
	struct config config;
	bool good = false;

	if (have_stuck(app)) {
		app->metrics.reloads_failed++;
		return false;
	}
	if (load_config(&config, &command, &errors) == 0) {
		keep_lasting(&config.daemon, &app->plan->config.daemon);
		plan = plan_new(&config, app->limit, &errors);
	} else
		config_clear(&config);
	log_errors(&errors);
	config_errors_free(&errors);
	if (plan != NULL && bindings_open(&bindings, plan, &app->bindings) == 0)
		good = apply_plan(app, plan, &bindings) == 0;
	else
		plan_free(plan);
	if (good && app->health != NULL)
		health_restart(app->health);
	if (good) {
		log_open(app->plan->config.daemon.log_level,
		    app->plan->config.daemon.log != 0);
		write_portfile(app);
		if (app->http != NULL &&
		    !http_configure(
			app->http, &app->plan->config.daemon.http_allow))
			log_error("out of memory: http-allow is as before");
	}
	app->metrics.reloads += good;
	app->metrics.reloads_failed += !good;
	return good;
}

/* For the service manager: a line of what goes on. */
static void
notify_ready(const struct app *app)
{
	char status[64];

	snprintf(status, sizeof(status), "%s on %zu sockets, %u workers",
	    app->draining ? "draining" : "answering", app->bindings.count,
	    app->worker_count);
	host_notify(HOST_READY, status);
}

static void
on_reload(struct app *app)
{
	if (app->plan->config.path == NULL) {
		log_info("nothing to reload: there is no configuration file");
		return;
	}
	host_notify(HOST_RELOADING, "reloading");
	if (reload(app))
		log_info("reloaded %s", app->plan->config.path);
	else
		log_error("the configuration before goes on");
	notify_ready(app);
}

/*
 * Signals, and the end.
 */

static void
on_stop(evutil_socket_t fd, short events, void *argument)
{
	struct app *app = argument;
	bool done = true;
	unsigned int i;

	(void)fd;
	(void)events;
	for (i = 0; i < app->worker_count; i++)
		done = worker_stop(app->workers[i]) && done;
	if (done || host_monotonic_ns() >= app->stop_deadline)
		event_base_loopbreak(app->base);
	else
		event_add(app->stop_event, &stop_interval);
}

/* Stop at once, or after drain-time; a second signal does not wait. */
static void
begin_stop(struct app *app)
{
	unsigned int seconds = app->plan->config.daemon.drain_time;
	struct timeval drain = { .tv_sec = (time_t)seconds };

	host_notify(HOST_STOPPING, "stopping");
	barrier_workers(app);
	app->stop_deadline = host_monotonic_ns() + RESPOND_PATIENCE;
	if (seconds == 0 || app->stopping) {
		on_stop(-1, 0, app);
		return;
	}
	app->stopping = app->draining = true;
	app->stop_deadline += (int64_t)seconds * 1000000000;
	log_info("answering on for %u seconds", seconds);
	event_add(app->stop_event, &drain);
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
	switch (signal->action) {
	case HOST_STOP:
		log_info("stopping on signal %d", (int)number);
		begin_stop(app);
		break;
	case HOST_DRAIN:
		log_info("draining: not ready, but answering on");
		app->draining = true;
		notify_ready(app);
		break;
	case HOST_COUNTERS:
		log_counters(app);
		break;
	case HOST_RELOAD:
		on_reload(app);
		break;
	case HOST_IGNORE:
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
	app->stop_event = evtimer_new(app->base, on_stop, app);
	return app->stop_event != NULL;
}

/*
 * Start.
 */

static struct limit *
make_limit(const struct config_values *values)
{
	struct limit_options options = {
		.buckets = values->rate_buckets,
		.ipv4_bits = values->rate_prefix_v4,
		.ipv6_bits = values->rate_prefix_v6,
	};

	if (!host_random(options.seed, sizeof(options.seed)))
		return NULL;
	return limit_new(&options);
}

static bool
start_workers(struct app *app, unsigned int wanted, unsigned int batch)
{
	unsigned int i;

	app->workers = calloc(wanted, sizeof(struct worker *));
	if (app->workers == NULL)
		return false;
	for (i = 0; i < wanted; i++) {
		/* The first one answers in the main thread. */
		app->workers[i] = worker_new(
		    i == 0 ? app->base : NULL, i, batch, &app->secret);
		if (app->workers[i] == NULL)
			return false;
		app->worker_count++;
	}
	return true;
}

/* When all are there: a thread has the processors of the one that starts it. */
static void
pin_workers(const struct app *app)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < app->worker_count; i++)
		good = worker_pin(app->workers[i], app->worker_count) && good;
	if (!good)
		log_warning("this system does not keep workers on processors "
			    "of their own");
}

static int
become_user(const struct config_values *values)
{
	int error;

	if (values->user == NULL)
		return 0;
	error = host_switch_user(values->user);
	if (error == 0)
		return 0;
	log_error("cannot become user %s: %s", values->user,
	    error == MH_EADDRESS ? "there is no such user"
				 : mh_strerror(error));
	return error == MH_EPERMISSION ? CONFIG_EXIT_NOPERM
				       : CONFIG_EXIT_NOUSER;
}

/* Before there are threads: each has rights of its own to give up. */
static int
give_up_rights(const struct config_values *values)
{
	int status = become_user(values);

	if (status == 0 && host_drop_capabilities() != 0)
		log_warning("cannot give up capabilities");
	return status;
}

/* When all threads are there: it forbids more of them. */
static void
enter_sandbox(const struct config_values *values)
{
	int error;

	if (!values->sandbox)
		return;
	error = host_sandbox();
	if (error == MH_EUNSUPPORTED)
		log_debug("there is no sandbox on this system");
	else if (error != 0)
		log_warning("the sandbox cannot be set up; running without");
}

/* While there are rights: a way to the files that a reload needs. */
static bool
keep_files(const struct plan *plan)
{
	const struct config_values *values = &plan->config.daemon;

	if ((!values->sandbox && values->user == NULL) ||
	    (plan->config.path == NULL && values->port_file == NULL))
		return true;
	return host_privsep_start(
	    plan->config.path, values->port_file, values->sandbox);
}

/* All that is needed before the first datagram. */
static int
prepare(struct app *app, const struct plan *plan, unsigned int wanted)
{
	const struct config_values *values = &plan->config.daemon;
	int status;

	if (!keep_files(plan) || (app->base = event_base_new()) == NULL ||
	    !add_events(app) || !start_asking(app)) {
		log_error("cannot start: out of memory or files");
		return CONFIG_EXIT_OSERR;
	}
	status = start_http(app, values);
	if (status == 0)
		status = give_up_rights(values);
	if (status != 0)
		return status;
	if (start_workers(app, wanted, values->batch)) {
		if (values->cpu_affinity)
			pin_workers(app);
		return 0;
	}
	log_error("cannot start %u workers: out of memory or threads", wanted);
	return CONFIG_EXIT_OSERR;
}

static int
app_start(struct app *app, struct plan *plan)
{
	unsigned int wanted = plan->config.daemon.workers;
	struct bindings bindings = { .workers = wanted,
		.stack = plan->config.daemon.stack,
		.secret = &app->secret };
	const struct bindings none = { .items = NULL };
	int status;

	if (wanted == 0)
		bindings.workers = wanted = host_processors();
	selftest_log(&bindings.stack);
	/* First what can fail for the user's reasons. */
	status = bindings_open(&bindings, plan, &none);
	if (status == 0)
		status = prepare(app, plan, wanted);
	if (status != 0) {
		bindings_clear(&bindings);
		plan_free(plan);
		return status;
	}
	app->metrics.started_ns = host_realtime_ns();
	status = apply_plan(app, plan, &bindings);
	if (status != 0)
		return status;
	enter_sandbox(&plan->config.daemon);
	status = write_portfile(app);
	if (status != 0)
		return status;
	if (app->health != NULL)
		health_restart(app->health);
	notify_ready(app);
	return 0;
}

static void
app_free(struct app *app)
{
	unsigned int i;

	for (i = 0; i < app->worker_count; i++)
		worker_free(app->workers[i]);
	free(app->workers);
	http_free(app->http);
	free(app->metrics.bindings);
	health_free(app->health);
	for (i = 0; i < SIGNALS_MAX; i++)
		if (app->signals[i] != NULL)
			event_free(app->signals[i]);
	if (app->stop_event != NULL)
		event_free(app->stop_event);
	bindings_clear(&app->bindings);
	plan_free(app->plan);
	limit_free(app->limit);
	if (app->base != NULL)
		event_base_free(app->base);
	libevent_global_shutdown();
}

int
app_run(struct config *config, const struct command_line *command)
{
	struct config_errors errors = { .lines = NULL };
	struct app app = { .command = command };
	struct plan *plan;
	unsigned int i;
	int status = CONFIG_EXIT_CONFIG;

	app.limit = make_limit(&config->daemon);
	if (app.limit == NULL || !make_secret(&app, &config->daemon)) {
		log_error("out of memory or randomness");
		limit_free(app.limit);
		config_clear(config);
		return CONFIG_EXIT_OSERR;
	}
	plan = plan_new(config, app.limit, &errors);
	log_errors(&errors);
	config_errors_free(&errors);
	if (plan != NULL)
		status = app_start(&app, plan);
	if (status == 0) {
		event_base_dispatch(app.base);
		for (i = 0; i < app.worker_count; i++)
			worker_abandon(app.workers[i]);
		log_counters(&app);
		/* It may still use all that exit() would take away. */
		if (have_stuck(&app))
			_Exit(CONFIG_EXIT_OSERR);
	}
	app_free(&app);
	return status;
}
