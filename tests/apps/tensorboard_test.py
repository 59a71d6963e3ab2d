#!/usr/bin/env python3
"""tensorboard_test.py FOLDER_OF_PROGRAMS SCRATCH_FOLDER: trains a network a little, resumes it, and compares what TensorBoard's own
package reads in the event file with metrics.csv.

Takes tensorboard from where it runs, or installs it from PyPI into a virtual environment in SCRATCH_FOLDER; where neither is
possible it exits with 77, for skipped.
"""
import csv
import json
import pathlib
import shutil
import subprocess
import sys

from package_environment import rerun_with

TAGS = {"loss/train": "train_loss", "loss/validation": "validation_loss", "accuracy/train": "train_accuracy",
        "accuracy/validation": "validation_accuracy", "learning_rate": "lr", "images_per_second": "images_per_second"}
STEP_TAGS = ["loss/step", "accuracy/step", "learning_rate/step"]


try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    rerun_with("tensorboard", "setuptools<81")


def train(programs, folder, epochs, *arguments):
    config = {
        "output": str(folder / "run"), "threads": 1, "log": {"tensorboard": True, "every_steps": 2},
        "data": {"format": "image_folder", "path": str(folder / "digits"), "workers": 1},
        "model": {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8], "depths": [1]},
        "training": {"epochs": epochs, "batch_size": 10}, "optimizer": {"name": "adam", "lr": 0.003},
    }
    (folder / "config.json").write_text(json.dumps(config))
    subprocess.run([programs / "tern-train", folder / "config.json", *arguments], check=True, stderr=subprocess.DEVNULL)


def main():
    programs, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    for name in ("run", "digits"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([programs / "tern-data", "digits", folder / "digits", "--train", "50", "--test", "20"], check=True,
                   stdout=subprocess.DEVNULL)
    train(programs, folder, 1)
    train(programs, folder, 2, "--resume")

    with (folder / "run/metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    events = EventAccumulator(str(folder / "run"), size_guidance={"tensors": 0, "histograms": 0, "scalars": 0})
    events.Reload()
    columns = {**TAGS, **{"zeros/" + name[len("zeros:"):]: name for name in rows[0] if name.startswith("zeros:")}}
    assert len(columns) > len(TAGS) and set(events.Tags()["scalars"]) == {*columns, *STEP_TAGS}, events.Tags()
    for tag, column in columns.items():
        scalars = events.Scalars(tag)
        assert [scalar.step for scalar in scalars] == [int(row["step"]) for row in rows] == [5, 10], (tag, scalars)
        for scalar, row in zip(scalars, rows):
            assert abs(scalar.value - float(row[column])) <= 1e-6 * abs(float(row[column])), (tag, scalar, row)
    for tag in STEP_TAGS:
        assert [scalar.step for scalar in events.Scalars(tag)] == [2, 4, 5, 6, 8, 10], (tag, events.Scalars(tag))
    weights = events.Tags()["histograms"]
    assert "fc.weight" in weights and len(weights) >= 4, weights
    for name in weights:
        assert len(events.Histograms(name)) == 2, name
        value = events.Histograms(name)[1].histogram_value
        assert value.min < 0 < value.max and abs(sum(value.bucket) - value.num) < 0.5, (name, value)
    print(f"{len(columns)} scalars and {len(weights)} histograms of 2 epochs")


main()
