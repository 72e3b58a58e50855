/* SPDX-License-Identifier: ISC */
/*
 * The functions of the C library that ours stand before, or those of another
 * preloaded library after this one.
 */
#ifndef RUN_PRELOAD_REAL_H
#define RUN_PRELOAD_REAL_H

#include <stddef.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

/*
 * Names a function of ours as the program calls it.  By the assembler's name,
 * because the C library's headers may have another idea of its parameters, or
 * an inline version.
 */
#define REAL_HOOK(name) __asm__(#name) __attribute__((visibility("default")))

struct real {
	int (*socket)(int, int, int);
	int (*bind)(int, const struct sockaddr *, socklen_t);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*close)(int);
	int (*close_range)(unsigned int, unsigned int, int);
	int (*dup)(int);
	int (*dup2)(int, int);
	int (*dup3)(int, int, int);
	int (*fcntl)(int, int, ...);
	int (*fcntl64)(int, int, ...);
	int (*setsockopt)(int, int, int, const void *, socklen_t);
	int (*getsockopt)(int, int, int, void *, socklen_t *);
	ssize_t (*recvfrom)(
	    int, void *, size_t, int, struct sockaddr *, socklen_t *);
	ssize_t (*recvfrom_chk)(
	    int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
	int (*recvmmsg)(
	    int, struct mmsghdr *, unsigned int, int, struct timespec *);
	ssize_t (*sendto)(
	    int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	int (*sendmmsg)(int, struct mmsghdr *, unsigned int, int);
	int (*execve)(const char *, char *const[], char *const[]);
	int (*execvpe)(const char *, char *const[], char *const[]);
	int (*fexecve)(int, char *const[], char *const[]);
	int (*execveat)(int, const char *, char *const[], char *const[], int);
	int (*posix_spawn)(pid_t *, const char *,
	    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	    char *const[], char *const[]);
	int (*posix_spawnp)(pid_t *, const char *,
	    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	    char *const[], char *const[]);
};

/* All of them; looked up when the library is loaded, or at first. */
const struct real *real(void);

#endif
