# SPDX-License-Identifier: ISC
# What the man pages say is tried: command lines and configurations.  The whole
# programs of multihome(3) are examples: tests/examples.

EXTRA_DIST += tests/man/example tests/man/exercise tests/man/commands \
	tests/man/recipes
TESTS += tests/man/commands

if PLATFORM_LINUX
TESTS += tests/man/recipes
endif

if HAVE_CHECK

# CONTRIBUTING.md's exercise, as it stands there: a service and its test, and
# the table of services with its line before the last.
exercise = tests/man/exercise.d
exercise_service = $(exercise)/src/services/length.c
exercise_table = $(exercise)/src/services/table.h
exercise_test = $(exercise)/tests/unit/services/length.c
CLEANFILES += $(exercise_service) $(exercise_table) $(exercise_test)

$(exercise_service) $(exercise_test): CONTRIBUTING.md tests/man/exercise
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(srcdir)/tests/man/exercise \
	    $(@:$(exercise)/%=%) <$(srcdir)/CONTRIBUTING.md >$@

$(exercise_table): CONTRIBUTING.md tests/man/exercise src/services/table.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    line=$$($(srcdir)/tests/man/exercise src/services/table.h \
		<$(srcdir)/CONTRIBUTING.md) && export line && \
	    awk '/SERVICE\(fixed\)/ { print ENVIRON["line"] } { print }' \
		$(srcdir)/src/services/table.h >$@

check_PROGRAMS += tests/man/test_exercise
TESTS += tests/man/test_exercise
tests_man_test_exercise_SOURCES = $(unit_main) tests/man/test_exercise.c \
	tests/unit/services/ask.h tests/unit/services/ask.c src/services/table.c
nodist_tests_man_test_exercise_SOURCES = $(exercise_service) $(exercise_test)
tests_man_test_exercise_CPPFLAGS = -I$(builddir)/$(exercise)/src $(AM_CPPFLAGS)
# Its line in unit.h is not there.
tests_man_test_exercise_CFLAGS = $(unit_cflags) -Wno-missing-prototypes \
	-Wno-missing-declarations
tests_man_test_exercise_LDADD = src/libdaemon.la src/libhost.la \
	src/libcore.la tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)
$(tests_man_test_exercise_OBJECTS): $(exercise_table)

# The functions of multihome(3) for a full socket, over the system in memory.
check_PROGRAMS += tests/man/test_full
TESTS += tests/man/test_full
CLEANFILES += tests/man/full.c
tests/man/full.c: man/multihome.3.in tests/man/example
	$(AM_V_GEN)$(MKDIR_P) tests/man && \
	    $(srcdir)/tests/man/example full <$(srcdir)/man/multihome.3.in >$@

tests_man_test_full_SOURCES = $(unit_main) tests/man/test_full.c
nodist_tests_man_test_full_SOURCES = tests/man/full.c
tests_man_test_full_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/src/lib
# They have no header.
tests_man_test_full_CFLAGS = $(unit_cflags) -Wno-missing-prototypes \
	-Wno-missing-declarations
tests_man_test_full_LDADD = src/libcore.la tests/unit/libfake.la \
	$(CHECK_LIBS) $(MH_LIBS)

endif
