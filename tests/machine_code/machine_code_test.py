#!/usr/bin/env python3
"""Compares the machine code of kernels/cuda with table.txt, which says what its columns mean:

  machine_code_test.py BUILD [--show]     BUILD: what the preset nvcc built (build/nvcc)

Needs no GPU. --show prints what every kernel of the files has, to write lines of the table.
"""

import argparse
import json
import re
import shlex
import sys
from pathlib import Path

from cubin import read_object

HERE = Path(__file__).resolve().parent
ARCHITECTURES = ("sm_80", "sm_90")
COLUMNS = ("loads", "stores", "tensor", "registers", "shared")


def read_table():
    """{file: [(line number, kernel, {column: text})]}"""
    table = {}
    for number, line in enumerate((HERE / "table.txt").read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            file, kernel, *cells = re.split(r"\s{2,}", line.strip())
            if len(cells) != len(COLUMNS):
                sys.exit(f"table.txt:{number}: {len(cells)} columns behind the kernel, expected {len(COLUMNS)}")
            table.setdefault(file, []).append((number, kernel, dict(zip(COLUMNS, cells))))
    return table


def object_of(build, file):
    """What the build makes of the file."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith(f"/kernels/cuda/{file}"):
            words = shlex.split(entry["command"])
            return Path(entry["directory"]) / words[words.index("-o") + 1]
    sys.exit(f"{file} is not among the files that {build} compiles")


def wrong_accesses(what, wanted, accesses):
    if wanted == "-":
        return
    counts = [tuple(map(int, part.split("x"))) for part in wanted.split("+")]
    for count, size in counts:
        if accesses[size] < count:
            yield f"{accesses[size]} {what} of {size} bytes, expected at least {count}"
    for size in set(accesses) - {size for _, size in counts}:
        yield f"{accesses[size]} {what} of {size} bytes, expected none"


def mistakes(kernel, wanted):
    """What is wrong with a kernel, in words."""
    yield from wrong_accesses("loads", wanted["loads"], kernel.loads)
    yield from wrong_accesses("stores", wanted["stores"], kernel.stores)
    if wanted["tensor"] != "-":
        count, name = wanted["tensor"].split("x")
        if kernel.instructions[name] < int(count):
            yield f"{kernel.instructions[name]} {name}, expected at least {count}"
    for column in ("registers", "shared"):
        if getattr(kernel, column) > int(wanted[column]):
            yield f"{getattr(kernel, column)} {column}, expected at most {wanted[column]}"


def local_memory(kernel):
    """Bytes of the stack and instructions that use local memory, in words; empty if there are none."""
    used = kernel.instructions["LDL"] + kernel.instructions["STL"]
    return f"local memory: a stack of {kernel.stack} bytes, {used} loads and stores" if used or kernel.stack else ""


def check(file, architecture, kernels, lines):
    """Prints what is wrong; how much that is."""
    found = [(kernel.name, local_memory(kernel)) for kernel in kernels if local_memory(kernel)]
    for number, pattern, wanted in lines:
        matching = [kernel for kernel in kernels if re.match(pattern, kernel.name)]
        if not matching:
            found.append((pattern, f"no such kernel (table.txt:{number})"))
        for kernel in matching:
            found += [(kernel.name, mistake) for mistake in mistakes(kernel, wanted)]
    for name, mistake in found:
        print(f"{file}, {architecture}: {name}: {mistake}")
    return len(found)


def show(kernel):
    def parts(accesses):
        return "+".join(f"{count}x{size}" for size, count in sorted(accesses.items(), reverse=True)) or "-"

    others = {name: count for name, count in kernel.instructions.items() if name not in ("LDG", "STG")}
    cells = (kernel.name, parts(kernel.loads), parts(kernel.stores), others or "-", kernel.registers, kernel.shared)
    print("  ".join(map(str, cells)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=lambda path: Path(path).resolve())
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    wrong = checked = 0
    for file, lines in read_table().items():
        found = read_object(object_of(arguments.build, file))
        for architecture in ARCHITECTURES:
            kernels = found.get(architecture)
            if kernels is None:
                sys.exit(f"{file} is not compiled for {architecture}: make test-nvcc configures what is read here")
            checked += len(kernels)
            if arguments.show:
                print(f"{file}, {architecture}")
                list(map(show, kernels))
            wrong += check(file, architecture, kernels, lines)
    print(f"machine_code_test.py: {checked} kernels, {wrong or 'nothing'} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
