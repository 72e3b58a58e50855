/* SPDX-License-Identifier: ISC */
/*
 * What a program file says of itself: elf(5).
 */
#include "run/elf.h"

#include <elf.h>
#include <link.h>
#include <string.h>

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_segment;
typedef ElfW(Shdr) elf_section;

/* The file, of which any offset may lead out. */
struct file {
	const uint8_t *bytes;
	size_t size;
};

/* Copy that many bytes from there; false if they are not in the file. */
static bool
take(const struct file *file, uint64_t offset, void *to, size_t size)
{
	if (offset > file->size || size > file->size - offset)
		return false;
	memcpy(to, file->bytes + offset, size);
	return true;
}

/* For the kind of processor that this was compiled for? */
static bool
is_native(const elf_header *header)
{
	static const union {
		uint16_t number;
		uint8_t first;
	} one = { .number = 1 };
	const uint8_t order = one.first == 1 ? ELFDATA2LSB : ELFDATA2MSB;
	const uint8_t class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

	return header->e_ident[EI_CLASS] == class &&
	    header->e_ident[EI_DATA] == order &&
	    header->e_phentsize == sizeof(elf_segment);
}

static void
read_interpreter(
    struct elf_facts *facts, const struct file *file, const elf_header *header)
{
	elf_segment segment;
	unsigned int i;
	size_t size;

	for (i = 0; i < header->e_phnum; i++) {
		if (!take(file, header->e_phoff + i * sizeof(segment), &segment,
			sizeof(segment)))
			return;
		if (segment.p_type != PT_INTERP)
			continue;
		size = segment.p_filesz < ELF_INTERPRETER - 1
		    ? (size_t)segment.p_filesz
		    : ELF_INTERPRETER - 1;
		if (take(file, segment.p_offset, facts->interpreter, size))
			facts->interpreter[size] = '\0';
		return;
	}
}

/* Is there a section of Go's, which strip(1) leaves in place? */
static bool
has_go_section(const struct file *file, const elf_header *header)
{
	static const char *const names[] = { ".go.buildinfo",
		".note.go.buildid" };
	elf_section strings, section;
	char name[24];
	unsigned int i, n;

	if (header->e_shentsize != sizeof(section) ||
	    !take(file, header->e_shoff + header->e_shstrndx * sizeof(section),
		&strings, sizeof(strings)))
		return false;
	for (i = 0; i < header->e_shnum; i++) {
		if (!take(file, header->e_shoff + i * sizeof(section), &section,
			sizeof(section)))
			return false;
		for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (take(file, strings.sh_offset + section.sh_name,
				name, strlen(names[n]) + 1) &&
			    memcmp(name, names[n], strlen(names[n]) + 1) == 0)
				return true;
	}
	return false;
}

void
elf_read(struct elf_facts *facts, const uint8_t *bytes, size_t size)
{
	const struct file file = { bytes, size };
	elf_header header;

	*facts = (struct elf_facts){ .is_elf = false };
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return;
	facts->is_elf = true;
	if (!take(&file, 0, &header, sizeof(header)) || !is_native(&header))
		return;
	facts->is_whole = true;
	read_interpreter(facts, &file, &header);
	facts->is_go = has_go_section(&file, &header);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

const char *
elf_obstacle(const struct elf_facts *facts, const char *own_interpreter)
{
	if (!facts->is_elf)
		return NULL;
	if (!facts->is_whole)
		return "is for another kind of processor";
	if (facts->is_go)
		return "is written in Go, which does without the C library";
	if (facts->interpreter[0] == '\0')
		return "is statically linked";
	/* The folder is another on some distributions. */
	if (own_interpreter[0] != '\0' &&
	    strcmp(base_name(facts->interpreter), base_name(own_interpreter)) !=
		0)
		return "has another C library";
	return NULL;
}
