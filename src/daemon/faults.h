/* SPDX-License-Identifier: ISC */
/*
 * What is said of the faults that are made on purpose, so that nobody takes
 * them for real ones: in the log, and by --test-config.
 */
#ifndef DAEMON_FAULTS_H
#define DAEMON_FAULTS_H

#include "daemon/bindings.h"
#include "daemon/localnet.h"
#include "common/strbuf.h"

/* A line for each service of the plan that makes any. */
void faults_describe(const struct plan *plan, struct strbuf *text);

/*
 * Log these lines; or, if some were logged before, that there are none any
 * more.  *any: initially false.
 */
void faults_log(const struct plan *plan, bool *any);

/*
 * A line for each address of this host that is answered from no other one,
 * though fault-source wants that: there is none.
 */
void faults_find_impossible(const struct plan *plan,
    const struct bindings *bindings, const struct localnet *localnet,
    struct strbuf *text);

#endif
