/* SPDX-License-Identifier: ISC */
/*
 * What every program of tests/net starts with: the rights to create namespaces,
 * a scratch directory, running the suite, and skipping tests.
 */
#ifndef NET_HARNESS_H
#define NET_HARNESS_H

#include <stdbool.h>

#include <check.h>

/*
 * Long enough for the slowest machine; a test that passes never waits that
 * long.
 */
#ifndef HARNESS_PATIENCE_MS
#define HARNESS_PATIENCE_MS 30000
#endif

/*
 * Run the suite; the return value of main().  If not root, the whole process
 * first moves to a user namespace of its own, where it is.
 */
int harness_main(Suite *suite);

/* A test case with a suitable time limit; it is added to the suite. */
TCase *harness_case(Suite *suite, const char *name);

/*
 * Is the condition met that a test needs?  If not, the test must return at
 * once, and the reason is printed; with MH_REQUIRE_ALL=1 it fails.
 */
bool harness_needs(bool met, const char *what);

/* The same for a program in PATH. */
bool harness_needs_tool(const char *program);

/* The rights of root on the host, not just in a namespace. */
bool harness_needs_root(void);

/* The same if the command line has another user: without root there is none. */
bool harness_needs_users(const char *line);

/* The name of a new file in the scratch directory.  Static. */
const char *harness_file(const char *name);

/* Milliseconds of a clock that never goes back. */
long long harness_now(void);

#endif
