/* SPDX-License-Identifier: ISC */
/*
 * The privileged helper and the daemon's side of it: whole messages over a
 * socket pair, descriptors passed back (unix(7), SCM_RIGHTS).
 */
#include "platform/linux/privsep.h"

#include "platform/linux/fileio.h"
#include "platform/linux/sandbox.h"
#include "platform/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How long the daemon waits for the end of the helper, in milliseconds. */
#define STOP_MS 1000

/* Bytes of a path, and of a port file. */
#define PATH_SIZE 4096
#define TEXT_SIZE 65536

/* The largest configuration file: one byte more is too many for the daemon. */
#define CONFIG_SIZE (((size_t)1 << 20) + 1)

struct question {
	bool write; /* else open */
	char path[PATH_SIZE];
	size_t length;
	char text[TEXT_SIZE];
};

#define QUESTION_SIZE(length) (offsetof(struct question, text) + (length))

struct helper {
	int end;
	const struct host_privsep *options;
	char *config; /* space for the text of the configuration file */
	char *files;  /* those it names, as of the last time it was opened */
};

/* The daemon's end of the pair; -1 without a privileged helper. */
static int privsep_end = -1;

/*
 * The privileged helper.
 */

/* Does the configuration want to read it? */
static bool
is_named(const char *files, const char *path)
{
	size_t length = strlen(path);

	for (; files != NULL && *files != '\0'; files = strchr(files, '\n') + 1)
		if (strncmp(files, path, length) == 0 && files[length] == '\n')
			return true;
	return false;
}

/* Find out which files it names, by the daemon's own parser. */
static void
remember(struct helper *helper, int fd)
{
	ssize_t n = pread(fd, helper->config, CONFIG_SIZE - 1, 0);

	helper->config[n > 0 ? n : 0] = '\0';
	free(helper->files);
	helper->files = helper->options->list_files(
	    helper->options->argument, helper->config);
}

static int
open_for(struct helper *helper, const char *path)
{
	const char *config_path = helper->options->config_path;
	bool is_config = config_path != NULL && strcmp(path, config_path) == 0;
	int fd;

	if (!is_config && !is_named(helper->files, path)) {
		errno = EACCES;
		return -1;
	}
	fd = fileio_open(path);
	if (fd >= 0 && is_config)
		remember(helper, fd);
	return fd;
}

/* The result of a question: an errno, and perhaps a descriptor. */
static void
reply(int end, int error, int fd)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec data = { &error, sizeof(error) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	(void)sendmsg(end, &message, MSG_NOSIGNAL);
}

static void
answer(struct helper *helper, struct question *question, size_t size)
{
	int fd = -1;

	if (size < QUESTION_SIZE(0) || question->length > TEXT_SIZE ||
	    size != QUESTION_SIZE(question->length) ||
	    memchr(question->path, '\0', PATH_SIZE) == NULL)
		errno = EINVAL;
	else if (!question->write)
		fd = open_for(helper, question->path);
	else if (helper->options->port_path == NULL ||
	    strcmp(question->path, helper->options->port_path) != 0)
		errno = EACCES;
	else if (fileio_replace(
		     question->path, question->text, question->length)) {
		reply(helper->end, 0, -1);
		return;
	}
	reply(helper->end, fd < 0 ? errno : 0, fd);
	if (fd >= 0)
		close(fd);
}

/*
 * Keep the rights that files ask for, as far as there are any, and no others:
 * to read all, and to write where the port file is.
 */
static void
give_up_rights(const struct helper *helper)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t files = helper->options->port_path != NULL
	    ? 1u << CAP_DAC_OVERRIDE
	    : 1u << CAP_DAC_READ_SEARCH;

	(void)syscall(SYS_capget, &header, data);
	data[0].permitted &= files;
	data[0].effective &= files;
	data[0].inheritable = data[1].inheritable = 0;
	data[1].permitted = data[1].effective = 0;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* A service manager's filter may forbid it; then there is little. */
	(void)syscall(SYS_capset, &header, data);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (helper->options->sandbox)
		(void)sandbox_privsep();
}

/* It ends with the daemon: signals are for that one. */
static void
serve(struct helper *helper)
{
	struct question *question = malloc(sizeof(*question));
	ssize_t n = 0;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	prctl(PR_SET_NAME, "mh-privsep");
	helper->config = calloc(1, CONFIG_SIZE);
	if (question == NULL || helper->config == NULL)
		_exit(1);
	give_up_rights(helper);
	if (helper->options->config_path != NULL) {
		int fd = open_for(helper, helper->options->config_path);

		if (fd >= 0)
			close(fd);
	}
	while ((n = recv(helper->end, question, sizeof(*question), 0)) > 0)
		answer(helper, question, (size_t)n);
	/* The daemon has ended, however it did. */
	if (helper->options->port_path != NULL)
		fileio_remove(helper->options->port_path);
	_exit(0);
}

bool
host_privsep_start(const struct host_privsep *options)
{
	int ends[2], size = 2 * (int)sizeof(struct question);
	struct helper helper = { .options = options };

	/* If it dies, no one has to reap it. */
	signal(SIGCHLD, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	switch (fork()) {
	case -1:
		close(ends[0]);
		close(ends[1]);
		return false;
	case 0:
		/* The daemon's sockets are none of the privileged helper's
		 * business. */
		helper.end = dup2(ends[1], 3);
		close_range(4, ~0u, 0);
		serve(&helper);
		_exit(1);
	default:
		close(ends[1]);
		privsep_end = ends[0];
		return true;
	}
}

/*
 * The daemon's side.
 */

bool
privsep_is_running(void)
{
	return privsep_end >= 0;
}

/* The result; *fd is the descriptor that came with it, or -1. */
static int
receive_result(int *fd)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	int error = EPIPE;
	struct iovec data = { &error, sizeof(error) };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space) };
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(privsep_end, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(error))
		return EPIPE;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	else if ((message.msg_flags & MSG_CTRUNC) != 0)
		error = EMFILE; /* it came, but there is no room for it */
	return error;
}

static int
ask(bool write, const char *path, const char *text, size_t length)
{
	struct question *question;
	int error = EINVAL, fd = -1;

	if (strlen(path) >= PATH_SIZE || length > TEXT_SIZE) {
		errno = ENAMETOOLONG;
		return -1;
	}
	question = calloc(1, sizeof(*question));
	if (question == NULL)
		return -1;
	question->write = write;
	strcpy(question->path, path);
	question->length = length;
	if (length > 0)
		memcpy(question->text, text, length);
	if (send(privsep_end, question, QUESTION_SIZE(length), MSG_NOSIGNAL) <
	    0)
		error = errno;
	else
		error = receive_result(&fd);
	free(question);
	errno = error;
	return write ? (error == 0 ? 0 : -1) : fd;
}

int
privsep_open(const char *path)
{
	return ask(false, path, NULL, 0);
}

bool
privsep_write(const char *path, const char *text, size_t length)
{
	return ask(true, path, text, length) == 0;
}

void
privsep_stop(void)
{
	struct pollfd end = { .fd = privsep_end, .events = POLLIN };

	(void)shutdown(privsep_end, SHUT_WR);
	/* It closes its end by ending. */
	(void)poll(&end, 1, STOP_MS);
	close(privsep_end);
	privsep_end = -1;
}
