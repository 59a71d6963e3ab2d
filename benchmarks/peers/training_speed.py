"""Training images/s of an STTN ResNet: Tern against the same network in PyTorch. See README.md.

All contestants run in turn, again and again, on the same machine, so that a slow moment hits them all; medians are
compared. Exits with 1 if any of them fails.
"""

import argparse
import json
import math
import os
import statistics
import sys
from pathlib import Path

from machine import machine_facts, warn_if_busy
from measure_tern import TernTraining

try:
    import torch

    from measure_pytorch import PyTorchTraining, Variant
except ImportError:
    torch = None

TERN = "Tern"
FIRST_LOSS_TOLERANCE = 0.3  # from ln(classes): the initial logits are small

# The networks by Tern's names, with the arguments of sttn_pytorch.SttnResNet.
NETWORKS = {
    "cifar_resnet20_bwx2": {"size": 32, "arguments": {"classes": 10}},
    "resnet18_bwx2": {
        "size": 224,
        "arguments": {
            "widths": (64, 128, 256, 512),
            "depths": (2, 2, 2, 2),
            "classes": 1000,
            "stem": "imagenet",
        },
    },
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tern", required=True, help="the program tern-train; tern-data lies beside it")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="(%(default)s)")
    parser.add_argument("--model", choices=NETWORKS, default="cifar_resnet20_bwx2", help="(%(default)s)")
    parser.add_argument("--size", type=int, help="height and width of the images (default: the model's)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each side (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each contestant (%(default)s)")
    parser.add_argument("--steps", type=int, default=40, help="timed steps of a measurement (%(default)s)")
    parser.add_argument("--batch", type=int, default=128, help="images in a step (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the results here, too")
    arguments = parser.parse_args()
    arguments.size = arguments.size or NETWORKS[arguments.model]["size"]
    if min(arguments.threads, arguments.repeats, arguments.steps, arguments.batch, arguments.size) < 1:
        parser.error("--threads, --repeats, --steps, --batch and --size are at least 1")
    return arguments


def pytorch_variants(device):
    """By title. The official code is eager, two convolutions a pair, in PyTorch's default layout."""
    if device == "cpu":
        return {
            f"PyTorch, {count}, {layout}": Variant(merged, channels_last)
            for count, merged in (("two convolutions", False), ("one convolution", True))
            for layout, channels_last in (("NCHW", False), ("channels last", True))
        }
    return {
        "PyTorch, two convolutions, fp32": Variant(merged=False, channels_last=False),
        "PyTorch, two convolutions, tf32": Variant(merged=False, channels_last=False, precision="tf32"),
        "PyTorch, one convolution, compiled, channels last, bf16": Variant(
            merged=True, channels_last=True, precision="bf16", compiled=True
        ),
    }


def contestants(arguments):
    """By title, a function that makes each; Tern's begin with its name."""
    network = NETWORKS[arguments.model]["arguments"]
    settings = (arguments.size, arguments.batch, arguments.device, arguments.threads)
    on_gpu = {f"{TERN}, {precision}": precision for precision in ("fp32", "tf32", "bf16")}
    precisions = {TERN: "fp32"} if arguments.device == "cpu" else on_gpu
    makers = {
        title: lambda p=precision: TernTraining(arguments.tern, arguments.model, network["classes"], *settings, p)
        for title, precision in precisions.items()
    }
    if torch is None:
        print("PyTorch is not installed: Tern is measured alone", file=sys.stderr)
    else:
        for title, variant in pytorch_variants(arguments.device).items():
            makers[title] = lambda v=variant: PyTorchTraining(network, *settings, v)
    return makers


def describe(error):
    return str(error).strip() or type(error).__name__


def start(makers, classes):
    """The contestants, each after its first step; one that fails is an error instead."""
    started, errors = {}, {}
    for name, make in makers.items():
        try:
            started[name] = make()
            loss = started[name].first_loss()
            # One that computes something else must not be timed.
            if not abs(loss - math.log(classes)) <= FIRST_LOSS_TOLERANCE:  # a NaN fails
                raise RuntimeError(f"the loss of the first step is {loss}, expected about ln({classes})")
        except Exception as error:  # whatever a framework throws
            errors[name] = describe(error)
            if name in started:
                started.pop(name).close()
    return started, errors


def measure(started, errors, repeats, steps):
    """What each measured, once a repeat; one that fails leaves the field."""
    results = {name: [] for name in started}
    for repeat in range(repeats):
        for name in list(started):
            print(f"repeat {repeat + 1} of {repeats}: {name}", file=sys.stderr)
            try:
                results[name].append(started[name].measure(steps))
            except Exception as error:
                errors[name] = describe(error)
                del results[name]
                started.pop(name).close()
    return results


def conditions(arguments):
    return {
        **machine_facts(),
        "device": torch.cuda.get_device_name() if torch and arguments.device == "cuda" else arguments.device,
        "threads": arguments.threads,
        "model": arguments.model,
        "image_size": arguments.size,
        "batch": arguments.batch,
        "steps": arguments.steps,
        "repeats": arguments.repeats,
        "torch": torch.__version__ if torch else None,
    }


def summarise(results, errors):
    """Median and spread of each row, and by which factor Tern's quickest is faster: of the medians, and in each
    repeat."""
    speeds = {name: [result["images_per_second"] for result in values] for name, values in results.items()}
    tern = max(
        (values for name, values in speeds.items() if name.startswith(TERN)), key=statistics.median, default=None
    )
    rows = []
    for name, values in speeds.items():
        row = {
            "name": name,
            "median": statistics.median(values),
            "min": min(values),
            "max": max(values),
            "values": values,
            "peak_memory_bytes": results[name][-1]["peak_memory_bytes"],
        }
        if tern is not None:
            ratios = [ours / other for ours, other in zip(tern, values)]
            row["tern_ratio"] = statistics.median(tern) / row["median"]
            row["tern_ratio_min"], row["tern_ratio_max"] = min(ratios), max(ratios)
        rows.append(row)
    return rows + [{"name": name, "error": error} for name, error in errors.items()]


def print_report(facts, rows):
    print(f"{facts['model']}, {facts['image_size']}x{facts['image_size']}, batch {facts['batch']}, ", end="")
    print(f"{facts['device']}, {facts['threads']} threads, {facts['cpu']}")
    print(f"Tern (checkout) {facts['tern_checkout']}, PyTorch {facts['torch']}, Python {facts['python']}")
    print(f"{facts['system']}, {facts['date']}")
    print(f"training images/s, {facts['repeats']} repeats of {facts['steps']} steps, alternated\n")
    print(f"{'':56}{'median':>9}{'min':>9}{'max':>9}{'peak MB':>9}{'Tern is x times as fast':>26}")
    for row in rows:
        if "error" in row:
            print(f"{row['name']:56}{row['error'].splitlines()[-1]}")
            continue
        memory = f"{row['peak_memory_bytes'] / 1e6:.0f}" if row["peak_memory_bytes"] else ""
        ratio = ""
        if "tern_ratio" in row:
            ratio = f"{row['tern_ratio']:.2f} ({row['tern_ratio_min']:.2f} to {row['tern_ratio_max']:.2f})"
        speed = f"{row['median']:9.1f}{row['min']:9.1f}{row['max']:9.1f}"
        print(f"{row['name']:56}{speed}{memory:>9}{ratio:>26}")


def main():
    arguments = parse_arguments()
    facts = conditions(arguments)
    if arguments.device == "cpu":
        warn_if_busy(facts)
    started, errors = start(contestants(arguments), NETWORKS[arguments.model]["arguments"]["classes"])
    try:
        rows = summarise(measure(started, errors, arguments.repeats, arguments.steps), errors)
    finally:
        for contestant in started.values():
            contestant.close()
    print_report(facts, rows)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"conditions": facts, "rows": rows}, indent=2) + "\n")
    return 1 if errors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"training_speed.py: {error}")
