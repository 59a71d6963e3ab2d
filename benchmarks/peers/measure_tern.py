"""Training speed of tern-train --benchmark: steps on noise that lies in the device's memory."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path


def run(command):
    """What a program prints; its failure is an error with the end of what it said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        output = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{command[0]}: exit status {done.returncode}:\n{output}")
    return done.stdout


class TernTraining:
    """tern-train with a model it knows by name; tern-data lies beside the program."""

    def __init__(self, tern_train, model, classes, image_size, batch, device, threads, precision="fp32"):
        self.program = Path(tern_train)
        self.folder = tempfile.TemporaryDirectory(prefix="tern-speed-")
        config = {
            "output": str(Path(self.folder.name) / "run"),  # never written
            "device": device,
            "threads": threads,
            "precision": precision,
            "data": {"format": "image_folder", "path": str(self._data_set(classes))},
            "input": {"size": image_size, "resize": image_size},
            "model": model,
            "training": {"batch_size": batch},
            "optimizer": {"name": "adam", "lr": 0.005},
        }
        self.config = Path(self.folder.name) / "config.json"
        self.config.write_text(json.dumps(config))

    def close(self):
        self.folder.cleanup()

    def first_loss(self):
        """The loss of the first step."""
        return self.measure(steps=1)["first_loss"]

    def measure(self, steps):
        """Images/s, and the most memory that tensors took."""
        return json.loads(run([self.program, self.config, "--benchmark", steps]))

    def _data_set(self, classes):
        """A folder that says how many classes there are; its images are not looked at."""
        folder = Path(self.folder.name) / "data"
        digits = folder / "digits"
        run([self.program.with_name("tern-data"), "digits", digits, "--train", 10, "--test", 10])
        image = next(digits.rglob("*.jpg"))
        for name in range(classes):
            target = folder / "train" / f"{name:04}"
            target.mkdir(parents=True)
            shutil.copy(image, target)
        return folder
