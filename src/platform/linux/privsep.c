/* SPDX-License-Identifier: ISC */
/*
 * The privileged helper and the daemon's side of it: whole messages over a
 * socket pair, descriptors passed back (unix(7), SCM_RIGHTS).
 */
#include "platform/linux/privsep.h"

#include "platform/linux/fileio.h"
#include "platform/linux/sandbox.h"
#include "platform/file.h"
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
#include <sys/time.h>
#include <unistd.h>

/*
 * How long the daemon waits for an answer at most.  It asks nothing but PREPARE
 * of a helper that has not just answered, and that it does not wait for.
 */
#define PATIENCE_SECONDS 2

/* How long the daemon waits for the end of the helper, in milliseconds. */
#define STOP_MS 1000

/* Bytes of a path, and of a port file. */
#define PATH_SIZE 4096
#define TEXT_SIZE 65536

/* The largest configuration file: one byte more is too many for the daemon. */
#define CONFIG_SIZE (((size_t)1 << 20) + 1)

enum request { OPEN, WRITE, PREPARE };

struct question {
	enum request request;
	uint32_t sequence;    /* the answer has it, too */
	char path[PATH_SIZE]; /* not of PREPARE */
	size_t length;
	char text[TEXT_SIZE];
};

struct answer {
	uint32_t sequence;
	int error; /* errno, or 0; a descriptor may come with it */
};

#define QUESTION_SIZE(length) (offsetof(struct question, text) + (length))

struct helper {
	int end;
	const struct host_privsep *options;
	char *config; /* space for the text of the configuration file */
	char *files;  /* those it names, as of the last time it was opened */
};

/* The daemon's end of the pair, -1 without a privileged helper; and the number
 * of its last question. */
static int privsep_end = -1;
static uint32_t privsep_sequence;

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

/*
 * Open and read all that a reload wants, so that it does not have to wait for
 * anything later on: a disk, or a file server that has gone.
 */
static void
prepare(struct helper *helper)
{
	char path[PATH_SIZE], *end;
	const char *at = "";
	size_t length;
	int fd = -1;

	if (helper->options->config_path != NULL)
		fd = open_for(helper, helper->options->config_path);
	if (fd >= 0)
		close(fd);
	if (helper->files != NULL)
		at = helper->files;
	for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		length = (size_t)(end - at);
		if (length >= sizeof(path))
			continue;
		memcpy(path, at, length);
		path[length] = '\0';
		fd = fileio_open(path);
		if (fd < 0)
			continue;
		/* What is there does not matter, only that it is. */
		while (read(fd, helper->config, CONFIG_SIZE - 1) > 0)
			continue;
		close(fd);
	}
}

/* The result of a question: an errno, and perhaps a descriptor. */
static void
reply(int end, const struct answer *answer, int fd)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	struct answer copy = *answer;
	struct iovec data = { &copy, sizeof(copy) };
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

static bool
is_valid(const struct question *question, size_t size)
{
	return size >= QUESTION_SIZE(0) && question->length <= TEXT_SIZE &&
	    size == QUESTION_SIZE(question->length) &&
	    memchr(question->path, '\0', PATH_SIZE) != NULL;
}

/* Replace the port file; an errno. */
static int
write_for(struct helper *helper, const struct question *question)
{
	const char *path = helper->options->port_path;

	if (path == NULL || strcmp(question->path, path) != 0)
		return EACCES;
	return fileio_replace(path, question->text, question->length) ? 0
								      : errno;
}

static void
answer(struct helper *helper, struct question *question, size_t size)
{
	struct answer answer = { .error = EINVAL };
	int fd = -1;

	if (size >= QUESTION_SIZE(0))
		answer.sequence = question->sequence;
	if (is_valid(question, size)) {
		switch (question->request) {
		case OPEN:
			fd = open_for(helper, question->path);
			answer.error = fd < 0 ? errno : 0;
			break;
		case WRITE:
			answer.error = write_for(helper, question);
			break;
		case PREPARE:
			prepare(helper);
			answer.error = 0;
			break;
		}
	}
	reply(helper->end, &answer, fd);
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
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int ends[2], size = 2 * (int)sizeof(struct question);
	struct helper helper = { .options = options };

	/* If it dies, no one has to reap it. */
	signal(SIGCHLD, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(
	    ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
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

/*
 * An answer, of any question; *fd is the descriptor that came with it, or -1.
 * Returns 0 or an errno: EAGAIN if there is none (yet).
 */
static int
receive(struct answer *answer, int *fd, int flags)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { .space = { 0 } };
	struct iovec data = { answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space) };
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(privsep_end, &message, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return EAGAIN;
	if (n != sizeof(*answer))
		return EPIPE;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	else if ((message.msg_flags & MSG_CTRUNC) != 0)
		answer->error = EMFILE; /* it came, but there is no room */
	return 0;
}

/* The answer to the last question; those to earlier ones come too late. */
static int
receive_result(int *fd)
{
	struct answer answer;
	int error;

	for (;;) {
		error = receive(&answer, fd, 0);
		if (error != 0)
			return error == EAGAIN ? ETIMEDOUT : error;
		if (answer.sequence == privsep_sequence)
			return answer.error;
		if (*fd >= 0)
			close(*fd);
	}
}

static int
ask(enum request request, const char *path, const char *text, size_t length)
{
	struct question *question;
	int error, fd = -1;

	if (strlen(path) >= PATH_SIZE || length > TEXT_SIZE) {
		errno = ENAMETOOLONG;
		return -1;
	}
	question = calloc(1, sizeof(*question));
	if (question == NULL)
		return -1;
	question->request = request;
	question->sequence = ++privsep_sequence;
	strcpy(question->path, path);
	question->length = length;
	if (length > 0)
		memcpy(question->text, text, length);
	if (send(privsep_end, question, QUESTION_SIZE(length),
		MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		error = errno == EAGAIN ? ETIMEDOUT : errno;
	else
		error = request == PREPARE ? 0 : receive_result(&fd);
	free(question);
	errno = error;
	return request == OPEN ? fd : error == 0 ? 0 : -1;
}

int
privsep_open(const char *path)
{
	return ask(OPEN, path, NULL, 0);
}

bool
privsep_write(const char *path, const char *text, size_t length)
{
	return ask(WRITE, path, text, length) == 0;
}

intptr_t
host_files_handle(void)
{
	return privsep_end;
}

bool
host_files_prepare(void)
{
	return ask(PREPARE, "", NULL, 0) == 0;
}

enum host_files
host_files_poll(void)
{
	struct answer answer;
	int error, fd;

	error = receive(&answer, &fd, MSG_DONTWAIT);
	if (error == EAGAIN)
		return HOST_FILES_WAIT;
	if (error != 0)
		return HOST_FILES_GONE;
	if (fd >= 0)
		close(fd);
	return answer.sequence == privsep_sequence ? HOST_FILES_READY
						   : HOST_FILES_WAIT;
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
