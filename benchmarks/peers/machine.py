"""What a reader of measurements must know of the machine, and what else disturbs them."""

import datetime
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

QUIET_LOAD = 0.5


def cpu_model():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def instruction_sets():
    """What decides how fast integers are multiplied or counted, as Linux names it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    flags = next((line.split(":", 1)[1].split() for line in lines if line.startswith(("flags", "Features"))), [])
    return [flag for flag in flags if re.match(r"avx|amx|asimd|sve|i8mm", flag)]


def tern_commit():
    """Of the checkout that this script lies in, from which the programs should have been built; or, in what
    scripts/gpu_bundle.sh packs, of that which they were built from."""
    packed = Path(__file__).resolve().parents[2] / "commit"
    if packed.exists():
        return packed.read_text().strip()
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine_facts():
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "instruction_sets": instruction_sets(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "tern_checkout": tern_commit(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def warn_if_busy(facts):
    if facts["load_average"] > QUIET_LOAD:
        load = facts["load_average"]
        print(f"warning: the load average is {load:.1f}; others disturb the numbers", file=sys.stderr)
