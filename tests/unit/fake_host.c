/* SPDX-License-Identifier: ISC */
/*
 * A host whose clocks are set by a test, and whose files are in memory.
 */
#include "unit/fake_host.h"

#include "unit/fake_udp.h"
#include "common/strbuf.h"
#include "platform/backlog.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/inherited.h"
#include "platform/localsocket.h"
#include "platform/manager.h"
#include "platform/network.h"
#include "platform/privileges.h"
#include "platform/program.h"
#include "platform/random.h"
#include "platform/syslog.h"
#include "platform/memory.h"
#include "platform/thread.h"
#include "platform/sockname.h"

#include <event2/util.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_host fake_host;

void
fake_host_reset(void)
{
	memset(&fake_host, 0, sizeof(fake_host));
	fake_host.watch_handle = -1;
	fake_host.sandbox_handle = -1;
	fake_host.localsocket = -1;
	fake_host.now = INT64_C(1000000000) * 1000000000;
	fake_host.monotonic_ns = INT64_C(1000000) * 1000000000;
	mh_address_parse(&fake_host.peer, "127.0.0.1");
	fake_host.privsep_handle = -1;
}

int64_t
host_realtime_ns(void)
{
	return fake_host.now;
}

int64_t
host_monotonic_ns(void)
{
	fake_host.monotonic_ns += fake_host.step;
	return fake_host.monotonic_ns;
}

void
host_clock_quality(struct host_clock_quality *quality)
{
	fake_host.quality_calls++;
	*quality = fake_host.quality;
}

void
host_name(char *name, size_t size)
{
	snprintf(name, size, "fake");
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	const struct fake_file *file = fake_host.others;
	const char *text = NULL;
	char *copy;

	snprintf(reason, reason_size, "no such file");
	for (; file != NULL && file->path != NULL; file++)
		if (strcmp(path, file->path) == 0)
			text = file->text;
	if (fake_host.path != NULL && strcmp(path, fake_host.path) == 0)
		text = fake_host.text;
	if (text == NULL)
		return NULL;
	*length = strlen(text);
	if (text == fake_host.text)
		*length += fake_host.more;
	if (*length > max)
		return NULL;
	copy = malloc(*length + 1);
	if (copy != NULL)
		memcpy(copy, text, *length + 1);
	return copy;
}

/* One star alone, in whatever order the files are. */
char *
host_file_match(const char *pattern, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	const struct fake_file *file = fake_host.others;
	size_t before = strcspn(pattern, "*"), n;
	char *list = malloc(max);

	snprintf(reason, reason_size, "permission denied");
	if (fake_host.is_secret) {
		free(list);
		return NULL;
	}
	for (*length = 0; file != NULL && file->path != NULL; file++) {
		n = strlen(file->path);
		if (strncmp(file->path, pattern, before) != 0 ||
		    n < strlen(pattern) - 1 ||
		    strcmp(file->path + n - (strlen(pattern) - before - 1),
			pattern + before + 1) != 0)
			continue;
		memcpy(list + *length, file->path, n + 1);
		*length += n + 1;
	}
	return list;
}

char *
host_path_beside(const char *file, const char *path)
{
	struct strbuf text = { .text = NULL };
	const char *slash = strrchr(file, '/');

	strbuf_print(&text, "%.*s%s",
	    *path == '/' || slash == NULL ? 0 : (int)(slash - file) + 1, file,
	    path);
	return text.text;
}

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	size_t used = strlen(fake_host.files_read);

	snprintf(fake_host.files_read + used,
	    sizeof(fake_host.files_read) - used, "%s%s", used > 0 ? "," : "",
	    path);
	if (fake_host.is_pipe) {
		snprintf(reason, reason_size, "it is a pipe");
		return NULL;
	}
	return host_stream_read(path, max, length, reason, reason_size);
}

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	snprintf(reason, reason_size, "read-only");
	if (fake_host.read_only)
		return false;
	snprintf(fake_host.written, sizeof(fake_host.written), "%s: %.*s", path,
	    (int)length, text);
	return true;
}

bool
host_file_may_write(const char *path)
{
	(void)path;
	return !fake_host.is_device;
}

void
host_file_remove(const char *path)
{
	snprintf(fake_host.removed, sizeof(fake_host.removed), "%s", path);
}

const char host_usage[] = "\nOn this system:\n  --here\n";

const char host_port_advice[] = "look there";

void
host_log_open(void)
{
	fake_host.syslog_opened++;
}

