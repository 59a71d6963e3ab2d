"""Training images/s of cifar_resnet20_bwx2: Tern against the same network in PyTorch. See README.md.

All contestants run in turn, again and again, on the same machine with the same threads, so that a slow moment
hits them all; medians are compared. Exits with 1 if anything fails, without a result.
"""

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import torch

from measure_pytorch import CLASSES, PyTorchTraining
from measure_tern import TernTraining

MODEL = "cifar_resnet20_bwx2"
TERN = "Tern"
TWO = "PyTorch, two convolutions"
ONE = "PyTorch, one convolution"
FIRST_LOSS_TOLERANCE = 0.3  # from ln(classes): the initial logits are small
QUIET_LOAD = 0.5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tern", required=True, help="the program tern-train; tern-data lies beside it")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each side (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each contestant (%(default)s)")
    parser.add_argument("--steps", type=int, default=40, help="timed steps of a measurement (%(default)s)")
    parser.add_argument("--batch", type=int, default=128, help="images in a step (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the results here, too")
    arguments = parser.parse_args()
    if min(arguments.threads, arguments.repeats, arguments.steps) < 1:
        parser.error("--threads, --repeats and --steps are at least 1")
    if arguments.batch < CLASSES:
        parser.error(f"--batch is at least {CLASSES}, an image of each class")
    return arguments


def make_contestants(arguments):
    contestants = {TERN: TernTraining(arguments.tern, MODEL, arguments.batch, arguments.threads)}
    for title, merged in ((TWO, False), (ONE, True)):
        for layout, channels_last in (("NCHW", False), ("channels last", True)):
            contestants[f"{title}, {layout}"] = PyTorchTraining(
                arguments.batch, arguments.threads, channels_last, merged
            )
    return contestants


def check_first_losses(contestants):
    """A contestant that computes something else must not be timed."""
    for name, contestant in contestants.items():
        loss = contestant.first_loss()
        if not abs(loss - math.log(CLASSES)) <= FIRST_LOSS_TOLERANCE:  # a NaN fails
            raise RuntimeError(f"{name}: the loss of the first step is {loss}, expected about ln({CLASSES})")


def measure(contestants, repeats, steps):
    """Images/s of each contestant, one number a repeat."""
    speeds = {name: [] for name in contestants}
    for repeat in range(repeats):
        for name, contestant in contestants.items():
            print(f"repeat {repeat + 1} of {repeats}: {name}", file=sys.stderr)
            speeds[name].append(contestant.images_per_second(steps))
    return speeds


def cpu_model():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def tern_commit():
    """Of the checkout that this script lies in, from which tern-train should have been built."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def conditions(arguments):
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "threads": arguments.threads,
        "model": MODEL,
        "batch": arguments.batch,
        "steps": arguments.steps,
        "repeats": arguments.repeats,
        "tern_checkout": tern_commit(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def summarise(speeds):
    """Median and spread of each row, and by which factor Tern is faster: of the medians, and in each repeat."""
    rows = []
    for name, values in speeds.items():
        ratios = [tern / other for tern, other in zip(speeds[TERN], values)]
        rows.append(
            {
                "name": name,
                "median": statistics.median(values),
                "min": min(values),
                "max": max(values),
                "values": values,
                "tern_ratio": statistics.median(speeds[TERN]) / statistics.median(values),
                "tern_ratio_min": min(ratios),
                "tern_ratio_max": max(ratios),
            }
        )
    return rows


def fastest(rows, prefix):
    return max((row for row in rows if row["name"].startswith(prefix)), key=lambda row: row["median"])


def print_report(facts, rows):
    print(f"{facts['model']}, batch {facts['batch']}, {facts['threads']} threads, {facts['cpu']}")
    print(f"Tern (checkout) {facts['tern_checkout']}, PyTorch {facts['torch']}, Python {facts['python']}")
    print(f"{facts['system']}, {facts['date']}")
    print(f"training images/s, {facts['repeats']} repeats of {facts['steps']} steps, alternated\n")
    print(f"{'':42}{'median':>9}{'min':>9}{'max':>9}{'Tern is x times as fast':>26}")
    for row in rows:
        spread = f"{row['tern_ratio']:.2f} ({row['tern_ratio_min']:.2f} to {row['tern_ratio_max']:.2f})"
        print(f"{row['name']:42}{row['median']:9.1f}{row['min']:9.1f}{row['max']:9.1f}{spread:>26}")
    for prefix in (TWO, ONE):
        peer = fastest(rows, prefix)
        print(f"\nTern against {peer['name']}: {peer['tern_ratio']:.2f}x", end="")
    print()


def main():
    arguments = parse_arguments()
    facts = conditions(arguments)
    if facts["load_average"] > QUIET_LOAD:
        load = facts["load_average"]
        print(f"warning: the load average is {load:.1f}; others disturb the numbers", file=sys.stderr)
    contestants = make_contestants(arguments)
    try:
        check_first_losses(contestants)
        rows = summarise(measure(contestants, arguments.repeats, arguments.steps))
    finally:
        contestants[TERN].close()
    print_report(facts, rows)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"conditions": facts, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError) as error:
        sys.exit(f"training_speed.py: {error}")
