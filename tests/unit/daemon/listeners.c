/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/listeners.c: what a socket keeps of its service when the plan
 * changes, and which sockets of a service know one another.
 */
#include "daemon/listeners.h"

#include "unit/daemon/scene.h"

#include <string.h>

/* A service that counts, and looks at its ends. */
#define STATE_SIZE 8
static unsigned int inits;
static struct ends_choice seen;

static size_t
state_size(const void *settings)
{
	(void)settings;
	return STATE_SIZE;
}

static void
state_init(void *state, const void *settings, const uint8_t seed[SERVICE_SEED])
{
	(void)settings;
	(void)seed;
	inits++;
	memset(state, 0, STATE_SIZE);
}

/* Counts in the first byte of its state, and says how often. */
static enum service_outcome
answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	uint8_t *count = context->state;

	(void)request;
	memcpy(seen.addresses, context->ends, sizeof(seen.addresses));
	*(uint8_t *)reply->data = ++*count;
	reply->length = 1;
	return SERVICE_REPLY;
}

static const struct service stateful = { .name = "stateful",
	.wants = SERVICE_WANTS_ENDS,
	.state_size = state_size,
	.state_init = state_init,
	.answer = answer };

static void
setup(void)
{
	inits = 0;
	memset(&seen, 0, sizeof(seen));
}

/* Switch to the plan of that line; its echo services are the stateful one. */
static void
serve(const char *line)
{
	struct plan *plan = scene_plan(line);
	struct bindings bindings = scene_bindings(plan);
	size_t i;

	if (scene.workers.count == 0)
		scene_start(bindings.workers);
	for (i = 0; i < plan->service_count; i++)
		if (strncmp(plan->services[i].config->name, "echo", 4) == 0)
			plan->services[i].config->service = &stateful;
	ck_assert_int_eq(
	    bindings_open(&bindings, plan, &scene.workers.bindings), 0);
	ck_assert(workers_apply(&scene.workers, plan, &bindings));
}

/*
 * How often that socket of a worker has been asked, according to its service.
 */
static unsigned int
ask(unsigned int worker, size_t binding)
{
	ck_assert(scene_ask(worker, binding));
	return *(const uint8_t *)fake.sent[fake.sent_count - 1].data;
}

/* Each socket has its own state, which lasts as long as the socket. */
START_TEST(test_state_lasts)
{
	serve("-w 2 echo=127.0.0.1:7");
	ck_assert_uint_eq(inits, 2);
	ck_assert_uint_eq(ask(0, 0), 1);
	ck_assert_uint_eq(ask(0, 0), 2);
	ck_assert_uint_eq(ask(1, 0), 1);
	serve("-w 2 echo:b=127.0.0.1:8 echo=127.0.0.1:7");
	ck_assert_uint_eq(ask(0, 1), 3);
	ck_assert_uint_eq(ask(1, 1), 2);
	ck_assert_uint_eq(ask(0, 0), 1);
	ck_assert_uint_eq(inits, 4);
}
END_TEST

/* It does not pass to the next service there, nor to the same one later. */
START_TEST(test_another_service_begins_anew)
{
	serve("echo=127.0.0.1:7");
	ck_assert_uint_eq(ask(0, 0), 1);
	serve("discard=127.0.0.1:7");
	ck_assert(!scene_ask(0, 0));
	serve("echo=127.0.0.1:7");
	ck_assert_uint_eq(ask(0, 0), 1);
	ck_assert_uint_eq(inits, 2);
}
END_TEST

/* The sockets of one service in one worker, and no others. */
START_TEST(test_ends_are_joined)
{
	serve("echo=127.0.0.1:7 discard=127.0.0.3:7");
	ask(0, 0);
	unit_assert_address(
	    &seen.addresses[SERVICE_ASKED], "127.0.0.1:7", "asked");
	unit_assert_address(&seen.addresses[SERVICE_OTHER_ADDRESS], "", "none");
	serve("echo=127.0.0.1:7,127.0.0.2:7 discard=127.0.0.3:7");
	ask(0, 0);
	unit_assert_address(
	    &seen.addresses[SERVICE_OTHER_ADDRESS], "127.0.0.2:7", "the other");
	unit_assert_address(&seen.addresses[SERVICE_OTHER_PORT], "", "none");
	serve("echo=127.0.0.1:7 echo:b=127.0.0.2:7");
	ask(0, 0);
	unit_assert_address(
	    &seen.addresses[SERVICE_OTHER_ADDRESS], "", "of another instance");
}
END_TEST

Suite *
listeners_suite(void)
{
	Suite *suite = suite_create("listeners");
	TCase *tcase = scene_tcase("listeners");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_state_lasts);
	tcase_add_test(tcase, test_another_service_begins_anew);
	tcase_add_test(tcase, test_ends_are_joined);
	suite_add_tcase(suite, tcase);
	return suite;
}
