/* SPDX-License-Identifier: ISC */
/*
 * Standard output and standard error, where they are a terminal.
 */
#ifndef PLATFORM_TERMINAL_H
#define PLATFORM_TERMINAL_H

#include <stdbool.h>

/* A terminal, as far as it matters; 0: unknown. */
struct host_terminal {
	unsigned int columns, rows;
};

enum host_stream { HOST_OUTPUT = 1, HOST_ERROR = 2 };

/*
 * Is the stream a terminal that knows the escape sequences of ECMA-48?  Enables
 * them if necessary.  False for files and pipes.
 */
bool host_terminal(enum host_stream stream, struct host_terminal *terminal);

/*
 * Is standard output open?  Closed, its number would be the next socket's.
 */
bool host_output_is_open(void);

#endif
