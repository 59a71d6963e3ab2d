"""Markdown of what tern-bench and inference_speed.py measured: each layer beside its peers, then the goals.

  goals_table.py --avx512 BENCH.json [--avx2 BENCH.json] [--network INFERENCE.json] [--two-threads INFERENCE.json]

BENCH.json is a report of `tern-bench --filter layer --json`, that for AVX2 with TERN_CPU=avx2; INFERENCE.json one of
`inference_speed.py --json`, the second with --threads 2. Standard library only.
"""

import argparse
import json
from pathlib import Path

ROWS = ("tern", "tern_fused", "onednn_int8", "onednn_int8_fused", "onednn_fp32")


def table(header, lines):
    rows = [header, ["---"] * len(header), *lines]
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows) + "\n"


def layers(bench, needed=ROWS):
    """By case, the rows by implementation, where the needed ones are there. Those not verified have no place here."""
    cases = {}
    for row in bench["rows"]:
        if row["case"].startswith("layer/") and row["verified"]:
            cases.setdefault(row["case"].removeprefix("layer/"), {})[row["implementation"]] = row
    return {case: rows for case, rows in cases.items() if all(name in rows for name in needed)}


def ratio(rows, peer, ours):
    return rows[peer]["median_seconds"] / rows[ours]["median_seconds"]


def layer_table(bench):
    lines = [
        [case]
        + [f"{rows[name]['gmac_per_second']:.0f}" for name in ROWS]
        + [f"{ratio(rows, 'onednn_int8', 'tern'):.2f}", f"{ratio(rows, 'onednn_int8', 'tern_fused'):.2f}"]
        + [f"{ratio(rows, 'onednn_fp32', 'tern'):.1f}", f"{100 * rows['tern']['fraction_of_peak']:.0f}"]
        for case, rows in layers(bench).items()
    ]
    header = [f"GMAC/s: {ROWS[0]}", *ROWS[1:], "tern : int8", "fused : int8", "tern : fp32", "% of peak"]
    facts = bench["machine"]
    threads = bench["rows"][0]["threads"]
    peaks = ", ".join(f"{name} {value:.1f}" for name, value in bench["peaks"].items())
    commit = f", commit {facts['commit']}" if "commit" in facts else ""  # older reports have none
    title = f"### {facts['instruction_set']}, {threads} thread, {facts['cpu']}, {facts['date']}{commit}\n\n"
    title += f"Peaks: {peaks}\n\n"
    return title + table(["layer", *header], lines)


def goal(what, wanted, values):
    """A line: how many of the values reach it, and their range."""
    values = sorted(values)
    reached = sum(value >= wanted for value in values)
    span = f"{values[0]:.2f}" if len(values) == 1 else f"{values[0]:.2f} to {values[-1]:.2f}"
    verdict = "yes" if reached == len(values) else "no" if reached == 0 else f"{reached} of {len(values)}"
    return [what, f"{wanted:g}", span, verdict]


def share_of_bit_planes(bench, row):
    """Of two popcounts a word. With one, as the packed kernels have it, more than all of it is possible."""
    return row["gmac_per_second"] / bench["peaks"]["bit_planes_gmac_per_second"]


def layer_goals(bench):
    cases = layers(bench).values()
    return [
        goal("layers: convolution alone against onednn_int8", 2.5, [ratio(r, "onednn_int8", "tern") for r in cases]),
        goal("layers: convolution alone against onednn_fp32", 9, [ratio(r, "onednn_fp32", "tern") for r in cases]),
        goal("layers: fused against onednn_int8", 2.2, [ratio(r, "onednn_int8", "tern_fused") for r in cases]),
        goal("layers: share of the bit-plane peak", 0.8, [share_of_bit_planes(bench, r["tern"]) for r in cases]),
    ]


def avx2_goals(bench):
    ratios = [ratio(rows, "onednn_int8", "tern") for rows in layers(bench).values()]
    return [goal("layers, AVX2: convolution alone against onednn_int8 held to AVX2", 2, ratios)]


def times(inference):
    return {row["name"]: row["median_seconds"] for row in inference["rows"]}


def fastest(inference, word):
    return min(time for name, time in times(inference).items() if word in name)


def network_goals(inference):
    tern = fastest(inference, "Tern")
    return [
        goal("ResNet-18 against the fastest fp32", 5.5, [fastest(inference, "fp32") / tern]),
        goal("ResNet-18 against the fastest int8", 1.8, [fastest(inference, "int8") / tern]),
    ]


def network_table(inference):
    facts = inference["conditions"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    title = f"### ResNet-18, {facts['image_size']}x{facts['image_size']}, batch {facts['batch']}, "
    title += f"{facts['threads']} thread(s), {facts['cpu']}, {facts['date']}\n\n{versions}\n\n"
    lines = [
        [row["name"], *(f"{1e3 * row[key]:.2f}" for key in ("median_seconds", "min", "max"))]
        + [f"{row['tern_ratio']:.2f}" if "tern_ratio" in row else ""]
        for row in inference["rows"]
    ]
    return title + table(["", "median ms", "min", "max", "Tern is x times as fast"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("avx512", "avx2", "network", "two-threads"):
        parser.add_argument(f"--{name}", type=lambda path: json.loads(Path(path).read_text()))
    given = parser.parse_args()
    goals, text = [], ""
    if given.avx512:
        goals += layer_goals(given.avx512)
        text += layer_table(given.avx512)
    if given.avx2:
        goals += avx2_goals(given.avx2)
        text += layer_table(given.avx2)
    if given.network:
        goals += network_goals(given.network)
        text += network_table(given.network)
    if given.two_threads:
        text += network_table(given.two_threads)
    if given.network and given.two_threads:
        scaling = fastest(given.network, "Tern") / fastest(given.two_threads, "Tern")
        goals.append(goal("ResNet-18, two threads against one", 1.8, [scaling]))
    print(table(["goal", "wanted, at least", "measured", "reached"], goals) + text, end="")


if __name__ == "__main__":
    main()
