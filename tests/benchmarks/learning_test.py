#!/usr/bin/env python3
"""benchmarks/learning/learning.py with stand-ins for the programs: what it runs, what it does not run again, its table
and what it refuses. Standard library only."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "learning" / "learning.py"

# Writes its arguments to train.log. It leaves a checkpoint, and then fails where a file "stop" lies beside it.
TRAIN = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/train.log"
for word; do case $word in output=*) out=${word#output=};; floats=1) floats=1;; esac; done
mkdir -p "$out"
touch "$out/last.safetensors"
if [ -e "$here/stop" ]; then rm "$here/stop"; echo "tern-train: stopped" >&2; exit 3; fi
if [ "$floats" ]; then
  printf 'epoch,seconds,validation_accuracy\\n1,60,0.5\\n2,60,0.75\\n' > "$out/metrics.csv"
else
  printf 'epoch,seconds,validation_accuracy,zeros\\n1,30,0.5,0.1\\n2,30,0.625,0.25\\n' > "$out/metrics.csv"
fi
"""
MERGE = """#!/bin/sh
[ "$2" = -o ] && [ "$4" = --check ] && head -c 2000 /dev/zero > "$3"
"""
# The merged network of seed 2 is better.
EVALUATE = """#!/bin/sh
case $1 in *-2/merged.safetensors) top1=0.9;; *merged.safetensors) top1=0.8;; *) top1=0.95;; esac
[ "$3" = "$(dirname "$0")/data/test" ] && echo "{\\"top1\\": $top1}"
"""

LIST = {
    "title": "Two ways",
    "config": "base.json",
    "seeds": [1, 2],
    "set": ["training.epochs=2"],
    "rows": [
        {"name": "sttn", "set": ["model.weights=sttn"]},
        {"name": "floats", "config": "other.json", "seeds": [1], "set": ["floats=1"]},
    ],
}


