/* SPDX-License-Identifier: ISC */
/*
 * Which interfaces belong to a VRF: an answer has to leave by those it came
 * in by.
 */
#ifndef PLATFORM_LINUX_VRF_H
#define PLATFORM_LINUX_VRF_H

#include <stdint.h>

/*
 * The indices of all interfaces that are enslaved to a VRF now (kernel
 * Documentation/networking/vrf.rst).  Returns their number and a table that
 * the caller frees, NULL if there are none; -1 if the kernel cannot tell.
 */
int mh__vrf_interfaces(uint32_t **table);

#endif
