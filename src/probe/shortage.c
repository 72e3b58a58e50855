/* SPDX-License-Identifier: ISC */
/*
 * How long to wait for what this host lacks.  All targets may wait at once, so
 * each waits longer every time; and none gives up while others have their turn.
 */
#include "probe/shortage.h"

/* A socket that takes nothing now. */
#define BLOCKED_NS INT64_C(1000000)

/*
 * Linux keeps neighbours that do not answer for 3 s, and 1024 at a time: the
 * first wait, and the longest.
 */
#define WAIT_NS INT64_C(20000000)
#define WAIT_MAX_NS INT64_C(640000000)

/*
 * When to give up: while nothing can be sent to anybody, sooner if the sign is
 * less certain; and while others are sent to, but never this one.
 */
#define PATIENCE_NS INT64_C(30000000000)
#define PATIENCE_UNSURE_NS INT64_C(5000000000)
#define PATIENCE_MAX_NS INT64_C(300000000000)

bool
shortage_is(int status, unsigned int family)
{
	switch (status) {
	case MH_EAGAIN:
	case MH_ENOBUFFERS:
	case MH_ENOMEMORY:
		return true;
	case MH_EINVALID:
		/* So Linux calls a full table: ip6_finish_output2(). */
		return family == MH_FAMILY_IPV6;
	default:
		return false;
	}
}

bool
shortage_wait(
    struct shortage *shortage, int status, int64_t sent_at, int64_t now)
{
	const int64_t patience =
	    status == MH_EINVALID ? PATIENCE_UNSURE_NS : PATIENCE_NS;

	if (shortage->since == 0)
		shortage->since = now;
	if (sent_at < shortage->since)
		sent_at = shortage->since;
	if (now - sent_at >= patience ||
	    now - shortage->since >= PATIENCE_MAX_NS)
		return false;
	shortage->wait = shortage->wait == 0 ? WAIT_NS : 2 * shortage->wait;
	if (shortage->wait > WAIT_MAX_NS)
		shortage->wait = WAIT_MAX_NS;
	shortage->retry_at =
	    now + (status == MH_EAGAIN ? BLOCKED_NS : shortage->wait);
	return true;
}
