/* SPDX-License-Identifier: ISC */
/*
 * Each connection is read until its head is whole, then written, then closed:
 * one request, a short time for each part, and no more memory than one head and
 * one small buffer in the system.  A long answer is shared, see http.c.
 */
#include "daemon/ops/connections.h"

#include "daemon/base/log.h"
#include "platform/clock.h"
#include "platform/sockname.h"
#include "platform/stream.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* For the head; without progress of the answer; for all; to take the end. */
#define REQUEST_TIMEOUT (5 * SECOND)
#define STALL_TIMEOUT (5 * SECOND)
#define TOTAL_TIMEOUT (10 * SECOND)
#define LINGER_TIMEOUT (1 * SECOND)

/* This many requests may take that long, while answers are not taken. */
#define NEWCOMERS 4
#define GRACE (1 * SECOND)

/* How long there is less room, once there were no more descriptors. */
#define SCARCE_TIME (10 * SECOND)

/* In the system, of an answer; at a time, so that datagrams come between. */
#define SEND_BUFFER 131072
#define WRITE_MAX 16384

/* What else a client may send until it has seen the answer. */
#define LINGER_MAX 65536

struct connections {
	struct connection items[CONNECTIONS_MAX];
	unsigned int count;
	unsigned int room; /* of the places, while descriptors are scarce */
	int64_t scarce_until;
	unsigned int spared; /* of those that only begin */
	const struct connections_owner *owner;
	struct event_base *base;
	struct event *watch; /* over the time they take */
	uint64_t next_serial;
	uint64_t counters[SNAPSHOT_HTTP_COUNT];
	struct log_limit evicted, failed;
};

static const struct timeval watch_interval = { .tv_usec = 100000 };

/*
 * The end of one.
 */

static void
end(struct connection *connection, enum snapshot_http result)
{
	struct connections *table = connection->table;

	table->owner->closed(table->owner->argument, connection);
	if (connection->readable != NULL)
		event_free(connection->readable);
	if (connection->writable != NULL)
		event_free(connection->writable);
	if (connection->input != NULL)
		evbuffer_free(connection->input);
	if (connection->output != NULL)
		evbuffer_free(connection->output);
	evutil_closesocket((evutil_socket_t)connection->handle);
	*connection = (struct connection){ .state = CONNECTION_FREE };
	table->counters[result]++;
	table->count--;
}

/* Nothing is left of it, in the system either. */
static void
end_now(struct connection *connection, enum snapshot_http result)
{
	host_stream_abort(connection->handle);
	end(connection, result);
}

static enum snapshot_http
result_of(const struct connection *connection)
{
	return connection->is_refused ? SNAPSHOT_HTTP_REFUSED
				      : SNAPSHOT_HTTP_ANSWERED;
}

void
connections_evict(struct connection *connection)
{
	char text[MH_ADDRESS_TEXT];

	if (connection->state == CONNECTION_LINGERING) {
		end_now(connection, result_of(connection));
		return;
	}
	log_limited(&connection->table->evicted, host_monotonic_ns(),
	    "%s: too many connections: closed one from %s",
	    connection->table->owner->name,
	    connection->peer.family == MH_FAMILY_NONE
		? "this host"
		: mh_address_format(&connection->peer, text, sizeof(text)));
	end_now(connection, SNAPSHOT_HTTP_EVICTED);
}

/*
 * Room for another.
 */

/* All of loopback is one peer, and so is a /64, whose holder has all of it. */
static struct mh_address
peer_key(const struct mh_address *peer)
{
	struct mh_address key = *peer;

	if (mh_address_class(peer) == MH_CLASS_LOOPBACK)
		return (struct mh_address){ .family = MH_FAMILY_NONE };
	key.port = 0;
	if (key.family == MH_FAMILY_IPV6)
		memset(key.ip + 8, 0, 8);
	return key;
}

static unsigned int
count_of(const struct connections *table, const struct mh_address *key)
{
	unsigned int i, count = 0;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		count += table->items[i].state != CONNECTION_FREE &&
		    mh_address_compare(&table->items[i].peer, key) == 0;
	return count;
}

static bool
is_of(const struct connection *connection, const struct mh_address *key)
{
	return key == NULL || mh_address_compare(&connection->peer, key) == 0;
}

/*
 * Is it one of the newest without a whole request, and came just now?  Its
 * request is on the way, and must not lose its place to somebody who asks for
 * long answers, or takes none, again and again.
 */
static bool
is_newcomer(const struct connection *connection, const struct mh_address *key)
{
	const struct connection *item = connection->table->items;
	const struct connection *end = item + CONNECTIONS_MAX;
	unsigned int newer = 0;

	if (connection->state != CONNECTION_READING ||
	    host_monotonic_ns() - connection->accepted >= GRACE)
		return false;
	for (; item < end; item++)
		newer += item->state == CONNECTION_READING &&
		    is_of(item, key) && item->serial > connection->serial;
	return newer < connection->table->spared;
}

