/* SPDX-License-Identifier: ISC */
/*
 * The event loop of mhprobe: names, sockets, timers and signals; and what is
 * on the screen meanwhile.  The only file here that knows libevent.  What is
 * sent and what an answer means is decided elsewhere.
 */
#include "probe/loop.h"

#include "platform/clock.h"
#include "platform/network.h"
#include "platform/program.h"
#include "platform/terminal.h"
#include "probe/json.h"
#include "probe/nagios.h"
#include "probe/probe.h"
#include "probe/table.h"
#include "probe/summary.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Targets that are begun at once, and when to go on: a burst is lost. */
#define BURST 32
#define BURST_EVERY MILLISECOND

/* Sockets open at a time: most systems allow a program 1024 files. */
#define SOCKETS_MAX 768

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

/* All names together have so long to be looked up. */
#define LOOKUP_PATIENCE (10 * SECOND)

/* After the last answer, listen on for duplicates. */
#define LINGER_MIN (100 * MILLISECOND)

/* Runs longer than this show their progress, so often. */
#define PROGRESS_AFTER (2 * SECOND)
#define PROGRESS_EVERY (200 * MILLISECOND)

#define SIGNALS_MAX 8

struct loop;

/* A target that is being asked. */
struct flight {
	struct loop *loop;
	struct lane *lane;
	int64_t end_at; /* the row is done: stop listening then; 0: it is not */
	struct ear *ears; /* one for each socket */
};

struct ear {
	struct flight *flight;
	uint32_t path;
	struct event *readable;
};

/* A name that is being looked up. */
struct lookup {
	struct loop *loop;
	size_t target;
	struct evdns_getaddrinfo_request *request;
};

