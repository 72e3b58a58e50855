/* SPDX-License-Identifier: ISC */
/*
 * A UDP server of somebody else, which answers from whichever address the
 * system picks: every way to write one, for tests of mhrun.  It echoes on port
 * 7007.
 *
 *	rival 4|6|dual HOW		see the table of ways below
 */
#include "build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 7007, SIZE = 2048, MANY = 40, WORKERS = 4 };

static const char *family, *self;

static void
fail(const char *what)
{
	fprintf(stderr, "rival: %s: %s\n", what, strerror(errno));
	exit(3);
}

static int
open_socket(void)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6,
		.sin6_port = htons(PORT) };
	struct sockaddr_in name4 = { .sin_family = AF_INET,
		.sin_port = htons(PORT) };
	int only = strcmp(family, "6") == 0, on = 1, fd;
	bool ipv4 = strcmp(family, "4") == 0;

	fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		fail("socket");
	if (!ipv4 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
		fail("IPV6_V6ONLY");
	if (bind(fd, ipv4 ? (void *)&name4 : (void *)&name,
		ipv4 ? sizeof(name4) : sizeof(name)) < 0)
		fail("bind");
	return fd;
}

/* A datagram and its peer. */
struct request {
	char data[SIZE];
	ssize_t length;
	struct sockaddr_in6 peer;
	socklen_t size;
};

static void
receive(int fd, struct request *request, int flags)
{
	request->size = sizeof(request->peer);
	request->length = recvfrom(fd, request->data, SIZE, flags,
	    (struct sockaddr *)&request->peer, &request->size);
	if (request->length < 0)
		fail("recvfrom");
}

static void
answer(int fd, const struct request *request)
{
	if (sendto(fd, request->data, (size_t)request->length, 0,
		(const struct sockaddr *)&request->peer,
		request->size) != request->length)
		fail("sendto");
}

static void
echo_once(int fd)
{
	struct request request;

	receive(fd, &request, 0);
	answer(fd, &request);
}

static void
serve_from(int fd)
{
	for (;;)
		echo_once(fd);
}

/* recvmsg() and sendmsg(), with room for control messages that never come. */
static void
echo_message(int fd)
{
	char data[SIZE], control[256];
	struct sockaddr_in6 peer;
	struct iovec memory = { data, SIZE };
	struct msghdr header = { .msg_name = &peer,
		.msg_namelen = sizeof(peer),
		.msg_iov = &memory,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &header, 0);

	if (n < 0)
		fail("recvmsg");
	if (header.msg_controllen != 0 || header.msg_flags != 0) {
		fprintf(stderr, "rival: control messages, not asked for\n");
		exit(4);
	}
	memory.iov_len = (size_t)n;
	header.msg_control = NULL;
	if (sendmsg(fd, &header, 0) != n)
		fail("sendmsg");
}

static void
serve_message(int fd)
{
	for (;;)
		echo_message(fd);
}

static void
serve_many(int fd)
{
	static char data[MANY][SIZE];
	static struct sockaddr_in6 peers[MANY];
	static struct iovec memory[MANY];
	static struct mmsghdr headers[MANY];
	int i, n;

	for (;;) {
		for (i = 0; i < MANY; i++) {
			memory[i] = (struct iovec){ data[i], SIZE };
			headers[i].msg_hdr =
			    (struct msghdr){ .msg_name = &peers[i],
				    .msg_namelen = sizeof(peers[i]),
				    .msg_iov = &memory[i],
				    .msg_iovlen = 1 };
		}
		n = recvmmsg(fd, headers, MANY, MSG_WAITFORONE, NULL);
		if (n < 0)
			fail("recvmmsg");
		for (i = 0; i < n; i++)
			memory[i].iov_len = headers[i].msg_len;
		if (sendmmsg(fd, headers, (unsigned int)n, 0) != n)
			fail("sendmmsg");
	}
}

static void *
serve_thread(void *fd)
{
	serve_from(*(int *)fd);
	return NULL;
}

static void
serve_threads(int fd)
{
	pthread_t thread;
	int i;

	for (i = 0; i < WORKERS; i++)
		if (pthread_create(&thread, NULL, serve_thread, &fd) != 0)
			fail("pthread_create");
	pthread_join(thread, NULL);
}

