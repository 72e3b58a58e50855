/* SPDX-License-Identifier: ISC */
/*
 * The table of services, by itself, so that a test can bring another one.
 */
#include "services/table.h"

#define SERVICE_ENTRY(name) &service_##name,

const struct service *const service_table[] = { SERVICES(SERVICE_ENTRY) NULL };
