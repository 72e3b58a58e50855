/* SPDX-License-Identifier: ISC */
/*
 * platform/privileges.h for Linux: users and capabilities.  The privileged
 * helper is privsep.c, the sandbox sandbox.c.
 */
#include "platform/linux/privileges.h"

#include "lib/multihome.h"
#include "platform/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whom to become. */
struct identity {
	const char *name; /* NULL: this host has none for it */
	uid_t user;
	gid_t group;
};

void
privileges_empty_sets(void)
{
	unsigned long i;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* The kernel may have more of them than this build knows. */
	for (i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

/* Digits alone, and not (uid_t)-1, which means "no change". */
static bool
parse_uid(const char *text, uid_t *user)
{
	char *end;
	unsigned long number;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (*end != '\0' || errno != 0 || number >= (uid_t)-1)
		return false;
	*user = (uid_t)number;
	return true;
}

static void
take_entry(struct identity *identity, const struct passwd *entry)
{
	*identity =
	    (struct identity){ entry->pw_name, entry->pw_uid, entry->pw_gid };
}

/* A number needs no entry: images of containers have neither. */
static int
find_user(const char *user, struct identity *identity)
{
	const struct passwd *entry;
	uid_t number = 0;
	const bool is_number = parse_uid(user, &number);

	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL && is_number) {
		entry = getpwuid(number);
		if (entry == NULL) {
			*identity = (struct identity){ NULL, number, number };
			return 0;
		}
	}
	if (entry == NULL)
		return errno == 0 || errno == ENOENT ? MH_EADDRESS : MH_ESYSTEM;
	take_entry(identity, entry);
	return 0;
}

bool
privileges_find_user(const char *name, uid_t *user, gid_t *group)
{
	struct identity identity;

	if (find_user(name, &identity) != 0)
		return false;
	*user = identity.user;
	*group = identity.group;
	return true;
}

int
host_user_check(const char *user)
{
	struct identity identity;

	return find_user(user, &identity);
}

static int
set_groups(const struct identity *identity)
{
	return identity->name != NULL
	    ? initgroups(identity->name, identity->group)
	    : setgroups(1, &identity->group);
}

int
host_switch_user(const char *user)
{
	struct identity to;
	int error = find_user(user, &to);

	if (error != 0)
		return error;
	/* While there still is the right to do it. */
	privileges_empty_sets();
	if (set_groups(&to) < 0) {
		if (errno != EPERM)
			return MH_ESYSTEM;
		return geteuid() == 0 ? MH_EPERMISSION : 1;
	}
	if (setresgid(to.group, to.group, to.group) < 0 ||
	    setresuid(to.user, to.user, to.user) < 0)
		return errno == EPERM ? MH_EPERMISSION : MH_ESYSTEM;
	/* A way back would mean that the above did not do what it says. */
	if (to.user != 0 && setuid(0) == 0)
		return MH_ESYSTEM;
	return 0;
}

/* At most the right to bind to low ports? */
static bool
has_no_other_right(struct __user_cap_header_struct *header)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, header, data) == 0 &&
	    (data[0].permitted & ~(1u << CAP_NET_BIND_SERVICE)) == 0 &&
	    data[1].permitted == 0;
}

int
host_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (geteuid() == 0) {
		data[0].effective = 1u << CAP_NET_BIND_SERVICE;
		data[0].permitted = 1u << CAP_NET_BIND_SERVICE;
	}
	privileges_empty_sets();
	/* A service manager's filter may forbid capset(). */
	if (syscall(SYS_capset, &header, data) < 0 &&
	    !has_no_other_right(&header))
		return MH_ESYSTEM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : MH_ESYSTEM;
}
