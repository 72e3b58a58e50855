/* SPDX-License-Identifier: ISC */
/*
 * The functions that stand before those of the C library: all that
 * libmhrun.so exports, and what they do besides.  Each does what the one of
 * that name does, with the same results, in the same threads and signal
 * handlers; where ours fails it is as if we were not there.
 */
#ifndef RUN_PRELOAD_HOOKS_H
#define RUN_PRELOAD_HOOKS_H

#include "run/preload/real.h"

/* receive.c: remember who asked which address. */
ssize_t hook_recvfrom(int fd, void *data, size_t size, int flags,
    struct sockaddr *name, socklen_t *name_size) REAL_HOOK(recvfrom);
ssize_t hook_recvfrom_chk(int fd, void *data, size_t size, size_t room,
    int flags, struct sockaddr *name, socklen_t *name_size)
    REAL_HOOK(__recvfrom_chk);
ssize_t hook_recvmsg(int fd, struct msghdr *program, int flags)
    REAL_HOOK(recvmsg);
int hook_recvmmsg(int fd, struct mmsghdr *program, unsigned int count,
    int flags, struct timespec *timeout) REAL_HOOK(recvmmsg);

/* send.c: answer from there. */
ssize_t hook_sendto(int fd, const void *data, size_t size, int flags,
    const struct sockaddr *name, socklen_t name_size) REAL_HOOK(sendto);
ssize_t hook_sendmsg(int fd, const struct msghdr *program, int flags)
    REAL_HOOK(sendmsg);
int hook_sendmmsg(int fd, struct mmsghdr *program, unsigned int count,
    int flags) REAL_HOOK(sendmmsg);

/* calls.c: which descriptors are ours; and connect(), the answer to one. */
int hook_socket(int family, int type, int protocol) REAL_HOOK(socket);
int hook_bind(int fd, const struct sockaddr *name, socklen_t size)
    REAL_HOOK(bind);
int hook_connect(int fd, const struct sockaddr *name, socklen_t size)
    REAL_HOOK(connect);
int hook_setsockopt(int fd, int level, int option, const void *value,
    socklen_t size) REAL_HOOK(setsockopt);
int hook_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
    REAL_HOOK(getsockopt);
int hook_close(int fd) REAL_HOOK(close);
int hook_close_range(unsigned int first, unsigned int last, int flags)
    REAL_HOOK(close_range);
int hook_dup(int fd) REAL_HOOK(dup);
int hook_dup2(int from, int to) REAL_HOOK(dup2);
int hook_dup3(int from, int to, int flags) REAL_HOOK(dup3);
int hook_fcntl(int fd, int command, ...) REAL_HOOK(fcntl);
int hook_fcntl64(int fd, int command, ...) REAL_HOOK(fcntl64);

/* programs.c: a program that is started has its sockets as it left them. */
int hook_execve(const char *path, char *const argv[], char *const envp[])
    REAL_HOOK(execve);
int hook_execv(const char *path, char *const argv[]) REAL_HOOK(execv);
int hook_execvp(const char *file, char *const argv[]) REAL_HOOK(execvp);
int hook_execvpe(const char *file, char *const argv[], char *const envp[])
    REAL_HOOK(execvpe);
int hook_execl(const char *path, const char *arg, ...) REAL_HOOK(execl);
int hook_execlp(const char *file, const char *arg, ...) REAL_HOOK(execlp);
int hook_execle(const char *path, const char *arg, ...) REAL_HOOK(execle);
int hook_fexecve(int fd, char *const argv[], char *const envp[])
    REAL_HOOK(fexecve);
int hook_execveat(int fd, const char *path, char *const argv[],
    char *const envp[], int flags) REAL_HOOK(execveat);
int hook_posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
    char *const argv[], char *const envp[]) REAL_HOOK(posix_spawn);
int hook_posix_spawnp(pid_t *pid, const char *file,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
    char *const argv[], char *const envp[]) REAL_HOOK(posix_spawnp);

#endif
