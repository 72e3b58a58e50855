/* SPDX-License-Identifier: ISC */
/*
 * The daemon's log.  For what a stranger on the network can cause, use a
 * struct log_limit.
 */
#ifndef DAEMON_BASE_LOG_H
#define DAEMON_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/*
 * Log messages of this level and above, to the system log or to standard
 * error; libevent's, too.
 */
void log_open(enum log_level level, bool to_syslog);

/* Change the level alone; any thread may log meanwhile. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/*
 * From now on, add the warnings and errors of the calling thread to that text,
 * too, a line each, up to a bound; NULL: no more.
 */
struct strbuf;
void log_collect(struct strbuf *lines);

/*
 * Has the start succeeded?  Until then, errors go to standard error as well as
 * to the system log: whoever starts the daemon sees why it fails.  Initially
 * false.  Any thread.
 */
void log_ready(bool ready);

/* Log a line, as by printf(), if its level is logged.  Any thread. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same for what peers cause, line by line: it does not wait for a slow
 * reader, not even a moment, but is lost and counted.  Any thread.
 */
void log_at_once(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* One kind of message, at most once in a while.  Initially all zero. */
struct log_limit {
	int64_t next;        /* not before then, in host_monotonic_ns() */
	uint64_t suppressed; /* since the last one */
};

/*
 * May another message of the kind be logged, interval after the last one?  If
 * so, *suppressed is how many were not, since.  Times are of
 * host_monotonic_ns(), in nanoseconds.
 */
bool log_limit_passes(struct log_limit *limit, int64_t now, int64_t interval,
    uint64_t *suppressed);

/*
 * A warning of a kind that may be frequent, at most once a minute; says how
 * many were suppressed since the last one.  now: host_monotonic_ns().
 */
void log_limited(struct log_limit *limit, int64_t now, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
