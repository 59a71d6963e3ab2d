"""What the contestants of inference_speed.py share, and Tern itself. Each of the others has a file of its own."""

import importlib.metadata
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from measure_tern import run

DISTINCT_IMAGES = 4
CALIBRATION_SEEDS = range(100, 116)


def noise(batch, size, seed):
    return np.random.default_rng(seed).normal(0, 1, (batch, 3, size, size)).astype(np.float32)


def time_runs(call, batches, seconds):
    """Median seconds of a call, after a few that warm up."""
    for batch in batches:
        call(batch)
    times = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter()
        call(batches[len(times) % len(batches)])
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class Peer:
    """A runtime with its float or quantised ResNet-18. Subclasses have `package`, its name in the Python Package Index,
    and run(images), the logits of what prepare() makes of a batch (N, 3, H, W)."""

    def __init__(self, batch, size):
        self.batches = [self.prepare(noise(batch, size, seed)) for seed in range(DISTINCT_IMAGES)]

    def prepare(self, images):
        return images

    def logits(self):
        return np.asarray(self.run(self.batches[0]))

    def measure(self, seconds):
        return time_runs(self.run, self.batches, seconds)

    def code(self):
        """The instruction set or the kernels that do the work; "" where the runtime does not say."""
        return ""

    def version(self):
        return importlib.metadata.version(self.package)


class TernInference:
    """A row of the case network/resnet18_ter of tern-bench, which verifies the logits first."""

    def __init__(self, tern_bench, row, batch, threads):
        self.program, self.row, self.batch, self.threads = Path(tern_bench), row, batch, threads
        self.report = None  # of the latest measurement

    def measure(self, seconds):
        with tempfile.TemporaryDirectory(prefix="tern-inference-") as folder:
            path = Path(folder) / "report.json"
            case = f"^network/resnet18_ter/batch{self.batch}$"
            options = ["--threads", self.threads, "--seconds", seconds, "--json", path]
            run([self.program, "--filter", case, *options])
            self.report = json.loads(path.read_text())
        times = {row["implementation"]: row["median_seconds"] for row in self.report["rows"]}
        if self.row not in times:
            raise RuntimeError(f"tern-bench has no row {self.row}, but {', '.join(times)}")
        return times[self.row]

    def code(self):
        return self.report["machine"]["instruction_set"]

    def version(self):
        return self.report["machine"]["commit"]
