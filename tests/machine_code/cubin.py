"""Reads the machine code in an object of nvcc, for sm_70 and later: what each kernel uses, and its instructions.

NVIDIA's cuobjdump and nvdisasm are not part of every toolkit; the little that the check needs is here: a section of the
object has a cubin, an ELF file too, for each architecture; an instruction has 128 bits. Opcodes and widths agree with
nvdisasm 13.0 for sm_80 and sm_90.
"""

import re
import struct
import subprocess
from collections import Counter
from dataclasses import dataclass, field

# The low 12 bits of an instruction, but for those that say where its operands are.
OPCODES = {0x181: "LDG", 0x186: "STG", 0x183: "LDL", 0x187: "STL", 0x03C: "HMMA", 0x037: "IMMA", 0x1AE: "LDGSTS"}
MEMORY_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 8, 6: 16}  # by bits 73 to 75
REGISTER_COUNT, FRAME_SIZE = 0x2F, 0x11  # attributes in .nv.info
FATBIN_MAGIC, FATBIN_CUBIN = 0xBA55ED50, 2


@dataclass
class Kernel:
    name: str  # demangled
    registers: int = 0
    stack: int = 0  # bytes a thread
    shared: int = 0  # bytes a block, without dynamic ones
    instructions: Counter = field(default_factory=Counter)  # of those in OPCODES
    loads: Counter = field(default_factory=Counter)  # from global memory, by bytes
    stores: Counter = field(default_factory=Counter)


def sections(elf):
    """(name, contents or None, size) of each, in order."""
    offset, count, names = struct.unpack_from("<Q", elf, 0x28)[0], *struct.unpack_from("<HH", elf, 0x3C)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, offset + i * 64) for i in range(count)]
    strings = headers[names][4]
    for name, kind, _, _, start, size, *_ in headers:
        end = elf.index(b"\0", strings + name)
        yield elf[strings + name : end].decode(), None if kind == 8 else elf[start : start + size], size


def attributes(info):
    """(attribute, symbol, value) of those that belong to a symbol."""
    at = 0
    while at + 4 <= len(info):
        form, attribute, size = struct.unpack_from("<BBH", info, at)
        if form == 4 and size == 8:
            yield attribute, *struct.unpack_from("<II", info, at + 4)
        at += 4 + (size if form == 4 else 0)


def symbol_names(elf_sections):
    symbols, strings = elf_sections[".symtab"], elf_sections[".strtab"]
    for at in range(0, len(symbols), 24):
        start = struct.unpack_from("<I", symbols, at)[0]
        yield strings[start : strings.index(b"\0", start)].decode()


def read_code(kernel, code):
    for at in range(0, len(code), 16):
        low, high = struct.unpack_from("<QQ", code, at)
        name = OPCODES.get(low & 0x1FF)
        if name is None:
            continue
        kernel.instructions[name] += 1
        if name in ("LDG", "STG"):
            widths = kernel.loads if name == "LDG" else kernel.stores
            widths[MEMORY_BYTES[high >> 9 & 7]] += 1


def demangle(names):
    """c++filt's names, without namespaces, parameters and result."""
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    noise = r"^void |\(anonymous namespace\)::|_GLOBAL__N__\w+::|tern::|kernels::|cuda::"
    plain = (re.sub(noise, "", line) for line in done.stdout.splitlines())
    return [re.sub(r"^([^<(]*(?:<.*>)?)\(.*", r"\1", name) for name in plain]


def read_object(path):
    """{"sm_80": its kernels, ...} of an object of nvcc, made without PTX: with -real architectures."""
    fatbin = next((contents for name, contents, _ in sections(path.read_bytes()) if name == ".nv_fatbin"), b"")
    kernels, at = {}, 0
    while at < len(fatbin):
        magic, _, header_bytes, entries_bytes = struct.unpack_from("<IHHQ", fatbin, at)
        at += header_bytes
        end = at + entries_bytes
        while at < end:
            kind, _, header_bytes, cubin_bytes = struct.unpack_from("<HHIQ", fatbin, at)
            cubin = fatbin[at + header_bytes : at + header_bytes + cubin_bytes]
            if magic != FATBIN_MAGIC or kind != FATBIN_CUBIN or not cubin.startswith(b"\x7fELF"):
                raise ValueError(f"{path}: expected uncompressed cubins, and nothing else")
            architecture = struct.unpack_from("<I", fatbin, at + 28)[0]
            kernels[f"sm_{architecture}"] = read_cubin(cubin)
            at += header_bytes + cubin_bytes
    return kernels


def read_cubin(elf):
    """The kernels of a cubin."""
    all_sections = list(sections(elf))
    by_name = {name: contents for name, contents, _ in all_sections}
    kernels = {name[6:]: Kernel("") for name, _, _ in all_sections if name.startswith(".text.")}
    for name, contents, size in all_sections:
        if name.startswith(".text."):
            read_code(kernels[name[6:]], contents)
        elif name.startswith(".nv.shared.") and name[11:] in kernels:
            kernels[name[11:]].shared = size
    symbols = list(symbol_names(by_name))
    for attribute, symbol, value in attributes(by_name[".nv.info"]):
        kernel = kernels.get(symbols[symbol])
        if kernel is not None and attribute == REGISTER_COUNT:
            kernel.registers = value
        elif kernel is not None and attribute == FRAME_SIZE:
            kernel.stack = value
    for kernel, name in zip(kernels.values(), demangle(kernels)):
        kernel.name = name
    return list(kernels.values())