struct loop {
	const struct options *options;
	struct probe probe;
	struct event_base *base;
	struct evdns_base *dns;
	struct lookup *lookups; /* one for each target */
	size_t lookups_pending;
	struct flight **flights;
	size_t flight_count, flights_max;
	size_t next_row;  /* not yet asked */
	int64_t burst_at; /* the next ones may be begun then */
	struct event *tick, *screen, *patience;
	struct event *signals[SIGNALS_MAX];
	int64_t started_at;
	bool progress_shown;
	bool out_of_memory;
	bool ended; /* what comes now is no row any more */
	bool on_terminal, progress_on_terminal;
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

static struct row *
add_row(struct loop *loop, size_t target, const struct mh_address *address)
{
	struct row *row = probe_add(&loop->probe, target, address);

	if (row == NULL)
		no_memory(loop);
	else
		wake_in(loop->tick, 0);
	return row;
}

/*
 * Names.
 */

static void
add_failed_lookup(struct loop *loop, size_t target, const char *why)
{
	const struct mh_address none = { .family = MH_FAMILY_NONE };
	struct row *row = add_row(loop, target, &none);

	if (row != NULL)
		snprintf(
		    row->error, sizeof(row->error), "cannot look up: %s", why);
}

/* Add an address of a name; one that cannot answer is a row that says so. */
static void
add_address(struct loop *loop, size_t target, const struct mh_address *address)
{
	struct row *row = add_row(loop, target, address);
	char text[MH_ADDRESS_TEXT];

	if (row != NULL && !target_can_answer(address))
		snprintf(row->error, sizeof(row->error), TARGET_NO_ANSWER " %s",
		    mh_address_format(address, text, sizeof(text)));
}

/* Add the addresses, each once; returns how many there are. */
static size_t
add_found(struct loop *loop, size_t target, const struct evutil_addrinfo *found)
{
	struct mh_address address;
	size_t count = 0;

	for (; found != NULL; found = found->ai_next) {
		host_address_get(&address, found->ai_addr);
		address.port = 0;
		if (!probe_wants(&loop->probe, address.family) ||
		    probe_has(&loop->probe, target, &address))
			continue;
		add_address(loop, target, &address);
		count++;
	}
	return count;
}

/* libevent tells little more than these apart. */
static const char *
lookup_problem(int result)
{
	switch (result) {
	case EVUTIL_EAI_CANCEL:
		return "no answer in time";
	case EVUTIL_EAI_NONAME:
		return "no such name";
	case EVUTIL_EAI_NODATA:
		return "no address of the wanted family";
	case EVUTIL_EAI_FAIL:
		return "no address found, or no name server answers";
	default:
		return evutil_gai_strerror(result);
	}
}

static void
on_lookup(int result, struct evutil_addrinfo *found, void *argument)
{
	struct lookup *lookup = argument;
	struct loop *loop = lookup->loop;

	lookup->request = NULL;
	loop->lookups_pending--;
	if (loop->ended)
		goto done;
	if (result == 0 && add_found(loop, lookup->target, found) == 0)
		result = EVUTIL_EAI_NODATA;
	if (result != 0)
		add_failed_lookup(loop, lookup->target, lookup_problem(result));
done:
	if (found != NULL)
		evutil_freeaddrinfo(found);
}

static void
on_patience(evutil_socket_t fd, short events, void *argument)
{
	struct loop *loop = argument;
	size_t i;

	(void)fd;
	(void)events;
	for (i = 0; i < loop->options->target_count; i++)
		if (loop->lookups[i].request != NULL)
			evdns_getaddrinfo_cancel(loop->lookups[i].request);
}

/* libevent frees a request when it has told its end, some turns later. */
static void
drop_lookups(struct loop *loop)
{
	int turns = 100;

	loop->ended = true;
	if (loop->lookups_pending > 0)
		on_patience(-1, 0, loop);
	while (loop->lookups_pending > 0 && turns-- > 0)
		event_base_loop(loop->base, EVLOOP_NONBLOCK);
}

/* The user has seen enough. */
static void
give_up_lookups(struct loop *loop)
{
	size_t i;

	for (i = 0; i < loop->options->target_count; i++)
		if (loop->lookups[i].request != NULL)
			add_failed_lookup(loop, i, "interrupted");
}

/* Name servers and hosts of this system; without any, hosts alone. */
static bool
open_dns(struct loop *loop)
{
	if (loop->dns != NULL)
		return true;
	loop->dns =
	    evdns_base_new(loop->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
	if (loop->dns == NULL) {
		loop->dns = evdns_base_new(loop->base, 0);
		if (loop->dns == NULL)
			return false;
		evdns_base_load_hosts(loop->dns, NULL);
	}
	evdns_base_set_option(loop->dns, "timeout:", "1.5");
	evdns_base_set_option(loop->dns, "attempts:", "3");
	/* Small resolvers do not all give a name back as it was written. */
	evdns_base_set_option(loop->dns, "randomize-case:", "0");
	wake_in(loop->patience, LOOKUP_PATIENCE);
	return true;
}

static void
look_up(struct loop *loop, size_t i)
{
	const char *name = loop->options->targets[i].name;
	struct lookup *lookup = &loop->lookups[i];
	struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC };
	struct evdns_getaddrinfo_request *request;

	if (!open_dns(loop)) {
		no_memory(loop);
		return;
	}
	if (!probe_wants(&loop->probe, MH_FAMILY_IPV6))
		hints.ai_family = AF_INET;
	else if (!probe_wants(&loop->probe, MH_FAMILY_IPV4))
		hints.ai_family = AF_INET6;
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_protocol = IPPROTO_UDP;
	*lookup = (struct lookup){ .loop = loop, .target = i };
	loop->lookups_pending++;
	request =
	    evdns_getaddrinfo(loop->dns, name, NULL, &hints, on_lookup, lookup);
	/* It may be done already, and then there is no request. */
	if (request != NULL)
		lookup->request = request;
}

/* Rows for all targets; those of names come when they are found. */
static void
add_targets(struct loop *loop)
{
	const struct options *options = loop->options;
	struct mh_address address;
	uint32_t j;
	size_t i;

	if (options->local && !probe_add_local(&loop->probe))
		no_memory(loop);
	for (i = 0; i < options->target_count; i++) {
		if (options->targets[i].name[0] != '\0') {
			look_up(loop, i);
			continue;
		}
		for (j = 0; j < options->targets[i].count; j++) {
			address = target_address(&options->targets[i], j);
			if (add_row(loop, i, &address) == NULL)
				return;
		}
	}
}

/*
 * Flights.
 */

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct ear *ear = argument;
	struct loop *loop = ear->flight->loop;

