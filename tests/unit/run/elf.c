/* SPDX-License-Identifier: ISC */
/*
 * src/run/elf.c: programs that nothing can be preloaded into, made here; and
 * files that are cut off, or lead out of themselves.
 */
#include "run/elf.h"

#include "unit/run/suites.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#define OWN "ld-linux-x86-64.so.2"

/* A program file, with what the tests look at. */
struct image {
	ElfW(Ehdr) header;
	ElfW(Phdr) segments[2];
	ElfW(Shdr) sections[3];
	char interpreter[64];
	char names[64];
};

static struct image image;

/* A native one like that; interpreter NULL: static; section: its name. */
static void
build(const char *interpreter, const char *section)
{
	const uint16_t one = 1;

	memset(&image, 0, sizeof(image));
	memcpy(image.header.e_ident, ELFMAG, SELFMAG);
	image.header.e_ident[EI_CLASS] =
	    sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	image.header.e_ident[EI_DATA] =
	    *(const uint8_t *)&one == 1 ? ELFDATA2LSB : ELFDATA2MSB;
	image.header.e_phoff = offsetof(struct image, segments);
	image.header.e_phentsize = sizeof(image.segments[0]);
	image.header.e_phnum = 2;
	image.header.e_shoff = offsetof(struct image, sections);
	image.header.e_shentsize = sizeof(image.sections[0]);
	image.header.e_shnum = 3;
	image.header.e_shstrndx = 2;
	image.segments[0].p_type = PT_LOAD;
	if (interpreter != NULL) {
		image.segments[1].p_type = PT_INTERP;
		image.segments[1].p_offset =
		    offsetof(struct image, interpreter);
		image.segments[1].p_filesz = strlen(interpreter) + 1;
		strcpy(image.interpreter, interpreter);
	}
	image.sections[1].sh_name = 1;
	image.sections[2].sh_offset = offsetof(struct image, names);
	strcpy(image.names + 1, section);
}

static const char *
obstacle(size_t size)
{
	struct elf_facts facts;

	elf_read(&facts, (const uint8_t *)&image, size);
	return elf_obstacle(&facts, OWN);
}

static const struct {
	const char *interpreter, *section, *obstacle;
} programs[] = {
	{ OWN, ".text", NULL },
	{ "/nix/store/x/ld-linux-x86-64.so.2", ".text", NULL },
	{ NULL, ".text", "is statically linked" },
	{ OWN, ".go.buildinfo",
	    "is written in Go, which does without the C library" },
	{ NULL, ".note.go.buildid",
	    "is written in Go, which does without the C library" },
	{ "ld-musl-x86_64.so.1", ".text", "has another C library" },
};

START_TEST(test_programs)
{
	build(programs[_i].interpreter, programs[_i].section);
	ck_assert_pstr_eq(obstacle(sizeof(image)), programs[_i].obstacle);
}
END_TEST

START_TEST(test_foreign)
{
	build(OWN, ".text");
	image.header.e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
	ck_assert_str_eq(
	    obstacle(sizeof(image)), "is for another kind of processor");
	build(OWN, ".text");
	image.header.e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
	ck_assert_str_eq(
	    obstacle(sizeof(image)), "is for another kind of processor");
}
END_TEST

START_TEST(test_no_elf)
{
	struct elf_facts facts;

	elf_read(&facts, (const uint8_t *)"#!sh\n", 5);
	ck_assert(!facts.is_elf);
	ck_assert_ptr_null(elf_obstacle(&facts, OWN));
	elf_read(&facts, (const uint8_t *)ELFMAG, 3);
	ck_assert(!facts.is_elf);
}
END_TEST

/* However short, and wherever it points: nothing is read beyond its end. */
START_TEST(test_broken)
{
	size_t size, i;
	uint8_t *bytes = (uint8_t *)&image;

	build(OWN, ".text");
	for (size = 0; size < sizeof(image); size++)
		(void)obstacle(size);
	for (i = EI_NIDENT; i < offsetof(struct image, interpreter); i++) {
		build(OWN, ".text");
		bytes[i] = 0xff;
		(void)obstacle(sizeof(image));
		bytes[i] = 0x7f;
		(void)obstacle(sizeof(image));
	}
	/* A long name is cut. */
	build(OWN, ".text");
	image.segments[1].p_filesz = 100000;
	ck_assert_str_eq(obstacle(sizeof(image)), "is statically linked");
}
END_TEST

Suite *
run_elf_suite(void)
{
	Suite *suite = suite_create("run elf");
	TCase *tcase = tcase_create("elf");

	tcase_add_loop_test(tcase, test_programs, 0, LENGTH(programs));
	tcase_add_test(tcase, test_foreign);
	tcase_add_test(tcase, test_no_elf);
	tcase_add_test(tcase, test_broken);
	suite_add_tcase(suite, tcase);
	return suite;
}
