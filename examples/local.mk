# SPDX-License-Identifier: ISC
# Programs to copy from: installed as documentation, and built as by strangers,
# who have the public headers alone; tests/examples runs them.

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	examples/README.md \
	examples/echo.c \
	examples/dns.c \
	examples/later.c \
	examples/ecn.c \
	examples/threads.c

examples_cppflags = -I$(srcdir)/src/lib -D_DEFAULT_SOURCE
examples_cflags = $(AM_CFLAGS) -std=c11 -Wconversion -pedantic

if PLATFORM_LINUX
check_PROGRAMS += examples/dns examples/later examples/threads
examples_dns_CPPFLAGS = $(examples_cppflags)
examples_dns_CFLAGS = $(examples_cflags)
examples_dns_LDADD = libmultihome.la
examples_later_CPPFLAGS = $(examples_cppflags)
examples_later_CFLAGS = $(examples_cflags)
examples_later_LDADD = libmultihome.la
examples_threads_CPPFLAGS = $(examples_cppflags)
examples_threads_CFLAGS = $(examples_cflags)
examples_threads_LDADD = libmultihome.la $(HOST_LIBS)

if HAVE_LIBUV
check_PROGRAMS += examples/ecn
examples_ecn_CPPFLAGS = $(examples_cppflags)
examples_ecn_CFLAGS = $(examples_cflags) $(LIBUV_CFLAGS)
examples_ecn_LDADD = libmultihome.la $(LIBUV_LIBS)
endif
endif

if HAVE_LIBEVENT
check_PROGRAMS += examples/echo
examples_echo_CPPFLAGS = $(examples_cppflags)
examples_echo_CFLAGS = $(examples_cflags) $(LIBEVENT_CFLAGS)
examples_echo_LDADD = libmultihome.la $(LIBEVENT_LIBS)
endif
