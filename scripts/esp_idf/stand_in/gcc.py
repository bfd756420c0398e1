#!/usr/bin/env python3
"""Debian's GCC for RISC-V in place of Espressif's, for checks without Espressif's toolchain.

Runs as <dir>/<prefix>-gcc, -g++ and so on, where check-esp-idf puts links to it: takes the command
line that ESP-IDF makes for its own compiler, leaves out what only that one knows, and adds the
processor, newlib's headers and GCC's C++ headers as Debian packages them. For the Xtensa chips it
is a compiler of another processor with the same sizes, so that it can only check syntax and types.
"""

import glob
import os
import re
import shlex
import sys

DEBIAN = "riscv64-unknown-elf-"
# libnewlib-dev, whose headers tell processors apart by macros, and picolibc-riscv64-unknown-elf.
NEWLIB = "/usr/include/newlib"
OVERLAYS = os.path.dirname(os.path.realpath(__file__))
PICOLIBC = "/usr/lib/picolibc/riscv64-unknown-elf/include"

# What only Espressif's GCC knows, or only a newer one; each is about code generation or the link.
DROPPED = re.compile(
    r"-march=.*|-mlongcalls|-mdisable-hardware-atomics|-mtune=esp-base|-mdynconfig=.*|--?specs=.*"
    r"|-fzero-init-padding-bits=.*|-m(no-)?text-section-literals|-mforce-l32"
)
# GCC 12 warns of an attribute in v4.4's own headers that Espressif's GCC 8 takes.
ADDED = ["-Wno-attributes"]
# Standards that Debian's GCC 12 knows by an older name.
RENAMED = {
    "-std=gnu23": "-std=gnu2x",
    "-std=gnu++26": "-std=gnu++2b",
    "-std=gnu++2c": "-std=gnu++2b",
}


def expanded(arguments):
    """The arguments with each @file replaced by what is in it."""
    for argument in arguments:
        if argument.startswith("@"):
            with open(argument[1:]) as file:
                yield from expanded(shlex.split(file.read()))
        else:
            yield argument


def processor_of(prefix, arguments):
    """Options for the processor: as asked for, completed to what GCC 12 accepts."""
    if prefix.startswith("xtensa"):
        options = ["-march=rv32imafc", "-mabi=ilp32f", "-U__riscv"]
        options += ["-D__XTENSA__", "-D__xtensa__", "-D__XTENSA_EL__"]
        if os.environ.get("STAND_IN_XTENSA_INT32") == "int":  # check-esp-idf says when
            for name, type in (("INT32", "int"), ("UINT32", "unsigned int")):
                options += [f"-U__{name}_TYPE__", f"-D__{name}_TYPE__={type}"]
        return options
    march = next((a for a in reversed(arguments) if a.startswith("-march=")), "-march=rv32imc")
    if "zicsr" not in march:
        march += "_zicsr_zifencei"
    march = re.sub(r"_x\w+", "", march)  # extensions of Espressif's own
    options = [march]
    if not any(a.startswith("-mabi=") for a in arguments):
        options.append("-mabi=ilp32f" if re.match(r"-march=rv32ima?f", march) else "-mabi=ilp32")
    return options


def cxx_headers():
    """GCC's C++ headers, configured for a chip without an operating system."""
    found = sorted(glob.glob(f"{NEWLIB}/c++/*/arm-none-eabi"))
    if not found:
        sys.exit("stand_in_gcc: libstdc++-arm-none-eabi-dev is not installed")
    return [os.path.dirname(found[-1]), found[-1]]


def main():
    name = os.path.basename(sys.argv[0])
    prefix, tool = name.rsplit("-", 1)
    if tool not in ("gcc", "g++", "cc", "c++"):
        os.execvp(DEBIAN + tool, [DEBIAN + tool, *sys.argv[1:]])
    arguments = list(expanded(sys.argv[1:]))
    if "-dumpmachine" in arguments:
        print(prefix)
        return
    picolibc = any("picolibc.specs" in a for a in arguments)
    libc = [f"{OVERLAYS}/picolibc", PICOLIBC] if picolibc else [f"{OVERLAYS}/newlib", NEWLIB]
    system = (cxx_headers() if tool in ("g++", "c++") else []) + libc
    kept = [RENAMED.get(a, a) for a in arguments if not DROPPED.fullmatch(a)]
    kept += ADDED + processor_of(prefix, arguments)
    for folder in system:
        kept += ["-isystem", folder]
    os.execvp(DEBIAN + tool, [DEBIAN + tool, *kept])


if __name__ == "__main__":
    main()
