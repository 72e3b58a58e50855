/* SPDX-License-Identifier: ISC */
/*
 * The daemon as a whole: start, signals, stop.  It owns the workers and the
 * side door.  No datagram passes through here.
 */
#include "daemon/app.h"

#include "daemon/base/log.h"
#include "daemon/collector.h"
#include "daemon/errors.h"
#include "daemon/faults.h"
#include "daemon/filelimit.h"
#include "daemon/helper.h"
#include "daemon/interfaces.h"
#include "daemon/ops/portfile.h"
#include "daemon/ops/selftest.h"
#include "daemon/privileges.h"
#include "daemon/reload.h"
#include "daemon/sidedoor.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include "platform/clock.h"
#include "platform/manager.h"
#include "platform/memory.h"
#include "platform/random.h"
#include "platform/thread.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

/* How often a stop checks whether the queues are empty. */
static const struct timeval stop_interval = { .tv_usec = 10000 };

struct app {
	const struct command_line *command;
	struct event_base *base;
	struct limit *limit;
	struct workers workers;
	struct signals signals;
	struct event *stop_event;
	struct event *refusals; /* of the sandbox */
	int64_t stop_deadline;  /* when to drop what is still queued */
	bool stopping;
	struct helper *helper;
	struct interfaces interfaces;
	struct reload *reload; /* NULL: there is no configuration file */
	bool reloading;
	bool reload_again; /* the file may have changed since it was read */
	uint64_t reload_number; /* of the last one that has begun */
	struct strbuf messages; /* what it has warned of */
	struct sidedoor door;
	bool has_faults; /* made on purpose: said in the log */
};

static const struct config_values *
current(const struct app *app)
{
	return &app->workers.plan->config.daemon;
}

/*
 * Reload.
 */

static struct strbuf
portfile_text(const struct app *app)
{
	return collector_portfile(&app->workers, sidedoor_http(&app->door));
}

static int
write_portfile(const struct app *app)
{
	const char *path = current(app)->port_file;
	struct strbuf text;
	bool written;

	if (path == NULL)
		return 0;
	text = portfile_text(app);
	written = portfile_write(path, &text);
	free(text.text);
	return written ? 0 : CONFIG_EXIT_CANTCREAT;
}

/* Report the status to the service manager, in one line. */
static void
notify_ready(const struct app *app)
{
	size_t sockets = app->workers.bindings.count;
	unsigned int workers = app->workers.count;
	char status[96];

	snprintf(status, sizeof(status), "%s on %zu socket%s, %u worker%s%s",
	    app->door.draining ? "draining" : "answering", sockets,
	    sockets == 1 ? "" : "s", workers, workers == 1 ? "" : "s",
	    app->door.reload_failed ? ", the last reload failed" : "");
	host_notify(HOST_READY, status);
}

static void on_reload(struct app *app);

/* Log what is wrong with a reload, and tell whoever asked for it. */
static void
complain(struct app *app, const char *what, const char *path, const char *why)
{
	log_collect(&app->messages);
	log_error("cannot %s %s: %s", what, path, why);
	log_collect(NULL);
}

static void
end_reload(struct app *app, bool good)
{
	bool again = app->reload_again;

	strbuf_print(&app->messages, "%s%s",
	    good ? "reloaded " : "keeping the previous configuration",
	    good ? app->workers.plan->config.path : "");
	notify_ready(app);
	sidedoor_reloaded(&app->door, app->reload_number, good,
	    app->messages.text != NULL ? app->messages.text : "out of memory");
	app->reloading = app->reload_again = false;
	interfaces_resume(&app->interfaces);
	if (again)
		on_reload(app);
}

static void
on_portfile(void *argument, const char *why)
{
	struct app *app = argument;

	if (why != NULL)
		complain(app, "write port file", current(app)->port_file, why);
	log_info("reloaded %s", app->workers.plan->config.path);
	end_reload(app, true);
}

/* The workers have switched to a plan: let everything else follow. */
static void
on_switched(void *argument)
{
	struct app *app = argument;
	const struct config_values *values = current(app);

	sidedoor_count_reload(&app->door, true);
	log_open(values->log_level, values->log != 0);
	sidedoor_follow(&app->door);
	faults_log(app->workers.plan, &app->has_faults);
}

