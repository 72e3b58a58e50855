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
	probe_targetfile_suite,
	probe_threshold_suite,
	probe_options_suite,
	probe_arguments_suite,
	probe_usage_suite,
	protocol_suite,
	protocol_coap_suite,
	protocol_daytime_suite,
	protocol_dns_suite,
	protocol_echo_suite,
	protocol_ntp_suite,
	protocol_raw_suite,
	protocol_irtt_suite,
	protocol_sip_suite,
	protocol_snmp_suite,
	protocol_stamp_suite,
	protocol_sockperf_suite,
	protocol_beacon_suite,
	protocol_unity_suite,
	protocol_stun_suite,
	protocol_time_suite,
	protocol_whoami_suite,
	probe_rtt_suite,
	probe_marks_suite,
	oneway_suite,
	keyfile_suite,
	probe_sweep_suite,
	probe_session_suite,
	probe_describe_suite,
	probe_summary_suite,
	probe_order_suite,
	probe_layout_suite,
	probe_table_suite,
	probe_remedy_suite,
	probe_json_suite,
	probe_nagios_suite,
	probe_screen_suite,
	probe_resolve_suite,
	probe_active_suite,
	probe_shortage_suite,
	probe_local_suite,
	probe_probe_suite,
	NULL,
};

struct session_plan
suites_plan(void)
{
	return (struct session_plan){
		.protocol = &protocol_echo,
		.count = 3,
		.paths = 1,
		.interval = 100 * MS,
		.timeout = 1000 * MS,
	};
}

struct session *
suites_session(const struct session_plan *plan, const char *peer)
{
	struct mh_address address = unit_address(peer);
	struct session *session = session_new(plan, &address);

	ck_assert_ptr_nonnull(session);
	memset(session->query.secret, 0x5a, sizeof(session->query.secret));
	session->query.name = ".";
	return session;
}

void
suites_send(struct session *session, unsigned int ms)
{
	static uint8_t request[MH_SLOT_SIZE];
	int length = session_build(session, request);

	ck_assert_int_ge(length, 0);
	session_sent(session, (size_t)length, 0, ms * MS);
}

void
suites_receive(struct session *session, const struct mh_datagram *datagram,
    uint32_t path, int64_t now)
{
	const struct session_clock clock = { .monotonic = now };

	session_receive(session, datagram, path, &clock);
}

void
suites_answer(
    struct session *session, uint32_t i, const char *from, unsigned int ms)
{
	static uint8_t answer[MH_SLOT_SIZE];
	struct protocol_query query = session->query;
	uint32_t size = session->requests[i % session->request_count].size;
	struct mh_datagram datagram = {
		.peer = unit_address(from), .ttl = 64, .data = answer
	};

	/* Of the size that this request had. */
	if (session->plan->protocol->sized && size != 0)
		query.size = (int)size;
	datagram.length =
	    (size_t)session->plan->protocol->build(&query, i, answer);
	suites_receive(session, &datagram, i % session->plan->paths, ms * MS);
}

void
suites_kinds(struct session_plan *plan, struct session *sessions[SUITES_KINDS])
{
	struct mh_icmp_error error = { .kind = MH_ICMP_PORT,
		.reporter = unit_address("2001:db8::3") };
	unsigned int i;

	plan->count = 2;
	sessions[0] = suites_session(plan, "192.0.2.1:7");
	suites_send(sessions[0], 0);
	suites_answer(sessions[0], 0, "192.0.2.1:7", 1);
	suites_send(sessions[0], 100);
	suites_answer(sessions[0], 1, "192.0.2.1:7", 103);
	strcpy(sessions[0]->detail, "a \"b\" \\c");
	sessions[1] = suites_session(plan, "192.0.2.2:7");
	suites_send(sessions[1], 0);
	suites_answer(sessions[1], 0, "192.0.2.1:7", 1);
	sessions[2] = suites_session(plan, "[2001:db8::2]:7");
	suites_send(sessions[2], 0);
	session_expire(sessions[2], INT64_C(5000000000));
	sessions[3] = suites_session(plan, "[2001:db8::3]:7");
	suites_send(sessions[3], 0);
	session_refuse(sessions[3], &error, 0);
	sessions[4] = suites_session(plan, "");
	sessions[4]->name = "example.invalid";
	strcpy(sessions[4]->error, "cannot look up: no such name");
	for (i = 0; i < SUITES_KINDS; i++)
		sessions[i]->order[0] = i;
}

FILE *
suites_output(void)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	return file;
}

char *
suites_printed(FILE *file)
{
	static char text[16384];
	size_t length;

	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

void
suites_expect(FILE *file, const char *wanted)
{
	ck_assert_str_eq(suites_printed(file), wanted);
}
