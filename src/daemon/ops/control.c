/* SPDX-License-Identifier: ISC */
/*
 * Requests are parsed by common/request.c, and connections.c bounds what
 * clients take; answers that take long are made in slices by render.c, one at a
 * time.  A client that waits for a reload waits as long as that takes.
 */
#include "daemon/ops/control.h"

#include "common/json.h"
#include "common/request.h"
#include "daemon/ops/acceptor.h"
#include "daemon/ops/records.h"
#include "daemon/ops/report.h"
#include "platform/clock.h"

#include <event2/buffer.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>

/* What a client waits for. */
struct task {
	struct request request;
	uint64_t reload; /* its number; 0: something else */
};

struct control {
	const struct control_actions *actions;
	struct render_source source;
	struct connections_owner owner;
	struct connections *connections;
	struct acceptor *acceptor;
	struct render *render;
	struct records *records;
	struct request query; /* of the answer that is being made */
	/* The last reload that is over. */
	uint64_t reloaded;
	bool reload_good;
	char *reload_text;
};

/*
 * Answers.
 */

static void
begin_answer(struct connection *connection, bool good)
{
	const char *head = good ? REQUEST_OK : REQUEST_ERROR;

	evbuffer_add(connection->output, head, strlen(head));
}

/* A text of a line or more. */
static void
answer(struct connection *connection, bool is_json, bool good, const char *text)
{
	struct strbuf json = { .text = NULL };

	begin_answer(connection, good);
	if (is_json) {
		strbuf_print(
		    &json, "{\"ok\":%s,\"text\":", good ? "true" : "false");
		json_string(&json, text);
		strbuf_print(&json, "}\n");
		if (json.text != NULL)
			evbuffer_add(
			    connection->output, json.text, json.length);
		free(json.text);
	} else
		evbuffer_add_printf(connection->output, "%s\n", text);
	connections_send(connection, !good);
}

static struct task *
task_of(const struct connection *connection)
{
	return connection->page;
}

static void
answer_task(struct connection *connection, bool good, const char *text)
{
	answer(connection, task_of(connection)->request.is_json, good, text);
}

/*
 * What takes long.
 */

/* The one that has waited longest for what is not a reload. */
static struct connection *
find_waiting(const struct control *control)
{
	struct connection *first = NULL, *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(control->connections, i);
		if (connection->state == CONNECTION_WAITING &&
		    task_of(connection)->reload == 0 &&
		    (first == NULL || connection->serial < first->serial))
			first = connection;
	}
	return first;
}

/* The daemon's state, and what the workers remember. */
static void
take_state(void *argument, struct snapshot *snapshot)
{
	struct control *control = argument;
	const struct control_actions *actions = control->actions;

	actions->source.state(actions->source.argument, snapshot);
	*control->records = (struct records){ .now = host_monotonic_ns() };
	actions->recall(actions->source.argument, control->records);
	snapshot->records = control->records;
	snapshot->query = &control->query;
	snapshot->log_level = actions->log_level(actions->source.argument, -1);
}

static void
collect(void *argument, size_t number, struct snapshot_binding *binding)
{
	const struct control *control = argument;
	const struct render_source *source = &control->actions->source;

	source->collect(source->argument, number, binding);
}

/* Begin the next answer. */
static void
begin_report(struct control *control)
{
	static const uint64_t none[SNAPSHOT_HTTP_COUNT];
	struct connection *connection;

	while (!render_is_busy(control->render) &&
	    (connection = find_waiting(control)) != NULL) {
		control->query = task_of(connection)->request;
		connection->is_claimed = true;
		if (render_start(control->render, report_step, none))
			return;
		answer_task(connection, false, "out of memory");
	}
}

static void
on_report(void *argument, struct evbuffer *text)
{
	struct control *control = argument;
	struct connection *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(control->connections, i);
		if (connection->state != CONNECTION_WAITING ||
		    !connection->is_claimed)
			continue;
		if (text == NULL)
			answer_task(connection, false, "out of memory");
		else {
			begin_answer(connection, true);
			evbuffer_add_buffer(connection->output, text);
			connections_send(connection, false);
		}
	}
	if (text != NULL)
		evbuffer_free(text);
	begin_report(control);
}

/*
 * Reloads.
 */