/* A process receives, another one answers. */
static void
serve_fork(int fd)
{
	struct request request;
	pid_t pid;

	for (;;) {
		receive(fd, &request, 0);
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			answer(fd, &request);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/* Some children on one socket; one that ends is replaced. */
static void
serve_children(int fd)
{
	int i = 0;
	pid_t pid;

	for (;; i++) {
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (pid == 0)
			serve_from(fd);
		if (i >= WORKERS - 1)
			wait(NULL);
	}
}

/* The socket itself becomes a session; the next one is a new socket. */
static void
serve_sessions(int fd)
{
	struct request request;
	char data[SIZE];
	ssize_t n;

	for (;;) {
		receive(fd, &request, MSG_PEEK);
		if (connect(
			fd, (struct sockaddr *)&request.peer, request.size) < 0)
			fail("connect");
		if (fork() == 0) {
			while ((n = recv(fd, data, SIZE, 0)) > 0)
				if (send(fd, data, (size_t)n, 0) != n)
					fail("send");
			_exit(0);
		}
		close(fd);
		fd = open_socket();
	}
}

/* A socket of its own for each peer, bound and connected. */
static void
serve_connected(int fd)
{
	struct request request;
	int own;

	for (;;) {
		receive(fd, &request, 0);
		own = open_socket();
		if (connect(own, (struct sockaddr *)&request.peer,
			request.size) < 0 ||
		    send(own, request.data, (size_t)request.length, 0) < 0)
			fail("session");
		close(own);
	}
}

/* Connected, and then not any more. */
static void
serve_disconnected(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct request request;

	for (;;) {
		receive(fd, &request, 0);
		if (connect(fd, (struct sockaddr *)&request.peer,
			request.size) < 0 ||
		    connect(fd, &none, sizeof(none)) < 0)
			fail("connect");
		answer(fd, &request);
	}
}

/* The number of the socket was that of something else, and changes. */
static void
serve_moved(int fd)
{
	int pair[2], moved, n;
	char byte = 'x';
	FILE *file;

	for (n = 0;; n++) {
		echo_once(fd);
		moved = n % 3 == 0 ? fcntl(fd, F_DUPFD, 20)
		    : n % 3 == 1   ? dup(fd)
				   : dup3(fd, 30 + n % 5, O_CLOEXEC);
		if (moved < 0)
			fail("dup");
		/* In every way that ends it. */
		if (n % 4 == 0)
			close(fd);
		else if (n % 4 == 1)
			close_range((unsigned int)fd, (unsigned int)fd, 0);
		else if (n % 4 == 2) {
			file = fdopen(fd, "r");
			fclose(file);
		} else if (dup2(STDIN_FILENO, fd) < 0 || close(fd) < 0)
			fail("dup2");
		/* A stream at the same number is one. */
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
		    send(pair[0], &byte, 1, 0) != 1 ||
		    recvfrom(pair[1], &byte, 1, 0, NULL, NULL) != 1 ||
		    sendto(pair[1], &byte, 1, 0, NULL, 0) != 1 ||
		    recvfrom(pair[0], &byte, 1, 0, NULL, NULL) != 1)
			fail("socketpair");
		close(pair[0]);
		close(pair[1]);
		fd = moved;
	}
}

/* Over a socket of the same number that is closed and made again. */
static void
serve_again(int fd)
{
	for (;;) {
		echo_once(fd);
		close(fd);
		fd = open_socket();
	}
}

static pid_t
start_forked(int fd)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(fd, STDIN_FILENO);
	execl(self, self, family, "given", (char *)NULL);
	_exit(5);
}

static pid_t
start_spawned(int fd)
{
	const char *const argv[] = { self, family, "given", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO) != 0 ||
	    posix_spawn(&pid, self, &actions, NULL,
		(char *const *)(const void *)argv, environ) != 0)
		fail("posix_spawn");
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Another program answers, one datagram each: with us, or without. */
static void
hand_over(int fd, pid_t (*start)(int fd), bool has_read)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	int status;
	pid_t pid;

	for (;;) {
		if (has_read)
			echo_once(fd);
		if (poll(&readable, 1, -1) < 0)
			fail("poll");
		pid = start(fd);
		if (waitpid(pid, &status, 0) != pid || status != 0)
			exit(6);
	}
}

