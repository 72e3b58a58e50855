/* SPDX-License-Identifier: ISC */
/*
 * The sandbox of the privileged helper; that of the daemon is host_sandbox().
 */
#ifndef PLATFORM_LINUX_SANDBOX_H
#define PLATFORM_LINUX_SANDBOX_H

/*
 * Forbid this process all that reading files, replacing one, and answering
 * the daemon does not need.  Returns as host_sandbox().
 */
int sandbox_privsep(void);

#endif
