/* SPDX-License-Identifier: ISC */
/*
 * Tests of mhrun with control groups: a group of the test's own, which holds
 * all others that it makes, and commands that run there.
 *
 * Every function fails the test if it cannot do what it says.
 */
#ifndef NET_GROUPRUN_H
#define NET_GROUPRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The program under test, and the server without any repair. */
extern const char grouprun_mhrun[], grouprun_wildcard[];

/*
 * A fixture around all tests of a case: the group, in a cgroup2 file system
 * mounted for them; at the end all processes there are killed, and all groups
 * removed.  Needs the rights of root; grouprun_top is "" without.
 */
void grouprun_setup(void);
void grouprun_teardown(void);

/* The folder of the group, of a control file system. */
extern char grouprun_top[256];

/* A program that was started, and what it writes. */
struct grouprun {
	pid_t pid;
	int in;  /* its standard input */
	int out; /* its standard output and error */
	unsigned int port;
	size_t length;
	char output[16384]; /* so far, ended by a 0 */
};

/* Start the words of this line in a network namespace. */
void grouprun_start(struct grouprun *run, int netns, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, until it has written its port, in a line of its own. */
void grouprun_serve(struct grouprun *run, int netns, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Read until it ends; its exit code, or 128 and the signal. */
int grouprun_end(struct grouprun *run);

/* Kill it. */
void grouprun_kill(struct grouprun *run);

/* Start it, and expect this exit code and this text in its output. */
#define grouprun_check(run, netns, code, text, ...)                      \
	do {                                                             \
		int grouprun_code;                                       \
                                                                         \
		grouprun_start(run, netns, __VA_ARGS__);                 \
		grouprun_code = grouprun_end(run);                       \
		ck_assert_msg(grouprun_code == (code) &&                 \
			strstr((run)->output, text) != NULL,             \
		    "exit code %d, no \"%s\":\n%s", grouprun_code, text, \
		    (run)->output);                                      \
	} while (0)

/* How many groups of mhrun's are in that one; wait until it is this many. */
unsigned int grouprun_count(const char *folder);
void grouprun_await(const char *folder, unsigned int count);

/* One of them.  Static. */
const char *grouprun_first(const char *folder);

/* A counter as mhrun --status shows it for a group. */
unsigned long grouprun_counter(const char *folder, const char *name);

#endif
