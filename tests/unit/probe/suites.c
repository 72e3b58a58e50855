/* SPDX-License-Identifier: ISC */
/*
 * mhprobe over the fake system, and what its suites share.  Names no operating
 * system.
 */
#include "unit/probe/suites.h"

#include <string.h>

#define MS INT64_C(1000000)

Suite *(*const unit_suites[])(void) = {
	probe_target_suite,
	probe_options_suite,
	probe_ask_suite,
	probe_rtt_suite,
	probe_sweep_suite,
	probe_row_suite,
	probe_output_suite,
	probe_probe_suite,
	NULL,
};

struct row_plan
suites_plan(void)
{
	return (struct row_plan){
		.ask = &ask_echo,
		.count = 3,
		.paths = 1,
		.interval = 100 * MS,
		.timeout = 1000 * MS,
	};
}

struct row *
suites_row(const struct row_plan *plan, const char *peer)
{
	struct mh_address address = unit_address(peer);
	struct row *row = row_new(plan, &address);

	ck_assert_ptr_nonnull(row);
	memset(row->question.secret, 0x5a, sizeof(row->question.secret));
	row->question.name = ".";
	return row;
}

void
suites_send(struct row *row, unsigned int ms)
{
	static uint8_t request[MH_SLOT_SIZE];
	int length = row_build(row, request);

	ck_assert_int_ge(length, 0);
	row_sent(row, (size_t)length, ms * MS);
}

void
suites_answer(struct row *row, uint32_t i, const char *from, unsigned int ms)
{
	static uint8_t answer[MH_SLOT_SIZE];
	struct ask_question question = row->question;
	uint32_t size = row->shots[i % row->shot_count].size;
	struct mh_datagram datagram = {
		.peer = unit_address(from), .ttl = 64, .data = answer
	};

	/* Of the size that this request had. */
	if (row->plan->ask->sized && size != 0)
		question.size = (int)size;
	datagram.length = (size_t)row->plan->ask->build(&question, i, answer);
	row_receive(row, &datagram, i % row->plan->paths, ms * MS);
}
