/* SPDX-License-Identifier: ISC */
/*
 * What every program of tests/net starts with: the rights to make namespaces,
 * a scratch directory, the run of the suite, and tests that must be passed
 * over.
 */
#ifndef NET_HARNESS_H
#define NET_HARNESS_H

#include <stdbool.h>

#include <check.h>

/* Long enough for the slowest machine; what works never waits so long. */
#ifndef HARNESS_PATIENCE_MS
#define HARNESS_PATIENCE_MS 10000
#endif

/*
 * Run the suite; the return value of main().  Not being root, the whole
 * process moves to a user namespace of its own, where it is.
 */
int harness_main(Suite *suite);

/* A test case with a time limit that fits; it belongs to the suite. */
TCase *harness_case(Suite *suite, const char *name);

/*
 * Is the condition met that a test needs?  If not, the test returns at once,
 * and it is said why; with MH_REQUIRE_ALL=1 it fails.
 */
bool harness_needs(bool met, const char *what);

/* The same for a program in PATH. */
bool harness_needs_tool(const char *program);

/* The rights of the host's own root, not only of a namespace's. */
bool harness_needs_root(void);

/* The name of a file in the scratch directory, unlike all others.  Static. */
const char *harness_file(const char *name);

/* Milliseconds that never go back. */
long long harness_now(void);

#endif
