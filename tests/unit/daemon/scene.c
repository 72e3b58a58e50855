/* SPDX-License-Identifier: ISC */
/*
 * The daemon's surroundings, for one test at a time.
 */
#include "unit/daemon/scene.h"

#include "daemon/netwatch.h"
#include "daemon/path/listener.h"

#include <stdlib.h>
#include <string.h>

struct scene scene;

static unsigned int events_seen;

static bool
is_lacking(void)
{
	return scene.lacking > 0 && --scene.lacking == 0;
}

static void *
scene_malloc(size_t size)
{
	return is_lacking() ? NULL : malloc(size);
}

static void *
scene_realloc(void *memory, size_t size)
{
	return is_lacking() ? NULL : realloc(memory, size);
}

static void
setup(void)
{
	static const struct limit_options options = {
		.buckets = 64, .ipv4_bits = 32, .ipv6_bits = 64
	};

	memset(&scene, 0, sizeof(scene));
	events_seen = 0;
	fake_host_reset();
	scratch_log_begin();
	event_set_mem_functions(scene_malloc, scene_realloc, free);
	scene.base = events_base();
	scene.limit = limit_new(&options);
	ck_assert_ptr_nonnull(scene.limit);
}

static void
teardown(void)
{
	workers_free(&scene.workers);
	limit_free(scene.limit);
	event_base_free(scene.base);
	scratch_remove();
}

TCase *
scene_tcase(const char *name)
{
	TCase *tcase = fixture_tcase(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

struct plan *
scene_plan(const char *line)
{
	struct config_errors errors = { .lines = NULL };
	struct command_line command = { .is_reload = false };
	struct config config;
	struct plan *plan = NULL;
	struct argv argv;

	argv_make(&argv, line);
	command.argc = argv.count;
	command.argv = argv.words;
	if (load_config(&config, &command, &errors) == 0)
		plan = plan_new(&config, scene.limit, &errors);
	ck_assert_msg(plan != NULL, "%s: %s", line,
	    errors.count > 0 ? errors.lines[0] : "no plan");
	return plan;
}

struct bindings
scene_bindings(const struct plan *plan)
{
	unsigned int workers = plan->config.daemon.workers;

	return (struct bindings){ .workers = workers != 0 ? workers : 1,
		.stack = plan->config.daemon.stack,
		.secret = &scene.secret };
}

void
scene_start(unsigned int count)
{
	unsigned int i;

	scene.workers.items = calloc(count, sizeof(struct worker *));
	scene.workers.netwatch = netwatch_new(scene.base, count + 1);
	ck_assert_ptr_nonnull(scene.workers.items);
	ck_assert_ptr_nonnull(scene.workers.netwatch);
	for (i = 0; i < count; i++) {
		scene.workers.items[i] = worker_new(
		    scene.base, i, 8, &scene.secret, scene.workers.netwatch);
		ck_assert_ptr_nonnull(scene.workers.items[i]);
		scene.workers.count++;
	}
}

void
scene_serve(const char *line)
{
	struct plan *plan = scene_plan(line);
	struct bindings bindings = scene_bindings(plan);

	if (scene.workers.count == 0)
		scene_start(bindings.workers);
	ck_assert_int_eq(
	    bindings_open(&bindings, plan, &scene.workers.bindings), 0);
	ck_assert(workers_apply(&scene.workers, plan, &bindings));
}

/* Each worker has opened its own in turn. */
static intptr_t
find_socket(const struct mh_address *bound, unsigned int worker)
{
	const struct fake_socket *s;
	unsigned int i, count = 0;

	for (i = 0; i < fake.socket_count; i++) {
		s = fake.sockets[i];
		if (s->is_open && s->family == (enum mh_family)bound->family &&
		    mh_address_compare(&s->bound, bound) == 0 &&
		    s->bound.port == bound->port && count++ == worker)
			return s->handle;
	}
	ck_abort_msg("%s: worker %u has no socket", unit_text(bound), worker);
	return -1;
}

intptr_t
scene_socket(unsigned int worker, size_t binding)
{
	const struct listener *listener =
	    worker_listener(scene.workers.items[worker], binding);

	ck_assert_ptr_nonnull(listener);
	return find_socket(&listener_info(listener)->bound, worker);
}

bool
scene_ask(unsigned int worker, size_t binding)
{
	struct fake_incoming incoming = { .peer =
					      unit_address("127.0.0.2:4444"),
		.arrival = { .if_index = 1,
		    .has_ipv4 = true,
		    .ipv4_source = { 127, 0, 0, 1 },
		    .ipv4_target = { 127, 0, 0, 1 } },
		.ttl = 64,
		.data = "query",
		.length = 5 };
	unsigned int before = fake.sent_count;
	intptr_t handle = scene_socket(worker, binding);

	fake_deliver(handle, &incoming);
	events_read(scene.base, handle);
	return fake.sent_count > before;
}

unsigned int
scene_bound(void)
{
	unsigned int count = 0;

	for (; events_seen < fake.event_count; events_seen++)
		count += fake.events[events_seen].call == FAKE_BIND;
	return count;
}
