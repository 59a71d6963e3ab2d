"""Markdown of what tern-bench and inference_speed.py measured on one CPU: the goals, then each layer beside its peers and
whole networks.

  goals_table.py FILE.json...

Reports of `tern-bench --json`, one for each instruction set (TERN_CPU), and of `inference_speed.py --json`, any number for
one thread and for two. Standard library only.
"""

import argparse
import json
import statistics
from pathlib import Path

ROWS = ("tern", "tern_fused", "onednn_int8", "onednn_int8_fused", "onednn_fp32")


def table(header, lines):
    rows = [header, ["---"] * len(header), *lines]
    return "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows) + "\n"


def cases(bench, prefix, needed):
    """By case, the rows by implementation, where the needed ones are there. Those not verified have no place here."""
    found = {}
    for row in bench["rows"]:
        if row["case"].startswith(prefix) and row["verified"]:
            found.setdefault(row["case"].removeprefix(prefix), {})[row["implementation"]] = row
    return {case: rows for case, rows in found.items() if all(name in rows for name in needed)}


def layers(bench, needed=ROWS):
    return cases(bench, "layer/", needed)


def network_seconds(bench, name):
    """Of the engine; None where it was not measured."""
    rows = cases(bench, "network/", ["tern_engine"]).get(name)
    return rows and rows["tern_engine"]["median_seconds"]


def ratio(rows, peer, ours):
    return rows[peer]["median_seconds"] / rows[ours]["median_seconds"]


def layer_table(bench):
    lines = [
        [case]
        + [f"{rows[name]['gmac_per_second']:.0f}" for name in ROWS]
        + [f"{ratio(rows, 'onednn_int8', 'tern'):.2f}", f"{ratio(rows, 'onednn_int8', 'tern_fused'):.2f}"]
        + [f"{ratio(rows, 'onednn_fp32', 'tern'):.1f}", f"{100 * rows['tern']['fraction_of_peak']:.0f}"]
        for case, rows in (layers(bench) | cases(bench, "small_layer/", ROWS)).items()
    ]
    header = [f"GMAC/s: {ROWS[0]}", *ROWS[1:], "tern : int8", "fused : int8", "tern : fp32", "% of peak"]
    facts = bench["machine"]
    threads = bench["rows"][0]["threads"]
    peaks = ", ".join(f"{name} {value:.1f}" for name, value in bench["peaks"].items())
    commit = f", commit {facts['commit']}" if "commit" in facts else ""  # older reports have none
    title = f"### {facts['instruction_set']}, {threads} thread, {facts['cpu']}, {facts['date']}{commit}\n\n"
    title += f"Peaks: {peaks}\n\n"
    return title + table(["layer", *header], lines)


def engine_table(benches):
    """Networks in the engine, by instruction set."""
    names = dict.fromkeys(name for bench in benches.values() for name in cases(bench, "network/", ["tern_engine"]))
    if not names:
        return ""
    lines = []
    for name in names:
        times = [network_seconds(bench, name) for bench in benches.values()]
        lines.append([name, *("" if time is None else f"{1e3 * time:.3f}" for time in times)])
    return "### Networks in the engine, ms\n\n" + table(["", *benches], lines)


def goal(what, wanted, values, unit=""):
    """A line: how many of the values reach it, and their range. With a unit, less is better."""
    values = sorted(values)
    reached = sum(value <= wanted if unit else value >= wanted for value in values)
    span = f"{values[0]:.2f}" if len(values) == 1 else f"{values[0]:.2f} to {values[-1]:.2f}"
    verdict = "yes" if reached == len(values) else "no" if reached == 0 else f"{reached} of {len(values)}"
    bound = f"at most {wanted:g} {unit}" if unit else f"at least {wanted:g}"
    return [what, bound, f"{span} {unit}".rstrip(), verdict]


def share_of_bit_planes(bench, row):
    """Of two popcounts a word. With one, as the packed kernels have it, more than all of it is possible."""
    return row["gmac_per_second"] / bench["peaks"]["bit_planes_gmac_per_second"]


def avx512_goals(benches):
    bench = benches["avx512"]
    found = layers(bench).values()
    return [
        goal("layers: convolution alone against onednn_int8", 2.5, [ratio(r, "onednn_int8", "tern") for r in found]),
        goal("layers: convolution alone against onednn_fp32", 9, [ratio(r, "onednn_fp32", "tern") for r in found]),
        goal("layers: fused against onednn_int8", 2.2, [ratio(r, "onednn_int8", "tern_fused") for r in found]),
        goal("layers: share of the bit-plane peak", 0.8, [share_of_bit_planes(bench, r["tern"]) for r in found]),
        *engine_goal("resnet18_ter/batch1", bench, 4.0, "ms", 1e3),
        *engine_goal("cifar_resnet20_ter/batch1", bench, 75, "us", 1e6),
        *batch_goal(bench),
    ]


