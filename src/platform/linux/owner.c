/* SPDX-License-Identifier: ISC */
/*
 * platform/owner.h for Linux: proc(5) lists the sockets of this network, and
 * the files of the processes that we may look into.
 */
#include "platform/owner.h"

#include "lib/multihome_address.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SOCKETS_MAX 64

/* A path below /proc. */
#define PATH 300

/* How likely a socket is to be the one; only the most likely count. */
enum rank {
	RANK_OWN,    /* the wildcard address of the family */
	RANK_DUAL,   /* of IPv6, asked over IPv4 */
	RANK_ADDRESS /* an address, perhaps that of a socket that is connected
		      */
};

struct sockets {
	uint16_t port;
	enum rank rank;
	size_t count;
	struct {
		uint64_t inode;
		bool is_passed, is_taken;
	} at[SOCKETS_MAX];
};

static void
add_socket(struct sockets *sockets, enum rank rank, uint64_t inode)
{
	if (rank < sockets->rank) {
		sockets->rank = rank;
		sockets->count = 0;
	}
	if (rank == sockets->rank && sockets->count < SOCKETS_MAX)
		sockets->at[sockets->count++].inode = inode;
}

/* wildcard: the rank of one that is bound to it. */
static void
list_sockets(struct sockets *sockets, const char *path, enum rank wildcard)
{
	FILE *file = fopen(path, "re");
	char line[512], ip[33];
	unsigned int port;
	uint64_t inode;

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line,
			" %*d: %32[0-9A-F]:%x %*[0-9A-F]:%*x %*x %*x:%*x "
			"%*x:%*x %*x %*u %*u %" SCNu64,
			ip, &port, &inode) == 3 &&
		    port == sockets->port)
			add_socket(sockets,
			    strspn(ip, "0") == strlen(ip) ? wildcard
							  : RANK_ADDRESS,
			    inode);
	fclose(file);
}

/* The first bytes of /proc/PID/NAME; returns how many. */
static size_t
read_proc(long pid, const char *name, char *text, size_t size)
{
	char path[PATH];
	FILE *file;
	size_t length = 0;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
	file = fopen(path, "re");
	if (file != NULL) {
		length = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	return length;
}

static void
read_name(struct host_owner *owner)
{
	char *at;

	read_proc(owner->pid, "comm", owner->name, sizeof(owner->name));
	owner->name[strcspn(owner->name, "\n")] = '\0';
	for (at = owner->name; *at != '\0'; at++)
		if (!isprint((unsigned char)*at))
			*at = '?';
}

/*
 * Some write a title over their arguments, others have more of them than fit:
 * then the file of the program is all that is known.
 */
static void
read_command(struct host_owner *owner)
{
	char *command = owner->command, path[PATH];
	size_t length =
	    read_proc(owner->pid, "cmdline", command, HOST_OWNER_COMMAND);
	ssize_t n;

	owner->length = length;
	if (length > 0 && length < HOST_OWNER_COMMAND - 1 &&
	    command[length - 1] == '\0' && command[0] != '-' &&
	    command[0] != '\0' && strchr(command, ' ') == NULL)
		return;
	owner->length = 0;
	snprintf(path, sizeof(path), "/proc/%ld/exe", owner->pid);
	n = readlink(path, command, HOST_OWNER_COMMAND - sizeof("..."));
	if (n <= 0)
		return;
	memcpy(command + n, "\0...", sizeof("\0..."));
	owner->length = (size_t)n + sizeof("\0...");
}

/*
 * What go-buildinfo begins with.  Whatever else has these bytes is taken for
 * Go, too, for which it is as well.
 */
static bool
is_go(const struct host_owner *owner)
{
	static const char magic[] = "\xff Go buildinf:";
	char path[PATH];
	struct stat status;
	bool found = false;
	void *bytes;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/exe", owner->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ,
		    MAP_PRIVATE, fd, 0);
		found = bytes != MAP_FAILED &&
		    memmem(bytes, (size_t)status.st_size, magic,
			strlen(magic)) != NULL;
		if (bytes != MAP_FAILED)
			munmap(bytes, (size_t)status.st_size);
	}
	close(fd);
	return found;
}

/* What is loaded into it. */
static void
read_libraries(struct host_owner *owner)
{
	char path[PATH], line[512];
	FILE *file;
	bool has_libc = false, is_preloaded = false;

	snprintf(path, sizeof(path), "/proc/%ld/maps", owner->pid);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		has_libc = has_libc || strstr(line, "/libc.so.6") != NULL;
		is_preloaded =
		    is_preloaded || strstr(line, "/libmhrun.so") != NULL;
	}
	fclose(file);
	owner->needs_group = !has_libc || is_preloaded || is_go(owner);
}

