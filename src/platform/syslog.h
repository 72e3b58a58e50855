/* SPDX-License-Identifier: ISC */
/*
 * The system log (syslog; the Event Log on Windows), and how standard error
 * does as a log.  Levels: 0 error, 1 warning, 2 information, 3 debugging.
 */
#ifndef PLATFORM_SYSLOG_H
#define PLATFORM_SYSLOG_H

#include <stdbool.h>

/* Open the system log; before host_sandbox(). */
void host_log_open(void);

/*
 * Write a line to it.  wait: give its reader a moment if there is no room;
 * never longer.  Returns false if the line is lost.  Any thread.
 */
bool host_log(unsigned int level, const char *text, bool wait);

/*
 * Is it the place for all lines, whatever the configuration says?  Windows: as
 * a service, which has no standard error.
 */
bool host_log_wanted(void);

/*
 * Can some lines be written to standard error without waiting for its reader?
 * wait: give the reader a moment first.  Windows: always true.
 */
bool host_error_has_room(bool wait);

/*
 * The number that the reader of standard error wants in front of a line of that
 * level, as <3>; -1: none.
 */
int host_log_priority(unsigned int level);

#endif
