/* SPDX-License-Identifier: ISC */
/*
 * A request is over when its answer is complete, when the helper has been
 * silent for too long, or when it dies.
 */
#include "daemon/helper.h"

#include "daemon/base/log.h"
#include "platform/file.h"
#include "platform/localsocket.h"
#include "platform/memory.h"
#include "platform/privsep.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages per turn of the loop: datagrams must get their turn, too. */
#define TURN_MAX 16

static const struct timeval timeout = {
	.tv_sec = HOST_PRIVSEP_TIMEOUT / 1000,
	.tv_usec = HOST_PRIVSEP_TIMEOUT % 1000 * 1000,
};

struct helper {
	struct event_base *base;
	const struct command_line *command;
	char *port_path;
	struct host_privsep job;
	bool can_restart; /* no rights have been given up that it needs */
	bool dead;
	bool is_lending; /* files that it has read are in use */
	struct event *answer, *silence;
	/* The request; NULL: none. */
	bool is_reading;
	void (*done)(void *argument, const char *why);
	void *argument;
};

/* Runs in the helper: read what a reload reads, with the code of a reload. */
static void
read_files(const void *argument)
{
	const struct command_line *command = argument;
	const struct command_line reload = { command->argc, command->argv,
		true };
	struct config_errors errors = { .lines = NULL };
	struct config config;

	/* After an error, load_config() has already checked the plan. */
	if (load_config(&config, &reload, &errors) == 0)
		plan_check(&config, &errors);
	config_clear(&config);
	config_errors_free(&errors);
	/* It may be months until the next one. */
	host_memory_trim();
}

/*
 * Answers.
 */

static void
end_request(struct helper *helper, const char *why)
{
	void (*done)(void *argument, const char *why) = helper->done;

	event_del(helper->silence);
	helper->done = NULL;
	helper->is_lending =
	    helper->is_lending || (why == NULL && helper->is_reading);
	/*
	 * done may make a new request; otherwise what still arrives is dropped.
	 */
	if (done != NULL)
		done(helper->argument, why);
	if (helper->done == NULL && !helper->is_lending)
		host_privsep_forget();
}

static void
on_silence(evutil_socket_t fd, short events, void *argument)
{
	const char *file = host_privsep_file();
	struct helper *helper = argument;
	char why[HOST_PRIVSEP_WHY + CONFIG_WHY];

	(void)fd;
	(void)events;
	snprintf(why, sizeof(why),
	    "the privileged helper has not answered for %d s%s%.256s",
	    HOST_PRIVSEP_TIMEOUT / 1000, file != NULL ? ", waiting for " : "",
	    file != NULL ? file : "");
	end_request(helper, why);
}

/* Log what no longer works; once, as it dies once. */
static void
on_death(struct helper *helper)
{
	event_free(helper->answer);
	helper->answer = NULL;
	helper->dead = true;
	if (helper->can_restart)
		log_warning("the privileged helper has died: the next reload "
			    "starts it again");
	else
		log_error("the privileged helper has died: until a restart, "
			  "%s%s%s",
		    helper->job.read_files != NULL
			? "the configuration cannot be reloaded"
			: "",
		    helper->job.read_files != NULL && helper->port_path != NULL
			? " and "
			: "",
		    helper->port_path != NULL
			? "the port file can neither be written nor removed"
			: "");
	end_request(helper, "the privileged helper has died: restart");
}

static void
on_answer(evutil_socket_t fd, short events, void *argument)
{
	enum host_privsep_state state = HOST_PRIVSEP_WORKING;
	struct helper *helper = argument;
	char why[HOST_PRIVSEP_WHY];
	int i;

	(void)fd;
	(void)events;
	for (i = 0; i < TURN_MAX && state == HOST_PRIVSEP_WORKING; i++) {
		state = host_privsep_receive(why);
		if (state == HOST_PRIVSEP_WORKING)
			event_add(helper->silence, &timeout);
	}
	if (state == HOST_PRIVSEP_DONE)
		end_request(helper, NULL);
	else if (state == HOST_PRIVSEP_FAILED)
		end_request(helper, why);
	else if (state == HOST_PRIVSEP_DEAD)
		on_death(helper);
}

