#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make src/run/group/programs.h of an object file that clang made.

usage: tests/lint/bpf.py OBJECT >src/run/group/programs.h

Each section that is named like one of the programs becomes an array of struct
bpf_insn.  An instruction that loads the address of something in a section
"maps.N" becomes one that loads map N; the loader puts its descriptor there.
"""

import struct
import sys

PROGRAMS = ("ingress", "sendmsg4", "sendmsg6")
LOAD_ADDRESS = 0x18  # BPF_LD | BPF_DW | BPF_IMM, of two instructions
PSEUDO_MAP_FD = 1
CALL = 0x85
PSEUDO_CALL = 1
SHT_SYMTAB, SHT_REL = 2, 9
R_BPF_64_64 = 1

HEAD = """\
/* SPDX-License-Identifier: ISC */
/*
 * What clang 14 made of programs.bpf.c: ./dev bpf makes it again, and
 * tests/lint/bpf checks that it is the same.  Where an instruction loads a map,
 * imm is its number, enum group_map.
 */
#ifndef RUN_GROUP_PROGRAMS_H
#define RUN_GROUP_PROGRAMS_H

#include <linux/bpf.h>

/* clang-format off */
"""

TAIL = """\
/* clang-format on */

#endif
"""


class Section:
    """One of an ELF file."""

    def __init__(self, fields, file):
        (self.name_at, self.type, _, _, offset, size, self.link, self.info,
         _, _) = fields
        self.data = file[offset:offset + size]
        self.name = ""


def text_at(data, offset):
    """The string that begins there."""
    return data[offset:data.index(b"\0", offset)].decode()


def sections_of(file):
    """All sections of a little-endian ELF file of 64 bits."""
    if file[:6] != b"\x7fELF\x02\x01":
        sys.exit("bpf.py: not a little-endian ELF file of 64 bits")
    start, = struct.unpack_from("<Q", file, 40)
    size, count, names = struct.unpack_from("<HHH", file, 58)
    sections = [Section(struct.unpack_from("<IIQQQQIIQQ", file,
                                           start + i * size), file)
                for i in range(count)]
    for section in sections:
        section.name = text_at(sections[names].data, section.name_at)
    return sections


def map_numbers(sections, section):
    """By the instruction that loads it: the number of the map."""
    numbers = {}
    for relocation in sections:
        if (relocation.type != SHT_REL
                or sections[relocation.info] is not section):
            continue
        symbols = sections[relocation.link].data
        for offset, info in struct.iter_unpack("<QQ", relocation.data):
            symbol = struct.unpack_from("<IBBHQQ", symbols, (info >> 32) * 24)
            name = sections[symbol[3]].name
            if info & 0xffffffff != R_BPF_64_64 or name[:5] != "maps.":
                sys.exit(f"bpf.py: {section.name}: refers to {name or '?'}")
            numbers[offset // 8] = int(name[5:])
    return numbers


def instructions(sections, section):
    """The initialisers of its instructions."""
    numbers = map_numbers(sections, section)
    for i, (code, registers, off, imm) in enumerate(
            struct.iter_unpack("<BBhi", section.data)):
        destination, source = registers & 15, registers >> 4
        if i in numbers:
            if code != LOAD_ADDRESS:
                sys.exit(f"bpf.py: {section.name}: {i}: not a load")
            source, imm = PSEUDO_MAP_FD, numbers[i]
        elif code == CALL and source == PSEUDO_CALL:
            sys.exit(f"bpf.py: {section.name}: {i}: calls a function")
        yield f"{{ 0x{code:02x}, {destination}, {source}, {off}, {imm} }},"


def filled(items):
    """Lines of 80 columns."""
    line = ""
    for item in items:
        if line and 8 + len(line) + 1 + len(item) > 80:
            yield "\t" + line
            line = ""
        line += (" " if line else "") + item
    yield "\t" + line


def main():
    """Print the header."""
    with open(sys.argv[1], "rb") as file:
        sections = sections_of(file.read())
    print(HEAD)
    for name in PROGRAMS:
        section = next(s for s in sections if s.name == name)
        print(f"static const struct bpf_insn group_{name}[] = {{")
        for line in filled(instructions(sections, section)):
            print(line)
        print("};\n")
    print(TAIL, end="")


if __name__ == "__main__":
    main()
