/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/plan.c: what the lines of a file mean for the guard and for
 * each service, and which files it reads.
 */
#include "daemon/config/plan.h"

#include "daemon/config/check.h"
#include "daemon/config/file.h"
#include "services/table.h"
#include "unit/fake_host.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct config config;
static struct config_errors errors;
static struct plan *plan;

static void
setup(void)
{
	fake_host_reset();
	ck_assert(config_init(&config, &errors));
}

static void
teardown(void)
{
	plan_free(plan);
	plan = NULL;
	config_clear(&config);
	config_errors_free(&errors);
}

/* The plan of a file with this text; NULL with errors. */
static void
make_plan(const char *text)
{
	config.path = strdup("x");
	file_read_config(&config, config.path, text, &errors);
	check_config(&config, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	plan = plan_new(&config, NULL, &errors);
	ck_assert_uint_eq(plan == NULL, errors.count > 0);
}

/* Who may ask: the longest prefix decides; of equal ones that in deny. */
static const struct {
	const char *lines;
	const char *peer;
	int access;
} accesses[] = {
	{ "", "192.0.2.9", GUARD_ALLOW },
	{ "allow = 192.0.2.0/24\n", "192.0.2.9", GUARD_ALLOW },
	{ "allow = 192.0.2.0/24\n", "198.51.100.9", GUARD_DENY },
	{ "deny = 192.0.2.0/24\n", "192.0.2.9", GUARD_DENY },
	{ "deny = 192.0.2.0/24\n", "198.51.100.9", GUARD_ALLOW },
	{ "allow = 192.0.2.0/24\ndeny = 192.0.2.9\n", "192.0.2.9", GUARD_DENY },
	{ "allow = 192.0.2.0/24\ndeny = 192.0.2.9\n", "192.0.2.8",
	    GUARD_ALLOW },
	{ "deny = 192.0.2.0/24\nallow = 192.0.2.9\n", "192.0.2.9",
	    GUARD_ALLOW },
	{ "deny = 192.0.2.0/24\nallow = 192.0.2.0/24\n", "192.0.2.9",
	    GUARD_DENY },
	{ "allow = 192.0.2.0/24\ndeny = 192.0.2.0/24\n", "192.0.2.9",
	    GUARD_DENY },
	{ "allow = ::/0, 2001:db8::/32\ndeny = 2001:db8::/32\n", "2001:db8::9",
	    GUARD_DENY },
};

START_TEST(test_access)
{
	const struct mh_address peer = unit_address(accesses[_i].peer);
	const struct guard_rules *rules;
	char text[256];
	int access;

	snprintf(text, sizeof(text), "[echo]\n%s", accesses[_i].lines);
	make_plan(text);
	rules = &plan->services[0].rules;
	access = rules->access_otherwise;
	if (rules->access != NULL)
		access = prefix_table_find(rules->access, &peer, access);
	ck_assert_msg(access == accesses[_i].access, "%s: %s is %s",
	    accesses[_i].lines, accesses[_i].peer,
	    access == GUARD_ALLOW ? "allowed" : "denied");
}
END_TEST

/* Each service has its own rules, and a number that keeps its rates apart. */
START_TEST(test_services)
{
	const struct mh_address asked = unit_address("192.0.2.1");
	const struct mh_address other = unit_address("192.0.2.2");
	const struct guard_rules *rules;

	make_plan("[echo]\nserve = 192.0.2.1\nrate = 5/s burst 7\n"
		  "[discard]\nrate = none\nmax-amplification = 3\n");
	ck_assert_uint_eq(plan->service_count, 2);
	rules = &plan->services[0].rules;
	ck_assert_ptr_eq(plan->services[0].config, &plan->config.services[0]);
	ck_assert_uint_eq(rules->number, 0);
	ck_assert_uint_eq(rules->rate.per_second, 5);
	ck_assert_uint_eq(rules->rate.burst, 7);
	ck_assert_int_ne(prefix_table_find(rules->serve, &asked, -1), -1);
	ck_assert_int_eq(prefix_table_find(rules->serve, &other, -1), -1);
	rules = &plan->services[1].rules;
	ck_assert_uint_eq(rules->number, 1);
	ck_assert_uint_eq(rules->rate.per_second, 0);
	ck_assert_uint_eq(rules->max_amplification, 300);
	ck_assert_ptr_null(rules->serve);
}
END_TEST

/* Each service's own, or those of all; and replies are looked at for them. */
START_TEST(test_faults)
{
	const struct fault_rules *faults;

	make_plan("fault-drop = 10%\n[echo]\n[discard]\nfault-drop = none\n"
		  "[whoami]\nlisten = :7008\nfault-drop = every 2\n"
		  "fault-seed = 9\n[stun]\nfault-drop = none\n");
	faults = plan->services[0].faults;
	ck_assert_uint_eq(faults->kinds[FAULT_DROP].hundredths, 1000);
	ck_assert_uint_eq(faults->seed, 1);
	ck_assert(plan->services[0].examines);
	ck_assert_ptr_null(plan->services[1].faults);
	ck_assert(!plan->services[1].examines);
	faults = plan->services[2].faults;
	ck_assert_uint_eq(faults->kinds[FAULT_DROP].hundredths, 0);
	ck_assert_uint_eq(faults->kinds[FAULT_DROP].every, 2);
	ck_assert_uint_eq(faults->seed, 9);
	/* It has bounds of its own. */
	ck_assert_ptr_null(plan->services[3].faults);
	ck_assert(plan->services[3].examines);
}
END_TEST

/* Which peers each service trusts: named, near, or both. */
static const struct {
	const char *text;
	bool named, local, amplifies;
} trusts[] = {
	{ "[echo]\n", false, true, false },
	{ "[echo]\ntrust =\n", false, false, false },
	{ "[echo]\ntrust = 192.0.2.0/24\n", true, false, false },
	{ "[echo]\ntrust = 192.0.2.0/24, local\n", true, true, false },
	{ "trust = 192.0.2.0/24\n[echo]\ntrust = local\n", false, true, false },
	{ "trust = 192.0.2.0/24\n[echo]\n", true, false, false },
	{ "[chargen]\n", false, true, true },
};

START_TEST(test_trust)
{
	const struct mh_address named = unit_address("192.0.2.9");
	const struct mh_address other = unit_address("10.0.0.9");
	const struct guard_rules *rules;

	make_plan(trusts[_i].text);
	rules = &plan->services[0].rules;
	ck_assert_int_eq(rules->trust_local, trusts[_i].local);
	ck_assert_int_eq(rules->amplifies, trusts[_i].amplifies);
	ck_assert_int_eq(rules->trust != NULL, trusts[_i].named);
	if (rules->trust == NULL)
		return;
	ck_assert_int_ne(prefix_table_find(rules->trust, &named, -1), -1);
	ck_assert_int_eq(prefix_table_find(rules->trust, &other, -1), -1);
}
END_TEST

/* Settings of the daemon as a whole. */
START_TEST(test_policy)
{
	make_plan("node = here\nanswer-broadcast = yes\nsource = relaxed\n"
		  "refuse-ports = 53, 123\nmark-replies = no\n[echo]\n");
	ck_assert_str_eq(plan->node, "here");
	ck_assert(plan->policy.answer_broadcast);
	ck_assert(!plan->policy_of_others.answer_broadcast);
	ck_assert(!plan->policy_of_others.mark_replies);
	ck_assert_mem_eq(plan->policy_of_others.refused.bits,
	    plan->policy.refused.bits, sizeof(plan->policy.refused.bits));
	ck_assert(!plan->policy.mark_replies);
	ck_assert(plan->source.relaxed);
	ck_assert(!plan->source.arrival);
	ck_assert_uint_eq(plan->policy.refused.bits[53 / 8] >> 53 % 8 & 1, 1);
	ck_assert_uint_eq(plan->policy.refused.bits[123 / 8] >> 123 % 8 & 1, 1);
	ck_assert_uint_eq(plan->policy.refused.bits[7 / 8] >> 7 % 8 & 1, 0);
}
END_TEST

/* What tells where an answer comes from says so only of its own. */
START_TEST(test_strict_source)
{
	make_plan("source = relaxed\nreply-interface = arrival\n"
		  "[echo]\n[stun]\n");
	ck_assert(plan_source(plan, &service_echo)->relaxed);
	ck_assert(!plan_source(plan, &service_stun)->relaxed);
	ck_assert(plan_source(plan, &service_stun)->arrival);
}
END_TEST

/* A reload makes another plan; what services made of the seed stays good. */
START_TEST(test_keeps_the_seed)
{
	const struct limit_options options = { .buckets = 1, .seed = "seed" };
	struct limit *limit = limit_new(&options);
	uint8_t seed[16];
	int i;

	ck_assert_ptr_nonnull(limit);
	limit_derive(limit, seed);
	for (i = 0; i < 2; i++) {
		file_read_config(&config, "x", "[echo]\n", &errors);
		check_config(&config, &errors);
		plan = plan_new(&config, limit, &errors);
		ck_assert_ptr_nonnull(plan);
		ck_assert_mem_eq(plan->policy.seed, seed, sizeof(seed));
		ck_assert_mem_eq(
		    plan->policy_of_others.seed, seed, sizeof(seed));
		if (i == 0)
			plan_free(plan);
	}
	limit_free(limit);
}
END_TEST

/* Not set: the system's name, and replies that never share a source. */
START_TEST(test_policy_otherwise)
{
	make_plan("reply-interface = arrival\n[echo]\n");
	ck_assert_str_eq(plan->node, "fake");
	ck_assert(!plan->source.relaxed);
	ck_assert(plan->source.arrival);
}
END_TEST

/* Files are read when the plan is made; errors in them name the file. */
static const struct {
	const char *path;
	const char *text;
	const char *error; /* NULL: none */
} files[] = {
	{ "quotes", "An apple a day\n", NULL },
	{ "other", "An apple a day\n",
	    "x:3: [qotd] file: cannot read quotes: no such file" },
};

START_TEST(test_file)
{
	fake_host.path = files[_i].path;
	fake_host.text = files[_i].text;
	make_plan("[qotd]\nlisten = :17\nfile = quotes\n");
	ck_assert_uint_eq(errors.count, files[_i].error != NULL);
	if (files[_i].error != NULL)
		ck_assert_str_eq(errors.lines[0], files[_i].error);
	else
		ck_assert_ptr_nonnull(plan->services[0].prepared);
}
END_TEST

/* Nothing is remembered that nobody can ask for or read. */
static const struct {
	const char *lines;
	bool drops, top;
} memories[] = {
	{ "", false, false },
	{ "log-level = debug\n", true, false },
	{ "control = c\n", true, true },
};

START_TEST(test_memory)
{
	struct drops *drops = (void *)&config;
	struct top *top = (void *)&errors;
	struct path_memory memory = { drops, top, NULL };
	char text[64];

	snprintf(text, sizeof(text), "%s[echo]\n", memories[_i].lines);
	make_plan(text);
	memory = plan_memory(plan, &memory);
	ck_assert_ptr_eq(memory.drops, memories[_i].drops ? drops : NULL);
	ck_assert_ptr_eq(memory.top, memories[_i].top ? top : NULL);
}
END_TEST

Suite *
plan_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("plan");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_access, 0, LENGTH(accesses));
	tcase_add_test(tcase, test_services);
	tcase_add_test(tcase, test_faults);
	tcase_add_loop_test(tcase, test_trust, 0, LENGTH(trusts));
	tcase_add_test(tcase, test_policy);
	tcase_add_test(tcase, test_strict_source);
	tcase_add_test(tcase, test_keeps_the_seed);
	tcase_add_test(tcase, test_policy_otherwise);
	tcase_add_loop_test(tcase, test_file, 0, LENGTH(files));
	tcase_add_loop_test(tcase, test_memory, 0, LENGTH(memories));
	suite_add_tcase(suite, tcase);
	return suite;
}