bool
host_log(unsigned int level, const char *text, bool wait)
{
	fake_host.syslog_waits += wait;
	if (fake_host.syslog_full)
		return false;
	snprintf(
	    fake_host.syslog, sizeof(fake_host.syslog), "%u %s", level, text);
	return true;
}

bool
host_log_wanted(void)
{
	return fake_host.syslog_wanted;
}

int
host_log_priority(unsigned int level)
{
	return fake_host.manager ? (int)level + 3 : -1;
}

bool
host_error_has_room(bool wait)
{
	fake_host.error_waits += wait;
	return !fake_host.error_full;
}

/*
 * Addresses and sockets.
 */

bool
host_loopback_reaches(const struct mh_address *address)
{
	return address->family == MH_FAMILY_IPV4 ||
	    mh_address_class(address) != MH_CLASS_LINK_LOCAL;
}

int
host_network_load(struct host_network *network)
{
	size_t size = fake_host.address_count * sizeof(*network->addresses);
	size_t interfaces =
	    fake_host.interface_count * sizeof(*network->interfaces);

	fake_host.network_loads++;
	if (fake_host.network_error != 0)
		return fake_host.network_error;
	host_network_free(network);
	network->addresses = malloc(size + 1);
	network->interfaces = malloc(interfaces + 1);
	if (network->addresses == NULL || network->interfaces == NULL) {
		host_network_free(network);
		return MH_ENOMEMORY;
	}
	if (interfaces > 0)
		memcpy(network->interfaces, fake_host.interfaces, interfaces);
	network->interface_count = fake_host.interface_count;
	if (size > 0)
		memcpy(network->addresses, fake_host.addresses, size);
	network->address_count = fake_host.address_count;
	return 0;
}

static void
note_group(const char *what, intptr_t handle, const struct mh_address *group)
{
	size_t length = strlen(fake_host.groups);
	char text[MH_ADDRESS_TEXT];

	snprintf(fake_host.groups + length, sizeof(fake_host.groups) - length,
	    "%s %d %s", what, (int)handle,
	    mh_address_format(group, text, sizeof(text)));
}

int
host_group_join(
    intptr_t handle, const struct mh_address *group, uint32_t if_index)
{
	size_t length;

	note_group("join", handle, group);
	length = strlen(fake_host.groups);
	snprintf(fake_host.groups + length, sizeof(fake_host.groups) - length,
	    " %u\n", (unsigned int)if_index);
	return fake_host.group_error;
}

void
host_group_keep_out(intptr_t handle, const struct mh_address *group)
{
	note_group("keep out", handle, group);
	strncat(fake_host.groups, "\n",
	    sizeof(fake_host.groups) - strlen(fake_host.groups) - 1);
}

bool
host_tracks_connections(void)
{
	return fake_host.tracks_connections;
}

void
host_watch_open(struct host_watch *watch)
{
	*watch = (struct host_watch){ .handle = fake_host.watch_handle };
}

bool
host_watch_read(const struct host_watch *watch)
{
	(void)watch;
	return fake_host.network_changed;
}

int
host_watch_load(
    struct host_watch *watch, struct host_network *network, bool *again)
{
	(void)watch;
	*again = fake_host.network_again;
	return host_network_load(network);
}

void
host_watch_close(struct host_watch *watch)
{
	(void)watch;
}

void
host_neighbours_open(struct host_neighbours *neighbours)
{
	*neighbours = (struct host_neighbours){ .handle = -1 };
}

void
host_neighbours_read(struct host_neighbours *neighbours,
    void (*notify)(void *argument, const struct host_neighbour *neighbour),
    void *argument)
{
	size_t i;

	(void)neighbours;
	fake_host.neighbours_reads++;
	for (i = 0; i < fake_host.neighbour_count; i++)
		notify(argument, &fake_host.neighbours[i]);
	fake_host.neighbour_count = 0;
}

bool
host_next_hop(struct host_neighbours *neighbours,
    const struct mh_datagram *request, struct host_neighbour *hop)
{
	(void)neighbours;
	fake_host.next_hop_calls++;
	if (fake_host.next_hop == NULL)
		return false;
	*hop = *fake_host.next_hop;
	if (hop->address.family == MH_FAMILY_NONE)
		hop->address = request->peer;
	return true;
}

void
host_neighbours_close(struct host_neighbours *neighbours)
{
	(void)neighbours;
}

intptr_t
host_backlog_open(void)
{
	return -1;
}

