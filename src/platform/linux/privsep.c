/* SPDX-License-Identifier: ISC */
/*
 * platform/privsep.h for Linux, the daemon's side: whole messages over a socket
 * pair, and answers that are told apart by their sequence numbers.
 */
#include "platform/linux/privsep.h"

#include "platform/clock.h"
#include "platform/linux/privsep_helper.h"
#include "platform/linux/privsep_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char dead[] = "the privileged helper has died: restart";

/* How long to wait, in ms, for what the helper does at the end. */
#define STOP_TIMEOUT 1000

static struct {
	bool started;
	int end; /* -1: there is none, or not any more */
	/*
	 * A stream to it, both ends.  When the first one is closed, the kernel
	 * kills the helper if the other one has O_ASYNC; see
	 * privsep_helper_serve().
	 */
	int life, its_life;
	uint32_t sequence;          /* of the last request */
	enum privsep_kind request;  /* waited for; 0: none */
	struct privsep_files files; /* under the lock, as are changes of end */
	struct privsep_message message;
} privsep = { .end = -1, .life = -1, .its_life = -1 };

/* A reload reads the files in a thread of its own. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * Its life.
 */

/* Descriptor numbers are small from then on, and the daemon's are closed. */
static void
become_helper(int end, int life, const struct host_privsep *job)
{
	end = fcntl(end, F_DUPFD, 10);
	life = fcntl(life, F_DUPFD, 10);
	privsep.started = false;
	/* The daemon's sockets are none of its business. */
	if (dup2(end, 3) < 0 || dup2(life, 4) < 0 || close_range(5, ~0u, 0) < 0)
		_exit(1);
	privsep_helper_serve(3, 4, job);
}

static void
close_pair(int pair[2])
{
	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
}

static bool
open_pairs(int ends[2], int lives[2])
{
	int size = 2 * (int)sizeof(struct privsep_message);

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lives) < 0) {
		close_pair(ends);
		return false;
	}
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return true;
}

/*
 * Does the helper end with the daemon at once, whatever it does?  Only while it
 * is at work: otherwise it sees for itself, and removes the port file.
 */
static void
tie(bool tied)
{
	(void)fcntl(privsep.its_life, F_SETFL, tied ? O_ASYNC : 0);
}

/* Wait for something to receive, up to that time of host_monotonic_ns(). */
static bool
wait_until(int64_t deadline)
{
	struct pollfd poller = { .fd = privsep.end, .events = POLLIN };
	int64_t left = deadline - host_monotonic_ns();

	return left > 0 &&
	    (poll(&poller, 1, (int)(left / 1000000) + 1) >= 0 ||
		errno == EINTR);
}

static int64_t
deadline_in(int milliseconds)
{
	return host_monotonic_ns() + (int64_t)milliseconds * 1000000;
}

/* Let it end on its own, or kill it at once. */
static void
end_helper(bool wait)
{
	int64_t deadline = deadline_in(wait ? STOP_TIMEOUT : 0);

	if (privsep.end >= 0) {
		(void)shutdown(privsep.end, SHUT_WR);
		while (wait_until(deadline))
			if (recv(privsep.end, &privsep.message,
				sizeof(privsep.message), MSG_DONTWAIT) == 0)
				break;
		tie(true);
		close(privsep.life);
		close(privsep.its_life);
		close(privsep.end);
	}
	pthread_mutex_lock(&lock);
	privsep.end = privsep.life = privsep.its_life = -1;
	pthread_mutex_unlock(&lock);
	host_privsep_forget();
}

bool
host_privsep_start(const struct host_privsep *job)
{
	int ends[2], lives[2];

	/* If it dies, no one has to reap it. */
	signal(SIGCHLD, SIG_IGN);
	end_helper(false);
	if (!open_pairs(ends, lives))
		return false;
	switch (fork()) {
	case -1:
		close_pair(ends);
		close_pair(lives);
		return false;
	case 0:
		become_helper(ends[1], lives[1], job);
		_exit(1);
	default:
		close(ends[1]);
		privsep.started = true;
		privsep.end = ends[0];
		privsep.life = lives[0];
		privsep.its_life = lives[1];
		return true;
	}
}

void
host_privsep_stop(void)
{
	end_helper(true);
}

intptr_t
host_privsep_handle(void)
{
	return privsep.end;
}

bool
privsep_was_started(void)
{
	return privsep.started;
}

/*
 * Requests.
 */

