/* SPDX-License-Identifier: ISC */
/*
 * A process of its own, for what cannot be taken back: rights given up, a
 * sandbox, closed streams.
 */
#ifndef UNIT_PLATFORM_CHILD_H
#define UNIT_PLATFORM_CHILD_H

/*
 * Run it there.  It returns NULL, or what is wrong: then the test fails and
 * says so.  No ck_assert() in it.
 */
void child_run(const char *(*body)(void));

/* The same, but that signal ends the process. */
void child_killed(const char *(*body)(void), int number);

#endif
