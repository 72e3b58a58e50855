/* SPDX-License-Identifier: ISC */
/*
 * inject CALL:ARGUMENT:ERROR... -- PROGRAM [ARGUMENT...]
 *
 * Run a program on a system that lacks something: each CALL with that ARGUMENT
 * fails with ERROR, by a seccomp filter.  CALL is socket (ARGUMENT a family),
 * setsockopt (ARGUMENT an option) or any other (ARGUMENT any):
 *
 *   inject setsockopt:IP_PKTINFO:EINVAL socket:AF_INET:EAFNOSUPPORT -- prog
 *
 * The program sees a real refusal by the kernel, which no fake of the library
 * under test can give.
 */
#include "build.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

struct argument {
	const char *name;
	int level; /* of the option; -1: a family, for socket(); -2: any */
	int value;
};

static const struct argument arguments[] = {
	{ "any", -2, 0 },
	{ "AF_INET", -1, AF_INET },
	{ "AF_INET6", -1, AF_INET6 },
	{ "IP_PKTINFO", IPPROTO_IP, IP_PKTINFO },
	{ "IP_RECVTTL", IPPROTO_IP, IP_RECVTTL },
	{ "IP_RECVTOS", IPPROTO_IP, IP_RECVTOS },
	{ "IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER },
	{ "IP_FREEBIND", IPPROTO_IP, IP_FREEBIND },
	{ "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY },
	{ "IPV6_RECVPKTINFO", IPPROTO_IPV6, IPV6_RECVPKTINFO },
	{ "IPV6_RECVHOPLIMIT", IPPROTO_IPV6, IPV6_RECVHOPLIMIT },
	{ "IPV6_RECVTCLASS", IPPROTO_IPV6, IPV6_RECVTCLASS },
	{ "IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER },
	{ "SO_TIMESTAMPNS", SOL_SOCKET, SO_TIMESTAMPNS },
	{ "SO_RXQ_OVFL", SOL_SOCKET, SO_RXQ_OVFL },
	{ "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF },
	{ "SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF },
	{ "SO_RCVBUFFORCE", SOL_SOCKET, SO_RCVBUFFORCE },
};

struct error {
	const char *name;
	unsigned int number;
};

static const struct error errors[] = {
	{ "EINVAL", EINVAL },
	{ "EPERM", EPERM },
	{ "ENOSYS", ENOSYS },
	{ "ENOMEM", ENOMEM },
	{ "ENOPROTOOPT", ENOPROTOOPT },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ "EAFNOSUPPORT", EAFNOSUPPORT },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "inject: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static const struct argument *
find_argument(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(arguments); i++)
		if (strcmp(arguments[i].name, name) == 0)
			return &arguments[i];
	die(name, "unknown argument");
	return NULL;
}

static unsigned int
find_error(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(errors); i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	die(name, "unknown error");
	return 0;
}

/* Argument i of the call is this int; its upper half does not matter. */
static struct scmp_arg_cmp
equal(unsigned int i, int value)
{
	return (struct scmp_arg_cmp){ .arg = i,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = (uint32_t)value };
}

static void
refuse(scmp_filter_ctx filter, const char *rule)
{
	char call[32], name[32], number[32];
	const struct argument *argument;
	uint32_t action;
	int error;

	if (sscanf(rule, "%31[^:]:%31[^:]:%31s", call, name, number) != 3)
		die(rule, "not CALL:ARGUMENT:ERROR");
	argument = find_argument(name);
	action = SCMP_ACT_ERRNO(find_error(number));
	if ((strcmp(call, "socket") == 0) != (argument->level == -1) ||
	    (strcmp(call, "setsockopt") == 0) != (argument->level >= 0))
		die(rule, "this call has no such argument");
	if (argument->level == -2)
		error = seccomp_rule_add(
		    filter, action, seccomp_syscall_resolve_name(call), 0);
	else if (argument->level == -1)
		error = seccomp_rule_add(filter, action, SCMP_SYS(socket), 1,
		    equal(0, argument->value));
	else
		error = seccomp_rule_add(filter, action, SCMP_SYS(setsockopt),
		    2, equal(1, argument->level), equal(2, argument->value));
	if (error != 0)
		die(rule, strerror(-error));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int i, error;

	if (filter == NULL)
		die("filter", "out of memory");
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		refuse(filter, argv[i]);
	if (i + 1 >= argc)
		die("usage", "inject CALL:ARGUMENT:ERROR... -- PROGRAM");
	error = seccomp_load(filter);
	if (error != 0)
		die("filter", strerror(-error));
	seccomp_release(filter);
	execvp(argv[i + 1], argv + i + 1);
	die(argv[i + 1], strerror(errno));
}
