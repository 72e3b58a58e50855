/* SPDX-License-Identifier: ISC */
/*
 * The self-probe, the HTTP side door and the control socket, and the links
 * between them, the workers and the collector.
 */
#include "daemon/sidedoor.h"

#include "daemon/base/log.h"
#include "daemon/collector.h"
#include "platform/clock.h"
#include "platform/localsocket.h"
#include "platform/manager.h"
#include "platform/random.h"

static const struct config_values *
current(const struct sidedoor *door)
{
	return &door->workers->plan->config.daemon;
}

static struct access_rules
rules_of(const struct plan *plan)
{
	const struct config_values *values = &plan->config.daemon;

	return (struct access_rules){ &values->http_allow, &values->http_host,
		plan->node };
}

static void
count_socket(void *argument, const struct selfprobe_socket *socket,
    struct liveness_count *count)
{
	const struct sidedoor *door = argument;

	collector_count(door->workers, socket, count);
}

static bool
is_waiting(void *argument, const struct selfprobe_socket *socket)
{
	const struct sidedoor *door = argument;

	return collector_waiting(door->workers, socket);
}

static bool
are_turning(void *argument)
{
	const struct sidedoor *door = argument;

	return workers_have_turned(door->workers);
}

/* The daemon as it is now. */
static void
take_state(void *argument, struct snapshot *snapshot)
{
	const struct sidedoor *door = argument;

	collector_snapshot(door->workers, snapshot);
	snapshot->reloads = door->reloads;
	snapshot->reloads_failed = door->reloads_failed;
	snapshot->reload_failed = door->reload_failed;
	snapshot->reloaded_ns = door->reloaded_ns;
	snapshot->started_ns = door->started_ns;
	snapshot->now_ns = host_realtime_ns();
	snapshot->ready = !door->draining;
	snapshot->healthy = health_is_good(door->health);
	snapshot->unasked = health_unknown(door->health);
}

static void
collect_binding(void *argument, size_t number, struct snapshot_binding *binding)
{
	const struct sidedoor *door = argument;

	/* What was answered before the first one counts. */
	if (number == 0)
		workers_barrier(door->workers);
	collector_binding(door->workers, number, binding);
}

/*
 * For the control socket.
 */

static void
recall(void *argument, struct records *records)
{
	const struct sidedoor *door = argument;

	collector_recall(door->workers, records);
}

static const char *
drain(void *argument, bool wanted)
{
	const struct sidedoor_owner *owner =
	    &((const struct sidedoor *)argument)->owner;

	return owner->drain(owner->argument, wanted);
}

static uint64_t
reload(void *argument, const char **why)
{
	const struct sidedoor_owner *owner =
	    &((const struct sidedoor *)argument)->owner;

	return owner->reload(owner->argument, why);
}

static unsigned int
log_level(void *argument, int level)
{
	(void)argument;
	if (level >= 0)
		log_set_level((enum log_level)level);
	return log_get_level();
}

bool
sidedoor_init(struct sidedoor *door, const struct workers *workers,
    const struct config_values *values)
{
	struct selfprobe_secret *secret = &door->secret;

	door->workers = workers;
	door->liveness_source = (struct liveness_source){ count_socket,
		is_waiting, are_turning, door };
	door->http_source =
	    (struct render_source){ take_state, collect_binding, door };
	door->actions = (struct control_actions){ .source = door->http_source,
		.recall = recall,
		.drain = drain,
		.log_level = log_level,
		.reload = reload };
	door->control_handle = -1;
	secret->enabled = values->http.count != 0 || values->control != NULL ||
	    host_watchdog() != 0;
	return !secret->enabled ||
	    host_random(secret->bytes, sizeof(secret->bytes));
}

bool
sidedoor_prepare(struct sidedoor *door, struct event_base *base)
{
	if (!door->secret.enabled)
		return true;
	door->health = health_new(base, &door->liveness_source, &door->secret);
	return door->health != NULL;
}

int
sidedoor_open(struct sidedoor *door, const struct plan *plan)
{
	const struct config_values *values = &plan->config.daemon;
	const struct host_localsocket wanted = { values->control,
		values->control_owner, values->control_mode };
	char why[HOST_LOCALSOCKET_WHY];

	if (values->control == NULL)
		return 0;
	door->control_handle = host_localsocket_listen(&wanted, why);
	if (door->control_handle != -1)
		return 0;
	log_error("control: cannot listen on %s", why);
	return CONFIG_EXIT_CANTCREAT;
}

static int
listen_http(
    struct sidedoor *door, struct event_base *base, const struct plan *plan)
{
	const struct config_values *values = &plan->config.daemon;
	const struct access_rules rules = rules_of(plan);
	const struct config_endpoints *endpoints;
	char text[MH_ADDRESS_TEXT];
	size_t i;

	if (values->http.count == 0)
		return 0;
	door->http = http_new(base, &values->http, &rules, &door->http_source);
	if (door->http == NULL)
		return CONFIG_EXIT_UNAVAILABLE;
	endpoints = http_endpoints(door->http);
	for (i = 0; i < endpoints->count; i++)
		log_info("http: listening on %s",
		    mh_endpoint_format(
			&endpoints->items[i], text, sizeof(text)));
	return 0;
}

int
sidedoor_listen(
    struct sidedoor *door, struct event_base *base, const struct plan *plan)
{
	const intptr_t handle = door->control_handle;
	int status = listen_http(door, base, plan);

	if (status != 0 || handle == -1)
		return status;
	door->control_handle = -1;
	door->control = control_new(base, handle, &door->actions);
	if (door->control != NULL)
		return 0;
	log_error("control: out of memory");
	return CONFIG_EXIT_OSERR;
}

void
sidedoor_restart(struct sidedoor *door)
{
	const struct bindings *bindings = &door->workers->bindings;
	const struct config_values *values = current(door);
	const struct health_subject subject = { bindings->targets,
		bindings->count, values->probe_interval,
		values->health_unasked == 0 };

	if (door->health != NULL)
		health_restart(door->health, &subject);
}

void
sidedoor_follow(struct sidedoor *door)
{
	const struct access_rules rules = rules_of(door->workers->plan);

	sidedoor_restart(door);
	if (door->control != NULL)
		control_follow(door->control);
	if (door->http != NULL && !http_configure(door->http, &rules))
		log_error("out of memory: keeping the previous http-allow "
			  "and http-host");
}

void
sidedoor_count_reload(struct sidedoor *door, bool good)
{
	door->reload_failed = !good;
	if (good) {
		door->reloads++;
		door->reloaded_ns = host_realtime_ns();
	} else
		door->reloads_failed++;
}

void
sidedoor_reloaded(
    struct sidedoor *door, uint64_t number, bool good, const char *text)
{
	if (door->control != NULL)
		control_reloaded(door->control, number, good, text);
}

const struct config_endpoints *
sidedoor_http(const struct sidedoor *door)
{
	static const struct config_endpoints none = { .items = NULL };

	return door->http != NULL ? http_endpoints(door->http) : &none;
}

void
sidedoor_clear(struct sidedoor *door)
{
	control_free(door->control);
	if (door->control_handle != -1)
		host_localsocket_remove();
	http_free(door->http);
	health_free(door->health);
}