static void
rewrite_portfile(struct app *app)
{
	struct strbuf text;

	if (current(app)->port_file == NULL) {
		on_portfile(app, NULL);
		return;
	}
	text = portfile_text(app);
	if (text.lost)
		on_portfile(app, "out of memory");
	else
		helper_write(app->helper, &text, on_portfile, app);
	free(text.text);
}

static void
on_over(void *argument, bool good)
{
	struct app *app = argument;

	helper_forget(app->helper);
	if (good) {
		rewrite_portfile(app);
		return;
	}
	sidedoor_count_reload(&app->door, false);
	log_error("keeping the previous configuration");
	end_reload(app, false);
}

static void
on_files(void *argument, const char *why)
{
	struct app *app = argument;

	if (why == NULL) {
		reload_begin(app->reload);
		return;
	}
	complain(app, "read", app->workers.plan->config.path, why);
	on_over(app, false);
}

static void
on_reload(struct app *app)
{
	if (app->workers.plan->config.path == NULL) {
		log_info("nothing to reload: there is no configuration file");
		return;
	}
	app->reload_again = app->reloading;
	if (app->reloading)
		return;
	app->reloading = true;
	app->reload_number++;
	app->messages.length = 0;
	app->messages.lost = false;
	interfaces_pause(&app->interfaces);
	host_notify(HOST_RELOADING, "reloading");
	helper_read(app->helper, on_files, app);
}

/* For the control socket; the number of the one that will read the file. */
static uint64_t
ask_reload(void *argument, const char **why)
{
	struct app *app = argument;
	uint64_t number = app->reload_number + 1;

	*why = app->stopping
	    ? "stopping"
	    : "nothing to reload: there is no configuration file";
	if (app->stopping || app->workers.plan->config.path == NULL)
		return 0;
	on_reload(app);
	return number;
}

/*
 * Signals, and the end.
 */

static void
on_stop(evutil_socket_t fd, short events, void *argument)
{
	struct app *app = argument;

	(void)fd;
	(void)events;
	if (app->reload != NULL)
		reload_finish(app->reload);
	if (workers_stop(&app->workers) ||
	    host_monotonic_ns() >= app->stop_deadline)
		event_base_loopbreak(app->base);
	else
		event_add(app->stop_event, &stop_interval);
}

/* Stop at once, or after drain-time, which a second signal cuts short. */
static void
begin_stop(struct app *app)
{
	unsigned int seconds = current(app)->drain_time;
	struct timeval drain = { .tv_sec = (time_t)seconds };

	host_notify(HOST_STOPPING, "stopping");
	workers_barrier(&app->workers);
	app->stop_deadline = host_monotonic_ns() + OUTBOX_TIMEOUT;
	if (seconds == 0 || app->stopping) {
		on_stop(-1, 0, app);
		return;
	}
	app->stopping = app->door.draining = true;
	app->stop_deadline += (int64_t)seconds * 1000000000;
	log_info("draining for %u s before stopping", seconds);
	event_add(app->stop_event, &drain);
}

/* A stop cannot be undone. */
static void
set_drain(struct app *app, bool draining)
{
	app->door.draining = app->stopping || draining;
	log_info(app->door.draining
		? "draining: no longer ready, still answering"
		: "no longer draining: ready again");
	notify_ready(app);
}

/* For the control socket. */
static const char *
ask_drain(void *argument, bool draining)
{
	struct app *app = argument;

	if (app->stopping && !draining)
		return "stopping: this cannot be undone";
	set_drain(app, draining);
	return NULL;
}

