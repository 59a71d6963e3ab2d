#!/usr/bin/env python3
"""muon_golden.py > muon_golden.h: steps of Muon as its authors' code has them (https://github.com/KellerJordan/Muon,
muon_update), written out in double precision. Needs nothing but Python."""
import math

STEPS, LR = 3, 0.03125


def product(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def transposed(a):
    return [list(column) for column in zip(*a)]


def combined(a, x, b, y):
    return [[a * p + b * q for p, q in zip(row, other)] for row, other in zip(x, y)]


def zeropower(g):
    """zeropower_via_newtonschulz5"""
    tall = len(g) > len(g[0])
    x = transposed(g) if tall else g
    norm = math.sqrt(sum(v * v for row in x for v in row)) + 1e-7
    x = [[v / norm for v in row] for row in x]
    for _ in range(5):
        a = product(x, transposed(x))
        b = combined(-4.7750, a, 2.0315, product(a, a))
        x = combined(3.4445, x, 1, product(b, x))
    return transposed(x) if tall else x


def muon(rows, columns, momentum, nesterov, weight_decay):
    count = rows * columns
    shaped = lambda values: [values[i * columns : (i + 1) * columns] for i in range(rows)]
    w = shaped([(i * 37 % 64 - 32) / 32 for i in range(count)])
    m = shaped([0.0] * count)
    for t in range(STEPS):
        g = shaped([(i * 13 + t * 29) % 128 / 64 - 1 for i in range(count)])
        m = combined(momentum, m, 1 - momentum, g)
        update = zeropower(combined(1 - momentum, g, momentum, m) if nesterov else m)
        w = combined(1 - LR * weight_decay, w, -LR * math.sqrt(max(1, rows / columns)), update)
    return [v for row in w for v in row]


def main():
    print("// Written by muon_golden.py; do not edit.\n#pragma once\n\n#include <vector>\n\nnamespace tern::test {\n")
    print("// clang-format off")
    print(f"constexpr int kMuonSteps = {STEPS};\nconstexpr double kMuonLr = {LR};")
    for name, arguments in {
        "kMuonWide": (3, 8, 0.95, True, 0),
        "kMuonTall": (8, 3, 0.95, True, 0),
        "kMuonPlain": (3, 8, 0.75, False, 0.5),
    }.items():
        values = ", ".join(f"{v:.9f}F" for v in muon(*arguments))
        print(f"inline const std::vector<float> {name}{{{values}}};")
    print("// clang-format on\n\n}  // namespace tern::test")


main()
