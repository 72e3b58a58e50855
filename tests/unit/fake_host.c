/* SPDX-License-Identifier: ISC */
/*
 * A host whose clocks a test winds and whose files it holds.
 */
#include "unit/fake_host.h"

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/network.h"
#include "platform/program.h"
#include "platform/syslog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_host fake_host;

void
fake_host_reset(void)
{
	memset(&fake_host, 0, sizeof(fake_host));
	fake_host.now = INT64_C(1000000000) * 1000000000;
	fake_host.ticks = INT64_C(1000000) * 1000000000;
}

int64_t
host_realtime_ns(void)
{
	return fake_host.now;
}

int64_t
host_monotonic_ns(void)
{
	fake_host.ticks += fake_host.step;
	return fake_host.ticks;
}

void
host_name(char *name, size_t size)
{
	snprintf(name, size, "fake");
}

char *
host_stream_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	char *copy;

	snprintf(reason, reason_size, "no such file");
	if (fake_host.path == NULL || strcmp(path, fake_host.path) != 0)
		return NULL;
	*length = strlen(fake_host.text) + fake_host.more;
	if (*length > max)
		return NULL;
	copy = malloc(*length + 1);
	if (copy != NULL)
		memcpy(copy, fake_host.text, *length + 1);
	return copy;
}

char *
host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size)
{
	if (fake_host.is_pipe) {
		snprintf(reason, reason_size, "it is a pipe");
		return NULL;
	}
	return host_stream_read(path, max, length, reason, reason_size);
}

bool
host_file_write(const char *path, const char *text, size_t length, char *reason,
    size_t reason_size)
{
	snprintf(reason, reason_size, "read-only");
	if (fake_host.read_only)
		return false;
	snprintf(fake_host.written, sizeof(fake_host.written), "%s: %.*s", path,
	    (int)length, text);
	return true;
}

const char host_usage[] = "\nOn this system:\n  --here\n";

void
host_log_open(void)
{
	fake_host.syslog_opened++;
}

void
host_log(unsigned int level, const char *text)
{
	snprintf(
	    fake_host.syslog, sizeof(fake_host.syslog), "%u %s", level, text);
}

bool
host_log_wanted(void)
{
	return fake_host.syslog_wanted;
}

int
host_log_priority(unsigned int level)
{
	return fake_host.manager ? (int)level + 3 : -1;
}

bool
host_error_has_room(bool wait)
{
	fake_host.error_waits += wait;
	return !fake_host.error_full;
}