static void
on_signal(void *argument, enum host_action action, int number)
{
	struct app *app = argument;

	switch (action) {
	case HOST_STOP:
		log_info("stopping on signal %d", number);
		begin_stop(app);
		break;
	case HOST_DRAIN:
		/* A second such signal undoes the first. */
		set_drain(app, !app->door.draining);
		break;
	case HOST_COUNTERS:
		collector_log(&app->workers);
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
	app->signals.act = on_signal;
	app->signals.argument = app;
	app->stop_event = evtimer_new(app->base, on_stop, app);
	return app->stop_event != NULL &&
	    signals_watch(&app->signals, app->base);
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

/* Call it after privileges have been dropped: each thread has its own. */
static bool
make_reload(struct app *app, const struct plan *plan)
{
	const struct reload_subject subject = { app->base, &app->workers,
		app->command, app->limit, &app->messages };
	const struct reload_events events = { on_switched, on_over, app };

	if (plan->config.path == NULL)
		return true;
	app->reload = reload_new(&subject, &events);
	return app->reload != NULL;
}

/* Set up all that is needed before the first datagram. */
static int
prepare(struct app *app, const struct plan *plan, unsigned int wanted)
{
	const struct config_values *values = &plan->config.daemon;
	int status = sidedoor_open(&app->door, plan);

	if (status != 0)
		return status;
	app->door.owner = (struct sidedoor_owner){ ask_drain, ask_reload, app };
	if ((app->base = worker_loop()) == NULL ||
	    (app->helper = helper_new(app->base, plan, app->command)) == NULL ||
	    !add_events(app) || !sidedoor_prepare(&app->door, app->base)) {
		log_error("cannot start: out of memory or file descriptors");
		return CONFIG_EXIT_OSERR;
	}
	status = sidedoor_listen(&app->door, app->base, plan);
	if (status == 0)
		status = privileges_drop(values);
	if (status != 0)
		return status;
	if (!make_reload(app, plan) ||
	    !workers_start(&app->workers, app->base, wanted, values->batch,
		&app->door.secret) ||
	    !interfaces_watch(&app->interfaces, &app->workers,
		sidedoor_http(&app->door), app->base)) {
		log_error("cannot start %u workers: out of memory or threads",
		    wanted);
		return CONFIG_EXIT_OSERR;
	}
	if (values->cpu_affinity && !workers_pin(&app->workers))
		log_warning("this system cannot pin workers to processors");
	return 0;
}

/* Open everything and switch to the plan, or free it. */
static int
begin(struct app *app, struct plan *plan)
{
	unsigned int wanted = plan->config.daemon.workers;
	struct bindings bindings = { .files = host_raise_limits(),
		.stack = plan->config.daemon.stack,
		.secret = &app->door.secret };
	const struct bindings none = { .items = NULL };
	int status = CONFIG_EXIT_OSERR;

	bindings.workers = wanted != 0 ? wanted : host_processors();
	selftest_log(&bindings.stack);
	/* First what can fail because of the configuration. */
	if (filelimit_check(
		bindings.files, plan, bindings.stack, bindings.workers))
		status = bindings_open(&bindings, plan, &none);
	if (status == 0)
		status = prepare(app, plan, bindings.workers);
	if (status != 0) {
		bindings_clear(&bindings);
		plan_free(plan);
		return status;
	}
	app->door.started_ns = app->door.reloaded_ns = host_realtime_ns();
	return workers_apply(&app->workers, plan, &bindings)
	    ? 0
	    : CONFIG_EXIT_OSERR;
}

static int
app_start(struct app *app, struct plan *plan)
{
	int status = begin(app, plan);

	if (status != 0)
		return status;
	app->refusals = privileges_enter_sandbox(current(app), app->base);
	faults_log(app->workers.plan, &app->has_faults); /* said by then */
	status = write_portfile(app);
	if (status != 0)
		return status;
	interfaces_resume(&app->interfaces);
	sidedoor_restart(&app->door);
	log_ready(true);
	notify_ready(app);
	return 0;
}

static void
app_free(struct app *app)
{
	reload_free(app->reload);
	interfaces_clear(&app->interfaces);
	workers_free(&app->workers);
	helper_free(app->helper);
	free(app->messages.text);
	sidedoor_clear(&app->door);
	signals_clear(&app->signals);
	if (app->stop_event != NULL)
		event_free(app->stop_event);
	if (app->refusals != NULL)
		event_free(app->refusals);
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
	int status = CONFIG_EXIT_CONFIG;

	host_memory_economise();
	app.limit = make_limit(&config->daemon);
	if (app.limit == NULL ||
	    !sidedoor_init(&app.door, &app.workers, &config->daemon)) {
		log_error("out of memory or randomness");
		limit_free(app.limit);
		config_clear(config);
		return CONFIG_EXIT_OSERR;
	}
	plan = plan_new(config, app.limit, &errors);
	errors_log(&errors);
	if (plan != NULL)
		status = app_start(&app, plan);
	if (status == 0) {
		event_base_dispatch(app.base);
		workers_abandon(&app.workers);
		collector_log(&app.workers);
		helper_stop(app.helper);
		/* It may still use what exit() would destroy. */
		if (workers_are_stuck(&app.workers))
			_Exit(CONFIG_EXIT_OSERR);
	}
	app_free(&app);
	return status;
}