/*
 * Requests.
 */

static bool
start(struct helper *helper)
{
	if (!host_privsep_start(&helper->job))
		return false;
	helper->dead = false;
	if (host_privsep_handle() < 0)
		return true; /* this system does without */
	helper->answer =
	    event_new(helper->base, (evutil_socket_t)host_privsep_handle(),
		EV_READ | EV_PERSIST, on_answer, helper);
	return helper->answer != NULL && event_add(helper->answer, NULL) == 0;
}

/*
 * Is there a helper?  Restart it if necessary.  False also on systems that have
 * none.
 */
static bool
is_there(struct helper *helper)
{
	if (helper->dead && helper->can_restart && start(helper))
		log_info("started the privileged helper again");
	return helper->answer != NULL;
}

/* A request was sent; if it was not, it is over. */
static void
begin_request(struct helper *helper, bool sent, const char *why)
{
	if (sent)
		event_add(helper->silence, &timeout);
	else
		end_request(helper, why);
}

void
helper_read(struct helper *helper,
    void (*done)(void *argument, const char *why), void *argument)
{
	char why[HOST_PRIVSEP_WHY] = "";

	helper->done = done;
	helper->argument = argument;
	helper->is_reading = true;
	if (is_there(helper) || helper->dead)
		begin_request(helper, host_privsep_read(why), why);
	else
		end_request(helper, NULL);
}

void
helper_forget(struct helper *helper)
{
	helper->is_lending = false;
	host_privsep_forget();
}

void
helper_write(struct helper *helper, const struct strbuf *text,
    void (*done)(void *argument, const char *why), void *argument)
{
	char why[HOST_PRIVSEP_WHY] = "";
	bool good;

	helper->done = done;
	helper->argument = argument;
	helper->is_reading = false;
	if (is_there(helper) || helper->dead) {
		good = host_privsep_write(text->text, text->length, why);
		begin_request(helper, good, why);
		return;
	}
	good = host_file_write(
	    helper->port_path, text->text, text->length, why, sizeof(why));
	end_request(helper, good ? NULL : why);
}

/*
 * The beginning, and the end.
 */

/*
 * Reloads need it even if nothing is given up: a file server that is down must
 * not stop the thread that would read from it.
 */
static bool
is_needed(const struct plan *plan)
{
	const struct config_values *values = &plan->config.daemon;

	return plan->config.path != NULL ||
	    ((values->port_file != NULL || values->control != NULL) &&
		(values->sandbox || values->user != NULL));
}

struct helper *
helper_new(struct event_base *base, const struct plan *plan,
    const struct command_line *command)
{
	const struct config_values *values = &plan->config.daemon;
	struct helper *helper = calloc(1, sizeof(*helper));

	if (helper == NULL)
		return NULL;
	*helper = (struct helper){ .base = base,
		.command = command,
		.can_restart = !values->sandbox && values->user == NULL };
	helper->silence = evtimer_new(base, on_silence, helper);
	if (helper->silence == NULL)
		goto fail;
	if (values->port_file != NULL) {
		helper->port_path = strdup(values->port_file);
		if (helper->port_path == NULL)
			goto fail;
	}
	helper->job = (struct host_privsep){ .port_path = helper->port_path,
		.finish =
		    values->control != NULL ? host_localsocket_remove : NULL,
		.sandbox = values->sandbox,
		.read_files = plan->config.path != NULL ? read_files : NULL,
		.argument = command };
	if (!is_needed(plan) || start(helper))
		return helper;
fail:
	helper_free(helper);
	return NULL;
}

void
helper_stop(struct helper *helper)
{
	if (helper->answer != NULL)
		event_free(helper->answer);
	helper->answer = NULL;
	if (helper->port_path != NULL)
		host_file_remove(helper->port_path);
	host_localsocket_remove();
	host_privsep_stop();
}

void
helper_free(struct helper *helper)
{
	if (helper == NULL)
		return;
	helper_stop(helper);
	if (helper->silence != NULL)
		event_free(helper->silence);
	free(helper->port_path);
	free(helper);
}
