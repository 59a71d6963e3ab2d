#!/usr/bin/env python3
"""The scripts of benchmarks/peers as far as they need no packages: what they refuse, the tables that they make of
committed results, and training_speed.py with stand-ins for the programs. Standard library only."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RESULTS = sorted({path.parent for path in BENCHMARKS.glob("results/*/avx*.json")})

TERN_TRAIN = """#!/bin/sh
echo '{"images_per_second": %g, "peak_memory_bytes": 5000000, "first_loss": %g}'
"""
TERN_DATA = """#!/bin/sh
mkdir -p "$2/train/0" && touch "$2/train/0/1.jpg"
"""


def committed(name):
    """The numbers of that name of the first CPU that has them."""
    return json.loads(min(BENCHMARKS.glob(f"results/*/{name}")).read_text())


def run(script, *arguments, environment=None):
    command = [sys.executable, BENCHMARKS / "peers" / script, *arguments]
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)


class GoalsTable(Case):
    def test_committed_tables_are_those_of_the_committed_numbers(self):
        self.assertTrue(RESULTS)
        for folder in RESULTS:
            text = (folder / "README.md").read_text()
            reports = [*folder.glob("avx*.json"), *folder.glob("inference_*.json")]
            tables = run("goals_table.py", *sorted(reports))
            self.assertEqual(tables.stderr, "")
            self.assertTrue(text.rstrip().endswith(tables.stdout.rstrip()), f"{folder.name}: goals_table.py makes\n{tables.stdout}")

    def test_a_heading_names_the_commit(self):
        report = committed("avx512.json")
        report["machine"]["commit"] = "1f2e3d4-dirty"
        (self.folder / "bench.json").write_text(json.dumps(report))
        self.assertRegex(run("goals_table.py", self.folder / "bench.json").stdout, "### .*1f2e3d4-dirty\n")


    def test_more_than_at_most_is_not_reached(self):
        report = committed("avx512.json")
        for row in report["rows"]:
            if row["case"] == "network/cifar_resnet20_ter/batch1":
                row["median_seconds"] = 75e-6 if row["implementation"] == "tern_engine" else 1
        (self.folder / "bench.json").write_text(json.dumps(report))
        tables = run("goals_table.py", self.folder / "bench.json").stdout
        self.assertIn("| cifar_resnet20_ter/batch1, avx512 | at most 75 us | 75.00 us | yes |", tables)
        (self.folder / "bench.json").write_text(json.dumps(report).replace("7.5e-05", "7.6e-05"))
        tables = run("goals_table.py", self.folder / "bench.json").stdout
        self.assertIn("| cifar_resnet20_ter/batch1, avx512 | at most 75 us | 76.00 us | no |", tables)

    def test_without_vpopcntdq_the_peer_is_int8(self):
        report = committed("avx512bw.json")
        (self.folder / "bench.json").write_text(json.dumps(report))
        tables = run("goals_table.py", self.folder / "bench.json").stdout
        self.assertIn("| layers, avx512bw: convolution alone against onednn_int8 | at least 1.5 |", tables)


class GpuReport(Case):
    def test_shows_every_row_peak_and_training(self):
        bench = committed("avx512.json")
        (self.folder / "bench.json").write_text(json.dumps(bench))
        training = committed("training.json")
        (self.folder / "training-128.json").write_text(json.dumps(training))
        run("gpu_report.py", "run", self.folder, "bench", "step", "--", "true")
        self.assertEqual(run("gpu_report.py", "write", self.folder).returncode, 0)
        text = (self.folder / "report.md").read_text()
        self.assertIn("| bench | step | passed |", text)
        for row in bench["rows"]:
            self.assertIn(f"| {row['case']} | {row['implementation']} | {row['median_seconds'] * 1e6:.1f} |", text)
        for peak, value in bench["peaks"].items():
            self.assertIn(f"{peak} {value:.1f}", text)
        for row in training["rows"]:
            self.assertIn(f"| 128 | {row['name']} | {row['median']:.0f} | {row['tern_ratio']:.2f} |", text)

    def test_without_a_passed_step_the_status_is_1(self):
        run("gpu_report.py", "skip", self.folder, "bench", "step", "no GPU")
        self.assertEqual(run("gpu_report.py", "write", self.folder).returncode, 1)


class Arguments(Case):
    def refused(self, reason, script, *arguments):
        done = run(script, *arguments)
        self.assertEqual(done.returncode, 2)
        self.assertIn(reason, done.stderr)

    def test_what_is_missing_or_makes_no_sense_is_refused(self):
        self.refused("--tern", "training_speed.py")
        self.refused("at least 1", "training_speed.py", "--tern", "tern-train", "--steps", 0)
        self.refused("invalid choice", "training_speed.py", "--tern", "tern-train", "--model", "vgg")
        self.refused("FILE", "goals_table.py")
        self.refused("action", "gpu_report.py")


class TrainingSpeed(Case):
    """With stand-ins for the programs, and without PyTorch even where it is installed."""

    def measure(self, images_per_second, first_loss):
        for name, text in (("tern-train", TERN_TRAIN % (images_per_second, first_loss)), ("tern-data", TERN_DATA)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        (self.folder / "torch.py").write_text("raise ImportError\n")
        results = self.folder / "speed.json"
        options = ["--threads", 1, "--repeats", 2, "--steps", 1, "--json", results]
        environment = {"PYTHONPATH": str(self.folder)}
        done = run("training_speed.py", "--tern", self.folder / "tern-train", *options, environment=environment)
        return done, json.loads(results.read_text())

    def test_reports_what_the_program_measured(self):
        done, report = self.measure(images_per_second=123, first_loss=2.3)
        self.assertEqual(done.returncode, 0, done.stderr)
        (row,) = report["rows"]
        self.assertEqual((row["name"], row["values"]), ("Tern", [123, 123]))
        self.assertIn("123.0", done.stdout)
        self.assertIsNone(report["conditions"]["torch"])

    def test_a_program_that_computes_something_else_is_not_timed(self):
        done, report = self.measure(images_per_second=123, first_loss=7)
        self.assertEqual(done.returncode, 1)
        (row,) = report["rows"]
        self.assertIn("the loss of the first step is 7", row["error"])
        self.assertNotIn("median", row)


if __name__ == "__main__":
    unittest.main()
