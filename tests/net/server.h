/* SPDX-License-Identifier: ISC */
/*
 * The program under test: multihomed in a namespace.  MH_PROGRAM names a
 * program other than the one in the build directory.
 *
 * Every function fails the test if the daemon does not do as it should.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#define SERVER_SOCKETS_MAX 128

/*
 * AddressSanitizer's leak checker stops all threads with ptrace() when the
 * program ends, which the daemon's sandbox forbids.  So it does what
 * ThreadSanitizer does behind the scenes.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SERVER_SANITIZED 1
#else
#define SERVER_SANITIZED 0
#endif

struct server {
	/* Set before the start. */
	int netns;
	const char *wrapper; /* words before the program; may be NULL */
	int without;         /* a CAP_* to take from it; 0: none */
	bool journal;        /* let it take its log for the journal */
	int error;          /* its standard error, if not the log; 0: the log */
	bool without_files; /* standard input, output and error are closed */
	bool taken_over;    /* the sandbox refuses what it does */
	/*
	 * Sockets passed to it as by a service manager, and their names; NULL:
	 * it does not say.
	 */
	const int *passed;
	int passed_count;
	const char *passed_names;
	/* What became of it. */
	pid_t pid;
	int pidfd;
	pid_t frozen; /* a thread */
	int log;      /* all that it wrote to standard output and error */
	char log_file[256];
	char port_file[256];    /* server_run(): may be set before */
	unsigned int http_port; /* 0: none */
	unsigned int count;
	struct server_socket {
		char service[32];
		char address[80]; /* as in the port file, "[::]" */
		unsigned int port;
	} sockets[SERVER_SOCKETS_MAX];
};

/*
 * Start it with the words of this line, and wait until it is ready.  The
 * caller stops it; a test that fails kills it.
 */
void server_start(struct server *server, const char *line);

/* Read the port file again, after a reload has rewritten it. */
void server_read_ports(struct server *server);

/* Run it with the words of this line until it ends; its exit code. */
int server_run(struct server *server, const char *line);

/*
 * Send a signal to end it, and check that it ends with code 0, after a last
 * line of totals for each socket; and that the sandbox has refused nothing.
 */
void server_stop_by(struct server *server, int signal);
void server_stop(struct server *server); /* SIGTERM */

/*
 * Its privileged helper, a child of it; 0 if there is none.  It has nothing to
 * do: the start is over, of which the port file is not the end.
 */
pid_t server_helper(struct server *server);

/* Stop it from running, and let it continue. */
void server_freeze(struct server *server);
void server_thaw(struct server *server);

/* The same for its newest thread alone, the last worker. */
void server_freeze_thread(struct server *server);
void server_thaw_thread(struct server *server);

/* Send a signal that ends it although frozen, with this code. */
void server_stop_frozen(struct server *server, int signal, int code);

/* The port of the first socket of a service. */
unsigned int server_port(const struct server *server, const char *service);

/*
 * For a test that is about to fail: let the server started last, if it runs,
 * log what it has counted.  Its log is shown after the test.
 */
void server_report(void);

/* Its whole log so far.  The caller frees. */
char *server_log(const struct server *server);

/* How many lines so far contain the text. */
unsigned int server_log_count(const struct server *server, const char *text);

/*
 * A counter, "received" or "source-gone", summed over all sockets, as logged
 * now on SIGUSR1.  Also checks that received, and what was sent twice on
 * purpose, is the sum of answered, silent and dropped.
 */
unsigned long server_counter(struct server *server, const char *name);

/* Wait until the text is in the log. */
void server_wait_log(struct server *server, const char *text);

/* Poll it until it has this value. */
void server_wait_counter(
    struct server *server, const char *name, unsigned long value);

#endif
