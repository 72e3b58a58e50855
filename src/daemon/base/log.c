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

/* Where it adds it; NULL: nowhere. */
static _Thread_local struct strbuf *collected;

/* The log sink. */
static struct {
	_Atomic enum log_level threshold;
	bool to_syslog;
	atomic_bool ready;    /* errors are for the system log alone */
	atomic_ulong dropped; /* lines lost while standard error was blocked */
} sink = { LOG_LEVEL_INFO, false, false, 0 };

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

/* A slow reader of standard error loses lines, and sees how many. */
static void
log_write(enum log_level level, const char *text)
{
	unsigned long dropped;
	char line[80];

	if (sink.to_syslog || host_log_wanted()) {
		host_log(level, text);
		if (!sink.to_syslog || sink.ready || level != LOG_LEVEL_ERROR)
			return;
	}
	if (!host_error_has_room(atomic_load(&sink.dropped) == 0)) {
		atomic_fetch_add(&sink.dropped, 1);
		return;
	}
	dropped = atomic_exchange(&sink.dropped, 0);
	if (dropped > 0) {
		snprintf(line, sizeof(line),
		    "%lu log lines dropped: stderr blocked", dropped);
		log_print(LOG_LEVEL_WARNING, line);
	}
	log_print(level, text);
}

static void
collect(enum log_level level, const char *text)
{
	if (level <= LOG_LEVEL_WARNING && collected->length < COLLECTED_MAX)
		strbuf_print(collected, "%s%s\n", prefixes[level], text);
}

void
log_line(enum log_level level, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	if (level > log_get_level() && collected == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (collected != NULL)
		collect(level, text);
	if (level <= log_get_level())
		log_write(level, text);
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
