/* SPDX-License-Identifier: ISC */
/*
 * A plain HTTP client: it sends exactly what a test says.
 */
#ifndef NET_WEB_H
#define NET_WEB_H

struct web_answer {
	int status; /* 0: none, the connection was closed */
	char text[1048576];
};

/* Connect, from a given address or NULL for any.  Returns a blocking socket. */
int web_dial(const char *from, const char *address, unsigned int port);

/* Read all that comes until the other side closes; and close. */
void web_hear(int fd, struct web_answer *answer);

/* Send that text and read the answer; its status. */
int web_request(struct web_answer *answer, const char *address,
    unsigned int port, const char *text);

/* GET a path of this host; the status. */
int web_get(struct web_answer *answer, unsigned int port, const char *path);

/* Ask again until this is the status. */
void web_wait_status(unsigned int port, const char *path, int status);

#endif
