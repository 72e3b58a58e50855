/* SPDX-License-Identifier: ISC */
/*
 * A snapshot for people: an HTML page without scripts.  Pure.
 */
#ifndef DAEMON_OPS_PAGE_H
#define DAEMON_OPS_PAGE_H

#include "common/strbuf.h"
#include "daemon/ops/snapshot.h"

/* Append the page.  text->lost: out of memory. */
void page_print(const struct snapshot *snapshot, struct strbuf *text);

#endif
