/* SPDX-License-Identifier: ISC */
/*
 * platform/localsocket.h for Linux: unix(7).
 */
#include "platform/localsocket.h"

#include "platform/linux/fileio.h"
#include "platform/linux/privileges.h"
#include "platform/linux/privsep.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections that wait for us to accept them. */
#define BACKLOG 64

/* Of an answer at a time. */
#define PIECE 16384

/* What this process has made. */
static struct {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct fileio_identity identity;
} made;

static bool
complain(char why[HOST_LOCALSOCKET_WHY], const char *path, const char *text)
{
	snprintf(why, HOST_LOCALSOCKET_WHY, "%.108s: %s", path, text);
	return false;
}

/* The system's name of it; false if that is too long. */
static bool
name_it(
    struct sockaddr_un *name, const char *path, char why[HOST_LOCALSOCKET_WHY])
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(name->sun_path))
		return complain(
		    why, path, "a socket's name has at most 107 characters");
	strcpy(name->sun_path, path);
	return true;
}

/* "USER:GROUP" to numbers, each (uid_t)-1 if it is not named. */
static bool
find_owner(const char *owner, uid_t *user, gid_t *group,
    char why[HOST_LOCALSOCKET_WHY])
{
	const char *colon = owner != NULL ? strchr(owner, ':') : NULL;
	const struct group *entry;
	char name[64];
	int length;

	*user = (uid_t)-1;
	*group = (gid_t)-1;
	if (owner == NULL)
		return true;
	length = colon != NULL ? (int)(colon - owner) : (int)strlen(owner);
	snprintf(name, sizeof(name), "%.*s", length, owner);
	if (length > 0 && !privileges_find_user(name, user, group))
		return complain(why, owner, "no such user");
	if (colon == NULL)
		return true;
	entry = getgrnam(colon + 1);
	if (entry == NULL)
		return complain(why, owner, "no such group");
	*group = entry->gr_gid;
	return true;
}

/*
 * Whoever can write there could put a socket of his own in the place of ours,
 * unless files there can only be renamed by whose they are.  There may be no
 * such directory yet.
 */
static bool
is_safe_directory(
    const char *path, bool must_exist, char why[HOST_LOCALSOCKET_WHY])
{
	const char *slash = strrchr(path, '/');
	char directory[sizeof(made.path) + 1] = ".";
	struct stat status;

	if (slash != NULL)
		snprintf(directory, sizeof(directory), "%.*s",
		    slash == path ? 1 : (int)(slash - path), path);
	if (stat(directory, &status) < 0)
		return (errno == ENOENT && !must_exist) ||
		    complain(why, directory, strerror(errno));
	if ((status.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
		return complain(
		    why, directory, "this directory is writable by everybody");
	return true;
}

/* What host_localsocket_check() says; must_exist: its directory. */
static bool
check(const struct host_localsocket *wanted, bool must_exist,
    char why[HOST_LOCALSOCKET_WHY])
{
	struct sockaddr_un name;
	struct stat status;
	uid_t user;
	gid_t group;

	if (!name_it(&name, wanted->path, why) ||
	    !find_owner(wanted->owner, &user, &group, why) ||
	    !is_safe_directory(wanted->path, must_exist, why))
		return false;
	if (lstat(wanted->path, &status) == 0 && !S_ISSOCK(status.st_mode))
		return complain(why, wanted->path,
		    "exists and is not a socket: choose another name");
	return true;
}

bool
host_localsocket_check(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	return check(wanted, false, why);
}

static int
open_socket(int flags)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

/* Remove what a process left there that is no more. */
static bool
make_room(const struct sockaddr_un *name, char why[HOST_LOCALSOCKET_WHY])
{
	struct stat status;
	int fd, error = 0;

	if (lstat(name->sun_path, &status) < 0)
		return true;
	fd = open_socket(SOCK_NONBLOCK);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)name, sizeof(*name)) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (error == 0 || error == EAGAIN)
		return complain(
		    why, name->sun_path, "another process listens there");
	if (error != ECONNREFUSED || unlink(name->sun_path) < 0)
		return complain(why, name->sun_path, strerror(errno));
	return true;
}

/*
 * The rights come with the file: nobody can connect meanwhile who must not, and
 * before it is listened to nobody can at all.
 */
static bool
bind_it(int fd, const struct sockaddr_un *name,
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	const mode_t mask = umask(~wanted->mode & 0777);
	bool good = bind(fd, (const struct sockaddr *)name, sizeof(*name)) == 0;
	uid_t user;
	gid_t group;

	(void)umask(mask);
	if (!good)
		return complain(why, wanted->path, strerror(errno));
	strcpy(made.path, wanted->path);
	good = find_owner(wanted->owner, &user, &group, why);
	if (good && (user != (uid_t)-1 || group != (gid_t)-1) &&
	    lchown(wanted->path, user, group) < 0)
		good = complain(why, wanted->path, strerror(errno));
	fileio_identify(made.path, &made.identity);
	if (good && listen(fd, BACKLOG) < 0)
		good = complain(why, wanted->path, strerror(errno));
	if (!good)
		host_localsocket_remove();
	return good;
}

intptr_t
host_localsocket_listen(
    const struct host_localsocket *wanted, char why[HOST_LOCALSOCKET_WHY])
{
	struct sockaddr_un name;
	int fd;

	if (!check(wanted, true, why) || !name_it(&name, wanted->path, why) ||
	    !make_room(&name, why))
		return -1;
	fd = open_socket(SOCK_NONBLOCK);
	if (fd < 0) {
		complain(why, wanted->path, strerror(errno));
		return -1;
	}
	if (bind_it(fd, &name, wanted, why))
		return fd;
	close(fd);
	return -1;
}

void
host_localsocket_remove(void)
{
	/* The helper, which is forked from this process, does that. */
	if (!privsep_was_started())
		fileio_remove_same(made.path, &made.identity);
}

/*
 * The other side.
 */

/* All of the answer, piece by piece. */
static bool
take_answer(int fd, const struct host_localsocket_request *request,
    char why[HOST_LOCALSOCKET_WHY])
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	char piece[PIECE];
	ssize_t n;

	do {
		n = poll(&poller, 1, request->patience);
		if (n == 0) {
			snprintf(why, HOST_LOCALSOCKET_WHY,
			    "no answer for %d s", request->patience / 1000);
			return false;
		}
		n = recv(fd, piece, sizeof(piece), 0);
		if (n > 0 &&
		    !request->take(request->argument, piece, (size_t)n))
			return true;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		snprintf(why, HOST_LOCALSOCKET_WHY, "%s", strerror(errno));
	return n == 0;
}

bool
host_localsocket_ask(const char *path,
    const struct host_localsocket_request *request,
    char why[HOST_LOCALSOCKET_WHY])
{
	const size_t length = strlen(request->text);
	struct sockaddr_un name;
	bool good;
	int fd;

	if (!name_it(&name, path, why))
		return false;
	fd = open_socket(0);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
		complain(why, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	/* It fits into any socket. */
	good = send(fd, request->text, length, MSG_NOSIGNAL) == (ssize_t)length;
	if (!good)
		complain(why, path, strerror(errno));
	good = good && take_answer(fd, request, why);
	close(fd);
	return good;
}
