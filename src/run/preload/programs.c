/* SPDX-License-Identifier: ISC */
/*
 * A program that takes the place of this one, or is started by it, perhaps
 * without us, has its sockets as this one left them: nothing is reported that
 * nobody asked for.
 */
#include "run/preload/hooks.h"

#include "run/preload/sockets.h"

#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

int
hook_execve(const char *path, char *const argv[], char *const envp[])
{
	sockets_hand_over(false);
	return real()->execve(path, argv, envp);
}

int
hook_execv(const char *path, char *const argv[])
{
	return hook_execve(path, argv, environ);
}

int
hook_execvpe(const char *file, char *const argv[], char *const envp[])
{
	sockets_hand_over(false);
	return real()->execvpe(file, argv, envp);
}

int
hook_execvp(const char *file, char *const argv[])
{
	return hook_execvpe(file, argv, environ);
}

int
hook_fexecve(int fd, char *const argv[], char *const envp[])
{
	sockets_hand_over(false);
	return real()->fexecve(fd, argv, envp);
}

int
hook_execveat(
    int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	sockets_hand_over(false);
	if (real()->execveat != NULL)
		return real()->execveat(fd, path, argv, envp, flags);
	errno = ENOSYS;
	return -1;
}

int
hook_posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
    char *const argv[], char *const envp[])
{
	sockets_hand_over(true);
	return real()->posix_spawn(pid, path, actions, how, argv, envp);
}

int
hook_posix_spawnp(pid_t *pid, const char *file,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
    char *const argv[], char *const envp[])
{
	sockets_hand_over(true);
	return real()->posix_spawnp(pid, file, actions, how, argv, envp);
}

/* How many arguments there are, without the NULL after them. */
static size_t
count_arguments(const char *first, va_list rest)
{
	size_t count = 0;

	for (; first != NULL; first = va_arg(rest, const char *))
		count++;
	return count;
}

/* Write them, and the NULL. */
static void
take_arguments(char *argv[], const char *first, va_list *rest)
{
	size_t i = 0;

	memcpy(&argv[0], &first, sizeof(first));
	while (argv[i] != NULL)
		argv[++i] = va_arg(*rest, char *);
}

/* argv of the arguments from arg on, on the stack; list is after them then. */
#define COLLECT(argv, list, arg)                                              \
	do {                                                                  \
		va_start(list, arg);                                          \
		argv =                                                        \
		    alloca((count_arguments(arg, list) + 1) * sizeof(*argv)); \
		va_end(list);                                                 \
		va_start(list, arg);                                          \
		take_arguments(argv, arg, &list);                             \
	} while (0)

int
hook_execl(const char *path, const char *arg, ...)
{
	char **argv;
	va_list list;

	COLLECT(argv, list, arg);
	va_end(list);
	return hook_execve(path, argv, environ);
}

int
hook_execlp(const char *file, const char *arg, ...)
{
	char **argv;
	va_list list;

	COLLECT(argv, list, arg);
	va_end(list);
	return hook_execvpe(file, argv, environ);
}

int
hook_execle(const char *path, const char *arg, ...)
{
	char **argv, **envp;
	va_list list;

	COLLECT(argv, list, arg);
	envp = va_arg(list, char **);
	va_end(list);
	return hook_execve(path, argv, envp);
}