/* The first to go has the most. */
static int
rank(const struct connection *connection, const struct mh_address *key)
{
	static const int ranks[] = {
		[CONNECTION_LINGERING] = 5,
		[CONNECTION_READING] = 4,
		[CONNECTION_WRITING] = 3,
		[CONNECTION_WAITING] = 2,
		[CONNECTION_FREE] = 0,
	};

	return is_newcomer(connection, key) ? 1 : ranks[connection->state];
}

/*
 * Should a go rather than b?  Of those that write, one that has not moved for
 * longest; of those that wait for the same text, one that came last.
 */
static bool
goes_before(const struct connection *a, const struct connection *b,
    const struct mh_address *key)
{
	unsigned int of_a, of_b;

	if (b == NULL || rank(a, key) != rank(b, key))
		return b == NULL || rank(a, key) > rank(b, key);
	if (a->state == CONNECTION_WAITING)
		return a->serial > b->serial;
	of_a = count_of(a->table, &a->peer);
	of_b = count_of(b->table, &b->peer);
	if (of_a != of_b)
		return of_a > of_b;
	if (a->progress != b->progress)
		return a->progress < b->progress;
	return a->serial < b->serial;
}

/* Which one to close; of that peer, or of any if NULL.  NULL: none is open. */
static struct connection *
find_victim(struct connections *table, const struct mh_address *key)
{
	struct connection *victim = NULL, *item;

	for (item = table->items; item < table->items + CONNECTIONS_MAX; item++)
		if (item->state != CONNECTION_FREE && is_of(item, key) &&
		    goes_before(item, victim, key))
			victim = item;
	return victim;
}

static unsigned int
room(const struct connections *table)
{
	return host_monotonic_ns() < table->scarce_until ? table->room
							 : CONNECTIONS_MAX;
}

static void
make_room(struct connections *table, const struct mh_address *key)
{
	if (count_of(table, key) >= CONNECTIONS_OF_PEER_MAX)
		connections_evict(find_victim(table, key));
	else if (table->count >= room(table))
		connections_evict(find_victim(table, NULL));
}

/*
 * Reading, writing, and waiting for the peer to close.
 */

/*
 * A socket that is closed with something unread in it is reset, and a reset may
 * overtake the answer.
 */
static void
linger(struct connection *connection)
{
	connection->state = CONNECTION_LINGERING;
	connection->progress = host_monotonic_ns();
	/* A request that filled it would leave no room to read the rest. */
	evbuffer_drain(
	    connection->input, evbuffer_get_length(connection->input));
	host_stream_finish(connection->handle);
	event_del(connection->writable);
	if (event_add(connection->readable, NULL) != 0)
		end(connection, result_of(connection));
}

static void
write_some(struct connection *connection)
{
	int n = evbuffer_write_atmost(
	    connection->output, (evutil_socket_t)connection->handle, WRITE_MAX);

	if (n < 0 && !host_stream_is_dry()) {
		end(connection, SNAPSHOT_HTTP_ABANDONED);
		return;
	}
	if (n > 0)
		connection->progress = host_monotonic_ns();
	if (evbuffer_get_length(connection->output) == 0)
		linger(connection);
	else if (event_add(connection->writable, NULL) != 0)
		end_now(connection, SNAPSHOT_HTTP_FAILED);
}

void
connections_send(struct connection *connection, bool is_refused)
{
	connection->state = CONNECTION_WRITING;
	connection->progress = host_monotonic_ns();
	connection->is_refused = is_refused;
	write_some(connection);
}

static void
read_head(struct connection *connection)
{
	const struct connections_owner *owner = connection->table->owner;
	const size_t length = evbuffer_get_length(connection->input);
	const char *text = (const char *)evbuffer_pullup(connection->input, -1);

	if (text != NULL && !owner->is_whole(text, length))
		return;
	event_del(connection->readable);
	connection->state = CONNECTION_WAITING;
	owner->request(owner->argument, connection, text, length);
}

static void
on_readable(evutil_socket_t fd, short events, void *argument)
{
	struct connection *connection = argument;
	const size_t length = evbuffer_get_length(connection->input);
	const bool is_over = connection->state == CONNECTION_LINGERING;
	int n;

	(void)events;
	n = evbuffer_read(connection->input, fd,
	    (int)(connection->table->owner->request_max - length));
	if (n < 0 && host_stream_is_dry())
		return;
	if (n <= 0) {
		end(connection,
		    is_over ? result_of(connection) : SNAPSHOT_HTTP_ABANDONED);
		return;
	}
	if (!is_over) {
		read_head(connection);
		return;
	}
	connection->drained += (size_t)n;
	evbuffer_drain(
	    connection->input, evbuffer_get_length(connection->input));
	if (connection->drained > LINGER_MAX)
		end(connection, result_of(connection));
}