static void
serve_inetd(int fd)
{
	hand_over(fd, start_forked, false);
}

static void
serve_inetd_bare(int fd)
{
	unsetenv("LD_PRELOAD");
	hand_over(fd, start_forked, false);
}

static void
serve_spawn(int fd)
{
	hand_over(fd, start_spawned, false);
}

static void
serve_spawn_bare(int fd)
{
	unsetenv("LD_PRELOAD");
	hand_over(fd, start_spawned, false);
}

static void
serve_both(int fd)
{
	hand_over(fd, start_forked, true);
}

static void
serve_both_bare(int fd)
{
	unsetenv("LD_PRELOAD");
	hand_over(fd, start_forked, true);
}

/* This very process becomes another program, without us. */
static void
serve_become(int fd)
{
	echo_once(fd);
	unsetenv("LD_PRELOAD");
	dup2(fd, STDIN_FILENO);
	execlp(self, self, family, "message-given", (char *)NULL);
	fail("execlp");
}

/* A program is started that has the socket, but does not care for it. */
static void
serve_leak(int fd)
{
	static const char *const argv[] = { "true", NULL };
	struct request request;
	pid_t pid;

	for (;;) {
		receive(fd, &request, 0);
		pid = fork();
		if (pid == 0) {
			execvp("true", (char *const *)(const void *)argv);
			_exit(5);
		}
		waitpid(pid, NULL, 0);
		answer(fd, &request);
	}
}

/* "hold" is answered after the next one. */
static void
serve_later(int fd)
{
	struct request held, next;
	bool is_held = false;

	for (;;) {
		receive(fd, &next, 0);
		if (next.length == 4 && memcmp(next.data, "hold", 4) == 0) {
			held = next;
			is_held = true;
			continue;
		}
		answer(fd, &next);
		if (is_held)
			answer(fd, &held);
		is_held = false;
	}
}

/* It knows better: always from the same address. */
static void
serve_own_source(int fd)
{
	struct request request;
	struct in_pktinfo info = { .ipi_ifindex = 0 };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(info))];
	struct iovec memory;
	struct msghdr header = { .msg_name = &request.peer,
		.msg_iov = &memory,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *message = CMSG_FIRSTHDR(&header);

	info.ipi_spec_dst.s_addr = inet_addr("198.51.100.1");
	*message = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(info)),
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO };
	memcpy(CMSG_DATA(message), &info, sizeof(info));
	for (;;) {
		receive(fd, &request, 0);
		memory = (struct iovec){ request.data, (size_t)request.length };
		header.msg_namelen = request.size;
		if (sendmsg(fd, &header, 0) != request.length)
			fail("sendmsg");
	}
}

static const struct {
	const char *name;
	void (*serve)(int fd);
} ways[] = {
	{ "from", serve_from },
	{ "message", serve_message },
	{ "many", serve_many },
	{ "threads", serve_threads },
	{ "fork", serve_fork },
	{ "children", serve_children },
	{ "sessions", serve_sessions },
	{ "connected", serve_connected },
	{ "disconnected", serve_disconnected },
	{ "moved", serve_moved },
	{ "again", serve_again },
	{ "inetd", serve_inetd },
	{ "inetd-bare", serve_inetd_bare },
	{ "spawn", serve_spawn },
	{ "spawn-bare", serve_spawn_bare },
	{ "both", serve_both },
	{ "both-bare", serve_both_bare },
	{ "become", serve_become },
	{ "leak", serve_leak },
	{ "later", serve_later },
	{ "own-source", serve_own_source },
};

int
main(int argc, char *argv[])
{
	size_t i;

	if (argc != 3)
		return 2;
	self = argv[0];
	family = argv[1];
	if (strcmp(argv[2], "given") == 0) {
		echo_message(STDIN_FILENO);
		return 0;
	}
	if (strcmp(argv[2], "message-given") == 0)
		serve_message(STDIN_FILENO);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[2], ways[i].name) == 0)
			ways[i].serve(open_socket());
	return 2;
}
