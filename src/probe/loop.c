/* SPDX-License-Identifier: ISC */
/*
 * The schedule of a run of mhprobe: which session begins when, who is woken up
 * by what, and when all is over.  It wires the event loop to those who know
 * none; what is sent and what an answer means is decided elsewhere.
 */
#include "probe/loop.h"

#include "probe/active.h"
#include "probe/keys.h"
#include "probe/nagios.h"
#include "probe/probe.h"
#include "probe/resolve.h"
#include "probe/screen.h"
#include "probe/summary.h"
#include "common/scope.h"
#include "platform/clock.h"
#include "platform/network.h"
#include "platform/program.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

/* Sessions that begin at once, and when to go on: a burst is lost. */
#define BURST 32
#define BURST_EVERY MILLISECOND

/* Sockets open at a time: most systems allow a program 1024 files. */
#define SOCKETS_MAX 768

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

#define SIGNALS_MAX 8

struct loop {
	const struct options *options;
	struct probe probe;
	struct event_base *base;
	struct resolve_owner owner;
	struct resolve *resolve;
	struct screen screen;
	struct active_place place;
	struct active **active;
	size_t active_count, active_max;
	size_t next_session; /* not yet begun */
	int64_t burst_at;    /* the next ones may begin then */
	struct event *tick, *show;
	struct keys keys;
	struct event *signals[SIGNALS_MAX];
	bool out_of_memory;
	bool is_complete; /* all was asked, and nothing more is expected */
};

static struct timeval
interval(int64_t ns)
{
	struct timeval time = { 0, 0 };

	if (ns > 0) {
		/* Up, so as not to wake too early. */
		ns += 999;
		time.tv_sec = (long)(ns / SECOND);
		time.tv_usec = (long)(ns % SECOND / 1000);
	}
	return time;
}

static void
wake_in(struct event *event, int64_t ns)
{
	struct timeval time = interval(ns);

	event_add(event, &time);
}

/* Something cannot go on: the end of the run. */
static void
no_memory(struct loop *loop)
{
	loop->out_of_memory = true;
	event_base_loopbreak(loop->base);
}

/*
 * Targets.
 */

static struct session *
add_session(struct loop *loop, size_t target, const struct mh_address *address)
{
	struct session *session = probe_add(&loop->probe, target, address);

	if (session == NULL)
		no_memory(loop);
	else
		wake_in(loop->tick, 0);
	return session;
}

/* An address of a name; one that cannot answer is a session that says so. */
static bool
on_found(void *self, size_t target, const struct mh_address *address)
{
	struct loop *loop = self;
	struct session *session;
	char text[MH_ADDRESS_TEXT];

	if (!probe_wants(&loop->probe, address->family) ||
	    probe_has(&loop->probe, target, address))
		return false;
	session = add_session(loop, target, address);
	if (session == NULL)
		return true;
	mh_address_format(address, text, sizeof(text));
	if (!target_can_answer(address))
		snprintf(session->error, sizeof(session->error),
		    TARGET_NO_ANSWER " %s", text);
	else if (scope_is_missing(address))
		snprintf(session->error, sizeof(session->error),
		    "a link-local address needs its interface: ask %s%%eth0 or "
		    "the like, not the name",
		    text);
	return true;
}

static void
on_failed(void *self, size_t target, unsigned int family, const char *why)
{
	const struct mh_address none = { .family = MH_FAMILY_NONE };
	struct session *session = add_session(self, target, &none);
	const char *what = family == MH_FAMILY_IPV4 ? " IPv4 addresses"
	    : family == MH_FAMILY_IPV6              ? " IPv6 addresses"
						    : "";

	if (session != NULL)
		snprintf(session->error, sizeof(session->error),
		    "cannot look up%s: %s", what, why);
}

/* Of which family names are to be looked up. */
static unsigned int
wanted_family(const struct probe *probe)
{
	if (!probe_wants(probe, MH_FAMILY_IPV6))
		return MH_FAMILY_IPV4;
	return probe_wants(probe, MH_FAMILY_IPV4) ? MH_FAMILY_NONE
						  : MH_FAMILY_IPV6;
}

static void
add_target(struct loop *loop, size_t i)
{
	const struct target *target = &loop->options->targets[i];
	struct mh_address address;
	uint32_t j;

	if (target->name[0] != '\0') {
		if (!resolve_start(loop->resolve, i, target->name,
			wanted_family(&loop->probe)))
			no_memory(loop);
		return;
	}
	for (j = 0; j < target->count && !loop->out_of_memory; j++) {
		address = target_address(target, j);
		add_session(loop, i, &address);
	}
}