	(void)fd;
	(void)events;
	probe_receive(&loop->probe, ear->flight->lane, ear->path);
	wake_in(loop->tick, 0);
}

static void
land(struct flight *flight)
{
	struct loop *loop = flight->loop;
	uint32_t i;

	for (i = 0; flight->ears != NULL && i < loop->probe.plan.paths; i++)
		if (flight->ears[i].readable != NULL)
			event_free(flight->ears[i].readable);
	free(flight->ears);
	if (flight->lane != NULL)
		probe_close(&loop->probe, flight->lane);
	free(flight);
}

static bool
listen_to(struct flight *flight)
{
	uint32_t i, paths = flight->loop->probe.plan.paths;
	struct ear *ear;

	flight->ears = calloc(paths, sizeof(*flight->ears));
	if (flight->ears == NULL)
		return false;
	for (i = 0; i < paths; i++) {
		ear = &flight->ears[i];
		*ear = (struct ear){ .flight = flight, .path = i };
		ear->readable = event_new(flight->loop->base,
		    (evutil_socket_t)mh_socket_handle(flight->lane->sockets[i]),
		    EV_READ | EV_PERSIST, on_readable, ear);
		if (ear->readable == NULL || event_add(ear->readable, NULL) < 0)
			return false;
	}
	return true;
}

/* The system has no socket to spare: this row waits until others are done. */
static void
wait_for_sockets(struct loop *loop, struct row *row)
{
	row->error[0] = row->note[0] = '\0';
	loop->flights_max = loop->flight_count;
	loop->next_row--;
}

/* Begin to ask; a row that cannot be asked is done, and says why. */
static void
take_off(struct loop *loop, struct row *row)
{
	struct lane *lane = probe_open(&loop->probe, row);
	struct flight *flight;

	if (lane == NULL) {
		if (loop->probe.spent && loop->flight_count > 0)
			wait_for_sockets(loop, row);
		return;
	}
	flight = calloc(1, sizeof(*flight));
	if (flight == NULL) {
		probe_close(&loop->probe, lane);
		no_memory(loop);
		return;
	}
	*flight = (struct flight){ .loop = loop, .lane = lane };
	if (!listen_to(flight)) {
		land(flight);
		no_memory(loop);
		return;
	}
	loop->flights[loop->flight_count++] = flight;
}

/* How long to listen on when all is answered. */
static int64_t
linger(const struct row *row)
{
	int64_t time = 2 * row->rtt.max;

	if (time < LINGER_MIN)
		time = LINGER_MIN;
	return time < row->plan->timeout ? time : row->plan->timeout;
}

/* What step() returns instead of a time. */
#define OVER INT64_C(-1)

/* Returns when it wants to be called again, or OVER. */
static int64_t
step(struct flight *flight)
{
	const struct row *row = flight->lane->row;
	int64_t now = host_monotonic_ns();
	int64_t wake = probe_step(&flight->loop->probe, flight->lane, now);

	if (!row_is_done(row))
		return wake;
	if (flight->end_at == 0)
		flight->end_at = now + (row->received > 0 ? linger(row) : 0);
	return flight->end_at > now ? flight->end_at : OVER;
}

/* Without an end to requests, the others would wait for ever. */
static void
refuse_rest(struct loop *loop)
{
	struct row *row;

	while (loop->next_row < loop->probe.row_count) {
		row = loop->probe.rows[loop->next_row++];
		if (row->error[0] == '\0')
			snprintf(row->error, sizeof(row->error),
			    "too many targets for --watch: at most %zu",
			    loop->flights_max);
	}
}

