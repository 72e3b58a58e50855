/* SPDX-License-Identifier: ISC */
/*
 * From a wrong answer to the command to type.  It is copied into a shell, so
 * what a stranger's process is called must not become more than words there.
 */
#include "probe/remedy.h"

#include <stdlib.h>
#include <string.h>

/* Processes that are named; the first ones will do. */
#define OWNERS_MAX 4

static const char plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "_@%+=:,./-";

/* With bytes that a terminal would act on; bash, zsh and POSIX of 2024. */
static void
print_escaped(FILE *file, const char *word)
{
	fputs("$'", file);
	for (; *word != '\0'; word++)
		if (*word < ' ' || *word > '~' || *word == '\'' ||
		    *word == '\\')
			fprintf(file, "\\%03o", (unsigned char)*word);
		else
			fputc(*word, file);
	fputc('\'', file);
}

static void
print_quoted(FILE *file, const char *word)
{
	fputc('\'', file);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", file);
		else
			fputc(*word, file);
	fputc('\'', file);
}

static void
print_word(FILE *file, const char *word)
{
	const char *at;

	for (at = word; *at >= ' ' && *at <= '~'; at++)
		;
	if (*at != '\0')
		print_escaped(file, word);
	else if (*word == '\0' || word[strspn(word, plain)] != '\0')
		print_quoted(file, word);
	else
		fputs(word, file);
}

static void
print_command(FILE *file, const struct host_owner *owner)
{
	const char *at = owner->command, *end = at + owner->length;

	for (; at < end; at += strlen(at) + 1) {
		fputc(' ', file);
		print_word(file, at);
	}
	fputc('\n', file);
}

static void
print_service(FILE *file, const struct host_owner *owner)
{
	const char *name = strrchr(owner->group, '/') + 1;

	fputs(", of ", file);
	print_word(file, name);
	if (owner->is_passed) {
		fputs(", with a socket that systemd made.  mhrun(1) repairs "
		      "it, as the first word after ExecStart= in\n"
		      "  systemctl edit ",
		    file);
		print_word(file, name);
	} else {
		fputs(".  mhrun(1) repairs it while it runs:\n"
		      "  mhrun --attach ",
		    file);
		print_word(file, owner->group);
	}
	fputc('\n', file);
}

void
remedy_print_owner(FILE *file, uint16_t port, const struct host_owner *owner)
{
	fprintf(file, "Port %u belongs to %s, process %ld", port, owner->name,
	    owner->pid);
	if (owner->group[0] != '\0') {
		print_service(file, owner);
		return;
	}
	fprintf(file,
	    ".  Started by mhrun(1), it answers from the address that was "
	    "asked:\n  mhrun%s",
	    owner->needs_group ? " --cgroup --" : "");
	if (owner->length == 0)
		fputs(" ...\n", file);
	else
		print_command(file, owner);
}

/* Did one of this family come from another address? */
static bool
is_wrong(struct session *const *sessions, size_t count, unsigned int family)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (sessions[i]->peer.family == family &&
		    session_verdict(sessions[i]) == SESSION_WRONG)
			return true;
	return false;
}

static bool
is_named(const struct host_owner *owners, size_t count, long pid)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (owners[i].pid == pid)
			return true;
	return false;
}

/* Returns how many processes were named. */
static size_t
print_owners(FILE *file, uint16_t port, const bool wrong[2])
{
	static const unsigned int families[] = { MH_FAMILY_IPV4,
		MH_FAMILY_IPV6 };
	struct host_owner *owners = calloc(2 * OWNERS_MAX, sizeof(*owners));
	size_t i, at, n, count = 0;

	for (i = 0; owners != NULL && i < 2; i++) {
		if (!wrong[i])
			continue;
		n = host_owners(families[i], port, owners + count, OWNERS_MAX);
		for (at = count; at < count + n; at++)
			if (!is_named(owners, count, owners[at].pid))
				remedy_print_owner(file, port, &owners[at]);
		count += n;
	}
	free(owners);
	return count;
}

void
remedy_print(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count)
{
	const bool wrong[2] = { is_wrong(sessions, count, MH_FAMILY_IPV4),
		is_wrong(sessions, count, MH_FAMILY_IPV6) };

	if (!wrong[0] && !wrong[1])
		return;
	if (options->local &&
	    print_owners(file, options->local_port, wrong) > 0)
		return;
	fputs("mhrun(1) makes a server on Linux answer from the address that "
	      "was asked, unchanged.\n",
	    file);
}
