/* SPDX-License-Identifier: ISC */
/*
 * The struct of the public handle: the platform's socket and what is known of
 * it.
 */
#ifndef LIB_SOCKET_H
#define LIB_SOCKET_H

#include "platform/udp.h"

struct mh_socket {
	struct mh__udp udp;
	struct mh_socket_info info;
};

#endif