/* Begin with targets that wait; returns when there may be more. */
static int64_t
take_off_some(struct loop *loop)
{
	struct probe *probe = &loop->probe;
	int64_t now = host_monotonic_ns();
	unsigned int i;

	if (now >= loop->burst_at) {
		for (i = 0; i < BURST && loop->next_row < probe->row_count &&
		     loop->flight_count < loop->flights_max;
		     i++)
			take_off(loop, probe->rows[loop->next_row++]);
		loop->burst_at = now + BURST_EVERY;
	}
	if (probe->plan.count == 0 && loop->flight_count == loop->flights_max)
		refuse_rest(loop);
	return loop->next_row < probe->row_count &&
		loop->flight_count < loop->flights_max
	    ? loop->burst_at
	    : INT64_MAX;
}

static bool
all_done(const struct loop *loop)
{
	return loop->flight_count == 0 && loop->lookups_pending == 0 &&
	    loop->next_row == loop->probe.row_count;
}

static void
on_tick(evutil_socket_t fd, short events, void *argument)
{
	struct loop *loop = argument;
	int64_t wake, next = INT64_MAX;
	size_t i;

	(void)fd;
	(void)events;
	for (i = 0; i < loop->flight_count;) {
		wake = step(loop->flights[i]);
		if (wake == OVER) {
			land(loop->flights[i]);
			loop->flights[i] = loop->flights[--loop->flight_count];
			continue;
		}
		next = wake < next ? wake : next;
		i++;
	}
	i = loop->flight_count;
	wake = take_off_some(loop);
	next = wake < next ? wake : next;
	if (loop->flight_count > i)
		next = 0; /* they are to be stepped */
	if (all_done(loop))
		event_base_loopbreak(loop->base);
	else if (next != INT64_MAX)
		wake_in(loop->tick, next - host_monotonic_ns());
}

/*
 * The screen.
 */

