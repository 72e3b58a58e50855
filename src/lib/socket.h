/* SPDX-License-Identifier: ISC */
#ifndef LIB_SOCKET_H
#define LIB_SOCKET_H

#include "platform/udp.h"

struct mh_socket {
	struct mh__udp udp;
	struct mh_socket_info info;
};

#endif
