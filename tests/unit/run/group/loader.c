/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/loader.c: maps into instructions, options into settings.
 */
#include "run/group/loader.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

#include <string.h>

static const int descriptors[GROUP_MAPS] = {
	[GROUP_MAP_SETTINGS] = 100,
	[GROUP_MAP_COUNTERS] = 101,
	[GROUP_MAP_PEERS] = 102,
};

#define LOAD (BPF_LD | BPF_DW | BPF_IMM)

START_TEST(test_fill)
{
	const struct bpf_insn from[] = {
		{ LOAD, 1, BPF_PSEUDO_MAP_FD, 0, GROUP_MAP_PEERS },
		{ 0, 0, 0, 0, 0 },
		/* A number of 64 bits, which is no map. */
		{ LOAD, 1, 0, 0, GROUP_MAP_SETTINGS },
		{ LOAD, 0, BPF_PSEUDO_MAP_FD, 0, 7 }, /* its upper half */
		{ LOAD, 2, BPF_PSEUDO_MAP_FD, 0, GROUP_MAP_COUNTERS },
		{ 0, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_MAP_FD, 0, 1 },
	};
	const struct bpf_code code = { .instructions = from,
		.count = LENGTH(from) };
	struct bpf_insn to[LENGTH(from)], expected[LENGTH(from)];

	memcpy(expected, from, sizeof(from));
	expected[0].imm = 102;
	expected[4].imm = 101;
	ck_assert(loader_fill(to, &code, descriptors));
	ck_assert_mem_eq(to, expected, sizeof(to));
}
END_TEST

START_TEST(test_fill_unknown)
{
	static const int unknown[] = { GROUP_MAPS, -1 };
	const struct bpf_insn from[] = {
		{ LOAD, 1, BPF_PSEUDO_MAP_FD, 0, unknown[_i] },
		{ 0, 0, 0, 0, 0 },
	};
	const struct bpf_code code = { .instructions = from,
		.count = LENGTH(from) };
	struct bpf_insn to[LENGTH(from)];

	ck_assert(!loader_fill(to, &code, descriptors));
}
END_TEST

/* Those that we have refer to each map, and to no other. */
START_TEST(test_programs)
{
	const struct bpf_code *code = &loader_programs[_i].code;
	struct bpf_insn to[1024];
	bool used[GROUP_MAPS] = { false };
	uint32_t i;

	ck_assert_uint_le(code->count, LENGTH(to));
	ck_assert(loader_fill(to, code, descriptors));
	for (i = 0; i < code->count; i++) {
		if (to[i].code != LOAD || to[i].src_reg != BPF_PSEUDO_MAP_FD)
			continue;
		ck_assert_int_ge(to[i].imm, 100);
		used[to[i].imm - 100] = true;
	}
	ck_assert(used[0] && used[1] && used[2]);
	/* The names that the kernel takes. */
	ck_assert_uint_lt(strlen(loader_programs[_i].name), BPF_OBJ_NAME_LEN);
}
END_TEST

static unsigned int
count_ports(const struct group_settings *settings)
{
	unsigned int i, count = 0;

	for (i = 0; i < GROUP_PORT_WORDS; i++)
		count += (unsigned int)__builtin_popcountll(settings->ports[i]);
	return count;
}

START_TEST(test_settings)
{
	struct run_options options = { .port_count = 0 };
	struct group_settings settings;

	loader_settings(&settings, &options);
	ck_assert_uint_eq(settings.idle, 300000000000);
	ck_assert_uint_eq(count_ports(&settings), 65536);
	options = (struct run_options){
		.idle = 86400, .ports = { 1, 63, 64, 65535 }, .port_count = 4
	};
	loader_settings(&settings, &options);
	ck_assert_uint_eq(settings.idle, 86400000000000);
	ck_assert_uint_eq(count_ports(&settings), 4);
	ck_assert_uint_eq(settings.ports[0], 1ull << 63 | 2);
	ck_assert_uint_eq(settings.ports[1], 1);
	ck_assert_uint_eq(settings.ports[1023], 1ull << 63);
}
END_TEST

START_TEST(test_reason)
{
	char log[] = "0: R1=ctx() R10=fp0\n"
		     "invalid bpf_context access off=200 size=8\n"
		     "processed 3 insns (limit 1000000)\n";
	char none[] = "";

	ck_assert_str_eq(
	    loader_reason(log), "invalid bpf_context access off=200 size=8");
	ck_assert_str_eq(loader_reason(none), "");
}
END_TEST

Suite *
loader_suite(void)
{
	Suite *suite = suite_create("loader");
	TCase *tcase = tcase_create("loader");

	tcase_add_test(tcase, test_fill);
	tcase_add_loop_test(tcase, test_fill_unknown, 0, 2);
	tcase_add_loop_test(tcase, test_programs, 0, LOADER_PROGRAMS);
	tcase_add_test(tcase, test_settings);
	tcase_add_test(tcase, test_reason);
	suite_add_tcase(suite, tcase);
	return suite;
}