static void
print_watch_lines(struct loop *loop)
{
	time_t now = (time_t)(host_realtime_ns() / SECOND);
	const struct tm *utc = gmtime(&now);
	char text[32] = "";
	size_t i;

	if (utc != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", utc);
	for (i = 0; i < loop->probe.row_count; i++)
		if (!loop->options->quiet ||
		    row_verdict(loop->probe.rows[i]) != ROW_OK)
			table_print_line(stdout, text, loop->probe.rows[i]);
}

static bool
wants_colour(const struct loop *loop)
{
	const char *no_colour = getenv("NO_COLOR");

	return loop->on_terminal && (no_colour == NULL || *no_colour == '\0');
}

static void
print_table(struct loop *loop, unsigned int fit)
{
	const struct table_style style = {
		.colour = wants_colour(loop),
		.quiet = loop->options->quiet,
		.fit = fit,
	};

	table_print(stdout, loop->probe.rows, loop->probe.row_count, &style);
}

static void
show_watch(struct loop *loop)
{
	struct host_terminal terminal;

	if (!loop->on_terminal)
		print_watch_lines(loop);
	else {
		/* It may have another size by now. */
		host_terminal(HOST_OUTPUT, &terminal);
		/*
		 * Heading, summary, "... more" and the cursor need a line each;
		 * and lines that are too long must not take two.
		 */
		fputs("\033[H\033[2J\033[?7l", stdout);
		print_table(loop, terminal.rows > 5 ? terminal.rows - 4 : 1);
		fputs("\033[?7h", stdout);
	}
	/* Nobody can see it any more. */
	if (fflush(stdout) != 0)
		event_base_loopbreak(loop->base);
}

static void
show_progress(struct loop *loop)
{
	size_t waiting = loop->probe.row_count - loop->next_row;

	fprintf(stderr,
	    "\r%zu of %zu targets done, %zu names to look up, "
	    "%" PRId64 " s\033[K",
	    loop->probe.row_count - waiting - loop->flight_count,
	    loop->probe.row_count, loop->lookups_pending,
	    (host_monotonic_ns() - loop->started_at) / SECOND);
	fflush(stderr);
	loop->progress_shown = true;
}

static void
on_screen(evutil_socket_t fd, short events, void *argument)
{
	struct loop *loop = argument;

	(void)fd;
	(void)events;
	if (loop->options->watch) {
		show_watch(loop);
		wake_in(loop->screen, loop->options->interval);
	} else {
		show_progress(loop);
		wake_in(loop->screen, PROGRESS_EVERY);
	}
}

static void
start_screen(struct loop *loop)
{
	struct host_terminal ignored;

	loop->on_terminal = host_terminal(HOST_OUTPUT, &ignored);
	loop->progress_on_terminal = host_terminal(HOST_ERROR, &ignored);
	if (loop->options->watch)
		wake_in(loop->screen, loop->options->interval);
	else if (loop->progress_on_terminal)
		wake_in(loop->screen, PROGRESS_AFTER);
}

static void
print_result(struct loop *loop)
{
	struct probe *probe = &loop->probe;
	size_t i;

	if (loop->progress_shown)
		fputs("\r\033[K", stderr);
	if (loop->options->watch && loop->on_terminal)
		fputs("\033[H\033[2J", stdout);
	probe_sort(probe);
	if (loop->options->nagios)
		nagios_print(stdout, probe->rows, probe->row_count);
	else if (!loop->options->json)
		print_table(loop, 0);
	else
		for (i = 0; i < probe->row_count; i++)
			if (!loop->options->quiet ||
			    row_verdict(probe->rows[i]) != ROW_OK)
				json_print(stdout, probe->rows[i]);
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
	loop->flights_max = SOCKETS_MAX / loop->probe.plan.paths;
	loop->flights = calloc(loop->flights_max, sizeof(struct flight *));
	loop->lookups =
	    calloc(loop->options->target_count + 1, sizeof(*loop->lookups));
	loop->tick = evtimer_new(loop->base, on_tick, loop);
	loop->screen = evtimer_new(loop->base, on_screen, loop);
	loop->patience = evtimer_new(loop->base, on_patience, loop);
	return loop->flights != NULL && loop->lookups != NULL &&
	    loop->tick != NULL && loop->screen != NULL &&
	    loop->patience != NULL && add_signals(loop);
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

	while (loop->flight_count > 0)
		land(loop->flights[--loop->flight_count]);
	free(loop->flights);
	for (i = 0; i < SIGNALS_MAX; i++)
		free_event(loop->signals[i]);
	free_event(loop->tick);
	free_event(loop->screen);
	free_event(loop->patience);
	drop_lookups(loop);
	if (loop->dns != NULL)
		evdns_base_free(loop->dns, 0);
	free(loop->lookups);
	probe_clear(&loop->probe);
	if (loop->base != NULL)
		event_base_free(loop->base);
	libevent_global_shutdown();
}

static int
run(struct loop *loop)
{
	struct tally tally;

	loop->started_at = host_monotonic_ns();
	start_screen(loop);
	add_targets(loop);
	wake_in(loop->tick, 0);
	if (!loop->out_of_memory)
		event_base_dispatch(loop->base);
	give_up_lookups(loop);
	if (loop->out_of_memory) {
		fputs("mhprobe: out of memory\n", stderr);
		return OPTIONS_EXIT_ERROR;
	}
	if (loop->options->local && loop->probe.row_count == 0) {
		fputs("mhprobe: --local: this host has no address to ask\n",
		    stderr);
		return OPTIONS_EXIT_ERROR;
	}
	print_result(loop);
	tally = tally_rows(loop->probe.rows, loop->probe.row_count);
	return tally_exit(&tally);
}

/* What libevent has to say, rows say. */
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
	int status = OPTIONS_EXIT_ERROR;

	event_set_log_callback(on_libevent_message);
	if (options->from.family != MH_FAMILY_NONE &&
	    !mh_address_is_local(&options->from))
		fputs(
		    "mhprobe: --from is not an address of this host\n", stderr);
	else if (!loop_init(&loop))
		fputs("mhprobe: out of memory\n", stderr);
	else
		status = run(&loop);
	loop_clear(&loop);
	return status;
}