static bool
send_request(enum privsep_kind kind, const char *text, size_t length,
    char why[HOST_PRIVSEP_WHY])
{
	struct privsep_message *message = &privsep.message;
	const char *reason = dead;

	host_privsep_forget();
	if (length > PRIVSEP_DATA)
		reason = strerror(EMSGSIZE);
	else if (privsep.end >= 0) {
		message->sequence = ++privsep.sequence;
		message->kind = kind;
		if (length > 0)
			memcpy(message->data, text, length);
		tie(true);
		if (send(privsep.end, message, PRIVSEP_SIZE(length),
			MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
			privsep.request = kind;
			return true;
		}
		if (errno != EPIPE && errno != ECONNRESET)
			reason = "the privileged helper has not answered "
				 "earlier requests";
	}
	snprintf(why, HOST_PRIVSEP_WHY, "%s", reason);
	return false;
}

bool
host_privsep_read(char why[HOST_PRIVSEP_WHY])
{
	return send_request(PRIVSEP_READ, NULL, 0, why);
}

bool
host_privsep_write(const char *text, size_t length, char why[HOST_PRIVSEP_WHY])
{
	return send_request(PRIVSEP_WRITE, text, length, why);
}

/*
 * Answers.
 */

static enum host_privsep_state
take_files(size_t size)
{
	enum privsep_progress progress;

	pthread_mutex_lock(&lock);
	progress = privsep_files_add(&privsep.files, &privsep.message, size);
	pthread_mutex_unlock(&lock);
	switch (progress) {
	case PRIVSEP_MORE:
		return HOST_PRIVSEP_WORKING;
	case PRIVSEP_END:
		return HOST_PRIVSEP_DONE;
	case PRIVSEP_BROKEN:
		break;
	}
	return HOST_PRIVSEP_DEAD;
}

static enum host_privsep_state
take_result(size_t size, char why[HOST_PRIVSEP_WHY])
{
	size_t length = size - PRIVSEP_SIZE(0);

	if (privsep.message.kind == PRIVSEP_DONE)
		return HOST_PRIVSEP_DONE;
	if (privsep.message.kind != PRIVSEP_ERROR)
		return HOST_PRIVSEP_DEAD;
	snprintf(
	    why, HOST_PRIVSEP_WHY, "%.*s", (int)length, privsep.message.data);
	return HOST_PRIVSEP_FAILED;
}

/* Whatever sends anything else is no longer the helper. */
static enum host_privsep_state
take(size_t size, char why[HOST_PRIVSEP_WHY])
{
	enum host_privsep_state state;

	if (size < PRIVSEP_SIZE(0))
		state = HOST_PRIVSEP_DEAD;
	else if (privsep.request == 0 ||
	    privsep.message.sequence != privsep.sequence)
		return HOST_PRIVSEP_IDLE;
	else if (privsep.request == PRIVSEP_READ)
		state = take_files(size);
	else
		state = take_result(size, why);
	if (state != HOST_PRIVSEP_WORKING)
		privsep.request = 0;
	if (state == HOST_PRIVSEP_DEAD)
		end_helper(false);
	else if (state != HOST_PRIVSEP_WORKING)
		tie(false);
	return state;
}

enum host_privsep_state
host_privsep_receive(char why[HOST_PRIVSEP_WHY])
{
	ssize_t n = recv(privsep.end, &privsep.message, sizeof(privsep.message),
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return HOST_PRIVSEP_IDLE;
	return take(n > 0 ? (size_t)n : 0, why);
}

const char *
host_privsep_file(void)
{
	size_t count = privsep.files.count;

	return count > 0 ? privsep.files.items[count - 1].path : NULL;
}

void
host_privsep_forget(void)
{
	privsep.request = 0;
	pthread_mutex_lock(&lock);
	privsep_files_clear(&privsep.files);
	pthread_mutex_unlock(&lock);
}

/*
 * For file.c.
 */

/* The caller holds the lock. */
static char *
copy(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	const struct privsep_file *file =
	    privsep_files_find(&privsep.files, path);
	const char *why = NULL;
	char *text = NULL;

	if (file == NULL)
		why = privsep.end < 0 ? dead
				      : "the privileged helper did not read it";
	else if (file->error != NULL)
		why = file->error;
	else if (file->length > max)
		why = strerror(EFBIG);
	else if ((text = malloc(file->length + 1)) == NULL)
		why = strerror(ENOMEM);
	if (why != NULL) {
		snprintf(reason, reason_size, "%s", why);
		return NULL;
	}
	if (file->length > 0)
		memcpy(text, file->text, file->length);
	text[file->length] = '\0';
	*length = file->length;
	return text;
}

char *
privsep_copy(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	char *text;

	pthread_mutex_lock(&lock);
	text = copy(path, max, length, reason, reason_size);
	pthread_mutex_unlock(&lock);
	return text;
}

bool
privsep_write_port_file(
    const char *text, size_t length, char *reason, size_t reason_size)
{
	int64_t deadline = deadline_in(HOST_PRIVSEP_TIMEOUT);
	enum host_privsep_state state = HOST_PRIVSEP_FAILED;
	char why[HOST_PRIVSEP_WHY];

	if (host_privsep_write(text, length, why)) {
		do
			state = host_privsep_receive(why);
		while (state == HOST_PRIVSEP_IDLE && wait_until(deadline));
		host_privsep_forget();
	}
	if (state == HOST_PRIVSEP_DONE)
		return true;
	if (state == HOST_PRIVSEP_DEAD)
		snprintf(why, sizeof(why), "%s", dead);
	else if (state == HOST_PRIVSEP_IDLE)
		snprintf(why, sizeof(why),
		    "the privileged helper has not answered for %d s",
		    HOST_PRIVSEP_TIMEOUT / 1000);
	snprintf(reason, reason_size, "%s", why);
	return false;
}
