/* SPDX-License-Identifier: ISC */
/*
 * The log: a line at a time, to standard error or to the system log.  Knows
 * nothing about the daemon.
 */
#include "daemon/base/log.h"

#include "common/strbuf.h"
#include "platform/syslog.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a line: all counters of a socket fit. */
#define LINE_SIZE 2048

#define NANOSECONDS_A_MINUTE (INT64_C(60) * 1000000000)

/* Of what log_collect() adds, in bytes. */
#define COLLECTED_MAX 65536

enum outlet { TO_STDERR, TO_SYSLOG, OUTLETS };

static const char *const outlets[] = { "stderr", "the system log" };

/* Where log_collect() adds it; NULL: nowhere. */
static _Thread_local struct strbuf *collected;

/* The log sink. */
static struct {
	_Atomic enum log_level threshold;
	bool to_syslog;
	atomic_bool ready;             /* errors are for the system log alone */
	atomic_ulong dropped[OUTLETS]; /* lines, while it was blocked */
} sink = { LOG_LEVEL_INFO, false, false, { 0 } };

static const char *const prefixes[] = {
	[LOG_LEVEL_ERROR] = "error: ",
	[LOG_LEVEL_WARNING] = "warning: ",
	[LOG_LEVEL_INFO] = "",
	[LOG_LEVEL_DEBUG] = "debug: ",
};

static void
log_from_libevent(int severity, const char *message)
{
	static const enum log_level levels[] = {
		[EVENT_LOG_DEBUG] = LOG_LEVEL_DEBUG,
		[EVENT_LOG_MSG] = LOG_LEVEL_DEBUG,
		[EVENT_LOG_WARN] = LOG_LEVEL_WARNING,
		[EVENT_LOG_ERR] = LOG_LEVEL_ERROR,
	};

	log_line(levels[severity & 3], "libevent: %s", message);
}

void
log_set_level(enum log_level level)
{
	atomic_store_explicit(&sink.threshold, level, memory_order_relaxed);
}

enum log_level
log_get_level(void)
{
	return atomic_load_explicit(&sink.threshold, memory_order_relaxed);
}

void
log_collect(struct strbuf *lines)
{
	collected = lines;
}

void
log_open(enum log_level level, bool to_syslog)
{
	log_set_level(level);
	if (to_syslog && !sink.to_syslog)
		host_log_open();
	sink.to_syslog = to_syslog;
	event_set_log_callback(log_from_libevent);
}

void
log_ready(bool ready)
{
	sink.ready = ready;
}

static void
log_print(enum log_level level, const char *text)
{
	int priority = host_log_priority(level);

	if (priority >= 0)
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "multihomed: %s%s\n", prefixes[level], text);
}

/* Give the reader no more than a moment; false: the line is lost. */
static bool
try(enum outlet outlet, enum log_level level, const char *text, bool wait)
{
	if (outlet == TO_SYSLOG)
		return host_log(level, text, wait);
	if (!host_error_has_room(wait))
		return false;
	log_print(level, text);
	return true;
}

/*
 * A slow reader loses lines, and sees how many.  One that has lost some is not
 * waited for.
 */
static void
put(enum outlet outlet, enum log_level level, const char *text, bool wait)
{
	atomic_ulong *dropped = &sink.dropped[outlet];
	unsigned long missing = atomic_exchange(dropped, 0);
	char line[80];

	if (missing > 0) {
		snprintf(line, sizeof(line),
		    "%lu log lines dropped: %s blocked", missing,
		    outlets[outlet]);
		if (!try(outlet, LOG_LEVEL_WARNING, line, false)) {
			atomic_fetch_add(dropped, missing + 1);
			return;
		}
	}
	if (!try(outlet, level, text, wait && missing == 0))
		atomic_fetch_add(dropped, 1);
}

static void
log_write(enum log_level level, const char *text, bool wait)
{
	if (sink.to_syslog || host_log_wanted()) {
		put(TO_SYSLOG, level, text, wait);
		if (!sink.to_syslog || sink.ready || level != LOG_LEVEL_ERROR)
			return;
	}
	put(TO_STDERR, level, text, wait);
}

static void
collect(enum log_level level, const char *text)
{
	if (level <= LOG_LEVEL_WARNING && collected->length < COLLECTED_MAX)
		strbuf_print(collected, "%s%s\n", prefixes[level], text);
}

static void __attribute__((format(printf, 3, 0)))
log_text(enum log_level level, bool wait, const char *format, va_list arguments)
{
	char text[LINE_SIZE];

	vsnprintf(text, sizeof(text), format, arguments);
	if (collected != NULL)
		collect(level, text);
	if (level <= log_get_level())
		log_write(level, text, wait);
}

void
log_line(enum log_level level, const char *format, ...)
{
	va_list arguments;

	if (level > log_get_level() && collected == NULL)
		return;
	va_start(arguments, format);
	log_text(level, true, format, arguments);
	va_end(arguments);
}

void
log_at_once(enum log_level level, const char *format, ...)
{
	va_list arguments;

	if (level > log_get_level())
		return;
	va_start(arguments, format);
	log_text(level, false, format, arguments);
	va_end(arguments);
}

bool
log_limit_passes(struct log_limit *limit, int64_t now, int64_t interval,
    uint64_t *suppressed)
{
	if (now < limit->next) {
		limit->suppressed++;
		return false;
	}
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->next = now + interval;
	return true;
}

void
log_limited(struct log_limit *limit, int64_t now, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;
	uint64_t suppressed;
	size_t length;

	if (!log_limit_passes(limit, now, NANOSECONDS_A_MINUTE, &suppressed))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = strlen(text);
	if (suppressed > 0)
		snprintf(text + length, sizeof(text) - length,
		    " (and %llu more since the last such line)",
		    (unsigned long long)suppressed);
	log_line(LOG_LEVEL_WARNING, "%s", text);
}
