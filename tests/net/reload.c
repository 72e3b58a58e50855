/* SPDX-License-Identifier: ISC */
/*
 * See reload.h.  The log shows that a reload is over.
 */
#include "build.h"

#include "reload.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "harness.h"

#define GOOD "multihomed: reloaded "
#define REFUSED "error: keeping the previous configuration"

void
reload_write(const char *path, const char *text)
{
	char fresh[300];
	FILE *file;

	snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	file = fopen(fresh, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(rename(fresh, path), 0);
}

char *
reload_file(const char *format, ...)
{
	char *path = strdup(harness_file("conf"));
	va_list list;
	char *text;

	ck_assert_ptr_nonnull(path);
	va_start(list, format);
	ck_assert_int_ge(vasprintf(&text, format, list), 0);
	va_end(list);
	reload_write(path, text);
	free(text);
	return path;
}

void
reload_now(struct server *server, bool good)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	unsigned int reloads = server_log_count(server, GOOD);
	unsigned int refused = server_log_count(server, REFUSED);

	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	while (server_log_count(server, GOOD) == reloads &&
	    server_log_count(server, REFUSED) == refused) {
		ck_assert_msg(harness_now() < deadline, "no reload");
		poll(NULL, 0, 2);
	}
	ck_assert_uint_eq(server_log_count(server, GOOD), reloads + good);
	ck_assert_uint_eq(server_log_count(server, REFUSED), refused + !good);
}