static void
on_writable(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	write_some(argument);
}

/*
 * Time.
 */

static void
watch(struct connection *connection, int64_t now)
{
	const int64_t age = now - connection->accepted,
		      stalled = now - connection->progress;
	const bool is_patient = connection->table->owner->is_patient;

	if (connection->state == CONNECTION_LINGERING) {
		if (stalled >= LINGER_TIMEOUT)
			end_now(connection, result_of(connection));
	} else if ((age >= TOTAL_TIMEOUT && !is_patient) ||
	    (connection->state == CONNECTION_READING &&
		age >= REQUEST_TIMEOUT) ||
	    (connection->state == CONNECTION_WRITING &&
		stalled >= STALL_TIMEOUT))
		end_now(connection, SNAPSHOT_HTTP_TIMED_OUT);
}

static void
on_watch(evutil_socket_t fd, short events, void *argument)
{
	struct connections *table = argument;
	const int64_t now = host_monotonic_ns();
	unsigned int i;

	(void)fd;
	(void)events;
	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (table->items[i].state != CONNECTION_FREE)
			watch(&table->items[i], now);
	if (table->count > 0)
		event_add(table->watch, &watch_interval);
}

/*
 * A new one.
 */

static bool
prepare(struct connection *connection)
{
	struct event_base *base = connection->table->base;
	const evutil_socket_t fd = (evutil_socket_t)connection->handle;

	host_stream_limit(connection->handle, SEND_BUFFER);
	connection->input = evbuffer_new();
	connection->output = evbuffer_new();
	connection->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable =
	    event_new(base, fd, EV_WRITE, on_writable, connection);
	return connection->input != NULL && connection->output != NULL &&
	    connection->readable != NULL && connection->writable != NULL &&
	    event_add(connection->readable, NULL) == 0;
}

void
connections_add(struct connections *connections, intptr_t handle)
{
	struct connection *connection = connections->items;
	struct mh_address peer, key;

	host_peer(handle, &peer);
	if (!connections->owner->may_ask(connections->owner->argument, &peer)) {
		evutil_closesocket((evutil_socket_t)handle);
		connections->counters[SNAPSHOT_HTTP_FORBIDDEN]++;
		return;
	}
	key = peer_key(&peer);
	make_room(connections, &key);
	while (connection->state != CONNECTION_FREE)
		connection++;
	*connection = (struct connection){
		.state = CONNECTION_READING,
		.table = connections,
		.peer = key,
		.handle = handle,
		.serial = connections->next_serial++,
		.accepted = host_monotonic_ns(),
	};
	connection->progress = connection->accepted;
	connections->count++;
	if (!evtimer_pending(connections->watch, NULL))
		event_add(connections->watch, &watch_interval);
	if (!prepare(connection))
		end_now(connection, SNAPSHOT_HTTP_FAILED);
	else /* The request may be there already. */
		on_readable((evutil_socket_t)handle, EV_READ, connection);
}

/*
 * From now on one descriptor stays free, so that a new connection is accepted
 * at once and an old one goes, as when all places are taken.
 */
void
connections_add_failed(struct connections *connections, const char *why)
{
	struct connection *victim;
	const int64_t now = host_monotonic_ns();

	log_limited(&connections->failed, now,
	    "%s: cannot accept a connection: %s", connections->owner->name,
	    why);
	connections->counters[SNAPSHOT_HTTP_FAILED]++;
	connections->room = connections->count > 1 ? connections->count - 1 : 1;
	connections->scarce_until = now + SCARCE_TIME;
	connections->spared = 0;
	victim = find_victim(connections, NULL);
	connections->spared = NEWCOMERS;
	if (victim != NULL && victim->state != CONNECTION_WAITING)
		connections_evict(victim);
}

/*
 * The table.
 */

struct connection *
connections_at(struct connections *connections, size_t n)
{
	return &connections->items[n];
}

const uint64_t *
connections_counters(const struct connections *connections)
{
	return connections->counters;
}

struct connections *
connections_new(struct event_base *base, const struct connections_owner *owner)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (connections == NULL)
		return NULL;
	connections->base = base;
	connections->owner = owner;
	connections->spared = NEWCOMERS;
	connections->watch = evtimer_new(base, on_watch, connections);
	if (connections->watch != NULL)
		return connections;
	free(connections);
	return NULL;
}

void
connections_free(struct connections *connections)
{
	unsigned int i;

	if (connections == NULL)
		return;
	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (connections->items[i].state != CONNECTION_FREE)
			end_now(
			    &connections->items[i], SNAPSHOT_HTTP_ABANDONED);
	event_free(connections->watch);
	free(connections);
}
