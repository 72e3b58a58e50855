/* SPDX-License-Identifier: ISC */
/*
 * What the daemon's own files depend on: a fake system and host, the log in a
 * scratch file, plans from command lines, and workers that share one loop.
 */
#ifndef UNIT_DAEMON_SCENE_H
#define UNIT_DAEMON_SCENE_H

#include "daemon/config/load.h"
#include "daemon/workers.h"
#include "unit/config/argv.h"
#include "unit/events.h"
#include "unit/fake_host.h"
#include "unit/fixture.h"
#include "unit/scratch.h"

struct scene {
	struct event_base *base;
	struct limit *limit;
	struct selfprobe_secret secret; /* asked is false */
	struct workers workers;
	unsigned int lacking; /* libevent's allocation of that number
			       * from now fails, once; 0: none */
};

extern struct scene scene;

/*
 * A test case whose tests each start with a new scene; all is freed afterwards.
 */
TCase *scene_tcase(const char *name);

/* The plan of a valid command line. */
struct plan *scene_plan(const char *line);

/* Bindings to open, for that plan's workers; everything else is empty. */
struct bindings scene_bindings(const struct plan *plan);

/* scene.workers answer by the command line; there may have been another. */
void scene_serve(const char *line);

/* Two or more workers in one thread, each with its own sockets. */
void scene_start(unsigned int count);

/* The handle of that worker's socket of a binding. */
intptr_t scene_socket(unsigned int worker, size_t binding);

/* Send "query" to that worker's socket of a binding; is it answered? */
bool scene_ask(unsigned int worker, size_t binding);

/* How many sockets have been bound since the last call. */
unsigned int scene_bound(void);

#endif
