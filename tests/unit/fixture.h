/* SPDX-License-Identifier: ISC */
/*
 * Check fixtures over the fake system, for tests of src/lib and everything on
 * top of it.
 */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include "unit/fake_udp.h"
#include "unit/unit.h"

/*
 * A test case whose tests each start on a new fake system, and fail if they
 * leave a socket open or the contract of platform/udp.h was broken.
 */
TCase *fixture_tcase(const char *name);

/* Open the one socket of an endpoint. */
struct mh_socket *fixture_open(const char *endpoint, enum mh_stack stack);

/* A batch with a reply slot filled in: 4 bytes, "data". */
struct mh_datagram *fixture_reply(struct mh_batch *batch, const char *peer,
    const char *local, uint32_t if_index);

#endif