int
host_backlog_read(intptr_t handle, uint32_t least, struct host_backlog *table,
    unsigned int max)
{
	(void)handle;
	(void)least;
	(void)table;
	(void)max;
	return -1;
}

void
host_backlog_close(intptr_t handle)
{
	(void)handle;
}

bool
host_send_buffer(intptr_t handle, size_t *size, size_t *used)
{
	(void)handle;
	fake_host.send_buffer_calls++;
	*size = fake_host.send_buffer;
	*used = fake_host.send_used;
	return fake_host.send_buffer != 0;
}

/* Of a socket of the fake system, or a real one of libevent's. */
uint16_t
host_local_port(intptr_t handle)
{
	const struct fake_socket *s = fake_socket(handle);
	struct sockaddr_storage name;
	struct sockaddr_in ipv4;
	ev_socklen_t size = sizeof(name);

	if (s != NULL)
		return s->bound.port;
	if (getsockname(
		(evutil_socket_t)handle, (struct sockaddr *)&name, &size) != 0)
		return 0;
	/* The port is at the same offset in both families. */
	memcpy(&ipv4, &name, sizeof(ipv4));
	return ntohs(ipv4.sin_port);
}

void
host_peer(intptr_t handle, struct mh_address *peer)
{
	(void)handle;
	*peer = fake_host.peer;
}

bool
host_random(void *bytes, size_t size)
{
	memset(bytes, 0x5a, size);
	return !fake_host.no_random;
}

void
host_memory_economise(void)
{
}

void
host_memory_trim(void)
{
	fake_host.trims++;
}

/*
 * No threads.
 */

unsigned int
host_processors(void)
{
	return 1;
}

struct host_thread *
host_thread_start(void (*function)(void *), void *argument)
{
	(void)function;
	(void)argument;
	return NULL;
}

int
host_thread_pin(unsigned int number, unsigned int count)
{
	(void)number;
	(void)count;
	return MH_EUNSUPPORTED;
}

void
host_thread_join(struct host_thread *thread)
{
	(void)thread;
}

bool
host_channel_open(intptr_t ends[2])
{
	ends[0] = ends[1] = -1;
	return false;
}

bool
host_channel_send(intptr_t end, const void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	fake_host.channel_sends++;
	return true;
}

bool
host_channel_receive(intptr_t end, void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	return false;
}

bool
host_channel_wait(intptr_t end, int milliseconds)
{
	const struct fake_socket *s = fake_socket(end);

	/* There are no channels, but sockets. */
	(void)milliseconds;
	return s != NULL && s->queue != NULL;
}

void
host_channel_close(intptr_t ends[2])
{
	ends[0] = ends[1] = -1;
}

/*
 * Signals and the service manager.
 */

/* Those that C has on every system. */
uint64_t
host_raise_limits(void)
{
	return fake_host.files;
}

void
host_signals_release(void)
{
}

const struct host_signal host_signals[] = { { SIGTERM, HOST_STOP },
	{ SIGINT, HOST_DRAIN }, { SIGFPE, HOST_COUNTERS },
	{ SIGILL, HOST_RELOAD }, { 0, HOST_IGNORE } };

static void
append(char *list, size_t size, const char *what, const char *more)
{
	size_t length = strlen(list);

	snprintf(list + length, size - length, "%s%s%s|", what,
	    more != NULL ? " " : "", more != NULL ? more : "");
}

void
host_notify(enum host_state state, const char *status)
{
	static const char *const names[] = { [HOST_READY] = "READY",
		[HOST_RELOADING] = "RELOADING",
		[HOST_STOPPING] = "STOPPING",
		[HOST_ALIVE] = "ALIVE" };

	append(
	    fake_host.notices, sizeof(fake_host.notices), names[state], status);
	if (fake_host.on_notice != NULL)
		fake_host.on_notice(state);
}

uint64_t
host_watchdog(void)
{
	return fake_host.watchdog;
}

unsigned int
host_inherited(const char *name, intptr_t *handles, unsigned int max)
{
	unsigned int i, count = 0;

	for (i = 0; i < fake_host.inherited_count && count < max; i++)
		if (strcmp(fake_host.inherited[i].name, name) == 0)
			handles[count++] = fake_host.inherited[i].handle;
	return count;
}

bool
host_inherited_at(
    unsigned int number, intptr_t *handle, char *name, size_t size)
{
	if (number >= fake_host.inherited_count)
		return false;
	*handle = fake_host.inherited[number].handle;
	snprintf(name, size, "%s", fake_host.inherited[number].name);
	return true;
}

