/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the Windows room share.
 */
#ifndef WINDOWS_WINDOWS_H
#define WINDOWS_WINDOWS_H

#include "unit/unit.h"

Suite *windows_clock_suite(void);
Suite *windows_command_suite(void);
Suite *windows_control_suite(void);
Suite *windows_datagram_suite(void);
Suite *windows_file_suite(void);
Suite *windows_network_suite(void);
Suite *windows_privileges_suite(void);
Suite *windows_service_suite(void);
Suite *windows_socket_suite(void);

/* Is this Wine, and not the real thing? */
bool windows_is_wine(void);

/*
 * Does it ignore the source that an answer is to have?  Wine does, but not with
 * the stand-in of tests/windows/strict.
 */
bool windows_ignores_source(void);

/* "c0 00 02 01" as bytes; returns their number. */
size_t windows_bytes(const char *hex, uint8_t *bytes, size_t size);

#endif