/* The folder of a control group: in which file system can it be seen? */
static void
find_folder(struct host_owner *owner, const char *path)
{
	FILE *file = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	struct statfs system;

	while (file != NULL && (mount = getmntent(file)) != NULL) {
		if (strcmp(mount->mnt_type, "cgroup2") == 0 &&
		    (size_t)snprintf(owner->group, sizeof(owner->group), "%s%s",
			mount->mnt_dir, path) < sizeof(owner->group) &&
		    statfs(owner->group, &system) == 0 &&
		    system.f_type == CGROUP2_SUPER_MAGIC)
			break;
		owner->group[0] = '\0';
	}
	if (file != NULL)
		endmntent(file);
}

/* A line: "0::/system.slice/nsd.service". */
static void
read_group(struct host_owner *owner)
{
	static const char suffix[] = ".service";
	char text[4096], *line;
	size_t length;

	read_proc(owner->pid, "cgroup", text, sizeof(text));
	line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	if (line == NULL)
		return;
	line = strchr(line, '/');
	length = strcspn(line, "\n");
	line[length] = '\0';
	if (length > strlen(suffix) &&
	    strcmp(line + length - strlen(suffix), suffix) == 0)
		find_folder(owner, line);
}

/* The socket that this file of a process is; SOCKETS_MAX: none that counts. */
static size_t
find_socket(const struct sockets *sockets, const char *path)
{
	char text[64];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	uint64_t inode;
	size_t i;

	if (n <= 0)
		return SOCKETS_MAX;
	text[n] = '\0';
	if (sscanf(text, "socket:[%" SCNu64 "]", &inode) != 1)
		return SOCKETS_MAX;
	for (i = 0; i < sockets->count; i++)
		if (sockets->at[i].inode == inode)
			return i;
	return SOCKETS_MAX;
}

/* Whose children get sockets that it opened, as systemd(1) says. */
static bool
is_manager(const struct host_owner *owner)
{
	return strcmp(owner->name, "systemd") == 0;
}

/*
 * Take the sockets that this process has, false: it has none; of a manager,
 * which is nobody's server, only note them.
 */
static bool
take_sockets(struct sockets *sockets, struct host_owner *owner)
{
	char path[PATH];
	struct dirent *entry;
	bool found = false;
	DIR *folder;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%ld/fd", owner->pid);
	folder = opendir(path);
	if (folder == NULL)
		return false;
	while ((entry = readdir(folder)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%ld/fd/%s", owner->pid,
		    entry->d_name);
		i = find_socket(sockets, path);
		if (i == SOCKETS_MAX || sockets->at[i].is_taken)
			continue;
		owner->is_passed |= sockets->at[i].is_passed;
		sockets->at[i].is_passed |= is_manager(owner);
		sockets->at[i].is_taken = !is_manager(owner);
		found = found || !is_manager(owner);
	}
	closedir(folder);
	return found;
}

/* Look at managers only, or at all others: how many have the sockets. */
static size_t
list_owners(struct sockets *sockets, bool managers, struct host_owner owners[],
    size_t max)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *folder = opendir("/proc");

	if (folder == NULL)
		return 0;
	/* In the order of their numbers, which mostly is that of age. */
	while (count < max && (entry = readdir(folder)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		owners[count] = (struct host_owner){
			.pid = strtol(entry->d_name, NULL, 10),
		};
		read_name(&owners[count]);
		if (is_manager(&owners[count]) == managers &&
		    take_sockets(sockets, &owners[count]))
			count++;
	}
	closedir(folder);
	return count;
}

size_t
host_owners(
    unsigned int family, uint16_t port, struct host_owner owners[], size_t max)
{
	struct sockets sockets = { .port = port, .rank = RANK_ADDRESS };
	struct host_owner manager;
	size_t i, count;

	if (family == MH_FAMILY_IPV4)
		list_sockets(&sockets, "/proc/net/udp", RANK_OWN);
	list_sockets(&sockets, "/proc/net/udp6",
	    family == MH_FAMILY_IPV4 ? RANK_DUAL : RANK_OWN);
	if (sockets.count == 0)
		return 0;
	/* First, as the child of one may have a lower number. */
	list_owners(&sockets, true, &manager, 1);
	count = list_owners(&sockets, false, owners, max);
	for (i = 0; i < count; i++) {
		read_command(&owners[i]);
		read_libraries(&owners[i]);
		read_group(&owners[i]);
	}
	return count;
}