/* The fake system has one handle per socket; it is open until closed. */
intptr_t
host_inherited_copy(intptr_t handle)
{
	return handle;
}

void
host_inherited_close(intptr_t handle)
{
	fake_socket(handle)->is_open = false;
}

/*
 * Privileges.
 */

/* Its files are those that its code reads. */
bool
host_privsep_start(const struct host_privsep *job)
{
	char files[sizeof(fake_host.files_read) + 128];

	fake_host.files_read[0] = '\0';
	if (job->read_files != NULL)
		job->read_files(job->argument);
	snprintf(files, sizeof(files), "files %s %s",
	    job->read_files != NULL ? fake_host.files_read : "-",
	    job->port_path != NULL ? job->port_path : "-");
	append(fake_host.given_up, sizeof(fake_host.given_up), files,
	    job->sandbox ? "sandbox" : NULL);
	fake_host.privsep_starts++;
	return !fake_host.no_privsep;
}

void
host_privsep_stop(void)
{
	fake_host.privsep_stops++;
}

intptr_t
host_privsep_handle(void)
{
	return fake_host.privsep_handle;
}

static bool
request(const char *kind, const char *text, char why[HOST_PRIVSEP_WHY])
{
	snprintf(why, HOST_PRIVSEP_WHY, "busy");
	if (fake_host.privsep_busy)
		return false;
	append(fake_host.privsep_requests, sizeof(fake_host.privsep_requests),
	    kind, text);
	fake_host.privsep_asked = true;
	return true;
}

bool
host_privsep_read(char why[HOST_PRIVSEP_WHY])
{
	return request("read", NULL, why);
}

bool
host_privsep_write(const char *text, size_t length, char why[HOST_PRIVSEP_WHY])
{
	(void)length;
	return request("write", text, why);
}

enum host_privsep_state
host_privsep_receive(char why[HOST_PRIVSEP_WHY])
{
	const struct fake_news *news = fake_host.privsep_news;

	if (news == NULL || news->state == HOST_PRIVSEP_IDLE ||
	    (!fake_host.privsep_asked && news->state != HOST_PRIVSEP_DEAD))
		return HOST_PRIVSEP_IDLE;
	fake_host.privsep_news++;
	if (news->state != HOST_PRIVSEP_WORKING)
		fake_host.privsep_asked = false;
	snprintf(
	    why, HOST_PRIVSEP_WHY, "%s", news->why != NULL ? news->why : "");
	return news->state;
}

const char *
host_privsep_file(void)
{
	return fake_host.privsep_file;
}

void
host_privsep_forget(void)
{
	fake_host.privsep_forgets++;
	fake_host.privsep_asked = false;
}

bool
host_localsocket_check(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	(void)wanted;
	if (fake_host.localsocket_why != NULL)
		snprintf(
		    why, HOST_LOCALSOCKET_WHY, "%s", fake_host.localsocket_why);
	return fake_host.localsocket_why == NULL;
}

intptr_t
host_localsocket_listen(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	snprintf(fake_host.localsocket_made, sizeof(fake_host.localsocket_made),
	    "%s %s %04o", wanted->path,
	    wanted->owner != NULL ? wanted->owner : "-", wanted->mode);
	if (fake_host.localsocket == -1)
		snprintf(why, HOST_LOCALSOCKET_WHY, "%s: busy", wanted->path);
	return fake_host.localsocket;
}

void
host_localsocket_remove(void)
{
	fake_host.localsocket_removals++;
}

int
host_user_check(const char *user)
{
	(void)user;
	return fake_host.user_check_error;
}

int
host_switch_user(const char *user)
{
	append(fake_host.given_up, sizeof(fake_host.given_up), "user", user);
	return fake_host.user_error;
}

int
host_drop_capabilities(void)
{
	append(fake_host.given_up, sizeof(fake_host.given_up), "capabilities",
	    NULL);
	return fake_host.capabilities_error;
}

int
host_sandbox(void)
{
	append(fake_host.given_up, sizeof(fake_host.given_up), "sandbox", NULL);
	return fake_host.sandbox_error;
}

intptr_t
host_sandbox_handle(void)
{
	return fake_host.sandbox_handle;
}

bool
host_sandbox_refused(char name[HOST_SANDBOX_NAME])
{
	if (fake_host.refused == NULL || *fake_host.refused == NULL)
		return false;
	snprintf(name, HOST_SANDBOX_NAME, "%s", *fake_host.refused++);
	return true;
}
