/* SPDX-License-Identifier: ISC */
/*
 * What a program file says of itself: can a library be preloaded into it, and
 * would that help?  Pure: it is given the bytes.
 */
#ifndef RUN_ELF_H
#define RUN_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_INTERPRETER 256

struct elf_facts {
	bool is_elf;
	bool is_whole; /* it could be read: it is for this kind of processor */
	bool is_go;    /* it makes its system calls itself */
	/* The program that loads it and its libraries; "": it is static. */
	char interpreter[ELF_INTERPRETER];
};

/* Read the file in memory; what is not as it should be is passed over. */
void elf_read(struct elf_facts *facts, const uint8_t *bytes, size_t size);

/*
 * Why libmhrun.so, whose own C library is loaded by that interpreter, can do
 * nothing for such a program: "is statically linked".  NULL if it can.
 */
const char *elf_obstacle(
    const struct elf_facts *facts, const char *own_interpreter);

#endif
