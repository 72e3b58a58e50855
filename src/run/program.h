/* SPDX-License-Identifier: ISC */
/*
 * The program file that a command starts: where it is, and whether a library
 * can be preloaded into it.
 */
#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include "run/options.h"

#include <stdio.h>

/*
 * Find the file of a command as execvp() does.  False if there is none, or
 * none that can be executed.
 */
bool program_find(const char *command, char *path, size_t size);

/*
 * Why nothing can be preloaded into the program at that path, or into what
 * interprets it, in why: "/usr/bin/irtt is written in Go, ...".  False if it
 * can, or nobody knows.
 */
bool program_obstacle(const char *path, char why[RUN_WHY]);

#endif
