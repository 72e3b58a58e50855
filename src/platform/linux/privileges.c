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
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void
privileges_empty_sets(void)
{
	unsigned long i;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	/* The kernel may have more of them than this build knows. */
	for (i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

static int
find_user(const char *user, const struct passwd **entry)
{
	errno = 0;
	*entry = getpwnam(user);
	if (*entry != NULL)
		return 0;
	return errno == 0 || errno == ENOENT ? MH_EADDRESS : MH_ESYSTEM;
}

int
host_user_check(const char *user)
{
	const struct passwd *entry;

	return find_user(user, &entry);
}

int
host_switch_user(const char *user)
{
	const struct passwd *entry;
	int error = find_user(user, &entry);

	if (error != 0)
		return error;
	/* While there still is the right to do it. */
	privileges_empty_sets();
	if (initgroups(entry->pw_name, entry->pw_gid) < 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0)
		return errno == EPERM ? MH_EPERMISSION : MH_ESYSTEM;
	/* A way back would mean that the above did not do what it says. */
	if (entry->pw_uid != 0 && setuid(0) == 0)
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
