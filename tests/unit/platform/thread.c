/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/thread.c: threads, where they run, and the messages
 * between them.
 */
#include "unit/unit.h"

#include "unit/platform/suites.h"

#include "platform/thread.h"

#include <sched.h>
#include <string.h>

/* What a thread does in these tests. */
struct job {
	intptr_t end;
	unsigned int number, count;
	int pinned;    /* host_thread_pin() */
	int processor; /* where it runs then, and nowhere else; -1 */
};

static void
echo(void *argument)
{
	struct job *job = argument;
	char message[256];

	if (host_channel_receive(job->end, message, sizeof(message)))
		host_channel_send(job->end, message, sizeof(message));
}

START_TEST(test_channel)
{
	intptr_t ends[2];
	struct job job;
	struct host_thread *thread;
	char message[256], back[256] = "";

	ck_assert(host_channel_open(ends));
	job.end = ends[1];
	thread = host_thread_start(echo, &job);
	ck_assert_ptr_nonnull(thread);
	ck_assert(!host_channel_wait(ends[0], 0));
	memset(message, 'x', sizeof(message));
	ck_assert(host_channel_send(ends[0], message, sizeof(message)));
	ck_assert(host_channel_wait(ends[0], -1));
	ck_assert(host_channel_receive(ends[0], back, sizeof(back)));
	ck_assert_mem_eq(back, message, sizeof(message));
	host_thread_join(thread);
	host_channel_close(ends);
}
END_TEST

static void
pin(void *argument)
{
	struct job *job = argument;
	cpu_set_t set;

	job->pinned = host_thread_pin(job->number, job->count);
	job->processor = -1;
	if (sched_getaffinity(0, sizeof(set), &set) == 0 &&
	    CPU_COUNT(&set) == 1)
		job->processor = sched_getcpu();
}

/* Does this process have such a processor? */
static bool
has_processor(unsigned int number, unsigned int count)
{
	unsigned int cpu;
	cpu_set_t set;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	for (cpu = number; cpu < CPU_SETSIZE; cpu += count)
		if (CPU_ISSET(cpu, &set))
			return true;
	return false;
}

START_TEST(test_pin)
{
	struct job job = { .number = (unsigned int)_i, .count = 3 };
	struct host_thread *thread = host_thread_start(pin, &job);

	ck_assert_ptr_nonnull(thread);
	host_thread_join(thread);
	ck_assert_int_eq(job.pinned, 0);
	ck_assert_int_ge(job.processor, 0);
	if (has_processor(job.number, job.count))
		ck_assert_int_eq(job.processor % 3, _i);
}
END_TEST

START_TEST(test_processors)
{
	cpu_set_t set;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	ck_assert_int_eq((int)host_processors(), CPU_COUNT(&set));
}
END_TEST

Suite *
platform_thread_suite(void)
{
	Suite *suite = suite_create("thread");
	TCase *tcase = tcase_create("thread");

	tcase_add_test(tcase, test_channel);
	tcase_add_loop_test(tcase, test_pin, 0, 3);
	tcase_add_test(tcase, test_processors);
	suite_add_tcase(suite, tcase);
	return suite;
}