class Learning(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        for name, text in {"tern-train": TRAIN, "tern-merge": MERGE, "tern-evaluate": EVALUATE}.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def run_list(self, wanted):
        text = wanted if isinstance(wanted, str) else json.dumps(wanted)
        (self.folder / "list.json").write_text(text)
        command = [sys.executable, SCRIPT, "list.json", "--data", self.folder / "data", "-o", "results"]
        command += ["--bin", self.folder, "--runs", "runs"]
        return subprocess.run(list(map(str, command)), cwd=self.folder, capture_output=True, text=True)

    def trained(self):
        log = self.folder / "train.log"
        return log.read_text().splitlines() if log.exists() else []

    def check_refused(self, wanted, message):
        result = self.run_list(wanted)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(message, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(self.trained(), [])

    def test_trains_each_row_with_each_of_its_seeds(self):
        self.assertEqual(self.run_list(LIST).stderr, "")
        data = f"--set data.path={self.folder}/data"
        common = "base.json --set training.epochs=2 --set model.weights=sttn"
        self.assertEqual(
            self.trained(),
            [
                f"{common} --set seed=1 --set output=runs/sttn-1 {data}",
                f"other.json --set training.epochs=2 --set floats=1 --set seed=1 --set output=runs/floats-1 {data}",
                f"{common} --set seed=2 --set output=runs/sttn-2 {data}",
            ],
        )

    def test_seeds_of_a_row_need_not_be_those_of_the_list(self):
        self.run_list({**LIST, "rows": [{"name": "a", "seeds": [7]}, {"name": "b", "seeds": [5, 7]}]})
        folders = [line.split("output=runs/")[1].split()[0] for line in self.trained()]
        self.assertEqual(folders, ["a-7", "b-7", "b-5"])

    def test_table_and_results(self):
        self.run_list(LIST)
        page = (self.folder / "results" / "README.md").read_text()
        self.assertTrue(page.startswith("# Two ways\n"))
        self.assertIn("| sttn | 2 | 85.00 (80.00 to 90.00) | 25 (25 to 25) | 2 | 1 (1 to 1) | 2 |\n", page)
        self.assertIn("| floats | 1 | 95.00 |  | 2 | 2 |  |\n", page)
        results = json.loads((self.folder / "results" / "results.json").read_text())
        self.assertEqual(results["title"], "Two ways")
        first = results["results"][0]
        self.assertEqual((first["name"], first["seed"], first["accuracy"]), ("sttn", 1, 0.8))
        self.assertEqual((first["validation_accuracy"], first["zeros"], first["bytes"]), (0.625, 0.25, 2000))

    def test_called_again_it_trains_nothing_again(self):
        self.run_list(LIST)
        page = (self.folder / "results" / "README.md").read_text()
        before = self.trained()
        self.assertEqual(self.run_list(LIST).returncode, 0)
        self.assertEqual(self.trained(), before)
        self.assertEqual((self.folder / "results" / "README.md").read_text(), page)

    def test_what_the_results_know_from_another_machine_is_not_trained_again(self):
        self.run_list(LIST)
        page = (self.folder / "results" / "README.md").read_text()
        before = self.trained()
        shutil.rmtree(self.folder / "runs")
        self.assertEqual(self.run_list(LIST).returncode, 0)
        self.assertEqual(self.trained(), before)
        self.assertEqual((self.folder / "results" / "README.md").read_text(), page)
        self.assertEqual(self.run_list({**LIST, "set": ["training.epochs=3"]}).returncode, 0)
        self.assertEqual(len(self.trained()), 2 * len(before))

    def test_results_name_no_places(self):
        self.run_list(LIST)
        for name in ("README.md", "results.json"):
            self.assertNotIn(str(self.folder), (self.folder / "results" / name).read_text())

    def test_interrupted_it_goes_on_from_the_checkpoint(self):
        (self.folder / "stop").touch()
        stopped = self.run_list(LIST)
        self.assertNotEqual(stopped.returncode, 0)
        self.assertIn("exit code 3", stopped.stderr)
        self.assertNotIn("Traceback", stopped.stderr)
        self.assertEqual(self.run_list(LIST).returncode, 0)
        self.assertEqual(len(self.trained()), 4)
        self.assertEqual(self.trained()[1], self.trained()[0] + " --resume")
        self.assertFalse(any(line.endswith("--resume") for line in self.trained()[2:]))

    def test_a_run_without_a_checkpoint_starts_anew(self):
        (self.folder / "runs" / "sttn-1").mkdir(parents=True)
        (self.folder / "runs" / "sttn-1" / "log.jsonl").touch()
        self.run_list(LIST)
        self.assertFalse(self.trained()[0].endswith("--resume"))
        self.assertFalse((self.folder / "runs" / "sttn-1" / "log.jsonl").exists())

    def test_a_result_of_other_settings_is_not_taken_for_this_one(self):
        self.run_list(LIST)
        result = self.run_list({**LIST, "set": ["training.epochs=3"]})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("runs/sttn-1/result.json: the result of another command", result.stderr)

    def test_refuses_lists_that_make_no_sense(self):
        self.check_refused("{", "list.json: ")
        self.check_refused([], "list.json: expected an object")
        self.check_refused({"rows": LIST["rows"]}, 'list.json: "title" is missing')
        self.check_refused({**LIST, "rows": []}, 'list.json: "rows" is no list of dict, with one at least')
        self.check_refused({**LIST, "seed": [1]}, 'list.json: "seed" is no field')
        self.check_refused({**LIST, "seeds": [1.5]}, 'list.json: "seeds" is no list of int')
        self.check_refused({**LIST, "rows": [{"set": ["a=1"]}]}, 'list.json: row 1: "name" is missing')
        self.check_refused({**LIST, "rows": [{"name": "../a"}]}, 'row 1: the name "../a" is no name of a folder')
        self.check_refused({**LIST, "rows": [{"name": "a"}, {"name": "a"}]}, 'row 2: a row before it has the name "a"')
        self.check_refused({"title": "", "rows": [{"name": "a"}]}, 'row 1: neither it nor the list has a "config"')

    def test_says_so_if_there_are_no_programs(self):
        (self.folder / "tern-train").unlink()
        self.check_refused(LIST, "--bin names the folder of Tern's programs")


if __name__ == "__main__":
    unittest.main()
