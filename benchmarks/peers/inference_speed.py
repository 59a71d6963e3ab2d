"""Time of a whole ResNet-18 on the CPU: Tern's merged network against the float one in other runtimes, in fp32 and int8.
See README.md.

All contestants run in turn, again and again, on the same machine, so that a slow moment hits them all; medians are
compared. Exits with 1 if any of them fails; a runtime that is not installed is left out.
"""

import argparse
import json
import re
import statistics
import sys
from pathlib import Path

import numpy as np

from float_resnet18 import reference_logits
from machine import machine_facts, warn_if_busy
from measure_inference import TernInference, noise
from peer_litert import LiteRtInference
from peer_ncnn import NcnnInference
from peer_onnxruntime import OnnxRuntimeInference
from peer_openvino import OpenVinoInference
from peer_pytorch import TorchInference

# Largest distance of logits from the reference's, relative to the largest of them. Quantisation may err, but noticeably
# less than another network would.
TOLERANCE = {"fp32": 1e-3, "bf16": 2e-2, "int8": 0.1}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tern", required=True, help="the program tern-bench")
    parser.add_argument("--row", default="tern_engine", help="its implementation (%(default)s)")
    parser.add_argument("--peers", metavar="REGEX", default="", help="those whose title matches (all)")
    parser.add_argument("--threads", type=int, default=1, help="of each contestant (%(default)s)")
    parser.add_argument("--batch", type=int, choices=[1, 16], default=1, help="images at a time (%(default)s)")
    parser.add_argument("--size", type=int, default=224, help="of the peers' images (%(default)s, as tern-bench has it)")
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each contestant (%(default)s)")
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the results here, too")
    arguments = parser.parse_args()
    if min(arguments.threads, arguments.size, arguments.repeats) < 1 or arguments.seconds <= 0:
        parser.error("--threads, --size and --repeats are at least 1, --seconds more than 0")
    return arguments


def peers(arguments):
    """By title, the precision and a function that makes the contestant."""
    settings = (arguments.batch, arguments.size, arguments.threads)
    all_peers = {
        "onnxruntime, fp32": ("fp32", lambda: OnnxRuntimeInference(*settings)),
        "onnxruntime, int8 (QDQ, static)": ("int8", lambda: OnnxRuntimeInference(*settings, int8=True)),
        "PyTorch, fp32, traced and frozen": ("fp32", lambda: TorchInference(*settings, mode="traced")),
        "PyTorch, fp32, compiled": ("fp32", lambda: TorchInference(*settings, mode="compiled")),
        "PyTorch, int8, traced and frozen": ("int8", lambda: TorchInference(*settings, mode="int8")),
        "OpenVINO, fp32": ("fp32", lambda: OpenVinoInference(*settings, precision="f32")),
        "OpenVINO, bf16": ("bf16", lambda: OpenVinoInference(*settings, precision="bf16")),
        "OpenVINO, int8 (NNCF, static)": ("int8", lambda: OpenVinoInference(*settings, precision="int8")),
        "LiteRT (XNNPACK), fp32": ("fp32", lambda: LiteRtInference(*settings)),
        "LiteRT (XNNPACK), int8 (static)": ("int8", lambda: LiteRtInference(*settings, int8=True)),
        "ncnn, fp32": ("fp32", lambda: NcnnInference(*settings)),
        "ncnn, int8 (static)": ("int8", lambda: NcnnInference(*settings, int8=True)),
    }
    return {title: peer for title, peer in all_peers.items() if re.search(arguments.peers, title)}


def start(makers, expected):
    """The peers that are installed and right, by their logits for the first image; errors of the others."""
    started, errors = {}, {}
    for title, (precision, make) in makers.items():
        try:
            contestant = make()
            distance = np.abs(contestant.logits() - expected).max() / np.abs(expected).max()
            if not distance <= TOLERANCE[precision]:  # a NaN fails
                raise RuntimeError(f"its logits differ by {distance:.2g} of the largest")
            started[title] = contestant
        except ImportError as error:
            print(f"{title}: left out, {error}", file=sys.stderr)
        except Exception as error:  # whatever a runtime throws
            errors[title] = f"{type(error).__name__}: {error}"
    return started, errors


def measure(contestants, errors, repeats, seconds):
    """The times of each, one a repeat."""
    times = {title: [] for title in contestants}
    for repeat in range(repeats):
        for title in list(times):
            print(f"repeat {repeat + 1} of {repeats}: {title}", file=sys.stderr)
            try:
                times[title].append(contestants[title].measure(seconds))
            except Exception as error:
                errors[title] = f"{type(error).__name__}: {error}"
                del times[title]
    return times


def summarise(times, contestants, tern):
    rows = []
    for title, values in times.items():
        row = {"name": title, "version": contestants[title].version(), "code": contestants[title].code()}
        row.update(median_seconds=statistics.median(values), min=min(values), max=max(values))
        if tern in times:
            ratios = [value / ours for value, ours in zip(values, times[tern])]
            row["tern_ratio"] = row["median_seconds"] / statistics.median(times[tern])
            row["tern_ratio_min"], row["tern_ratio_max"] = min(ratios), max(ratios)
        rows.append(row)
    return rows


def print_report(facts, rows, errors):
    print(f"ResNet-18, {facts['image_size']}x{facts['image_size']}, batch {facts['batch']}, ", end="")
    print(f"{facts['threads']} threads, {facts['cpu']}, {facts['date']}\n")
    print(f"{'':34}{'median ms':>10}{'min':>8}{'max':>8}{'Tern is x times as fast':>25}  version, code")
    for row in rows:
        ratio = ""
        if "tern_ratio" in row:
            ratio = f"{row['tern_ratio']:.2f} ({row['tern_ratio_min']:.2f} to {row['tern_ratio_max']:.2f})"
        numbers = "".join(f"{1e3 * row[key]:{width}.2f}" for key, width in (("median_seconds", 10), ("min", 8), ("max", 8)))
        what = ", ".join(filter(None, (row["version"], row["code"])))
        print(f"{row['name']:34}{numbers}{ratio:>25}  {what}")
    for title, error in errors.items():
        print(f"{title:34}{error.splitlines()[0]}")


def main():
    arguments = parse_arguments()
    facts = machine_facts()
    warn_if_busy(facts)
    started, errors = start(peers(arguments), reference_logits(noise(arguments.batch, arguments.size, 0)))
    tern = f"Tern ({arguments.row})"
    contestants = {tern: TernInference(arguments.tern, arguments.row, arguments.batch, arguments.threads), **started}
    times = measure(contestants, errors, arguments.repeats, arguments.seconds)
    rows = summarise(times, contestants, tern)
    facts.update(
        threads=arguments.threads,
        batch=arguments.batch,
        image_size=arguments.size,
        repeats=arguments.repeats,
    )
    print_report(facts, rows, errors)
    if arguments.json:
        report = {"conditions": facts, "rows": rows, "errors": errors}
        Path(arguments.json).write_text(json.dumps(report, indent=2) + "\n")
    return 1 if errors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"inference_speed.py: {error}")
