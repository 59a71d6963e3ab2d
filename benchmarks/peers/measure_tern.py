"""Training speed of tern-train: the second epoch of a run on generated digits, which are in memory by then."""

import csv
import json
import subprocess
import tempfile
from pathlib import Path

VALIDATION_IMAGES = 100  # after the measured time; 10 a class


def run(command):
    """Runs a program silently; its failure is an error with the end of what it said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        output = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{command[0]}: exit status {done.returncode}:\n{output}")


class TernTraining:
    """tern-train and tern-data, which lies beside it, on temporary data."""

    def __init__(self, tern_train, model, batch, threads):
        self.program = Path(tern_train)
        self.model = model
        self.batch = batch
        self.threads = threads
        self.folder = tempfile.TemporaryDirectory(prefix="tern-speed-")

    def close(self):
        self.folder.cleanup()

    def first_loss(self):
        """The loss of the first step."""
        return float(self._train(steps=1, epochs=1)["train_loss"])

    def images_per_second(self, steps):
        return float(self._train(steps, epochs=2)["images_per_second"])

    def _train(self, steps, epochs):
        """Trains epochs of `steps` steps; returns the last row of metrics.csv."""
        output = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder.name))
        config = {
            "output": str(output),
            "threads": self.threads,
            "data": {"format": "image_folder", "path": str(self._digits(steps * self.batch)), "workers": 1},
            "input": {"size": 32, "crop": "none", "flip": False},
            "model": self.model,
            "training": {"epochs": epochs, "batch_size": self.batch},
            "optimizer": {"name": "adam", "lr": 0.005},
            "log": {"every_steps": steps},
        }
        config_file = Path(self.folder.name) / "config.json"
        config_file.write_text(json.dumps(config))
        run([self.program, config_file])
        with open(output / "metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        if len(rows) != epochs or int(rows[-1]["step"]) != steps * epochs:
            raise RuntimeError(f"{output}/metrics.csv: expected {epochs} epochs of {steps} steps, got {rows}")
        return rows[-1]

    def _digits(self, count):
        """A folder of `count` training images, made at the first call."""
        folder = Path(self.folder.name) / f"digits-{count}"
        if not folder.exists():
            program = self.program.with_name("tern-data")
            run([program, "digits", folder, "--train", count, "--test", VALIDATION_IMAGES])
        return folder
