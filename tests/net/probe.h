/* SPDX-License-Identifier: ISC */
/*
 * mhprobe, run by a test: in the namespace that the process is in. MH_PROBE
 * names a program other than the one in the build directory.
 */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROBE_OUTPUT 262144

struct probe {
	/* Set before the start. */
	unsigned int terminal; /* lines of the terminal that it runs on; 0: a
				* pipe.  What the line redirects is elsewhere */
	unsigned int columns;  /* of it; 0: 80 */
	bool job; /* of a shell on it, which prints "left CODE" when
		   * it stops or ends, then reads a line, and goes on
		   * with it if it was stopped */
	/* What became of it. */
	pid_t pid; /* or of the shell */
	int out;   /* its standard output and error */
	size_t length;
	char output[PROBE_OUTPUT]; /* so far, ended by a 0 */
};

/* Start it with the words of this line, printf()-like. */
void probe_start(struct probe *probe, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* From now on its terminal has another number of lines. */
void probe_resize(struct probe *probe, unsigned int rows);

/* Type that on its terminal, which controls it. */
void probe_type(struct probe *probe, const char *text);

/* Send that to who has its terminal. */
void probe_signal(const struct probe *probe, int signal);

/* Does its terminal give keys one by one, without an echo? */
bool probe_takes_keys(const struct probe *probe);

/* Until that is so, or no longer so. */
void probe_await_keys(const struct probe *probe, bool keys);

/* Read until it ends; returns its exit code. */
int probe_end(struct probe *probe);

/* Read until this text is in the output. */
void probe_expect(struct probe *probe, const char *text);

/* The same, from this place in the output on. */
void probe_expect_after(struct probe *probe, const char *at, const char *text);

/* The end of the output, no longer than a message may be. */
const char *probe_tail(const struct probe *probe);

/* Both: start, and read until it ends. */
#define probe_run(probe, ...) \
	(probe_start(probe, __VA_ARGS__), probe_end(probe))

/* Expect a text in the output. */
#define probe_shows(probe, text)                             \
	ck_assert_msg(strstr((probe)->output, text) != NULL, \
	    "no \"%s\" in:\n%s", text, probe_tail(probe))

/* Read until it ends; expect this exit code and this text in the output. */
#define probe_ends(probe, code, text)                                    \
	do {                                                             \
		int probe_code = probe_end(probe);                       \
		ck_assert_msg(probe_code == (code), "exit code %d:\n%s", \
		    probe_code, probe_tail(probe));                      \
		probe_shows(probe, text);                                \
	} while (0)

/* The same, including the start. */
#define probe_check(probe, code, text, ...)      \
	do {                                     \
		probe_start(probe, __VA_ARGS__); \
		probe_ends(probe, code, text);   \
	} while (0)

#endif