/* To all that waited for it. */
static void
answer_reload(struct control *control)
{
	struct connection *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(control->connections, i);
		if (connection->state == CONNECTION_WAITING &&
		    task_of(connection)->reload != 0 &&
		    task_of(connection)->reload <= control->reloaded)
			answer_task(connection, control->reload_good,
			    control->reload_text != NULL ? control->reload_text
							 : "out of memory");
	}
}

void
control_reloaded(
    struct control *control, uint64_t number, bool good, const char *text)
{
	free(control->reload_text);
	control->reload_text = strdup(text);
	control->reload_good = good;
	control->reloaded = number;
	answer_reload(control);
}

void
control_follow(struct control *control)
{
	render_restart(control->render);
}

static void
reload(struct control *control, struct connection *connection)
{
	const struct control_actions *actions = control->actions;
	const char *why;
	uint64_t number = actions->reload(actions->source.argument, &why);

	if (number == 0) {
		answer_task(connection, false, why);
		return;
	}
	task_of(connection)->reload = number;
	/* It may be over already. */
	answer_reload(control);
}

/*
 * Requests.
 */

static void
drain(struct control *control, struct connection *connection, bool wanted)
{
	const struct control_actions *actions = control->actions;
	const char *why = actions->drain(actions->source.argument, wanted);

	if (why != NULL)
		answer_task(connection, false, why);
	else
		answer_task(connection, true,
		    wanted ? "draining: no longer ready, still answering"
			   : "ready");
}

static void
log_level(struct control *control, struct connection *connection, int level)
{
	const struct control_actions *actions = control->actions;
	unsigned int now = actions->log_level(actions->source.argument, level);

	answer_task(connection, true, request_levels[now]);
}

static void
carry_out(struct control *control, struct connection *connection)
{
	const struct request *request = &task_of(connection)->request;

	switch (request->verb) {
	case REQUEST_DRAIN:
	case REQUEST_UNDRAIN:
		drain(control, connection, request->verb == REQUEST_DRAIN);
		break;
	case REQUEST_RELOAD:
		reload(control, connection);
		break;
	case REQUEST_LOG_LEVEL:
		log_level(control, connection, request->level);
		break;
	default:
		begin_report(control);
	}
}

static void
on_request(void *argument, struct connection *connection, const char *text,
    size_t length)
{
	struct control *control = argument;
	char why[REQUEST_WHY] = "out of memory";
	struct request request = { .level = -1 };
	struct task *task;

	if (text == NULL || !request_parse(&request, text, length, why)) {
		answer(connection, request.is_json, false, why);
		return;
	}
	task = calloc(1, sizeof(*task));
	if (task == NULL) {
		answer(connection, request.is_json, false, why);
		return;
	}
	task->request = request;
	connection->page = task;
	carry_out(control, connection);
}

static void
on_closed(void *argument, struct connection *connection)
{
	(void)argument;
	free(connection->page);
	connection->page = NULL;
}

/* The rights of the socket have decided. */
static bool
may_ask(void *argument, const struct mh_address *peer)
{
	(void)argument;
	(void)peer;
	return true;
}

struct control *
control_new(struct event_base *base, intptr_t handle,
    const struct control_actions *actions)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL) {
		evutil_closesocket((evutil_socket_t)handle);
		return NULL;
	}
	control->actions = actions;
	control->source =
	    (struct render_source){ take_state, collect, control };
	control->owner = (struct connections_owner){ .name = "control",
		.request_max = REQUEST_MAX,
		.is_patient = true,
		.may_ask = may_ask,
		.is_whole = request_is_whole,
		.request = on_request,
		.closed = on_closed,
		.argument = control };
	control->records = calloc(1, sizeof(*control->records));
	control->render =
	    render_new(base, &control->source, on_report, control);
	control->connections = connections_new(base, &control->owner);
	if (control->records != NULL && control->render != NULL &&
	    control->connections != NULL)
		control->acceptor =
		    acceptor_new(base, handle, control->connections);
	else
		evutil_closesocket((evutil_socket_t)handle);
	if (control->acceptor != NULL)
		return control;
	control_free(control);
	return NULL;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	acceptor_free(control->acceptor);
	connections_free(control->connections);
	render_free(control->render);
	free(control->records);
	free(control->reload_text);
	free(control);
}
