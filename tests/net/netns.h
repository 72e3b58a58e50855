/* SPDX-License-Identifier: ISC */
/*
 * Network namespaces without names: a file descriptor keeps one alive, and the
 * system removes it with the last one.  There is nothing to clean up, whatever
 * happens to a test.
 *
 * Every function fails the test if it cannot do what it says.
 */
#ifndef NET_NETNS_H
#define NET_NETNS_H

/* A new namespace, with loopback up.  The process stays where it is. */
int netns_new(void);

/*
 * Datagrams that the system had no way or no room for, in all that were made
 * here.  On a busy machine an IPv6 lookup that meets a change of the routes may
 * fail, though the route has been there for long, and stays; and Linux has one
 * table of neighbours for all namespaces, so that whoever fills it costs
 * everybody what is sent to one that is not in it.
 */
unsigned long netns_lost(void);

/* Move the process to the namespace. */
void netns_enter(int netns);

/* Let neighbours on the interface be found soon and surely; before it is up. */
void netns_hurry(int netns, const char *interface);

/* Lines for ip -batch, as printf(); addresses with nodad are in use then. */
void netns_ip(int netns, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One command for the shell, as printf(). */
void netns_shell(int netns, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Set net.KEY, written with slashes: "ipv4/ip_unprivileged_port_start". */
void netns_sysctl(int netns, const char *key, const char *value);

/* A path that names the namespace for programs that we start. */
const char *netns_path(int netns);

#endif
