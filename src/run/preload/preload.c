/* SPDX-License-Identifier: ISC */
/*
 * libmhrun.so is loaded: make the memory that this process and its children
 * share.  If there is none, all is as without us.
 */
#include "run/preload/entries.h"
#include "run/preload/real.h"
#include "run/preload/settings.h"
#include "run/preload/sockets.h"
#include "run/preload/way.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct settings settings;

static void *
map(size_t size, int how)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    how | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void
start(void)
{
	struct table_settings limits = { .entries = settings.entries,
		.idle = settings.idle };
	void *own = map(sockets_size(), MAP_PRIVATE);
	void *entries = map(ENTRIES * sizeof(struct entry), MAP_SHARED);
	void *table = map(table_size(limits.entries), MAP_SHARED);

	if (own == NULL || entries == NULL || table == NULL ||
	    getentropy(limits.key, sizeof(limits.key)) != 0)
		return;
	way_init(table_init(table, &limits));
	sockets_init(own, entries, &settings);
}

static __attribute__((constructor)) void
load(void)
{
	int error = errno;

	real();
	settings_parse(&settings, getenv(SETTINGS_VARIABLE));
	start();
	way_look_at_interfaces();
	errno = error;
}