/* Sessions with all targets; those of names come when they are found. */
static void
add_targets(struct loop *loop)
{
	size_t i;

	if (loop->options->local && !probe_add_local(&loop->probe))
		no_memory(loop);
	for (i = 0; i < loop->options->target_count; i++)
		add_target(loop, i);
}

/*
 * Active sessions.
 */

/* The system has no socket to spare: it waits until others are done. */
static void
wait_for_sockets(struct loop *loop, struct session *session)
{
	session->error[0] = session->note[0] = '\0';
	loop->active_max = loop->active_count;
	loop->next_session--;
}

static void
start(struct loop *loop, struct session *session)
{
	struct active **active = &loop->active[loop->active_count];

	switch (active_start(active, &loop->place, session)) {
	case ACTIVE_STARTED:
		loop->active_count++;
		break;
	case ACTIVE_REFUSED:
		break;
	case ACTIVE_NO_SOCKETS:
		/* Without others to wait for, the session says why. */
		if (loop->active_count > 0)
			wait_for_sockets(loop, session);
		break;
	case ACTIVE_NO_MEMORY:
		no_memory(loop);
		break;
	}
}

/* Requests that never end would keep the others waiting forever. */
static void
refuse_rest(struct loop *loop)
{
	struct session *session;

	while (loop->next_session < loop->probe.session_count) {
		session = loop->probe.sessions[loop->next_session++];
		if (session->error[0] == '\0')
			snprintf(session->error, sizeof(session->error),
			    "too many targets for --watch: at most %zu",
			    loop->active_max);
	}
}

/* Begin with sessions that wait; returns when there may be more. */
static int64_t
start_some(struct loop *loop)
{
	struct probe *probe = &loop->probe;
	int64_t now = host_monotonic_ns();
	unsigned int i;

	if (now >= loop->burst_at) {
		for (i = 0;
		     i < BURST && loop->next_session < probe->session_count &&
		     loop->active_count < loop->active_max;
		     i++)
			start(loop, probe->sessions[loop->next_session++]);
		loop->burst_at = now + BURST_EVERY;
	}
	if (probe->plan.count == 0 && loop->active_count == loop->active_max)
		refuse_rest(loop);
	return loop->next_session < probe->session_count &&
		loop->active_count < loop->active_max
	    ? loop->burst_at
	    : INT64_MAX;
}

static bool
all_done(const struct loop *loop)
{
	return loop->active_count == 0 && resolve_pending(loop->resolve) == 0 &&
	    loop->next_session == loop->probe.session_count;
}

static void
on_tick(evutil_socket_t fd, short events, void *argument)
{
	struct loop *loop = argument;
	int64_t wake, next = INT64_MAX;
	size_t i;

	(void)fd;
	(void)events;
	for (i = 0; i < loop->active_count;) {
		wake = active_step(loop->active[i]);
		if (wake == ACTIVE_OVER) {
			active_finish(loop->active[i]);
			loop->active[i] = loop->active[--loop->active_count];
			continue;
		}
		next = wake < next ? wake : next;
		i++;
	}
	i = loop->active_count;
	wake = start_some(loop);
	next = wake < next ? wake : next;
	if (loop->active_count > i)
		next = 0; /* they are to be stepped */
	loop->is_complete = all_done(loop);
	if (loop->is_complete)
		event_base_loopbreak(loop->base);
	else if (next != INT64_MAX)
		wake_in(loop->tick, next - host_monotonic_ns());
}

static void
on_show(evutil_socket_t fd, short events, void *argument)
{
	struct loop *loop = argument;
	const struct probe *probe = &loop->probe;
	const struct screen_progress progress = {
		.sessions = probe->sessions,
		.count = probe->session_count,
		.done = loop->next_session - loop->active_count,
		.lookups = resolve_pending(loop->resolve),
	};
	int64_t next = screen_show(&loop->screen, &progress);

	(void)fd;
	(void)events;
	if (next >= 0)
		wake_in(loop->show, next);
	else
		event_base_loopbreak(loop->base);
	keys_look(&loop->keys);
}

/* Who reads targets from standard input has no keys there. */
static void
open_keys(struct loop *loop)
{
	const char *file = loop->options->target_file;

	if (screen_is_live(&loop->screen) &&
	    (file == NULL || strcmp(file, "-") != 0) &&
	    !keys_open(&loop->keys, loop->base))
		no_memory(loop);
}