def avx512bw_goals(benches):
    """Against the best int8 where this is the CPU's best; where it has more, against AVX2."""
    ours = layers(benches["avx512bw"])
    if "avx512" not in benches:
        ratios = [ratio(rows, "onednn_int8", "tern") for rows in ours.values()]
        return [goal("layers, avx512bw: convolution alone against onednn_int8", 1.5, ratios)]
    if "avx2" not in benches:
        return []
    theirs = layers(benches["avx2"])
    gains = [
        theirs[case]["tern"]["median_seconds"] / rows["tern"]["median_seconds"]
        for case, rows in ours.items()
        if case in theirs
    ]
    return [goal("layers, avx512bw: convolution alone against avx2", 1.6, gains)]


def avx2_goals(benches):
    bench = benches["avx2"]
    ratios = [ratio(rows, "onednn_int8", "tern") for rows in layers(bench).values()]
    return [
        goal("layers, avx2: convolution alone against onednn_int8 held to AVX2", 2, ratios),
        *engine_goal("cifar_resnet20_ter/batch1", bench, 126, "us", 1e6),
    ]


def engine_goal(name, bench, wanted, unit, units_per_second):
    """Nothing where it was not measured."""
    seconds = network_seconds(bench, name)
    what = f"{name}, {bench['machine']['instruction_set']}"
    return [goal(what, wanted, [seconds * units_per_second], unit)] if seconds else []


def batch_goal(bench):
    one, many = (network_seconds(bench, f"resnet18_ter/batch{count}") for count in (1, 16))
    return [goal("resnet18_ter, an image of 16 against one alone", 1, [16 * one / many])] if one and many else []


BENCH_GOALS = {"avx512": avx512_goals, "avx512bw": avx512bw_goals, "avx2": avx2_goals}


def fastest(reports, word):
    return min(row["median_seconds"] for report in reports for row in report["rows"] if word in row["name"])


def tern_seconds(reports):
    """Each report has Tern beside its peers."""
    return statistics.median(fastest([report], "Tern") for report in reports)


def inference_goals(one, two):
    """Reports of one thread, and of two."""
    goals = []
    if one:
        tern = tern_seconds(one)
        goals.append(goal("ResNet-18 against the fastest fp32", 5.5, [fastest(one, "fp32") / tern]))
        goals.append(goal("ResNet-18 against the fastest int8", 2.3, [fastest(one, "int8") / tern]))
    if one and two:
        goals.append(goal("ResNet-18, two threads against one", 1.8, [tern_seconds(one) / tern_seconds(two)]))
    return goals


def inference_table(reports):
    if not reports:
        return ""
    facts = reports[0]["conditions"]
    title = f"### ResNet-18, {facts['image_size']}x{facts['image_size']}, batch {facts['batch']}, "
    title += f"{facts['threads']} thread(s), {facts['cpu']}, {facts['date']}\n\n"
    lines = [
        [row["name"], *(f"{1e3 * row[key]:.2f}" for key in ("median_seconds", "min", "max"))]
        + [f"{row['tern_ratio']:.2f}" if "tern_ratio" in row else "", row["version"], row["code"]]
        for report in reports
        for row in report["rows"]
    ]
    return title + table(["", "median ms", "min", "max", "Tern is x times as fast", "version", "code"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", metavar="FILE", nargs="+", type=lambda path: json.loads(Path(path).read_text()))
    reports = parser.parse_args().reports
    benches = {report["machine"]["instruction_set"]: report for report in reports if "machine" in report}
    by_threads = {
        count: [r for r in reports if "conditions" in r and r["conditions"]["threads"] == count] for count in (1, 2)
    }
    goals = [line for name, make in BENCH_GOALS.items() if name in benches for line in make(benches)]
    goals += inference_goals(by_threads[1], by_threads[2])
    text = "".join(layer_table(bench) for bench in benches.values()) + engine_table(benches)
    text += "".join(inference_table(by_threads[count]) for count in by_threads)
    print(table(["goal", "wanted", "measured", "reached"], goals) + text.rstrip("\n"))


if __name__ == "__main__":
    main()
