/* SPDX-License-Identifier: ISC */
/*
 * See web.h.
 */
#include "build.h"

#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

/* The port is at the same offset in both families. */
static socklen_t
make_name(struct sockaddr_in6 *name, const char *address, unsigned int port)
{
	struct sockaddr_in name4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	*name = (struct sockaddr_in6){ .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET6, address, &name->sin6_addr) == 1)
		return sizeof(*name);
	ck_assert_int_eq(inet_pton(AF_INET, address, &name4.sin_addr), 1);
	memcpy(name, &name4, sizeof(name4));
	return sizeof(name4);
}

int
web_dial(const char *from, const char *address, unsigned int port)
{
	bool ipv6 = strchr(address, ':') != NULL;
	int fd =
	    socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 name;
	socklen_t length;

	ck_assert_int_ge(fd, 0);
	if (from != NULL) {
		length = make_name(&name, from, 0);
		ck_assert_msg(bind(fd, (struct sockaddr *)&name, length) == 0,
		    "bind to %s: %s", from, strerror(errno));
	}
	length = make_name(&name, address, port);
	ck_assert_msg(connect(fd, (struct sockaddr *)&name, length) == 0,
	    "connect to %s:%u: %s", address, port, strerror(errno));
	return fd;
}

void
web_hear(int fd, struct web_answer *answer)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0 && length < sizeof(answer->text) - 1) {
		ck_assert_int_eq(poll(&readable, 1, HARNESS_PATIENCE_MS), 1);
		n = recv(fd, answer->text + length,
		    sizeof(answer->text) - 1 - length, 0);
		if (n > 0)
			length += (size_t)n;
	}
	answer->text[length] = '\0';
	if (sscanf(answer->text, "HTTP/1.%*d %d", &answer->status) != 1)
		answer->status = 0;
	close(fd);
}

int
web_request(struct web_answer *answer, const char *address, unsigned int port,
    const char *text)
{
	int fd = web_dial(NULL, address, port);

	ck_assert_int_eq(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	web_hear(fd, answer);
	return answer->status;
}

int
web_get(struct web_answer *answer, unsigned int port, const char *path)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	    path);
	return web_request(answer, "127.0.0.1", port, text);
}

void
web_wait_status(unsigned int port, const char *path, int status)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	static struct web_answer answer;

	while (web_get(&answer, port, path) != status) {
		ck_assert_msg(harness_now() < deadline, "%s is %d, not %d",
		    path, answer.status, status);
		poll(NULL, 0, 5);
	}
}