/*
 * Start and stop.
 */

static void
on_signal(evutil_socket_t number, short events, void *argument)
{
	(void)number;
	(void)events;
	event_base_loopbreak(((struct loop *)argument)->base);
}

static bool
add_signals(struct loop *loop)
{
	size_t i, count = 0;

	for (i = 0; host_signals[i].number != 0 && count < SIGNALS_MAX; i++) {
		if (host_signals[i].action != HOST_STOP)
			continue;
		loop->signals[count] = evsignal_new(
		    loop->base, host_signals[i].number, on_signal, loop);
		if (loop->signals[count] == NULL ||
		    event_add(loop->signals[count], NULL) < 0)
			return false;
		count++;
	}
	return true;
}

static bool
loop_init(struct loop *loop)
{
	loop->base = event_base_new();
	if (loop->base == NULL || probe_init(&loop->probe, loop->options) != 0)
		return false;
	loop->active_max = SOCKETS_MAX / loop->probe.plan.paths;
	loop->active = calloc(loop->active_max, sizeof(struct active *));
	loop->owner = (struct resolve_owner){ loop, on_found, on_failed };
	loop->resolve =
	    resolve_new(loop->base, loop->options->target_count, &loop->owner);
	loop->tick = evtimer_new(loop->base, on_tick, loop);
	loop->show = evtimer_new(loop->base, on_show, loop);
	loop->place =
	    (struct active_place){ &loop->probe, loop->base, loop->tick };
	return loop->active != NULL && loop->resolve != NULL &&
	    loop->tick != NULL && loop->show != NULL && add_signals(loop);
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void
loop_clear(struct loop *loop)
{
	size_t i;

	while (loop->active_count > 0)
		active_finish(loop->active[--loop->active_count]);
	free(loop->active);
	for (i = 0; i < SIGNALS_MAX; i++)
		free_event(loop->signals[i]);
	free_event(loop->tick);
	free_event(loop->show);
	resolve_free(loop->resolve);
	probe_clear(&loop->probe);
	if (loop->base != NULL)
		event_base_free(loop->base);
	libevent_global_shutdown();
}

/* What the sessions themselves cannot know of how it ended. */
static void
add_remarks(struct loop *loop)
{
	size_t i;

	resolve_interrupt(loop->resolve);
	if (!loop->is_complete)
		for (i = 0; i < loop->probe.session_count; i++)
			session_interrupt(loop->probe.sessions[i]);
	if (host_tracks_connections())
		probe_explain_silence(&loop->probe);
}

static int
run(struct loop *loop)
{
	struct probe *probe = &loop->probe;
	struct summary summary;

	screen_init(&loop->screen, loop->options);
	if (screen_delay(&loop->screen) >= 0)
		wake_in(loop->show, screen_delay(&loop->screen));
	open_keys(loop);
	add_targets(loop);
	wake_in(loop->tick, 0);
	if (!loop->out_of_memory)
		event_base_dispatch(loop->base);
	keys_close(&loop->keys);
	add_remarks(loop);
	if (loop->out_of_memory) {
		fputs("mhprobe: out of memory\n", stderr);
		return OPTIONS_EXIT_ERROR;
	}
	if (loop->options->local && probe->session_count == 0) {
		fputs("mhprobe: --local: this host has no address to ask\n",
		    stderr);
		return OPTIONS_EXIT_ERROR;
	}
	probe_sort(probe);
	screen_result(&loop->screen, probe->sessions, probe->session_count);
	if (loop->options->nagios)
		return nagios_exit(
		    loop->options, probe->sessions, probe->session_count);
	summary = summary_of(probe->sessions, probe->session_count);
	return summary_exit(&summary);
}

/* What libevent has to say, sessions say. */
static void
on_libevent_message(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

int
loop_run(const struct options *options)
{
	struct loop loop = { .options = options };
	char from[MH_ADDRESS_TEXT];
	int status = OPTIONS_EXIT_ERROR;

	event_set_log_callback(on_libevent_message);
	if (options->from.family != MH_FAMILY_NONE &&
	    !mh_address_is_local(&options->from))
		fprintf(stderr,
		    "mhprobe: --from: %s is not an address of this host\n",
		    mh_address_format(&options->from, from, sizeof(from)));
	else if (!loop_init(&loop))
		fputs("mhprobe: out of memory\n", stderr);
	else
		status = run(&loop);
	loop_clear(&loop);
	return status;
}
