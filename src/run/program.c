/* SPDX-License-Identifier: ISC */
/*
 * The program file that a command starts.
 */
#include "run/program.h"

#include "run/elf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Scripts whose interpreter is a script; the kernel's limit, too. */
#define DEPTH 4

static bool
is_executable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	    access(path, X_OK) == 0;
}

bool
program_find(const char *command, char *path, size_t size)
{
	const char *folders = getenv("PATH");
	size_t length;

	if (strchr(command, '/') != NULL) {
		snprintf(path, size, "%s", command);
		return is_executable(path);
	}
	if (folders == NULL)
		folders = "/bin:/usr/bin";
	for (;; folders += length + 1) {
		length = strcspn(folders, ":");
		/* An empty one is the current one. */
		if ((size_t)snprintf(path, size, "%.*s%s%s", (int)length,
			folders, length > 0 ? "/" : "./", command) < size &&
		    is_executable(path))
			return true;
		if (folders[length] == '\0')
			return false;
	}
}

/* The whole file; NULL if it cannot be read. */
static const uint8_t *
map(int fd, size_t *size)
{
	struct stat status;
	void *bytes;

	if (fstat(fd, &status) < 0 || status.st_size <= 0)
		return NULL;
	*size = (size_t)status.st_size;
	bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

/* Does the kernel forget LD_PRELOAD, because the program has more rights? */
static const char *
rights_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return NULL;
	if ((status.st_mode & S_ISUID) != 0 && status.st_uid != getuid())
		return "is setuid";
	if ((status.st_mode & S_ISGID) != 0 && status.st_gid != getgid())
		return "is setgid";
	if (getuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "has capabilities";
	return NULL;
}

/* The interpreter in the first line of a script; false if it is none. */
static bool
read_script(const uint8_t *bytes, size_t size, char path[ELF_INTERPRETER])
{
	size_t at = 2, length = 0;

	if (size < 2 || bytes[0] != '#' || bytes[1] != '!')
		return false;
	while (at < size && (bytes[at] == ' ' || bytes[at] == '\t'))
		at++;
	while (at + length < size && length < ELF_INTERPRETER - 1 &&
	    strchr(" \t\r\n", bytes[at + length]) == NULL)
		length++;
	memcpy(path, bytes + at, length);
	path[length] = '\0';
	return length > 0;
}

/* What this very program is loaded by, and so libmhrun.so. */
static void
read_own(struct elf_facts *facts)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const uint8_t *bytes;
	size_t size;

	*facts = (struct elf_facts){ .is_elf = false };
	if (fd < 0)
		return;
	bytes = map(fd, &size);
	if (bytes != NULL)
		elf_read(facts, bytes, size);
	close(fd);
}

/* The obstacle of one file; NULL: none.  interpreter: of a script, or "". */
static const char *
look_into(int fd, char interpreter[ELF_INTERPRETER])
{
	struct elf_facts facts, own;
	const uint8_t *bytes;
	const char *obstacle = rights_of(fd);
	size_t size;

	interpreter[0] = '\0';
	bytes = map(fd, &size);
	if (bytes == NULL)
		return obstacle;
	/* The rights of a script do not count. */
	if (!read_script(bytes, size, interpreter) && obstacle == NULL) {
		elf_read(&facts, bytes, size);
		read_own(&own);
		obstacle = elf_obstacle(&facts, own.interpreter);
	} else if (interpreter[0] != '\0')
		obstacle = NULL;
	munmap((void *)(uintptr_t)bytes, size);
	return obstacle;
}

bool
program_obstacle(const char *path, char why[RUN_WHY])
{
	char interpreter[ELF_INTERPRETER], at[ELF_INTERPRETER];
	const char *obstacle;
	int depth, fd;

	snprintf(at, sizeof(at), "%s", path);
	for (depth = 0; depth <= DEPTH; depth++) {
		fd = open(at, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return false;
		obstacle = look_into(fd, interpreter);
		close(fd);
		if (obstacle != NULL) {
			snprintf(why, RUN_WHY, "%.120s %s", at, obstacle);
			return true;
		}
		if (interpreter[0] == '\0')
			return false;
		strcpy(at, interpreter);
	}
	return false;
}
