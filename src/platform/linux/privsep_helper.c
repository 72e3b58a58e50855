/* SPDX-License-Identifier: ISC */
/*
 * One request after another; it may wait for a file for as long as that takes.
 */
#include "platform/linux/privsep_helper.h"

#include "platform/linux/fileio.h"
#include "platform/linux/privileges.h"
#include "platform/linux/privsep_stream.h"
#include "platform/linux/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bytes of a file in one message. */
#define PIECE ((size_t)16384)

struct helper {
	const struct host_privsep *job;
	int end;
	struct privsep_message request, answer;
	struct privsep_files sent; /* for this request; only their paths */
};

/* In the helper; NULL in the daemon. */
static struct helper *helper;

bool
privsep_helper_is_self(void)
{
	return helper != NULL;
}

/* Without the daemon there is nothing left to do. */
static void
answer(enum privsep_kind kind, const void *data, size_t length)
{
	struct privsep_message *message = &helper->answer;

	message->sequence = helper->request.sequence;
	message->kind = kind;
	if (length > 0)
		memcpy(message->data, data, length);
	if (send(helper->end, message, PRIVSEP_SIZE(length), MSG_NOSIGNAL) < 0)
		_exit(0);
}

bool
privsep_helper_announce(const char *path)
{
	size_t length = strlen(path);

	if (length == 0 || length >= PRIVSEP_PATH ||
	    privsep_files_find(&helper->sent, path) != NULL)
		return false;
	answer(PRIVSEP_FILE, path, length);
	/* The daemon keeps such a list, too: at worst this one is short. */
	(void)privsep_files_add(
	    &helper->sent, &helper->answer, PRIVSEP_SIZE(length));
	return true;
}

void
privsep_helper_send(const char *text, size_t length, const char *why)
{
	size_t n;

	if (text == NULL)
		answer(PRIVSEP_ERROR, why, strlen(why));
	for (; text != NULL && length > 0; text += n, length -= n) {
		n = length < PIECE ? length : PIECE;
		answer(PRIVSEP_TEXT, text, n);
	}
}

static void
carry_out(size_t size)
{
	const struct host_privsep *job = helper->job;
	const char *why = NULL;

	if (helper->request.kind == PRIVSEP_READ) {
		if (job->read_files != NULL)
			job->read_files(job->argument);
		privsep_files_clear(&helper->sent);
	} else if (job->port_path == NULL)
		why = "there is no port file";
	else if (!fileio_replace(job->port_path, helper->request.data,
		     size - PRIVSEP_SIZE(0)))
		why = fileio_error(errno);
	if (why != NULL)
		answer(PRIVSEP_ERROR, why, strlen(why));
	else
		answer(PRIVSEP_DONE, NULL, 0);
}

/*
 * Keep the rights that files require, if there are any, and no others: to read
 * all of them, and to write where the port file is, or what finish() removes.
 */
static void
give_up_rights(const struct host_privsep *job)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t files = job->port_path != NULL || job->finish != NULL
	    ? 1u << CAP_DAC_OVERRIDE
	    : 1u << CAP_DAC_READ_SEARCH;

	(void)syscall(SYS_capget, &header, data);
	data[0].permitted &= files;
	data[0].effective &= files;
	data[0].inheritable = data[1].inheritable = 0;
	data[1].permitted = data[1].effective = 0;
	/* It runs no program, and so needs no more than it has. */
	privileges_empty_sets();
	/*
	 * A service manager's filter may forbid it; then there are few rights.
	 */
	(void)syscall(SYS_capset, &header, data);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (job->sandbox)
		(void)sandbox_privsep();
}

/*
 * Let the kernel kill this process when the daemon's end of the stream is
 * closed, if the daemon has set O_ASYNC on this one: the kernel permits it
 * because this process asks for it, whatever user the daemon has become; and it
 * works even while this process is stopped or hangs in a system call.
 */
static void
be_killed_by(int life)
{
	if (fcntl(life, F_SETOWN, getpid()) < 0 ||
	    fcntl(life, F_SETSIG, SIGKILL) < 0)
		_exit(1);
}

/* Signals to the whole group are for the daemon. */
static void
ignore_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
}

void
privsep_helper_serve(int end, int life, const struct host_privsep *job)
{
	ssize_t n;

	ignore_signals();
	prctl(PR_SET_NAME, "mh-privsep");
	helper = calloc(1, sizeof(*helper));
	if (helper == NULL)
		_exit(1);
	helper->job = job;
	helper->end = end;
	be_killed_by(life);
	give_up_rights(job);
	while (
	    (n = recv(end, &helper->request, sizeof(helper->request), 0)) > 0)
		if (privsep_is_request(&helper->request, (size_t)n))
			carry_out((size_t)n);
	/* The daemon has ended, in whatever way. */
	if (job->port_path != NULL)
		fileio_remove(job->port_path);
	if (job->finish != NULL)
		job->finish();
	_exit(0);
}
