/* SPDX-License-Identifier: ISC */
/*
 * The library's self-test in words: a line in the log at every start, or the
 * output of --self-test.
 */
#include "daemon/ops/selftest.h"

#include "daemon/config/config.h"
#include "daemon/base/log.h"
#include "platform/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes for the description of one family. */
#define WORDS 256

struct test_words {
	char ipv4[WORDS], ipv6[WORDS], options[WORDS];
};

/* The addresses of this host that are in use.  NULL if there is no memory. */
static struct mh_address *
list_addresses(const struct host_network *network, size_t *count)
{
	/* One more: calloc(0) may be NULL. */
	struct mh_address *list =
	    calloc(network->address_count + 1, sizeof(*list));
	size_t i;

	*count = 0;
	for (i = 0; list != NULL && i < network->address_count; i++)
		/* Not a tentative one (RFC 4862). */
		if (network->addresses[i].state == HOST_ADDRESS_USABLE)
			list[(*count)++] = network->addresses[i].address;
	return list;
}

/* What the system refused, by its own number: for whoever asks why. */
static void
append_refusal(const struct mh_self_test_family *family, char words[WORDS])
{
	size_t length = strlen(words);

	if (family->system_code != 0)
		snprintf(words + length, WORDS - length,
		    " (refused to send: system error %d)",
		    (int)family->system_code);
}

static void
describe_family(const struct mh_self_test_family *family, char words[WORDS])
{
	char tried[MH_ADDRESS_TEXT], seen[MH_ADDRESS_TEXT];

	mh_address_format(&family->address, tried, sizeof(tried));
	mh_address_format(&family->seen, seen, sizeof(seen));
	if (!family->available)
		snprintf(words, WORDS, "not available");
	else if (!family->reached)
		snprintf(words, WORDS,
		    "BROKEN: a datagram to %s does not arrive (is lo down, or "
		    "does a firewall drop what this host sends to itself?)",
		    tried);
	else if (!family->asked)
		snprintf(words, WORDS,
		    "BROKEN: the system does not report that a datagram "
		    "was sent to %s",
		    tried);
	else if (family->source == MH_VERIFIED)
		snprintf(words, WORDS,
		    "ok: a reply from %s was seen to come from there", tried);
	else if (family->source == MH_NOT_VERIFIED)
		snprintf(words, WORDS,
		    "not verified: the queried address is reported, but there "
		    "is no second address to verify a reply's source with");
	else if (family->seen.family == MH_FAMILY_NONE)
		snprintf(words, WORDS, "BROKEN: a reply from %s never arrived",
		    tried);
	else
		snprintf(words, WORDS,
		    "BROKEN: a reply from %s was seen to come from %s", tried,
		    seen);
	append_refusal(family, words);
}

static void
describe(const struct mh_self_test *test, enum mh_stack stack,
    struct test_words *words)
{
	static const char excluded[] = "excluded";

	describe_family(&test->ipv4, words->ipv4);
	describe_family(&test->ipv6, words->ipv6);
	if (stack == MH_STACK_IPV4)
		memcpy(words->ipv6, excluded, sizeof(excluded));
	if (stack == MH_STACK_IPV6)
		memcpy(words->ipv4, excluded, sizeof(excluded));
}

/*
 * What a wildcard socket of the daemon reports besides addresses.  False if
 * none can be opened.
 */
static bool
describe_options(enum mh_stack stack, char words[WORDS])
{
	const struct mh_socket_options options = { .stack = stack,
		.want = MH_CAN_OPTIONAL };
	const struct mh_address any = { .family = MH_FAMILY_NONE };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;
	unsigned int can = 0;
	int i, opened = mh_socket_open(sockets, &any, &options, &problem);

	if (opened < 0) {
		snprintf(words, WORDS,
		    "BROKEN: cannot open a wildcard socket: %s: %s",
		    problem.what, problem.text);
		return false;
	}
	for (i = 0; i < opened; i++) {
		can |= mh_socket_info(sockets[i])->can;
		mh_socket_close(sockets[i]);
	}
	snprintf(words, WORDS,
	    "TTL %s, TOS %s, receive time %s, drop counter %s",
	    (can & MH_CAN_TTL) != 0 ? "yes" : "no",
	    (can & MH_CAN_TOS) != 0 ? "yes" : "no",
	    (can & MH_CAN_TIME) != 0 ? "yes" : "no",
	    (can & MH_CAN_DROPS) != 0 ? "yes" : "no");
	return true;
}

/*
 * Run the test.  If dual-stack sockets can be opened but fail, while two
 * sockets pass, use two, and log why.
 */
static int
run_test(
    struct mh_self_test *test, enum mh_stack *stack, struct test_words *words)
{
	struct host_network network = { .addresses = NULL };
	struct mh_self_test two;
	struct mh_address *addresses;
	size_t count;
	int error;

	if (host_network_load(&network) != 0)
		log_warning("cannot read the addresses of this host");
	addresses = list_addresses(&network, &count);
	error = mh_self_test(test, *stack, addresses, count);
	describe(test, *stack, words);
	if (error != 0 && test->problem.code == 0 && *stack == MH_STACK_DUAL &&
	    mh_self_test(&two, MH_STACK_TWO, addresses, count) == 0) {
		log_warning("sockets for both families do not reply correctly "
			    "on this system (IPv4 %s; IPv6 %s): using two "
			    "sockets for each endpoint",
		    words->ipv4, words->ipv6);
		*stack = MH_STACK_TWO;
		*test = two;
		error = 0;
		describe(test, *stack, words);
	}
	free(addresses);
	host_network_free(&network);
	return error;
}

void
selftest_log(enum mh_stack *stack)
{
	struct mh_self_test test;
	struct test_words words;
	int error = run_test(&test, stack, &words);

	(void)describe_options(*stack, words.options);
	log_line(error == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "this system: IPv4 %s; IPv6 %s; %s", words.ipv4, words.ipv6,
	    words.options);
}

int
selftest_print(enum mh_stack stack)
{
	struct mh_self_test test;
	struct test_words words;
	int error = run_test(&test, &stack, &words);
	bool good = describe_options(stack, words.options);

	printf("IPv4: %s\n", words.ipv4);
	printf("IPv6: %s\n", words.ipv6);
	printf("also: %s\n", words.options);
	if (error == 0 && good)
		return 0;
	if (test.problem.code != 0)
		log_error(
		    "self-test: %s: %s", test.problem.what, test.problem.text);
	return CONFIG_EXIT_UNAVAILABLE;
}
