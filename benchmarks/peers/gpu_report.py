"""Runs the steps of scripts/gpu_steps.sh one by one, keeps what became of each, and writes the report.

  gpu_report.py run OUT STAGE NAME [--limit SECONDS] [--left SECONDS] -- COMMAND...
  gpu_report.py skip OUT STAGE NAME REASON
  gpu_report.py library OUT NAME PATH
  gpu_report.py write OUT

`run` exits with 1 if the command fails or runs past its limit, or beyond what is left of the call, in which case the step
is unfinished and not failed; `write` if any step failed, or none passed. The last line that a command prints is its result
in the report where it begins with "result: ". `library` says where one of NVIDIA's libraries was found, or that it was not.
Standard library only.
"""

import argparse
import datetime
import json
import math
import os
import platform
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from goals_table import layers
from machine import tern_commit

STAGES = "library build test bench train accuracy memcheck racecheck initcheck synccheck".split()
CUDNN = "cudnn_int8 cudnn_int8_saturated cudnn_bf16 cudnn_tf32 cudnn_fp32".split()  # rows of tern-bench
LOG_LINES = 40  # of a failed step, in the report
ROOT = Path(__file__).resolve().parents[2]


def first_line(command):
    """The first line a command prints, None if it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return None
    return (done.stdout.strip().splitlines() or [None])[0]


def machine():
    query = "name,driver_version,memory.total,compute_cap"
    gpu = first_line(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"])
    nvcc = subprocess.run("nvcc --version | grep release", shell=True, capture_output=True, text=True).stdout
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": tern_commit(),
        "device": dict(zip(query.split(","), gpu.split(", "))) if gpu else None,
        "cuda": nvcc.strip() or None,
        "cores": os.cpu_count(),
        "system": platform.platform(),
    }


def build(out):
    """What the configuration of the build says of CUDA, cuDNN and the GPUs that it compiles for."""
    log = out / "logs" / "build-configure.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    found = [line.split("CUDA backend: ", 1)[1] for line in lines if "CUDA backend: " in line]
    return found[-1] if found else None


def record(out, stage, name, **result):
    folder = out / "steps"
    folder.mkdir(parents=True, exist_ok=True)
    step = {"stage": stage, "name": name, **result}
    (folder / f"{stage}-{name}.json").write_text(json.dumps(step, indent=2) + "\n")
    print(f"== {stage}, {name}: {result['status']} {result.get('reason', '')}".rstrip(), flush=True)


def run_logged(command, log, limit):
    """Exit status of the command, whose output goes to the file; None if it was ended at the limit."""
    start = time.monotonic()
    with open(log, "wb") as file:
        # A process group of its own, so that the limit ends the command's children as well.
        child = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = child.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            status = None
    return status, time.monotonic() - start


def run(arguments):
    logs = arguments.out / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{arguments.stage}-{arguments.name}.log"
    print(f"== {arguments.stage}, {arguments.name}: {shlex.join(arguments.command)}", flush=True)
    try:
        exit_status, seconds = run_logged(arguments.command, log, min(arguments.limit, arguments.left))
    except OSError as error:
        log.write_text(f"{error}\n")
        exit_status, seconds = str(error), 0.0
    if exit_status is None and arguments.left < arguments.limit:
        status, reason = "unfinished", "(this call had no more time; the next begins it again)"
    elif exit_status is None:
        status, reason = "failed", "(time limit)"
    else:
        status, reason = ("failed", f"({exit_status})") if exit_status else ("passed", "")
    record(
        arguments.out,
        arguments.stage,
        arguments.name,
        status=status,
        reason=" ".join(filter(None, [reason, result_line(log)])),
        seconds=round(seconds, 1),
        command=shlex.join(arguments.command),
        log=str(log.relative_to(arguments.out)),
    )
    return 0 if status == "passed" else 1


def result_line(log):
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1].removeprefix("result: ") if lines and lines[-1].startswith("result: ") else ""


def library(arguments):
    status = "found" if arguments.path else "missing"
    record(arguments.out, "library", arguments.name, status=status, reason=arguments.path)
    return 0


def skip(arguments):
    record(arguments.out, arguments.stage, arguments.name, status="skipped", reason=arguments.reason)
    return 0


def read_steps(out):
    steps = [json.loads(path.read_text()) for path in (out / "steps").glob("*.json")]
    order = {stage: i for i, stage in enumerate(STAGES)}
    return sorted(steps, key=lambda step: (order.get(step["stage"], len(order)), step["name"]))


def read_json(path):
    return json.loads(path.read_text()) if path.exists() else None


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def training_table(measurements):
    rows = [
        [
            measurement["conditions"]["batch"],
            row["name"],
            f"{row['median']:.0f}" if "median" in row else "",
            f"{row['tern_ratio']:.2f}" if "tern_ratio" in row else "",
            f"{row['peak_memory_bytes'] / 1e9:.2f}" if row.get("peak_memory_bytes") else "",
            "".join(row.get("error", "").splitlines()[-1:]),
        ]
        for measurement in measurements
        for row in measurement["rows"]
    ]
    return table(["batch", "", "images/s", "Tern is x times as fast", "peak GB", "error"], rows)


def bench_row(row):
    name = [row["case"], row["implementation"]]
    if not row["verified"]:
        verdict = "skipped" if row.get("skipped") else "wrong"
        return name + [f"{verdict}: {row['problem']}".replace("|", "/").replace("\n", " "), "", "", ""]
    peak = f"{100 * row['fraction_of_peak']:.0f}" if row["fraction_of_peak"] else ""
    times = [f"{row['median_seconds'] * 1e6:.1f}", f"{row['gmac_per_second']:.1f}", f"{row['gb_per_second']:.1f}"]
    return name + times + [peak]


def bench_text(bench):
    peaks = ", ".join(f"{name} {value:.1f}" for name, value in bench["peaks"].items())
    header = ["case", "implementation", "us", "GMAC/s", "GB/s", "% of peak"]
    commit = bench["machine"].get("commit", "unknown")
    return f"\n## Microbenchmarks, commit {commit}\n\nPeaks: {peaks}\n\n" + table(header, map(bench_row, bench["rows"]))


def layers_text(bench):
    """Tern's ternary convolutions on tensor cores beside cuDNN's."""
    lines = []
    for layer, rows in layers(bench, needed=["tern"]).items():
        ours = rows["tern"]
        ratios = [
            f"{rows[peer]['median_seconds'] / ours['median_seconds']:.2f}" if peer in rows else "" for peer in CUDNN
        ]
        lines.append([layer, f"{ours['median_seconds'] * 1e6:.1f}", f"{100 * ours['fraction_of_peak']:.0f}", *ratios])
    return "\n### Layers: Tern is x times as fast\n\n" + table(["layer", "tern, us", "% of peak", *CUDNN], lines)


def markdown(report):
    facts = report["machine"]
    device = facts["device"] or {}
    text = f"# Check on {device.get('name', 'no GPU')}\n\n"
    text += table(["", ""], [[key, value] for key, value in {**device, **facts}.items() if key != "device"])
    text += "\n## Steps\n\n" + table(
        ["stage", "step", "result", "s", "command"],
        [
            [s["stage"], s["name"], f"{s['status']} {s['reason']}".rstrip(), s.get("seconds", ""),
             f"`{s['command']}`" if "command" in s else ""]
            for s in report["steps"]
        ],
    )
    if report["bench"]:
        text += bench_text(report["bench"]) + layers_text(report["bench"])
    if report["training"]:
        facts = report["training"][0]["conditions"]
        size = facts["image_size"]
        text += f"\n## Training {facts['model']}, {size}x{size}, PyTorch {facts['torch']}\n\n"
        text += training_table(report["training"])
    for step in report["steps"]:
        if step["status"] == "failed":
            text += f"\n## {step['stage']}, {step['name']}: the end of its log\n\n```\n{step['log_end']}```\n"
    return text


def write(arguments):
    out = arguments.out
    steps = read_steps(out)
    for step in steps:
        if step["status"] == "failed":
            lines = (out / step["log"]).read_text(errors="replace").splitlines()[-LOG_LINES:]
            step["log_end"] = "".join(line + "\n" for line in lines)
    report = {
        "machine": {**machine(), "build": build(out)},
        "steps": steps,
        "bench": read_json(out / "bench.json"),
        "training": sorted(
            map(read_json, out.glob("training-*.json")), key=lambda measurement: measurement["conditions"]["batch"]
        ),
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    (out / "report.md").write_text(markdown(report))
    results = [step["status"] for step in steps]
    counts = ", ".join(f"{results.count(result)} {result}" for result in ("passed", "failed", "skipped", "unfinished"))
    print(f"{out / 'report.md'}: {counts}")
    return 0 if "failed" not in results and "passed" in results else 1


ACTIONS = {"run": run, "skip": skip, "library": library, "write": write}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    actions = parser.add_subparsers(dest="action", required=True)
    added = {name: actions.add_parser(name) for name in ACTIONS}
    for name, action in added.items():
        action.add_argument("out", type=Path)
        if name in ("run", "skip"):
            action.add_argument("stage")
        if name != "write":
            action.add_argument("name")
    added["skip"].add_argument("reason")
    added["library"].add_argument("path", help="empty where it was not found")
    added["run"].add_argument("--limit", type=float, default=math.inf, help="seconds")
    added["run"].add_argument("--left", type=float, default=math.inf, help="seconds until the call has to end")
    added["run"].add_argument("command", nargs="+")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse_arguments()
    sys.exit(ACTIONS[chosen.action](chosen))
